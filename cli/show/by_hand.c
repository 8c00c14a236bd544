/* by_hand.c: see by_hand.h. */
#include "cli/show/by_hand.h"

#include "common/clean.h"
#include "common/cleanup.h"
#include "common/memory.h"
#include "common/paths.h"

#include <limits.h>
#include <string.h>

#define SERVER "http://127.0.0.1:"
#define PORT   "8080"
#define PLAIN  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-"

static void put_word(FILE *out, const char *text)
{
    AUTO_FREE char *word = clean_dup(text); /* no line ends within a word */
    if (!word)
        memory_exhausted();
    if (*word && !word[strspn(word, PLAIN)]) {
        (void)fputs(word, out);
        return;
    }
    (void)fputc('\'', out);
    for (const char *at = word; *at; at++)
        (void)(*at == '\'' ? fputs("'\\''", out) : fputc(*at, out));
    (void)fputc('\'', out);
}

/* Results keep the name of a program, and no folder of the machine's. One of ours is called
 * by its path, since its folder is not in PATH. The answer is new. */
static char *program_of(const char *word)
{
    char path[PATH_MAX];
    bool is_ours =
        !strchr(word, '/') && paths_program(word, path, sizeof path, NULL) == 0;
    return memory_strdup(is_ours ? path : word);
}

/* The server's program is in the folder of the runner's. */
static void put_server(FILE *out, const char *runner)
{
    const char *slash = strrchr(runner, '/');
    AUTO_FREE char *folder =
        memory_strndup(runner, slash ? (size_t)(slash + 1 - runner) : 0);
    AUTO_FREE char *program = NULL;
    if (asprintf(&program, "%sconcbench-origin", folder) < 0)
        memory_exhausted();
    put_word(out, program);
    (void)fputs(" --port " PORT " &\n", out);
}

/* Whether the word is a request to our server; *out_path is what comes after its port. */
static bool is_request(const char *word, const char **out_path)
{
    if (strncmp(word, SERVER, strlen(SERVER)) != 0)
        return false;
    const char *port = word + strlen(SERVER);
    *out_path = port + strspn(port, "0123456789");
    return **out_path == '/';
}

char *by_hand(const json_t *words, bool has_own_server)
{
    AUTO_FREE char *command = NULL;
    char *line = NULL;
    const char *path = NULL;
    size_t size = 0, ignored = 0;
    const char *first = json_string_value(json_array_get(words, 0));
    if (!first)
        return NULL;
    AUTO_FREE char *program = program_of(first);
    FILE *lines = memory_stream(&line, &size), *out = memory_stream(&command, &ignored);
    put_word(out, program);
    for (size_t i = 1; i < json_array_size(words); i++) {
        const char *word = json_string_value(json_array_get(words, i));
        AUTO_FREE char *ours = NULL;
        if (!word || !strcmp(word, "--trace"))
            continue;
        if (!strcmp(word, "--result-fd")) {
            i++;
            continue;
        }
        if (has_own_server && is_request(word, &path) &&
            asprintf(&ours, SERVER PORT "%s", path) < 0)
            memory_exhausted();
        (void)fputc(' ', out);
        put_word(out, ours ? ours : word);
    }
    memory_stream_close(out, &command);
    if (path)
        put_server(lines, program);
    (void)fputs(command, lines);
    memory_stream_close(lines, &line);
    return line;
}
