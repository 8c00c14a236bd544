/* format: numbers and texts for people are common's; the report's files ask for them by
 * this name. */
#ifndef REPORT_FORMAT_H
#define REPORT_FORMAT_H

#include "common/format.h" /* IWYU pragma: export */

#endif
