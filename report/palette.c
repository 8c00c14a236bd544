/* palette.c: colours, markers and dashes; see palette.h. */
#include "report/palette.h"

#include <string.h>

/* Okabe and Ito's four that keep their contrast, and what they become elsewhere. */
#define BLUE      0x0072B2U, 0x00639AU, 0x56ADE4U
#define VERMILION 0xD55E00U, 0xB04E00U, 0xFF8A3DU
#define GREEN     0x009E73U, 0x00775AU, 0x2FC79AU
#define PINK      0xCC79A7U, 0xA2487BU, 0xE59AC4U
#define GREY      0x75787EU, 0x62656AU, 0xA9ACB3U

/* Filled markers and solid lines first, then outlines and dashes. */
static const struct style styles[PALETTE_STYLES] = {
    {GREY, 4, 2},  {BLUE, 7, 1},  {GREEN, 9, 1},      {VERMILION, 5, 1},
    {PINK, 13, 1}, {BLUE, 8, 2},  {VERMILION, 6, 2},  {GREEN, 4, 2},
    {PINK, 10, 2}, {BLUE, 11, 4}, {VERMILION, 15, 4}, {GREEN, 7, 4},
    {PINK, 5, 4},  {BLUE, 12, 3}, {VERMILION, 10, 3}, {GREEN, 14, 3},
    {PINK, 8, 3},  {BLUE, 2, 5},  {VERMILION, 1, 5},  {GREEN, 3, 5},
    {PINK, 2, 5},  {BLUE, 1, 4},  {VERMILION, 3, 3},  {GREEN, 1, 2},
    {PINK, 3, 3},
};

/* The models of the suite keep their colour from one report to the next. */
static const struct {
    const char *model;
    size_t slot;
} known[] = {{"sequential", 0}, {"threads", 1}, {"processes", 2}, {"coroutines", 3}};

static const struct {
    uint32_t light, dark;
} neutrals[] = {
    {PALETTE_INK, 0xE8E8EAU},
    {PALETTE_DIM, 0xA9ACB3U},
    {PALETTE_GRID, 0x36373DU},
    {PALETTE_AXIS, 0x75787EU},
};

static bool find(const struct palette *palette, const char *model, size_t *out_slot)
{
    for (size_t i = 0; i < palette->count; i++) {
        if (!strcmp(palette->models[i], model)) {
            *out_slot = palette->slots[i];
            return true;
        }
    }
    return false;
}

static void add(struct palette *palette, const char *model, size_t *next)
{
    size_t slot = 0;
    if (find(palette, model, &slot))
        return;
    bool is_known = false;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (!strcmp(known[i].model, model)) {
            slot = known[i].slot;
            is_known = true;
        }
    }
    if (!is_known) {
        slot = *next;
        *next = slot + 1 < PALETTE_STYLES ? slot + 1 : 4;
    }
    palette->models[palette->count] = model;
    palette->slots[palette->count++] = slot;
}

void palette_init(struct palette *palette, const struct results *results)
{
    size_t next = 4;
    palette->count = 0;
    for (size_t s = 0; s < results->scenario_count; s++)
        for (size_t m = 0; m < results->scenarios[s].model_count; m++)
            add(palette, results->scenarios[s].models[m], &next);
}

size_t palette_slot(const struct palette *palette, const char *model)
{
    size_t slot = 0;
    return find(palette, model, &slot) ? slot : PALETTE_STYLES - 1;
}

const struct style *palette_style(size_t slot)
{
    return &styles[slot % PALETTE_STYLES];
}

uint32_t palette_dark(uint32_t colour)
{
    for (size_t i = 0; i < sizeof neutrals / sizeof *neutrals; i++)
        if (neutrals[i].light == colour)
            return neutrals[i].dark;
    for (size_t i = 0; i < PALETTE_STYLES; i++)
        if (styles[i].line == colour || styles[i].text == colour)
            return styles[i].dark;
    return colour;
}
