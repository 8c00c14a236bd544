/* syscalls.c: reads a tracer's tables and takes one from the other; see syscalls.h.
 * Running the tracer is syscalls_pass.c's. */
#include "harness/run/syscalls.h"

#include "common/json.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX  12
#define DIGITS     1e4 /* a ten-thousandth of a call is enough */
#define STRACE_MIN 5   /* words of a line: the errors' column is empty mostly */

struct words {
    const char *at[WORDS_MAX];
    size_t length[WORDS_MAX], count;
};

static struct words split(const char *line)
{
    struct words words = {.count = 0};
    const char *end = line + strcspn(line, "\n");
    for (const char *at = line; at < end && words.count < WORDS_MAX;) {
        at += strspn(at, " \t");
        const size_t length = strcspn(at, " \t\n");
        if (length == 0)
            break;
        words.at[words.count] = at;
        words.length[words.count++] = length;
        at += length;
    }
    return words;
}

static bool is_number(const struct words *words, size_t index, const char *digits)
{
    return index < words->count && isdigit((unsigned char)words->at[index][0]) &&
           strspn(words->at[index], digits) >= words->length[index];
}

static void add(struct syscalls_table *table, const char *name, size_t length,
                uint64_t calls)
{
    for (size_t i = 0; i < table->count; i++) {
        struct syscalls_count *count = &table->counts[i];
        if (strlen(count->name) == length && !strncmp(count->name, name, length)) {
            count->calls += calls;
            return;
        }
    }
    if (table->count == SYSCALLS_NAMES_MAX || length >= sizeof table->counts[0].name)
        return; /* no kernel has so many, none so long */
    struct syscalls_count *count = &table->counts[table->count++];
    (void)snprintf(count->name, sizeof count->name, "%.*s", (int)length, name);
    count->calls = calls;
}

static bool is_name(const char *word, size_t length)
{
    return isalpha((unsigned char)*word) &&
           strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                        "0123456789_") >= length;
}

static const char *after(const char *line)
{
    line += strcspn(line, "\n");
    return line + (*line == '\n');
}

/* "  3.90    0.000639           9        64        20 close" */
bool syscalls_parse_strace(const char *text, struct syscalls_table *out_table)
{
    struct syscalls_table table = {.count = 0};
    for (const char *line = text; *line; line = after(line)) {
        const struct words words = split(line);
        const size_t last = words.count - 1;
        if (words.count < STRACE_MIN || !is_number(&words, 0, "0123456789.") ||
            !is_number(&words, 3, "0123456789") ||
            !is_name(words.at[last], words.length[last]) ||
            !strncmp(words.at[last], "total", words.length[last]))
            continue;
        add(&table, words.at[last], words.length[last], strtoull(words.at[3], NULL, 10));
    }
    if (table.count == 0)
        return false;
    *out_table = table;
    return true;
}

/* "   close                 39      0     0.667     0.011 ..." */
bool syscalls_parse_perf(const char *text, struct syscalls_table *out_table)
{
    struct syscalls_table table = {.count = 0};
    for (const char *line = text; *line; line = after(line)) {
        const struct words words = split(line);
        if (words.count < STRACE_MIN || !is_name(words.at[0], words.length[0]) ||
            !is_number(&words, 1, "0123456789") || !is_number(&words, 3, "0123456789."))
            continue;
        add(&table, words.at[0], words.length[0], strtoull(words.at[1], NULL, 10));
    }
    if (table.count == 0)
        return false;
    *out_table = table;
    return true;
}

/* NULL when the name is not in the table. */
static const struct syscalls_count *find(const struct syscalls_table *table,
                                         const char *name)
{
    for (size_t i = 0; i < table->count; i++) {
        if (!strcmp(table->counts[i].name, name))
            return &table->counts[i];
    }
    return NULL;
}

static void put_difference(json_t *by_name, const char *name, double calls,
                           uint64_t requests, double *sum)
{
    const double each = calls / (double)requests;
    if (fabs(calls) < 0.5)
        return; /* start-up: in both */
    *sum += each;
    json_put(by_name, name, json_real_or_null(round(each * DIGITS) / DIGITS));
}

json_t *syscalls_per_request(const struct syscalls_table *few,
                             const struct syscalls_table *more, uint64_t requests,
                             double *out_per_request)
{
    json_t *by_name = json_object();
    double sum = 0;
    for (size_t i = 0; i < more->count; i++) {
        const struct syscalls_count *count = &more->counts[i];
        const struct syscalls_count *before = find(few, count->name);
        const double calls = (double)count->calls - (double)(before ? before->calls : 0);
        put_difference(by_name, count->name, calls, requests, &sum);
    }
    for (size_t i = 0; i < few->count; i++) {
        const struct syscalls_count *count = &few->counts[i];
        if (!find(more, count->name))
            put_difference(by_name, count->name, -(double)count->calls, requests, &sum);
    }
    *out_per_request = round(sum * DIGITS) / DIGITS;
    return by_name;
}

void syscalls_choose_requests(uint64_t concurrency, uint64_t cell_requests,
                              uint64_t *out_few, uint64_t *out_more)
{
    uint64_t beyond = cell_requests > concurrency ? cell_requests - concurrency : 0;
    if (beyond < concurrency)
        beyond = concurrency; /* one more for each worker */
    if (beyond > SYSCALLS_MORE_MAX && concurrency < SYSCALLS_MORE_MAX)
        beyond = SYSCALLS_MORE_MAX;
    *out_few = concurrency;
    *out_more = concurrency + beyond;
}
