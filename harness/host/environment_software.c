/* environment_software.c: the versions of what is measured and what measures. The
 * harness links neither libcurl nor libevent, so it asks a runner and the origin
 * with --version. */
#include "harness/host/environment.h"

#include "common/paths.h"
#include "harness/host/environment_groups.h"
#include "harness/host/environment_parse.h"
#include "harness_git.h" /* made by the build */

#include <gnu/libc-version.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* What program --version prints, "" when it does not. */
static void ask(const char *program, char *out_text, size_t size)
{
    struct err ignored = {.code = EXIT_CODE_OK};
    char path[PATH_MAX];
    *out_text = '\0';
    if (paths_program(program, path, sizeof path, &ignored))
        return;
    const char *const argv[] = {path, "--version", NULL};
    if (facts_capture(argv, out_text, size))
        *out_text = '\0';
}

static void put_field(struct facts *facts, const char *fact, const char *text,
                      const char *key, const char *program)
{
    char value[512], reason[96];
    const bool is_known = environment_parse_field(text, key, value, sizeof value);
    (void)snprintf(reason, sizeof reason, "%s --version does not say", program);
    facts_put_text(facts, "libraries", fact, is_known ? value : NULL, reason);
}

static void put_gnuplot(struct facts *facts)
{
    char path[PATH_MAX], text[128] = "";
    const bool is_found = paths_find("gnuplot", path, sizeof path);
    const char *const argv[] = {path, "--version", NULL};
    if (is_found)
        (void)facts_capture(argv, text, sizeof text);
    text[strcspn(text, "\n")] = '\0';
    facts_put_text(facts, "libraries", "gnuplot", text,
                   is_found ? "gnuplot --version does not say" : "not installed");
}

static void put_libraries(struct facts *facts)
{
    char text[2048], libc[64];
    (void)snprintf(libc, sizeof libc, "glibc %s", gnu_get_libc_version());
    facts_put_text(facts, "libraries", "libc", libc, "");
    facts_put_text(facts, "libraries", "jansson", jansson_version_str(), "");
    ask("runner-null", text, sizeof text);
    put_field(facts, "libcurl", text, "libcurl", "runner-null");
    put_field(facts, "libcurl_tls", text, "tls", "runner-null");
    put_field(facts, "libcurl_features", text, "features", "runner-null");
    ask("concbench-origin", text, sizeof text);
    put_field(facts, "libevent", text, "libevent", "concbench-origin");
    put_field(facts, "libevent_method", text, "method", "concbench-origin");
    put_gnuplot(facts);
}

static void put_build(struct facts *facts)
{
    const bool is_known = *HARNESS_GIT_COMMIT != '\0';
    facts_put_text(facts, "build", "type", CONCBENCH_BUILD_TYPE, "none was chosen");
    facts_put_text(facts, "build", "compiler", HARNESS_COMPILER, "CMake does not say");
    facts_put_text(facts, "build", "flags", HARNESS_FLAGS, "none were given");
    facts_put_text(facts, "build", "sanitizers",
                   *HARNESS_SANITIZERS ? HARNESS_SANITIZERS : "none", "");
    facts_put_text(facts, "build", "suite_version", CONCBENCH_VERSION, "");
    facts_put_text(facts, "build", "git_commit", HARNESS_GIT_COMMIT,
                   "not built from a git work tree");
    facts_put_bool(facts, "build", "git_dirty", is_known, is_known && HARNESS_GIT_DIRTY,
                   "not built from a git work tree");
}

void environment_put_software(struct facts *facts)
{
    put_libraries(facts);
    put_build(facts);
}

json_t *environment_git_commit(void)
{
    return *HARNESS_GIT_COMMIT ? json_string(HARNESS_GIT_COMMIT) : json_null();
}

json_t *environment_git_dirty(void)
{
    return *HARNESS_GIT_COMMIT ? json_boolean(HARNESS_GIT_DIRTY) : json_null();
}
