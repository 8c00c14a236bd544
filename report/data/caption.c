/* caption.c: captions from data; see caption.h. It compares numbers of results.json with
 * each other and computes none. */
#include "report/data/caption.h"

#include "report/data/columns.h"
#include "report/data/format.h"
#include "report/data/load_index.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#define TIED_SHOWN 4 /* if more are tied, the rest are counted, not named */
#define MEMORY_TOLERANCE                                                                 \
    1.10 /* measured once, so a ratio up to this is no difference                        \
          */
#define ROUNDING 1e-9

struct entry {
    const struct cell *cell;
    const struct metric *metric;
};

struct words {
    bool more_is_better;
    char name[160], best[160];
};

/* "Time for all ten", of a headline. */
static struct words words_of_headline(const struct scenario *s)
{
    const struct metric_spec *spec = &s->headline.spec;
    const bool is_more = !s->headline.is_less_better;
    struct words words = {.more_is_better = is_more};
    (void)snprintf(words.name, sizeof words.name, "%c%.140s",
                   toupper((unsigned char)*spec->name), spec->name + !!*spec->name);
    (void)snprintf(words.best, sizeof words.best, "%s %.140s",
                   is_more                 ? "Most"
                   : spec->unit == UNIT_NS ? "Shortest"
                                           : "Least",
                   spec->name);
    return words;
}

/* "CPU per sleep", "Requests per second": what one request is, the scenario says. */
static struct words words_of(const struct scenario *s, enum metric_id metric)
{
    static const struct words table[METRIC_COUNT] = {
        [METRIC_TREE_MEMORY] = {false, "Memory", "Least memory"},
        [METRIC_RESPONSE_P99] = {false, "99 % response time",
                                 "Shortest 99 % response time"}};
    if (*table[metric].name)
        return table[metric];
    if (metric == METRIC_HEADLINE ||
        (metric == s->headline.metric && metric != METRIC_THROUGHPUT &&
         metric != METRIC_CPU_PER_REQUEST))
        return words_of_headline(s);
    struct words words = {.more_is_better = metric != METRIC_CPU_PER_REQUEST};
    const struct text noun = format_plural(s->headline.noun, words.more_is_better);
    (void)snprintf(words.name, sizeof words.name,
                   words.more_is_better ? "%.30s per second" : "CPU per %.30s", noun.s);
    (void)snprintf(words.best, sizeof words.best, "%s %.40s",
                   words.more_is_better ? "Most" : "Least", words.name);
    words.name[0] = (char)toupper((unsigned char)words.name[0]);
    return words;
}

/* The cells with a value at the highest concurrency, best first. A model that was
 * measured only at another concurrency is left out: the values are not comparable. */
static size_t rank(const struct scenario *s, enum metric_id metric, struct entry *entries)
{
    const bool more_is_better = words_of(s, metric).more_is_better;
    size_t count = 0;
    for (size_t m = 0; m < s->model_count; m++) {
        const struct cell *cell = load_cell(s, s->models[m], s->concurrency_max);
        if (!cell || cell->concurrency != s->concurrency_max ||
            !isfinite(cell->metrics[metric].median))
            continue;
        double value = cell->metrics[metric].median;
        size_t at = count++;
        for (; at > 0; at--) {
            double before = entries[at - 1].metric->median;
            if (more_is_better ? before >= value : before <= value)
                break;
            entries[at] = entries[at - 1];
        }
        entries[at] = (struct entry){cell, &cell->metrics[metric]};
    }
    return count;
}

/* What a sentence compares. */
struct scope {
    const struct results *results;
    const struct scenario *scenario;
    enum metric_id metric;
};

static bool is_pair(const struct comparison *c, const struct entry *a,
                    const struct entry *b)
{
    return !strcmp(c->model, a->cell->model) && !strcmp(c->baseline, b->cell->model) &&
           c->concurrency == a->cell->concurrency &&
           c->baseline_concurrency == b->cell->concurrency;
}

static const char *source_of(const struct entry *entry)
{
    return entry->cell->memory_source ? entry->cell->memory_source : "";
}

/* Whether it is the memory, whole or divided: measured once. */
static bool is_memory(const struct scenario *s, enum metric_id metric)
{
    return !strncmp(load_spec(s, metric)->key, "tree_memory_bytes", 17);
}

/* Whether two entries may be called apart although the results do not compare them.
 * Memory is measured once and never compared: as in the verdict, up to 10 % is no
 * difference, and values from two sources are not comparable. */
static bool are_clear(bool is_memory, const struct entry *a, const struct entry *b)
{
    const struct metric *left = a->metric, *right = b->metric;
    if (is_memory)
        return !strcmp(source_of(a), source_of(b)) &&
               fmax(left->median, right->median) >
                   MEMORY_TOLERANCE * (1 + ROUNDING) * fmin(left->median, right->median);
    return left->has_interval && right->has_interval &&
           (left->low > right->high || left->high < right->low);
}

/* Finds the entries that the first is apart from, by the rule of the verdict: only
 * `different` is an order. Returns their number. */
static size_t find_apart(const struct scope *in, const struct entry *e, size_t count,
                         bool *out_is_apart)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
        out_is_apart[i] =
            i > 0 && are_clear(is_memory(in->scenario, in->metric), &e[0], &e[i]);
    for (size_t k = 0; k < in->results->comparison_count; k++) {
        const struct comparison *c = &in->results->comparisons[k];
        if (!c->verdict || strcmp(c->scenario, in->scenario->name) != 0 ||
            strcmp(c->metric, load_spec(in->scenario, in->metric)->key) != 0)
            continue;
        for (size_t i = 1; i < count; i++) {
            if (is_pair(c, &e[0], &e[i]) || is_pair(c, &e[i], &e[0]))
                out_is_apart[i] = !strcmp(c->verdict, "different");
        }
    }
    for (size_t i = 0; i < count; i++)
        found += out_is_apart[i];
    return found;
}

