/* base64.c: see base64.h. */
#include "report/base64.h"

#include <stdint.h>

void base64_encode(const unsigned char *bytes, size_t size, char *out_text,
                   size_t out_size)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t at = 0;
    if (out_size < 4 * ((size + 2) / 3) + 1) {
        *out_text = '\0';
        return;
    }
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t three = (uint32_t)bytes[i] << 16;
        three |= left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0;
        three |= left > 2 ? bytes[i + 2] : 0;
        out_text[at++] = digits[three >> 18];
        out_text[at++] = digits[three >> 12 & 63];
        out_text[at++] = left > 1 ? digits[three >> 6 & 63] : '=';
        out_text[at++] = left > 2 ? digits[three & 63] : '=';
    }
    out_text[at] = '\0';
}
