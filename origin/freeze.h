/* freeze: the fault that shows what a closed loop hides: from some moment on the origin
 * serves nothing at all, and then goes on as if nothing had been.
 *
 * It is armed by POST /freeze and begins a fixed time after the first counted request
 * that follows, so every trial meets it at the same place. No timer stops the loops: each
 * asks freeze_hold before it serves an event, and sleeps there until the freeze is over.
 * The kernel goes on accepting connections and taking bytes meanwhile, as it does for a
 * program that hangs. */
#ifndef ORIGIN_FREEZE_H
#define ORIGIN_FREEZE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define FREEZE_MS_MAX UINT64_C(600000)

struct freeze {
    int stop_fd;          /* borrowed; once readable, no loop is held any longer */
    atomic_bool is_armed; /* and no request has come yet */
    _Atomic uint64_t after_ns, for_ns;
    _Atomic uint64_t from_ns; /* clock_ns() of its begin; UINT64_MAX: none is known */
};

/* No freeze until freeze_arm. */
void freeze_init(struct freeze *freeze, int stop_fd);

/* The next counted request starts the clock: after_ms later everything stops for for_ms.
 * Replaces an earlier one; for_ms 0 means none. Thread-safe, as all that follow. */
void freeze_arm(struct freeze *freeze, uint64_t after_ms, uint64_t for_ms);

/* A counted request was read. */
void freeze_note_request(struct freeze *freeze);

/* Returns when there is no freeze: at once, except during one. */
void freeze_hold(struct freeze *freeze);

#endif
