/* load_expect.c: see load_expect.h. */
#include "report/data/load_expect.h"

#include "common/json.h"
#include "common/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX  65536
#define ITEMS_MAX 100000

const char *const load_outcomes[OUTCOME_COUNT] = {[OUTCOME_HELD] = "held",
                                                  [OUTCOME_NOT_HELD] = "did not hold",
                                                  [OUTCOME_UNKNOWN] = "unknown"};

/* As they are spelt in the document. */
static const char *const words[OUTCOME_COUNT] = {[OUTCOME_HELD] = "held",
                                                 [OUTCOME_NOT_HELD] = "not-held",
                                                 [OUTCOME_UNKNOWN] = "unknown"};

/* A string, or null. */
static int read_text(const json_t *item, const char *at, const char *key,
                     const char **out_text, struct err *err)
{
    *out_text = "";
    if (json_is_null(json_object_get(item, key)))
        return 0;
    return json_get_string(item, at, key, 0, TEXT_MAX, out_text, err);
}

static int read_outcome(const json_t *item, const char *at, struct expectation *e,
                        struct err *err)
{
    const char *word = NULL;
    if (json_need_string(item, at, "outcome", 1, 64, &word, err))
        return -1;
    for (size_t i = 0; i < OUTCOME_COUNT; i++) {
        if (!strcmp(words[i], word)) {
            e->outcome = (enum outcome)i;
            return 0;
        }
    }
    return err_set(err, EXIT_CODE_USAGE,
                   "%s.outcome: '%.32s' is not one of held, not-held, unknown", at, word);
}

static int read_one(const json_t *item, const char *at, struct expectation *e,
                    struct err *err)
{
    if (!json_is_object(item))
        return err_set(err, EXIT_CODE_USAGE, "%s: expected an object", at);
    return json_need_string(item, at, "scenario", 1, 64, &e->scenario, err) ||
                   json_need_string(item, at, "says", 0, TEXT_MAX, &e->says, err) ||
                   json_need_string(item, at, "inequality", 0, TEXT_MAX, &e->inequality,
                                    err) ||
                   read_text(item, at, "because", &e->because, err) ||
                   read_text(item, at, "measured", &e->measured, err) ||
                   read_text(item, at, "reason", &e->reason, err) ||
                   read_outcome(item, at, e, err)
               ? -1
               : 0;
}

int load_expectations(struct results *results, struct err *err)
{
    json_t *list = NULL;
    if (json_get_array(results->json, "", "expectations", ITEMS_MAX, &list, err))
        return -1;
    results->expectations =
        memory_calloc(json_array_size(list) + 1, sizeof *results->expectations);
    for (size_t i = 0; i < json_array_size(list); i++) {
        char at[64];
        (void)snprintf(at, sizeof at, "expectations[%zu]", i);
        if (read_one(json_array_get(list, i), at, &results->expectations[i], err))
            return -1;
        results->expectation_count++;
    }
    return 0;
}
