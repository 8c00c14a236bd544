/* connections: how the requests of a run share connections. There are as many connections
 * as requests in flight unless --connections says fewer, and they speak HTTP/1.1 unless
 * --http says 2. Not every model can do that. */
#ifndef RUNTIME_CONNECTIONS_H
#define RUNTIME_CONNECTIONS_H

#include "common/err.h"
#include "runtime/run.h"

#include <curl/curl.h>
#include <stddef.h>

/* Checks that the model can do what --connections, --http and --post-bytes ask for.
 * EXIT_CODE_USAGE with the reason, which a plan shows where it skips the model. */
int connections_check(const struct model *model, const struct settings *settings,
                      struct err *err);

/* Tells the multi of one thread of execution (index 0 ..) its share of the connections,
 * and whether requests share one at the same time. Call it before the first transfer. */
void connections_limit(const struct run *run, size_t index, CURLM *multi);

#endif
