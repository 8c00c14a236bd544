/* thread_stack: how large the stack of a thread is, the same in every model that has
 * threads. A C library has a smallest size (16 KiB in glibc on x86, 128 KiB on arm64). */
#ifndef RUNTIME_THREAD_STACK_H
#define RUNTIME_THREAD_STACK_H

#include <pthread.h>
#include <stdint.h>

/* The size in bytes that a thread's stack has when this one is asked for: at least what
 * the C library needs. From SETTINGS_THREAD_STACK_MIN on it holds for coroutines too, so
 * that models that are given the same --stack-bytes have the same. */
uint64_t thread_stack_bytes(uint64_t asked);

/* Attributes for threads with stacks of this size, or as thread_stack_bytes gives it.
 * Returns 0 or an errno value; pthread_attr_destroy is due, and harmless, after both. */
int thread_stack_attributes(pthread_attr_t *out_attributes, uint64_t bytes);

#endif
