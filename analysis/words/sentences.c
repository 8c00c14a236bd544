/* sentences.c: see sentences.h. Of the rows with one name the first that
 * can be filled is said, so the fuller ones stand first. */
#include "analysis/words/sentences.h"

#include "analysis/words/phrase.h"
#include "common/array.h"

#include <string.h>

static const struct {
    const char *name, *text;
} sentences[] = {
    /* The verdict, by its form. */
    {"winner", "{where}, {facts} (n = {blocks})."},
    {"trade-off", "{where}, no model is best in all three: {facts} (n = {blocks})."},
    {"descriptive", "{where}: {facts} (n = {blocks})."},
    {"not-publishable",
     "{where}, no winner is named: {reason}. Measured: {facts} (n = {blocks})."},
    {"not-publishable", "{where}, no winner is named: {reason}."},
    {"tie not-settled",
     "{where}, {blocks} cannot tell {leaders} apart: differences in {timed} are not "
     "settled; {facts} (n = {blocks})."},
    {"tie memory-only",
     "{where}, {leaders} tie: they show a difference in memory, but none in {timed}; "
     "{facts} (n = {blocks})."},
    {"tie no-difference",
     "{where}, {leaders} tie: none is shown to be better in {all}; {facts} (n = "
     "{blocks})."},

    /* Where it holds: the load, the server. */
    {"where", "{load} against {server}"},
    {"where", "{load}"},
    {"load", "At {rate} {nouns}/s, open loop, with {workers}"},
    {"load", "At concurrency {concurrency}"},
    {"server refused", "a port on which nothing listens"},
    {"server",
     "{origin} with a tail of {tail} ms, with faults in {faults} % of the requests"},
    {"server", "{origin} with a tail of {tail} ms"},
    {"server", "{origin}, with faults in {faults} % of the requests"},
    {"server", "{origin}"},
    {"origin at-once", "an origin that answers at once"},
    {"origin on-average", "an origin that takes {delay} ms on average"},
    {"origin fixed", "a {delay} ms origin"},

    /* One model: what it did, compared with others where that is known. */
    {"result", "{model} {did}, {speed}, with {cpu} and {memory} of {reference}"},
    {"result", "{model} {did}, {speed}, with {cpu} of {reference}"},
    {"result", "{model} {did}, {speed}, with {memory} of {reference}"},
    {"result", "{model} {did}, {speed}"},
    {"result", "{model} {did}, with {cpu} and {memory} of {reference}"},
    {"result", "{model} {did}, with {cpu} of {reference}"},
    {"result", "{model} {did}, with {memory} of {reference}"},
    {"result", "{model} {did}"},
    {"behind", "{by} is better than {model} in {metric}"},
    {"best shared", "{metric} {models} (no difference shown)"},
    {"best", "{metric} {models} ({value}, {ratio})"},
    {"best", "{metric} {models} ({value})"},
    {"measured", "{model} {quantities}"},
    {"measured", "{model} without a number"},
    {"elsewhere", "{model} at concurrency {concurrency}"},

    /* Values. */
    {"name throughput_per_s", "{as}"},
    {"name throughput_per_s", "{nouns}/s"},
    {"name response_p99_ns", "{as}"},
    {"name response_p99_ns", "99 % response time"},
    {"name cpu_per_request_ns", "{as}"},
    {"name cpu_per_request_ns", "CPU per {noun}"},
    {"name tree_memory_bytes", "{as}"},
    {"name tree_memory_bytes", "memory"},
    {"name headline", "{as}"},
    {"compared throughput_per_s", "the {nouns}/s"},
    {"compared cpu_per_request_ns", "the CPU per {noun}"},
    {"compared tree_memory_bytes", "the memory"},
    {"compared headline", "the {as}"},
    {"best throughput_per_s", "most {nouns}"},
    {"best response_p99_ns", "shortest 99 % response time"},
    {"best cpu_per_request_ns", "least CPU"},
    {"best tree_memory_bytes", "least memory"},
    {"best more headline", "highest {as}"},
    {"best less headline", "least {as}"},
    {"best time headline", "shortest {as}"},
    {"quantity throughput_per_s", "{value} {nouns}/s"},
    {"quantity none", "no {noun} served"},
    {"quantity response_p99_ns", "99 % within {value}"},
    {"quantity cpu_per_request_ns", "{value} CPU per {noun}"},
    {"quantity tree_memory_bytes", "{value}"},
    {"quantity headline", "{value} ({as})"},
    {"did throughput_per_s", "served {value} {nouns}/s"},
    {"did none", "served no {noun}"},
    {"did response_p99_ns", "answered 99 % within {value}"},
    {"did cpu_per_request_ns", "took {value} of CPU per {noun}"},
    {"did headline", "came to {value} ({as})"},

    /* The answer, in a few words. */
    {"answer nothing", "Nothing was measured"},
    {"answer no-value", "No model has a {as}"},
    {"answer value", "{model}: {value}, {as}"},
    {"answer values", "{as}: {values}"},
    {"answer value of", "{model} {value}"},
    {"answer alike", "{as}: {low} with every model"},
    {"answer between", "{as}: {low} to {high}, whatever the model"},
    {"answer range", "{as}: from {low} ({first}) to {high} ({last})"},
    {"answer at-once", "{count} at once: {low} to {high} instead of {alone}"},
    {"answer at-once", "{count} at once: {low} instead of {alone}"},
    {"answer groups", "{faster} {factor} as fast; {level} as {baseline}"},
    {"answer groups", "{faster} {factor} as fast; {slower} slower than {baseline}"},
    {"answer no-faster", "No model is faster than {baseline}"},
    {"answer slower", "{baseline} is the fastest"},
    {"answer leads", "{model}: {best}"},
    {"answer unbeaten", "{model}: unbeaten in {all}"},
    {"answer best", "{best}: {models}"},
    {"answer apart", "{blocks} cannot tell {leaders} apart"},
    {"answer same", "{leaders}: no difference shown"},
    {"answer memory", "{model}: {best}; no other difference shown"},
    {"answer ahead most", "{model} {were} ahead in all {of} blocks"},
    {"answer ahead once", "{model}: {best} in the only block"},
    {"answer ahead all", "{model}: {best} in all {of} blocks"},
    {"answer ahead of", "{model}: {best} in {blocks} of {of} blocks"},
    {"answer ahead none", "No model was ahead in most of {of} blocks"},

    /* How many workers each model needs. */
    {"tune", "{first}; {others}"},
    {"tune", "{first}"},
    {"tune first", "{model}, {count} in flight, {edge}: {value} {interval}"},
    {"tune first", "{model}, {count} in flight, {edge}: {value}"},
    {"tune first", "{model}, {count} in flight: {value} {interval}"},
    {"tune first", "{model}, {count} in flight: {value}"},
    {"tune needs", "{model} {need} at least {count}, {edge}, for {change}"},
    {"tune needs", "{model} {need} {count} for {change}"},
    {"tune alone", "{model}, one at a time: {change}"},
    {"tune holds", "{model} {hold} 99 % within {limit} at {rate} {nouns}/s with {count} "
                   "in flight: {short} {interval}"},
    {"tune holds", "{model} {hold} 99 % within {limit} at {rate} {nouns}/s with {count} "
                   "in flight: {short}"},
    {"tune holds too", "{model} {need} {count}"},
    {"tune holds not", "{model} did not: {short} with {count}"},
    {"tune holds none", "No number that was tried holds 99 % within {limit} at {rate} "
                        "{nouns}/s: nearest {come} {model}, {short} with {count}"},
    {"tune note of_chosen open",
     "{model}: whether {count} in flight would come within {within} % of {to} is not "
     "settled, {ratio}."},
    {"tune note of_chosen open", "{model}: whether {count} in flight would come within "
                                 "{within} % of {to} is not settled; a "
                                 "longer --budget gives intervals."},
    {"tune note of_chosen beyond",
     "{model}: {count} in flight came out more than {within} % short of {to}, {ratio}; "
     "take {to}."},
    {"tune note of_half open",
     "{model}: {count} may be enough as well; that is not settled, {ratio}."},
    {"tune note of_half within", "{model}: {count} would be enough as well, {ratio}."},
    {"tune note of_chosen limit open",
     "{model}: whether {count} in flight would hold it is not settled."},
    {"tune note of_chosen limit beyond", "{model}: {count} did not hold it here."},
    {"tune note of_half limit open",
     "{model}: {count} may hold it as well; that is not settled."},
    {"tune note of_half limit within", "{model}: {count} would hold it as well."},

    /* What one more worker costs. */
    {"price tree_memory_bytes", "Memory of one more worker: {values}."},
    {"price cpu_startup_ns", "CPU to make and end one more worker: {values}."},
    {"price cpu_total_ns", "CPU of one more worker and what it does: {values}."},
    {"price of", "{model} {value} {interval}"},
    {"price of", "{model} {value}"},
    {"price of nothing", "{model} nothing that shows"},

    /* Whether it changes from host to host. */
    {"hosts", "{answer}; {close}; {notes}"},
    {"hosts", "{answer}; {close}"},
    {"hosts", "{answer}; {notes}"},
    {"hosts", "{answer}"},
    {"hosts same", "{models} on {hosts}"},
    {"hosts differ", "it changes: {groups}"},
    {"hosts differ", "it changes: {count} answers on {all} hosts"},
    {"hosts none", "no host names a model"},
    {"hosts close", "{model} within {gap} % on {hosts}"},
    {"hosts unnamed", "no model is named on {hosts}"},
    {"hosts look all", "a look, not a verdict"},
    {"hosts look", "a look, not a verdict, on {hosts}"},
    {"hosts both", "both hosts"},
    {"hosts all", "all {count} hosts"},
    {"hosts some", "{count} of {all} hosts"},

    /* Why a run until settled ended. */
    {"stopped settled", "Stopped after {blocks}: {compared} settled"},
    {"stopped settled", "Stopped after {blocks}: there is nothing to compare"},
    {"stopped out-of-reach", "Stopped after {blocks}: {open} of {compared} would take "
                             "far more than there is room "
                             "for"},
    {"stopped budget",
     "The time was up after {blocks}: {open} of {compared} not settled"},
    {"stopped blocks", "{blocks} were made: {open} of {compared} not settled"},

    /* How far it can be trusted. */
    {"seen", "{blocks}"},
    {"seen quiet", "{blocks}, quiet machine"},
    {"seen disturbed", "{blocks}, {disturbed} of {counted} trials disturbed"},
    {"trust", "{seen}"},
    {"trust open",
     "{seen}; about {needed} would tell those that tie apart (about {time})"},
    {"trust few-blocks",
     "{seen}: a look, not a verdict; {needed} would decide it (about {time})"},
    {"trust few-blocks", "{seen}: a look, not a verdict"},
    {"trust interrupted", "interrupted; {seen}: a look, not a verdict"},
    {"trust debug-build", "a debug build, which is slow: do not quote"},
    {"trust invalid-trials", "some trials stayed invalid: do not quote"},
    {"trust no-valid-trial", "a model has no valid trial: do not quote"},
    {"trust failures-counted", "{seen}; failures are counted, so no model is ranked"},
    {"trust origin-bound", "the origin was the limit: do not quote"},
    {"trust few-requests",
     "a 99 % response time takes 1,000 requests a trial: do not quote"},
    {"trust control-differs", "a model differed from itself: do not quote"},
    {"trust disturbed all", "every trial was disturbed: do not quote"},
    {"trust disturbed", "{disturbed} of {counted} trials were disturbed: do not quote"},
    {"trust no-cell", "nothing valid was measured: do not quote"},

    /* A factor; the interval is of the pairs, so these are named where they differ. */
    {"ratio", "{factor}x {what} (paired by block: {paired}x {interval})"},
    {"ratio", "{factor}x {what} {interval}"},
    {"ratio", "{factor}x {what}"},
    {"ratio inconclusive",
     "{factor}x {what} (paired by block: {paired}x {interval}) (not settled)"},
    {"ratio inconclusive", "{factor}x {what} {interval} (not settled)"},
    {"ratio inconclusive", "{factor}x {what} (not settled)"},
    {"ratio of itself",
     "{factor}x (paired by block: {paired}x {interval}) {metric} ({verdict})"},
    {"ratio of itself", "{factor}x {interval} {metric} ({verdict})"},
    {"ratio of itself", "{factor}x {metric} ({verdict})"},

    /* Why no winner is named. */
    {"invalid-trials", "{trials} of {cell} stayed invalid"},
    {"no-valid-trial", "{cell} has no valid trial"},
    {"failures-counted", "this scenario counts failures and ranks no model"},
    {"origin-bound", "with {cell} the origin's CPU was the limit"},
    {"few-requests", "a trial of {cell} has fewer than the 1,000 requests that a 99 % "
                     "response time takes"},
    {"control-differs", "the A/A control failed: {model} differed from itself"},
    {"disturbed", "outside influences disturbed {disturbed} of the {counted} trials that "
                  "count for {cell} (the last by {last})"},
    {"no-cell", "no cell at this concurrency has a valid trial"},
    {"cell", "{model} at concurrency {concurrency}"},
    {"cell", "{model}"},
    {"control", "the control of {model} at concurrency {concurrency}"},
    {"control", "the control of {model}"},

    /* The caveat: what to do, what the form does not say, what is still open. */
    {"remove-cause", "Do not quote these numbers: remove the cause and measure again."},
    {"quieter-machine", "Do not quote these numbers: they include the machine's other "
                        "work. Use a quieter machine."},
    {"nothing-to-fix",
     "There is nothing to fix: the failures are what is measured here."},
    {"response-time-only", "Response times are compared from 1,000 requests up; the "
                           "scenario's other questions do not depend on that."},
    {"too-little", "No winner is named: that takes at least two models and 6 blocks (the "
                   "default preset has 12)."},
    {"this-load", "This holds for this load on this machine, {loop}; memory was measured "
                  "once per model, and differences below 10 % do not count."},
    {"not-equal",
     "A tie does not show that the models are equal; memory was measured once per "
     "model, and differences below 10 % do not count."},
    {"what-is-scarce",
     "Which one to choose depends on what is scarce: time, CPU or memory (measured once "
     "per model); this load, this machine, {loop}."},
    {"open-loop", "In an open loop every model that keeps up serves as many requests/s "
                  "as arrive, so they are not compared."},
    {"not-settled", "Not settled: {comparisons}, and {more}."},
    {"not-settled", "Not settled: {comparisons}."},
    {"open comparison",
     "{model} against {against} in {metric} (needs about {blocks} blocks)"},
    {"open comparison", "{model} against {against} in {metric} (too noisy here)"},
    {"noise-control", "Noise control: {model} against itself at concurrency "
                      "{concurrency} read {comparisons}."},
};

json_t *sentence_fill(const char *name, json_t *slots)
{
    json_t *filled = NULL;
    for (size_t i = 0; i < COUNT_OF(sentences) && !filled; i++) {
        if (!strcmp(sentences[i].name, name))
            filled = phrase_fill(sentences[i].text, slots);
    }
    json_decref(slots);
    return filled;
}
