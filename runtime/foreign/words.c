/* words.c: the command line of a language's program; see foreign.h. */
#include "runtime/foreign/foreign.h"

#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"
#include "common/paths.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void add_word(struct foreign *f, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add_word(struct foreign *f, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    if (f->word_count < FOREIGN_WORDS_MAX &&
        vasprintf(&f->words[f->word_count++], format, list) < 0)
        memory_exhausted();
    va_end(list);
}

/* What the folder's build script makes lies in its folder built, or in the cache folder
 * where that cannot be written in. */
static int find_built(const struct foreign *f, const char *name, char *out_path,
                      struct err *err)
{
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    char description[PATH_MAX + 16];
    struct stat source, built;
    (void)snprintf(out_path, PATH_MAX, "%.4000s/built/%.60s", f->folder, name);
    if (!access(out_path, R_OK))
        return 0;
    (void)snprintf(out_path, PATH_MAX, "%.3000s%s/concbench/%.60s",
                   cache && *cache ? cache
                   : home          ? home
                                   : "",
                   cache && *cache ? "" : "/.cache", name);
    (void)snprintf(description, sizeof description, "%s/runner.json", f->folder);
    if (!stat(description, &source) && !stat(out_path, &built) &&
        built.st_mtime >= source.st_mtime)
        return 0;
    return err_set(err, EXIT_CODE_UNFIT, "%s is not built; run: %.300s/build", f->name,
                   f->folder);
}

/* The file that such a word stands for: "./runner" is something built, the first
 * word a program of PATH, another a file of the folder, if it is there. */
static int find_word(const struct foreign *f, const char *word, bool is_first,
                     char *out_path, struct err *err)
{
    if (!strncmp(word, "./", 2))
        return find_built(f, word + 2, out_path, err);
    if (is_first)
        return paths_find(word, out_path, PATH_MAX)
                   ? 0
                   : err_set(err, EXIT_CODE_UNFIT, "%.60s is not installed", word);
    (void)snprintf(out_path, PATH_MAX, "%.4000s/%.60s", f->folder, word);
    if (word[0] == '-' || access(out_path, F_OK))
        (void)snprintf(out_path, PATH_MAX, "%s", word);
    return 0;
}

int foreign_add_words(struct foreign *f, const char *key, struct err *err)
{
    char path[PATH_MAX];
    json_t *word = NULL;
    size_t i = 0;
    json_array_foreach (json_object_get(f->json, key), i, word) {
        const int status = find_word(f, json_string_value(word), i == 0, path, err);
        if (status)
            return status;
        add_word(f, "%s", path);
    }
    return 0;
}

/* The constant part of the document, open inside of its last object: the program goes on
 * with `,"ruby":"3.1"},"ok":...}`. */
static char *head_of(const struct foreign *f)
{
    const struct settings *s = &f->settings;
    json_auto_t *head = json_object(), *phases = json_object();
    json_t *knobs = json_object();
    static const char *const no_phases[] = {"dns", "connect", "tls", "first_byte"};
    for (size_t i = 0; i < COUNT_OF(no_phases); i++)
        json_put(phases, no_phases[i], json_null());
    json_put(head, "contract", json_uint(1));
    json_put(head, "model", json_text(f->name));
    json_put(head, "task", json_string(s->task));
    json_put(head, "requests", json_uint(s->requests));
    json_put(head, "concurrency", json_uint(s->concurrency));
    json_put(head, "phases_ns", json_incref(phases));
    if (s->rate_per_s) {
        json_put(head, "rate_per_s", json_uint(s->rate_per_s));
        json_put(head, "arrivals", json_string(s->arrivals));
    }
    if (!json_is_true(json_object_get(f->json, "has_libcurl")))
        json_put(knobs, "libcurl", json_string("none"));
    json_put(knobs, "keepalive", json_boolean(!s->no_keepalive));
    json_put(knobs, "max_connections", json_uint(s->concurrency));
    json_put(knobs, "timeout_ms", json_uint(s->timeout_ms));
    json_put(knobs, "addresses", json_uint(s->addresses));
    if (s->cpus)
        json_put(knobs, "cpus", json_uint(s->cpus));
    if (s->work_tests)
        json_put(knobs, "work_tests", json_uint(s->work_tests));
    if (!strcmp(s->task, "pipeline"))
        json_put(knobs, "queue_slots", json_uint(s->queue_slots));
    if (s->is_insecure)
        json_put(knobs, "tls_verify", json_string("off"));
    json_put(head, "knobs", knobs);
    char *text = json_dumps(head, JSON_COMPACT | JSON_PRESERVE_ORDER);
    if (!text)
        memory_exhausted();
    text[strlen(text) - 2] = '\0'; /* without "}}" */
    return text;
}

/* The URL of a worker: workers are dealt out over the addresses. */
static void add_urls(struct foreign *f)
{
    const struct settings *s = &f->settings;
    size_t length = 0;
    const char *host =
        s->url && s->addresses > 1 ? foreign_find_host(s->url, &length) : NULL;
    if (!host && s->url)
        add_word(f, "url=%s", s->url);
    for (unsigned i = 1; host && i <= s->addresses; i++)
        add_word(f, "url=%.*s127.0.0.%u%s", (int)(host - s->url), s->url, i,
                 host + length);
}

void foreign_add_settings(struct foreign *f, uint64_t result_fd)
{
    const struct settings *s = &f->settings;
    AUTO_FREE char *head = head_of(f);
    add_word(f, "task=%s", s->task);
    add_word(f, "requests=%" PRIu64, s->requests);
    add_word(f, "concurrency=%" PRIu64, s->concurrency);
    add_word(f, "warm=%" PRIu64, s->warm_requests);
    add_word(f, "timeout_ms=%" PRIu64, s->timeout_ms);
    add_word(f, "sleep_ms=%s", s->sleep_list);
    add_word(f, "work=%" PRIu64, s->work_tests);
    add_word(f, "work_us=%" PRIu64, s->work_us);
    add_word(f, "queue_slots=%" PRIu64, s->queue_slots);
    add_word(f, "keepalive=%d", !s->no_keepalive);
    add_word(f, "rate=%" PRIu64, s->rate_per_s);
    add_word(f, "poisson=%d", !strcmp(s->arrivals, "poisson"));
    add_word(f, "seed=%" PRIu64, s->seed);
    add_word(f, "trace=%d", s->trace);
    add_word(f, "resolve=%s", s->resolve ? s->resolve : "");
    add_word(f, "cacert=%s", s->ca_file ? s->ca_file : "");
    add_word(f, "insecure=%d", s->is_insecure);
    add_word(f, "result_fd=%" PRIu64, result_fd);
    add_word(f, "started_ns=%" PRIu64, f->started_ns);
    add_word(f, "head=%s", head);
    add_urls(f);
}
