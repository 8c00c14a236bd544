/* secrets: what must be neither stored nor printed. A secret is known by where it stands:
 * the user part, query and fragment of a URL, and in a command's words what follows a
 * name such as --token, password= or Authorization:. Each is remembered for the process,
 * so that it can be removed from any text that repeats it. Not thread-safe. */
#ifndef HARNESS_SECRETS_H
#define HARNESS_SECRETS_H

#include <jansson.h>
#include <stdbool.h>

/* url (borrowed) with *** in place of user:password, of every value in the query and of
 * the fragment; new. */
char *secrets_mask_url(const char *url);

/* A word of a command line, or a whole command as one word, with *** in place of what is
 * secret in it; new. *is_next (false before the first word) says on entry whether the
 * word before makes this one secret, and on return whether this one makes the next one
 * secret. */
char *secrets_mask_word(const char *word, bool *is_next);

/* Puts * in the place of every secret remembered, of 3 bytes or more, in text. */
void secrets_mask_text(char *text);

/* json, a new copy with the same done to every string in it, keys excepted; json itself,
 * as a new reference, when nothing is remembered. */
json_t *secrets_mask_json(const json_t *json);

#endif
