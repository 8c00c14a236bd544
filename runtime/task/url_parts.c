/* url_parts.c: see url_parts.h. The URL is parsed without flags, as in core/fetch.c. Its
 * parts are read with the flags that libcurl uses for a request: it encodes only the
 * path. */
#include "runtime/task/url_parts.h"

#include "common/memory.h"

#include <curl/curl.h>

/* Out of memory is not the same as a part that is not there. */
static CURLUcode get(CURLU *url, CURLUPart part, char **out_text, unsigned int flags)
{
    const CURLUcode code = curl_url_get(url, part, out_text, flags);
    if (code == CURLUE_OUT_OF_MEMORY)
        memory_exhausted();
    return code;
}

static bool has_part(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    const bool is_set = !get(url, part, &text, 0);
    curl_free(text);
    return is_set;
}

int url_parts_init(struct url_parts *parts, const char *url, struct err *err)
{
    *parts = (struct url_parts){0};
    CURLU *handle = curl_url();
    CURLUcode code =
        handle ? curl_url_set(handle, CURLUPART_URL, url, 0) : CURLUE_OUT_OF_MEMORY;
    if (code == CURLUE_OUT_OF_MEMORY)
        memory_exhausted();
    if (!code)
        code = get(handle, CURLUPART_SCHEME, &parts->scheme, 0);
    if (!code)
        code = get(handle, CURLUPART_HOST, &parts->host, 0);
    if (!code)
        code = get(handle, CURLUPART_PORT, &parts->port, CURLU_DEFAULT_PORT);
    if (!code)
        code = get(handle, CURLUPART_PATH, &parts->path, CURLU_URLENCODE);
    if (!code) { /* parts that a URL need not have */
        (void)get(handle, CURLUPART_QUERY, &parts->query, 0);
        (void)get(handle, CURLUPART_ZONEID, &parts->zone, 0);
        parts->has_user =
            has_part(handle, CURLUPART_USER) || has_part(handle, CURLUPART_PASSWORD);
    }
    curl_url_cleanup(handle);
    return code ? err_set(err, EXIT_CODE_USAGE, "libcurl does not accept the URL") : 0;
}

void url_parts_done(struct url_parts *parts)
{
    curl_free(parts->scheme);
    curl_free(parts->host);
    curl_free(parts->zone);
    curl_free(parts->port);
    curl_free(parts->path);
    curl_free(parts->query);
    *parts = (struct url_parts){0};
}
