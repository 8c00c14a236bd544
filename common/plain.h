/* plain: text of strangers (servers, libraries, other programs) made fit to be shown. */
#ifndef COMMON_PLAIN_H
#define COMMON_PLAIN_H

/* Replaces by '?', in place, what is no UTF-8, control characters, line breaks and the
 * Unicode characters that are unseen or turn the direction of what follows. A character
 * that was cut off at the end is dropped. Never makes the text longer. */
void plain_text(char *text);

#endif
