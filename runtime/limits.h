/* limits: what the environment must offer, checked before the first request. */
#ifndef RUNTIME_LIMITS_H
#define RUNTIME_LIMITS_H

#include "common/err.h"

#include <stdint.h>

/* Raises the soft limit of file descriptors to the hard one and checks that the workers
 * fit. EXIT_CODE_UNFIT with the number that is needed and the number that is allowed. */
int limits_check_fds(const char *model, uint64_t fds_per_worker, uint64_t concurrency,
                     struct err *err);

/* Restricts this process, and what it makes from now on, to the first count of the CPUs
 * it may use; 0 changes nothing. EXIT_CODE_UNFIT when there are fewer. */
int limits_use_cpus(uint64_t count, struct err *err);

/* Checks that fd is open for writing; 0 stands for none. EXIT_CODE_USAGE. */
int limits_check_result_fd(uint64_t fd, struct err *err);

#endif
