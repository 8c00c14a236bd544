/* page_load.c: the line of facts under a scenario's question: whatever in its origin,
 * options and load is not the default, from one table. A key of a newer suite, which the
 * table does not know, is shown by its name. */
#include "report/page/page.h"

#include "common/json.h"
#include "report/data/format.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How a value is written between the words before and after it. */
enum shape {
    SHAPE_MS,
    SHAPE_US,
    SHAPE_BYTES,
    SHAPE_COUNT,
    SHAPE_PPM,  /* as per cent */
    SHAPE_LIST, /* of numbers */
    SHAPE_WORD, /* a string as it is */
    SHAPE_ON,   /* true, 1 or "on": the words alone */
    SHAPE_OFF,  /* false or "off": the words alone */
    SHAPE_ELSEWHERE
};

struct fact {
    const char *part, *key;
    enum shape shape;
    double preset; /* the default, which is not shown, like 0 */
    const char *before, *after;
};

/* In the order of the line. SHAPE_ELSEWHERE: another row, or the code below, says it. */
static const struct fact facts[] = {
    {"origin", "server", SHAPE_WORD, 0, "server ", ", over TLS"},
    {"origin", "tls", SHAPE_ON, 0, "TLS", ""},
    {"options", "http_version", SHAPE_WORD, 0, "HTTP/", ""},
    {"options", "tls_resume", SHAPE_ON, 0, "TLS sessions resumed", ""},
    {"options", "tls_resume", SHAPE_OFF, 0, "TLS sessions not resumed", ""},
    {"origin", "delay_ms", SHAPE_MS, 0, "answers after ", ""},
    {"origin", "jitter_ms", SHAPE_MS, 0, "plus a uniform 0 to ", ""},
    {"origin", "exp_ms", SHAPE_MS, 0, "plus an exponential delay of ", " on average"},
    {"origin", "tail_ppm", SHAPE_PPM, 0, "", ""}, /* say_tail ends it */
    {"origin", "tail_ms", SHAPE_ELSEWHERE, 0, "", ""},
    {"origin", "freeze_ms", SHAPE_MS, 0, "hangs in every trial for ", ""},
    {"origin", "freeze_after_ms", SHAPE_MS, 0, "from ", " after the first request"},
    {"origin", "status", SHAPE_COUNT, 200, "answers with status ", ""},
    {"origin", "fault", SHAPE_WORD, 0, "fault ", ""},
    {"origin", "fault_ppm", SHAPE_PPM, 0, "in ", " of the requests"},
    {"origin", "bytes", SHAPE_BYTES, 0, "bodies of ", ""},
    {"origin", "chunked", SHAPE_ON, 0, "in chunks", ""},
    {"origin", "trickle_bytes", SHAPE_BYTES, 0, "in pieces of ", ""},
    {"origin", "trickle_ms", SHAPE_MS, 0, "one piece every ", ""},
    {"options", "post_bytes", SHAPE_BYTES, 0, "each request posts ", ""},
    {"options", "fan_out", SHAPE_COUNT, 0, "a request is ", " fetches at once"},
    {"options", "work_us", SHAPE_US, 0, "computes ", " per request"},
    {"options", "sleep_ms", SHAPE_MS, 0, "sleeps ", ""},
    {"options", "sleep_list_ms", SHAPE_WORD, 0, "sleeps, in turn, ", " ms"},
    {"options", "block_ms", SHAPE_MS, 0, "each blocks its thread for ", ""},
    {"options", "touch_stack_bytes", SHAPE_BYTES, 0, "uses ", " of each stack"},
    {"options", "turns", SHAPE_COUNT, 0, "", " turns per request"},
    {"options", "queue_slots", SHAPE_COUNT, 0, "a queue of ", " slots"},
    {"options", "file_op", SHAPE_WORD, 0, "file operation: ", ""},
    {"options", "file_bytes", SHAPE_BYTES, 0, "files of ", ""},
    {"options", "start_by", SHAPE_WORD, 0, "programs started by ", ""},
    {"options", "heap_bytes", SHAPE_BYTES, 0, "", " touched before"},
    {"options", "db_query", SHAPE_WORD, 0, "query: ", ""},
    {"options", "db_ms", SHAPE_MS, 0, "answered after ", ""},
    {"options", "stack_bytes", SHAPE_BYTES, 0, "stacks of ", ""},
    {"options", "buffer_bytes", SHAPE_BYTES, 0, "receive buffers of ", ""},
    {"options", "switch", SHAPE_WORD, 0, "coroutines switch by ", ""},
    {"options", "guard", SHAPE_WORD, 0, "stacks guarded by ", ""},
    {"options", "await", SHAPE_WORD, 0, "answers awaited ", ""},
    {"options", "cpus", SHAPE_COUNT, 0, "CPUs of the runner: ", ""},
    {"limits", "quota_cpus", SHAPE_COUNT, 0, "CPUs that a quota pays for: ", ""},
    {"limits", "memory_passes", SHAPE_COUNT, 1, "memory measured ", " times"},
    {"options", "quota", SHAPE_OFF, 0, "a loop per CPU whatever the quota", ""},
    {"options", "trace", SHAPE_ON, 0, "traced", ""},
    {"load", "concurrency", SHAPE_LIST, 0, "", " in flight"},
    {"load", "requests", SHAPE_COUNT, 0, "", " requests a trial"},
    {"load", "requests_per_worker", SHAPE_COUNT, 1, "at least ",
     " per request in flight"},
    {"load", "warm_requests", SHAPE_COUNT, 0, "", " warm per request in flight first"},
    {"load", "rate_per_s", SHAPE_ELSEWHERE, 0, "", ""},
    {"load", "arrivals", SHAPE_ELSEWHERE, 0, "", ""},
    {"load", "keepalive", SHAPE_OFF, 0, "a connection per request", ""},
    {"options", "connections", SHAPE_COUNT, 0, "over ", " connections"},
    {"load", "addresses", SHAPE_COUNT, 1, "over ", " addresses of the server"},
    {"load", "timeout_ms", SHAPE_MS, 30000, "a request may take ", ""},
};

