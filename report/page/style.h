/* style: report/page/style.css, and index.css for what only the index has; embedded when
 * built. */
#ifndef REPORT_STYLE_H
#define REPORT_STYLE_H

extern const char style_css[]; /* NUL-terminated */
extern const char index_css[];

#endif
