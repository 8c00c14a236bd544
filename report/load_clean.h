/* load_clean: makes a document harmless. */
#ifndef REPORT_LOAD_CLEAN_H
#define REPORT_LOAD_CLEAN_H

#include <jansson.h>

/* Every string and key of json as format_clean makes it, in place: only what is not
 * clean is replaced. */
void load_clean(json_t *json);

#endif
