/* headline_read.c: see headline_read.h. A metric that the scenario cannot have would
 * leave its page without a first number. */
#include "harness/plan/headline_read.h"

#include "analysis/headline.h"
#include "common/json.h"
#include "common/suggest.h"

#include <string.h>

static int refuse_metric(const char *name, struct err *err)
{
    struct suggest suggest = suggest_for(name);
    for (size_t i = 0; i < metrics_count; i++) {
        const char *dot = strchr(metrics_table[i].name, '.');
        suggest_try(&suggest, metrics_table[i].name);
        if (dot && suggest_distance(dot + 1, name) <= 2)
            return err_set(err, EXIT_CODE_USAGE,
                           "headline.metric: '%.40s' is not a metric; did you mean '%s'?",
                           name, metrics_table[i].name);
    }
    return err_set(
        err, EXIT_CODE_USAGE, "headline.metric: '%.40s' is not a metric%s", name,
        suggest_word(&suggest) ? suggest_text(&suggest) : "; docs/results.md lists them");
}

/* Whether the scenario measures it. */
static int check_metric(const struct scenario *s, const struct metric *metric,
                        struct err *err)
{
    if ((metric->flags & METRIC_OPEN_LOOP) && !s->rate_per_s)
        return err_set(err, EXIT_CODE_USAGE,
                       "headline.metric: %s is measured in an open loop only; this "
                       "scenario has no load.rate_per_s",
                       metric->name);
    const char *task = strcmp(metric->name, "task.late_ns") ? "pipeline" : "sleep";
    if ((metric->flags & METRIC_TASK) && strcmp(s->task, task) != 0)
        return err_set(err, EXIT_CODE_USAGE,
                       "headline.metric: %s is counted in task %s only", metric->name,
                       task);
    return 0;
}

static int check_per(const struct scenario *s, const struct metric *metric,
                     const char *word, struct err *err)
{
    bool is_known = false;
    const enum metric_per per = headline_per(word, &is_known);
    if (!metrics_divides(metric, per))
        return err_set(err, EXIT_CODE_USAGE,
                       "headline.per: %s per %s makes no sense; leave it out",
                       metric->name, word);
    if (per == METRIC_TURN && strcmp(s->task, "switch") != 0)
        return err_set(err, EXIT_CODE_USAGE,
                       "headline.per: there are turns in task switch only");
    return 0;
}

int headline_read(const struct scenario *s, struct err *err)
{
    const json_t *given = json_object_get(s->json, "headline");
    const struct metric *metric =
        given ? metrics_find(json_text_of(given, "metric")) : NULL;
    if (!given)
        return 0;
    if (!metric)
        return refuse_metric(json_text_of(given, "metric"), err);
    return check_metric(s, metric, err) ||
                   check_per(s, metric, json_text_or_null(given, "per"), err)
               ? -1
               : 0;
}
