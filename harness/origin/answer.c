/* answer.c: heads are formatted, bodies are pieces of one pattern; see answer.h. */
#include "harness/origin/answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static char pattern[ANSWER_PIECE_BYTES];

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
        {400, "Bad Request"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {413, "Content Too Large"},
        {417, "Expectation Failed"},
        {431, "Request Header Fields Too Large"},
        {501, "Not Implemented"},
        {505, "HTTP Version Not Supported"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].status == status)
            return table[i].phrase;
    }
    return "Error";
}

/* HTTP/1.1 keeps a connection unless told otherwise, HTTP/1.0 the other way round. */
static const char *connection_field(struct answer_style style)
{
    if (style.keep_alive)
        return style.is_1_0 ? "Connection: keep-alive\r\n" : "";
    return "Connection: close\r\n";
}

void answer_pattern(struct answer *answer, struct answer_style style, uint64_t bytes)
{
    int size = snprintf(answer->head, sizeof answer->head,
                        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
                        "Content-Length: %" PRIu64 "\r\n%s\r\n",
                        bytes, connection_field(style));
    answer->head_size = (size_t)size;
    answer->body_bytes = style.head_only ? 0 : bytes;
    answer->sent = 0;
}

/* A whole answer in the head buffer. end is put after text; its size counts. */
static void form_text(struct answer *answer, struct answer_style style, int status,
                      const char *fields, const char *text, const char *end)
{
    int size = snprintf(answer->head, sizeof answer->head,
                        "HTTP/1.1 %d %s\r\n%sContent-Length: %zu\r\n%s\r\n", status,
                        reason(status), fields, strlen(text) + strlen(end),
                        connection_field(style));
    answer->head_size = (size_t)size;
    if (!style.head_only) {
        size_t room = sizeof answer->head - answer->head_size;
        size = snprintf(answer->head + answer->head_size, room, "%s%s", text, end);
        answer->head_size += (size_t)size;
    }
    answer->body_bytes = 0;
    answer->sent = 0;
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

int answer_pieces(const struct answer *answer, struct iovec *out_pieces,
                  uint64_t *out_bytes)
{
    int count = 0;
    uint64_t at = answer->sent;
    uint64_t end = answer->head_size + answer->body_bytes;
    if (at < answer->head_size) {
        char *head =
            (char *)(uintptr_t)answer->head + at; /* struct iovec knows no const */
        out_pieces[count++] = (struct iovec){head, answer->head_size - (size_t)at};
        at = answer->head_size;
    }
    while (at < end && count < ANSWER_PIECES_MAX) {
        size_t phase = (size_t)((at - answer->head_size) % 26);
        size_t size = sizeof pattern - phase;
        if (size > end - at)
            size = (size_t)(end - at);
        out_pieces[count++] = (struct iovec){pattern + phase, size};
        at += size;
    }
    *out_bytes = at - answer->sent;
    return count;
}
