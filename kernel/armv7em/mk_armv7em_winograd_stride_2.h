/* mk_armv7em_winograd_stride_2.h: filters of three rows and columns whose columns move by two, by Winograd's F(2,2) along rows.
 *
 * The first and the third weight of a filter row meet even inputs, the second odd ones. Of two neighbouring outputs
 *     y0 = g0 d0 + g1 d1 + g2 d2,  y1 = g0 d2 + g1 d3 + g2 d4
 * the even parts have a product in common, so that there are five instead of six:
 *     m = (g0 + g2) d2,  y0 = m + g0 (d0 - d2) + g1 d1,  y1 = m + g1 d3 + g2 (d4 - d2).
 * Weights are 128 times the layer's, in 16 bits as the compiler has checked, so sums are, too.
 *
 * A tile is two such pairs of outputs, side by side, of four output channels, and works as in mk_armv7em_winograd.h. Inputs:
 * per pair of channels the words of the left and the right pair of outputs: d2; d0 - d2; d1; d3; d4 - d2; two words
 * unused. Stream, in words, per four output channels: four biases, 128 times; for g0 + g2, g0, g1, g2, per pair of
 * input channels one word per output channel; four records. */
#ifndef MK_ARMV7EM_WINOGRAD_STRIDE_2_H
#define MK_ARMV7EM_WINOGRAD_STRIDE_2_H

#include "mk_armv7em_winograd.h"

/* All output channels at four neighbouring positions. */
void mk_armv7em_winograd_tile_stride_2(const struct mk_armv7em_winograd *w);

/* conv_2d from and to rows as every kernel; `inputs` has room for 18 words per input channel, their number rounded up to
 * fours; pad for a byte each. */
void mk_armv7em_winograd_stride_2_conv_2d(int8_t *out, const int8_t *in, const struct mk_conv_armv7em *c, uint16_t row_begin,
                                          uint16_t row_end, int32_t *inputs, int8_t *pad);

#endif
