/* mk_armv7em_winograd_expand.h: Winograd's F(4,3) with weights that are transformed on the chip: a quarter of the flash.
 *
 * Four output channels' weights are transformed to scratch memory and serve all tiles of a block of rows, whose
 * transformed inputs lie there, too. So that few instructions do, a part of the factors is with the inputs
 * (see mk_armv7em_winograd.h for U and V):
 *     weights  2 g0,  2 (g0 + g1 + g2),  2 (g0 - g1 + g2),  U3,  U4,  8 g2        at most 1024 in size
 *     inputs   24 V0, 4 * -4 V1, 4 * -4 V2, V3, V4, 24 V5                         at most 30720
 *
 * Stream, in words, per four output channels: four biases, 192 times; per output channel, filter row and four input
 * channels three words, g0, g1, g2 of the four in their bytes; four records. */
#ifndef MK_ARMV7EM_WINOGRAD_EXPAND_H
#define MK_ARMV7EM_WINOGRAD_EXPAND_H

#include "mk_armv7em_winograd.h"

/* One output channel's weights: `quads` (three quarters of the input channels) times three words to two pairs of each of the six passes, which lie
 * pass_bytes apart in the order of the tile's stream. Pairs are 16 bytes apart. */
void mk_armv7em_winograd_expand(int32_t *to, const int32_t *weights, uint32_t pass_bytes, uint32_t quads);

/* conv_2d from and to rows as every kernel. `scratch` holds the inputs of block_rows + 2 rows, 24 bytes per input channel
 * (their number rounded up to fours) and eight columns each, and 144 bytes per input channel and 64; pad one byte each. */
void mk_armv7em_winograd_expand_conv_2d(int8_t *out, const int8_t *in, int32_t *scratch, const struct mk_conv_armv7em *c,
                                        uint16_t row_begin, uint16_t row_end, int8_t *pad);

#endif
