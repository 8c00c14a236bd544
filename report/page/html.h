/* html: a writer that escapes by default. Markup can only come from string literals of
 * this program; whatever comes from data goes through html_text or html_attr. */
#ifndef REPORT_HTML_H
#define REPORT_HTML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct html {
    FILE *out; /* an open_memstream */
    char *text;
    size_t size;
};

void html_init(struct html *out_html);

/* Ends writing. *out_text is new and NUL-terminated after *out_size bytes. */
void html_finish(struct html *html, char **out_text, size_t *out_size);

/* Writes markup as it is. The two empty strings let only literals compile. */
#define html_raw(html, literal) html_raw_bytes((html), "" literal "")
void html_raw_bytes(struct html *html, const char *literal);

/* Text: & < > " ' become entities. NULL writes nothing. */
void html_text(struct html *html, const char *text);

/* Text as sentences have it: as html_text, and no line ends between a number and its unit.
 */
void html_prose(struct html *html, const char *text);

/* Formatted text, escaped after formatting. */
void html_textf(struct html *html, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* ` name="value"`, the value escaped; name is a literal. */
#define html_attr(html, name, value) html_attr_value((html), " " name "=\"", (value))
void html_attr_value(struct html *html, const char *opening, const char *value);

/* Writes what svg_page made: numbers, and text that it has escaped. */
void html_svg(struct html *html, const char *svg, size_t size);

/* One element with text in it: html_element(h, "td", "x"). tag is a literal, and may
 * have attributes: "th scope=\"row\"". */
#define html_element(html, tag, text) html_element_text((html), "" tag "", (text))
void html_element_text(struct html *html, const char *tag, const char *text);

#endif