static bool is_word(const json_t *value, const char *word)
{
    const char *text = json_string_value(value);
    return text && !strcmp(text, word);
}

/* Whether a value means "no": absent, null, false, 0, or the default of its key. */
static bool is_default(const struct fact *fact, const json_t *value)
{
    if (!value || json_is_null(value) || is_word(value, "") || is_word(value, "own"))
        return true;
    if (fact->shape == SHAPE_ON)
        return !json_is_true(value) && !is_word(value, "on") &&
               !(json_number_value(value) > 0);
    if (fact->shape == SHAPE_OFF)
        return !json_is_false(value) && !is_word(value, "off");
    if (fact->shape == SHAPE_WORD)
        return !json_is_string(value);
    if (fact->shape == SHAPE_LIST)
        return json_array_size(value) == 0;
    double number = json_number_value(value);
    return !(number > 0) || (number >= fact->preset && number <= fact->preset);
}

static void write_list(struct html *html, const json_t *list)
{
    size_t i = 0;
    json_t *item = NULL;
    json_array_foreach (list, i, item) {
        html_text(html, i == 0 ? "" : i + 1 == json_array_size(list) ? " and " : ", ");
        html_text(html, format_exact(json_number_value(item), UNIT_COUNT).s);
    }
}

static void write_value(struct html *html, enum shape shape, const json_t *value)
{
    double number = json_number_value(value);
    if (shape == SHAPE_MS || shape == SHAPE_US)
        html_text(html,
                  format_exact(number * (shape == SHAPE_MS ? 1e6 : 1e3), UNIT_NS).s);
    else if (shape == SHAPE_BYTES || shape == SHAPE_COUNT)
        html_text(html,
                  format_exact(number, shape == SHAPE_BYTES ? UNIT_BYTES : UNIT_COUNT).s);
    else if (shape == SHAPE_PPM)
        html_textf(html, "%s %%", format_exact(number / 1e4, UNIT_COUNT).s);
    else if (shape == SHAPE_LIST)
        write_list(html, value);
    else if (shape == SHAPE_WORD)
        html_text(html, json_string_value(value));
}

