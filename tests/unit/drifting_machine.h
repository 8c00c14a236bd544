/* drifting_machine: what simulations share, a made-up scenario and a machine whose speed is
 * made up. It wanders (a random walk), swings slowly (a sine over 40 to 400 trials) and has
 * bursts of 3 to 10 trials in which it is up to 10 % slower; neighbours in time share all
 * of it. */
#ifndef TESTS_DRIFTING_MACHINE_H
#define TESTS_DRIFTING_MACHINE_H

#include "common/rng.h"
#include "harness/plan/scenario.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define TWO_PI 6.283185307179586

struct made_machine {
    struct rng rng;
    double walk, period, phase, burst;
    long long at, burst_left;
};

/* Uniform in [0, 1), and a sum of twelve that is normal enough (tails to 6 sd). */
static double uniform(struct rng *rng)
{
    return (double)(rng_next(rng) >> 11) * 0x1p-53;
}

static double normal(struct rng *rng)
{
    double sum = -6;
    for (int i = 0; i < 12; i++)
        sum += uniform(rng);
    return sum;
}

static struct made_machine machine_new(uint64_t seed)
{
    struct made_machine m = {.rng = rng_for(seed, 77, 0)};
    m.period = 40 * pow(10, uniform(&m.rng));
    m.phase = TWO_PI * uniform(&m.rng);
    return m;
}

/* ln of the machine's speed during the next trial. */
static double machine_next(struct made_machine *m)
{
    m->walk += .003 * normal(&m->rng);
    if (m->burst_left == 0 && uniform(&m->rng) < .02) {
        m->burst_left = 3 + (long long)rng_below(&m->rng, 8);
        m->burst = -.1 * uniform(&m->rng);
    }
    double burst = m->burst_left > 0 ? m->burst : 0;
    m->burst_left -= m->burst_left > 0;
    return m->walk + .03 * sin(TWO_PI * (double)m->at++ / m->period + m->phase) + burst;
}

#define MADE_REQUESTS 100 /* of a trial */

/* A scenario of these models, a list in JSON, at 8 in flight. The caller frees it. */
static struct scenario *made_scenario(const char *models)
{
    struct scenario *scenario = NULL;
    struct err err = {0};
    json_t *json =
        json_pack("{s:s,s:s,s:o,s:{s:i},s:{s:[i],s:i}}", "title", "Made up", "question",
                  "Who is faster?", "models", json_loads(models, 0, NULL), "origin",
                  "bytes", 1, "load", "concurrency", 8, "requests", MADE_REQUESTS);
    if (scenario_from_json("made", json, &scenario, &err))
        fail_msg("%s", err.text);
    json_decref(json);
    return scenario;
}

#endif
