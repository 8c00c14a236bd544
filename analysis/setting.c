/* setting.c: see setting.h. */
#include "analysis/setting.h"

#include <string.h>

static json_int_t int_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static void say_load(struct sentence *text, const struct contest *c)
{
    if (c->rate_per_s > 0)
        sentence_say(text,
                     "At %" JSON_INTEGER_FORMAT
                     " requests/s, open loop, with %" JSON_INTEGER_FORMAT " worker%s",
                     c->rate_per_s, c->concurrency, c->concurrency == 1 ? "" : "s");
    else
        sentence_say(text, "At concurrency %" JSON_INTEGER_FORMAT, c->concurrency);
}

/* The delays; an exponential one is given by its mean. */
static void say_delays(struct sentence *text, const json_t *origin)
{
    const json_int_t delay_ms = int_of(origin, "delay_ms");
    const json_int_t mean_ms = delay_ms + int_of(origin, "exp_ms");
    if (mean_ms == 0)
        sentence_say(text, " against an origin that answers at once");
    else if (mean_ms > delay_ms)
        sentence_say(
            text, " against an origin that takes %" JSON_INTEGER_FORMAT " ms on average",
            mean_ms);
    else
        sentence_say(text, " against a %" JSON_INTEGER_FORMAT " ms origin", delay_ms);
    if (int_of(origin, "tail_ppm") > 0)
        sentence_say(text, " with a tail of %" JSON_INTEGER_FORMAT " ms",
                     int_of(origin, "tail_ms"));
}

static void say_origin(struct sentence *text, const json_t *origin)
{
    const char *fault = json_string_value(json_object_get(origin, "fault"));
    const json_int_t fault_ppm = int_of(origin, "fault_ppm");
    if (fault && !strcmp(fault, "refused")) {
        sentence_say(text, " against a port on which nothing listens");
        return;
    }
    say_delays(text, origin);
    if (fault_ppm > 0)
        sentence_say(text, ", with faults in %.3g %% of the requests",
                     (double)fault_ppm / 1e4);
}

void setting_say(struct sentence *text, const struct contest *contest)
{
    const json_t *origin = json_object_get(contest->scenario, "origin");
    const char *url = json_string_value(
        json_object_get(json_object_get(contest->results, "run"), "url"));
    const char *task = json_string_value(json_object_get(contest->scenario, "task"));
    say_load(text, contest);
    if (json_is_object(origin) && url)
        sentence_say(text, " against %.200s", url);
    else if (json_is_object(origin))
        say_origin(text, origin);
    if (task && strcmp(task, "http") != 0)
        sentence_say(text, ", where a request is one %.40s task", task);
}
