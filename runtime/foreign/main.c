/* main.c: the front of every runner in another language. It keeps the half of
 * docs/runner-contract.md that is the same for all: the command line, its errors,
 * --describe, --help, --probe and the summary for a person. Then it becomes the
 * language's program (exec), so that nothing of it is measured but its start.
 *
 *     concbench-foreign FOLDER/runner.json -n 100 -c 10 --task sleep --sleep-ms 20
 *     -> ruby runner.rb task=sleep requests=100 concurrency=10 sleep_ms=20 ... head={...
 *
 * The program writes the result document to the descriptor that it is given, and prints
 * nothing; runners/external/README.md has the list of what it is told. */
#include "runtime/foreign/foreign.h"

#include "common/certificates.h"
#include "common/cleanup.h"
#include "common/clock.h"
#include "common/json.h"
#include "common/memory.h"
#include "common/options.h"
#include "common/options_json.h"
#include "common/process.h"
#include "common/resolve.h"
#include "runtime/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILE_BYTES_MAX     ((size_t)16 * 1024)
#define DOCUMENT_BYTES_MAX ((size_t)4 << 20)
#define RESULT_FD          3 /* of the document that comes back here */

/* Reads FOLDER/runner.json; the model has the name of its folder. */
static int read_runner(struct foreign *f, const char *path, struct err *err)
{
    char real[PATH_MAX];
    if (!path || !realpath(path, real))
        return err_set(err, EXIT_CODE_USAGE, "expected the path of a runner.json first");
    *strrchr(real, '/') = '\0';
    const char *slash = strrchr(real, '/'); /* none in the folder / itself */
    (void)snprintf(f->folder, sizeof f->folder, "%s", real);
    (void)snprintf(f->name, sizeof f->name, "%.79s", slash ? slash + 1 : "runner");
    const int status = json_load_path(path, FILE_BYTES_MAX, &f->json, err);
    return status ? status : foreign_check_runner(f->json, path, err);
}

static bool runs(const struct foreign *f, const char *task)
{
    json_auto_t *word = json_string(task);
    return json_array_has(json_object_get(f->json, "tasks"), word);
}

/* Whether "takes" of runner.json names an option that not every language can offer. */
static bool has_option(const struct foreign *f, const char *flag)
{
    json_auto_t *word = json_string(flag);
    return json_array_has(json_object_get(f->json, "takes"), word);
}

static bool is_single(const struct foreign *f)
{
    return json_is_true(json_object_get(f->json, "is_single"));
}

/* What means something to a program behind this front. */
static bool takes(const struct foreign *f, const char *flag)
{
    static const char *const all[] = {
        "requests", "concurrency", "warm-requests", "timeout-ms", "task",
        "cpus",     "rate",        "arrivals",      "seed",       "trace",
        "json",     "result-fd",   "describe",      "probe",      NULL};
    static const char *const http[] = {"no-keepalive", "addresses", "cacert", "insecure",
                                       NULL};
    static const char *const work[] = {"work", "work-us", NULL};
    static const struct {
        const char *const *flags;
        const char *task; /* NULL: any */
    } sets[] = {{all, NULL}, {http, "http"}, {work, "cpu"}};
    for (size_t s = 0; s < COUNT_OF(sets); s++) {
        for (size_t i = 0; sets[s].flags[i]; i++) {
            if (!strcmp(sets[s].flags[i], flag))
                return !sets[s].task || runs(f, sets[s].task);
        }
    }
    return (!strcmp(flag, "sleep-ms") && runs(f, "sleep")) ||
           (!strcmp(flag, "queue-slots") && runs(f, "pipeline")) || has_option(f, flag);
}

