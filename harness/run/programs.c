/* programs.c: see programs.h. */
#include "harness/run/programs.h"

#include "common/cleanup.h"
#include "common/file.h"
#include "common/json.h"
#include "common/memory.h"
#include "common/paths.h"
#include "harness/host/spawn.h"
#include "harness/plan/libcurls.h"

#include <errno.h>
#include <limits.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define FILE_MAX ((size_t)512 << 20)
#define HEX_SIZE (2 * SHA256_DIGEST_LENGTH + 1)

static void to_hex(const unsigned char *digest, char *out_hex)
{
    for (size_t i = 0; i < SHA256_DIGEST_LENGTH; i++)
        (void)snprintf(out_hex + 2 * i, 3, "%02x", digest[i]);
}

static bool hash_file(const char *path, char *out_hex)
{
    AUTO_FREE char *bytes = NULL;
    size_t size = 0;
    unsigned char digest[SHA256_DIGEST_LENGTH];
    if (file_read(path, FILE_MAX, &bytes, &size, NULL))
        return false;
    SHA256((const unsigned char *)bytes, size, digest);
    to_hex(digest, out_hex);
    return true;
}

static void put_file(json_t *programs, const char *name, const char *path)
{
    char hex[HEX_SIZE];
    if (json_object_get(programs, name))
        return;
    json_put(programs, name,
             path && hash_file(path, hex) ? json_string(hex) : json_null());
}

/* The dynamic linker's list for a program, which is not run: lines such as "libm.so.6 =>
 * /lib/x86_64-linux-gnu/libm.so.6 (0x...)". New, or NULL. */
static char *ask_linker(const char *path)
{
    const char *const argv[] = {path, NULL};
    const char *library = getenv("LD_LIBRARY_PATH"); // NOLINT(concurrency-mt-unsafe)
    char variable[PATH_MAX];
    (void)snprintf(variable, sizeof variable, "LD_LIBRARY_PATH=%s",
                   library ? library : "");
    const char *const environment[] = {"LD_TRACE_LOADED_OBJECTS=1", variable, NULL};
    int read_end = -1, write_end = -1;
    pid_t pid = -1;
    if (spawn_pipe(&read_end, &write_end))
        return NULL;
    const struct spawn_fd out = {.ours = write_end, .theirs = STDOUT_FILENO};
    int status = spawn_program(path, argv, environment, &out, 1, &pid);
    (void)close(write_end);
    char *text = status ? NULL : calloc(1, 1 << 16);
    size_t size = 0;
    ssize_t got = 0;
    while (text && size + 1 < 1 << 16 &&
           ((got = read(read_end, text + size, (1 << 16) - 1 - size)) > 0 ||
            (got < 0 && errno == EINTR)))
        size += got > 0 ? (size_t)got : 0;
    (void)close(read_end);
    while (!status && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    return text;
}

static void put_libraries(json_t *programs, const char *program)
{
    AUTO_FREE char *text = ask_linker(program);
    for (char *line = text; line && *line;) {
        char *end = strchrnul(line, '\n');
        const bool is_last = !*end;
        *end = '\0';
        char *path = strchr(line, '/');
        char *stop = path ? strstr(path, " (0x") : NULL;
        if (stop) {
            *stop = '\0';
            put_file(programs, strrchr(path, '/') + 1, path);
        }
        line = is_last ? end : end + 1;
    }
}

static void put_program(json_t *programs, const char *name)
{
    char path[PATH_MAX];
    const bool is_there = !paths_program(name, path, sizeof path, NULL);
    if (json_object_get(programs, name))
        return;
    put_file(programs, name, is_there ? path : NULL);
    if (is_there && strcmp(name, "concbench-launch") != 0) /* which is static */
        put_libraries(programs, path);
}

/* One word of a model's command: the file that it names, or itself. */
static void add_word(FILE *out, const char *word)
{
    char hex[HEX_SIZE];
    (void)fprintf(out, "%s\n", hash_file(word, hex) ? hex : word);
}

static void put_command(json_t *programs, const struct runner *runner)
{
    AUTO_FREE char *text = NULL;
    size_t size = 0;
    char name[96], hex[HEX_SIZE], library[PATH_MAX];
    unsigned char digest[SHA256_DIGEST_LENGTH];
    FILE *out = memory_stream(&text, &size);
    if (runner->program)
        add_word(out, runner->program);
    for (char **word = runner->words; word && *word; word++)
        add_word(out, *word);
    if (runner->libcurl) {
        (void)snprintf(library, sizeof library, "%.4000s/%s", runner->libcurl,
                       LIBCURLS_FILE);
        add_word(out, library);
    }
    memory_stream_close(out, &text);
    SHA256((const unsigned char *)text, size, digest);
    to_hex(digest, hex);
    (void)snprintf(name, sizeof name, "model %.64s", runner->name);
    json_put(programs, name, json_string(hex));
}

json_t *programs_json(const struct plan *plan)
{
    json_t *programs = json_object();
    put_program(programs, "concbench-launch");
    put_program(programs, "concbench-origin");
    for (size_t c = 0; c < plan->cell_count; c++) {
        const struct plan_cell *cell = &plan->cells[c];
        const struct runner *runner = runners_find(cell->scenario, cell->model);
        char name[96];
        if (cell->skip_reason[0])
            continue;
        (void)snprintf(name, sizeof name, "runner-%.64s",
                       runners_document_model(cell->scenario, cell->model)
                           ? runners_document_model(cell->scenario, cell->model)
                           : "");
        if (!runner || !runner->program)
            put_program(programs, name);
        if (runner && (runner->program || runner->words || runner->libcurl))
            put_command(programs, runner);
    }
    return programs;
}
