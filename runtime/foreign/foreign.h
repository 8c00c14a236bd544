/* foreign: the front of a runner in another language (main.c). */
#ifndef RUNTIME_FOREIGN_H
#define RUNTIME_FOREIGN_H

#include "common/err.h"
#include "runtime/settings.h"

#include <jansson.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#define FOREIGN_WORDS_MAX 96

struct foreign {
    char name[80], folder[PATH_MAX];
    json_t *json; /* runner.json */
    struct settings settings;
    uint64_t started_ns;
    char *words[FOREIGN_WORDS_MAX + 1]; /* of the program, which is words[0] */
    size_t word_count;
};

/* Adds the words of "program" of runner.json, as paths. EXIT_CODE_UNFIT with what is not
 * installed or not built. */
int foreign_add_program(struct foreign *f, struct err *err);

/* Adds what the program is told, KEY=VALUE (runners/external/README.md). Its document
 * goes to result_fd. */
void foreign_add_settings(struct foreign *f, uint64_t result_fd);

#endif
