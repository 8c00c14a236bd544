/* csv: fields of a CSV file as RFC 4180 has them, harmless in a spreadsheet. */
#ifndef COMMON_CSV_H
#define COMMON_CSV_H

#include <stdio.h>

/* Writes text as one field, in quotes where it needs them. What a spreadsheet would take
 * for a formula gets an apostrophe before it. NULL is an empty field. */
void csv_put(FILE *out, const char *text);

/* Writes value with 15 digits, enough for every count and nanosecond; nothing when it is
 * not finite. */
void csv_put_number(FILE *out, double value);

#endif
