/* pack_mve_layer.h: what the packers of the mve kernels share. */
#ifndef MOTE_PLAN_PACK_MVE_LAYER_H
#define MOTE_PLAN_PACK_MVE_LAYER_H

#include "pack_armv7em_layer.h"
#include "pack_mve.h"

struct mote_mve_layer {
    struct mote_armv7em_layer base; /* without records and scale */
    int32_t filter_h, filter_w, in_c;
    struct mote_mve_record *records;
    struct mote_mve_requant requant;
};

/* Fills in channels, records and requant. False if sums are too large for the kernels, or, with *status, for want of
 * memory. */
bool mote_mve_prepare(struct mote_lower *lower, struct mote_mve_layer *layer, enum mote_status *status);

/* A field of a channel's record, the bias included; 0 for a channel that does not exist. */
int32_t mote_mve_field(const struct mote_mve_layer *layer, int32_t channel, int field);

/* pack_mve_depthwise.c */
MOTE_MUST_CHECK enum mote_status mote_mve_pack_depthwise(struct mote_lower *lower, const struct mote_pack_conv *conv,
                                                         bool *taken);

#endif
