/* replay_row: one lane of a model, or all of them in one, as characters. */
#ifndef CLI_SHOW_REPLAY_ROW_H
#define CLI_SHOW_REPLAY_ROW_H

#include "cli/show/replay.h"

/* Writes width characters, and a NUL: what the lane (-1: all) has done at now_ns. */
void replay_row_draw(const struct replay *replay, const struct replay_model *model,
                     json_int_t lane, double now_ns, size_t width, char *out_text);

#endif
