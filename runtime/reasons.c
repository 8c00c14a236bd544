/* reasons.c: see reasons.h. */
#include "runtime/reasons.h"

#include "common/clean.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Removes what may be secret in the URL whose "//" is at *at: user and password, and the
 * values of its query. Returns the end of the URL. */
static char *hide_in_url(char *at)
{
    char *host = at + 2;
    char *rest = host + strcspn(host, "/?# '\"<>");
    for (char *p = host; p < rest; p++) {
        if (*p == '@') { /* the last one ends the password */
            memmove(host, p + 1, strlen(p + 1) + 1);
            rest -= p + 1 - host;
            p = host - 1;
        }
    }
    char *query = rest + strcspn(rest, "?# '\"<>");
    if (*query != '?' && *query != '#')
        return query;
    char *end = query + strcspn(query, " '\"<>");
    query++;
    memmove(query, end, strlen(end) + 1);
    return query;
}

static void hide_secrets(char *text)
{
    for (char *at = text; (at = strstr(at, "//"));)
        at = hide_in_url(at);
}

static bool claim(struct reason *reason)
{
    int free_state = 0;
    return atomic_compare_exchange_strong(&reason->state, &free_state, 1);
}

/* If a worker dies in between, only this text is lost. */
static void keep(struct reason *reason)
{
    hide_secrets(reason->text);
    clean_in_place(reason->text, sizeof reason->text);
    atomic_store(&reason->state, 2);
}

void reasons_note(struct reasons *reasons, enum outcome outcome, const char *format, ...)
{
    struct reason *reason = &reasons->first[outcome];
    if (outcome == OUTCOME_OK || !claim(reason))
        return;
    va_list args;
    va_start(args, format);
    (void)vsnprintf(reason->text, sizeof reason->text, format, args);
    va_end(args);
    keep(reason);
}

void reasons_note_redirect(struct reasons *reasons, unsigned status, const char *location)
{
    struct reason *reason = &reasons->first[OUTCOME_OK];
    if (!claim(reason))
        return;
    const char *to = location ? location : "nowhere: no Location";
    size_t path = strcspn(to, "?#"); /* also of a relative one */
    (void)snprintf(reason->text, sizeof reason->text, "%u to %.*s%s", status, (int)path,
                   to, to[path] ? "?" : "");
    keep(reason);
}

const char *reasons_text(const struct reasons *reasons, enum outcome outcome)
{
    const struct reason *reason = &reasons->first[outcome];
    return atomic_load(&reason->state) == 2 ? reason->text : NULL;
}
