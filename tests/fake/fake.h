/* fake: what the two files of the fake runner share. */
#ifndef TESTS_FAKE_FAKE_H
#define TESTS_FAKE_FAKE_H

#include <stddef.h>

#define MIB ((size_t)1 << 20)

struct call {
    unsigned long requests, concurrency;
    int result_fd;
};

int fake_good(const struct call *call); /* writes the document of a perfect run */

int fake_spin(const struct call *call);
int fake_spin_tree(const struct call *call);
int fake_millisecond_each(const struct call *call);
int fake_hold(const struct call *call);
int fake_hold_processes(const struct call *call);
int fake_hold_threads(const struct call *call);
int fake_hold_coroutines(const struct call *call);

#endif
