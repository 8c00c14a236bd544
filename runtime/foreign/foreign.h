/* foreign: the front of a runner in another language (main.c). All errors are one line. */
#ifndef RUNTIME_FOREIGN_H
#define RUNTIME_FOREIGN_H

#include "common/err.h"
#include "runtime/settings.h"

#include <jansson.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#define FOREIGN_WORDS_MAX     112
#define FOREIGN_FIRST_ADDRESS "127.0.0.1" /* the host that --addresses counts on from */

struct foreign {
    char name[80], folder[PATH_MAX];
    json_t *json; /* runner.json */
    struct settings settings;
    uint64_t started_ns;
    char *words[FOREIGN_WORDS_MAX + 1]; /* of the program, which is words[0]; then NULL */
    size_t word_count;
};

/* Checks that runner.json has what runners/external/README.md asks for, and nothing else.
 * EXIT_CODE_USAGE with "PATH: KEY: what is wrong". */
int foreign_check_runner(const json_t *runner, const char *path, struct err *err);

/* Where the host of an http or https URL begins, in url. *out_length is its length, with
 * the brackets of an IPv6 address; 0: it is no such URL. */
const char *foreign_find_host(const char *url, size_t *out_length);

/* Checks http://[USER@]HOST[:PORT][/...], or https, and the options that are about it; the
 * rest of the URL is for the language's library to judge. EXIT_CODE_USAGE with a text that
 * does not show the URL. */
int foreign_check_url(const struct settings *s, struct err *err);

/* Adds the words under key, "program" or "probe", of runner.json, as paths.
 * EXIT_CODE_UNFIT with what is not installed or not built. */
int foreign_add_words(struct foreign *f, const char *key, struct err *err);

/* Adds what the program is told, KEY=VALUE (runners/external/README.md). Its document
 * goes to result_fd. */
void foreign_add_settings(struct foreign *f, uint64_t result_fd);

#endif