/* --describe: what runner.json says, with the flags. */
static void describe(const struct foreign *f)
{
    static const char *const kept[] = {"family", "about", "tasks", "units"};
    static const char *const needs[] = {"descriptors", "threads",  "mappings",
                                        "kib",         "kib_bare", "start_us"};
    json_auto_t *all = json_object();
    json_t *flags = json_array(), *own = json_object();
    const struct option_spec *spec = NULL;
    json_put(all, "contract", json_uint(2));
    json_put(all, "name", json_text(f->name));
    for (size_t i = 0; i < COUNT_OF(kept); i++)
        json_put(all, kept[i], json_incref(json_object_get(f->json, kept[i])));
    for (size_t i = 0; i < COUNT_OF(needs); i++) {
        json_t *need = json_object_get(json_object_get(f->json, "needs"), needs[i]);
        json_put(own, needs[i], need ? json_incref(need) : json_uint(0));
    }
    for (size_t i = 0; (spec = settings_spec(i)); i++) {
        json_t *flag =
            takes(f, spec->name) ? options_json(spec, settings_defaults()) : NULL;
        if (!flag)
            continue;
        json_put(flag, "is_knob", json_boolean(!strcmp(spec->name, "cpus")));
        json_push(flags, flag);
    }
    json_put(all, "needs", own);
    json_put(all, "is_single", json_boolean(is_single(f)));
    json_put(all, "uses_libcurl", json_false());
    json_put(all, "needs_probe", json_true());
    json_put(all, "flags", flags);
    json_show(all, stdout);
}

/* Refuses what this front cannot pass on rather than ignore it. */
static int check_refused(const struct foreign *f, struct err *err)
{
    const struct settings *s = &f->settings;
    struct resolve resolve;
    const struct {
        const char *flag;
        bool is_given;
    } refused[] = {{"--resolve", s->resolve && !has_option(f, "resolve")},
                   {"--http 2", settings_is_http_2(s)},
                   {"--connections", s->connections > 0},
                   {"--post-bytes", s->post_bytes > 0},
                   {"--tls-resume off", !strcmp(s->tls_resume, "off")},
                   {"--touch-stack", s->touch_stack_bytes > 0}};
    for (size_t i = 0; i < COUNT_OF(refused); i++) {
        if (refused[i].is_given)
            return err_set(err, EXIT_CODE_USAGE, "%s is not known to this runner",
                           refused[i].flag);
    }
    return s->resolve ? resolve_read(s->resolve, &resolve, err) : 0;
}

/* Numbers are counted down as fast as the queue takes them, and always computed on. */
static int check_pipeline(struct settings *s, struct err *err)
{
    if (strcmp(s->task, "pipeline") != 0)
        return 0;
    if (s->rate_per_s || s->warm_requests)
        return err_set(err, EXIT_CODE_USAGE,
                       "task pipeline has no open loop and opens no connections: leave "
                       "out --rate and --warm-requests");
    if (!s->work_tests && !s->work_us)
        s->work_tests = PIPELINE_TESTS;
    return 0;
}

static int check(struct foreign *f, struct err *err)
{
    const struct settings *s = &f->settings;
    const bool fetches = !strcmp(s->task, "http");
    json_t *need = json_object_get(json_object_get(f->json, "needs"), "descriptors");
    if (!runs(f, s->task) && !s->probe) /* it asks for any task */
        return err_set(err, EXIT_CODE_USAGE, "%s does not run task '%s'", f->name,
                       s->task);
    if ((s->work_tests || s->work_us) && !runs(f, "cpu"))
        return err_set(err, EXIT_CODE_USAGE, "%s does no work", f->name);
    if (is_single(f) && s->concurrency != 1)
        return err_set(err, EXIT_CODE_USAGE, "%s makes one request at a time: use -c 1",
                       f->name);
    if (fetches && !s->url && !s->probe)
        return err_set(err, EXIT_CODE_USAGE, "a URL is missing; see --help");
    int status = check_refused(f, err);
    if (!status)
        status = check_pipeline(&f->settings, err);
    if (!status && s->url)
        status = foreign_check_url(s, err);
    if (!status)
        status = limits_check_result_fd(s->result_fd, err);
    if (!status)
        status = certificates_check("--cacert", s->ca_file, err);
    if (!status)
        status = limits_use_cpus(s->cpus, err);
    if (!status && !s->probe)
        status =
            limits_check_fds(f->name, fetches ? (uint64_t)json_integer_value(need) : 0,
                             s->concurrency, err);
    return status;
}

static int become(struct foreign *f, struct err *err)
{
    process_before_exec();
    (void)execv(f->words[0], f->words);
    return err_set(err, EXIT_CODE_UNFIT, "cannot start %.200s: %s", f->words[0],
                   strerror(errno));
}

