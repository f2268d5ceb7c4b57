/* pack_mve.h: lowering to the kernels for cores with Helium (kernel/mve): whether one takes an operator, and its constants
 * in the order in which it reads them. What none takes goes on to pack_armv7em.h. */
#ifndef MOTE_PLAN_PACK_MVE_H
#define MOTE_PLAN_PACK_MVE_H

#include "pack_armv7em.h"

/* *taken: a step was added. False means that the target has no such kernel or that it cannot take this operator.
 * Fails only for want of memory. */
MOTE_MUST_CHECK enum mote_status mote_pack_conv_mve(struct mote_lower *lower, const struct mote_pack_conv *conv,
                                                    bool *taken);
MOTE_MUST_CHECK enum mote_status mote_pack_fully_connected_mve(struct mote_lower *lower, const struct mote_op *op,
                                                               const struct mote_weighted *w, int32_t in_features,
                                                               uint32_t rows, bool *taken);

/* ---- requant_mve.c: how sums become output bytes ---- */

enum { MOTE_MVE_MOST_FIELDS = 4 };

struct mote_mve_record {
    int32_t words[MOTE_MVE_MOST_FIELDS]; /* kernel/mve/mk_mve_tile.h; the first one without the bias */
};

/* What all channels of a layer share. */
struct mote_mve_requant {
    uint32_t way;    /* enum mk_mve_way */
    int32_t scale;   /* of sums; a power of two */
    int fields;      /* used of each record */
};

/* Chooses the fastest way that is proven for all channels; `channel_count` records. */
struct mote_mve_requant mote_mve_requantise(const struct mote_weighted *w, const struct mote_armv7em_channel *channels,
                                            int32_t channel_count, struct mote_mve_record *records);

#endif
