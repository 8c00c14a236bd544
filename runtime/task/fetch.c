/* fetch.c: libcurl, configured once for all models; see fetch.h. */
#include "runtime/task/fetch.h"

#include "common/memory.h"
#include "runtime/run.h"
#include "runtime/task/post.h"

#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define FIRST_ADDRESS "127.0.0.1"

static pthread_once_t library_once = PTHREAD_ONCE_INIT;
static CURLcode library_status = CURLE_FAILED_INIT;

static void start_library(void)
{
    library_status = curl_global_init_mem(CURL_GLOBAL_DEFAULT, memory_malloc, free,
                                          memory_realloc, memory_strdup, memory_calloc);
}

int fetch_library_init(struct err *err)
{
    (void)pthread_once(&library_once, start_library);
    if (library_status != CURLE_OK)
        return err_set(err, EXIT_CODE_UNFIT, "libcurl does not start: %s",
                       curl_easy_strerror(library_status));
    return 0;
}

/* From libcurl 7.80; one that --libcurl loads may be older. */
#pragma weak curl_url_strerror

static const char *url_error(CURLUcode code)
{
    if (code == CURLUE_OK)
        return "scheme not supported";
    return curl_url_strerror ? curl_url_strerror(code) : "malformed";
}

static int check_tls(const char *url, struct err *err)
{
    const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
    if (strncasecmp(url, "https:", strlen("https:")) != 0 ||
        curl->features & CURL_VERSION_SSL)
        return 0;
    return err_set(err, EXIT_CODE_USAGE, "libcurl %s has no TLS: use an http URL",
                   curl->version);
}

/* Refuses what libcurl takes for a URL although it is none. libcurl would convert a host
 * name by the locale, which a runner does not set, and send other bytes as they are. */
static int check_parts(CURLU *parts, const char *url, struct err *err)
{
    char *host = NULL, *port = NULL;
    (void)curl_url_get(parts, CURLUPART_HOST, &host, 0);
    (void)curl_url_get(parts, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
    bool is_foreign = false, is_port_0 = port && !strtol(port, NULL, 10);
    for (const char *at = host; at && *at; at++)
        is_foreign = is_foreign || (unsigned char)*at >= 0x80;
    int status = 0;
    if (is_foreign)
        status = err_set(err, EXIT_CODE_USAGE,
                         "the host '%.200s' is not ASCII: write it as xn--..., which "
                         "`idn2 HOST` prints",
                         host);
    for (const char *at = url; *at && !status; at++) {
        if ((unsigned char)*at >= 0x80)
            status = err_set(err, EXIT_CODE_USAGE,
                             "the URL has a character that is not ASCII: "
                             "percent-encode it, as %%%02X",
                             (unsigned char)*at);
    }
    if (!status && is_port_0)
        status = err_set(err, EXIT_CODE_USAGE,
                         "the URL's port is not a number from 1 to 65535");
    curl_free(host);
    curl_free(port);
    return status;
}

int fetch_check_url(const char *url, uint64_t addresses, struct err *err)
{
    int status = check_tls(url, err);
    if (status)
        return status;
    CURLU *parts = curl_url();
    char *scheme = NULL, *host = NULL;
    CURLUcode code =
        parts ? curl_url_set(parts, CURLUPART_URL, url, 0) : CURLUE_OUT_OF_MEMORY;
    if (!code)
        code = curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0);
    bool is_http = scheme && (!strcmp(scheme, "http") || !strcmp(scheme, "https"));
    bool is_first = !code && !curl_url_get(parts, CURLUPART_HOST, &host, 0) &&
                    !strcmp(host, FIRST_ADDRESS);
    if (!code && is_http)
        status = check_parts(parts, url, err);
    curl_free(host);
    curl_free(scheme);
    curl_url_cleanup(parts);
    if (code == CURLUE_OUT_OF_MEMORY)
        memory_exhausted();
    if (status)
        return status;
    const char *at = strrchr(url, '@'); /* what is before may be a password */
    if (code || !is_http)
        return err_set(err, EXIT_CODE_USAGE, "not an http or https URL: '%.200s' (%s)",
                       at ? at + 1 : url, url_error(code));
    if (addresses > 1 && !is_first)
        return err_set(err, EXIT_CODE_USAGE,
                       "--addresses needs a URL whose host is " FIRST_ADDRESS);
    return 0;
}

