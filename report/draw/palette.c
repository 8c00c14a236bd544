/* palette.c: colours, markers and dashes; see palette.h. The first four hues are Okabe
 * and Ito's; violet was chosen against them: any two families stay apart in normal vision
 * and in the simulated lack of each kind of cone. */
#include "report/draw/palette.h"

#include <stdbool.h>
#include <string.h>

#define SHADES 3

/* line, text, dark: the family's own shade, one for what it creates per request, and one
 * for its third model. */
static const struct {
    const char *id; /* what a runner calls it: docs/runner-contract.md */
    const char *name;
    uint32_t shades[SHADES][3];
} families[FAMILIES] = {
    [FAMILY_ONE] = {"single",
                    "one request at a time",
                    {{0x75787E, 0x62656A, 0xA9ACB3},
                     {0x55585E, 0x55585E, 0xC6C8CE},
                     {0x8D9097, 0x6E7177, 0x878A91}}},
    [FAMILY_THREADS] = {"threads",
                        "threads that block",
                        {{0x0072B2, 0x00639A, 0x56ADE4},
                         {0x004A80, 0x004A80, 0x93CCF3},
                         {0x3A97D9, 0x2173AE, 0x3C8FCB}}},
    [FAMILY_PROCESSES] = {"processes",
                          "processes",
                          {{0x009E73, 0x00775A, 0x2FC79A},
                           {0x00573F, 0x00573F, 0x85E5C2},
                           {0x2E9F7C, 0x23805F, 0x1FA27C}}},
    [FAMILY_COROUTINES] = {"coroutines",
                           "coroutines with a stack",
                           {{0xD55E00, 0xB04E00, 0xFF8A3D},
                            {0x8F3B00, 0x8F3B00, 0xFFBB8C},
                            {0xE06C33, 0xB85214, 0xD96A1E}}},
    [FAMILY_LOOPS] = {"loops",
                      "event loops by hand",
                      {{0x8230D8, 0x7424C6, 0xB68CFF},
                       {0x4B1590, 0x4B1590, 0xD3B8FF},
                       {0xA463EE, 0x8746CE, 0x9C6BF0}}},
    [FAMILY_RAW] = {"sockets",
                    "sockets without libcurl",
                    {{0x1D1D1F, 0x1D1D1F, 0xE8E8EA},
                     {0x43464C, 0x43464C, 0xCFD2D8},
                     {0x6A6D73, 0x6A6D73, 0x9B9EA5}}},
    [FAMILY_OTHERS] = {"others",
                       "others",
                       {{0xCC79A7, 0xA2487B, 0xF06CC0},
                        {0x8F3768, 0x8F3768, 0xF7AEDD},
                        {0xD0669F, 0xB0457F, 0xDB5DA7}}},
};

/* The models of the suite, whose styles stay the same. Any other has the family that its
 * runner says, and a style that is free. Those that keep their workers are solid and
 * filled. */
static const struct {
    const char *model;
    enum family family;
    int shade, marker, dash;
} known[] = {
    {"sequential", FAMILY_ONE, 0, 4, 2},
    {"threads", FAMILY_THREADS, 0, 7, 1},
    {"processes", FAMILY_PROCESSES, 0, 9, 1},
    {"coroutines", FAMILY_COROUTINES, 0, 5, 1},
    {"thread-per-request", FAMILY_THREADS, 1, 6, 2},
    {"process-per-request", FAMILY_PROCESSES, 1, 8, 2},
    {"process-loops", FAMILY_PROCESSES, 2, 11, 4},
    {"coroutine-threads", FAMILY_COROUTINES, 1, 13, 4},
    {"callbacks", FAMILY_LOOPS, 0, 15, 1},
    {"stackless", FAMILY_LOOPS, 1, 5, 1},
    {"multi-poll", FAMILY_LOOPS, 2, 12, 2},
    {"executor", FAMILY_THREADS, 2, 10, 4},
    {"epoll", FAMILY_RAW, 0, 11, 1},
    {"io-uring", FAMILY_RAW, 1, 6, 2},
    {"null", FAMILY_ONE, 1, 2, 3},
};

static struct style style_of(enum family family, int shade, int marker, int dash)
{
    const uint32_t *colours = families[family].shades[shade];
    return (struct style){colours[0], colours[1], colours[2], marker,
                          dash,       family,     SIZE_MAX};
}

const struct style *palette_style(const struct palette *palette, const char *model)
{
    for (size_t i = 0; i < palette->count; i++)
        if (!strcmp(palette->entries[i].model, model))
            return &palette->entries[i].style;
    return palette_reference();
}

const struct style *palette_reference(void)
{
    static const struct style reference = {0x8A7440, 0x766233,      0xC9B37E, 1,
                                           3,        FAMILY_OTHERS, SIZE_MAX};
    return &reference;
}

const struct dash *palette_dash(int dash)
{
    static const struct dash dashes[PALETTE_DASHES] = {
        [2] = {{5, 4}, 2},
        [3] = {{2, 2}, 2},
        [4] = {{7, 2, 2, 2}, 4},
        [5] = {{6, 2, 2, 2, 2, 2}, 6},
        [PALETTE_COMPANION] = {{4, 3}, 2},
    };
    return &dashes[dash > 0 && dash < PALETTE_DASHES ? dash : 0];
}

