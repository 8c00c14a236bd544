/* labels: moves labels apart. */
#ifndef REPORT_LABELS_H
#define REPORT_LABELS_H

#include <stddef.h>

/* Changes the count wished positions so that no two are closer than gap and all lie
 * within low .. high, keeping their order and moving them as little as possible (least
 * squares, by pooling neighbours that would collide). Equal positions keep the order of
 * their index. If they cannot fit, they are spread evenly over low .. high. */
void labels_spread(double *positions, size_t count, double gap, double low, double high);

#endif
