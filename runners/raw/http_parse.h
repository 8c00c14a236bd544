/* http_parse: reads one HTTP/1.1 response (RFC 9112) as it comes in, in pieces of any
 * size: nothing is kept but this struct, nothing is allocated. The answer is to a GET.
 *
 *     http_parse_begin
 *     http_parse_feed  <- bytes, until parse->result is no longer HTTP_MORE
 *     http_parse_eof   <- instead, when the connection ends first
 *
 * Strict, where leniency would be a guess about where a response ends: refused are lines
 * that do not end in CR LF, folded lines, characters that have no place in a name or a
 * value, a second Content-Length even of the same value, Content-Length beside
 * Transfer-Encoding, any transfer coding but `chunked`, sizes above 2^63 - 1, versions
 * other than 1.0 and 1.1, and heads beyond the limits below. Interim responses (1xx) are
 * read and forgotten. However a response is cut into pieces, the outcome is the same. */
#ifndef RAW_HTTP_PARSE_H
#define RAW_HTTP_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HTTP_HEAD_MAX_BYTES 65536 /* interim heads included; trailers as much again */
#define HTTP_FIELDS_MAX_COUNT                                                            \
    128 /* header fields, interim ones and trailers included                             \
         */
#define HTTP_CHUNK_LINE_MAX_BYTES 256 /* a chunk's size with its extensions */
#define HTTP_VALUE_MAX_BYTES      128 /* of the fields that are understood */

enum http_result { HTTP_MORE, HTTP_DONE, HTTP_BAD };

/* What the end of the connection means for a response that is not HTTP_DONE. */
enum http_eof {
    HTTP_EOF_COMPLETE, /* its body goes on until the connection ends */
    HTTP_EOF_SHORT,    /* the body is not whole */
    HTTP_EOF_LOST      /* not even the head is */
};

struct http_parse {
    enum http_result result;
    unsigned status; /* 200, ...: of the final response, once its status line is read */
    bool is_keep_alive;  /* once HTTP_DONE: another request may follow */
    bool has_begun;      /* at least one byte has come */
    uint64_t body_bytes; /* so far, without the framing of chunks */
    /* the parser's own */
    uint8_t step, name_size, value_size, field;
    bool is_1_0, has_length, has_coding, says_close, says_keep_alive, is_trailer;
    uint16_t position, fields;
    uint32_t budget;    /* bytes that the head, or a chunk's line, may still take */
    uint64_t remaining; /* of the body or of the chunk */
    char name[20], value[HTTP_VALUE_MAX_BYTES];
};

/* Makes ready for a response. */
void http_parse_begin(struct http_parse *parse);

/* Reads on. Returns how many of the bytes belong to the response (all of them while it is
 * HTTP_MORE); what follows is not part of it. Has no effect once it is not HTTP_MORE. */
size_t http_parse_feed(struct http_parse *parse, const char *bytes, size_t size);

/* The connection has ended; parse->result is still HTTP_MORE. */
enum http_eof http_parse_eof(const struct http_parse *parse);

#endif
