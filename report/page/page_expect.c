/* page_expect.c: what to expect of a scenario and why, and which predictions held. It is
 * folded, so that a class can guess before it looks. */
#include "report/data/load_expect.h"
#include "report/page/page.h"

#include <string.h>

void page_write_why(struct html *html, const struct scenario *s)
{
    if (s->why && *s->why)
        html_element(html, "p class=\"why\"", s->why);
}

/* Writes the statement of a group of rows, over all columns. */
static void write_saying(struct html *html, const struct expectation *e)
{
    html_raw(html, "<tr><th scope=\"rowgroup\" colspan=\"3\">");
    html_text(html, e->says);
    if (*e->because) {
        html_raw(html, " <span class=\"because\">");
        html_text(html, e->because);
        html_raw(html, "</span>");
    }
    html_raw(html, "</th></tr>\n");
}

static void write_row(struct html *html, const struct expectation *e)
{
    html_raw(html, "<tr><td class=\"list\"><code>");
    html_text(html, e->inequality);
    html_raw(html, "</code></td><td>");
    html_text(html, *e->measured ? e->measured : "–");
    html_raw(html, "</td><td class=\"list\">");
    if (e->outcome == OUTCOME_NOT_HELD)
        html_element(html, "strong", load_outcomes[e->outcome]);
    else
        html_text(html, load_outcomes[e->outcome]);
    if (*e->reason) {
        html_raw(html, ": ");
        html_text(html, e->reason);
    }
    html_raw(html, "</td></tr>\n");
}

void page_write_expectations(struct html *html, const struct page *page,
                             const struct scenario *s)
{
    const struct expectation *last = NULL;
    for (size_t i = 0; i < page->results->expectation_count; i++) {
        const struct expectation *e = &page->results->expectations[i];
        if (strcmp(e->scenario, s->name) != 0)
            continue;
        if (!last)
            html_raw(html, "<details class=\"expect\"><summary>What theory predicts, and "
                           "what held (guess first)</summary>\n"
                           "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                           "aria-label=\"What theory predicts\"><table>"
                           "<caption>Medians against bounds</caption>\n<thead><tr>"
                           "<th scope=\"col\">prediction</th><th scope=\"col\">measured"
                           "</th><th scope=\"col\">outcome</th></tr></thead>\n");
        if (last && strcmp(last->says, e->says) != 0)
            html_raw(html, "</tbody>\n");
        if (!last || strcmp(last->says, e->says) != 0) {
            html_raw(html, "<tbody>\n");
            write_saying(html, e);
        }
        write_row(html, e);
        last = e;
    }
    if (last)
        html_raw(html, "</tbody></table></div></details>\n");
}
