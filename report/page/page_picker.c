/* page_picker.c: which models the page shows, without a script: a box per model and one
 * per family, and rules of CSS (page_style.c) that hide what is not ticked, in every
 * chart and table at once. Closed it is one line; open it is also the legend. In a
 * browser without :has() the boxes are hidden and all models are shown. */
#include "report/page/page.h"

#include <inttypes.h>

bool page_is_grouped(const struct page *page)
{
    return !page->series_name && page->palette->count >= PALETTE_GROUP_FROM;
}

void page_write_class(struct html *html, const struct page *page, const char *model)
{
    const struct style *style = palette_style(page->palette, model);
    if (style == palette_reference())
        return;
    html_raw(html, " class=\"m");
    html_textf(html, "%zu", style->slot);
    html_raw(html, "\"");
}

void page_write_model(struct html *html, const struct page *page, const char *model)
{
    const struct style *style = palette_style(page->palette, model);
    if (style != palette_reference()) {
        html_raw(html, "<svg class=\"mark m");
        html_textf(html, "%zu", style->slot);
        html_raw(html, "\" aria-hidden=\"true\"><use href=\"#k");
        html_textf(html, "%zu", style->slot);
        html_raw(html, "\"/></svg> ");
    }
    html_text(html, model);
}

void page_begin_row(struct html *html, const struct page *page, const struct scenario *s,
                    const struct cell *cell)
{
    html_raw(html, "<tr");
    page_write_class(html, page, cell->model);
    html_raw(html, "><th scope=\"row\">");
    page_write_model(html, page, cell->model);
    if (cell->concurrency != s->concurrency_max)
        html_textf(html, " (%" PRIu64 " in flight)", cell->concurrency);
    html_raw(html, "</th>");
}

void page_write_family(struct html *html, const struct page *page, const char *before,
                       const char *model, size_t columns)
{
    enum family family = palette_style(page->palette, model)->family;
    if (!page_is_grouped(page) ||
        (before && palette_style(page->palette, before)->family == family))
        return;
    if (before)
        html_raw(html, "</tbody><tbody>\n");
    html_raw(html, "<tr class=\"family q");
    html_textf(html, "%d", (int)family);
    html_raw(html, "\"><th scope=\"rowgroup\" colspan=\"");
    html_textf(html, "%zu", columns);
    html_raw(html, "\"><span>");
    html_text(html, palette_family_name(family));
    html_raw(html, "</span></th></tr>\n");
}

/* A ticked box; its id is prefix and number. */
static void write_box(struct html *html, char prefix, size_t number)
{
    html_raw(html, "<label><input type=\"checkbox\" checked id=\"");
    html_textf(html, "%c%zu", prefix, number);
    html_raw(html, "\"> ");
}

static void write_group(struct html *html, const struct page *page, enum family family)
{
    html_raw(html, "<fieldset><legend>");
    write_box(html, 'q', (size_t)family);
    html_text(html, palette_family_name(family));
    html_raw(html, "</label></legend>\n");
    for (size_t i = 0; i < page->palette->count; i++) {
        if (page->palette->entries[i].style.family != family)
            continue;
        write_box(html, 'p', page->palette->entries[i].style.slot);
        page_write_model(html, page, page->palette->entries[i].model);
        html_raw(html, "</label>\n");
    }
    html_raw(html, "</fieldset>\n");
}

void page_write_picker(struct html *html, const struct page *page)
{
    if (!page_is_grouped(page))
        return;
    html_raw(html, "<details class=\"picker\"><summary>Models shown</summary>\n<form "
                   "autocomplete=\"off\" aria-label=\"Models shown\">\n");
    for (int family = 0; family < FAMILIES; family++)
        if (page_has_family(page->palette, (enum family)family))
            write_group(html, page, (enum family)family);
    html_raw(html,
             "<p class=\"note\"><button type=\"reset\">Show all</button> An unticked "
             "model is hidden in every chart and table. Nothing is computed anew: "
             "sentences and ratios stay as they are. Colour "
             "shows the family.</p>\n</form></details>\n");
}

void page_write_picked(struct html *html, const struct page *page)
{
    if (page_is_grouped(page))
        html_raw(html, "<p class=\"note picked\">Some models are not shown: see "
                       "“Models shown” above.</p>\n");
}
