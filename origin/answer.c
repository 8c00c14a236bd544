/* answer.c: heads are formatted, bodies are pieces of one pattern; see answer.h. */
#include "origin/answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static char pattern[ANSWER_PIECE_BYTES];
static const char last_chunk[] = "0\r\n\r\n";

void answer_prepare(void)
{
    for (size_t i = 0; i < sizeof pattern; i++)
        pattern[i] = (char)('a' + i % 26);
}

static const char *reason(int status)
{
    static const struct {
        int status;
        const char *phrase;
    } table[] = {
        {200, "OK"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {400, "Bad Request"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {411, "Length Required"},
        {413, "Content Too Large"},
        {417, "Expectation Failed"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < COUNT_OF(table); i++) {
        if (table[i].status == status)
            return table[i].phrase;
    }
    return status < 400 ? "Other" : "Error";
}

/* HTTP/1.1 keeps a connection unless asked to close it; HTTP/1.0 does the opposite. */
static const char *connection_field(struct answer_style style)
{
    if (style.is_kept_alive)
        return style.is_1_0 ? "Connection: keep-alive\r\n" : "";
    return "Connection: close\r\n";
}

/* Nothing was sent of it yet, and all may be. */
static void begin(struct answer *answer, size_t head_size, uint64_t body_bytes)
{
    answer->head_size = head_size;
    answer->body_bytes = body_bytes;
    answer->sent = 0;
    answer->allowed = UINT64_MAX;
    answer->chunks.bytes = 0;
}

static char *put_text(char *at, const char *text)
{
    return mempcpy(at, text, strlen(text));
}

static char *put_number(char *at, uint64_t number)
{
    char digits[20];
    size_t first = sizeof digits;
    do {
        digits[--first] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    memcpy(at, digits + first, sizeof digits - first);
    return at + sizeof digits - first;
}

/* Formatted by hand, as every request waits for it: snprintf takes 900 instructions
 * more. */
void answer_pattern(struct answer *answer, struct answer_style style, uint64_t bytes)
{
    char *at = put_text(answer->head, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                                      "Content-Length: ");
    at = put_number(at, bytes);
    at = put_text(at, "\r\n");
    at = put_text(at, connection_field(style));
    at = put_text(at, "\r\n");
    begin(answer, (size_t)(at - answer->head), style.is_head_only ? 0 : bytes);
}

/* Returns the bytes of the whole body with its framing. */
static uint64_t cut(struct answer_chunks *chunks, uint64_t bytes, uint64_t chunk_bytes)
{
    *chunks = (struct answer_chunks){.bytes = chunk_bytes,
                                     .count = bytes / chunk_bytes,
                                     .last_bytes = bytes % chunk_bytes};
    const uint64_t sizes[2] = {chunk_bytes, chunks->last_bytes};
    for (int i = 0; i < 2; i++)
        (void)snprintf(chunks->heads[i], sizeof chunks->heads[i], "%" PRIx64 "\r\n",
                       sizes[i]);
    chunks->wire_bytes = strlen(chunks->heads[0]) + chunk_bytes + 2;
    uint64_t last =
        chunks->last_bytes ? strlen(chunks->heads[1]) + chunks->last_bytes + 2 : 0;
    return chunks->count * chunks->wire_bytes + last + sizeof last_chunk - 1;
}

void answer_form(struct answer *answer, struct answer_style style, int status,
                 uint64_t bytes, uint64_t chunk_bytes)
{
    char framing[48];
    bool is_chunked = chunk_bytes > 0 && !style.is_1_0;
    if (is_chunked)
        (void)snprintf(framing, sizeof framing, "Transfer-Encoding: chunked");
    else
        (void)snprintf(framing, sizeof framing, "Content-Length: %" PRIu64, bytes);
    int size = snprintf(answer->head, sizeof answer->head,
                        "HTTP/1.1 %d %s\r\nContent-Type: text/plain\r\n%s\r\n%s\r\n",
                        status, reason(status), framing, connection_field(style));
    begin(answer, (size_t)size, style.is_head_only ? 0 : bytes);
    if (is_chunked && !style.is_head_only)
        answer->body_bytes = cut(&answer->chunks, bytes, chunk_bytes);
}

void answer_garble(struct answer *answer)
{
    static const char garbage[] = "\001\002 this is not HTTP\r\n\r\n";
    memcpy(answer->head, garbage, sizeof garbage - 1);
    begin(answer, sizeof garbage - 1, 0);
}

/* A whole answer in the head buffer. end is put after text; its size counts. */
static void form_text(struct answer *answer, struct answer_style style, int status,
                      const char *fields, const char *text, const char *end)
{
    int size = snprintf(answer->head, sizeof answer->head,
                        "HTTP/1.1 %d %s\r\n%sContent-Length: %zu\r\n%s\r\n", status,
                        reason(status), fields, strlen(text) + strlen(end),
                        connection_field(style));
    size_t used = (size_t)size;
    if (!style.is_head_only) {
        size_t room = sizeof answer->head - used;
        used += (size_t)snprintf(answer->head + used, room, "%s%s", text, end);
    }
    begin(answer, used, 0);
}

void answer_json(struct answer *answer, struct answer_style style, const char *text)
{
    form_text(answer, style, 200, "Content-Type: application/json\r\n", text, "");
}

void answer_refusal(struct answer *answer, struct answer_style style, int status,
                    const char *text, const char *allow)
{
    char fields[96];
    (void)snprintf(fields, sizeof fields, "Content-Type: text/plain\r\n%s%.32s%s",
                   allow ? "Allow: " : "", allow ? allow : "", allow ? "\r\n" : "");
    form_text(answer, style, status, fields, text, "\n");
}

/* struct iovec knows no const; what it refers to is only read. */
static struct iovec piece_of(const char *bytes, uint64_t size)
{
    return (struct iovec){(char *)(uintptr_t)bytes, (size_t)size};
}

/* The piece of a body without framing from byte number at, at most size bytes. */
static struct iovec pattern_piece(uint64_t at, uint64_t size)
{
    size_t phase = (size_t)(at % 26);
    size_t room = sizeof pattern - phase;
    return piece_of(pattern + phase, size < room ? size : room);
}

/* The rest of the line, the data or the line break of a chunk, from byte number at of the
 * chunk; data_at is where its data lies in the body. */
static struct iovec piece_of_chunk(const char *head, uint64_t bytes, uint64_t data_at,
                                   uint64_t at)
{
    uint64_t head_size = strlen(head);
    if (at < head_size)
        return piece_of(head + at, head_size - at);
    at -= head_size;
    if (at < bytes)
        return pattern_piece(data_at + at, bytes - at);
    at -= bytes;
    return piece_of(&"\r\n"[at], 2 - at);
}

/* What comes at byte number at of a chunked body. */
static struct iovec chunked_piece(const struct answer_chunks *chunks, uint64_t at)
{
    uint64_t number = at / chunks->wire_bytes;
    if (number < chunks->count)
        return piece_of_chunk(chunks->heads[0], chunks->bytes, number * chunks->bytes,
                              at % chunks->wire_bytes);
    at -= chunks->count * chunks->wire_bytes;
    uint64_t last_wire = strlen(chunks->heads[1]) + chunks->last_bytes + 2;
    if (chunks->last_bytes && at < last_wire)
        return piece_of_chunk(chunks->heads[1], chunks->last_bytes,
                              chunks->count * chunks->bytes, at);
    at -= chunks->last_bytes ? last_wire : 0;
    return piece_of(last_chunk + at, sizeof last_chunk - 1 - at);
}

int answer_pieces(const struct answer *answer, struct iovec *out_pieces,
                  uint64_t *out_bytes)
{
    int count = 0;
    uint64_t at = answer->sent;
    uint64_t end = answer->head_size + answer->body_bytes;
    if (end > answer->allowed)
        end = answer->allowed;
    if (at < answer->head_size) {
        out_pieces[count++] = piece_of(answer->head + at, answer->head_size - at);
        at = answer->head_size;
    }
    while (at < end && count < ANSWER_PIECES_MAX) {
        uint64_t body_at = at - answer->head_size;
        struct iovec piece = answer->chunks.bytes
                                 ? chunked_piece(&answer->chunks, body_at)
                                 : pattern_piece(body_at, end - at);
        if (piece.iov_len > end - at)
            piece.iov_len = (size_t)(end - at);
        out_pieces[count++] = piece;
        at += piece.iov_len;
    }
    *out_bytes = at - answer->sent;
    return count;
}
