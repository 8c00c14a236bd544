/* plot: a panel as two files for gnuplot. NAME.gp is a few numbers and a template of
 * charts/; NAME.tsv is the texts and the values. No text of the results is ever in a
 * script, so none can be executed. */
#ifndef REPORT_PLOT_H
#define REPORT_PLOT_H

#include "common/err.h"
#include "report/draw/panel.h"

/* Pixels, and the size of the font. */
struct plot_look {
    unsigned int width, height;
    unsigned int top, bottom; /* around the plot: title; ticks and the name of the axis */
    unsigned int axis_name;   /* of bottom, what rows do not need */
    unsigned int row, label;  /* from one row, or label, to the next */
    unsigned int leader;      /* between the plot and its labels */
    unsigned int title;       /* characters of its name */
    double font;
};
#define PLOT_SETUP   0xC4C7CCU /* what was before the first request */
#define PLOT_BLOCKED 0xC62828U
extern const struct plot_look plot_looks[]; /* by enum panel_size */

/* The text of NAME.gp and of NAME.tsv, new. templates is the folder charts/; name is a
 * file's: letters, digits, dots, dashes. EXIT_CODE_UNFIT when a template is missing. */
int plot_script(const struct panel *panel, const char *name, const char *templates,
                char **out_text, size_t *out_size, struct err *err);
void plot_data(const struct panel *panel, char **out_text, size_t *out_size);

#endif
