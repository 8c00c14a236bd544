/* connections.c: see connections.h. */
#include "runtime/task/connections.h"

#include "runtime/runner.h"
#include "runtime/settings.h"

#include <string.h>
#include <strings.h>

static int refuse_sharing(const struct model *model, const struct settings *s,
                          struct err *err)
{
    if (s->addresses > 1)
        return err_set(
            err, EXIT_CODE_USAGE,
            "--connections cannot be combined with --addresses, as each address "
            "has its own connections: leave one of them out");
    if (!model->shares_connections)
        return err_set(
            err, EXIT_CODE_USAGE,
            "%s needs a connection for each request in flight: use a model with "
            "an event loop, or leave out --connections",
            model->name);
    size_t loops = model->threads(s);
    if (s->connections < loops)
        return err_set(
            err, EXIT_CODE_USAGE,
            "%s has %zu loops, which share no connections: use --connections %zu "
            "or more",
            model->name, loops, loops);
    return 0;
}

/* In libcurl 7.88 the second request on an HTTP/2 connection without TLS fails ("Error in
 * the HTTP2 framing layer"); 8.0.0 has the fix. */
static int check_http_2(const struct model *model, const struct settings *s,
                        struct err *err)
{
    const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
    bool is_plain = !strncasecmp(s->url, "http:", strlen("http:"));
    if (model->has_own_http)
        return err_set(err, EXIT_CODE_USAGE, "%s speaks HTTP/1.1 only: use --http 1.1",
                       model->name);
    if (!(curl->features & CURL_VERSION_HTTP2))
        return err_set(err, EXIT_CODE_USAGE, "libcurl %s has no HTTP/2: use --http 1.1",
                       curl->version);
    if (is_plain && curl->version_num < 0x080000)
        return err_set(
            err, EXIT_CODE_USAGE,
            "libcurl %s cannot keep HTTP/2 connections without TLS (8.0.0 can): "
            "use an https URL",
            curl->version);
    return 0;
}

int connections_check(const struct model *model, const struct settings *s,
                      struct err *err)
{
    int status = settings_is_http_2(s) ? check_http_2(model, s, err) : 0;
    if (status)
        return status;
    uint64_t wanted = s->concurrency * s->fan_out;
    if (s->connections > wanted)
        return err_set(
            err, EXIT_CODE_USAGE,
            "--connections %llu is more than the %llu requests in flight: lower "
            "it or raise -c",
            (unsigned long long)s->connections, (unsigned long long)wanted);
    return s->connections && s->connections < wanted ? refuse_sharing(model, s, err) : 0;
}

void connections_limit(const struct run *run, size_t index, CURLM *multi)
{
    const struct settings *s = &run->settings;
    if (settings_is_http_2(s) && !s->no_keepalive)
        (void)curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
    if (!s->connections || !run->model->shares_connections)
        return;
    size_t loops = run->model->threads(s);
    long share = (long)(s->connections / loops + (index < s->connections % loops));
    (void)curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, share);
    (void)curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, share);
}
