/* http_parse.c: a machine of one function per place in a response; see http_parse.h.
 *
 * Each step reads as much as it can between `at` and `end` (never empty), and returns how
 * far it came. It moves parse->step on when its place ends. */
#include "runtime/raw/http_parse.h"

#include "runtime/raw/http_field.h"
#include "runtime/raw/http_text.h"

typedef const char *step_fn(struct http_parse *parse, const char *at, const char *end);

enum step {
    STEP_STATUS,
    STEP_AFTER_CODE,
    STEP_REASON,
    STEP_LINE_LF,
    STEP_FIELD,
    STEP_NAME,
    STEP_VALUE,
    STEP_OTHER_VALUE,
    STEP_HEAD_LF,
    STEP_CHUNK_SIZE,
    STEP_CHUNK_EXTENSION,
    STEP_CHUNK_LF,
    STEP_CHUNK_DATA, /* from here on bytes are not counted against the budget */
    STEP_DATA_CR,
    STEP_DATA_LF,
    STEP_BODY,
    STEP_UNTIL_CLOSE
};

static const char *refuse(struct http_parse *parse, const char *at, const char *reason)
{
    parse->result = HTTP_BAD;
    parse->reason = reason;
    return at;
}

static void finish(struct http_parse *parse)
{
    parse->result = HTTP_DONE;
    parse->is_keep_alive =
        !parse->says_close && (!parse->is_1_0 || parse->says_keep_alive);
}

static void begin_head(struct http_parse *parse)
{
    parse->step = STEP_STATUS;
    parse->position = 0;
    parse->status = 0;
    parse->field = HTTP_FIELD_NONE;
    parse->location_size = 0;
    parse->is_1_0 = false;
    parse->has_length = parse->has_coding = false;
    parse->says_close = parse->says_keep_alive = false;
}

void http_parse_begin(struct http_parse *parse)
{
    parse->result = HTTP_MORE;
    parse->is_keep_alive = parse->has_begun = parse->is_trailer = false;
    parse->has_status = parse->is_final = false;
    parse->body_bytes = parse->remaining = 0;
    parse->reason = NULL;
    parse->budget = HTTP_HEAD_MAX_BYTES;
    begin_head(parse);
}

/* v: 0 or 1. #: a digit. */
static const char *step_status(struct http_parse *parse, const char *at, const char *end)
{
    static const char pattern[] = "HTTP/1.v ###";
    for (; at < end; at++) {
        char wanted = pattern[parse->position];
        bool is_digit = *at >= '0' && *at <= (wanted == 'v' ? '1' : '9');
        if (wanted == 'v' || wanted == '#' ? !is_digit : *at != wanted)
            return refuse(parse, at,
                          parse->position < sizeof "HTTP/1.v" - 1
                              ? "not an answer in HTTP/1.0 or HTTP/1.1"
                              : "status line: no status");
        if (wanted == 'v')
            parse->is_1_0 = *at == '0';
        if (wanted == '#')
            parse->status = parse->status * 10 + (unsigned)(*at - '0');
        if (++parse->position == sizeof pattern - 1) {
            if (parse->status < 100)
                return refuse(parse, at, "status line: a status below 100");
            parse->step = STEP_AFTER_CODE;
            return at + 1;
        }
    }
    return at;
}

/* Servers leave out the space before an empty reason. */
static const char *step_after_code(struct http_parse *parse, const char *at,
                                   const char *end)
{
    (void)end;
    if (*at != ' ' && *at != '\r')
        return refuse(parse, at, "status line: a status that is not three digits");
    parse->step = *at == ' ' ? STEP_REASON : STEP_LINE_LF;
    return at + 1;
}

static const char *refuse_in_line(struct http_parse *parse, const char *at)
{
    return refuse(parse, at,
                  *at == '\n' ? "a line that ends in LF without CR"
                              : "a control character in a line");
}

/* Skips text that does not matter, up to the CR; the next step is `next`. */
static const char *skip_text(struct http_parse *parse, const char *at, const char *end,
                             enum step next)
{
    at = http_text_end(at, end);
    if (at == end)
        return at;
    if (*at != '\r')
        return refuse_in_line(parse, at);
    parse->step = (uint8_t)next;
    return at + 1;
}

static const char *step_reason(struct http_parse *parse, const char *at, const char *end)
{
    return skip_text(parse, at, end, STEP_LINE_LF);
}