static const json_t *part_of(const struct scenario *s, const char *part)
{
    return !strcmp(part, "origin")   ? s->origin
           : !strcmp(part, "load")   ? s->load
           : !strcmp(part, "limits") ? s->limits
                                     : s->options;
}

/* "1 % of the requests take 2 s more" */
static void say_tail(struct html *html, const struct scenario *s)
{
    double tail_ms = json_number_value(json_object_get(s->origin, "tail_ms"));
    html_textf(html, " of the requests take %s more",
               format_exact(tail_ms * 1e6, UNIT_NS).s);
}

static void write_fact(struct html *html, const struct scenario *s,
                       const struct fact *fact)
{
    const json_t *value = json_object_get(part_of(s, fact->part), fact->key);
    if (fact->shape == SHAPE_ELSEWHERE || is_default(fact, value))
        return;
    html_raw(html, "<li>");
    html_text(html, fact->before);
    write_value(html, fact->shape, value);
    html_text(html, fact->after);
    if (!strcmp(fact->key, "tail_ppm"))
        say_tail(html, s);
    html_raw(html, "</li>");
}

static bool is_known(const char *part, const char *key)
{
    for (size_t i = 0; i < COUNT_OF(facts); i++)
        if (!strcmp(facts[i].part, part) && !strcmp(facts[i].key, key))
            return true;
    return false;
}

/* A key of a suite that is newer than this report. */
static void write_unknown(struct html *html, const struct scenario *s, const char *part)
{
    const char *key = NULL;
    json_t *value = NULL;
    json_object_foreach ((json_t *)(uintptr_t)part_of(s, part), key, value) {
        if (is_known(part, key) || json_is_null(value) || json_is_false(value) ||
            json_is_array(value) || json_is_object(value))
            continue;
        html_raw(html, "<li>");
        html_text(html, key);
        if (json_is_string(value))
            html_textf(html, " %s", json_string_value(value));
        else if (json_is_number(value))
            html_textf(html, " %s", format_exact(json_number_value(value), UNIT_COUNT).s);
        html_raw(html, "</li>");
    }
}

/* The key of the facts that a runner's flag is about: "--post-bytes" is post_bytes. */
static void key_of_flag(const char *flag, char *out_key, size_t size)
{
    static const char *const others[][2] = {{"--http", "http_version"},
                                            {"--no-keepalive", "keepalive"},
                                            {"--ignore-quota", "quota"},
                                            {"--touch-stack", "touch_stack_bytes"}};
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        if (!strcmp(others[i][0], flag)) {
            (void)snprintf(out_key, size, "%s", others[i][1]);
            return;
        }
    }
    (void)snprintf(out_key, size, "%s", flag + strspn(flag, "-"));
    for (char *c = out_key; *c; c++)
        *c = *c == '-' ? '_' : *c;
}

/* A flag's value as JSON has it; new. */
static json_t *value_of_flag(const char *text)
{
    char *end = NULL;
    if (!text)
        return json_false(); /* those without say no: --no-keepalive */
    const double number = strtod(text, &end);
    return *text >= '0' && *text <= '9' && !*end ? json_real(number) : json_string(text);
}

/* The fact that says this value of this flag in words, or NULL. */
static const struct fact *fact_of(const char *flag, const json_t *value)
{
    char key[64];
    key_of_flag(flag, key, sizeof key);
    for (size_t i = 0; i < COUNT_OF(facts); i++) {
        const bool is_word_of_number =
            facts[i].shape == SHAPE_WORD && json_is_number(value);
        if (strcmp(facts[i].part, "origin") != 0 && !strcmp(facts[i].key, key) &&
            facts[i].shape != SHAPE_ELSEWHERE && facts[i].shape != SHAPE_LIST &&
            (is_word_of_number || !is_default(&facts[i], value)))
            return &facts[i];
    }
    return NULL;
}

/* Writes a flag with its value in the words of the table. One that it does not know is
 * written as it is. */
static void write_flag(struct html *html, const char *flag, const char *text)
{
    json_t *value = value_of_flag(text);
    const struct fact *fact = fact_of(flag, value);
    if (fact) {
        html_textf(html, ", %s", fact->before);
        if (fact->shape == SHAPE_WORD)
            html_text(html, text);
        else
            write_value(html, fact->shape, value);
        html_text(html, fact->after);
    } else {
        html_textf(html, " %s", flag);
        html_textf(html, text ? " %s" : "%s", text ? text : "");
    }
    json_decref(value);
}

