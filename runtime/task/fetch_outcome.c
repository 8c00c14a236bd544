/* fetch_outcome.c: what became of a transfer, and why; see fetch.h. */
#include "common/clock.h"
#include "runtime/shared.h"
#include "runtime/task/fetch.h"

#include <stddef.h>
#include <string.h>

/* A median needs no more than every 8th, and each costs two calls and a shared page. */
#define FIRST_BYTE_EVERY 8

/* The outcome for a code of libcurl whose text does not say more. */
static enum outcome outcome_of(CURLcode code)
{
    static const struct {
        CURLcode code;
        enum outcome outcome;
    } table[] = {
        {CURLE_COULDNT_RESOLVE_HOST, OUTCOME_RESOLVE},
        {CURLE_COULDNT_CONNECT, OUTCOME_CONNECT},
        {CURLE_SSL_CONNECT_ERROR, OUTCOME_TLS},
        {CURLE_PEER_FAILED_VERIFICATION, OUTCOME_TLS},
        {CURLE_SSL_CACERT_BADFILE, OUTCOME_TLS},
        {CURLE_SSL_CIPHER, OUTCOME_TLS},
        {CURLE_SSL_CERTPROBLEM, OUTCOME_TLS},
        {CURLE_SSL_ISSUER_ERROR, OUTCOME_TLS},
        {CURLE_SSL_INVALIDCERTSTATUS, OUTCOME_TLS},
        {CURLE_OPERATION_TIMEDOUT, OUTCOME_TIMEOUT},
        {CURLE_SEND_ERROR, OUTCOME_RESET},
        {CURLE_RECV_ERROR, OUTCOME_RESET},
        {CURLE_GOT_NOTHING, OUTCOME_RESET},
        {CURLE_PARTIAL_FILE, OUTCOME_SHORT},
        {CURLE_WEIRD_SERVER_REPLY, OUTCOME_PROTOCOL},
        {CURLE_UNSUPPORTED_PROTOCOL, OUTCOME_PROTOCOL},
        {CURLE_HTTP2, OUTCOME_PROTOCOL},
        {CURLE_HTTP2_STREAM, OUTCOME_RESET},
        {CURLE_BAD_CONTENT_ENCODING, OUTCOME_PROTOCOL},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        if (table[i].code == code)
            return table[i].outcome;
    }
    return OUTCOME_OTHER;
}

/* libcurl stamps times from the start of the transfer, in microseconds; a phase lasts
 * from the stamp before it to its own. */
static void add_phase(CURL *easy, struct shared *shared, enum phase phase, CURLINFO from,
                      CURLINFO to)
{
    curl_off_t begin_us = 0;
    curl_off_t end_us = 0;
    if (from != CURLINFO_NONE)
        (void)curl_easy_getinfo(easy, from, &begin_us);
    (void)curl_easy_getinfo(easy, to, &end_us);
    if (end_us > begin_us)
        shared_add_phase(shared, phase, (uint64_t)(end_us - begin_us) * NS_PER_US);
}

/* libcurl falls back to HTTP/1.1 when a server does not offer HTTP/2. That would be
 * another experiment. */
static bool spoke_http_2(CURL *easy)
{
    long version = 0;
    (void)curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
    return version == CURL_HTTP_VERSION_2_0;
}

static bool has_answer(CURL *easy)
{
    long status = 0;
    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    return status > 0;
}

/* libcurl has one code for a broken connection and for bytes that are not HTTP or TLS, so
 * its text decides. These are the texts of 7.88 and 8.14; with those of another version
 * the outcome stays `reset`. */
static enum outcome outcome_of_words(CURLcode code, const char *words)
{
    bool is_received = code == CURLE_RECV_ERROR;
    if (is_received &&
        (strstr(words, "chunked-encoding") || strstr(words, "chunk hex-length") ||
         strstr(words, "response headers")))
        return OUTCOME_PROTOCOL;
    if ((is_received || code == CURLE_SEND_ERROR) && strstr(words, "error:") &&
        strstr(words, "SSL_") && !strstr(words, "eof"))
        return OUTCOME_TLS;
    return outcome_of(code);
}

static enum outcome outcome_of_failure(struct fetch *fetch, CURLcode code,
                                       const char **out_words)
{
    const char *fault = NULL;
    *out_words = *fetch->error ? fetch->error : curl_easy_strerror(code);
    switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_WRITE_ERROR:
        fault = fetch_head_fault(&fetch->head, fetch->easy);
        break;
    case CURLE_OUT_OF_MEMORY: /* also stands for a line of more than 100 KB */
        fault = has_answer(fetch->easy) ? "a header line is too long for libcurl (100 KB)"
                                        : NULL;
        break;
    case CURLE_BAD_FUNCTION_ARGUMENT:
        fault = has_answer(fetch->easy) ? "libcurl cannot read a header field" : NULL;
        break;
    default:
        return outcome_of_words(code, *out_words);
    }
    *out_words = fault ? fault : *out_words;
    return fault ? OUTCOME_PROTOCOL : outcome_of(code);
}

