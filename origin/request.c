/* request.c: the request heads of request.h. The head is read from its start on every
 * call; a head that comes in one piece, the usual case, is read once. */
#include "origin/request.h"

#include <string.h>
#include <strings.h>

struct line {
    const char *at;
    size_t size;
};

/* What the header fields have shown so far. */
struct fields {
    struct request *request;
};

/* Takes the next whole line, without its line break, off the front of *rest. */
static bool take_line(struct line *rest, struct line *out_line)
{
    const char *end = memchr(rest->at, '\n', rest->size);
    if (!end)
        return false;
    size_t size = (size_t)(end - rest->at);
    *out_line = (struct line){rest->at, size};
    *rest = (struct line){end + 1, rest->size - size - 1};
    if (size > 0 && end[-1] == '\r')
        out_line->size--;
    return true;
}

static bool line_is(struct line line, const char *word)
{
    return line.size == strlen(word) && strncasecmp(line.at, word, line.size) == 0;
}

static struct line trim(struct line line)
{
    while (line.size > 0 && (line.at[0] == ' ' || line.at[0] == '\t')) {
        line.at++;
        line.size--;
    }
    while (line.size > 0 &&
           (line.at[line.size - 1] == ' ' || line.at[line.size - 1] == '\t'))
        line.size--;
    return line;
}

static int refuse(struct err *err, int status, const char *text)
{
    (void)err_set(err, EXIT_CODE_USAGE, "%s", text);
    return status;
}