/* The model and its value, in the unit that the table and the chart have. */
static void print_entry(FILE *out, const struct scope *in, const struct entry *entry)
{
    struct columns column = {.count = 0};
    columns_add(&column, in->scenario, in->metric, 1);
    (void)fprintf(out, "%s %s", entry->cell->model,
                  columns_value(&column, in->scenario, entry->cell, 0).s);
}

/* "1,000,000" */
static struct text most_in_flight(const struct scenario *s)
{
    return format_exact((double)s->concurrency_max, UNIT_COUNT);
}

static void print_order(FILE *out, const struct scope *in, const struct entry *e,
                        size_t count)
{
    const struct scenario *s = in->scenario;
    (void)fprintf(out, "%s at %s in flight: ", words_of(s, in->metric).best,
                  most_in_flight(s).s);
    print_entry(out, in, &e[0]);
    if (count == 2) {
        (void)fputs("; ", out);
        print_entry(out, in, &e[1]);
    } else {
        (void)fputs("; the others range from ", out);
        print_entry(out, in, &e[1]);
        (void)fputs(" to ", out);
        print_entry(out, in, &e[count - 1]);
    }
    (void)fputc('.', out);
}

/* Why the entries that are named have no order. */
static const char *words_of_tie(const struct scope *in, const struct entry *e,
                                size_t count)
{
    bool is_mixed = false;
    for (size_t i = 1; i < count; i++)
        is_mixed = is_mixed || strcmp(source_of(&e[0]), source_of(&e[i])) != 0;
    if (!is_memory(in->scenario, in->metric))
        return " cannot be told apart.";
    return is_mixed ? " were not measured in the same way."
                    : " are within 10 %, which does not count as a difference.";
}

/* Prints the first entry and those that it is not apart from. */
static void print_tie(FILE *out, const struct scope *in, const struct entry *e,
                      size_t count, const bool *is_apart)
{
    size_t tied = 0, named = 0;
    for (size_t i = 0; i < count; i++)
        tied += !is_apart[i];
    const size_t most = tied > TIED_SHOWN ? TIED_SHOWN - 1 : tied;
    for (size_t i = 0; i < count && named < most; i++) {
        if (is_apart[i])
            continue;
        named++;
        (void)fputs(named == 1 ? "" : named == tied ? " and " : ", ", out);
        print_entry(out, in, &e[i]);
    }
    if (named < tied)
        (void)fprintf(out, " and %zu more", tied - named);
    (void)fputs(words_of_tie(in, e, count), out);
    if (is_apart[count - 1]) {
        (void)fputs(" At the other end: ", out);
        print_entry(out, in, &e[count - 1]);
        (void)fputc('.', out);
    }
}

/* A trial with too few requests for a percentile is still valid. */
static void print_nothing(FILE *out, const struct scenario *s, enum metric_id metric)
{
    struct entry e[LOAD_MODELS_MAX];
    if (rank(s, METRIC_CPU_PER_REQUEST, e) > 0)
        (void)fprintf(out, "%s: no model has a value at %s in flight.",
                      words_of(s, metric).name, most_in_flight(s).s);
    else
        (void)fputs("No cell has a valid trial: there is nothing to show.", out);
}

void caption_extremes(FILE *out, const struct results *results, const struct scenario *s,
                      enum metric_id metric)
{
    const struct scope in = {results, s, metric};
    struct entry e[LOAD_MODELS_MAX];
    size_t count = rank(s, metric, e);
    if (count == 0) {
        print_nothing(out, s, metric);
        return;
    }
    if (metric == METRIC_THROUGHPUT && e[0].metric->median <= 0) {
        (void)fprintf(out, "No request was served at %s in flight.", most_in_flight(s).s);
        return;
    }
    bool is_single = is_memory(s, metric); /* one pass per cell, by design */
    const bool is_neutral = metric == s->headline.metric && s->headline.is_neutral;
    bool is_open = is_neutral || !strcmp(s->form, "not-publishable") ||
                   (!e[0].metric->has_interval && !is_single);
    bool is_apart[LOAD_MODELS_MAX];
    if (count > 1 && !is_open && find_apart(&in, e, count, is_apart) == count - 1) {
        print_order(out, &in, e, count);
        return;
    }
    (void)fprintf(out, "%s at %s in flight: ", words_of(s, metric).name,
                  most_in_flight(s).s);
    if (count == 1) {
        print_entry(out, &in, &e[0]);
        (void)fputs("; no other model has a value there.", out);
    } else if (is_open) {
        (void)fputs("from ", out);
        print_entry(out, &in, &e[0]);
        (void)fputs(" to ", out);
        print_entry(out, &in, &e[count - 1]);
        const bool has_few = strcmp(s->form, "not-publishable") != 0 && !is_neutral;
        (void)fputs(has_few ? "; too few trials to rank them." : ".", out);
    } else {
        print_tie(out, &in, e, count, is_apart);
    }
}

void caption_basis(FILE *out, const struct scenario *s, enum metric_id metric)
{
    struct entry e[LOAD_MODELS_MAX];
    size_t count = rank(s, metric, e);
    if (count == 0)
        return;
    const struct metric *first = e[0].metric;
    if (first->has_interval)
        (void)fprintf(out, " Medians of %" PRIu64 " trials with their %s intervals.",
                      first->n, format_percent(first->coverage).s);
    else if (first->n > 1)
        (void)fprintf(out, " Medians of %" PRIu64 " trials: too few for an interval.",
                      first->n);
    else
        (void)fputs(" One trial per cell: no interval.", out);
}
