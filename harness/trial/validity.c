/* validity.c: a table of checks; see validity.h.
 *
 * A check returns true when it finds its fault and then writes the text. The later ones
 * may rely on the earlier ones: from "counts" on there is a document. */
#include "harness/trial/validity.h"

#include "common/clean.h"
#include "harness/trial/command.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

struct text {
    char *out;
    size_t size;
};

static bool fault(const struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool fault(const struct text *text, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text->out, text->size, format, args);
    va_end(args);
    return true;
}

static bool lost_launcher(const struct validity_facts *f, const struct text *text)
{
    const struct launch_outcome *o = f->outcome;
    char how[80], strays[80] = "";
    if (o->is_launcher_stopped)
        (void)snprintf(how, sizeof how, "was stopped");
    else if (o->launcher_signal)
        (void)snprintf(how, sizeof how, "died of signal %d", o->launcher_signal);
    else
        (void)snprintf(how, sizeof how, "did not answer");
    if (o->strays)
        (void)snprintf(strays, sizeof strays, "; %u process%s it left behind %s ended",
                       o->strays, o->strays == 1 ? "" : "es",
                       o->strays == 1 ? "was" : "were");
    return fault(text, "the launcher %s while the runner ran%s", how, strays);
}

static bool bad_launch(const struct validity_facts *f, const struct text *text)
{
    static const char *const steps[] = {"fork", "set its CPUs", "hand over its pipes",
                                        "exec"};
    const struct launch_report *report = &f->outcome->report;
    if (!f->outcome->is_reported)
        return lost_launcher(f, text);
    if (report->failed_errno)
        return fault(text, "cannot start the runner: %s: %s",
                     steps[report->failed_step % COUNT_OF(steps)],
                     strerror(report->failed_errno));
    if (report->group_errno && f->request->scenario->quota_cpus)
        return fault(text, "the runner cannot join the group with a CPU quota: %s",
                     strerror(report->group_errno));
    return report->unreaped && fault(text, "a process could not be killed");
}

static bool interrupted(const struct validity_facts *f, const struct text *text)
{
    return f->outcome->is_interrupted && fault(text, "the run was interrupted");
}

static bool flooded(const struct validity_facts *f, const struct text *text)
{
    return f->outcome->flooded &&
           fault(text, "%s was larger than allowed; stopped", f->outcome->flooded);
}

static bool timed_out(const struct validity_facts *f, const struct text *text)
{
    return f->outcome->report.timed_out &&
           fault(text, "still running after %" PRIu64 " ms; stopped", f->limit_ms);
}

static bool signalled(const struct validity_facts *f, const struct text *text)
{
    const int status = f->outcome->report.wait_status;
    return WIFSIGNALED(status) && fault(text, "killed by signal %d (%s)",
                                        WTERMSIG(status), strsignal(WTERMSIG(status)));
}

static bool bad_exit(const struct validity_facts *f, const struct text *text)
{
    const int status = f->outcome->report.wait_status;
    return WIFEXITED(status) && WEXITSTATUS(status) != 0 &&
           fault(text, "exit code %d%s%.300s", WEXITSTATUS(status),
                 *f->stderr_line ? ": " : "", f->stderr_line);
}

static bool no_document(const struct validity_facts *f, const struct text *text)
{
    return f->outcome->document_size == 0 &&
           fault(text, "the runner wrote no result document");
}

static bool bad_document(const struct validity_facts *f, const struct text *text)
{
    return !f->document && fault(text, "%s", f->document_error);
}

static bool left_orphans(const struct validity_facts *f, const struct text *text)
{
    const uint32_t orphans = f->outcome->report.orphans;
    return orphans > 0 && fault(text, "%" PRIu32 " process%s left behind", orphans,
                                orphans == 1 ? "" : "es");
}

/* 0 for a closed loop, also of a runner that knows no other. */
static uint64_t rate_of(const json_t *document)
{
    return (uint64_t)json_integer_value(json_object_get(document, "rate_per_s"));
}

static bool bad_counts(const struct validity_facts *f, const struct text *text)
{
    const struct collect_document *d = f->document;
    const struct {
        const char *what;
        uint64_t found, expected;
    } sums[] = {
        {"requests", d->requests, f->request->requests},
        {"concurrency", d->concurrency, f->request->concurrency},
        {"ok + failed", d->ok + d->failed, d->requests},
        {"latency_ns counts + overflow", d->latency_count + d->overflow, d->ok},
        {"rate_per_s", rate_of(d->json),
         f->request->pass == TRIAL_MEMORY ? 0 : f->request->scenario->rate_per_s},
        {"warm_requests", d->warm_requests, command_warm_requests(f->request)},
    };
    for (size_t i = 0; i < COUNT_OF(sums); i++) {
        if (sums[i].found != sums[i].expected)
            return fault(text, "%s: expected %" PRIu64 ", found %" PRIu64, sums[i].what,
                         sums[i].expected, sums[i].found);
    }
    return false;
}

