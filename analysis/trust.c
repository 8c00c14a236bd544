/* trust.c: see trust.h. What is worst is said first: a reason against the numbers, then a
 * run that broke off, then too few blocks. */
#include "analysis/trust.h"

#include "analysis/blocks.h"
#include "analysis/judge.h"
#include "analysis/stats.h"
#include "analysis/words/phrase.h"
#include "analysis/words/sentences.h"
#include "common/format.h"
#include "common/json.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define PASSES 2 /* that a run makes beside its blocks: warm, memory */

/* The scenario's trials, all but those of null. */
struct seen {
    size_t counted, disturbed;
    bool has_looked; /* the suite that measured looked for disturbances */
    double wall_ns;  /* of all trials, repeated ones too */
};

static void see_cell(const json_t *cell, struct seen *seen)
{
    const json_t *trials = json_object_get(cell, "trials");
    struct blocks blocks;
    size_t i = 0;
    json_t *trial = NULL;
    json_array_foreach (trials, i, trial)
        seen->wall_ns += fmax(json_number_of(trial, "wall_ns"), 0);
    blocks_of(trials, &blocks);
    for (i = 0; i < blocks.count; i++) {
        const json_t *counting = blocks.items[i].counting;
        seen->counted += counting != NULL;
        seen->disturbed += counting && blocks_is_disturbed(counting);
        seen->has_looked = seen->has_looked || json_object_get(counting, "disturbed");
    }
    blocks_done(&blocks);
}

static struct seen see(const struct ranking *ranking)
{
    struct seen seen = {.counted = 0};
    size_t i = 0;
    json_t *cell = NULL;
    json_array_foreach (json_object_get(ranking->results, "cells"), i, cell) {
        if (!strcmp(json_text_of(cell, "scenario"),
                    json_text_of(ranking->scenario, "name")) &&
            strcmp(json_text_of(cell, "model"), "null") != 0)
            see_cell(cell, &seen);
    }
    return seen;
}

/* The most blocks that an open comparison between those that tie asks for; 0: none, or
 * more than a run may have. */
static double needed_by_tie(const struct ranking *ranking)
{
    double most = 0;
    size_t i = 0;
    json_t *row = NULL;
    json_array_foreach (json_object_get(ranking->results, "comparisons"), i, row) {
        const double needed = json_number_of(row, "blocks_needed");
        size_t sides = 0;
        for (size_t k = 0; k < ranking->count; k++)
            sides += ranking->items[k].is_unbeaten_in_all &&
                     (!strcmp(ranking->items[k].model, json_text_of(row, "model")) ||
                      !strcmp(ranking->items[k].model, json_text_of(row, "baseline")));
        if (sides == 2 && needed > most && needed <= BLOCKS_MAX &&
            !strcmp(json_text_of(row, "metric"), ranking_key(ranking, 0)) &&
            !strcmp(json_text_of(row, "scenario"),
                    json_text_of(ranking->scenario, "name")) &&
            json_integer_value(json_object_get(row, "concurrency")) ==
                ranking->concurrency)
            most = needed;
    }
    return most;
}

/* More blocks that would decide something; 0: none. With few blocks it is the number from
 * which a model can differ from the others at all by a metric that ranks: memory, measured
 * once, is not among these. */
static double needed_of(const struct ranking *ranking)
{
    if (ranking->count > 1 && ranking->blocks > 0 &&
        ranking->blocks < RANKING_BLOCKS_MIN) {
        const size_t compared = (RANKING_METRICS - 1) * (ranking->count - 1);
        return fmax(RANKING_BLOCKS_MIN,
                    (double)stats_blocks_min(compared, JUDGE_P_LIMIT));
    }
    return ranking->form == RANKING_TIE ? needed_by_tie(ranking) : 0;
}

/* About how long a run of this scenario with so many blocks takes. */
static double seconds_for(const struct ranking *ranking, const struct seen *seen,
                          double blocks)
{
    return ranking->blocks > 0
               ? seen->wall_ns / (double)ranking->blocks * (blocks + PASSES) * 1e-9
               : 0;
}

static json_t *time_phrase(double seconds)
{
    return phrase_text("%s", format_duration(fmax(ceil(seconds), 1)).s);
}

