/* run.c: see run.h. */
#include "runtime/run.h"

#include "runtime/board.h"

void run_add_knob(struct run *run, const char *name, const char *text, uint64_t number)
{
    struct board *board = run->board;
    if (board->knob_count < BOARD_KNOBS_MAX)
        board->knobs[board->knob_count++] = (struct knob){name, text, number};
}
