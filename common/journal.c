/* journal.c: appends and reads trials.jsonl; see journal.h. What the lines hold is
 * decided elsewhere (docs/results.md). */
#include "common/journal.h"

#include "common/cleanup.h"
#include "common/file.h"
#include "common/json.h"
#include "common/memory.h"
#include "common/redact.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A run of 10,000 trials with 100 KiB documents; more is not one of ours. */
#define JOURNAL_LIMIT ((size_t)1 << 30)

struct journal {
    int fd;
    off_t size; /* of the complete lines */
    char *path;
};

/* Returns 0 or -errno; *out_journal is new, also when it could not be opened. */
static int open_at(const char *path, int flags, struct journal **out_journal)
{
    struct journal *journal = memory_calloc(1, sizeof *journal);
    *out_journal = journal;
    journal->path = memory_strdup(path);
    journal->fd = open(path, flags, 0644);
    return journal->fd < 0 ? -errno : 0;
}

int journal_create(const char *path, struct journal **out_journal, struct err *err)
{
    struct journal *journal = NULL;
    int status =
        open_at(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, &journal);
    if (!status)
        status = file_sync_parent(path);
    if (status) {
        journal_free(journal);
        return err_set(err, EXIT_CODE_UNFIT, "cannot create %.300s: %s", path,
                       strerror(-status));
    }
    *out_journal = journal;
    return 0;
}

/* The line with its line break, new; *out_size counts the break. */
static char *make_line(const char *type, const json_t *object, size_t *out_size)
{
    json_auto_t *clean = redact_json(object); /* whatever repeats them */
    json_auto_t *line = json_copy(clean);
    if (!line || json_object_set_new(line, "type", json_string(type)))
        return NULL;
    char *text =
        json_dumps(line, JSON_COMPACT | JSON_SORT_KEYS | JSON_REAL_PRECISION(10));
    if (text) {
        *out_size = strlen(text) + 1;
        text[*out_size - 1] = '\n'; /* takes the place of the NUL */
    }
    return text;
}

int journal_append(struct journal *journal, const char *type, const json_t *object,
                   struct err *err)
{
    size_t size = 0;
    AUTO_FREE char *line = make_line(type, object, &size);
    if (!line)
        return err_set(err, EXIT_CODE_INTERNAL, "%.300s: a %s line is not JSON",
                       journal->path, type);
    int status = file_write_all(journal->fd, line, size);
    if (!status && fsync(journal->fd) && errno != EINVAL)
        status = -errno;
    if (status) {
        (void)!ftruncate(journal->fd, journal->size); /* no half line before a next one */
        return err_set(err, EXIT_CODE_UNFIT, "cannot write %.300s: %s", journal->path,
                       strerror(-status));
    }
    journal->size += (off_t)size;
    return 0;
}

void journal_free(struct journal *journal)
{
    if (!journal)
        return;
    cleanup_close_fd(&journal->fd);
    free(journal->path);
    free(journal);
}

/* Appends the object of one line. A bad line is an error unless it is the last; then
 * *out_is_torn. */
static int read_line(const char *line, size_t size, bool is_last, json_t *lines,
                     bool *out_is_torn, struct err *err)
{
    json_t *object = NULL;
    int status = json_load_text("line", line, size, &object, is_last ? NULL : err);
    if (!status)
        json_push(lines, object);
    *out_is_torn = status != 0;
    return is_last ? 0 : status;
}

/* A string never spans lines, so each is weighed on its own, whatever is torn. */
static bool is_too_heavy(const char *text, size_t size, size_t max_weight)
{
    const char *line = text, *end = text + size, *line_end = NULL;
    size_t weight = 0;
    for (; line < end && weight <= max_weight; line = line_end + 1) {
        line_end = memchr(line, '\n', (size_t)(end - line));
        if (!line_end)
            line_end = end;
        const size_t more = json_weigh_text(line, (size_t)(line_end - line));
        if (more > max_weight)
            return true;
        weight += more;
    }
    return weight > max_weight;
}

/* The lines of a journal of at most max_weight; *out_size is that of the complete ones.
 */
static int read_lines(const char *path, size_t max_weight, json_t **out_lines,
                      off_t *out_size, struct err *err)
{
    AUTO_FREE char *text = NULL;
    size_t size = 0;
    int status = file_read(path, max_weight < JOURNAL_LIMIT ? max_weight : JOURNAL_LIMIT,
                           &text, &size, err);
    if (status)
        return status;
    if (max_weight < SIZE_MAX && is_too_heavy(text, size, max_weight))
        return err_set(err, EXIT_CODE_USAGE,
                       "%.300s: too large: it would take more than %zu MiB of memory, or "
                       "a string in it has more than %zu MiB",
                       path, max_weight >> 20, JSON_STRING_LIMIT >> 20);
    json_t *lines = json_array();
    const char *end = text + size;
    const char *line = text;
    const char *line_end = NULL;
    bool is_torn = false;
    *out_size = 0;
    /* What follows the last line break was being written when the end came. */
    while (!status && (line_end = memchr(line, '\n', (size_t)(end - line)))) {
        status = read_line(line, (size_t)(line_end - line), line_end + 1 == end, lines,
                           &is_torn, err);
        line = line_end + 1;
        if (!is_torn)
            *out_size = line - text;
    }
    if (status) {
        err_prefix(err, "%.300s: entry %zu", path, json_array_size(lines) + 1);
        json_decref(lines);
        return status;
    }
    *out_lines = lines;
    return 0;
}

int journal_read(const char *path, json_t **out_lines, struct err *err)
{
    return journal_read_within(path, SIZE_MAX, out_lines, err);
}

int journal_read_within(const char *path, size_t max_weight, json_t **out_lines,
                        struct err *err)
{
    off_t size = 0;
    return read_lines(path, max_weight, out_lines, &size, err);
}

/* Cuts off what is torn, so that no half line comes before a next one. */
static int cut(const struct journal *journal)
{
    struct stat st;
    if (fstat(journal->fd, &st))
        return -errno;
    if (st.st_size > journal->size && (ftruncate(journal->fd, journal->size) ||
                                       (fsync(journal->fd) && errno != EINVAL)))
        return -errno;
    return 0;
}

int journal_open(const char *path, size_t expected_lines, struct journal **out_journal,
                 struct err *err)
{
    json_auto_t *lines = NULL;
    off_t size = 0;
    struct journal *journal = NULL;
    if (read_lines(path, SIZE_MAX, &lines, &size, err))
        return -1;
    if (json_array_size(lines) != expected_lines)
        return err_set(err, EXIT_CODE_UNFIT,
                       "%.300s has changed meanwhile: is another run resuming it?", path);
    int status = open_at(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW, &journal);
    if (!status) {
        journal->size = size;
        status = cut(journal);
    }
    if (status) {
        journal_free(journal);
        return err_set(err, EXIT_CODE_UNFIT, "cannot append to %.300s: %s", path,
                       strerror(-status));
    }
    *out_journal = journal;
    return 0;
}
