/* margin: the relative difference below which two models count as the same, per metric.
 *
 * 1 % unless this machine was found noisier (`concbench check`) or --delta says
 * otherwise, and never less than a metric's own resolution: a percentile is known by its
 * bucket. A run stores what it used as run.delta, {metric: {value, source}}, with the
 * source default, floor, option or resolution; the analysis reads it from there. */
#ifndef ANALYSIS_MARGIN_H
#define ANALYSIS_MARGIN_H

#include "common/err.h"

#include <jansson.h>

#define MARGIN_DEFAULT 0.01

/* The margin of a metric in a `run` object, or that of requests/s for one that it does
 * not list; MARGIN_DEFAULT where it says none (or nonsense, or run
 * is NULL). At least the metric's resolution, whatever an older run
 * stored. */
double margin_value(const json_t *run, const char *metric);

/* run.delta for every compared metric: `option` when it is above 0, else the larger of
 * 1 % and the metric's floor_ratio in floors ({metric: {floor_ratio}} or NULL, at most
 * 50 %); at least the metric's resolution. New. */
json_t *margin_json(double option, const json_t *floors);

/* "2%" or "0.5%" as a ratio: .02, .005; 0.01 to 50 %. EXIT_CODE_USAGE, in the name of the
 * option ("--delta"). */
int margin_parse(const char *option, const char *text, double *out_margin,
                 struct err *err);

#endif
