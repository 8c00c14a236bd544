/* load_clean: makes a document harmless. */
#ifndef REPORT_LOAD_CLEAN_H
#define REPORT_LOAD_CLEAN_H

#include <jansson.h>

/* Cleans every string and key of json with clean_dup, in place. Only what is not clean
 * is replaced. */
void load_clean(json_t *json);

#endif
