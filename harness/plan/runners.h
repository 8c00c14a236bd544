/* runners: what runs the models of a scenario. Each model is one of concbench's runners,
 * such a runner with other flags, or another command (docs/scenarios.md).
 *
 *   scenario_from_json    runners_declare, sweep_expand, runners_read
 *   overrides_load        runners_resolve: finds the programs, runs the probes
 *   plan_make             leaves out what runners_resolve found missing
 *   command_build         program and words */
#ifndef HARNESS_RUNNERS_H
#define HARNESS_RUNNERS_H

#include "common/err.h"
#include "harness/plan/models.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define RUNNERS_WORDS_MAX 40 /* of a command, of flags, of a probe */

#define RUNNERS_REASON_SIZE 200

struct scenario;

struct runner {
    const char *name;          /* borrowed: what plan and results call the model */
    const struct model *model; /* static: whose row holds; cautious for a command */
    char *program;             /* owned; a command's. NULL: bin/runner-<model> */
    char **words;              /* owned, NULL-terminated: what follows the program */
    char *libcurl;             /* owned or NULL: the directory of the libcurl to load */
    char **probe;              /* owned or NULL: succeeds where the runner can run */
    /* empty: it runs, as far as runners_resolve can tell */
    char skip_reason[RUNNERS_REASON_SIZE];
};

/* Checks "runners" of a scenario's json and appends to its "models" (an array of names)
 * those that it does not name. EXIT_CODE_USAGE with the path inside the scenario. */
int runners_declare(json_t *json, struct err *err);

/* Fills s->runners, one for each of s->models, from its json; then cuts the paths in the
 * json's commands to what may be stored. */
void runners_read(struct scenario *s);

/* The runner of the model `name`, or NULL in a scenario without any (in tests). */
const struct runner *runners_find(const struct scenario *s, const char *name);

/* Cuts the words of a list (NULL: none) to what may be stored. */
void runners_mask_words(json_t *list);

/* The table row that applies to the model `name` of s; never NULL. */
const struct model *runners_model(const struct scenario *s, const char *name);

/* Whether a worker of the model `name` of s makes the parts of a request in turn: it has
 * one thing in flight at a time, or awaits one by one. */
bool runners_makes_in_turn(const struct scenario *s, const char *name);

/* The value that "model" must have in its documents; NULL: any. */
const char *runners_document_model(const struct scenario *s, const char *name);

/* Checks that every model of s is in the table or in "runners", or has a
 * bin/runner-<name>. Starts nothing. EXIT_CODE_USAGE, with the nearest known name. */
int runners_check(const struct scenario *s, struct err *err);

/* Asks the commands in "runners" of a scenario's json what they are, if their probes
 * succeed, so that they can be swept (models_of_command); directory is the scenario's.
 * What is wrong in it is for runners_declare to say. EXIT_CODE_UNFIT as models_ask. */
int runners_ask(const json_t *json, const char *directory, struct err *err);

/* Reads one valid entry of "runners" into *runner, whose name stays, and cuts the paths
 * in the entry's words to what may be stored. */
void runners_read_entry(json_t *entry, struct runner *runner);

void runners_free_one(struct runner *runner); /* what *runner owns */

/* Finds every program and runs the probes; what is missing becomes a skip_reason. The
 * words of commands are located first (runners_locate); directory is the scenario's.
 * EXIT_CODE_USAGE for a name that is no model and no runner at all. */
int runners_resolve(struct scenario *s, const char *directory, struct err *err);

/* After runners_resolve: asks the commands that can run what they are, which holds as what
 * one of ours says (its needs, its tasks), and notes the families in s->json.
 * EXIT_CODE_UNFIT as models_ask. */
int runners_describe(struct scenario *s, struct err *err);

/* Replaces *word (owned) by the path of the file that it names below directory, or else
 * below share/concbench. Only a relative word with a slash names a file; one that names
 * none stays. */
void runners_locate(char **word, const char *directory);

/* Replaces *program (owned), if it has no slash, by its path. When there is no such
 * program, or it is not executable, false and out_reason (RUNNERS_REASON_SIZE). */
bool runners_find_program(char **program, char *out_reason);

/* "LD_LIBRARY_PATH=DIRECTORY", before what the variable has already; without a directory
 * ("" or NULL) only that. New; out of memory ends the program. */
char *runners_library_path(const char *directory);

/* Why a model of the table cannot run here, into out_reason (RUNNERS_REASON_SIZE), which
 * stays as it is when it can. */
void runners_probe(const struct model *model, char *out_reason);

/* The same for a valid entry of "runners" with a command, whose paths are cut to what may
 * be stored; its files are looked for here and in the suite. */
void runners_probe_entry(json_t *entry, char *out_reason);

void runners_free(struct scenario *s); /* NULL-safe members */

#endif
