/* processes: N requests, a process for each.    lesson-processes URL N */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *url;

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
    curl_easy_perform(easy); /* the kernel stops this process and runs others */
    curl_easy_cleanup(easy);
    return NULL;
}

int main(int argc, char **argv)
{
    url = argc > 1 ? argv[1] : "http://127.0.0.1:8080/";
    const int n = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 10;
    size_t *bytes = mmap(NULL, (size_t)n * sizeof *bytes, PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0); /* all of them see it */
    for (int i = 0; i < n; i++)
        if (fork() == 0) {
            fetch(&bytes[i]);
            _exit(0); /* the child ends here; only the parent goes on with the loop */
        }
    for (int i = 0; i < n; i++)
        wait(NULL);
    size_t total = 0;
    for (int i = 0; i < n; i++)
        total += bytes[i];
    printf("%d answers, %zu bytes\n", n, total);
}
