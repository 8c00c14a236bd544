/* test_report_palette: every model has a look of its own that can be read, the suite's
 * keep theirs, and families stay together. */
#include "report/draw/palette.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WHITE 0xFFFFFFU
#define NIGHT 0x1B1B1FU

static struct palette palette, other;

static void build(struct palette *out, const char *const *models, size_t count)
{
    struct scenario scenario = {.model_count = count};
    struct results results = {.scenarios = &scenario, .scenario_count = 1};
    memcpy(scenario.models, models, count * sizeof *models);
    palette_init(out, &results);
}

static const char *const suite[] = {
    "sequential", "threads",  "processes", "coroutines",    "thread-per-request",
    "callbacks",  "epoll",    "stackless", "multi-poll",    "process-per-request",
    "executor",   "io-uring", "null",      "process-loops", "coroutine-threads"};
#define SUITE (sizeof suite / sizeof *suite)

static void test_a_runner_from_elsewhere_has_the_family_that_it_says(void **state)
{
    (void)state;
    json_auto_t *said = json_pack("{s:s,s:s,s:s}", "mine", "coroutines", "odd", "fibres",
                                  "threads", "loops");
    struct scenario scenario = {.models = {"threads", "mine", "odd", "silent"},
                                .model_count = 4,
                                .families = said};
    struct results results = {.scenarios = &scenario, .scenario_count = 1};
    palette_init(&palette, &results);
    assert_int_equal(palette_style(&palette, "mine")->family, FAMILY_COROUTINES);
    assert_int_equal(palette_style(&palette, "odd")->family, FAMILY_OTHERS);
    assert_int_equal(palette_style(&palette, "silent")->family, FAMILY_OTHERS);
    assert_int_equal(palette_style(&palette, "threads")->family, FAMILY_THREADS);
}

