/* headline_read.c: see headline_read.h. A metric that the scenario cannot have would
 * leave its page without a first number. */
#include "harness/plan/headline_read.h"

#include "analysis/headline.h"
#include "common/json.h"
#include "common/suggest.h"

#include <string.h>

#define AS_MAX   60
#define NOUN_MAX 31

static const char *const keys[] = {"metric", "per", "as", "noun", NULL};

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
    if ((metric->flags & METRIC_TASK) && strcmp(s->task, "pipeline") != 0)
        return err_set(err, EXIT_CODE_USAGE,
                       "headline.metric: %s is counted in task pipeline only",
                       metric->name);
    return 0;
}

static int check_per(const struct scenario *s, const struct metric *metric,
                     const char *word, struct err *err)
{
    bool is_known = false;
    const enum metric_per per = headline_per(word, &is_known);
    if (!is_known) {
        struct suggest suggest = suggest_for(word);
        suggest_try_list(&suggest, "request, worker, turn", ", ");
        return err_set(err, EXIT_CODE_USAGE,
                       "headline.per: '%.40s' is not one of request, worker, turn%s",
                       word, suggest_text(&suggest));
    }
    if (!metrics_divides(metric, per))
        return err_set(err, EXIT_CODE_USAGE,
                       "headline.per: %s per %s makes no sense; leave it out",
                       metric->name, word);
    if (per == METRIC_TURN && strcmp(s->task, "switch") != 0)
        return err_set(err, EXIT_CODE_USAGE,
                       "headline.per: there are turns in task switch only");
    return 0;
}

/* Lower-case words, since they stand in the middle of sentences and units. */
static int check_noun(const char *noun, struct err *err)
{
    if (strspn(noun, "abcdefghijklmnopqrstuvwxyz -") != strlen(noun) || *noun < 'a')
        return err_set(err, EXIT_CODE_USAGE,
                       "headline.noun: '%.40s': expected what one request is, in the "
                       "singular and in lower case, as in \"sleep\"",
                       noun);
    return 0;
}

int headline_read(const struct scenario *s, struct err *err)
{
    json_t *given = NULL;
    const char *name = NULL, *as = NULL, *per = NULL, *noun = "request";
    if (json_get_object(s->json, "", "headline", &given, err))
        return -1;
    if (!given)
        return 0;
    if (json_only_keys(given, "headline", keys, err) ||
        json_need_string(given, "headline", "metric", 1, 64, &name, err) ||
        json_need_string(given, "headline", "as", 1, AS_MAX, &as, err) ||
        json_get_string(given, "headline", "per", 1, 64, &per, err) ||
        json_get_string(given, "headline", "noun", 1, NOUN_MAX, &noun, err))
        return -1;
    if (!json_is_line(as))
        return err_set(err, EXIT_CODE_USAGE, "headline.as: expected one line of text");
    const struct metric *metric = metrics_find(name);
    if (!metric)
        return refuse_metric(name, err);
    return check_metric(s, metric, err) || check_per(s, metric, per, err) ||
                   check_noun(noun, err)
               ? -1
               : 0;
}