/* Says how many failed, by class, with the reasons of the first. */
static bool fault_failed(const struct validity_facts *f, const struct text *text,
                         const char *key, const char *kind, uint64_t failed,
                         uint64_t requests)
{
    if (failed == 0 || f->request->scenario->counts_failures)
        return false;
    const json_t *classes = json_object_get(f->document->json, key);
    size_t used = (size_t)snprintf(
        text->out, text->size, "%" PRIu64 " of %" PRIu64 " %srequests failed:", failed,
        requests, kind);
    const json_t *reasons = json_object_get(f->document->json, "reasons");
    /* each class gets a part of it */
    const size_t room = (text->size - used) / json_object_size(classes) - 40;
    const char *name = NULL;
    json_t *count = NULL;
    json_object_foreach ((json_t *)(uintptr_t)classes, name, count) {
        const char *reason = json_string_value(json_object_get(reasons, name));
        used += (size_t)snprintf(text->out + used, text->size - used,
                                 " %s %" JSON_INTEGER_FORMAT "%s%.*s%s", name,
                                 json_integer_value(count), reason ? " (" : "", (int)room,
                                 reason ? reason : "", reason ? ")" : "");
        if (used >= text->size)
            break;
    }
    clean_in_place(text->out, text->size);
    return true;
}

static bool failed_warm_requests(const struct validity_facts *f, const struct text *text)
{
    return fault_failed(f, text, "warm_failed", "warm ", f->document->warm_failed,
                        f->document->warm_requests);
}

static bool failed_requests(const struct validity_facts *f, const struct text *text)
{
    return fault_failed(f, text, "failed", "", f->document->failed,
                        f->document->requests);
}

/* With our own origin, both sides are known. */
static bool is_checkable(const struct validity_facts *f)
{
    return f->origin && !f->document->has_no_request;
}

static bool bad_bytes(const struct validity_facts *f, const struct text *text)
{
    const struct scenario *s = f->request->scenario;
    const uint64_t expected = f->document->ok * s->bytes * tasks_fetches(s);
    return is_checkable(f) && f->document->bytes_received != expected &&
           fault(text, "bytes_received: expected %" PRIu64 ", found %" PRIu64, expected,
                 f->document->bytes_received);
}

static bool bad_origin_count(const struct validity_facts *f, const struct text *text)
{
    const struct scenario *s = f->request->scenario;
    const uint64_t made =
        (f->document->requests + f->document->warm_requests) * tasks_fetches(s);
    return is_checkable(f) && !s->counts_failures && f->origin->requests != made &&
           fault(text, "the origin served %" PRIu64 " requests, the runner made %" PRIu64,
                 f->origin->requests, made);
}

bool validity_demands_concurrency(const struct trial_request *request)
{
    const struct scenario *s = request->scenario;
    if ((s->rate_per_s && request->pass != TRIAL_MEMORY) ||
        tasks_number(s, "connections", UINT64_MAX) < request->concurrency)
        return false;
    const uint64_t own_us = runners_model(request->scenario, request->model)->start_us;
    const uint64_t each_us = own_us ? own_us : MODELS_START_US;
    return request->delay_ms >= 5 &&
           request->delay_ms * 1000 >= request->concurrency * each_us;
}

static bool bad_units(const struct validity_facts *f, const struct text *text)
{
    const enum model_units rule =
        runners_model(f->request->scenario, f->request->model)->units;
    const uint64_t expected =
        rule == MODEL_UNITS_REQUESTS ? f->request->requests : f->request->concurrency;
    return rule != MODEL_UNITS_UNCHECKED && f->document->units_created != expected &&
           fault(text, "units_created: expected %" PRIu64 ", found %" PRIu64, expected,
                 f->document->units_created);
}

static bool low_concurrency(const struct validity_facts *f, const struct text *text)
{
    const uint64_t asked = f->request->concurrency;
    if (f->document->has_no_request)
        return false;
    if (bad_units(f, text))
        return true;
    if (!f->origin || !validity_demands_concurrency(f->request))
        return false;
    uint64_t peak = f->origin->peak_in_flight;
    const char *whose = "the origin saw";
    if (f->document->peak_in_flight < peak) {
        peak = f->document->peak_in_flight;
        whose = "the runner had";
    }
    return peak * 10 < asked * 9 &&
           fault(text, "%s at most %" PRIu64 " in flight of the %" PRIu64 " asked for",
                 whose, peak, asked);
}

static const struct {
    const char *reason_class;
    bool (*finds)(const struct validity_facts *, const struct text *);
} checks[] = {
    {"launch", bad_launch},
    {"signal", interrupted},
    {"flood", flooded},
    {"timeout", timed_out},
    {"signal", signalled},
    {"exit", bad_exit},
    {"no-document", no_document},
    {"bad-document", bad_document},
    {"orphans", left_orphans},
    {"counts", bad_counts},
    {"failed-warm-requests", failed_warm_requests},
    {"failed-requests", failed_requests},
    {"bytes", bad_bytes},
    {"origin-count", bad_origin_count},
    {"concurrency", low_concurrency},
};

void validity_judge(const struct validity_facts *facts,
                    struct validity_verdict *out_verdict)
{
    *out_verdict = (struct validity_verdict){0};
    const struct text text = {out_verdict->text, sizeof out_verdict->text};
    for (size_t i = 0; i < COUNT_OF(checks); i++) {
        if (checks[i].finds(facts, &text)) {
            out_verdict->reason_class = checks[i].reason_class;
            return;
        }
    }
}
