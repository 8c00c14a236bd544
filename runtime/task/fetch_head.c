/* fetch_head.c: see fetch_head.h. */
#include "runtime/task/fetch_head.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* From libcurl 7.84; one that --libcurl loads may be older. */
#pragma weak curl_easy_nextheader

#define SWITCHING "status 101 (switching protocols), which was not asked for"
#define CUT       "the connection ended before the blank line that ends the head"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Reads one number of Content-Length, which may be a list of equal numbers. Returns what
 * follows it, or NULL. */
static const char *read_length(struct fetch_head *head, const char *at, const char *end)
{
    int64_t length = 0;
    const char *first = at;
    for (; at < end && *at >= '0' && *at <= '9'; at++) {
        if (length > (INT64_MAX - (*at - '0')) / 10) {
            head->fault = "Content-Length is above 2^63 - 1";
            return NULL;
        }
        length = length * 10 + (*at - '0');
    }
    if (at == first)
        head->fault = "Content-Length is not a number";
    else if (head->length >= 0 && head->length != length)
        head->fault = "there are two different Content-Lengths";
    head->length = length;
    while (at < end && is_blank(*at))
        at++;
    return head->fault ? NULL : at;
}

static void check_length(struct fetch_head *head, const char *at, const char *end)
{
    while ((at = read_length(head, at, end)) && at < end) {
        if (*at++ != ',') {
            head->fault = "Content-Length is not a number";
            return;
        }
        while (at < end && is_blank(*at))
            at++;
    }
}

static void check_coding(struct fetch_head *head, const char *at, const char *end)
{
    static const char chunked[] = "chunked";
    const size_t length = sizeof chunked - 1;
    if (head->has_coding)
        head->fault = "there are two Transfer-Encodings";
    else if ((size_t)(end - at) != length || strncasecmp(at, chunked, length) != 0)
        head->fault = "Transfer-Encoding is not chunked, and no other was asked for";
    head->has_coding = true;
}

static bool is_name(const char *name, size_t length, const char *wanted)
{
    return strlen(wanted) == length && !strncasecmp(name, wanted, length);
}

/* Checks a field that says where the body ends. */
static void check_field(struct fetch_head *head, const char *name, size_t name_length,
                        const char *value, const char *end)
{
    while (value < end && is_blank(*value))
        value++;
    while (end > value && is_blank(end[-1]))
        end--;
    if (name_length > 0 && is_blank(name[name_length - 1]))
        head->fault = "there is a blank between a field's name and its colon";
    else if (is_name(name, name_length, "Content-Length"))
        check_length(head, value, end);
    else if (is_name(name, name_length, "Transfer-Encoding"))
        check_coding(head, value, end);
}

static void begin_head(struct fetch_head *head, const char *line, size_t length)
{
    const char *blank = memchr(line, ' ', length);
    size_t left = blank ? length - (size_t)(blank - line) : 0;
    head->is_open = true;
    head->length = -1;
    head->has_coding = false;
    head->is_interim = left > 3 && blank[1] == '1';
    if (head->is_interim && !strncmp(blank, " 101", 4))
        head->fault = SWITCHING;
    if (length > 5 && line[5] != '1' && line[5] != '2') /* libcurl 8 takes any for HTTP */
        head->fault = "the answer is in another version of HTTP";
}

/* libcurl calls this for one line of a head, or of trailers, which are ignored. Returning
 * anything but all bytes ends the transfer with CURLE_WRITE_ERROR. */
static size_t on_line(char *line, size_t size, size_t count, void *user)
{
    struct fetch_head *head = user;
    size_t length = size * count;
    if (length >= 5 && !memcmp(line, "HTTP/", 5)) {
        begin_head(head, line, length);
    } else if (length == 0 || *line == '\r' || *line == '\n') {
        head->is_open = false;
    } else if (head->is_open && !is_blank(*line)) { /* a folded line begins with one */
        const char *colon = memchr(line, ':', length);
        if (colon)
            check_field(head, line, (size_t)(colon - line), colon + 1, line + length);
    }
    return head->fault ? 0 : length;
}

void fetch_head_watch(struct fetch_head *head, CURL *easy, bool is_watched)
{
    is_watched = is_watched || !curl_easy_nextheader;
    if (head->is_watched == is_watched)
        return;
    head->is_watched = is_watched;
    /* given data but no function, libcurl would pass the lines to the body's function */
    (void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, is_watched ? on_line : NULL);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, is_watched ? head : NULL);
}

/* Checks the fields of a head that was not watched, one after the other. */
static void check_afterwards(struct fetch_head *head, CURL *easy)
{
    struct curl_header *field = NULL;
    head->length = -1;
    head->has_coding = false;
    while (!head->fault &&
           (field = curl_easy_nextheader(easy, CURLH_HEADER, -1, field))) {
        check_field(head, field->name, strlen(field->name), field->value,
                    field->value + strlen(field->value));
    }
}

/* libcurl sets the length to 0 where the status says that there is no body. A chunked
 * body that is not whole is an error. So both of these are whole. Any other body goes on
 * to the end of the connection. If its head is whole, libcurl has closed the connection.
 * If libcurl has closed it and the head was not watched, the two cases look alike: a
 * server that kept its connections by giving lengths, and then gives none, is taken for
 * one that died. */
const char *fetch_head_cut(const struct fetch_head *head, CURL *easy)
{
    curl_off_t length = -1;
    if (head->is_watched)
        return head->is_open ? CUT : NULL;
    (void)curl_easy_getinfo(easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length >= 0)
        return NULL;
    struct fetch_head after = {0};
    check_afterwards(&after, easy);
    return after.has_coding ? NULL : CUT;
}

const char *fetch_head_fault(struct fetch_head *head, CURL *easy)
{
    long status = 0;
    if (head->fault || head->is_watched)
        return head->fault;
    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (status == 101)
        return SWITCHING;
    check_afterwards(head, easy);
    return head->fault;
}