const char *palette_family_name(enum family family)
{
    return families[family].name;
}

/* The index in `known` of the model, which may be a variant of it (name up to the first
 * dot); COUNT_OF(known) if there is none. */
static size_t known_at(const char *name, size_t length)
{
    size_t i = 0;
    while (i < COUNT_OF(known) && (strlen(known[i].model) != length ||
                                   strncmp(known[i].model, name, length) != 0))
        i++;
    return i;
}

static bool is_taken(const struct palette *palette, const struct style *style)
{
    for (size_t i = 0; i < palette->count; i++) {
        const struct style *other = &palette->entries[i].style;
        if (other->line == style->line && other->marker == style->marker)
            return true;
    }
    return false;
}

/* A style of the family that no model of the suite or of this palette has. */
static struct style free_style(const struct palette *palette, enum family family)
{
    static const int markers[] = {7, 4, 12, 9, 2, 14, 10, 1, 5, 6, 3, 13, 8, 11, 15};
    static const size_t marker_count = COUNT_OF(markers);
    struct style style = style_of(family, 0, markers[0], 2);
    for (size_t i = 0; i < marker_count * SHADES; i++) {
        int marker = markers[i % marker_count];
        style = style_of(family, (int)(i % SHADES), marker, 1 + (int)(i + 1) % 5);
        bool is_known = false;
        for (size_t k = 0; k < COUNT_OF(known); k++)
            is_known =
                is_known || (known[k].family == family && known[k].marker == marker);
        if (!is_known && !is_taken(palette, &style))
            break;
    }
    return style; /* styles repeat after thirty models of one family */
}

/* The family that the model's runner says it has; that of the others if it says none. */
static enum family said_family(const struct scenario *scenario, const char *model)
{
    const char *said = json_string_value(json_object_get(scenario->families, model));
    for (int i = 0; said && i < FAMILIES; i++)
        if (!strcmp(families[i].id, said))
            return (enum family)i;
    return FAMILY_OTHERS;
}

static void add(struct palette *palette, const struct scenario *scenario,
                const char *model, bool is_known_wanted)
{
    size_t at = known_at(model, strlen(model));
    if ((at < COUNT_OF(known)) != is_known_wanted ||
        palette->count == PALETTE_MODELS_MAX ||
        palette_style(palette, model) != palette_reference())
        return;
    struct style style;
    if (at < COUNT_OF(known)) {
        style =
            style_of(known[at].family, known[at].shade, known[at].marker, known[at].dash);
        style.slot = at;
    } else {
        size_t base = known_at(model, strcspn(model, "."));
        style =
            free_style(palette, base < COUNT_OF(known) ? known[base].family
                                                       : said_family(scenario, model));
        style.slot = COUNT_OF(known) + palette->count;
    }
    palette->entries[palette->count].model = model;
    palette->entries[palette->count++].style = style;
}

void palette_init(struct palette *palette, const struct results *results)
{
    palette->count = 0;
    for (int is_unknown = 0; is_unknown < 2; is_unknown++)
        for (size_t s = 0; s < results->scenario_count; s++)
            for (size_t m = 0; m < results->scenarios[s].model_count; m++)
                add(palette, &results->scenarios[s], results->scenarios[s].models[m],
                    !is_unknown);
}

void palette_add_run(struct palette *palette, const char *name)
{
    static const uint32_t greys[][3] = {{0x1D1D1F, 0x1D1D1F, 0xE8E8EA},
                                        {0x6A6E75, 0x5C6066, 0xA9ACB3},
                                        {0x8F939A, 0x6A6D73, 0x83868C}};
    static const int markers[] = {7, 9, 5, 13, 15, 11, 6, 8, 4, 12, 14, 10};
    const size_t i = palette->count;
    if (i == PALETTE_MODELS_MAX)
        return;
    const uint32_t *grey = greys[i % COUNT_OF(greys)];
    palette->entries[i].model = name;
    palette->entries[i].style = (struct style){
        grey[0],          grey[1],       grey[2], markers[i % COUNT_OF(markers)],
        1 + (int)(i % 5), FAMILY_OTHERS, i};
    palette->count++;
}

static size_t rank(const struct palette *palette, const char *model)
{
    const struct style *style = palette_style(palette, model);
    return (size_t)style->family * (COUNT_OF(known) + PALETTE_MODELS_MAX) +
           (style->slot == SIZE_MAX ? 0 : style->slot);
}

void palette_group(const struct palette *palette, struct results *results)
{
    for (size_t s = 0; s < results->scenario_count; s++) {
        struct scenario *scenario = &results->scenarios[s];
        if (scenario->model_count < PALETTE_GROUP_FROM)
            continue;
        for (size_t i = 1; i < scenario->model_count; i++) {
            const char *model = scenario->models[i];
            size_t at = i;
            for (;
                 at > 0 && rank(palette, scenario->models[at - 1]) > rank(palette, model);
                 at--)
                scenario->models[at] = scenario->models[at - 1];
            scenario->models[at] = model;
        }
    }
}
