/* style: report/style.css, embedded when built (report/CMakeLists.txt). */
#ifndef REPORT_STYLE_H
#define REPORT_STYLE_H

extern const char style_css[];               /* NUL-terminated */
extern const unsigned char style_sha256[32]; /* of it */

#endif
