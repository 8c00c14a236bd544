/* page_style.c: what depends on which models there are: their colours, the rules by which
 * the picker hides them, and their markers, once each for all rows that show them. */
#include "report/page/page.h"

#include "common/cleanup.h"
#include "common/memory.h"
#include "report/draw/svg_page.h"
#include "report/page/style.h"

#include <stdlib.h>

static const char *const begin_dark = "@media screen and (prefers-color-scheme:dark){";

static void put_colours(FILE *out, const struct palette *palette)
{
    for (size_t i = 0; i < palette->count; i++) {
        const struct style *style = &palette->entries[i].style;
        (void)fprintf(out, ".m%zu{--l:#%06x;--t:#%06x", style->slot, style->line,
                      style->text);
        const struct dash *dash = palette_dash(style->dash);
        for (size_t k = 0; k < dash->count; k++)
            (void)fprintf(out, "%s%g", k > 0 ? " " : ";--y:", dash->lengths[k]);
        (void)fputs("}\n", out);
    }
    (void)fputs(begin_dark, out);
    for (size_t i = 0; i < palette->count; i++) {
        const struct style *style = &palette->entries[i].style;
        (void)fprintf(out, ".m%zu{--l:#%06x;--t:#%06x}\n", style->slot, style->dark,
                      style->dark);
    }
    (void)fputs("}\n", out);
}

/* ":is(#p0,#p3)": the boxes, or with prefix ".m" the marks and rows, of a family. */
static void put_members(FILE *out, const struct palette *palette, enum family family,
                        const char *prefix)
{
    const char *between = ":is(";
    for (size_t i = 0; i < palette->count; i++) {
        if (palette->entries[i].style.family != family)
            continue;
        (void)fprintf(out, "%s%s%zu", between, prefix, palette->entries[i].style.slot);
        between = ",";
    }
    (void)fputs(")", out);
}

/* Hides a model in all of main when its box is not ticked. A family's box hides its
 * models, and its headings go when no model is left. */
static void put_picks(FILE *out, const struct palette *palette)
{
    for (size_t i = 0; i < palette->count; i++) {
        size_t slot = palette->entries[i].style.slot;
        (void)fprintf(out, "body:has(#p%zu:not(:checked)) main .m%zu{display:none}\n",
                      slot, slot);
    }
    for (int f = 0; f < FAMILIES; f++) {
        enum family family = (enum family)f;
        if (!page_has_family(palette, family))
            continue;
        (void)fprintf(out, "body:has(#q%d:not(:checked)) main ", f);
        put_members(out, palette, family, ".m");
        (void)fprintf(out, ",body:has(#q%d:not(:checked)) main .q%d,body:not(:has(", f,
                      f);
        put_members(out, palette, family, "#p");
        (void)fprintf(out, ":checked)) main .q%d{display:none}\n", f);
    }
}

bool page_has_family(const struct palette *palette, enum family family)
{
    for (size_t i = 0; i < palette->count; i++)
        if (palette->entries[i].style.family == family)
            return true;
    return false;
}

char *page_css(const struct page *page)
{
    char *css = NULL;
    size_t size = 0;
    FILE *out = memory_stream(&css, &size);
    (void)fputs(style_css, out);
    put_colours(out, page->palette);
    if (page_is_grouped(page))
        put_picks(out, page->palette);
    memory_stream_close(out, &css);
    return css;
}

void page_write_marks(struct html *html, const struct palette *palette)
{
    AUTO_FREE char *text = NULL;
    size_t size = 0;
    FILE *out = memory_stream(&text, &size);
    (void)fputs(svg_page_markers, out);
    for (size_t i = 0; i < palette->count; i++) {
        const struct style *style = &palette->entries[i].style;
        (void)fprintf(out,
                      "<symbol id=\"k%zu\" viewBox=\"0 0 28 12\"><path class=\"l y\" "
                      "d=\"M0 6h28\"/><use class=\"k\" href=\"#gpPt%d\" "
                      "transform=\"translate(14 6)scale(3.3)\"/></symbol>\n",
                      style->slot, style->marker - 1);
    }
    memory_stream_close(out, &text);
    html_raw(html, "<svg class=\"marks\" aria-hidden=\"true\">\n");
    html_svg(html, text, size);
    html_raw(html, "</svg>\n");
}
