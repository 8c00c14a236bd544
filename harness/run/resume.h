/* resume: goes on with a run that was cut short.
 *
 * The plan comes from the journal's header and is made as it was made then: same seed,
 * same order. What is done is found in the journal; a block that is not complete is
 * measured again as a whole (docs/adr). Nothing is resumed with other programs, on
 * another machine, or with another plan. */
#ifndef HARNESS_RESUME_H
#define HARNESS_RESUME_H

#include "harness/run/passes.h"
#include "harness/run/run.h"

struct resume {
    json_t *lines;           /* owned: of the journal */
    const json_t *header;    /* borrowed: the first of them */
    uint64_t first_block;    /* the first that is not complete */
    uint64_t timed_done;     /* cells of the blocks that are */
    uint64_t repeated;       /* their valid trials that were repeated */
    uint64_t invalid;        /* those without a valid attempt */
    uint64_t *memory_done;   /* owned: memory passes, by cell of the plan */
    bool *has_syscalls;      /* the same: that pass was made */
    double spent_s, timed_s; /* by the whole run until then; by complete blocks */
    bool is_complete;        /* nothing is left to measure */
};

/* The run's part of the header that a resumed run is checked by: new. */
json_t *resume_facts(const struct run *run);

/* run_plan for options->resume. The rest of options is what may be given again: url and
 * overrides.runners, which the header has in masked form only. EXIT_CODE_USAGE names what
 * differs. out_run must be given to run_done. */
int resume_plan(const struct run_options *options, struct run *out_run, struct err *err);

/* run_plan for options->rerun: the run of that results.json from its beginning, on this
 * machine; on the same CPUs where this machine has the same. The rest of options is as
 * above. EXIT_CODE_USAGE, also when this suite plans other cells. */
int rerun_plan(const struct run_options *options, struct run *out_run, struct err *err);

/* Finds out which part of the plan lines holds. */
void resume_find_done(struct resume *resume, const struct plan *plan);

/* Each compares what was with what is: the facts of the environment, the programs, the
 * plan's cells. EXIT_CODE_USAGE, naming the first difference and what to do. */
int resume_check_machine(const json_t *then, const json_t *now, struct err *err);
int resume_check_programs(const json_t *then, const json_t *now, struct err *err);
int resume_check_plan(const struct plan *plan, const json_t *then, struct err *err);

/* Compares the plan with the cells of a results.json; a cell that cannot run here is no
 * difference, as the plan says so. EXIT_CODE_USAGE. */
int rerun_check_plan(const struct plan *plan, const json_t *cells, struct err *err);

/* The address of the run whose header has these facts; given is that of the command line
 * or NULL. *out_url is borrowed from either. EXIT_CODE_USAGE. */
int resume_choose_url(const json_t *facts, const char *given, const char **out_url,
                      struct err *err);

/* Checks that --cacert and --insecure are given again as they were. EXIT_CODE_USAGE. */
int resume_check_trust(const json_t *facts, const struct run_options *options,
                       struct err *err);

/* Sets what is done already. */
void resume_passes(const struct resume *resume, struct passes *passes);

/* Appends the line "resumed". */
int resume_append(const struct resume *resume, struct journal *journal, struct err *err);

void resume_free(struct resume *resume); /* NULL-safe */

#endif
