/* clean.c: see clean.h. */
#include "common/clean.h"

#include "common/array.h"
#include "common/memory.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* The length of a character by its first byte; 0 when no character begins with it (RFC
 * 3629). */
static size_t length_of(unsigned char lead)
{
    static const struct {
        unsigned char first, last, length;
    } leads[] = {{0x01, 0x7F, 1}, {0xC2, 0xDF, 2}, {0xE0, 0xEF, 3}, {0xF0, 0xF4, 4}};
    for (size_t i = 0; i < COUNT_OF(leads); i++) {
        if (lead >= leads[i].first && lead <= leads[i].last)
            return leads[i].length;
    }
    return 0;
}

/* The length of the character at text, 0 when it is no UTF-8. */
static size_t decode(const unsigned char *text, uint32_t *out_code)
{
    static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
    const size_t length = length_of(*text);
    uint32_t code = length < 2 ? *text : *text & (0x7FU >> length);
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (text[i] & 0x3FU);
    }
    const bool is_surrogate = code >= 0xD800 && code < 0xE000;
    if (code < lowest[length] || code > 0x10FFFF || is_surrogate)
        return 0;
    *out_code = code;
    return length;
}

static bool is_shown_by_number(uint32_t code)
{
    return (code >= 0x80 && code < 0xA0) || code == 0x061C || code == 0xAD ||
           code == 0x180E || (code >= 0x200B && code <= 0x200F) ||
           (code >= 0x2028 && code <= 0x202E) || (code >= 0x2060 && code <= 0x206F) ||
           code == 0xFEFF || (code >= 0xFFF0 && code <= 0xFFFB) ||
           (code & 0xFFFE) == 0xFFFE || (code >= 0xE0000 && code <= 0xE0FFF);
}

static bool is_blank(uint32_t code)
{
    return code == '\n' || code == '\t';
}

/* What stands for the character at text: at most 11 bytes and a NUL. */
static size_t replace(const char *text, bool keeps_lines, char *out_shown)
{
    uint32_t code = 0;
    const size_t length = decode((const unsigned char *)text, &code);
    if (is_blank(code) && !keeps_lines) {
        memcpy(out_shown, " ", 2);
    } else if (length == 0 || ((code < 0x20 || code == 0x7F) && !is_blank(code))) {
        memcpy(out_shown, "?", 2);
    } else if (is_shown_by_number(code)) {
        (void)snprintf(out_shown, 16, "[U+%04X]", (unsigned int)code);
    } else {
        memcpy(out_shown, text, length);
        out_shown[length] = '\0';
    }
    return length ? length : 1;
}

static size_t clean(char *out, size_t size, const char *text, bool keeps_lines)
{
    size_t used = 0;
    while (*text) {
        char shown[16];
        text += replace(text, keeps_lines, shown);
        const size_t length = strlen(shown);
        if (used + length + 1 > size)
            break;
        memcpy(out + used, shown, length);
        used += length;
    }
    if (size > 0)
        out[used] = '\0';
    return used;
}

size_t clean_text(char *out, size_t size, const char *text)
{
    return clean(out, size, text, false);
}

/* Drops a last character that a cut has left incomplete. */
static void drop_cut_character(char *text)
{
    const size_t length = strlen(text);
    size_t at = length;
    while (at > 0 && ((unsigned char)text[at - 1] & 0xC0) == 0x80)
        at--;
    if (at > 0 && length_of((unsigned char)text[at - 1]) > length - at + 1)
        text[at - 1] = '\0';
}

void clean_in_place(char *text, size_t size)
{
    char raw[1024];
    (void)snprintf(raw, sizeof raw, "%s", text);
    drop_cut_character(raw);
    (void)clean(text, size, raw, false);
}

/* Printable ASCII is clean, and nearly all there is. */
static const char *skip_plain(const char *text)
{
    while ((unsigned char)*text >= 0x20 && (unsigned char)*text < 0x7F)
        text++;
    return text;
}

bool clean_is_clean(const char *text)
{
    for (text = skip_plain(text); *text; text = skip_plain(text)) {
        uint32_t code = 0;
        const size_t length = decode((const unsigned char *)text, &code);
        if (length == 0 || code < 0x20 || code == 0x7F || is_shown_by_number(code))
            return false;
        text += length;
    }
    return true;
}

/* The size of all of it, with the NUL. */
static size_t cleaned_size(const char *text, bool keeps_lines)
{
    size_t size = 1;
    while (*text) {
        char shown[16];
        text += replace(text, keeps_lines, shown);
        size += strlen(shown);
    }
    return size;
}

static char *clean_new(const char *text, bool keeps_lines)
{
    const size_t size = cleaned_size(text, keeps_lines);
    char *out = malloc(size);
    if (out)
        (void)clean(out, size, text, keeps_lines);
    return out;
}

char *clean_dup(const char *text)
{
    return clean_is_clean(text) ? strdup(text) : clean_new(text, false);
}

void clean_print(FILE *out, const char *format, ...)
{
    char *text = NULL, *cleaned = NULL;
    va_list args;
    va_start(args, format);
    if (vasprintf(&text, format, args) >= 0)
        cleaned = clean_new(text, true);
    va_end(args);
    if (!cleaned)
        memory_exhausted();
    (void)fputs(cleaned, out);
    free(cleaned);
    free(text);
}

void clean_json(FILE *out, const char *json)
{
    size_t length = 0;
    for (; *json; json += length) {
        uint32_t code = 0;
        length = decode((const unsigned char *)json, &code);
        length += length == 0;
        if (code != 0x7F && !is_shown_by_number(code))
            (void)fwrite(json, 1, length, out);
        else if (code < 0x10000)
            (void)fprintf(out, "\\u%04x", (unsigned int)code);
        else
            (void)fprintf(out, "\\u%04x\\u%04x",
                          0xD800U + (unsigned int)((code - 0x10000) >> 10),
                          0xDC00U + (unsigned int)(code & 0x3FF));
    }
}
