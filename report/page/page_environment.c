/* page_environment.c: where and how the run was measured, how to measure it again, and
 * where the raw data are. */
#include "report/page/page.h"

#include <inttypes.h>
#include <string.h>

static void write_method(struct html *html, const struct results *r)
{
    html_raw(html, "<h3 id=\"method\">Method</h3>\n<p>");
    html_textf(html,
               "Each model is a separate program that makes the same requests and "
               "differs only in how it waits. A trial is one execution of one program; "
               "all of them ran in %" PRIu64 " block%s, and in every block each cell "
               "(scenario, model, concurrency) came once, in a balanced order drawn from "
               "the seed %" PRIu64
               ", so that models take turns and a drift of the machine affects them "
               "alike. ",
               r->blocks, r->blocks == 1 ? "" : "s", r->seed);
    html_raw(
        html,
        "In a closed loop every worker sends its next request after its last answer; in "
        "an open loop requests arrive at a set rate, whatever happened to earlier ones, "
        "and a response time counts from when its request was due. Each trial has two "
        "windows: the whole process, from its fork until it is reaped, as "
        "<code>time -v</code> sees it, and the measured region, from the first request "
        "sent to the last answer received. Requests per second and CPU per request "
        "cover the measured region; start-up CPU is what lies outside it. Memory of the "
        "tree comes from a separate pass, never from a timed trial. The number shown is "
        "the "
        "median over trials with its exact order-statistic interval; ratios are formed "
        "within each block, against the baseline. Percentiles are those of all valid "
        "trials merged; their intervals, where shown, come from resampling whole trials. "
        "Trials "
        "with a failed request are kept but never ranked. CPU placement:");
    for (size_t i = 0; i < r->scenario_count; i++)
        html_textf(html, "%s %s %s", i ? "," : "", r->scenarios[i].name,
                   *r->scenarios[i].placement ? r->scenarios[i].placement
                                              : "not recorded");
    html_raw(html, ".</p>\n");
}

/* Writes the text as one word for a shell: as it is if harmless, else in single quotes.
 */
static void write_word(struct html *html, const char *word)
{
    static const char harmless[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                   "0123456789._-/:=,@%+";
    if (*word && strspn(word, harmless) == strlen(word)) {
        html_text(html, word);
        return;
    }
    html_text(html, "'");
    for (; *word; word++) {
        char one[2] = {*word, '\0'};
        html_text(html, *word == '\'' ? "'\\''" : one);
    }
    html_text(html, "'");
}

static void write_command(struct html *html, const json_t *command)
{
    size_t index = 0;
    json_t *word = NULL;
    json_array_foreach (command, index, word) {
        html_text(html, index ? " " : "");
        if (json_is_string(word))
            write_word(html, json_string_value(word));
    }
}

static void write_cell_command(struct html *html, const struct results *r,
                               const struct cell *cell)
{
    html_raw(html, "concbench run ");
    html_textf(html, "%s --models ", cell->scenario);
    write_word(html, cell->model);
    html_textf(html, " --concurrency %" PRIu64 " --seed %" PRIu64, cell->concurrency,
               r->seed);
    if (r->preset && *r->preset) {
        html_raw(html, " --preset ");
        write_word(html, r->preset);
    }
    html_raw(html, "\n");
    if (cell->trial_count > 0 && cell->trials[0].command) {
        write_command(html, cell->trials[0].command);
        html_raw(html, "\n");
    }
}

static void write_reproduce(struct html *html, const struct results *r)
{
    html_raw(html, "<h3 id=\"reproduce\">Measure it again</h3>\n");
    const json_t *command = json_object_get(r->run, "command");
    if (json_is_array(command)) {
        html_raw(html, "<p>This run was started as</p>\n<pre><code>");
        write_command(html, command);
        html_raw(html, "</code></pre>\n");
    }
    html_raw(html, "<p>For each cell, the command that measures it alone, then the exact "
                   "command of its first trial. To run the latter, start "
                   "<code>concbench-origin --port N</code> first and put its address in. "
                   "Without <code>--result-fd</code> a runner prints a summary for "
                   "people.</p>\n");
    for (size_t s = 0; s < r->scenario_count; s++) {
        const struct scenario *scenario = &r->scenarios[s];
        html_raw(html, "<details><summary>Commands of ");
        html_text(html, scenario->name);
        html_raw(html, "</summary><pre tabindex=\"0\"><code>");
        for (size_t i = 0; i < scenario->cell_count; i++)
            write_cell_command(html, r, &scenario->cells[i]);
        html_raw(html, "</code></pre></details>\n");
    }
}

void page_write_environment(struct html *html, const struct page *page)
{
    const struct results *r = page->results;
    html_raw(html, "<section id=\"measured\">\n<h2>How this was measured</h2>\n");
    page_write_validity(html, page);
    write_method(html, r);
    html_raw(html, "<h3 id=\"environment\">Environment</h3>\n");
    page_write_machine(html, page);
    html_raw(html, "<details><summary>Host, processor, kernel, libraries, "
                   "limits</summary>\n");
    page_write_facts(html, page);
    html_raw(html, "</details>\n");
    write_reproduce(html, r);
    html_raw(html, "<h3 id=\"data\">Raw data</h3>\n<p>Run <code>");
    html_text(html, r->run_id);
    html_raw(html,
             "</code>: <a href=\"results.json\">results.json</a> holds every number of "
             "this page and each trial, <a href=\"trials.jsonl\">trials.jsonl</a> the "
             "journal it was made from, <a href=\"summary.csv\">summary.csv</a> one line "
             "per cell, <a href=\"summary.md\">summary.md</a> the verdicts and tables as "
             "text; <code>charts/</code> has every figure as SVG and PNG.</p>\n"
             "</section>\n");
}
