/* pack_host.h: lowering to the kernels for the machine that mote runs on (kernel/host): whether one takes an operator, and its
 * constants in the order in which it reads them. What none takes goes to the other families. */
#ifndef MOTE_PLAN_PACK_HOST_H
#define MOTE_PLAN_PACK_HOST_H

#include "pack_conv.h"

/* *taken: a step was added. False means that the target has no such kernel or that it cannot take this operator.
 * Fails only for want of memory. */
MOTE_MUST_CHECK enum mote_status mote_pack_conv_host(struct mote_lower *lower, const struct mote_pack_conv *conv, bool *taken);
MOTE_MUST_CHECK enum mote_status mote_pack_fully_connected_host(struct mote_lower *lower, const struct mote_op *op,
                                                                const struct mote_weighted *w, int32_t in_features,
                                                                uint16_t rows, bool *taken);

#endif
