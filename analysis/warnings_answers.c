/* warnings_answers.c: the checks of the server and its answers; see warnings_table.h. */
#include "analysis/warnings_table.h"

#include "analysis/elsewhere.h"
#include "common/clean.h"
#include "common/json.h"

#include <stdio.h>
#include <string.h>

/* Warns when the certificate of the server was not verified. */
void warnings_check_insecure(const struct warning *w, const json_t *results, json_t *list)
{
    if (json_is_true(json_object_get(warnings_run(results), "insecure")))
        warnings_add(w, list, "", "the certificate of the server was not verified");
}

/* The redirects among the ok answers of a trial, and in *out_ok all of these. */
static double redirects_of(const json_t *trial, double *out_ok)
{
    const json_t *document = json_object_get(trial, "document");
    *out_ok = (double)json_integer_value(json_object_get(document, "ok"));
    return (double)json_integer_value(json_object_get(document, "redirects"));
}

/* A redirect is an answer, but rarely the page that the user wants to measure. The
 * warning comes once per scenario, as all its models ask for the same page. */
void warnings_check_redirects(const struct warning *w, const json_t *results,
                              json_t *list)
{
    const char *last = "";
    size_t i = 0, j = 0;
    json_t *cell = NULL, *trial = NULL;
    json_array_foreach (json_object_get(results, "cells"), i, cell) {
        const char *scenario = json_string_value(json_object_get(cell, "scenario"));
        json_array_foreach (json_object_get(cell, "trials"), j, trial) {
            double ok = 0, redirects = redirects_of(trial, &ok);
            const char *first = json_string_value(
                json_object_get(json_object_get(trial, "document"), "first_redirect"));
            if (redirects < 1 || !scenario || !strcmp(scenario, last))
                continue;
            char said[300], of_all[48] = "all";
            (void)snprintf(said, sizeof said, "%.200s", first ? first : "not recorded");
            clean_in_place(said, sizeof said);
            if (redirects < ok)
                (void)snprintf(of_all, sizeof of_all, "%.0f of", redirects);
            warnings_add(w, list, scenario,
                         "%s %.0f answers of a trial were redirects, which are not "
                         "followed: %s",
                         of_all, ok, said);
            last = scenario;
        }
    }
}

/* Half of what a scenario says is about our origin, not about a server of the user's. */
void warnings_check_url(const struct warning *w, const json_t *results, json_t *list)
{
    const json_t *placement =
        json_object_get(json_object_get(results, "environment"), "placement");
    size_t i = 0;
    json_t *scenario = NULL;
    if (!json_text_or_null(warnings_run(results), "url"))
        return;
    json_array_foreach (json_object_get(results, "scenarios"), i, scenario) {
        struct sentence text = {.used = 0};
        if (elsewhere_say(scenario, placement, &text))
            warnings_add(w, list, json_text_of(scenario, "name"), "%s", text.bytes);
    }
}
