/* caveat.c: see caveat.h. */
#include "analysis/caveat.h"

#include "analysis/metrics.h"
#include "common/blocks.h"
#include "common/json.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define TOLD_MAX 4 /* unsettled comparisons listed one by one */

static bool is_of(const struct contest *c, const json_t *row)
{
    const char *scenario = json_string_value(json_object_get(row, "scenario"));
    const char *own = json_string_value(json_object_get(c->scenario, "name"));
    return scenario && own && !strcmp(scenario, own);
}

static const char *in_words(const struct contest *c, const char *metric)
{
    if (metric && !strcmp(metric, contest_key(c, CONTEST_CPU)))
        return "CPU per request";
    if (metric && !strcmp(metric, contest_key(c, CONTEST_SPEED)))
        return contest_speed(c);
    return NULL;
}

/* " Not settled: threads against coroutines in requests/s (needs about 40 blocks)." */
static void say_unsettled(struct sentence *text, const struct contest *c)
{
    size_t i = 0, said = 0;
    json_t *row = NULL;
    json_array_foreach(json_object_get(c->results, "comparisons"), i, row)
    {
        const char *model = NULL, *baseline = NULL, *metric = NULL, *verdict = NULL;
        json_int_t concurrency = 0, blocks = 0;
        if (json_unpack(row, "{s:s,s:s,s:s,s:s,s:I,s:I}", "model", &model, "baseline",
                        &baseline, "metric", &metric, "verdict", &verdict, "concurrency",
                        &concurrency, "blocks_needed", &blocks) ||
            !is_of(c, row) || concurrency != c->concurrency || !in_words(c, metric) ||
            !strcmp(model, "null") || !strcmp(baseline, "null") || ++said > TOLD_MAX)
            continue;
        sentence_say(text, "%s %.64s against %.64s in %s ",
                     said == 1 ? " Not settled:" : ",", model, baseline,
                     in_words(c, metric));
        if (blocks > BLOCKS_MAX)
            sentence_say(text, "(too noisy here)");
        else
            sentence_say(text, "(needs about %" JSON_INTEGER_FORMAT " blocks)", blocks);
    }
    if (said > TOLD_MAX)
        sentence_say(text, ", and %zu more comparison%s", said - TOLD_MAX,
                     said - TOLD_MAX == 1 ? "" : "s");
    if (said > 0)
        sentence_say(text, ".");
}

/* The scenario's control with the most in flight, or NULL. */
static const json_t *control_of(const struct contest *c)
{
    const json_t *last = NULL;
    size_t i = 0;
    json_t *control = NULL;
    json_array_foreach(json_object_get(c->results, "controls"), i, control)
    {
        if (is_of(c, control) && !(last && json_number_of(last, "concurrency") >
                                               json_number_of(control, "concurrency")))
            last = control;
    }
    return last;
}

/* " Noise control: threads against itself read 1.01x [0.99, 1.02] requests/s, ..." */
static void say_control(struct sentence *text, const struct contest *c)
{
    const json_t *control = control_of(c);
    size_t i = 0, said = 0;
    json_t *row = NULL;
    json_array_foreach(json_object_get(control, "comparisons"), i, row)
    {
        const char *name = in_words(c, json_string_value(json_object_get(row, "metric")));
        const char *word = json_string_value(json_object_get(row, "verdict"));
        const struct ratio r = {.quotient = json_number_of(row, "quotient"),
                                .value = json_number_of(row, "ratio"),
                                .low = json_number_of(row, "low"),
                                .high = json_number_of(row, "high"),
                                .bounded = true};
        if (!name || !word || !isfinite(r.value))
            continue;
        if (said++ == 0)
            sentence_say(text,
                         " Noise control: %.64s against itself at concurrency %.0f read",
                         json_string_value(json_object_get(control, "model")),
                         json_number_of(control, "concurrency"));
        sentence_say(text, "%s ", said == 1 ? "" : ",");
        sentence_ratio(text, r, NULL);
        sentence_say(text, " %s (%s)", name, word);
    }
    if (said > 0)
        sentence_say(text, ".");
}

void caveat_say(struct sentence *text, const struct contest *contest)
{
    say_unsettled(text, contest);
    say_control(text, contest);
}
