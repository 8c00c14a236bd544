/* palette: the one table that gives a model its colour, marker and dash, in charts and in
 * the page. Colour shows the family. Within a family two models
 * differ in marker, and in shade or dash; identity is never colour alone. */
#ifndef REPORT_PALETTE_H
#define REPORT_PALETTE_H

#include "report/data/load.h"

#include <stddef.h>
#include <stdint.h>

#define PALETTE_MODELS_MAX ((size_t)LOAD_SCENARIOS_MAX * LOAD_MODELS_MAX)
#define PALETTE_GROUP_FROM 7U /* this many models or more are listed by family */
#define PALETTE_MARKERS    16 /* gnuplot's point types 1 .. 15 */
#define PALETTE_DASHES     7  /* 1 is solid */
#define PALETTE_COMPANION  6  /* for a second line of a model; no model's own */

/* In the order of the page. */
enum family {
    FAMILY_ONE, /* one request at a time */
    FAMILY_THREADS,
    FAMILY_PROCESSES,
    FAMILY_COROUTINES,
    FAMILY_LOOPS, /* event loops, their state kept by hand */
    FAMILY_RAW,   /* sockets without libcurl */
    FAMILY_OTHERS,
    FAMILIES
};

struct style {
    uint32_t line; /* 0xRRGGBB; 3:1 on white */
    uint32_t text; /* the same hue, 4.5:1 on white */
    uint32_t dark; /* of lines and text on the dark page, 4.5:1 */
    int marker;    /* gnuplot's point type */
    int dash;      /* of palette_dash */
    enum family family;
    size_t slot; /* a number of its own, fixed for the suite's models */
};

/* Strokes and gaps in turn, in pixels; count 0 is solid. */
struct dash {
    double lengths[6];
    size_t count;
};

/* Which style each model of a run has; the same in all its scenarios. */
struct palette {
    struct {
        const char *model; /* borrowed */
        struct style style;
    } entries[PALETTE_MODELS_MAX];
    size_t count;
};

/* The models of a run: the suite's own keep their style from one report to the next; a
 * variant of one of them (coroutines.ucontext) has its colour, anything else that of the
 * family that its runner says, or pink. */
void palette_init(struct palette *out_palette, const struct results *results);

/* Adds an entry that is not a model, in a grey, as a model's colour would mislead. name
 * is borrowed. */
void palette_add_run(struct palette *palette, const char *name);

/* The style of a model of the palette; palette_reference() for any other name. */
const struct style *palette_style(const struct palette *palette, const char *model);

/* The style of a line that belongs to no model: the ideal. */
const struct style *palette_reference(void);

const struct dash *palette_dash(int dash); /* 1 .. PALETTE_DASHES - 1 */

/* "threads that block" */
const char *palette_family_name(enum family family);

/* Puts the models of every scenario that has PALETTE_GROUP_FROM or more in the order of
 * their families, the suite's own first in each. */
void palette_group(const struct palette *palette, struct results *results);

#endif
