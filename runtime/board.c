/* board.c: the shared memory of a run; see board.h. */
#include "runtime/board.h"

#include "common/memory.h"

#include <sys/mman.h>

static size_t board_size(size_t recorder_count, size_t hists_per_recorder)
{
    return sizeof(struct board) +
           recorder_count *
               (sizeof(struct recorder) + hists_per_recorder * sizeof(struct hist));
}

struct board *board_new(uint64_t requests, size_t recorder_count, bool is_open_loop)
{
    size_t per_recorder = is_open_loop ? 3 : 1;
    void *memory =
        mmap(NULL, board_size(recorder_count, per_recorder), PROT_READ | PROT_WRITE,
             MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    struct board *board = memory;
    board->tickets.total = requests;
    board->recorder_count = recorder_count;
    struct hist *hists = (struct hist *)(void *)(board->recorders + recorder_count);
    board->hists_per_recorder = per_recorder;
    for (size_t i = 0; i < recorder_count; i++) {
        struct recorder *recorder = &board->recorders[i];
        recorder->latency = &hists[i * per_recorder];
        recorder->response = is_open_loop ? recorder->latency + 1 : NULL;
        recorder->lag = is_open_loop ? recorder->latency + 2 : NULL;
    }
    return board;
}

void board_free(struct board *board)
{
    if (!board)
        return;
    trace_free(board->trace);
    channel_free(board->channel);
    (void)munmap(board, board_size(board->recorder_count, board->hists_per_recorder));
}

void board_add_phase(struct board *board, enum phase phase, uint64_t duration_ns)
{
    struct hist *hist = &board->phases[phase];
    uint64_t *slot = duration_ns < HIST_LIMIT_NS ? &hist->counts[hist_index(duration_ns)]
                                                 : &hist->overflow;
    (void)__atomic_fetch_add(slot, 1, __ATOMIC_RELAXED);
}

void board_fail(struct board *board, const struct err *err)
{
    int none = 0;
    if (atomic_compare_exchange_strong(&board->has_error, &none, 1)) {
        board->error = *err;
        atomic_store(&board->has_error, 2);
    }
    atomic_store(&board->tickets.taken, board->tickets.total);
    schedule_use_up(&board->schedule);
    if (board->channel)
        channel_close(board->channel);
}

static struct board *board_of_worker;

static int end_worker(const char *why)
{
    struct err err = {0};
    (void)err_set(&err, EXIT_CODE_INTERNAL, "%s", why);
    board_fail(board_of_worker, &err);
    return 1; /* the parent reports it */
}

void board_enter_worker(struct board *board)
{
    board_of_worker = board;
    memory_on_end(end_worker);
}

int board_error(const struct board *board, struct err *err)
{
    if (atomic_load(&board->has_error) != 2)
        return 0;
    return err_set(err, board->error.code, "%s", board->error.text);
}
