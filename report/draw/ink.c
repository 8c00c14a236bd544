/* ink.c: from what a mark is to a colour; see ink.h. */
#include "report/draw/ink.h"

#define GROUP_BITS 16U

/* Colours that belong to no model, and which roles have them. */
static const struct {
    uint32_t light, dark;
} neutrals[INK_ROLES] = {
    [INK_GRID] = {0xDFE1E5U, 0x36373DU},  [INK_AXIS] = {0x8A8D93U, 0x75787EU},
    [INK_FRAME] = {0x62656AU, 0xA9ACB3U}, [INK_RULE] = {0x1D1D1FU, 0xE8E8EAU},
    [INK_TITLE] = {0x1D1D1FU, 0xE8E8EAU}, [INK_TICK] = {0x62656AU, 0xA9ACB3U},
    [INK_VALUE] = {0x1D1D1FU, 0xE8E8EAU},
};

uint32_t ink_code(struct ink ink)
{
    uint32_t group = 0;
    if (ink.owner && ink.owner != palette_reference())
        group = (uint32_t)ink.owner->slot + 1;
    return (uint32_t)ink.role << GROUP_BITS | group;
}

enum ink_role ink_code_role(uint32_t code)
{
    uint32_t role = code >> GROUP_BITS;
    return role < INK_ROLES ? (enum ink_role)role : INK_NONE;
}

size_t ink_code_group(uint32_t code)
{
    return code & ((1U << GROUP_BITS) - 1);
}

uint32_t ink_light(struct ink ink)
{
    const struct style *style = ink.owner ? ink.owner : palette_reference();
    if (neutrals[ink.role].light)
        return neutrals[ink.role].light;
    return ink.role == INK_LABEL ? style->text : style->line;
}

uint32_t ink_dark(struct ink ink)
{
    const struct style *style = ink.owner ? ink.owner : palette_reference();
    return neutrals[ink.role].light ? neutrals[ink.role].dark : style->dark;
}

int ink_dash(struct ink ink)
{
    const struct style *style = ink.owner ? ink.owner : palette_reference();
    return ink.role == INK_COMPANION ? PALETTE_COMPANION : style->dash;
}
