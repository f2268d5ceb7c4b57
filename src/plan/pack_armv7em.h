/* pack_armv7em.h: lowering to the kernels for cores with dual 16-bit multiplication (kernel/armv7em): whether one takes an
 * operator, and its constants in the order in which it reads them. What none takes goes to the reference kernels. */
#ifndef MOTE_PLAN_PACK_ARMV7EM_H
#define MOTE_PLAN_PACK_ARMV7EM_H

#include "pack_conv.h"
#include "requant.h"

/* *taken: a step was added. False means that the target has no such kernel or that it cannot take this operator.
 * Fails only for want of memory. */
MOTE_MUST_CHECK enum mote_status mote_pack_conv_armv7em(struct mote_lower *lower, const struct mote_pack_conv *conv,
                                                        bool *taken);
MOTE_MUST_CHECK enum mote_status mote_pack_fully_connected_armv7em(struct mote_lower *lower, const struct mote_op *op,
                                                                   const struct mote_weighted *w, int32_t in_features,
                                                                   uint32_t rows, bool *taken);

/* ---- requant_armv7em.c: how sums become output bytes ---- */

/* One channel: what the reference computes, and all the sums it can reach, bias included. */
struct mote_armv7em_channel {
    int32_t multiplier;
    int shift;
    int64_t low, high;
};

struct mote_armv7em_record {
    int32_t words[3]; /* kernel/armv7em/mk_armv7em_tile.h */
    int32_t bias;     /* to be added to the kernel's sum */
};

struct mote_requant_reference mote_armv7em_reference(const struct mote_weighted *w, const struct mote_armv7em_channel *c);

/* The records with the shift n; false if some channel has none. *has_sign: some channel needs its sign term. */
bool mote_armv7em_find_records(const struct mote_weighted *w, const struct mote_armv7em_channel *channels, int32_t count,
                               int32_t scale, int n, struct mote_armv7em_record *records, bool *has_sign);

/* Chooses one way for all channels: enum mk_armv7em_way, the fastest that is proven for each of them; *record_words of each
 * record are used, and its `bias` if the kernel's biases are `scale` times the layer's (is_fine). `channel_count` records. The
 * kernel's sums are `scale` times the layer's. */
uint32_t mote_armv7em_requantise(const struct mote_weighted *w, const struct mote_armv7em_channel *channels,
                                 int32_t channel_count, int32_t scale, bool is_fine, struct mote_armv7em_record *records,
                                 int *record_words);

/* The same for kernel/armv7em/mk_armv7em_planes.h: SMALL, whose records are the multiplier and, not part of record_words,
 * what is added to the bias; SMALL_SIGN, LARGE_SIGN, or EXACT if none of these is proven. */
uint32_t mote_armv7em_requantise_planes(const struct mote_weighted *w, const struct mote_armv7em_channel *channels,
                                        int32_t channel_count, int32_t scale, struct mote_armv7em_record *records,
                                        int *record_words);

#endif
