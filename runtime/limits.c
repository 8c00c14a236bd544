/* limits.c: file descriptors, CPUs, files, checked before the first request; see
 * limits.h. */
#include "runtime/limits.h"

#include "common/cpus.h"

#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define FDS_OF_A_PROCESS 32 /* standard streams, pipes, epoll, resolver, libraries */

int limits_check_fds(const char *model, uint64_t fds_per_worker, uint64_t concurrency,
                     struct err *err)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit))
        return err_set(err, EXIT_CODE_INTERNAL, "cannot read the file descriptor limit");
    uint64_t needed = fds_per_worker * concurrency + FDS_OF_A_PROCESS;
    if (needed > limit.rlim_max)
        return err_set(err, EXIT_CODE_UNFIT,
                       "%s at concurrency %" PRIu64 " needs %" PRIu64
                       " file descriptors but the limit is %" PRIu64
                       ": raise it (ulimit -Hn) or lower -c",
                       model, concurrency, needed, (uint64_t)limit.rlim_max);
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    return 0;
}

int limits_use_cpus(uint64_t count, struct err *err)
{
    struct cpus all, first = {0};
    uint64_t taken = 0;
    if (!count)
        return 0;
    int status = cpus_read(0, &all);
    if (status)
        return err_set(err, EXIT_CODE_UNFIT,
                       "--cpus: cannot read which CPUs there are: %s", strerror(-status));
    for (size_t cpu = 0; cpu < CPUS_MAX && taken < count; cpu++) {
        if (cpus_has(&all, cpu)) {
            cpus_add(&first, cpu);
            taken++;
        }
    }
    if (taken < count)
        return err_set(err, EXIT_CODE_UNFIT,
                       "--cpus %" PRIu64 ": this process may use only %" PRIu64, count,
                       taken);
    status = cpus_use(0, &first);
    if (status)
        return err_set(err, EXIT_CODE_UNFIT, "--cpus %" PRIu64 ": %s", count,
                       strerror(-status));
    return 0;
}

int limits_check_result_fd(uint64_t fd, struct err *err)
{
    int flags = fd ? fcntl((int)fd, F_GETFL) : O_WRONLY;
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
        return err_set(err, EXIT_CODE_USAGE,
                       "--result-fd %" PRIu64 " is not open for writing", fd);
    return 0;
}
