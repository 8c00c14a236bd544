/* style: report/style.css, embedded when built. */
#ifndef REPORT_STYLE_H
#define REPORT_STYLE_H

extern const char style_css[]; /* NUL-terminated */

#endif
