/* Tests of analysis/tune and its words: what a confirmation says of a search. */
#include "journal_made.h"

#include <math.h>

/* 8 and 16 threads serve 400 and 800 requests/s, 16 and 40 coroutines 842: threads
 * have gained all from 8 to 16, coroutines nothing from 16 to 40. */
static const struct made_model cells[] = {
    {"threads", 8, 20000, 30, 5000000, .1},
    {"threads", 16, 20000, 30, 5000000, .1},
    {"coroutines", 16, 19000, 30, 5000000, .1},
    {"coroutines", 40, 47500, 30, 5000000, .1},
};

static json_t *searched_model(const char *name, int chosen, int best, int below,
                              int above, bool is_edge)
{
    return json_pack(
        "{s:s, s:[{s:i, s:[f], s:f, s:f, s:f}, {s:i, s:[f], s:f, s:f, s:f}], "
        "s:i, s:i, s:o, s:o, s:b, s:b, s:n}",
        "model", name, "points", "concurrency", 1, "values", 50., "median", 50., "fit",
        50., "throughput_per_s", 50., "concurrency", chosen, "values", 800., "median",
        800., "fit", 800., "throughput_per_s", 800., "chosen", chosen, "best", best,
        "below", below ? json_integer(below) : json_null(), "above",
        above ? json_integer(above) : json_null(), "edge", is_edge, "met", 1, "reason");
}

/* The block `tune` of a run of so many blocks with that search; both are new. */
static json_t *tune_of(long long blocks, json_t *models, double limit_ns)
{
    const struct made made = {
        .blocks = blocks, .models = cells, .count = 4, .footer = true};
    json_t *journal = made_journal(&made);
    json_t *header = json_array_get(journal, 0);
    json_t *scenario = json_array_get(json_object_get(header, "scenarios"), 0);
    json_put(scenario, "models", json_pack("[s,s]", "threads", "coroutines"));
    json_put(header, "tune",
             json_pack(
                 "{s:s, s:s, s:s, s:o, s:o, s:f, s:f, s:i, s:b, s:o}", "scenario", "made",
                 "metric", limit_ns > 0 ? "latency_p50_ns" : "throughput_per_s", "better",
                 limit_ns > 0 ? "less" : "more", "within_ratio",
                 limit_ns > 0 ? json_null() : json_real(.05), "limit_ns",
                 limit_ns > 0 ? json_real(limit_ns) : json_null(), "budget_s", 180.,
                 "search_s", 60., "search_trials", 9, "search_cut", 0, "models", models));
    json_t *results = made_results(journal);
    json_t *tune = json_incref(json_object_get(results, "tune"));
    const json_t *verdict = json_object_get(
        json_array_get(json_object_get(results, "scenarios"), 0), "verdict");
    assert_string_equal(json_text_of(verdict, "answer"), json_text_of(tune, "answer"));
    json_decref(results);
    return tune;
}

static const json_t *model_at(const json_t *tune, size_t index)
{
    return json_array_get(json_object_get(tune, "models"), index);
}

static const char *word_of(const json_t *tune, size_t model, const char *key)
{
    return json_text_of(json_object_get(model_at(tune, model), key), "word");
}

static void test_confirmed(void **state)
{
    (void)state;
    json_t *tune =
        tune_of(12,
                json_pack("[o,o]", searched_model("threads", 16, 16, 8, 0, true),
                          searched_model("coroutines", 16, 16, 0, 40, false)),
                0);
    assert_string_equal(json_text_of(tune, "leader"), "coroutines");
    assert_string_equal(word_of(tune, 0, "of_half"), "beyond");
    assert_string_equal(word_of(tune, 1, "of_chosen"), "within");
    assert_true(json_is_null(json_object_get(model_at(tune, 0), "of_chosen")));
    /* 842 requests/s x 20 ms that one alone takes */
    const json_t *little = json_object_get(model_at(tune, 1), "little");
    assert_true(fabs(json_number_of(little, "concurrency") - 16.8) < .1);
    assert_string_equal(
        json_text_of(tune, "answer"),
        "Coroutines, 16 in flight: 842 requests/s [842, 842]; threads need "
        "at least 16, the largest tried, for 5 % less");
    assert_int_equal(json_array_size(json_object_get(tune, "notes")), 0);
    json_decref(tune);
}

/* The search chose 8, but the run shows that 16 are twice as fast. */
static void test_refuted(void **state)
{
    (void)state;
    json_t *tune =
        tune_of(12, json_pack("[o]", searched_model("threads", 8, 16, 0, 0, false)), 0);
    assert_string_equal(word_of(tune, 0, "of_chosen"), "beyond");
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(tune, "notes"), 0)),
        "threads: 8 in flight came out more than 5 % short of 16, 0.50x [0.50, 0.50]; "
        "take "
        "16.");
    json_decref(tune);
}

static void test_too_few_blocks_settle_nothing(void **state)
{
    (void)state;
    json_t *tune =
        tune_of(4,
                json_pack("[o,o]", searched_model("threads", 8, 16, 0, 0, false),
                          searched_model("coroutines", 16, 16, 0, 40, false)),
                0);
    assert_string_equal(word_of(tune, 0, "of_chosen"), "open");
    assert_string_equal(
        json_text_of(tune, "answer"),
        "Coroutines, 16 in flight: 842 requests/s; threads need 8 for 52 % "
        "less (not settled)");
    assert_int_equal(json_array_size(json_object_get(tune, "notes")), 2);
    json_decref(tune);
}

/* Latencies stand for response times here; 47.5 ms are too many for 40 coroutines. */
static void test_limit(void **state)
{
    (void)state;
    json_t *tune =
        tune_of(12,
                json_pack("[o,o]", searched_model("threads", 16, 16, 8, 0, false),
                          searched_model("coroutines", 40, 40, 16, 0, false)),
                30e6);
    assert_string_equal(word_of(tune, 0, "of_chosen"), "within");
    assert_string_equal(word_of(tune, 0, "of_half"), "within");
    assert_string_equal(word_of(tune, 1, "of_chosen"), "beyond");
    assert_string_equal(json_text_of(tune, "leader"), "threads"); /* which need fewer */
    json_decref(tune);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_confirmed),
        cmocka_unit_test(test_refuted),
        cmocka_unit_test(test_too_few_blocks_settle_nothing),
        cmocka_unit_test(test_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
