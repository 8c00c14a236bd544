/* page.c: the top of the report: head, title, verdicts, validity; the parts below are in
 * page_*.c. See page.h. */
#include "report/page/page.h"

#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"
#include "report/data/evidence.h"
#include "report/data/format.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#define INVALID_SHOWN 40
#define LONG_SENTENCE                                                                    \
    360 /* characters; a longer one names many models and is set smaller */

static void write_title(struct html *html, const struct page *page)
{
    const char *cpu =
        json_text_or_null(json_object_get(page->results->environment, "cpu"), "model");
    size_t models = page->palette->count;
    html_textf(html, "%zu concurrency model%s on %s", models, models == 1 ? "" : "s",
               cpu && *cpu ? cpu : "this machine");
}

void page_begin_head(struct html *html, const char *css)
{
    unsigned char digest[SHA256_DIGEST_LENGTH];
    unsigned char hash[64]; // 44 characters of base64, and a NUL
    SHA256((const unsigned char *)css, strlen(css), digest);
    EVP_EncodeBlock(hash, digest, sizeof digest);
    html_raw(html, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta "
                   "http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                   "base-uri 'none'; form-action 'none'; style-src 'sha256-");
    html_text(html, (const char *)hash);
    html_raw(html,
             "'\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
             "content=\"width=device-width,initial-scale=1\">\n<meta "
             "name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" "
             "content=\"no-referrer\">\n<title>concbench: ");
}

void page_end_head(struct html *html, const char *css)
{
    html_raw(html, "</title>\n<style>");
    html_raw_bytes(html, css); /* literals and numbers: page_css */
    html_raw(html, "</style>\n</head>\n");
}

static void write_fact(struct html *html, const char *prefix, const char *value)
{
    if (value && *value) {
        html_raw(html, " · ");
        html_text(html, prefix);
        html_text(html, value);
    }
}

static void write_masthead(struct html *html, const struct page *page)
{
    const struct results *r = page->results;
    json_t *cpus = json_object_get(json_object_get(r->environment, "cpu"), "count");
    html_raw(html, "<header>\n<p class=\"meta\">concbench");
    const char *version = json_text_or_null(r->run, "suite_version");
    html_raw(html, " ");
    html_text(html, version);
    write_fact(html, "", r->started);
    write_fact(html, "",
               json_text_or_null(json_object_get(r->environment, "host"), "name"));
    write_fact(html, "Linux ",
               json_text_or_null(json_object_get(r->environment, "kernel"), "release"));
    if (json_is_integer(cpus))
        html_textf(html, " · %" JSON_INTEGER_FORMAT " CPUs", json_integer_value(cpus));
    html_textf(html, " · %" PRIu64 " block%s", r->blocks, r->blocks == 1 ? "" : "s");
    write_fact(html, "against ", json_text_or_null(r->run, "url"));
    html_raw(html, "</p>\n<h1>");
    write_title(html, page);
    html_raw(html, "</h1>\n<nav aria-label=\"Contents\">");
    for (size_t i = 0; i < r->scenario_count; i++) {
        html_raw(html, "<a href=\"#scenario-");
        html_text(html, r->scenarios[i].name);
        html_raw(html, "\">");
        html_text(html, r->scenarios[i].name);
        html_raw(html, "</a> ");
    }
    html_raw(html, "<a href=\"#environment\">environment</a> <a "
                   "href=\"#reproduce\">reproduce</a></nav>\n</header>\n");
}

void page_write_sentence(struct html *html, const struct scenario *s)
{
    size_t i = 0;
    json_t *piece = NULL;
    if (!s->pieces)
        html_text(html, s->sentence);
    json_array_foreach (s->pieces, i, piece) {
        const char *interval = json_text_or_null(piece, "interval");
        const char *model = json_text_or_null(piece, "model");
        if (model)
            html_element(html, "b", model);
        else if (interval)
            html_element(html, "span class=\"ci\"", interval);
        else
            html_text(html, json_text_of(piece, "text"));
    }
}

static void write_verdicts(struct html *html, const struct page *page)
{
    const struct results *r = page->results;
    html_raw(html, "<section class=\"verdicts\" aria-label=\"Verdicts\">\n");
    if (r->scenario_count == 0)
        html_raw(html, "<p class=\"verdict\">The run has no scenario.</p>\n");
    for (size_t i = 0; i < r->scenario_count; i++) {
        const struct scenario *s = &r->scenarios[i];
        html_raw(html, "<article><p class=\"tag\"><a href=\"#scenario-");
        html_text(html, s->name);
        html_raw(html, "\">");
        html_text(html, s->name);
        html_raw(html, "</a> <span class=\"form\">");
        html_text(html, strcmp(s->form, "not-publishable") ? s->form : "not publishable");
        html_raw(html, "</span></p>\n<p class=\"verdict");
        if (strlen(s->sentence) > LONG_SENTENCE)
            html_raw(html, " long");
        html_raw(html, "\">");
        page_write_sentence(html, s);
        html_raw(html, "</p>\n");
        if (*s->caveat)
            html_element(html, "p class=\"note\"", s->caveat);
        html_raw(html, "</article>\n");
    }
    html_raw(html, "</section>\n");
}

bool page_is_publishable(const struct results *results, char **out_why)
{
    size_t size = 0;
    char *why = NULL;
    FILE *out = memory_stream(&why, &size);
    const char *between = "";
    if (!results->complete) {
        (void)fputs("the run was interrupted", out);
        between = "; ";
    }
    if (results->scenario_count == 0)
        (void)fprintf(out, "%sthere is no scenario", between);
    for (size_t i = 0; i < results->scenario_count; i++) {
        const struct scenario *s = &results->scenarios[i];
        bool is_descriptive = !strcmp(s->form, "descriptive");
        if (!is_descriptive && strcmp(s->form, "not-publishable") != 0)
            continue;
        (void)fprintf(out, "%s%s is %s", between, s->name,
                      is_descriptive ? "descriptive only" : "not publishable");
        between = "; ";
    }
    memory_stream_close(out, &why);
    bool is_publishable = size == 0;
    if (is_publishable) {
        free(why);
        why = NULL;
    }
    *out_why = why;
    return is_publishable;
}

static void write_invalid(struct html *html, const struct results *r)
{
    size_t shown = 0;
    for (size_t i = 0; i < r->cell_count; i++) {
        const struct cell *cell = &r->cells[i];
        for (size_t t = 0; t < cell->trial_count; t++) {
            if (cell->trials[t].valid || shown++ >= INVALID_SHOWN)
                continue;
            if (shown == 1)
                html_raw(html, "<details><summary>Invalid trials</summary><ul>\n");
            html_raw(html, "<li>");
            html_textf(html, "%s/%s/%" PRIu64 ": %s", cell->scenario, cell->model,
                       cell->concurrency,
                       cell->trials[t].invalid_text ? cell->trials[t].invalid_text
                                                    : "no reason is given");
            html_raw(html, "</li>\n");
        }
    }
    if (shown > INVALID_SHOWN)
        html_textf(html, "and %zu more", shown - INVALID_SHOWN);
    if (shown > 0)
        html_raw(html, "</ul></details>\n");
}

static void write_warnings(struct html *html, const struct results *r)
{
    if (r->warning_count == 0)
        return;
    html_raw(html, "<ul class=\"warnings\">\n");
    for (size_t i = 0; i < r->warning_count; i++) {
        html_raw(html, "<li><code>");
        html_text(html, r->warnings[i].id);
        html_raw(html, "</code> ");
        if (*r->warnings[i].where) {
            html_element(html, "b", r->warnings[i].where);
            html_raw(html, ": ");
        }
        html_text(html, r->warnings[i].text);
        html_raw(html, "</li>\n");
    }
    html_raw(html, "</ul>\n");
}

static void write_validity(struct html *html, const struct page *page)
{
    const struct results *r = page->results;
    AUTO_FREE char *why = NULL;
    bool is_publishable = page_is_publishable(r, &why);
    html_raw(html, "<section aria-label=\"Validity\">\n<ul class=\"strip\"><li><b>");
    html_text(html, tally_say_counts(r->tally).s);
    html_raw(html, "</b> trials valid");
    html_text(html, tally_say_blocks(r->tally).s);
    html_raw(html, "</li><li>");
    html_text(html, tally_say_planned(r->tally).s);
    html_raw(html, "</li><li><b>");
    html_textf(html, "%zu", r->warning_count);
    html_raw(html, "</b> ");
    html_text(html, r->warning_count == 1 ? "warning" : "warnings");
    html_raw(html, "</li><li>publishable <b>");
    html_text(html, is_publishable ? "yes" : "no");
    html_raw(html, "</b>");
    if (why)
        html_textf(html, ": %s", why);
    html_raw(html, "</li>");
    struct evidence evidence[EVIDENCE_MAX];
    size_t count = evidence_find(r, evidence);
    for (size_t i = 0; i < count; i++)
        html_element(html, "li", evidence[i].text);
    html_raw(html, "</ul>\n");
    write_warnings(html, r);
    write_invalid(html, r);
    html_raw(html, "</section>\n");
}

void page_write(const struct page *page, char **out_text, size_t *out_size)
{
    AUTO_FREE char *css = page_css(page);
    struct html html;
    html_init(&html);
    page_begin_head(&html, css);
    write_title(&html, page);
    page_end_head(&html, css);
    html_raw(&html, "<body>\n<a class=\"skip\" href=\"#main\">Skip to the verdicts</a>\n"
                    "<div class=\"page\">\n");
    page_write_marks(&html, page->palette);
    write_masthead(&html, page);
    page_write_picker(&html, page);
    html_raw(&html, "<main id=\"main\" tabindex=\"-1\">\n");
    page_write_picked(&html, page);
    write_verdicts(&html, page);
    write_validity(&html, page);
    for (size_t i = 0; i < page->results->scenario_count; i++)
        page_write_scenario(&html, page, i);
    page_write_environment(&html, page);
    html_raw(&html, "</main>\n</div>\n</body>\n</html>\n");
    html_finish(&html, out_text, out_size);
}
