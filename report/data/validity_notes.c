/* validity_notes.c: sentences for the strip of validity; see validity_notes.h. It counts
 * what the results already judge. */
#include "report/data/validity_notes.h"

#include "common/json.h"
#include "report/data/format.h"

#include <stdarg.h>
#include <string.h>

static void append(struct validity_note *note, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void append(struct validity_note *note, const char *format, ...)
{
    size_t used = strlen(note->text);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(note->text + used, sizeof note->text - used, format, args);
    va_end(args);
}

static const enum metric_id shown[] = {METRIC_THROUGHPUT, METRIC_CPU_PER_REQUEST,
                                       METRIC_TREE_MEMORY, METRIC_RESPONSE_P99};

static const char *source_words(const char *source)
{
    if (source && !strcmp(source, "floor"))
        return "the noise floor that concbench check found";
    if (source && !strcmp(source, "option"))
        return "set by --delta";
    return "the default; concbench check finds this machine's";
}

/* The metric's delta; -1 when it has none or shares that of all percentiles. */
static double margin_of(const json_t *margins, enum metric_id metric)
{
    const json_t *one = json_object_get(margins, metric_specs[metric].key);
    const json_t *value = json_object_get(one, "value");
    const char *source = json_text_or_null(one, "source");
    const bool is_general = source && !strcmp(source, "resolution");
    return json_is_number(value) && !is_general ? json_number_value(value) : -1;
}

/* ", in percentiles those below 1.6 %": what histograms can resolve, where that decides.
 */
static void say_resolution(const json_t *margins, struct validity_note *out)
{
    const char *key = NULL;
    json_t *one = NULL;
    json_object_foreach ((json_t *)(uintptr_t)margins, key, one) {
        const char *source = json_text_or_null(one, "source");
        if (!source || strcmp(source, "resolution") != 0)
            continue;
        append(out, ", in percentiles those below %s",
               format_percent(json_number_value(json_object_get(one, "value"))).s);
        return;
    }
}

/* "differences below 1.0 % count as none (the default; ...)", per metric if they vary. */
static bool say_margin(const json_t *margins, struct validity_note *out)
{
    double first = -1;
    bool varies = false;
    const char *source = NULL;
    for (size_t i = 0; i < COUNT_OF(shown); i++) {
        const json_t *one = json_object_get(margins, metric_specs[shown[i]].key);
        const double value = margin_of(margins, shown[i]);
        if (value < 0)
            continue;
        varies = varies || (first >= 0 && value != first);
        first = first < 0 ? value : first;
        const char *own = json_text_or_null(one, "source");
        source = own && (!source || strcmp(own, "default") != 0) ? own : source;
    }
    if (first < 0)
        return false;
    append(out, "differences below ");
    const char *between = "";
    for (size_t i = 0; i < COUNT_OF(shown) && varies; i++) {
        const double value = margin_of(margins, shown[i]);
        if (value < 0)
            continue;
        append(out, "%s%s in %s", between, format_percent(value).s,
               metric_specs[shown[i]].name);
        between = ", ";
    }
    if (!varies)
        append(out, "%s", format_percent(first).s);
    append(out, " count as none");
    say_resolution(margins, out);
    append(out, " (%s)", source_words(source));
    return true;
}

/* "the baseline against itself: 5 same, 1 inconclusive" */
static bool say_control(const json_t *controls, struct validity_note *out)
{
    static const char *const words[] = {"same", "inconclusive", "small", "different"};
    size_t counts[4] = {0}, none = 0, i = 0, k = 0;
    json_t *control = NULL, *row = NULL;
    json_array_foreach (controls, i, control) {
        json_array_foreach (json_object_get(control, "comparisons"), k, row) {
            const char *verdict = json_text_or_null(row, "verdict");
            size_t w = 0;
            while (verdict && w < 4 && strcmp(words[w], verdict) != 0)
                w++;
            if (verdict && w < 4)
                counts[w]++;
            else
                none++;
        }
    }
    if (counts[0] + counts[1] + counts[2] + counts[3] + none == 0)
        return false;
    append(out, "the baseline against itself (A/A):");
    const char *between = " ";
    for (size_t w = 0; w < 4; w++) {
        if (counts[w] == 0)
            continue;
        append(out, "%s%zu %s", between, counts[w], words[w]);
        between = ", ";
    }
    if (none > 0)
        append(out, "%s%zu without a verdict", between, none);
    return true;
}

static bool say_disturbed(const struct results *r, struct validity_note *out)
{
    size_t disturbed = 0, all = 0;
    bool is_known = false;
    for (size_t i = 0; i < r->cell_count; i++) {
        for (size_t t = 0; t < r->cells[i].trial_count; t++) {
            const struct trial *trial = &r->cells[i].trials[t];
            is_known = is_known || trial->has_disturbed;
            disturbed += trial->is_disturbed;
            all++;
        }
    }
    if (is_known && disturbed == 0)
        append(out, "no trial disturbed from outside");
    else if (is_known)
        append(out, "%zu of %zu trials disturbed from outside", disturbed, all);
    return is_known;
}

size_t validity_notes_find(const struct results *results,
                           struct validity_note out_notes[VALIDITY_NOTES_MAX])
{
    size_t count = 0;
    memset(out_notes, 0, VALIDITY_NOTES_MAX * sizeof *out_notes);
    count += say_margin(json_object_get(results->run, "delta"), &out_notes[count]);
    count += say_control(json_object_get(results->json, "controls"), &out_notes[count]);
    count += say_disturbed(results, &out_notes[count]);
    return count;
}
