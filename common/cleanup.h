/* cleanup: cleanup attributes, so that an early return leaks nothing.
 * The variable must be initialised (NULL, -1) at its declaration. */
#ifndef COMMON_CLEANUP_H
#define COMMON_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline void cleanup_free(void *slot)
{
    free(*(void **)slot);
}

static inline void cleanup_close_fd(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

static inline void cleanup_close_file(FILE **file)
{
    if (*file)
        (void)fclose(*file); /* a reader's close; writers check fclose themselves */
}

#define AUTO_FREE __attribute__((cleanup(cleanup_free)))
#define AUTO_FD   __attribute__((cleanup(cleanup_close_fd)))
#define AUTO_FILE __attribute__((cleanup(cleanup_close_file)))

#endif
