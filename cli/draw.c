/* draw.c: see draw.h. */
#include "cli/draw.h"

#include "common/cleanup.h"
#include "common/file.h"
#include "harness/run/report_program.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int draw_hold(const json_t *json, char *out_path, size_t size, struct err *err)
{
    AUTO_FREE char *text = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(10));
    const int fd = memfd_create("concbench", 0);
    const int status = fd < 0  ? -errno
                       : !text ? -ENOMEM
                               : file_write_all(fd, text, strlen(text));
    (void)snprintf(out_path, size, "/proc/self/fd/%d", fd);
    if (!status)
        return fd;
    if (fd >= 0)
        (void)close(fd);
    return err_set(err, EXIT_CODE_UNFIT, "cannot hold the results in memory: %s",
                   strerror(-status));
}

int draw_page(const json_t *json, const char *option, const char *html, struct err *err)
{
    char path[40], failure[360];
    AUTO_FD int fd = draw_hold(json, path, sizeof path, err);
    if (fd < 0)
        return -1;
    (void)snprintf(failure, sizeof failure, "no page was made: %.300s", html);
    const char *const words[] = {option, path, html, NULL};
    const struct report_request request = {.words = words};
    return report_program_run(&request, failure, err);
}