static bool is_tls(const struct settings *s)
{
    return !strncasecmp(s->url, "https:", strlen("https:"));
}

/* With TLS the server is asked for HTTP/2; without it the server has to speak it. */
static long version_of(const struct settings *s)
{
    if (!settings_is_http_2(s))
        return CURL_HTTP_VERSION_1_1;
    return is_tls(s) ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
}

void fetch_note(struct run *run)
{
    const struct settings *s = &run->settings;
    run_add_knob(run, "http", settings_is_http_2(s) ? "2" : "1.1", 0);
    if (is_tls(s))
        run_add_knob(run, "tls_resume", s->tls_resume, 0);
    if (s->is_insecure)
        run_add_knob(run, "tls_verify", "off", 0);
    if (s->post_bytes)
        run_add_knob(run, "post_bytes", NULL, s->post_bytes);
}

static size_t count_body(char *bytes, size_t size, size_t count, void *user)
{
    (void)bytes;
    *(uint64_t *)user += size * count;
    return size * count;
}

/* The same for all handles of a process; it lives as long as the process. */
static struct curl_slist *resolve_list(const char *text)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static struct curl_slist *list;
    (void)pthread_mutex_lock(&lock);
    if (!list)
        list = curl_slist_append(NULL, text);
    (void)pthread_mutex_unlock(&lock);
    if (!list)
        memory_exhausted();
    return list;
}

/* Every option here is the same for every model. Why each is set:
 *   CURLU          as text, the URL would be parsed and printed again for every request:
 *                  14,000 of 65,000 instructions
 *   ERRORBUFFER    why a transfer failed, in words: 256 bytes for each handle, 1 % of
 *                  what a transfer takes; on success only the first byte is written
 *   NOSIGNAL       without it libcurl 7.88 makes 15 to 21 rt_sigaction calls per request
 *   NOPROXY        the environment must not change what is measured, nor be searched for
 *                  every request
 *   HTTP_VERSION   1.1, so that a request in flight is a connection in every model,
 *                  unless --http 2. With PIPEWAIT a request then waits for the
 *                  connection that is being made instead of making another
 *   MAXCONNECTS    a blocking handle has one connection; the multi has its own setting
 * None is newer than 7.63, so that --libcurl can go back that far. */
static CURLcode configure(struct fetch *fetch, const struct settings *s)
{
    CURL *easy = fetch->easy;
    CURLcode code = CURLE_OK;
#define SET(option, value)                                                               \
    do {                                                                                 \
        if (!code)                                                                       \
            code = curl_easy_setopt(easy, option, value);                                \
    } while (0)
    SET(CURLOPT_CURLU, fetch->url);
    SET(CURLOPT_ERRORBUFFER, fetch->error);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_NOPROXY, "*");
    SET(CURLOPT_HTTP_VERSION, version_of(s));
    SET(CURLOPT_PIPEWAIT, settings_is_http_2(s) && !s->no_keepalive ? 1L : 0L);
    SET(CURLOPT_TIMEOUT_MS, (long)s->timeout_ms);
    SET(CURLOPT_BUFFERSIZE, (long)s->buffer_bytes);
    SET(CURLOPT_MAXCONNECTS, 1L);
    SET(CURLOPT_WRITEFUNCTION, count_body);
    SET(CURLOPT_WRITEDATA, &fetch->body_bytes);
    fetch_head_watch(&fetch->head, easy, true);
    if (s->no_keepalive) {
        SET(CURLOPT_FORBID_REUSE, 1L);
        SET(CURLOPT_FRESH_CONNECT, settings_is_http_2(s) ? 1L : 0L); /* in use or not */
    }
    if (s->resolve)
        SET(CURLOPT_RESOLVE, resolve_list(s->resolve)); /* read once by each handle */
    if (s->ca_file)
        SET(CURLOPT_CAINFO, s->ca_file);
    if (s->is_insecure) {
        SET(CURLOPT_SSL_VERIFYPEER, 0L);
        SET(CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (s->tls_resume && !strcmp(s->tls_resume, "off"))
        SET(CURLOPT_SSL_SESSIONID_CACHE, 0L);
    if (s->post_bytes) {
        SET(CURLOPT_POSTFIELDS, post_body(s->post_bytes)); /* libcurl does not copy it */
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)s->post_bytes);
        SET(CURLOPT_HTTPHEADER, post_fields());
    }
