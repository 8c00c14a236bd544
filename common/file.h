/* file: whole files in, whole files out. A written file is absent, old, or new and
 * complete, never half: temporary file beside it, fsync, rename, fsync of the folder. A
 * temporary file has a random name, so that one left behind blocks no writer; the next
 * writer of the same file removes it. */
#ifndef COMMON_FILE_H
#define COMMON_FILE_H

#include "common/err.h"

#include <jansson.h>
#include <stddef.h>

/* Reads a regular file of at most max_bytes. *out_text is new and NUL-terminated after
 * *out_size bytes. Errors: EXIT_CODE_USAGE, naming the path. */
int file_read(const char *path, size_t max_bytes, char **out_text, size_t *out_size,
              struct err *err);

/* Writes size bytes to path atomically. On error (EXIT_CODE_UNFIT, naming the path) the
 * old file, if any, is untouched and no temporary file remains. What exists at path must
 * be a regular file: a device or pipe is never replaced. A file that is replaced hands
 * its permissions on; a new one has 0644 less the umask. */
int file_write(const char *path, const void *bytes, size_t size, struct err *err);

/* Writes json with sorted keys, 1-space indent, a final newline; atomic as file_write. */
int file_write_json(const char *path, const json_t *json, struct err *err);

/* Writes all size bytes to fd, whatever the interruptions. Returns 0 or -errno. */
int file_write_all(int fd, const void *bytes, size_t size);

/* Makes the folder unless it is there, in a parent that is. Errors, also for one that
 * cannot be written in: EXIT_CODE_UNFIT, naming the path. */
int file_make_folder(const char *path, struct err *err);

/* Makes a name just created in path's directory survive a crash, as fsync does for what
 * is in the file. Returns 0 or -errno. */
int file_sync_parent(const char *path);

#endif
