/* page.c: the report from top to bottom: a line about the machine, then a section per
 * scenario, then how all of it was measured. The parts are in page_*.c. See page.h. */
#include "report/page/page.h"

#include "common/cleanup.h"
#include "common/json.h"

#include <string.h>

static void write_title(struct html *html, const struct page *page)
{
    const struct results *r = page->results;
    const size_t models = page->palette->count;
    if (r->scenario_count == 1 && !load_other_server(r, r->scenarios)) {
        const struct scenario *s = r->scenarios;
        html_text(html, *s->title ? s->title : s->name);
        return;
    }
    html_textf(html, "%zu concurrency model%s on ", models, models == 1 ? "" : "s");
    page_write_processor(html, r);
}

static void write_masthead(struct html *html, const struct page *page)
{
    const struct results *r = page->results;
    html_raw(html, "<header>\n<p class=\"meta\">");
    page_write_where(html, r);
    html_raw(html, " · ");
    page_write_date(html, r->started);
    if (*json_text_of(r->run, "url"))
        html_textf(html, " · against %s", json_text_of(r->run, "url"));
    if (*json_text_of(r->run, "origin"))
        html_textf(html, " · origin on another host, %s", json_text_of(r->run, "origin"));
    html_raw(html, "</p>\n<h1>");
    write_title(html, page);
    html_raw(html, "</h1>\n<nav aria-label=\"Contents\">");
    for (size_t i = 0; i < r->scenario_count; i++) {
        html_raw(html, "<a href=\"#scenario-");
        html_text(html, r->scenarios[i].name);
        html_raw(html, "\">");
        html_text(html, r->scenarios[i].name);
        html_raw(html, "</a> ");
    }
    html_raw(html, "<a href=\"#measured\">how this was measured</a></nav>\n</header>\n");
}

void page_write(const struct page *page, char **out_text, size_t *out_size)
{
    AUTO_FREE char *css = page_css(page);
    struct html html;
    html_init(&html);
    page_begin_head(&html, css);
    write_title(&html, page);
    page_end_head(&html, css);
    html_raw(&html, "<body>\n<a class=\"skip\" href=\"#main\">Skip to the answers</a>\n"
                    "<div class=\"page\">\n");
    page_write_marks(&html, page->palette);
    write_masthead(&html, page);
    page_write_picker(&html, page);
    html_raw(&html, "<main id=\"main\" tabindex=\"-1\">\n");
    page_write_picked(&html, page);
    if (page->results->scenario_count == 0)
        html_raw(&html, "<p>The run has no scenario.</p>\n");
    for (size_t i = 0; i < page->results->scenario_count; i++)
        page_write_scenario(&html, page, i);
    page_write_environment(&html, page);
    html_raw(&html, "</main>\n</div>\n</body>\n</html>\n");
    html_finish(&html, out_text, out_size);
}
