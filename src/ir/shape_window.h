/* shape_window.h: how many positions a window has on a padded axis; for the shape rules of convolutions and pools. */
#ifndef MOTE_IR_SHAPE_WINDOW_H
#define MOTE_IR_SHAPE_WINDOW_H

#include "graph.h"

struct mote_window {
    int32_t in, filter, stride, dilation, before, after; /* in and filter in elements, >= 1; padding before and after */
};

/* (in + before + after - ((filter - 1) * dilation + 1)) / stride + 1. An error if an attribute makes no sense or the
 * window has no position. `axis` is for the message. */
MOTE_MUST_CHECK enum mote_status mote_window_extent(const struct mote_graph *graph, const struct mote_op *op,
                                                    const char *axis, const struct mote_window *window, int32_t *extent,
                                                    struct mote_diag *diag);

#endif