static const char *step_line_lf(struct http_parse *parse, const char *at, const char *end)
{
    (void)end;
    if (*at != '\n')
        return refuse_in_line(parse, at);
    parse->has_status = true;
    parse->is_final = parse->status >= 200;
    parse->step = STEP_FIELD;
    return at + 1;
}

/* Begins a line that starts with a blank and so continues the last one (RFC 9112, 5.2).
 */
static const char *begin_fold(struct http_parse *parse, const char *at)
{
    if (parse->field == HTTP_FIELD_NONE)
        return refuse(parse, at, "a blank before the first header field");
    parse->step = STEP_OTHER_VALUE;
    if (parse->field == HTTP_FIELD_OTHER)
        return at;
    http_field_fold(parse);
    if (parse->reason)
        return refuse(parse, at, parse->reason);
    parse->step = STEP_VALUE;
    return at;
}

static const char *step_field(struct http_parse *parse, const char *at, const char *end)
{
    (void)end;
    if (*at == '\r') {
        parse->step = STEP_HEAD_LF;
        return at + 1;
    }
    if (*at == ' ' || *at == '\t')
        return begin_fold(parse, at);
    parse->name_size = 0;
    parse->step = STEP_NAME;
    return at;
}

static const char *step_name(struct http_parse *parse, const char *at, const char *end)
{
    uint8_t size = parse->name_size;
    for (char c; at < end && (c = http_token((unsigned char)*at)); at++) {
        if (size < sizeof parse->name)
            parse->name[size++] = c;
    }
    parse->name_size = size;
    if (at == end)
        return at;
    if (*at != ':' || parse->name_size == 0)
        return refuse(parse, at, "a header line without a name and a colon");
    parse->field = HTTP_FIELD_OTHER;
    bool matters = !parse->is_trailer && http_field_find(parse);
    parse->step = matters ? STEP_VALUE : STEP_OTHER_VALUE;
    return at + 1;
}

static const char *step_value(struct http_parse *parse, const char *at, const char *end)
{
    const char *stop = http_text_end(at, end);
    at = http_field_take(parse, at, stop);
    if (parse->reason)
        return refuse(parse, at, parse->reason);
    if (at == end)
        return at;
    if (*at != '\r')
        return refuse_in_line(parse, at);
    http_field_end(parse);
    if (parse->reason)
        return refuse(parse, at, parse->reason);
    parse->step = STEP_LINE_LF;
    return at + 1;
}

static const char *step_other_value(struct http_parse *parse, const char *at,
                                    const char *end)
{
    return skip_text(parse, at, end, STEP_LINE_LF);
}

static void begin_chunk(struct http_parse *parse)
{
    parse->step = STEP_CHUNK_SIZE;
    parse->position = 0;
    parse->remaining = 0;
    parse->budget = HTTP_HEAD_MAX_BYTES;
}

