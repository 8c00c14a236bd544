/* fuzz_scenario.c: a scenario file somebody has sent. */
#include "fuzz.h"

#include "common/json.h"
#include "harness/plan/scenario.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err = {0};
    json_t *json = NULL;
    struct scenario *scenario = NULL;
    if (json_load_text("fuzz", (const char *)data, size, &json, &err))
        return 0;
    if (!scenario_from_json("fuzz", json, &scenario, &err))
        scenario_free(scenario);
    json_decref(json);
    return 0;
}
