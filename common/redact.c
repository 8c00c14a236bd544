/* redact.c: see redact.h. */
#include "common/redact.h"

#include "common/cleanup.h"
#include "common/json.h"
#include "common/memory.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REMEMBERED_MAX 64
#define LEAST          3 /* bytes; less is in every other word */
#define BLANKS         " \t\r\n"
#define SEPARATORS     " \t\r\n'\""

static struct {
    char *items[REMEMBERED_MAX];
    size_t count;
} remembered;

static void remember(const char *secret, size_t length)
{
    if (length < LEAST || (length == 3 && !strncmp(secret, "***", 3)))
        return;
    for (size_t i = 0; i < remembered.count; i++) {
        if (strlen(remembered.items[i]) == length &&
            !strncmp(remembered.items[i], secret, length))
            return;
    }
    char *copy = memory_malloc(length + 1);
    memcpy(copy, secret, length);
    copy[length] = '\0';
    if (remembered.count < REMEMBERED_MAX)
        remembered.items[remembered.count++] = copy;
    else
        free(copy);
}

/* Text under construction. */
static void hide(FILE *out, const char *secret, size_t length)
{
    if (length > 0)
        (void)fputs("***", out);
    remember(secret, length);
}

static void put(FILE *out, const char *text, size_t length)
{
    (void)fwrite(text, 1, length, out);
}

/* The query's values; a part without a name is one. */
static void put_query(FILE *out, const char *query, size_t length)
{
    const char *end = query + length;
    for (const char *at = query; at < end;) {
        const size_t part = strcspn(at, "&;");
        const char *stop = at + part < end ? at + part : end;
        const char *equals = memchr(at, '=', (size_t)(stop - at));
        const char *value = equals ? equals + 1 : at;
        put(out, at, (size_t)(value - at));
        hide(out, value, (size_t)(stop - value));
        if (stop < end)
            put(out, stop, 1);
        at = stop + 1;
    }
}

/* The address of `length` bytes, whose authority begins at start. */
static void put_url(FILE *out, const char *url, const char *start, size_t length)
{
    const char *end = url + length;
    const char *slash = start + strcspn(start, "/?#");
    const char *authority = slash < end ? slash : end;
    const char *at = memrchr(start, '@', (size_t)(authority - start));
    const char *colon = at ? memchr(start, ':', (size_t)(at - start)) : NULL;
    const char *query = memchr(authority, '?', (size_t)(end - authority));
    const char *fragment = memchr(authority, '#', (size_t)(end - authority));
    if (fragment && query && query > fragment)
        query = NULL;
    if (colon)
        remember(colon + 1, (size_t)(at - colon - 1));
    put(out, url, (size_t)(start - url));
    hide(out, start, at ? (size_t)(at - start) : 0);
    start = at ? at : start;
    const char *plain = query ? query + 1 : fragment ? fragment + 1 : end;
    put(out, start, (size_t)(plain - start));
    if (query) {
        const char *stop = fragment ? fragment : end;
        put_query(out, plain, (size_t)(stop - plain));
        if (fragment)
            put(out, fragment, 1);
    }
    if (fragment)
        hide(out, fragment + 1, (size_t)(end - fragment - 1));
}

char *redact_url(const char *url)
{
    char *masked = NULL;
    size_t size = 0;
    const char *scheme = strstr(url, "://");
    FILE *out = memory_stream(&masked, &size);
    put_url(out, url, scheme ? scheme + 3 : url, strlen(url));
    memory_stream_close(out, &masked);
    return masked;
}

/* Whether a part of a name (lower case) says that its value is secret. */
static bool is_secret_part(const char *part)
{
    static const char *const wholes[] = {
        "pass", "pwd", "pw",  "key",  "keys",  "auth", "cred",    "creds", "sig",
        "jwt",  "otp", "pin", "user", "login", "u",    "session", NULL};
    static const char *const inside[] = {
        "token",      "secret",    "passw",    "passphrase", "apikey",
        "credential", "cookie",    "authoriz", "bearer",     "signature",
        "sessionid",  "accesskey", "userpwd",  NULL};
    for (const char *const *word = wholes; *word; word++) {
        if (!strcmp(part, *word))
            return true;
    }
    for (const char *const *word = inside; *word; word++) {
        if (strstr(part, *word))
            return true;
    }
    return false;
}

