/* answer: one HTTP answer on its way out.
 *
 * The head (and the text of a short answer) is formed in the struct; the body of
 * /bytes/N is never stored at all: every connection sends pieces of one constant pattern,
 * so a body of 1 GiB costs what one of 1 byte costs. There is no Date field: the same
 * request gets the same bytes. */
#ifndef ORIGIN_ANSWER_H
#define ORIGIN_ANSWER_H

#include "origin/request.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define ANSWER_HEAD_MAX    1024
#define ANSWER_PIECES_MAX  16
#define ANSWER_PIECE_BYTES (26 * 2520) /* a whole number of alphabets, about 64 KiB */

struct answer {
    uint64_t body_bytes; /* after the head, as they go over the wire */
    uint64_t sent;       /* of head and body */
    uint64_t allowed;    /* the part of them that may be sent so far */
    size_t head_size;
    struct answer_chunks {
        uint64_t bytes; /* of each chunk but the last; 0: the body is not chunked */
        uint64_t count, last_bytes; /* full ones, and what is left */
        char heads[2][20];          /* the line before a full chunk, and the last one */
        uint64_t wire_bytes;        /* of a full chunk with all that belongs to it */
    } chunks;
    char head[ANSWER_HEAD_MAX];
};

/* What an answer must know of its request. */
struct answer_style {
    bool is_1_0, is_kept_alive, is_head_only;
};

static inline uint64_t answer_left(const struct answer *answer)
{
    return answer->head_size + answer->body_bytes - answer->sent;
}

/* Fills the pattern. Once, before the first answer and before there are threads. */
void answer_prepare(void);

/* 200 with the first bytes of the pattern. */
void answer_pattern(struct answer *answer, struct answer_style style, uint64_t bytes);

/* The same with another status, and in chunks where chunk_bytes is above 0 and the client
 * speaks HTTP/1.1. */
void answer_form(struct answer *answer, struct answer_style style, int status,
                 uint64_t bytes, uint64_t chunk_bytes);

/* Replaces what was formed with bytes that are not HTTP. */
void answer_garble(struct answer *answer);

/* 200 with a JSON text of at most 512 bytes. */
void answer_json(struct answer *answer, struct answer_style style, const char *text);

/* An error status with one line of text of at most 512 bytes; a line break is added.
 * allow, or NULL, is the value of the Allow field. */
void answer_refusal(struct answer *answer, struct answer_style style, int status,
                    const char *text, const char *allow);

/* The next pieces of what is left and allowed, at most ANSWER_PIECES_MAX (about 1 MiB),
 * borrowed. Returns their number; *out_bytes is their sum. */
int answer_pieces(const struct answer *answer, struct iovec *out_pieces,
                  uint64_t *out_bytes);

#endif
