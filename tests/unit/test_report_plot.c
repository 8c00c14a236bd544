/* test_report_plot: which axis suits a panel's numbers, and what gnuplot is given: a script
 * of numbers, and texts in the data alone. */
#include "report/draw/plot.h"

#include "common/cleanup.h"
#include "common/file.h"

#include <limits.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const struct style style = {
    .line = 0x0072B2, .text = 0x00639A, .marker = 7, .dash = 2};

/* A panel with one series for each name, whose only value stands beside it. */
static struct panel made(enum panel_kind kind, size_t count, const char *const *names,
                         const double *values)
{
    struct panel panel = {.kind = kind,
                          .id = "x",
                          .name = "CPU",
                          .unit = UNIT_NS,
                          .x_name = kind == PANEL_ROWS ? NULL : "requests in flight"};
    for (size_t i = 0; i < count; i++) {
        struct panel_series *series = panel_add_series(&panel, names[i], &style);
        panel_add_point(
            series, (struct panel_point){1, values[i], (double)NAN, (double)NAN, true});
    }
    return panel;
}

static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};

static void test_bars_start_at_zero_and_outliers_are_dots(void **state)
{
    (void)state;
    static const struct {
        double values[4];
        int is_log;
    } cases[] = {{{3000, 4000, 5000, 31000}, 0},
                 {{3000, 4000, 5000, 33000}, 1},
                 {{0, 4000, 5000, 90000}, 0}, /* zero has no place on such an axis */
                 {{10, 1000, 1100, 1200}, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct panel panel = made(PANEL_ROWS, 4, names, cases[i].values);
        const struct axis axis = panel_axis(&panel);
        assert_int_equal(axis.is_log, cases[i].is_log);
        assert_true(axis.is_log ? axis.low > 0 : axis.low == 0);
        assert_true(axis.high * axis.divisor >= cases[i].values[3]);
        panel_done(&panel);
    }
}

static void test_two_concurrencies_start_at_zero(void **state)
{
    (void)state;
    for (int far = 2; far <= 3; far++) {
        const double values[] = {48, 49};
        struct panel panel = made(PANEL_LINES, 2, names, values);
        for (int i = 2; i <= far; i++)
            panel_add_point(
                &panel.series[0],
                (struct panel_point){i * 8, 5000, (double)NAN, (double)NAN, true});
        assert_int_equal(panel_axis(&panel).is_log, far == 3);
        panel_done(&panel);
    }
}

static void test_axes_hold_their_values(void **state)
{
    (void)state;
    static const double tries[] = {0, 1e-9, 0.3, 1, 999, 1234567, 3e12};
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        for (int kind = PANEL_LINES; kind <= PANEL_ROWS; kind++) {
            struct panel panel = made((enum panel_kind)kind, 1, names, &tries[i]);
            const struct axis axis = panel_axis(&panel);
            assert_true(isfinite(axis.high) && axis.high > axis.low && axis.step > 0);
            assert_true(axis.high * axis.divisor >= tries[i] * (1 - 1e-9));
            assert_true((axis.high - axis.low) / axis.step <= 5.01);
            panel_done(&panel);
        }
    }
}

/* Every label of the data lies on the axis, and no two are closer than their letters. */
static void check_labels(struct panel *panel)
{
    const struct axis axis = panel_axis(panel);
    const struct plot_look *look = &plot_looks[panel->size];
    const double plot = panel_height(panel) - look->top - look->bottom;
    double places[PANEL_SERIES_MAX];
    size_t count = 0, size = 0;
    char *data = NULL;
    plot_data(panel, &data, &size);
    for (const char *line = data; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        double place = 0;
        // NOLINTNEXTLINE(cert-err34-c): a line of another form is no label
        if (sscanf(line, "%*[^\t\n]\t%*[^\t\n]\t\t\t%*[^\t\n]\t%lf\t", &place) != 1)
            continue;
        assert_true(place >= axis.low && place <= axis.high);
        places[count++] = place;
    }
    assert_int_equal(count, panel->series_count);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < i; k++)
            assert_true(fabs(places[i] - places[k]) / (axis.high - axis.low) * plot >
                        look->label - 0.01);
    free(data);
}

static void test_labels_lie_apart_on_the_axis(void **state)
{
    (void)state;
    static const double same[] = {500, 500, 500, 500, 500, 500, 500, 500};
    static const double zero[] = {0, 0, 0, 0, 0, 0, 0, 1};
    for (int size = PANEL_SMALL; size <= PANEL_WIDE; size++) {
        for (int i = 0; i < 2; i++) {
            struct panel panel = made(PANEL_LINES, 8, names, i ? zero : same);
            panel.size = (enum panel_size)size;
            check_labels(&panel);
            panel_done(&panel);
        }
    }
}

static void test_texts_are_in_the_data_alone(void **state)
{
    (void)state;
    static const char *const hostile[] = {"'.system('touch x').'", "\"`touch x`\"",
                                          "a\tb\nc", "# %s @x {^_}\\"};
    static const char *const templates[] = {"look", "x-axis", "y-axis", "lines",
                                            "bars", "dots",   "end"};
    static const double values[] = {1, 2, 3, 4};
    char folder[] = "/tmp/concbench-plot-XXXXXX";
    struct err err = {0};
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < sizeof templates / sizeof *templates; i++) {
        char path[PATH_MAX];
        (void)snprintf(path, sizeof path, "%s/%s.gp", folder, templates[i]);
        assert_int_equal(file_write(path, "# part\n", 7, &err), 0);
    }
    for (int kind = PANEL_LINES; kind <= PANEL_ROWS; kind += PANEL_ROWS) {
        struct panel panel = made((enum panel_kind)kind, 4, hostile, values);
        AUTO_FREE char *script = NULL;
        AUTO_FREE char *data = NULL;
        size_t size = 0;
        (void)snprintf(panel.name, sizeof panel.name, "%s", hostile[0]);
        assert_int_equal(plot_script(&panel, "n", folder, &script, &size, &err), 0);
        assert_null(strstr(script, "touch"));
        assert_null(strstr(script, "system"));
        plot_data(&panel, &data, &size);
        assert_non_null(strstr(data, "touch x"));
        assert_null(strpbrk(data, "\"\\\r"));
        assert_null(strstr(data, "a\tb"));
        panel_done(&panel);
    }
    for (size_t i = 0; i < sizeof templates / sizeof *templates; i++) {
        char path[PATH_MAX];
        (void)snprintf(path, sizeof path, "%s/%s.gp", folder, templates[i]);
        assert_int_equal(unlink(path), 0);
    }
    struct panel panel = made(PANEL_LINES, 4, hostile, values);
    AUTO_FREE char *script = NULL;
    size_t size = 0;
    assert_int_not_equal(plot_script(&panel, "n", folder, &script, &size, &err), 0);
    assert_non_null(strstr(err.text, "look.gp"));
    panel_done(&panel);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bars_start_at_zero_and_outliers_are_dots),
        cmocka_unit_test(test_two_concurrencies_start_at_zero),
        cmocka_unit_test(test_axes_hold_their_values),
        cmocka_unit_test(test_labels_lie_apart_on_the_axis),
        cmocka_unit_test(test_texts_are_in_the_data_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