/* A name such as --api-key, AWS_SECRET_ACCESS_KEY or Authorization. */
static bool is_secret_name(const char *name, size_t length)
{
    char part[64];
    size_t used = 0;
    for (size_t i = 0; i <= length; i++) {
        const bool is_end = i == length || strchr("-_.", name[i]);
        if (!is_end && used + 1 < sizeof part)
            part[used++] = (char)tolower((unsigned char)name[i]);
        if (!is_end)
            continue;
        part[used] = '\0';
        if (used > 0 && is_secret_part(part))
            return true;
        used = 0;
    }
    return false;
}

/* Whether the text has the form of a common kind of secret, whatever comes before it. */
static bool is_secret_shape(const char *token, size_t length)
{
    static const char *const beginnings[] = {"ghp_", "gho_", "github_pat_", "sk-",
                                             "AKIA", "eyJ",  "xox",         NULL};
    size_t upper = 0, lower = 0, digits = 0;
    for (const char *const *text = beginnings; *text; text++) {
        if (length >= 16 && !strncmp(token, *text, strlen(*text)))
            return true;
    }
    for (size_t i = 0; i < length; i++) {
        const unsigned char c = (unsigned char)token[i];
        upper += isupper(c) != 0;
        lower += islower(c) != 0;
        digits += isdigit(c) != 0;
        if (!isalnum(c) && !strchr("+_=-", c))
            return false;
    }
    return length >= 24 && upper > 1 && lower > 1 && digits > 1;
}

/* One token of a word. Returns how much of the word from it on is done. */
static size_t put_token(FILE *out, const char *token, size_t length, bool is_first,
                        bool *is_next)
{
    const char *scheme = memmem(token, length, "://", 3);
    const size_t name = strcspn(token, "=:" SEPARATORS);
    const bool has_value = name < length;
    const bool is_secret = is_secret_name(token, name);
    if (*is_next && *token != '-') {
        hide(out, token, length);
        /* Authorization is followed by a scheme and only then by the secret */
        *is_next = (length == 6 && !strncasecmp(token, "bearer", 6)) ||
                   (length == 5 && !strncasecmp(token, "basic", 5));
        return length;
    }
    *is_next = false;
    if (scheme) {
        put_url(out, token, scheme + 3, length);
        return length;
    }
    if (is_secret && has_value) { /* of a header's line all that follows */
        const bool is_line = token[name] == ':';
        const size_t all = is_first  ? strlen(token)
                           : is_line ? strcspn(token, "'\"")
                                     : length;
        put(out, token, name + 1);
        hide(out, token + name + 1, all - name - 1);
        return all;
    }
    *is_next =
        (is_secret && *token == '-') || (length == 6 && !strncasecmp(token, "bearer", 6));
    if (is_secret_shape(token, length))
        hide(out, token, length);
    else
        put(out, token, length);
    return length;
}

/* A token ends before a blank or a quote; a secret one that began with a quote, before
 * its end. */
static size_t token_length(const char *at, const char *word, bool is_next)
{
    const char quote[2] = {at > word && strchr("'\"", at[-1]) ? at[-1] : '\0', '\0'};
    const size_t name = strcspn(at, "=:" SEPARATORS);
    const bool is_secret =
        is_next || (at[name] == '=' && *at == '-' && is_secret_name(at, name));
    return *quote && is_secret ? strcspn(at, quote) : strcspn(at, SEPARATORS);
}

char *redact_word(const char *word, bool *is_next)
{
    char *masked = NULL;
    size_t size = 0;
    FILE *out = memory_stream(&masked, &size);
    if (*is_next && *word != '-') { /* with all its blanks */
        hide(out, word, strlen(word));
        *is_next = false;
        word = "";
    }
    for (const char *at = word; *at;) {
        const size_t blanks = strspn(at, SEPARATORS);
        put(out, at, blanks);
        at += blanks;
        if (*at)
            at +=
                put_token(out, at, token_length(at, word, *is_next), at == word, is_next);
    }
    memory_stream_close(out, &masked);
    return masked;
}

