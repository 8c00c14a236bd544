/* phrase: text in pieces, some of which say what they are.
 *
 * A phrase is a JSON array of objects with one string each: {"text"}, {"model"} for the
 * name of a model, {"interval"} for an interval. Read one after another they are the
 * text, so that a page can set names and intervals apart without searching for them. */
#ifndef ANALYSIS_WORDS_PHRASE_H
#define ANALYSIS_WORDS_PHRASE_H

#include <jansson.h>

/* A new phrase of one piece of plain text, as printf makes it; cut at 600 bytes. */
__attribute__((format(printf, 1, 2))) json_t *phrase_text(const char *format, ...);

/* New: one piece of the kind "text", "model" or "interval". */
json_t *phrase_piece(const char *kind, const char *text);

/* New: a count of things: "1 block", "2 blocks". */
json_t *phrase_count(double count, const char *thing);

/* Puts a phrase (taken) under a name into slots; NULL leaves the slot open. */
void phrase_slot(json_t *slots, const char *name, json_t *phrase);

/* Appends a phrase (taken) to an array of phrases; NULL adds nothing. */
void phrase_add(json_t *phrases, json_t *phrase);

/* Fills the {names} of a template with the phrases that slots has under them. Returns a
 * new phrase, or NULL when one is missing. slots is borrowed. */
json_t *phrase_fill(const char *template, const json_t *slots);

/* New: the phrases in a row, with between them the text of that name and last before the
 * last: ", " and " and " give "a, b and c". phrases: an array of phrases, taken. */
json_t *phrase_list(json_t *phrases, const char *between, const char *last);

/* The same phrase with a capital, unless its first word is a name such as py-requests. */
json_t *phrase_capital(json_t *phrase);

/* The text without its marks, a new JSON string. */
json_t *phrase_plain(const json_t *phrase);

#endif