/* Finds the body's length by the rules of RFC 9112, 6.3, for the answer to a GET. */
static const char *step_head_lf(struct http_parse *parse, const char *at, const char *end)
{
    (void)end;
    if (*at != '\n')
        return refuse_in_line(parse, at);
    if (parse->status == 101)
        return refuse(parse, at, "status 101, which was not asked for");
    bool has_no_body = parse->is_trailer || parse->status == 204 || parse->status == 304;
    bool is_empty = !parse->has_coding && parse->has_length && parse->remaining == 0;
    if (parse->status < 200)
        begin_head(parse);
    else if (has_no_body || is_empty)
        finish(parse);
    else if (parse->has_coding)
        begin_chunk(parse);
    else
        parse->step = parse->has_length ? STEP_BODY : STEP_UNTIL_CLOSE;
    return at + 1;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = http_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static const char *step_chunk_size(struct http_parse *parse, const char *at,
                                   const char *end)
{
    for (; at < end && hex_digit(*at) >= 0; at++) {
        if (parse->remaining > (uint64_t)INT64_MAX >> 4U)
            return refuse(parse, at, "chunk: a size of 2^63 or more");
        parse->remaining = parse->remaining << 4U | (uint64_t)hex_digit(*at);
        parse->position = 1; /* there is a digit */
    }
    if (at == end)
        return at;
    if (!parse->position)
        return refuse(parse, at, "chunk: no size");
    if (parse->remaining > INT64_MAX - parse->body_bytes)
        return refuse(parse, at, "chunks: 2^63 bytes or more");
    if (*at != '\r' && *at != ';' && *at != ' ' && *at != '\t')
        return refuse(parse, at, "chunk: a size that is not hexadecimal");
    parse->step = *at == '\r' ? STEP_CHUNK_LF : STEP_CHUNK_EXTENSION;
    return at + 1;
}

static const char *step_chunk_extension(struct http_parse *parse, const char *at,
                                        const char *end)
{
    return skip_text(parse, at, end, STEP_CHUNK_LF);
}

static const char *step_chunk_lf(struct http_parse *parse, const char *at,
                                 const char *end)
{
    (void)end;
    if (*at != '\n')
        return refuse_in_line(parse, at);
    parse->step = STEP_CHUNK_DATA;
    if (parse->remaining > 0)
        return at + 1;
    parse->is_trailer = true;
    parse->field = HTTP_FIELD_NONE;
    parse->budget = HTTP_HEAD_MAX_BYTES;
    parse->step = STEP_FIELD;
    return at + 1;
}

static const char *take_body(struct http_parse *parse, const char *at, const char *end)
{
    uint64_t size = (uint64_t)(end - at);
    if (size > parse->remaining)
        size = parse->remaining;
    parse->remaining -= size;
    parse->body_bytes += size;
    return at + size;
}

static const char *step_chunk_data(struct http_parse *parse, const char *at,
                                   const char *end)
{
    at = take_body(parse, at, end);
    if (parse->remaining == 0)
        parse->step = STEP_DATA_CR;
    return at;
}

static const char *step_data_cr(struct http_parse *parse, const char *at, const char *end)
{
    (void)end;
    if (*at != '\r')
        return refuse(parse, at, "chunk: more bytes than its size says");
    parse->step = STEP_DATA_LF;
    return at + 1;
}

static const char *step_data_lf(struct http_parse *parse, const char *at, const char *end)
{
    (void)end;
    if (*at != '\n')
        return refuse(parse, at, "chunk: more bytes than its size says");
    begin_chunk(parse);
    return at + 1;
}

static const char *step_body(struct http_parse *parse, const char *at, const char *end)
{
    at = take_body(parse, at, end);
    if (parse->remaining == 0)
        finish(parse);
    return at;
}

static const char *step_until_close(struct http_parse *parse, const char *at,
                                    const char *end)
{
    parse->body_bytes += (uint64_t)(end - at);
    return end;
}

static step_fn *const steps[] = {
    [STEP_STATUS] = step_status,
    [STEP_AFTER_CODE] = step_after_code,
    [STEP_REASON] = step_reason,
    [STEP_LINE_LF] = step_line_lf,
    [STEP_FIELD] = step_field,
    [STEP_NAME] = step_name,
    [STEP_VALUE] = step_value,
    [STEP_OTHER_VALUE] = step_other_value,
    [STEP_HEAD_LF] = step_head_lf,
    [STEP_CHUNK_SIZE] = step_chunk_size,
    [STEP_CHUNK_EXTENSION] = step_chunk_extension,
    [STEP_CHUNK_LF] = step_chunk_lf,
    [STEP_CHUNK_DATA] = step_chunk_data,
    [STEP_DATA_CR] = step_data_cr,
    [STEP_DATA_LF] = step_data_lf,
    [STEP_BODY] = step_body,
    [STEP_UNTIL_CLOSE] = step_until_close,
};

/* Runs one step, within the budget where it has one. */
static const char *run_step(struct http_parse *parse, const char *at, const char *end)
{
    if (parse->step >= STEP_CHUNK_DATA)
        return steps[parse->step](parse, at, end);
    if (parse->budget == 0)
        return refuse(parse, at,
                      parse->step >= STEP_CHUNK_SIZE
                          ? "chunk: a size with extensions of more than 1 MiB"
                          : "header: more than 1 MiB");
    const char *limit = (uint64_t)(end - at) > parse->budget ? at + parse->budget : end;
    uint32_t before = parse->budget;
    const char *next = steps[parse->step](parse, at, limit);
    if (parse->budget == before) /* else a new line of its own has begun */
        parse->budget -= (uint32_t)(next - at);
    return next;
}

size_t http_parse_feed(struct http_parse *parse, const char *bytes, size_t size)
{
    const char *at = bytes;
    const char *end = bytes + size;
    parse->has_begun |= size > 0;
    while (at < end && parse->result == HTTP_MORE)
        at = run_step(parse, at, end);
    return (size_t)(at - bytes);
}

enum http_eof http_parse_eof(const struct http_parse *parse)
{
    if (parse->step == STEP_UNTIL_CLOSE)
        return HTTP_EOF_COMPLETE;
    return parse->is_final ? HTTP_EOF_SHORT : HTTP_EOF_LOST;
}