void redact_text(char *text)
{
    for (size_t i = 0; i < remembered.count; i++) {
        const size_t length = strlen(remembered.items[i]);
        for (char *hit = text; (hit = strstr(hit, remembered.items[i])); hit += length)
            memset(hit, '*', length);
    }
}

static void mask_strings(json_t *json)
{
    const char *key = NULL;
    json_t *item = NULL;
    size_t i = 0;
    if (json_is_string(json)) {
        AUTO_FREE char *text = memory_strdup(json_string_value(json));
        redact_text(text);
        (void)json_string_set(json, text); /* fails for what is no UTF-8: it is then */
    }
    json_array_foreach (json, i, item)
        mask_strings(item);
    json_object_foreach (json, key, item)
        mask_strings(item);
}

json_t *redact_json(const json_t *json)
{
    if (remembered.count == 0)
        return json_incref((json_t *)(uintptr_t)json);
    json_t *copy = json_deep_copy(json);
    mask_strings(copy);
    return copy;
}

/* The part of the absolute path (length bytes) that may be stored. */
static const char *stored_part(const char *path, size_t length)
{
    char cwd[PATH_MAX];
    size_t above = getcwd(cwd, sizeof cwd) ? strlen(cwd) : 0;
    if (above > 1 && length > above + 1 && !strncmp(path, cwd, above) &&
        path[above] == '/')
        return path + above + 1;
    const char *slash = memrchr(path, '/', length);
    return slash ? slash + 1 : path;
}

static bool begins_path(const char *text, const char *at)
{
    return *at == '/' && (at == text || (strchr(BLANKS "'\"=:", at[-1]) && at[1] != '/'));
}

char *redact_paths(const char *text)
{
    char *masked = memory_malloc(strlen(text) + 1), *out = masked;
    for (const char *at = text; *at;) {
        if (!begins_path(text, at)) {
            *out++ = *at++;
            continue;
        }
        size_t length = strcspn(at, BLANKS "'\"");
        const char *kept = stored_part(at, length);
        size_t left = (size_t)(at + length - kept);
        memcpy(out, kept, left);
        out += left;
        at += length;
    }
    *out = '\0';
    return masked;
}

/* Where the credentials of url stand; 0 bytes when there are none. */
static const char *find_credentials(const char *url, size_t *out_length)
{
    const char *scheme_end = strstr(url, "://");
    const char *start = scheme_end ? scheme_end + 3 : url;
    const size_t authority = strcspn(start, "/?#");
    const char *at = memrchr(start, '@', authority);
    *out_length = at ? (size_t)(at - start) : 0;
    return start;
}

char *redact_command_word(const char *word)
{
    bool is_next = false;
    AUTO_FREE char *masked = redact_word(word, &is_next);
    return redact_paths(masked);
}

void redact_words(json_t *words)
{
    json_t *word = NULL;
    size_t i = 0;
    bool is_next = false;
    json_array_foreach (words, i, word) {
        AUTO_FREE char *masked = redact_word(json_string_value(word), &is_next);
        AUTO_FREE char *stored = redact_paths(masked);
        (void)json_string_set(word, stored); /* UTF-8 as it was */
    }
}

json_t *redact_command(int argc, char *const *argv)
{
    json_t *words = json_array();
    json_push(words, json_string("concbench"));
    for (int i = 0; i < argc; i++) {
        json_t *word = json_string(argv[i]);
        json_push(words, word ? word : json_string("?"));
    }
    redact_words(words);
    return words;
}

void redact_credentials(const char *url, char *text)
{
    size_t length = 0;
    const char *start = find_credentials(url, &length);
    for (char *hit = text; length && (hit = memmem(hit, strlen(hit), start, length));) {
        for (size_t i = 0; i < length; i++)
            *hit++ = '*';
    }
}
