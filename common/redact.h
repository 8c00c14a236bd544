/* redact: what must be neither stored nor printed is masked. A secret is known by where
 * it stands: the user part, query and fragment of a URL, and in a command's words what
 * follows a name such as --token, password= or Authorization:. Each is remembered for the
 * process, so that it can be removed from any text that repeats it. Not thread-safe. */
#ifndef COMMON_REDACT_H
#define COMMON_REDACT_H

#include <jansson.h>
#include <stdbool.h>

/* url (borrowed) with *** in place of user:password, of every value in the query and of
 * the fragment; new. */
char *redact_url(const char *url);

/* A word of a command line, or a whole command as one word, with *** in place of what is
 * secret in it; new. *is_next (false before the first word) says on entry whether the
 * word before makes this one secret, and on return whether this one makes the next one
 * secret. */
char *redact_word(const char *word, bool *is_next);

/* Puts * in the place of every secret remembered, of 3 bytes or more, in text. */
void redact_text(char *text);

/* json, a new copy with the same done to every string in it, keys excepted; json itself,
 * as a new reference, when nothing is remembered. */
json_t *redact_json(const json_t *json);

/* text with each absolute path in it cut to what may be stored: relative to the working
 * directory when it lies below it, else its last part. A path begins at the start, or
 * after a blank, a quote, '=' or ':' (not "://"), and ends before a blank or a quote.
 * New; out of memory ends the program. */
char *redact_paths(const char *text);

/* A word of a command line as it may be stored: without secrets, and with paths as
 * redact_paths leaves them. New. */
char *redact_command_word(const char *word);

/* Makes the same of every word of a command, an array of strings. */
void redact_words(json_t *words);

/* The words of concbench's command line, argv from the verb on, as they may be stored; "?"
 * for one that is not UTF-8. New. */
json_t *redact_command(int argc, char *const *argv);

/* Replaces the part of url before the @ wherever it occurs in text, which is changed in
 * place; for messages of programs that were given the URL. */
void redact_credentials(const char *url, char *text);

#endif
