/* expectations.c: see expectations.h. Everything it says stands in the results. */
#include "cli/expectations.h"

#include "common/clean.h"
#include "common/json.h"

#include <string.h>

static const struct outcome {
    const char *name, *said, *color;
} outcomes[] = {{"held", "held", "\033[32m"},
                {"not-held", "DID NOT HOLD", "\033[31m"},
                {"unknown", "unknown", "\033[33m"}};

size_t expectations_count(const json_t *results, const char *outcome)
{
    size_t i = 0, count = 0;
    json_t *item = NULL;
    json_array_foreach (json_object_get(results, "expectations"), i, item)
        count += !strcmp(json_text_of(item, "outcome"), outcome);
    return count;
}

static const struct outcome *outcome_of(const json_t *item)
{
    for (size_t i = 0; i < COUNT_OF(outcomes); i++) {
        if (!strcmp(json_text_of(item, "outcome"), outcomes[i].name))
            return &outcomes[i];
    }
    return &outcomes[COUNT_OF(outcomes) - 1];
}

static void print_one(const json_t *item, bool is_colored, FILE *out)
{
    const struct outcome *outcome = outcome_of(item);
    const char *measured = json_text_of(item, "measured");
    (void)fprintf(out, "      %s%-12s%s", is_colored ? outcome->color : "", outcome->said,
                  is_colored ? "\033[0m" : "");
    clean_print(out, "  %s", json_text_of(item, "inequality"));
    if (*measured)
        clean_print(out, ": measured %s\n", measured);
    else
        clean_print(out, "\n      %12s  %s\n", "", json_text_of(item, "reason"));
}

void expectations_print(const json_t *results, bool is_colored, FILE *out)
{
    const char *scenario = "", *says = "";
    size_t i = 0;
    json_t *item = NULL;
    (void)fputs("\nexpectations", out);
    for (size_t o = 0; o < COUNT_OF(outcomes); o++)
        (void)fprintf(out, "%s %zu %s", o ? "," : "",
                      expectations_count(results, outcomes[o].name),
                      o == 1 ? "did not hold" : outcomes[o].said);
    (void)fputc('\n', out);
    json_array_foreach (json_object_get(results, "expectations"), i, item) {
        if (strcmp(scenario, json_text_of(item, "scenario")) != 0)
            clean_print(out, "  %s\n", json_text_of(item, "scenario"));
        if (strcmp(scenario, json_text_of(item, "scenario")) != 0 ||
            strcmp(says, json_text_of(item, "says")) != 0)
            clean_print(out, "    %s\n", json_text_of(item, "says"));
        scenario = json_text_of(item, "scenario");
        says = json_text_of(item, "says");
        print_one(item, is_colored, out);
    }
}