#undef SET
    return code;
}

/* A parsed URL. libcurl only reads it, so all workers of a process with the same address
 * share one, which saves each of them 300 bytes. It lives as long as the process. */
struct shared_url {
    CURLU *parts;
    char *text;
    uint64_t address; /* 0 .. addresses - 1 */
    struct shared_url *next;
};
static struct shared_url *shared_urls;
static pthread_mutex_t shared_urls_lock = PTHREAD_MUTEX_INITIALIZER;

/* Sets one of several addresses of the same server. libcurl looks for a free connection
 * in a list per host, and with thousands of connections in one list that search would be
 * measured. */
static CURLUcode set_url(CURLU *parts, const struct settings *s, uint64_t address)
{
    CURLUcode code = curl_url_set(parts, CURLUPART_URL, s->url, 0);
    if (code || s->addresses < 2)
        return code;
    char host[32];
    (void)snprintf(host, sizeof host, "127.0.0.%u", (unsigned int)address + 1);
    return curl_url_set(parts, CURLUPART_HOST, host, 0);
}

static CURLU *add_url(const struct settings *s, uint64_t address)
{
    struct shared_url *url = calloc(1, sizeof *url);
    if (!url)
        return NULL;
    *url = (struct shared_url){curl_url(), strdup(s->url), address, shared_urls};
    if (!url->text || !url->parts || set_url(url->parts, s, address)) {
        curl_url_cleanup(url->parts);
        free(url->text);
        free(url);
        return NULL;
    }
    shared_urls = url;
    return url->parts;
}

/* The shared URL of the worker; NULL without memory. */
static CURLU *share_url(const struct settings *s, uint64_t worker_index)
{
    const uint64_t address = s->addresses > 1 ? worker_index % s->addresses : 0;
    (void)pthread_mutex_lock(&shared_urls_lock);
    const struct shared_url *url = shared_urls;
    while (url && (url->address != address || strcmp(url->text, s->url) != 0))
        url = url->next;
    CURLU *parts = url ? url->parts : add_url(s, address);
    (void)pthread_mutex_unlock(&shared_urls_lock);
    return parts;
}

int fetch_init(struct fetch *fetch, const struct settings *settings,
               uint64_t worker_index, struct err *err)
{
    int status = fetch_library_init(err);
    if (status)
        return status;
    fetch->easy = curl_easy_init();
    fetch->url = share_url(settings, worker_index);
    fetch->is_http_2 = settings_is_http_2(settings);
    fetch->is_post = settings->post_bytes > 0;
    fetch->settings = settings;
    bool has_body =
        !settings->post_bytes || (post_body(settings->post_bytes) && post_fields());
    CURLcode code = CURLE_OUT_OF_MEMORY;
    fetch->error = calloc(1, CURL_ERROR_SIZE);
    if (fetch->easy && fetch->error && has_body && fetch->url)
        code = configure(fetch, settings);
    if (code == CURLE_OUT_OF_MEMORY)
        memory_exhausted();
    if (code)
        return err_set(err, EXIT_CODE_UNFIT, "libcurl handle: %s",
                       curl_easy_strerror(code));
    return 0;
}

void fetch_done(struct fetch *fetch)
{
    curl_easy_cleanup(fetch->easy);
    free(fetch->error);
    *fetch = (struct fetch){0};
}
