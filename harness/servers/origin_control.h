/* origin_control: starts concbench-origin for a run, asks it for its counts, stops it. */
#ifndef HARNESS_ORIGIN_CONTROL_H
#define HARNESS_ORIGIN_CONTROL_H

#include "common/cpus.h"
#include "common/err.h"
#include "harness/servers/origin_remote.h"

#include <stdint.h>

struct origin_control; /* opaque */

struct origin_stats {
    uint64_t requests, in_flight, peak_in_flight, connections, cpu_ns, threads;
};

/* With ca_file (else NULL) it speaks TLS and writes its certificate there; its counts are
 * then asked for on a port of their own, in the clear. Starts the origin on a free port
 * of 127.0.0.1 .. 127.0.0.<addresses> (1 to 64), pinned to cpus, and waits (at most 5 s)
 * for its ready line; nothing sleeps. It takes orders from us alone. *out_origin is new.
 * EXIT_CODE_UNFIT when it does not start. */
int origin_control_start(const struct cpus *cpus, uint64_t threads, uint64_t addresses,
                         uint64_t seed, const char *ca_file,
                         struct origin_control **out_origin, struct err *err);

/* One that runs already, on another host; it keeps its CPUs, and runs on when this is
 * freed. New; nothing is sent yet. */
struct origin_control *origin_control_join(const struct origin_remote *remote);

/* "http://127.0.0.1:PORT", or https, borrowed. */
const char *origin_control_url(const struct origin_control *origin);

/* Moves its threads to cpus (a scenario may share all CPUs). 0 or -errno. Cheap when it
 * is there already. */
int origin_control_place(struct origin_control *origin, const struct cpus *cpus);

/* Counts now; with reset they are set to zero after being read. Over one kept connection,
 * so it is cheap enough to call between samples. */
int origin_control_stats(struct origin_control *origin, int reset,
                         struct origin_stats *out_stats, struct err *err);

/* The next request it is sent starts the clock: after_ms later it stops serving anything
 * for for_ms (docs/origin.md). Reading its counts with reset takes this back. */
int origin_control_freeze(struct origin_control *origin, uint64_t after_ms,
                          uint64_t for_ms, struct err *err);

/* Stops and reaps it; NULL-safe. */
void origin_control_free(struct origin_control *origin);

#endif
