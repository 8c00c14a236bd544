/* scale.c: axes; see scale.h. gnuplot could do this, but then the places of lines would
 * be known only to gnuplot, and labels could not be kept apart from them. */
#include "report/draw/scale.h"

#include "report/data/format.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void add_tick(struct scale *scale, double value, const char *label)
{
    if (scale->tick_count == SCALE_TICKS_MAX)
        return;
    struct tick *tick = &scale->ticks[scale->tick_count++];
    tick->value = value;
    (void)snprintf(tick->label, sizeof tick->label, "%.*s", (int)sizeof tick->label - 1,
                   label);
}

/* 1,500 and 0.05 as they are; no forced digits: 50 and not 50.0 */
static struct text tick_text(double value)
{
    struct text text;
    if (value >= 1000 || value == 0)
        return format_number(value);
    (void)snprintf(text.s, sizeof text.s, "%.6g", value);
    return text;
}

/* 1, 2, 2.5 or 5 times a power of ten, giving at most five steps over range. */
static double round_step(double range)
{
    static const double steps[] = {1, 2, 2.5, 5, 10};
    double power = pow(10, floor(log10(range / 5)));
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
        if (range / (steps[i] * power) <= 5.0001)
            return steps[i] * power;
    return 10 * power;
}

static struct scale linear(double low, double high, double step)
{
    struct scale scale = {.kind = SCALE_LINEAR, .low = low, .high = high};
    for (int i = 0; i < SCALE_TICKS_MAX; i++) {
        double value = low + i * step;
        if (value > high + step * 1e-6)
            break;
        add_tick(&scale, value, tick_text(round(value / step * 4) / 4 * step).s);
    }
    return scale;
}

struct scale scale_from_zero(double max)
{
    if (!(max > 0) || !isfinite(max))
        max = 1;
    double step = round_step(max);
    return linear(0, ceil(max / step - 1e-9) * step, step);
}

struct scale scale_around(double min, double max)
{
    if (!isfinite(min) || !isfinite(max))
        return scale_from_zero(1);
    if (max - min <= fabs(max) * 1e-6) { /* equal: a band of ten per cent around them */
        double margin = max != 0 ? fabs(max) * 0.05 : 1;
        min -= margin;
        max += margin;
    }
    double step = round_step(max - min);
    double low = floor(min / step + 1e-9) * step;
    return linear(low, ceil(max / step - 1e-9) * step, step);
}

struct scale scale_log(double min, double max)
{
    if (!(min > 0) || !isfinite(max) || max < min)
        return scale_from_zero(max);
    struct scale scale = {.kind = SCALE_LOG, .low = min / 1.15, .high = max * 1.15};
    double decades = log10(scale.high / scale.low);
    static const double all[] = {1, 2, 5};
    size_t per_decade = decades > 2.5 ? 1 : 3;
    int stride = decades > 12 ? 3 : 1;
    int first = (int)floor(log10(scale.low));
    for (int power = first; power <= first + (int)decades + 1; power += stride) {
        for (size_t i = 0; i < per_decade; i++) {
            double value = all[i] * pow(10, power);
            if (value >= scale.low && value <= scale.high)
                add_tick(&scale, value, tick_text(value).s);
        }
    }
    if (scale.tick_count < 2) /* too narrow for round numbers: name the ends */
        return scale_around(min, max);
    return scale;
}

struct scale scale_nines(double max)
{
    static const double quantiles[] = {0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999};
    struct scale scale = {.kind = SCALE_NINES, .low = 0, .high = max > 0 ? max : 0.5};
    for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles; i++)
        if (quantiles[i] <= scale.high + 1e-9)
            add_tick(&scale, quantiles[i], format_quantile(quantiles[i]).s);
    return scale;
}

static double transform(enum scale_kind kind, double value)
{
    if (kind == SCALE_LOG)
        return log10(value > 1e-300 ? value : 1e-300);
    if (kind == SCALE_NINES)
        return -log10(1 - (value < 1 - 1e-9 ? value : 1 - 1e-9));
    return value;
}

double scale_px(const struct scale *scale, double value)
{
    double low = transform(scale->kind, scale->low);
    double high = transform(scale->kind, scale->high);
    double part = (transform(scale->kind, value) - low) / (high - low);
    part = part < 0 ? 0 : part > 1 ? 1 : part;
    return scale->px_low + part * (scale->px_high - scale->px_low);
}
