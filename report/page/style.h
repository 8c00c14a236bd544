/* style: report/page/style.css, and index.css and lesson.css for what only these have; embedded when
 * built. */
#ifndef REPORT_STYLE_H
#define REPORT_STYLE_H

extern const char style_css[]; /* NUL-terminated */
extern const char index_css[];
extern const char lesson_css[];

#endif