/* "12 blocks", "12 blocks, quiet machine", "12 blocks, 9 of 92 trials disturbed" */
static json_t *base_phrase(const struct ranking *ranking, const struct seen *seen)
{
    json_t *slots = json_object();
    phrase_slot(slots, "blocks", phrase_count((double)ranking->blocks, "block"));
    phrase_slot(slots, "disturbed", phrase_text("%zu", seen->disturbed));
    phrase_slot(slots, "counted", phrase_text("%zu", seen->counted));
    return sentence_fill(!seen->has_looked     ? "seen"
                         : seen->disturbed > 0 ? "seen disturbed"
                                               : "seen quiet",
                         slots);
}

/* The name of the sentence, and the level that goes with it. */
struct choice {
    const char *level;
    char name[64];
};

static struct choice choose(const struct ranking *ranking, const struct seen *seen,
                            double needed)
{
    const json_t *run = json_object_get(ranking->results, "run");
    const char *reason = json_text_of(json_array_get(ranking->reasons, 0), "class");
    const char *build = json_text_of(run, "build_type");
    struct choice choice = {"do-not-quote", ""};
    if (*reason) {
        const bool is_all = seen->disturbed == seen->counted;
        (void)snprintf(choice.name, sizeof choice.name, "trust %.40s%s", reason,
                       !strcmp(reason, "disturbed") && is_all ? " all" : "");
        if (!strcmp(reason, "failures-counted"))
            choice.level = "look";
        return choice;
    }
    const bool is_short = ranking->blocks < RANKING_BLOCKS_MIN;
    const bool is_broken_off = json_is_false(json_object_get(run, "complete"));
    if (*build && strcmp(build, "Release") != 0)
        return (struct choice){"do-not-quote", "trust debug-build"};
    if (is_broken_off)
        return (struct choice){"look", "trust interrupted"};
    return is_short     ? (struct choice){"look", "trust few-blocks"}
           : needed > 0 ? (struct choice){"quote", "trust open"}
                        : (struct choice){"quote", "trust"};
}

/* Of a run until settled: why it made no more blocks; NULL: nothing stopped it. */
static json_t *stopped_phrase(const json_t *stopped)
{
    char name[40];
    json_t *slots = json_object();
    const double compared = json_number_of(stopped, "compared");
    (void)snprintf(name, sizeof name, "stopped %.20s", json_text_of(stopped, "why"));
    phrase_slot(slots, "blocks",
                phrase_count(json_number_of(stopped, "blocks"), "block"));
    if (compared > 0)
        phrase_slot(slots, "compared", phrase_count(compared, "comparison"));
    phrase_slot(slots, "open", phrase_text("%.0f", json_number_of(stopped, "open")));
    return sentence_fill(name, slots);
}

json_t *trust_make(const struct ranking *ranking)
{
    const json_t *stopped = json_object_get(ranking->scenario, "stopped");
    const struct seen seen = see(ranking);
    const double needed = needed_of(ranking);
    const double seconds = seconds_for(ranking, &seen, needed);
    const struct choice choice = choose(ranking, &seen, needed);
    json_t *slots = json_object(), *trust = json_object();
    phrase_slot(slots, "seen", base_phrase(ranking, &seen));
    phrase_slot(slots, "disturbed", phrase_text("%zu", seen.disturbed));
    phrase_slot(slots, "counted", phrase_text("%zu", seen.counted));
    if (needed > 0) {
        phrase_slot(slots, "needed", phrase_text("%.0f", needed));
        phrase_slot(slots, "time", time_phrase(seconds));
    }
    json_auto_t *text = sentence_fill(choice.name, slots);
    json_put(trust, "level", json_string(choice.level));
    json_put(trust, "text", phrase_plain(text));
    if (json_is_object(stopped)) {
        json_auto_t *why = stopped_phrase(stopped);
        json_put(trust, "stopped", phrase_plain(why));
    }
    json_put(trust, "disturbed", json_uint(seen.disturbed));
    json_put(trust, "counted", json_uint(seen.counted));
    json_put(trust, "needed",
             needed > 0 ? json_integer((json_int_t)needed) : json_null());
    json_put(trust, "seconds", needed > 0 ? json_real_or_null(seconds) : json_null());
    return trust;
}
