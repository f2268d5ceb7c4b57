/* mk_armv7em_winograd.h: 3x3 convolutions with stride 1 by Winograd's F(4,3) along rows, in integers and exact.
 *
 * Four neighbouring outputs of a row take, per input channel and filter row, 6 multiplications instead of 12. With inputs
 * d0..d5 and weights g0..g2 of a filter row (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015,
 * with the points 0, 1, -1, 2, -2 and infinity):
 *     V0 = 4 d0 - 5 d2 + d4         U0 =  6 g0
 *     V1 = -4 d1 - 4 d2 + d3 + d4   U1 = -4 (g0 + g1 + g2)
 *     V2 =  4 d1 - 4 d2 - d3 + d4   U2 = -4 (g0 - g1 + g2)
 *     V3 = -2 d1 - d2 + 2 d3 + d4   U3 = g0 + 2 g1 + 4 g2
 *     V4 =  2 d1 - d2 - 2 d3 + d4   U4 = g0 - 2 g1 + 4 g2
 *     V5 = 4 d1 - 5 d3 + d5         U5 = 24 g2
 * and with m_j = sum of U_j V_j over input channels and filter rows, 24 times the sums of the four outputs are
 *     m0 + m1 + m2 + m3 + m4,  m1 - m2 + 2 m3 - 2 m4,  m1 + m2 + 4 m3 + 4 m4,  m1 - m2 + 8 m3 - 8 m4 + m5.
 * 192 times the sums come out if m3 and m4 are taken eight times and the others' factors, 8 times those above, lie in
 * the weights: -32 in U1 and U2, 48 in U0, 192 in U5. They are then at most 24 * 8 * 128 = 24576 in size, and |V| <= 1280,
 * so both fit 16 bits. All sums are kept modulo 2^32; 192 times the layer's fit, as the compiler has checked.
 *
 * A tile is two such fours, side by side, of four output channels. Transformed inputs: per pair of input channels (c, c + 2)
 * or (c + 1, c + 3) of four, as halves of words, V0 to V5, each of the left and the right four; filter rows one after the
 * other. Stream, in words, per four output channels: four biases, 192 times; for U1, U2, U3, U4, U0, U5, per pair of input
 * channels one word per output channel; four records (mk_armv7em_tile.h; there is no exact way). */
#ifndef MK_ARMV7EM_WINOGRAD_H
#define MK_ARMV7EM_WINOGRAD_H

#include "mote_kernel.h"

#include "mk_armv7em_winograd_layout.h"

struct mk_armv7em_winograd {
    const int32_t *inputs;    /* transformed */
    uint32_t bytes_of_inputs; /* a multiple of 6 pairs' */
    int8_t *out;              /* the first of eight positions, first channel */
    uint32_t channels;        /* output channels, a multiple of 4 */
    const int32_t *stream, *stream_end;
    uint32_t way;
};

enum { MK_ARMV7EM_WINOGRAD_PAIR_WORDS = 12, MK_ARMV7EM_WINOGRAD_TILE_WIDTH = 8 };

/* All output channels at eight neighbouring positions. */
void mk_armv7em_winograd_tile(const struct mk_armv7em_winograd *w);

/* The inputs of eight outputs in one row, the first one's filter beginning at column x of `row` (NULL: padding); pad holds
 * the zero point as often as there are channels. */
void mk_armv7em_winograd_transform(int32_t *to, const struct mk_conv_armv7em *c, const int8_t *row, int32_t x,
                                   const int8_t *pad);

/* Input channels, rounded up to whole words; weights of those that do not exist are zero. */
static inline uint32_t mk_armv7em_winograd_channels(const struct mk_conv_armv7em *c)
{
    return (c->in_c + 3u) / 4 * 4;
}

/* inputs[i], i < count: the channels of column x + i of `row` (NULL: padding), whole words of them. `last` has room for the
 * row's last column, if there is nothing to read behind it; pad as above. */
void mk_armv7em_winograd_gather(const int8_t **inputs, int count, const struct mk_conv_armv7em *c, const int8_t *row,
                                int32_t x, const int8_t *pad, int8_t *last);

/* Words that one row's inputs of eight outputs take. */
static inline size_t mk_armv7em_winograd_row_words(const struct mk_conv_armv7em *c)
{
    return mk_armv7em_winograd_channels(c) / 2 * MK_ARMV7EM_WINOGRAD_PAIR_WORDS;
}

/* Moves words to lower addresses; a multiple of 16, at least 16. */
void mk_armv7em_winograd_slide(int32_t *to, const int32_t *from, uint32_t words);

/* conv_2d from and to rows as every kernel; `inputs` has room for 18 words per input channel at least, their number
 * rounded up to fours; with out_w / 8 times that the rows of a call share transformed inputs. */
void mk_armv7em_winograd_conv_2d(int8_t *out, const int8_t *in, const struct mk_conv_armv7em *c, uint16_t row_begin,
                                 uint16_t row_end, int32_t *inputs, uint32_t room_words, int8_t *pad);

/* The body of a kernel for up to `most` input channels, or of rows for which channels * out_w <= 8 * most. */
#define MK_ARMV7EM_WINOGRAD(name, most)                                                                                \
    void name(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_armv7em *p, uint16_t row_begin, uint16_t row_end) \
    {                                                                                                                  \
        int32_t inputs[18 * (most)];                                                                                   \
        int8_t pad[most];                                                                                              \
        mk_armv7em_winograd_conv_2d(out, in, p, row_begin, row_end, inputs, 18 * (most), pad);                         \
    }

#endif
