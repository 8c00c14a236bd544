/* run: the pipeline of `concbench run`.
 *
 *   scenarios -> plan -> check the environment -> lock -> origin
 *     -> warm block -> timed blocks -> memory pass -> footer
 *     -> results.json from the journal read back -> latest -> report
 *
 * Recipe: fill a run_options, call run_plan, run_check, run_measure, then run_done. */
#ifndef HARNESS_RUN_H
#define HARNESS_RUN_H

#include "harness/host/placement.h"
#include "harness/plan/overrides.h"
#include "harness/plan/plan.h"
#include "harness/run/progress.h"
#include "harness/run/results.h"
#include "harness/run/url.h"
#include "harness/servers/origin_remote.h"

#include <jansson.h>

/* Which models also get an A/A arm: a second label, to be compared with themselves. */
enum run_controls { RUN_CONTROLS_NONE, RUN_CONTROLS_BASELINE, RUN_CONTROLS_ALL };

struct run_options {
    const char *const *scenarios; /* names or paths */
    size_t scenario_count;
    struct overrides overrides;
    const char *preset; /* as stored */
    uint64_t blocks;
    bool blocks_given; /* and not the preset's */
    enum run_controls controls;
    bool
        is_until_settled; /* it stops as soon as every comparison has its word (settle.h) */
    double budget_s;      /* 0: none; else at most `blocks` blocks, as many as fit */
    double margin; /* smaller relative differences count as none; 0: 1 %, or the floor */
    const json_t *given; /* borrowed: a scenario instead of `scenarios`, or NULL */
    uint64_t seed;       /* below 2^53, so that every JSON reader keeps it */
    const char *url;     /* the user's server, or NULL */
    const char *resolve; /* HOST:PORT:ADDRESS for it; NULL: it is looked up, once */
    const char *ca_file; /* to trust for it; NULL: the system's */
    bool is_insecure;    /* its certificate is not verified */
    struct placement_lists cpus; /* instead of those by the rules */
    const char *origin;          /* http://HOST:PORT of ours on another host, or NULL */
    const char *origin_token;    /* the file with its token; NULL: the variable */
    const char *out;             /* the directory that gets the run's */
    const char *resume;    /* borrowed or NULL: the run that is gone on with, resume.h */
    const json_t *rerun;   /* borrowed or NULL: the results.json to measure anew */
    const json_t *command; /* borrowed: the words of our command line, masked */
    const json_t *tune;    /* borrowed or NULL: the search that this run confirms */
    bool makes_report;
    bool syscalls; /* a pass under strace at the end */
    enum progress_mode progress;
};

struct resume;

struct run {
    struct run_options options;  /* strings borrowed */
    struct scenario **scenarios; /* owned */
    struct plan *plan;           /* owned */
    struct placement placement;
    struct addrinfo *addresses;     /* owned: of options.url, once they are known */
    char resolve[URL_RESOLVE_SIZE]; /* for all runners; "": the URL has an address */
    struct origin_remote remote;    /* with options.origin */
    json_t *environment;            /* owned: its facts when the plan was made */
    json_t *margin;                 /* owned: run.delta of the results */
    double rate_margin;             /* of requests/s */
    double rate_sd;                 /* of their log ratios here; NaN when unknown */
    struct results_paths paths;     /* set by run_measure, or when a run is resumed */
    struct resume *resume;          /* owned or NULL: what is done of it */
    char resumed_out[PATH_MAX];     /* then options.out */
    json_t *results;                /* owned: results.json, or NULL */
    bool is_reported;               /* the report was made */
    uint64_t tests_per_us;          /* of work, common/work.h; 0: no scenario computes */
    uint64_t trials_invalid;        /* blocks of cells without a valid attempt */
    int interrupted_by;             /* the signal that stopped it, or 0 */
};

/* Loads, changes and checks the scenarios and makes the plan. out_run must be given to
 * run_done, also after an error. */
int run_plan(const struct run_options *options, struct run *out_run, struct err *err);

/* Finds out what stands in the way of the run before it starts: no cell that can run, no
 * gnuplot, a server that is not there, a directory that cannot be written. */
int run_check(struct run *run, struct err *err);

/* Measures, writes the results and has the report made. After an error the journal has
 * what was measured. An interrupted run is no error: see interrupted_by. */
int run_measure(struct run *run, struct err *err);

/* Takes a cell of the plan and the trial that was made of it, borrowed; NULL: it cannot
 * run here. */
typedef void run_once_fn(void *arg, const struct plan_cell *cell, const json_t *trial);

/* Instead of run_measure: makes one traced trial of each cell in the order of the plan,
 * and stores nothing. Ends early where interrupted_by is set. */
int run_once(struct run *run, run_once_fn *each, void *arg, struct err *err);

void run_done(struct run *run);

#endif
