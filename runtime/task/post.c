/* post.c: see post.h. */
#include "runtime/task/post.h"

#include "common/memory.h"

#include <pthread.h>
#include <stdlib.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *body;
static struct curl_slist *fields;

static char *make_body(uint64_t bytes)
{
    char *made = memory_malloc((size_t)bytes);
    for (uint64_t i = 0; made && i < bytes; i++)
        made[i] = (char)('a' + i % 26);
    return made;
}

const char *post_body(uint64_t bytes)
{
    (void)pthread_mutex_lock(&lock);
    if (!body)
        body = make_body(bytes);
    (void)pthread_mutex_unlock(&lock);
    return body;
}

/* Without the empty Expect, libcurl asks for permission to send 1 MiB or more. */
struct curl_slist *post_fields(void)
{
    (void)pthread_mutex_lock(&lock);
    if (!fields)
        fields = curl_slist_append(curl_slist_append(NULL, "Expect:"),
                                   "Content-Type: " POST_CONTENT_TYPE);
    (void)pthread_mutex_unlock(&lock);
    return fields;
}