/* What is no flag of a runner, but a command, is written as it is. */
static void write_words(struct html *html, const json_t *words, bool is_flags)
{
    for (size_t i = 0; i < json_array_size(words); i++) {
        const char *word = json_string_value(json_array_get(words, i));
        const char *next = json_string_value(json_array_get(words, i + 1));
        const bool has_value = next && strncmp(next, "--", 2) != 0;
        if (word && is_flags && !strncmp(word, "--", 2)) {
            write_flag(html, word, has_value ? next : NULL);
            i += has_value;
        } else if (word) {
            html_textf(html, " %s", word);
        }
    }
}

/* "coroutines.h2: coroutines, HTTP/2, over 4 connections": what a variant is about. */
static void write_variants(struct html *html, const struct scenario *s)
{
    size_t i = 0;
    json_t *runner = NULL;
    json_array_foreach (s->runners, i, runner) {
        const char *name = json_text_or_null(runner, "name");
        const char *model = json_text_or_null(runner, "model");
        const char *libcurl = json_text_or_null(runner, "libcurl");
        const json_t *words = json_object_get(runner, model ? "flags" : "command");
        if (!name)
            continue;
        html_raw(html, "<li>");
        html_textf(html, "%s:", name);
        if (model)
            html_textf(html, " %s", model);
        write_words(html, words, model);
        if (libcurl)
            html_textf(html, " with the libcurl in %s", libcurl);
        html_raw(html, "</li>");
    }
}

static void write_loop(struct html *html, const struct scenario *s)
{
    html_raw(html, "<li>");
    if (s->rate_per_s > 0)
        html_textf(html, "open loop, %s requests/s, %s arrivals",
                   format_exact((double)s->rate_per_s, UNIT_COUNT).s, s->arrivals);
    else
        html_text(html, "closed loop");
    html_raw(html, "</li>");
}

/* Whether the origin spends no time on anything but the request itself. */
static bool answers_at_once(const struct scenario *s)
{
    static const char *const keys[] = {"delay_ms", "jitter_ms", "exp_ms", "fault"};
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        const json_t *value = json_object_get(s->origin, keys[i]);
        if (json_is_string(value) || json_number_value(value) > 0)
            return false;
    }
    return !is_word(json_object_get(s->origin, "server"), "nginx");
}

/* Everything is known about our origin, but only the URL about another server. */
static void write_origin(struct html *html, const struct scenario *s, const char *url)
{
    html_raw(html, "<li>");
    if (!s->origin)
        html_textf(html, "task %s, without an origin", s->task);
    else if (url)
        html_textf(html, "against %s, about which nothing else is known", url);
    else
        html_textf(html, "task %s", *s->task ? s->task : "http");
    html_raw(html, "</li>");
    if (s->origin && !url && answers_at_once(s))
        html_element(html, "li", "answers at once");
}

void page_write_load(struct html *html, const struct page *page, const struct scenario *s)
{
    const char *url = load_other_server(page->results, s);
    html_raw(html, "<ul class=\"load\">");
    write_origin(html, s, url);
    for (size_t i = 0; i < COUNT_OF(facts); i++) {
        bool is_of_ours =
            !strcmp(facts[i].part, "origin") || !strcmp(facts[i].key, "addresses");
        if (!url || !is_of_ours)
            write_fact(html, s, &facts[i]);
    }
    if (!url)
        write_unknown(html, s, "origin");
    write_unknown(html, s, "options");
    write_unknown(html, s, "load");
    if (s->origin && json_is_true(json_object_get(s->load, "keepalive")))
        html_element(html, "li", "connections kept");
    write_variants(html, s);
    write_loop(html, s);
    if (*s->placement && !url)
        html_element(html, "li",
                     s->placement[0] == 's' && s->placement[1] == 'p'
                         ? "origin and runner on separate CPUs"
                         : "origin and runner share the CPUs");
    html_raw(html, "<li>baseline ");
    html_text(html, s->baseline);
    html_raw(html, "</li></ul>\n");
}
