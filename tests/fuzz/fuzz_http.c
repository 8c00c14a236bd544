/* fuzz_http.c: a response from any server. Property: however it is cut into pieces, it is
 * read the same way. The first byte of the input chooses the cuts. */
#include "fuzz.h"

#include "runtime/raw/http_parse.h"

#include <string.h>

struct reading {
    struct http_parse parse;
    size_t used;
};

/* Pieces of 1 to `largest` bytes, in a pattern that `cuts` begins; each in memory of its
 * size, so that a sanitizer sees a step beyond it. */
static void read_in_pieces(const uint8_t *data, size_t size, uint32_t cuts,
                           size_t largest, struct reading *out_reading)
{
    struct reading reading = {.used = 0};
    http_parse_begin(&reading.parse);
    while (reading.used < size && reading.parse.result == HTTP_MORE) {
        cuts = cuts * 1664525U + 1013904223U;
        size_t piece = 1 + (cuts >> 8U) % largest;
        if (piece > size - reading.used)
            piece = size - reading.used;
        char *copy = piece > 0 ? malloc(piece) : NULL;
        if (!copy)
            abort();
        memcpy(copy, data + reading.used, piece);
        size_t taken = http_parse_feed(&reading.parse, copy, piece);
        free(copy);
        if (taken > piece || (taken < piece && reading.parse.result == HTTP_MORE))
            abort();
        reading.used += taken;
    }
    *out_reading = reading;
}

static int are_same(const struct reading *a, const struct reading *b)
{
    const struct http_parse *p = &a->parse;
    const struct http_parse *q = &b->parse;
    return a->used == b->used && p->result == q->result && p->status == q->status &&
           p->body_bytes == q->body_bytes && p->is_keep_alive == q->is_keep_alive &&
           p->has_begun == q->has_begun && p->has_status == q->has_status &&
           p->reason == q->reason && p->location_size == q->location_size &&
           memcmp(p->location, q->location, p->location_size) == 0 &&
           (p->result != HTTP_MORE || http_parse_eof(p) == http_parse_eof(q));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct reading whole, bytes, pieces;
    uint32_t cuts = *data++;
    size--;
    http_parse_begin(&whole.parse);
    whole.used = http_parse_feed(&whole.parse, (const char *)data, size);
    read_in_pieces(data, size, cuts, 1, &bytes);
    read_in_pieces(data, size, cuts, 1 + cuts, &pieces);
    if (whole.parse.body_bytes > size ||
        (whole.parse.result == HTTP_BAD) != (whole.parse.reason != NULL) ||
        !are_same(&whole, &bytes) || !are_same(&whole, &pieces))
        abort();
    return 0;
}