/* What a person reads who uses the runner alone, as a small ab. */
static void print_summary(const struct foreign *f, const json_t *document)
{
    const double seconds = json_number_of(document, "measured_ns") / 1e9;
    AUTO_FREE char *failed =
        json_dumps(json_object_get(document, "failed"), JSON_COMPACT);
    (void)printf("%s: %" PRIu64 " request%s, %" PRIu64 " at a time\n"
                 "  time       %.3f s\n"
                 "  requests/s %.1f\n"
                 "  failed     %s\n",
                 f->name, f->settings.requests, f->settings.requests == 1 ? "" : "s",
                 f->settings.concurrency, seconds,
                 json_number_of(document, "ok") / (seconds > 0 ? seconds : 1),
                 failed ? failed : "?");
}

static int show(const struct foreign *f, const char *text, size_t size, struct err *err)
{
    json_auto_t *document = NULL;
    if (json_load_text("result document", text, size, &document, err))
        return err->code;
    if (f->settings.result_fd &&
        dprintf((int)f->settings.result_fd, "%.*s", (int)size, text) < 0)
        return err_set(err, EXIT_CODE_UNFIT, "cannot write the result document: %s",
                       strerror(errno));
    if (f->settings.json)
        (void)printf("%.*s", (int)size, text);
    else
        print_summary(f, document);
    return 0;
}

/* Runs the program as a child whose document comes back here. It is not this that the
 * harness measures: that asks for a --result-fd and no --json. */
static int run_child(struct foreign *f, struct err *err)
{
    int ends[2], status = 0;
    AUTO_FREE char *text = memory_calloc(1, DOCUMENT_BYTES_MAX + 1);
    size_t size = 0;
    ssize_t got = 0;
    if (pipe2(ends, O_CLOEXEC)) /* RESULT_FD alone is left to the program */
        return err_set(err, EXIT_CODE_UNFIT, "no pipe: %s", strerror(errno));
    const pid_t parent = getpid(), child = fork();
    if (child < 0)
        return err_set(err, EXIT_CODE_UNFIT, "cannot fork: %s", strerror(errno));
    if (child == 0) {
        process_die_with(parent, SIGKILL);
        if (dup2(ends[1], RESULT_FD) < 0 || become(f, err))
            _exit(err_report(err, f->name));
    }
    (void)close(ends[1]);
    while ((got = read(ends[0], text + size, DOCUMENT_BYTES_MAX - size)) > 0)
        size += (size_t)got;
    (void)close(ends[0]);
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status))
        return err_set(err, EXIT_CODE_INTERNAL, "the program was ended by signal %d",
                       WTERMSIG(status));
    if (WEXITSTATUS(status)) /* it has said why */
        _exit(WEXITSTATUS(status));
    return show(f, text, size, err);
}

/* The program is there; "probe" of runner.json finds out whether its libraries are. */
static int probe(struct foreign *f, struct err *err)
{
    if (!json_object_get(f->json, "probe"))
        return 0;
    f->word_count = 0;
    memset((void *)f->words, 0, sizeof f->words);
    const int status = foreign_add_words(f, "probe", err);
    return status ? status : become(f, err);
}

static int run(struct foreign *f, struct err *err)
{
    const struct settings *s = &f->settings;
    const bool comes_back = s->json || !s->result_fd;
    int status = check(f, err);
    if (!status)
        status = foreign_add_words(f, "program", err);
    if (status || s->probe)
        return status ? status : probe(f, err);
    foreign_add_settings(f, comes_back ? RESULT_FD : s->result_fd);
    return comes_back ? run_child(f, err) : become(f, err);
}

int main(int argc, char **argv)
{
    struct foreign f = {.started_ns = clock_ns()};
    struct err err = {0};
    int help = 0;
    json_end_without_memory();
    if (process_begin(&err) || read_runner(&f, argc > 1 ? argv[1] : NULL, &err) ||
        settings_parse(argc - 1, argv + 1, &f.settings, &help, &err))
        return err_report(&err, f.name[0] ? f.name : "concbench-foreign");
    if (help)
        settings_print_help(f.name, json_text_of(f.json, "about"));
    else if (f.settings.version)
        (void)printf("%s %s\n", f.name, CONCBENCH_VERSION);
    else if (f.settings.describe)
        describe(&f);
    else if (run(&f, &err))
        return err_report(&err, f.name);
    return process_end(EXIT_CODE_OK, &err, f.name);
}
