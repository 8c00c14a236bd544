/* load_verdict: what the results say of a scenario: its verdict, and which metric
 * answers its question. Checked. */
#ifndef REPORT_LOAD_VERDICT_H
#define REPORT_LOAD_VERDICT_H

#include "report/data/load.h"

#define TEXT_MAX 65536

/* Reads scenario.verdict of json, whose path is at. Errors: EXIT_CODE_USAGE. */
int load_verdict(const json_t *json, const char *at, struct scenario *scenario,
                 struct err *err);

/* Reads scenario.prices, which older files lack. Errors: EXIT_CODE_USAGE. */
int load_prices(const json_t *json, const char *at, struct scenario *scenario,
                struct err *err);

/* Reads scenario.headline; the scenario's rate has to be known. Errors: EXIT_CODE_USAGE.
 */
int load_headline(const json_t *json, const char *at, struct scenario *scenario,
                  struct err *err);

#endif
