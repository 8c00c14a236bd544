/* channel.c: a ring of slots, a mutex and two conditions; see channel.h.
 *
 * A process may be killed anywhere in here. So the mutex is a robust one, and an item
 * counts by a single store, made after it is in its slot. The conditions keep no state
 * that a dead process could leave half changed. At worst a wake-up is lost with the
 * process that it woke, and channel_lose makes up for that by waking all. */
#include "runtime/channel.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static void lock(struct channel *channel)
{
    if (pthread_mutex_lock(&channel->lock) == EOWNERDEAD)
        (void)pthread_mutex_consistent(&channel->lock);
}

static void unlock(struct channel *channel)
{
    (void)pthread_mutex_unlock(&channel->lock);
}

/* Waits for the condition. May return for no reason, as such waits do. */
static void wait_for(struct channel *channel, struct condition *condition)
{
    uint32_t seen = atomic_load(&condition->changes);
    condition->waiting++;
    unlock(channel);
    (void)syscall(SYS_futex, &condition->changes, FUTEX_WAIT, seen, NULL, NULL, 0);
    lock(channel);
    condition->waiting--;
}

static void wake(struct condition *condition, int how_many)
{
    if (condition->waiting == 0)
        return;
    (void)atomic_fetch_add(&condition->changes, 1);
    (void)syscall(SYS_futex, &condition->changes, FUTEX_WAKE, how_many, NULL, NULL, 0);
}

static void wake_all(struct channel *channel)
{
    wake(&channel->has_items, INT_MAX);
    wake(&channel->has_room, INT_MAX);
}

static size_t size_of(size_t slots, size_t members)
{
    return sizeof(struct channel) + slots * sizeof(struct item) +
           members * sizeof(struct member);
}

struct channel *channel_new(uint64_t slots, uint64_t members)
{
    void *memory = mmap(NULL, size_of((size_t)slots, (size_t)members),
                        PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    struct channel *channel = memory;
    channel->slot_count = (size_t)slots;
    channel->member_count = (size_t)members;
    channel->slots = (struct item *)(void *)(channel + 1);
    channel->members = (struct member *)(void *)(channel->slots + slots);
    channel->producers = members / 2;
    channel->consumers = members - members / 2;
    pthread_mutexattr_t attributes;
    (void)pthread_mutexattr_init(&attributes);
    (void)pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    (void)pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
    (void)pthread_mutex_init(&channel->lock, &attributes);
    (void)pthread_mutexattr_destroy(&attributes);
    return channel;
}

void channel_free(struct channel *channel)
{
    if (!channel)
        return;
    (void)pthread_mutex_destroy(&channel->lock);
    (void)munmap(channel, size_of(channel->slot_count, channel->member_count));
}

void channel_join(struct channel *channel, size_t member)
{
    lock(channel);
    channel->members[member].pid = getpid();
    unlock(channel);
}

bool channel_push(struct channel *channel, struct item item)
{
    if (channel->put - channel->taken == channel->slot_count)
        return false;
    channel->slots[channel->put % channel->slot_count] = item;
    channel->put++;
    return true;
}

bool channel_pop(struct channel *channel, struct item *out_item)
{
    if (channel->is_closed || channel->put == channel->taken)
        return false;
    *out_item = channel->slots[channel->taken % channel->slot_count];
    channel->taken++;
    return true;
}

bool channel_nobody_takes(const struct channel *channel)
{
    return channel->is_closed || channel->consumers == 0;
}

bool channel_nothing_comes(const struct channel *channel)
{
    return channel->is_closed || channel->producers == 0;
}

static void put(struct channel *channel, struct channel_op *op)
{
    bool waits = false;
    lock(channel);
    while (!(op->is_over = channel_nobody_takes(channel)) &&
           !channel_push(channel, op->item)) {
        channel->producer_waits += !waits;
        waits = true;
        wait_for(channel, &channel->has_room);
    }
    wake(&channel->has_items, 1);
    unlock(channel);
}

static void get(struct channel *channel, struct channel_op *op)
{
    bool waits = false;
    lock(channel);
    while (!channel_pop(channel, &op->item) &&
           !(op->is_over = channel_nothing_comes(channel))) {
        channel->consumer_waits += !waits;
        waits = true;
        wait_for(channel, &channel->has_items);
    }
    wake(&channel->has_room, 1);
    unlock(channel);
}

void channel_do(struct channel *channel, struct channel_op *op)
{
    op->is_over = false;
    if (op->kind == CHANNEL_PUT)
        put(channel, op);
    else if (op->kind == CHANNEL_GET)
        get(channel, op);
    else
        channel_leave(channel, op->member);
}

/* Counts the members anew: a killed process may have stopped in the middle of counting.
 */
static void count_members(struct channel *channel)
{
    channel->producers = 0;
    channel->consumers = 0;
    for (size_t i = 0; i < channel->member_count; i++) {
        uint64_t is_taken = !channel->members[i].is_left;
        channel->producers += channel_is_producer(i) ? is_taken : 0;
        channel->consumers += channel_is_producer(i) ? 0 : is_taken;
    }
}

void channel_leave(struct channel *channel, size_t member)
{
    lock(channel);
    if (!channel->members[member].is_left) {
        channel->members[member].is_left = true;
        channel->producers -= channel_is_producer(member);
        channel->consumers -= !channel_is_producer(member);
        if (channel->producers == 0 || channel->consumers == 0)
            wake_all(channel);
    }
    unlock(channel);
}

void channel_lose(struct channel *channel, pid_t pid)
{
    bool is_known = false;
    lock(channel);
    for (size_t i = 0; i < channel->member_count; i++) {
        if (channel->members[i].pid == pid) {
            channel->members[i].is_left = true;
            is_known = true;
        }
    }
    channel->is_closed = channel->is_closed || !is_known;
    count_members(channel);
    wake_all(channel);
    unlock(channel);
}

void channel_close(struct channel *channel)
{
    lock(channel);
    channel->is_closed = true;
    wake_all(channel);
    unlock(channel);
}
