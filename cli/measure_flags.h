/* measure_flags: the flags that `run` and `tune` share: what is measured, against which
 * server, on which CPUs, and how that is told.
 *
 * Each macro is some rows of a verb's option table. The verb's struct flags has a member
 * `shared`, and its macro AT is the offset of a member. */
#ifndef CLI_MEASURE_FLAGS_H
#define CLI_MEASURE_FLAGS_H

#include "common/options.h"
#include "common/paths.h"
#include "harness/run/run.h"

#include <stdbool.h>
#include <stdint.h>

#define MEASURE_SEED_MAX ((UINT64_C(1) << 53) - 1)

struct measure_flags {
    const char *models, *url, *resolve, *origin, *origin_token, *ca_file;
    const char *cpus_runner, *cpus_origin, *out, *progress, *color;
    struct option_list runners, sweeps, libcurls;
    uint64_t seed;
    bool is_insecure, dry_run, json, no_report;
};

/* The formatter would take the rows for blocks. */
/* clang-format off */
#define MEASURE_MODELS_SPECS \
    {"models", 'm', "LIST", OPTION_STRING, AT(shared.models), 0, 0, NULL, \
     "these models instead of the scenario's, as a,b"}, \
    {"runner", 0, "NAME=CMD", OPTION_LIST, AT(shared.runners), 0, 0, NULL, \
     "also this command as a model; may be given again (docs/scenarios.md)"}, \
    {"sweep", 0, "KNOB=LIST", OPTION_LIST, AT(shared.sweeps), 0, 0, NULL, \
     "each model once per value, as switch=fcontext,ucontext; may be given again"}, \
    {"libcurl", 0, "DIR", OPTION_LIST, AT(shared.libcurls), 0, 0, NULL, \
     "each model that uses libcurl once more with the libcurl.so.4 in DIR; again for each"}

#define MEASURE_SERVER_SPECS \
    {"url", 'u', "URL", OPTION_STRING, AT(shared.url), 0, 0, NULL, \
     "measure against this server instead of our origin"}, \
    {"resolve", 0, "HOST:PORT:ADDRESS", OPTION_STRING, AT(shared.resolve), 0, 0, NULL, \
     "with --url: its address, as with curl (default: looked up once, for all models)"}, \
    {"origin", 0, "URL", OPTION_STRING, AT(shared.origin), 0, 0, NULL, \
     "our origin runs on another host, at http://HOST:PORT (docs/origin.md)"}, \
    {"origin-token", 0, "FILE", OPTION_STRING, AT(shared.origin_token), 0, 0, NULL, \
     "its token is in FILE (default: in " ORIGIN_REMOTE_TOKEN ")"}, \
    {"cacert", 0, "FILE", OPTION_STRING, AT(shared.ca_file), 0, 0, NULL, \
     "with an https URL: certificates to trust instead of the system's"}, \
    {"insecure", 0, NULL, OPTION_FLAG, AT(shared.is_insecure), 0, 0, NULL, \
     "with an https URL: do not verify the server's certificate"}, \
    {"cpus-runner", 0, "LIST", OPTION_STRING, AT(shared.cpus_runner), 0, 0, NULL, \
     "CPUs of the runners, as 2-3,6 (default: half of what `concbench doctor` shows)"}, \
    {"cpus-origin", 0, "LIST", OPTION_STRING, AT(shared.cpus_origin), 0, 0, NULL, \
     "CPUs of origin and harness; with one list alone the other side has the rest"}

#define MEASURE_OUT_SPECS \
    {"seed", 's', "N", OPTION_UINT, AT(shared.seed), 0, MEASURE_SEED_MAX, NULL, \
     "seed of the order (default: random, stored)"}, \
    {"out", 'o', "DIR", OPTION_STRING, AT(shared.out), 0, 0, NULL, \
     "where the run's directory is made " PATHS_RESULTS_HELP}

#define MEASURE_TELL_SPECS \
    {"dry-run", 0, NULL, OPTION_FLAG, AT(shared.dry_run), 0, 0, NULL, \
     "print the plan and how long it takes"}, \
    {"json", 0, NULL, OPTION_FLAG, AT(shared.json), 0, 0, NULL, "print JSON on stdout"}, \
    {"progress", 0, "WHEN", OPTION_CHOICE, AT(shared.progress), 0, 0, "auto|plain|none", \
     "how to show progress on stderr (default auto)"}, \
    {"no-report", 0, NULL, OPTION_FLAG, AT(shared.no_report), 0, 0, NULL, "make no report"}, \
    {"color", 0, "WHEN", OPTION_CHOICE, AT(shared.color), 0, 0, "auto|always|never", \
     "colour what is printed (default auto)"}
/* clang-format on */

/* The values of flags that are not given. */
struct measure_flags measure_flags_default(void);

/* Whether the flags about the server and its certificates go together. EXIT_CODE_USAGE
 * names the one that does not. A run that is resumed has its server from then. */
int measure_flags_check(const struct measure_flags *flags, bool is_resumed,
                        struct err *err);

/* Puts them into *options, a seed drawn where none is given. The strings are borrowed. */
void measure_flags_apply(const struct measure_flags *flags, struct run_options *options);

/* The seed, or one drawn at random for UINT64_MAX, which stands for none. */
uint64_t measure_seed(uint64_t given);

#endif