static int read_method(struct line word, struct request *request, struct err *err)
{
    if (word.size == 0 || strspn(word.at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != word.size)
        return refuse(err, 400, "malformed request line");
    if (word.size == 3 && memcmp(word.at, "GET", 3) == 0)
        request->method = REQUEST_GET;
    else if (word.size == 4 && memcmp(word.at, "HEAD", 4) == 0)
        request->method = REQUEST_HEAD;
    else if (word.size == 4 && memcmp(word.at, "POST", 4) == 0)
        request->method = REQUEST_POST;
    else
        request->method = REQUEST_OTHER;
    return 0;
}

static int read_version(struct line word, struct request *request, struct err *err)
{
    if (word.size != 8 || memcmp(word.at, "HTTP/", 5) != 0 || word.at[6] != '.' ||
        word.at[7] < '0' || word.at[7] > '9')
        return refuse(err, 400, "malformed request line");
    if (word.at[5] != '1')
        return refuse(err, 505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
    request->is_1_0 = word.at[7] == '0';
    request->is_kept_alive = !request->is_1_0;
    return 0;
}

/* METHOD SP target SP HTTP/1.x, one blank each, nothing but visible ASCII in the target.
 */
static int read_request_line(struct line line, struct request *request, struct err *err)
{
    const char *end = line.at + line.size;
    const char *blank = memchr(line.at, ' ', line.size);
    const char *target = blank ? blank + 1 : end;
    const char *target_end = target;
    while (target_end<end && * target_end> ' ' && *target_end < 0x7f)
        target_end++;
    if (!blank || target == target_end || target_end == end || *target_end != ' ')
        return refuse(err, 400, "malformed request line");
    request->target = target;
    request->target_size = (size_t)(target_end - target);
    struct line version = {target_end + 1, (size_t)(end - target_end - 1)};
    int status =
        read_method((struct line){line.at, (size_t)(blank - line.at)}, request, err);
    return status ? status : read_version(version, request, err);
}

static int field_connection(struct line value, struct fields *fields, struct err *err)
{
    (void)err;
    while (value.size > 0) {
        const char *comma = memchr(value.at, ',', value.size);
        size_t size = comma ? (size_t)(comma - value.at) : value.size;
        struct line token = trim((struct line){value.at, size});
        if (line_is(token, "close"))
            fields->request->is_kept_alive = false;
        else if (line_is(token, "keep-alive") && fields->request->is_1_0)
            fields->request->is_kept_alive = true;
        size += comma ? 1 : 0;
        value = (struct line){value.at + size, value.size - size};
    }
    return 0;
}

static int field_length(struct line value, struct fields *fields, struct err *err)
{
    uint64_t length = 0;
    bool is_good = value.size >= 1 && !fields->request->has_length;
    for (size_t i = 0; is_good && i < value.size; i++) {
        is_good = value.at[i] >= '0' && value.at[i] <= '9';
        if (is_good && length <= REQUEST_BODY_MAX)
            length = length * 10 + (uint64_t)(value.at[i] - '0');
    }
    if (!is_good)
        return refuse(err, 400, "bad Content-Length");
    fields->request->has_length = true;
    fields->request->body_bytes = length;
    return 0;
}

static int take_once(struct line value, struct request_text *text, const char *twice,
                     struct err *err)
{
    if (text->at)
        return refuse(err, 400, twice);
    *text = (struct request_text){value.at, value.size};
    return 0;
}

static int field_host(struct line value, struct fields *fields, struct err *err)
{
    return take_once(value, &fields->request->host, "two Host fields", err);
}

static int field_origin(struct line value, struct fields *fields, struct err *err)
{
    return take_once(value, &fields->request->origin, "two Origin fields", err);
}

static int field_authorization(struct line value, struct fields *fields, struct err *err)
{
    return take_once(value, &fields->request->authorization, "two Authorization fields",
                     err);
}

static int field_encoding(struct line value, struct fields *fields, struct err *err)
{
    (void)value;
    (void)fields;
    return refuse(err, 501, "Transfer-Encoding is not understood here");
}

static int field_expect(struct line value, struct fields *fields, struct err *err)
{
    (void)value;
    (void)fields;
    return refuse(err, 417, "Expect is not understood here");
}

static const struct field {
    const char *name;
    size_t size;
    int (*read)(struct line value, struct fields *fields, struct err *err);
} known_fields[] = {
    {"Host", 4, field_host},
    {"Connection", 10, field_connection},
    {"Content-Length", 14, field_length},
    {"Transfer-Encoding", 17, field_encoding},
    {"Expect", 6, field_expect},
    {"Origin", 6, field_origin},
    {"Authorization", 13, field_authorization},
};

static int read_field(struct line line, struct fields *fields, struct err *err)
{
    const char *colon = memchr(line.at, ':', line.size);
    struct line name = {line.at, colon ? (size_t)(colon - line.at) : 0};
    if (name.size == 0 || memchr(name.at, ' ', name.size) ||
        memchr(name.at, '\t', name.size))
        return refuse(err, 400, "malformed header field");
    struct line value = {colon + 1, line.size - name.size - 1};
    for (size_t i = 0; i < COUNT_OF(known_fields); i++) {
        const struct field *field = &known_fields[i];
        if (field->size == name.size && (field->name[0] | ' ') == (name.at[0] | ' ') &&
            strncasecmp(field->name, name.at, name.size) == 0)
            return field->read(trim(value), fields, err);
    }
    return 0;
}

/* After the empty line: is the body of a size we take? */
static int finish(const struct fields *fields, size_t head_size, struct err *err)
{
    if (!fields->request->host.at && !fields->request->is_1_0)
        return refuse(err, 400, "no Host field");
    if (fields->request->body_bytes > REQUEST_BODY_MAX)
        return refuse(err, 413, "request body too large: at most 64 MiB are read");
    fields->request->size = head_size;
    return 0;
}

int request_parse(const char *buffer, size_t size, struct request *out_request,
                  struct err *err)
{
    struct request request = {.method = REQUEST_OTHER};
    struct fields fields = {.request = &request};
    struct line rest = {buffer, size};
    struct line line = {NULL, 0};
    int status = REQUEST_INCOMPLETE;
    if (take_line(&rest, &line))
        status = read_request_line(line, &request, err);
    while (status == 0 && take_line(&rest, &line) && line.size > 0)
        status = read_field(line, &fields, err);
    /* status 0 here: the empty line was met, or the buffer ended before it */
    bool is_whole = status == 0 && line.size == 0;
    if (is_whole)
        status = finish(&fields, (size_t)(rest.at - buffer), err);
    else if (status == 0)
        status = REQUEST_INCOMPLETE;
    if (status == REQUEST_INCOMPLETE && size >= REQUEST_HEAD_MAX)
        return refuse(err, 431, "request head too large");
    if (status == 0)
        *out_request = request;
    return status;
}
