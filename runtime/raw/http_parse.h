/* http_parse: reads one HTTP/1.1 response (RFC 9112) to a GET as it comes in, in pieces
 * of any size. It keeps nothing but this struct and allocates nothing.
 *
 *     http_parse_begin
 *     http_parse_feed  <- bytes, until parse->result is no longer HTTP_MORE
 *     http_parse_eof   <- instead, when the connection ends first
 *
 * It is strict where leniency would be a guess about where a response ends. It refuses
 * lines that do not end in CR LF, characters that have no place in a name or a value, a
 * second Content-Length even of the same value, Content-Length together with
 * Transfer-Encoding, either of them in folded lines, any transfer coding but `chunked`,
 * sizes above 2^63 - 1, and versions other than 1.0 and 1.1. It skips everything else
 * without keeping it, folded lines too (RFC 9112, 5.2), whatever the number and the size
 * of the fields, up to the limit below. Interim responses (1xx) are read and forgotten.
 * However a response is cut into pieces, the outcome is the same. */
#ifndef RUNTIME_HTTP_PARSE_H
#define RUNTIME_HTTP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The limit for a head, together with the interim ones before it. The trailers may be as
 * large, and so may the line of each chunk with its extensions. libcurl accepts 300 KB
 * for a head and 100 KB for a line. */
#define HTTP_HEAD_MAX_BYTES (1U << 20U)

#define HTTP_LOCATION_MAX_BYTES 128 /* a longer one is cut */

enum http_result { HTTP_MORE, HTTP_DONE, HTTP_BAD };

/* What the end of the connection means for a response that is not HTTP_DONE. */
enum http_eof {
    HTTP_EOF_COMPLETE, /* its body goes on until the connection ends */
    HTTP_EOF_SHORT,    /* its status line is whole, the rest is not */
    HTTP_EOF_LOST      /* not even the status line of the final response is */
};

struct http_parse {
    enum http_result result;
    unsigned status; /* 200, ...: of the final response, once its status line is read */
    bool is_keep_alive;  /* once HTTP_DONE: another request may follow */
    bool has_begun;      /* at least one byte has come */
    bool has_status;     /* the first status line, be it interim, is whole */
    uint64_t body_bytes; /* so far, without the framing of chunks */
    const char *reason;  /* of HTTP_BAD: what is wrong with it; a constant */
    uint8_t location_size;
    char location[HTTP_LOCATION_MAX_BYTES]; /* of a status from 300 to 399; not ended */
    /* the parser's own */
    uint8_t step, name_size, word_size, field;
    bool is_1_0, has_length, has_coding, says_close, says_keep_alive, is_trailer;
    bool is_final; /* its status line is whole */
    uint16_t position;
    uint32_t budget; /* bytes that the head, or a chunk's line, may still take */
    uint64_t remaining, number; /* of the body or of the chunk; of a field's value */
    char name[18], word[12];    /* one more than those that are known */
};

/* Prepares for a response. */
void http_parse_begin(struct http_parse *parse);

/* Reads on. Returns how many of the bytes belong to the response, which is all of them
 * while it is HTTP_MORE. Has no effect once it is not HTTP_MORE. */
size_t http_parse_feed(struct http_parse *parse, const char *bytes, size_t size);

/* Ends the response with the connection, while parse->result is still HTTP_MORE. */
enum http_eof http_parse_eof(const struct http_parse *parse);

#endif
