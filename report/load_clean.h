/* load_clean: a copy of a JSON document in which every string and key is harmless. */
#ifndef REPORT_LOAD_CLEAN_H
#define REPORT_LOAD_CLEAN_H

#include <jansson.h>

/* A new reference; json is borrowed. Ends the program when out of memory. */
json_t *load_clean(const json_t *json);

#endif
