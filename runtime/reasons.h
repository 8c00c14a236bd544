/* reasons: why requests failed, in words: the text of the first failure of each class,
 * and the first redirect. They are part of the state that forked workers share. A request
 * that is ok costs nothing here, and neither does any but the first failure of a class.
 */
#ifndef RUNTIME_REASONS_H
#define RUNTIME_REASONS_H

#include "runtime/recorder.h"

#include <stdatomic.h>
#include <stdbool.h>

#define REASON_BYTES 240

struct reason {
    _Atomic int state; /* 0: free, 1: being written, 2: text is there */
    char text[REASON_BYTES];
};

struct reasons {
    struct reason first[OUTCOME_COUNT]; /* that of OUTCOME_OK is the first redirect's */
};

/* Whether this class has no text yet. Ask before you make one that takes time. Any thread
 * or process. */
static inline bool reasons_lack(const struct reasons *reasons, enum outcome outcome)
{
    return atomic_load_explicit(&reasons->first[outcome].state, memory_order_relaxed) ==
           0;
}

/* Keeps the text as that of this class unless it has one. The text is cut to one line of
 * REASON_BYTES and cleaned (common/clean.h); user, password and query are removed from
 * its URLs. outcome is not OUTCOME_OK. Any thread or process. */
void reasons_note(struct reasons *reasons, enum outcome outcome, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Keeps "301 to LOCATION" unless there is one. location may be NULL. Any thread or
 * process. */
void reasons_note_redirect(struct reasons *reasons, unsigned status,
                           const char *location);

/* The text of a class (for OUTCOME_OK the first redirect), or NULL; borrowed. Call it
 * when all workers are done. */
const char *reasons_text(const struct reasons *reasons, enum outcome outcome);

#endif
