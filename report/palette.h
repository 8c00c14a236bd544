/* palette: the one table that gives a model its colour, marker and dash, in charts and in
 * the page. Identity is never colour alone: markers differ between any two models of the
 * same colour, and so do dashes. */
#ifndef REPORT_PALETTE_H
#define REPORT_PALETTE_H

#include "report/load.h"

#include <stddef.h>
#include <stdint.h>

#define PALETTE_STYLES 25

struct style {
    uint32_t line; /* 0xRRGGBB; 3:1 on white and on the dark page */
    uint32_t text; /* the same hue, dark enough to read on white (4.5:1) */
    uint32_t dark; /* of lines and text on the dark page */
    int marker;    /* gnuplot's point type */
    int dash;      /* gnuplot's dash type: 1 solid */
};

/* Colours that belong to no model. */
#define PALETTE_INK  0x1D1D1FU /* titles */
#define PALETTE_DIM  0x62656AU /* ticks, notes */
#define PALETTE_GRID 0xDFE1E5U
#define PALETTE_AXIS 0x8A8D93U

/* Which style each model of a run has; the same in all its scenarios. */
struct palette {
    const char *models[LOAD_SCENARIOS_MAX * LOAD_MODELS_MAX]; /* borrowed from results */
    size_t slots[LOAD_SCENARIOS_MAX * LOAD_MODELS_MAX];
    size_t count;
};

void palette_init(struct palette *out_palette, const struct results *results);

/* 0 .. PALETTE_STYLES - 1. */
size_t palette_slot(const struct palette *palette, const char *model);

const struct style *palette_style(size_t slot);

/* What a light colour becomes in the dark; colour itself when it is not in the table. */
uint32_t palette_dark(uint32_t colour);

#endif
