/* coroutines: N requests, a coroutine for each.    lesson-coroutines URL N */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

static const char *url;
static CURLM *multi;
static ucontext_t loop, *self; /* self: the coroutine that runs now */

static size_t add(char *data, size_t size, size_t count, void *bytes)
{
    (void)data;
    *(size_t *)bytes += size * count;
    return size * count;
}

static void *fetch(void *bytes)
{
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, add);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, bytes);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, self);
    curl_multi_add_handle(multi, easy);
    swapcontext(self, &loop); /* the coroutine stops itself, and the loop runs others */
    curl_multi_remove_handle(multi, easy);
    curl_easy_cleanup(easy);
    return NULL;
}

int main(int argc, char **argv)
{
    url = argc > 1 ? argv[1] : "http://127.0.0.1:8080/";
    const int n = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 10;
    size_t *bytes = calloc((size_t)n, sizeof *bytes);
    ucontext_t *coroutines = calloc((size_t)n, sizeof *coroutines);
    multi = curl_multi_init();
    for (int i = 0; i < n; i++) {
        getcontext(&coroutines[i]);
        coroutines[i].uc_stack = (stack_t){.ss_sp = malloc(65536), .ss_size = 65536};
        coroutines[i].uc_link = &loop;
        makecontext(&coroutines[i], (void (*)(void))fetch, 1, &bytes[i]);
        self = &coroutines[i];
        swapcontext(&loop, self); /* it runs until it stops itself */
    }
    for (int running = n; running;) {
        curl_multi_poll(multi, NULL, 0, 1000, NULL); /* the only place that waits */
        curl_multi_perform(multi, &running);
        for (CURLMsg *done; (done = curl_multi_info_read(multi, &(int){0}));) {
            curl_easy_getinfo(done->easy_handle, CURLINFO_PRIVATE, &self);
            swapcontext(&loop, self); /* it goes on after its own switch */
        }
    }
    size_t total = 0;
    for (int i = 0; i < n; i++)
        total += bytes[i];
    printf("%d answers, %zu bytes\n", n, total);
    free(bytes);
}
