/* pack_avr.h: lowering to the assembly kernels for AVR (kernel/avr): whether one takes an operator, and its constants in
 * the order in which it reads them. What none takes goes to the reference kernels. */
#ifndef MOTE_PLAN_PACK_AVR_H
#define MOTE_PLAN_PACK_AVR_H

#include "pack_conv.h"

/* What all AVR convolutions ask of a convolution. */
bool mote_pack_avr_is_plain(const struct mote_pack_conv *conv);

/* *taken: a step was added. False means that the target has no such kernel or that it cannot take this operator.
 * Fails only for want of memory. */
MOTE_MUST_CHECK enum mote_status mote_pack_conv_avr(struct mote_lower *lower, const struct mote_pack_conv *conv,
                                                    bool *taken);

/* The same for a fully connected layer of `rows` rows. */
MOTE_MUST_CHECK enum mote_status mote_pack_fully_connected_avr(struct mote_lower *lower, const struct mote_op *op,
                                                               const struct mote_weighted *w, int32_t rows, bool *taken);

/* How a channel's sums become output bytes on AVR; kernel/avr/mk_avr_tile.h says what the numbers mean. */
struct mote_requant_avr_channel {
    int32_t offset, multiplier;
};

/* What a layer's channels share. */
struct mote_requant_avr {
    int32_t range, act_min; /* the outputs are act_min to act_min + range, range at most 255 */
    int32_t below;          /* distance of act_min from the zero point */
    int32_t ambiguous_from;
    struct mote_requant_avr_channel *channels; /* as many as the layer has multipliers */
};

enum { MOTE_REQUANT_AVR_RECORD_BYTES = 6, MOTE_REQUANT_AVR_EXACT_BYTES = 8 };

/* Fills in the numbers and, in memory of the caller's, the channels. largest_sum[i]: no sum of channel i is larger in size.
 * False if the kernels cannot requantise so: a multiplier of 1 or more, bounds that exclude the zero point, sums beyond 24
 * bits, or so little precision that most outputs would be left to the exact way. */
bool mote_requant_avr_prepare(const struct mote_weighted *w, const int64_t *largest_sum, struct mote_requant_avr *requant);

/* A channel's record, */
void mote_requant_avr_record(const struct mote_requant_avr_channel *channel, int32_t bias,
                             uint8_t record[MOTE_REQUANT_AVR_RECORD_BYTES]);
/* and what the exact way needs of it. */
void mote_requant_avr_exact_record(const struct mote_requant_avr_channel *channel, int32_t multiplier, int shift,
                                   uint8_t record[MOTE_REQUANT_AVR_EXACT_BYTES]);

/* What the kernels compute without the exact way: the output less act_min, or -1 if they would ask for the exact way.
 * |sum| < 2^23, and no larger than what the channel was prepared for. */
int32_t mote_requant_avr_level(const struct mote_requant_avr *requant, const struct mote_requant_avr_channel *channel,
                               int32_t sum);

#endif