static double linear(uint32_t byte)
{
    double value = (double)(byte & 255) / 255;
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

/* Of WCAG 2. */
static double contrast(uint32_t a, uint32_t b)
{
    double lums[2];
    const uint32_t colours[] = {a, b};
    for (size_t i = 0; i < 2; i++)
        lums[i] = 0.2126 * linear(colours[i] >> 16) + 0.7152 * linear(colours[i] >> 8) +
                  0.0722 * linear(colours[i]);
    double ratio = (lums[0] + 0.05) / (lums[1] + 0.05);
    return ratio < 1 ? 1 / ratio : ratio;
}

static void test_every_style_can_be_seen(void **state)
{
    (void)state;
    const char *models[SUITE + 2];
    memcpy(models, suite, sizeof suite);
    models[SUITE] = "unknown-1";
    models[SUITE + 1] = "unknown-2";
    build(&palette, models, SUITE + 2);
    assert_int_equal(palette.count, SUITE + 2);
    for (size_t i = 0; i < palette.count; i++) {
        const struct style *style = &palette.entries[i].style;
        assert_true(contrast(style->line, WHITE) >= 3);
        assert_true(contrast(style->text, WHITE) >= 4.5);
        assert_true(contrast(style->dark, NIGHT) >= 4.5);
    }
}

/* Two looks differ in colour or in marker; of one family in both shade or dash, and
 * marker. */
static void check_distinct(const struct palette *p)
{
    for (size_t i = 0; i < p->count; i++) {
        for (size_t k = 0; k < i; k++) {
            const struct style *a = &p->entries[i].style, *b = &p->entries[k].style;
            assert_int_not_equal(a->slot, b->slot);
            assert_true(a->line != b->line || a->marker != b->marker);
            if (a->family == b->family)
                assert_true(a->marker != b->marker ||
                            (a->line != b->line && a->dash != b->dash));
        }
    }
}

static void test_no_two_look_alike(void **state)
{
    (void)state;
    char names[24][32];
    const char *models[24];
    build(&palette, suite, SUITE);
    check_distinct(&palette);
    for (size_t i = 0; i < 24; i++) {
        (void)snprintf(names[i], sizeof names[i], i % 2 ? "coroutines.%zu" : "alien-%zu",
                       i);
        models[i] = names[i];
    }
    build(&palette, models, 24);
    check_distinct(&palette);
}

static void test_the_suite_keeps_its_looks(void **state)
{
    (void)state;
    const char *few[] = {"alien", "epoll", "coroutines"};
    build(&palette, suite, SUITE);
    build(&other, few, 3);
    for (size_t i = 1; i < 3; i++) {
        const struct style *a = palette_style(&palette, few[i]);
        const struct style *b = palette_style(&other, few[i]);
        assert_true(a->line == b->line && a->marker == b->marker && a->dash == b->dash &&
                    a->slot == b->slot);
    }
    assert_ptr_equal(palette_style(&palette, "alien"), palette_reference());
}

static void test_a_variant_has_the_colour_of_its_model(void **state)
{
    (void)state;
    const char *models[] = {"coroutines", "coroutines.ucontext", "py-aiohttp",
                            "x.threads"};
    build(&palette, models, 4);
    const struct style *base = palette_style(&palette, "coroutines");
    const struct style *variant = palette_style(&palette, "coroutines.ucontext");
    assert_int_equal(variant->line, base->line);
    assert_int_not_equal(variant->marker, base->marker);
    assert_int_equal(palette_style(&palette, "py-aiohttp")->family, FAMILY_OTHERS);
    assert_int_equal(palette_style(&palette, "x.threads")->family, FAMILY_OTHERS);
}

static void test_many_are_listed_by_family(void **state)
{
    (void)state;
    static const char *const wanted[] = {"sequential",   "threads",   "coroutines",
                                         "coroutines.8", "callbacks", "epoll",
                                         "alien"};
    struct scenario scenario = {.models = {"alien", "epoll", "coroutines.8", "callbacks",
                                           "threads", "coroutines", "sequential"},
                                .model_count = 6};
    struct results results = {.scenarios = &scenario, .scenario_count = 1};
    palette_init(&palette, &results);
    palette_group(&palette, &results);
    assert_string_equal(scenario.models[0], "alien"); /* six stay as they are */
    scenario.model_count = 7;
    palette_init(&palette, &results);
    palette_group(&palette, &results);
    for (size_t i = 0; i < 7; i++)
        assert_string_equal(scenario.models[i], wanted[i]);
}

static void test_no_model_has_the_colour_of_another(void **state)
{
    (void)state;
    build(&palette, suite, SUITE);
    for (size_t i = 0; i < palette.count; i++) {
        const struct style *style = &palette.entries[i].style;
        assert_int_not_equal(style->line, palette_reference()->line);
        for (size_t k = 0; k < i; k++)
            assert_int_not_equal(style->line, palette.entries[k].style.line);
    }
}

static void test_runs_are_grey_and_differ(void **state)
{
    (void)state;
    static const char *const names[] = {"A", "B", "C", "D", "E", "F"};
    palette.count = 0;
    for (size_t i = 0; i < 6; i++)
        palette_add_run(&palette, names[i]);
    check_distinct(&palette);
    for (size_t i = 0; i < 6; i++) {
        const uint32_t line = palette_style(&palette, names[i])->line;
        const int red = (int)(line >> 16), blue = (int)(line & 255);
        assert_true(abs(red - blue) < 16);
        assert_true(contrast(line, WHITE) >= 3);
        assert_true(contrast(palette.entries[i].style.text, WHITE) >= 4.5);
        assert_true(contrast(palette.entries[i].style.dark, NIGHT) >= 4.5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_runner_from_elsewhere_has_the_family_that_it_says),
        cmocka_unit_test(test_every_style_can_be_seen),
        cmocka_unit_test(test_no_two_look_alike),
        cmocka_unit_test(test_the_suite_keeps_its_looks),
        cmocka_unit_test(test_a_variant_has_the_colour_of_its_model),
        cmocka_unit_test(test_many_are_listed_by_family),
        cmocka_unit_test(test_no_model_has_the_colour_of_another),
        cmocka_unit_test(test_runs_are_grey_and_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
