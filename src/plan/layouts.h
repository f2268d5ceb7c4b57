/* layouts.h: how tensors lie in memory. Rows of NHWC, or what the kernel that reads a tensor would make of it first. */
#ifndef MOTE_PLAN_LAYOUTS_H
#define MOTE_PLAN_LAYOUTS_H

#include "plan.h"

/* Puts tensors in planes where a convolution writes one that only a 3x3 depthwise layer reads, where both have kernels for that,
 * it pays by the estimate (cost.h), and the memory that any step needs stays within what it is without, or within plan->layout_bytes. But
 * for speed all or none: the kernels for both would be more code. Lifetimes must be known; offsets are to be assigned afterwards. */
MOTE_MUST_CHECK enum mote_status mote_plan_choose_layouts(struct mote_plan *plan, struct mote_diag *diag);

/* Does any tensor lie other than in rows of NHWC? */
bool mote_plan_has_layouts(const struct mote_plan *plan);

/* The planes that the tensor between two such steps, producer and consumer, must have; false if there are none. */
bool mote_planes_between(const struct mk_conv_armv7em *producer, const struct mk_conv_armv7em *consumer, struct mote_planes *planes);

/* Bytes of a tensor of so many channels in planes. */
uint32_t mote_planes_bytes(const struct mote_planes *planes, uint32_t channels);

/* A tensor of int8 of height x width x channels from planes, `bytes` of them, to NHWC. */
void mote_planes_read(const struct mote_planes *planes, const uint8_t *from, uint32_t height, uint32_t width, uint32_t channels,
                      int8_t *to);

#endif
