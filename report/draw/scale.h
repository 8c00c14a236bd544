/* scale: from numbers to pixels along one axis, and where its ticks are. */
#ifndef REPORT_SCALE_H
#define REPORT_SCALE_H

#include <stddef.h>

#define SCALE_TICKS_MAX 16

enum scale_kind {
    SCALE_LINEAR,
    SCALE_LOG,  /* any base: only the ticks differ */
    SCALE_NINES /* -log10(1 - q): 0, 90 %, 99 %, 99.9 % at equal distances */
};

struct tick {
    double value;
    char label[24];
};

struct scale {
    enum scale_kind kind;
    double low, high;       /* low < high; both positive for SCALE_LOG */
    double px_low, px_high; /* where they are */
    struct tick ticks[SCALE_TICKS_MAX];
    size_t tick_count;
};

/* A linear scale from zero to a round number at or above max, with 3 to 6 ticks. */
struct scale scale_from_zero(double max);

/* A linear scale around min .. max, which may be equal, not forced to zero. */
struct scale scale_around(double min, double max);

/* A logarithmic scale around min .. max (positive), ticks at 1, 2, 5 or at decades. */
struct scale scale_log(double min, double max);

/* Quantiles from 0 to max (below 1). */
struct scale scale_nines(double max);

/* The pixel of value, clamped to the ends of the scale. */
double scale_px(const struct scale *scale, double value);

#endif
