/* pack_avr.h: lowering to the assembly kernels for AVR (kernel/avr): whether one takes an operator, and its constants in
 * the order in which it reads them. What none takes goes to the reference kernels. */
#ifndef MOTE_PLAN_PACK_AVR_H
#define MOTE_PLAN_PACK_AVR_H

#include "lower_weighted.h"

/* A convolution, checked, on its way to a kernel. */
struct mote_pack_conv {
    const struct mote_op *op;
    const struct mote_attrs_conv *attrs;
    const struct mote_weighted *w;
    struct mote_nhwc in, out;
    int32_t filter_h, filter_w, filter_c;
    struct mote_row_map rows;
    uint32_t window_rows;
};

/* *taken: a step was added. False means that the target has no such kernel or that it cannot take this operator.
 * Fails only for want of memory. */
MOTE_MUST_CHECK enum mote_status mote_pack_conv_avr(struct mote_lower *lower, const struct mote_pack_conv *conv,
                                                    bool *taken);

/* The same for a fully connected layer of `rows` rows. */
MOTE_MUST_CHECK enum mote_status mote_pack_fully_connected_avr(struct mote_lower *lower, const struct mote_op *op,
                                                               const struct mote_weighted *w, int32_t rows, bool *taken);

/* How sums become output bytes on AVR; kernel/avr/mk_avr_tile.h says what the numbers mean. */
struct mote_requant_avr {
    int32_t most_above, most_below; /* distances of the activation bounds from the zero point, 0..255 */
    int32_t half, ambiguous_from;
};

enum { MOTE_REQUANT_AVR_RECORD_BYTES = 6 };

/* The numbers shared by all channels. largest_sum[i]: no sum of channel i is larger in size. False if the kernels cannot
 * requantise so: a multiplier of 1 or more, bounds that exclude the zero point, sums beyond 24 bits, or so little precision
 * that most outputs would be left to the exact way. */
bool mote_requant_avr_prepare(const struct mote_weighted *w, const int64_t *largest_sum, struct mote_requant_avr *requant);

/* One channel's record. */
void mote_requant_avr_record(int32_t bias, int32_t multiplier, int shift, uint8_t record[MOTE_REQUANT_AVR_RECORD_BYTES]);

/* What the kernels compute without the exact way: the distance of the output from the zero point before the activation
 * bounds (256 stands for all larger ones), or -1 if they would ask for the exact way. |sum| < 2^23. */
int32_t mote_requant_avr_distance(const struct mote_requant_avr *requant,
                                  const uint8_t record[MOTE_REQUANT_AVR_RECORD_BYTES], int32_t sum);

#endif
