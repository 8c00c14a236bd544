/* ink: how a mark of a picture is painted, and which model it belongs to. gnuplot gets
 * the two as one number in place of a colour, so that svg_read.c knows the model of each
 * mark. A PNG gets the colour itself. */
#ifndef REPORT_INK_H
#define REPORT_INK_H

#include "report/draw/palette.h"

enum ink_role {
    INK_NONE,
    INK_GRID,
    INK_AXIS,
    INK_BOX,
    INK_FRAME, /* a neutral outline */
    INK_RULE,  /* a neutral thin line on a mark of a model */
    INK_THIN,  /* a thin line of a model */
    INK_LINE,
    INK_COMPANION, /* a second line of a model: thin, dashed */
    INK_POINT,
    INK_TITLE,
    INK_TICK,
    INK_VALUE,
    INK_LABEL, /* a model's name */
    INK_ROLES
};

/* owner NULL: no model's. The roles of a model's own colour need an owner; it may be
 * palette_reference(). */
struct ink {
    enum ink_role role;
    const struct style *owner;
};

/* Role and owner in 24 bits: group 0 for no model and the reference, slot + 1 for models.
 */
uint32_t ink_code(struct ink ink);
enum ink_role ink_code_role(uint32_t code);
size_t ink_code_group(uint32_t code);

/* 0xRRGGBB on a light page and on a dark one. */
uint32_t ink_light(struct ink ink);
uint32_t ink_dark(struct ink ink);

/* The dash of a line with this ink: of palette_dash. */
int ink_dash(struct ink ink);

#endif
