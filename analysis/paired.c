/* paired.c: see paired.h. */
#include "analysis/paired.h"

#include "analysis/comparisons.h"
#include "analysis/looks.h"
#include "common/blocks.h"
#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define BLOCKS_SAID_MAX 1e9

json_int_t paired_block(const json_t *trial)
{
    return json_integer_value(json_object_get(trial, "block"));
}

/* The trials of both cells ascend in block, so one walk pairs them. */
size_t paired_logs(const struct metric *metric, const struct metric_context *context,
                   const struct cell *top, const struct cell *bottom,
                   double out_logs[STATS_N_MAX])
{
    size_t n = 0, b = 0;
    for (size_t t = 0; t < top->n && n < STATS_N_MAX; t++) {
        const json_int_t block = paired_block(top->valid[t]);
        while (b < bottom->n && paired_block(bottom->valid[b]) < block)
            b++;
        if (b == bottom->n)
            break;
        if (paired_block(bottom->valid[b]) != block)
            continue;
        const double above = metric->of_trial(metric, top->valid[t], context);
        const double below = metric->of_trial(metric, bottom->valid[b], context);
        if (above > 0 && below > 0 && isfinite(above) && isfinite(below))
            out_logs[n++] = log(above) - log(below);
    }
    return n;
}

/* The fewest blocks with which one of so many comparisons can have a word. */
static size_t blocks_min(const struct paired *m, size_t compared)
{
    return m->has_looks ? looks_blocks_min(compared)
                        : stats_blocks_min(compared, JUDGE_P_LIMIT);
}

/* Blocks that would settle a comparison: enough for the noise, for Holm's correction to
 * leave a p-value below the limit, and more than there were. */
static double blocks_to_settle(const struct paired *m, size_t compared)
{
    const size_t more = m->log_ratio.n + 1;
    const double level = m->has_looks ? looks_level(more) : STATS_LEVEL;
    const double noise =
        stats_blocks_to_settle(m->sd, m->log_ratio.value, m->margin, level, compared);
    return fmax(noise, fmax((double)blocks_min(m, compared), (double)more));
}

struct reason {
    char text[160];
};

/* Why the comparison has no word at all; empty when it has one. */
static struct reason reason_of_none(const struct paired *m)
{
    struct reason why = {""};
    const char *text = m->is_mixed ? "measured in two different ways: see source"
                       : m->log_ratio.n == 0 ? "no valid pair of measurements"
                       : m->is_once          ? "not judged: one memory pass per cell"
                                             : "";
    (void)snprintf(why.text, sizeof why.text, "%s", text);
    if (!*text && !m->log_ratio.is_bounded)
        (void)snprintf(why.text, sizeof why.text, "not judged: fewer than %zu blocks",
                       blocks_min(m, 1));
    return why;
}

/* A remark on the word, or why it is open; empty when there is nothing to say. blocks is
 * the number that would settle it. */
static struct reason reason_of(const struct paired *m, const char *word, double blocks,
                               size_t compared)
{
    struct reason why = {""};
    int used = 0;
    if (!strcmp(word, "same") && m->margin > COMPARISONS_COARSE)
        (void)snprintf(why.text, sizeof why.text,
                       "too coarse: differences of up to %.0f %% count as none here",
                       100 * m->margin);
    if (strcmp(word, "inconclusive") != 0)
        return why;
    if (judge_is_clear(m->log_ratio.low, m->log_ratio.high, m->margin))
        used = snprintf(why.text, sizeof why.text,
                        "clear of 1, but p is %.2g when corrected for %zu comparison%s; ",
                        m->judged.p, compared, compared == 1 ? "" : "s");
    (void)snprintf(why.text + used, sizeof why.text - (size_t)used,
                   blocks > BLOCKS_MAX ? "too noisy here: it would take about %.0f blocks"
                                       : "about %.0f blocks would settle it",
                   blocks);
    return why;
}

/* compared: the comparisons over which the p-values were corrected. */
static void put_verdict(const struct paired *m, size_t compared)
{
    const struct stats_estimate *e = &m->log_ratio;
    struct reason why = reason_of_none(m);
    const char *word =
        *why.text ? NULL : judge_word(e->low, e->high, m->judged.p, m->margin);
    const double blocks =
        word && !strcmp(word, "inconclusive") ? blocks_to_settle(m, compared) : 0;
    if (word)
        why = reason_of(m, word, blocks, compared);
    json_put(m->json, "verdict", word ? json_string(word) : json_null());
    json_put(m->json, "reason", *why.text ? json_string(why.text) : json_null());
    json_put(m->json, "blocks_needed",
             blocks > 0 ? json_uint((uint64_t)fmin(blocks, BLOCKS_SAID_MAX))
                        : json_null());
}

void paired_judge(struct paired *members, size_t count)
{
    AUTO_FREE struct judged *family = memory_calloc(count + 1, sizeof *family);
    for (size_t i = 0; i < count; i++) {
        family[i] = members[i].judged;
        family[i].p = fmin(1, family[i].p * JUDGE_P_LIMIT / members[i].level);
    }
    const size_t compared = judge_correct(family, count);
    for (size_t i = 0; i < count; i++) {
        members[i].judged = family[i];
        put_verdict(&members[i], compared);
    }
}
