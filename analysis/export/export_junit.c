/* export_junit.c: a test case for each prediction (a failure when it did not hold,
 * skipped when it was not judged) and, where there is a base, for each ratio that can be
 * worse: what `concbench compare --fail-on-regression` looks at. */
#include "analysis/compare/compare.h"
#include "analysis/compare/compare_metric.h"
#include "analysis/compare/compare_rows.h"
#include "analysis/compare/compare_text.h"
#include "analysis/export/export_formats.h"
#include "common/clean.h"
#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"

#include <stdlib.h>
#include <string.h>

enum outcome { PASSED, FAILED, SKIPPED };

struct suite {
    FILE *cases;
    char *text;
    size_t size, counts[3]; /* by outcome */
};

/* In XML, as text or as an attribute; cleaning has left no control character. */
static void put(FILE *out, const char *text)
{
    static const char marks[] = "&<>\"'";
    static const char *const entities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    AUTO_FREE char *clean = memory_must(clean_dup(text ? text : ""));
    for (const char *at = clean; *at; at++) {
        const char *mark = strchr(marks, *at);
        if (mark)
            (void)fputs(entities[mark - marks], out);
        else
            (void)fputc(*at, out);
    }
}

static void put_attribute(FILE *out, const char *name, const char *value)
{
    (void)fprintf(out, " %s=\"", name);
    put(out, value);
    (void)fputc('"', out);
}

static void add_case(struct suite *suite, enum outcome outcome, const char *where,
                     const char *name, const char *message, const char *detail)
{
    static const char *const elements[] = {NULL, "failure", "skipped"};
    FILE *out = suite->cases;
    suite->counts[outcome]++;
    (void)fputs("  <testcase", out);
    put_attribute(out, "classname", where);
    put_attribute(out, "name", name);
    if (outcome == PASSED) {
        (void)fputs("/>\n", out);
        return;
    }
    (void)fprintf(out, ">\n   <%s", elements[outcome]);
    put_attribute(out, "message", message);
    (void)fputc('>', out);
    put(out, detail);
    (void)fprintf(out, "</%s>\n  </testcase>\n", elements[outcome]);
}

static void write_suite(struct suite *suite, const char *name,
                        const struct compare_file *file, FILE *out)
{
    char started[20]; /* without the zone, which the schema of JUnit does not know */
    memory_stream_close(suite->cases, &suite->text);
    (void)snprintf(started, sizeof started, "%s", file->started);
    (void)fputs(" <testsuite", out);
    put_attribute(out, "name", name);
    (void)fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\"",
                  suite->counts[PASSED] + suite->counts[FAILED] + suite->counts[SKIPPED],
                  suite->counts[FAILED], suite->counts[SKIPPED]);
    put_attribute(out, "timestamp", started);
    put_attribute(out, "hostname", file->host);
    (void)fputs(">\n", out);
    (void)fputs(suite->text, out);
    (void)fputs(" </testsuite>\n", out);
    free(suite->text);
}

static void begin(struct suite *suite)
{
    *suite = (struct suite){.counts = {0}};
    suite->cases = memory_stream(&suite->text, &suite->size);
}

static void write_predictions(const struct compare_file *file, FILE *out)
{
    struct suite suite;
    size_t i = 0;
    json_t *one = NULL;
    begin(&suite);
    json_array_foreach (json_object_get(file->results, "expectations"), i, one) {
        const char *word = json_text_of(one, "outcome");
        const enum outcome outcome = !strcmp(word, "held")       ? PASSED
                                     : !strcmp(word, "not-held") ? FAILED
                                                                 : SKIPPED;
        char name[600], message[400];
        (void)snprintf(name, sizeof name, "%.280s [%.280s]", json_text_of(one, "says"),
                       json_text_of(one, "inequality"));
        (void)snprintf(message, sizeof message, "%s%.380s",
                       outcome == FAILED ? "measured " : "",
                       json_text_of(one, outcome == FAILED ? "measured" : "reason"));
        add_case(&suite, outcome, json_text_of(one, "scenario"), name, message,
                 json_text_of(one, "because"));
    }
    char name[400];
    (void)snprintf(name, sizeof name, "predictions of %s", file->label);
    write_suite(&suite, name, file, out);
}

/* The first of the facts in which the environments of the row's files differ, or NULL. */
static const char *differing_fact(const json_t *comparison, const char *label)
{
    size_t i = 0;
    json_t *outcome = NULL;
    json_array_foreach (json_object_get(comparison, "outcomes"), i, outcome) {
        if (!strcmp(json_text_of(outcome, "file"), label))
            return json_string_value(
                json_array_get(json_object_get(outcome, "differing_facts"), 0));
    }
    return NULL;
}

static void add_row(struct suite *suite, const json_t *row, const char *fact)
{
    const char *metric = json_text_of(row, "metric");
    const bool is_judged = json_is_string(json_object_get(row, "verdict")) &&
                           json_is_null(json_object_get(row, "trials_needed"));
    const bool is_worse = is_judged &&
                          !strcmp(json_text_of(row, "verdict"), "different") &&
                          !strcmp(json_text_of(row, "direction"), "worse");
    char name[240], message[640], detail[240] = "";
    (void)snprintf(name, sizeof name, "%.64s of %.64s at %" JSON_INTEGER_FORMAT, metric,
                   json_text_of(row, "model"),
                   json_integer_value(json_object_get(row, "concurrency")));
    (void)snprintf(message, sizeof message, "%.380s", json_text_of(row, "reason"));
    if (is_worse)
        (void)snprintf(message, sizeof message, "%s, before %s: %s",
                       compare_text_value(metric, json_number_of(row, "value")).s,
                       compare_text_value(metric, json_number_of(row, "against_value")).s,
                       compare_text_factor(row).s);
    if (is_worse && fact)
        (void)snprintf(detail, sizeof detail,
                       "Worse, but the environments differ (%.60s and perhaps more), so "
                       "the machine may be the cause.",
                       fact);
    add_case(suite,
             !is_judged || (is_worse && fact) ? SKIPPED
             : is_worse                       ? FAILED
                                              : PASSED,
             json_text_of(row, "scenario"), name, message, detail);
}

static void write_regressions(const struct export_job *job,
                              const struct compare_file *file, FILE *out)
{
    const char *fact = differing_fact(job->comparison, file->label);
    struct suite suite;
    size_t i = 0;
    json_t *row = NULL;
    begin(&suite);
    json_array_foreach (json_object_get(job->comparison, "comparisons"), i, row) {
        if (!strcmp(json_text_of(row, "file"), file->label) &&
            compare_metric_decides(json_text_of(row, "metric")))
            add_row(&suite, row, fact);
    }
    json_array_foreach (json_object_get(job->comparison, "skipped"), i, row) {
        if (!strcmp(json_text_of(row, "file"), file->label))
            add_case(&suite, SKIPPED, json_text_of(row, "where"), "compared",
                     json_text_of(row, "reason"), "");
    }
    char name[760];
    (void)snprintf(name, sizeof name, "regressions of %s against %s", file->label,
                   job->set->files[0].label);
    write_suite(&suite, name, file, out);
}

void export_junit(const struct export_job *job, FILE *out)
{
    (void)fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                "<testsuites name=\"concbench\">\n",
                out);
    for (size_t f = job->comparison ? 1 : 0; f < job->set->count; f++) {
        write_predictions(&job->set->files[f], out);
        if (job->comparison)
            write_regressions(job, &job->set->files[f], out);
    }
    (void)fputs("</testsuites>\n", out);
}
