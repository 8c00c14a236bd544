/* tally.c: see tally.h. */
#include "common/tally.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

static uint64_t number_of(const json_t *object, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(object, key));
    return value > 0 ? (uint64_t)value : 0;
}

static void count_cells(const json_t *cells, struct tally *tally)
{
    size_t i = 0, k = 0;
    json_t *cell = NULL, *trial = NULL;
    json_array_foreach (cells, i, cell) {
        json_array_foreach (json_object_get(cell, "trials"), k, trial) {
            tally->run++;
            tally->valid += json_is_true(json_object_get(trial, "valid"));
        }
    }
}

struct tally tally_of(const json_t *results)
{
    const json_t *run = json_object_get(results, "run");
    struct tally tally = {.planned = number_of(run, "trials_planned"),
                          .failed = number_of(run, "trials_invalid")};
    count_cells(json_object_get(results, "cells"), &tally);
    count_cells(json_object_get(results, "controls"), &tally);
    if (tally.run > 0)
        return tally;
    tally.run = number_of(run, "trials_run");
    tally.valid = tally.run > tally.failed ? tally.run - tally.failed : 0;
    return tally;
}

struct tally tally_add(struct tally a, struct tally b)
{
    return (struct tally){a.planned + b.planned, a.run + b.run, a.valid + b.valid,
                          a.failed + b.failed};
}

struct tally_text tally_say_counts(struct tally tally)
{
    struct tally_text text;
    (void)snprintf(text.s, sizeof text.s, "%" PRIu64 " of %" PRIu64, tally.valid,
                   tally.run);
    return text;
}

struct tally_text tally_say_blocks(struct tally tally)
{
    struct tally_text text = {""};
    if (tally.failed > 0)
        (void)snprintf(text.s, sizeof text.s, "; %" PRIu64 " block%s none", tally.failed,
                       tally.failed == 1 ? " has" : "s have");
    else if (tally.valid < tally.run)
        (void)snprintf(text.s, sizeof text.s, "; every block has one");
    return text;
}

struct tally_text tally_say(struct tally tally)
{
    struct tally_text text;
    (void)snprintf(text.s, sizeof text.s, "%.60s trials valid%.60s",
                   tally_say_counts(tally).s, tally_say_blocks(tally).s);
    return text;
}

/* More trials than planned are repetitions. */
struct tally_text tally_say_planned(struct tally tally)
{
    struct tally_text text;
    bool is_repeated = tally.run > tally.planned;
    int length =
        snprintf(text.s, sizeof text.s, "%" PRIu64 " of %" PRIu64 " planned trials run",
                 is_repeated ? tally.planned : tally.run, tally.planned);
    if (is_repeated && length > 0)
        (void)snprintf(text.s + length, sizeof text.s - (size_t)length,
                       ", %" PRIu64 " repeated", tally.run - tally.planned);
    return text;
}
