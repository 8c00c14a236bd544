/* control: the answers of the paths that query or control the origin: /stats,
 * /stats/reset and /freeze. These requests are not counted. */
#ifndef ORIGIN_CONTROL_H
#define ORIGIN_CONTROL_H

#include "origin/answer.h"
#include "origin/freeze.h"
#include "origin/guard.h"
#include "origin/query.h"
#include "origin/stats.h"

#include <stdint.h>

struct control {
    struct stats *stats;       /* borrowed */
    struct freeze *freeze;     /* likewise */
    const struct guard *guard; /* likewise */
    uint64_t threads;
};

/* Does what query asks, which is not QUERY_BYTES, and forms the answer. Thread-safe. */
void control_answer(const struct control *control, const struct query *query,
                    struct answer_style style, struct answer *out_answer);

#endif
