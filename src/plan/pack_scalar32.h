/* pack_scalar32.h: lowering to the kernels for 32-bit cores without dual multiplication (kernel/scalar32): whether one takes
 * an operator, and its constants in the order in which it reads them. What none takes goes to the reference kernels. */
#ifndef MOTE_PLAN_PACK_SCALAR32_H
#define MOTE_PLAN_PACK_SCALAR32_H

#include "pack_armv7em_layer.h"

/* *taken: a step was added. False means that the target has no such kernel or that it cannot take this operator.
 * Fails only for want of memory. */
MOTE_MUST_CHECK enum mote_status mote_pack_conv_scalar32(struct mote_lower *lower, const struct mote_pack_conv *conv,
                                                         bool *taken);
MOTE_MUST_CHECK enum mote_status mote_pack_fully_connected_scalar32(struct mote_lower *lower, const struct mote_op *op,
                                                                    const struct mote_weighted *w, int32_t in_features,
                                                                    uint16_t rows, bool *taken);

/* ---- requant_scalar32.c: how sums become output bytes ---- */

struct mote_scalar32_requant {
    enum mk_scalar32_way way;
    int shift_before, shift_after;
    int32_t slack;
    int record_words; /* of each channel */
    int32_t *records; /* of all channels */
};

/* Chooses one way for all channels of the layer, whose sums are bounded: the fastest on that target that is proven for each
 * of them. False when memory is out. */
MOTE_MUST_CHECK bool mote_scalar32_requantise(const struct mote_target *target, struct mote_armv7em_layer *layer,
                                              struct mote_arena *arena, struct mote_scalar32_requant *requant);

#endif
