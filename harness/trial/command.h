/* command: the command line of one trial, built from flags alone. */
#ifndef HARNESS_COMMAND_H
#define HARNESS_COMMAND_H

#include "common/err.h"
#include "harness/trial/trial.h"

#include <jansson.h>

#define COMMAND_WORDS_MAX (RUNNERS_WORDS_MAX + 32)

struct command {
    char *argv[COMMAND_WORDS_MAX + 1]; /* owned words; NULL after the last */
    size_t count;
    bool has_own_url; /* the last word is the address of an origin of ours */
    char *variable;   /* owned or NULL: NAME=VALUE, of the runner's environment */
};

/* The words that run request in context: the runner's path, the words that the scenario
 * gives it, our flags, and the URL. In the memory pass the origin's delay is
 * request->delay_ms for everybody, without jitter and tail, the time limit of a request
 * leaves room for it, and the loop is closed. EXIT_CODE_UNFIT when there is no such
 * runner. *out_command needs command_done. */
int command_build(const struct trial_context *context,
                  const struct trial_request *request, struct command *out_command,
                  struct err *err);

/* The warm requests that all its workers make together. */
uint64_t command_warm_requests(const struct trial_request *request);

/* The words as a new JSON array, to be stored, after the variable if there is one: URL
 * credentials are masked, and a path is relative to the working directory or a bare name
 * (redact_paths). */
json_t *command_json(const struct command *command);

void command_done(struct command *command); /* NULL-safe */

#endif
