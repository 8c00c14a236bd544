/* measure_flags.c: see measure_flags.h. */
#include "cli/measure_flags.h"

#include "common/certificates.h"
#include "harness/run/url.h"

#include <string.h>
#include <strings.h>
#include <sys/random.h>

struct measure_flags measure_flags_default(void)
{
    return (struct measure_flags){.out = paths_results_folder(),
                                  .progress = "auto",
                                  .color = "auto",
                                  .seed = UINT64_MAX};
}

/* The server is ours here, ours there, or the user's. */
static int check_server(const struct measure_flags *flags, bool is_resumed,
                        struct err *err)
{
    if (flags->origin && (flags->url || flags->cpus_origin))
        return err_set(err, EXIT_CODE_USAGE, "--origin and %s exclude each other",
                       flags->url ? "--url" : "--cpus-origin");
    if (flags->origin_token && !flags->origin && !is_resumed)
        return err_set(err, EXIT_CODE_USAGE, "--origin-token belongs to --origin");
    if (flags->resolve && !flags->url)
        return err_set(err, EXIT_CODE_USAGE, "--resolve belongs to --url");
    if (flags->url && url_check(flags->url, err))
        return -1;
    return flags->resolve ? url_check_resolve(flags->url, flags->resolve, err) : 0;
}

/* The options about certificates need an https URL. */
static int check_trust(const struct measure_flags *flags, struct err *err)
{
    if ((flags->ca_file || flags->is_insecure) &&
        (!flags->url || strncasecmp(flags->url, "https:", strlen("https:")) != 0))
        return err_set(err, EXIT_CODE_USAGE,
                       "%s needs an https URL, given with --url; our own origin is "
                       "trusted as it is",
                       flags->ca_file ? "--cacert" : "--insecure");
    return certificates_check("--cacert", flags->ca_file, err);
}

int measure_flags_check(const struct measure_flags *flags, bool is_resumed,
                        struct err *err)
{
    return check_server(flags, is_resumed, err) || check_trust(flags, err) ? -1 : 0;
}

void measure_flags_apply(const struct measure_flags *flags, struct run_options *options)
{
    options->overrides.models = flags->models;
    options->overrides.runners = flags->runners;
    options->overrides.sweeps = flags->sweeps;
    options->overrides.libcurls = flags->libcurls;
    options->seed = measure_seed(flags->seed);
    options->url = flags->url;
    options->resolve = flags->resolve;
    options->ca_file = flags->ca_file;
    options->is_insecure = flags->is_insecure;
    options->origin = flags->origin;
    options->origin_token = flags->origin_token;
    options->cpus =
        (struct placement_lists){flags->cpus_runner, flags->cpus_origin, flags->url};
    options->out = flags->out;
    options->makes_report = !flags->no_report;
    options->progress = progress_mode_of(flags->progress, stderr);
}

uint64_t measure_seed(uint64_t given)
{
    if (given != UINT64_MAX)
        return given;
    uint64_t drawn = 0;
    if (getrandom(&drawn, sizeof drawn, 0) != (ssize_t)sizeof drawn)
        drawn = 1;
    return drawn & MEASURE_SEED_MAX;
}
