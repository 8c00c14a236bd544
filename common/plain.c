/* plain.c: see plain.h. */
#include "common/plain.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The bytes that a character with this first byte takes; 0: no character begins so. */
static size_t length_of(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2 || lead > 0xF4)
        return 0;
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

/* Reads one character; *out_length is 0 where there is none, and is_cut when the text
 * ends in the middle of it. */
static uint32_t decode(const unsigned char *at, size_t *out_length, bool *is_cut)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    static const unsigned char mask[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    const size_t length = length_of(*at);
    uint32_t code = *at & mask[length];
    *is_cut = false;
    *out_length = 0;
    for (size_t i = 1; i < length; i++) {
        *is_cut = at[i] == '\0';
        if ((at[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (at[i] & 0x3FU);
    }
    if (code < least[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return 0;
    *out_length = length;
    return code;
}

static bool is_unfit(uint32_t code)
{
    static const struct {
        uint32_t low, high;
    } ranges[] = {{0, 0x1F},        {0x7F, 0x9F},     {0xAD, 0xAD},      {0x61C, 0x61C},
                  {0x180E, 0x180E}, {0x200B, 0x200F}, {0x2028, 0x202E},  {0x2060, 0x206F},
                  {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFF}, {0xE0000, 0xE007F}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        if (code >= ranges[i].low && code <= ranges[i].high)
            return true;
    }
    return false;
}

void plain_text(char *text)
{
    unsigned char *to = (unsigned char *)text;
    for (const unsigned char *from = to; *from;) {
        size_t length = 0;
        bool is_cut = false;
        const uint32_t code = decode(from, &length, &is_cut);
        if (is_cut)
            break;
        if (!length || is_unfit(code)) {
            from += length ? length : 1;
            *to++ = '?';
        } else {
            while (length-- > 0)
                *to++ = *from++;
        }
    }
    *to = '\0';
}
