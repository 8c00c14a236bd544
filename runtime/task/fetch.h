/* fetch: one libcurl easy handle, set up the same way for every model and kept by its
 * worker: a handle per request would silently lose keep-alive. Whatever in libcurl could
 * bias a comparison is settled here once. */
#ifndef RUNTIME_FETCH_H
#define RUNTIME_FETCH_H

#include "common/err.h"
#include "runtime/recorder.h"
#include "runtime/settings.h"
#include "runtime/task/fetch_head.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdint.h>

struct shared;
struct run;

struct fetch {
    CURL *easy;
    char *error; /* owned: CURL_ERROR_SIZE bytes, libcurl's own words */
    CURLU *url;  /* borrowed: parsed once for all; easy refers to it */
    const struct settings *settings; /* borrowed */
    uint64_t body_bytes;             /* of the transfer in progress */
    struct fetch_head head;          /* of its response */
    uint64_t transfers : 60;         /* completed */
    bool is_http_2 : 1, is_post : 1;
    bool is_again : 1; /* the transfer in progress is a second try */
};

/* Initialises libcurl in this process, once. Forked workers must call it after the fork,
 * never before. EXIT_CODE_UNFIT on failure. Any thread. */
int fetch_library_init(struct err *err);

/* Checks that url is an http or https URL that libcurl accepts, and that its host is
 * 127.0.0.1 when connections are to be spread over more than one address.
 * EXIT_CODE_USAGE, naming it without its credentials. Needs no fetch_library_init. */
int fetch_check_url(const char *url, uint64_t addresses, struct err *err);

/* Notes the options of transfers as knobs. */
void fetch_note(struct run *run);

/* The handle of one worker, for settings->url. worker_index (0 ..) chooses among
 * settings->addresses. EXIT_CODE_UNFIT. */
int fetch_init(struct fetch *fetch, const struct settings *settings,
               uint64_t worker_index, struct err *err);

/* Call this before each transfer. */
static inline void fetch_begin(struct fetch *fetch)
{
    fetch->body_bytes = 0;
    fetch_head_begin(&fetch->head);
}

/* Whether to repeat a transfer that ended with code: its kept connection ended before the
 * server had begun to answer. The handle is then ready for a second try, with a new
 * connection and the time that is left. libcurl repeats such a request too, but only five
 * times in the life of a handle, and fails the sixth without trying. */
bool fetch_wants_again(struct fetch *fetch, CURLcode code);

/* The outcome of a transfer that ended with code. Counts its connections and redirects in
 * the recorder, and its phases in run->shared, where it also notes the reason of a failure.
 */
enum outcome fetch_outcome(struct fetch *fetch, CURLcode code, struct recorder *recorder,
                           struct shared *shared);

void fetch_done(struct fetch *fetch);

#endif