static enum outcome fail(struct fetch *fetch, CURLcode code, struct shared *shared)
{
    const char *words = NULL;
    enum outcome outcome = outcome_of_failure(fetch, code, &words);
    reasons_note(&shared->reasons, outcome, "%s", words);
    return outcome;
}

/* Records a connection that ended within the head. */
static enum outcome fail_cut(const char *words, long status, struct shared *shared)
{
    enum outcome outcome = status < 200 ? OUTCOME_RESET : OUTCOME_SHORT;
    reasons_note(&shared->reasons, outcome, "%s", words);
    return outcome;
}

/* The outcome of an answer that libcurl takes for whole. */
static enum outcome outcome_of_answer(const struct fetch *fetch,
                                      struct recorder *recorder, struct shared *shared)
{
    CURL *easy = fetch->easy;
    long status = 0;
    const char *cut = fetch->body_bytes > 0 || fetch->is_http_2
                          ? NULL
                          : fetch_head_cut(&fetch->head, easy);
    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (cut)
        return fail_cut(cut, status, shared);
    if (status < 300)
        return OUTCOME_OK;
    if (status < 400) {
        char *location = NULL;
        recorder->redirects++;
        if (reasons_lack(&shared->reasons, OUTCOME_OK)) {
            (void)curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &location);
            reasons_note_redirect(&shared->reasons, (unsigned)status, location);
        }
        return OUTCOME_OK;
    }
    reasons_note(&shared->reasons, OUTCOME_STATUS, "status %ld", status);
    return OUTCOME_STATUS;
}

/* Prepares the handle for a second try, or for the requests after it. An HTTP/2
 * connection is shared, so the second try may use one that others have made meanwhile. */
static void set_again(struct fetch *fetch, bool is_again, uint64_t used_ms)
{
    const struct settings *s = fetch->settings;
    uint64_t left_ms = s->timeout_ms > used_ms ? s->timeout_ms - used_ms : 1;
    fetch->is_again = is_again;
    (void)curl_easy_setopt(fetch->easy, CURLOPT_TIMEOUT_MS, (long)left_ms);
    if (!fetch->is_http_2)
        (void)curl_easy_setopt(fetch->easy, CURLOPT_FRESH_CONNECT, is_again ? 1L : 0L);
}

bool fetch_wants_again(struct fetch *fetch, CURLcode code)
{
    CURL *easy = fetch->easy;
    long connections = 0, head_bytes = 0;
    curl_off_t used_us = 0;
    if (code == CURLE_OK || fetch->is_again ||
        (code != CURLE_SEND_ERROR && code != CURLE_RECV_ERROR &&
         code != CURLE_GOT_NOTHING))
        return false;
    (void)curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connections);
    (void)curl_easy_getinfo(easy, CURLINFO_HEADER_SIZE, &head_bytes);
    if (connections > 0 || head_bytes > 0)
        return false;
    (void)curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &used_us);
    set_again(fetch, true, (uint64_t)used_us / 1000);
    fetch_head_watch(&fetch->head, easy, true);
    fetch_begin(fetch);
    return true;
}

enum outcome fetch_outcome(struct fetch *fetch, CURLcode code, struct recorder *recorder,
                           struct shared *shared)
{
    CURL *easy = fetch->easy;
    long connections = 0;
    (void)curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connections);
    recorder->connections_opened += (uint64_t)connections;
    fetch_head_watch(&fetch->head, easy, connections > 0);
    if (fetch->is_again)
        set_again(fetch, false, 0);
    if (code != CURLE_OK)
        return fail(fetch, code, shared);
    if (connections > 0) {
        add_phase(easy, shared, PHASE_DNS, CURLINFO_NONE, CURLINFO_NAMELOOKUP_TIME_T);
        add_phase(easy, shared, PHASE_CONNECT, CURLINFO_NAMELOOKUP_TIME_T,
                  CURLINFO_CONNECT_TIME_T);
        add_phase(easy, shared, PHASE_TLS, CURLINFO_CONNECT_TIME_T,
                  CURLINFO_APPCONNECT_TIME_T);
    }
    /* for a POST libcurl stamps the first byte that it sends */
    if (fetch->transfers++ % FIRST_BYTE_EVERY == 0 && !fetch->is_post)
        add_phase(easy, shared, PHASE_FIRST_BYTE, CURLINFO_PRETRANSFER_TIME_T,
                  CURLINFO_STARTTRANSFER_TIME_T);
    if (fetch->is_http_2 && !spoke_http_2(easy)) {
        reasons_note(&shared->reasons, OUTCOME_PROTOCOL,
                     "the server answers in HTTP/1.1, not in HTTP/2");
        return OUTCOME_PROTOCOL;
    }
    return outcome_of_answer(fetch, recorder, shared);
}
