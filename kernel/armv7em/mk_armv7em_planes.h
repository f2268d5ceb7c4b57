/* mk_armv7em_planes.h: depthwise 3x3 convolutions with stride 1 or 2 along rows on cores with dual 16-bit multiplication.
 *
 * Planes. Input rows of four channels at a time are sorted by channel and widened to 16 bits: a sorted row is four planes,
 * one per channel, of words that hold two neighbouring columns each, the left one in the low half; the padding is in them.
 * The filter's first column of output 0 is the first half.
 * A whole tensor in planes (struct mk_conv_planes_armv7em): the planes of all channels, each of as many rows as the layer reads
 * or as there are. What is padding on both sides is there once: a row's right padding is the next row's left one, a
 * plane's last rows are the next one's first ones.
 *
 * Blocks. Up to 6 outputs side by side, row after row: per filter row one load of four words serves all of them. With the
 * weights (w0, w1), (w1, w2) of the row every output takes two multiplications, from whichever half its first column lies in.
 *
 * Stream, in words, weights 256 times themselves: per channel the bias, 256 times the layer's; of the three filter rows
 * (w0, w1), (w1, w2), w0 and w1 in the low halves; and how to requantise s, 256 times the sum. Without a sign term
 * (MK_ARMV7EM_SMALL alone) the addend is in the bias: M, for  saturate8((s * M >> 32) >> 9).  With one: M, C, D as in
 * mk_armv7em_tile.h. */
#ifndef MK_ARMV7EM_PLANES_H
#define MK_ARMV7EM_PLANES_H

#include "mote_kernel.h"

#include "mk_armv7em_planes_layout.h"

/* Blocks of outputs side by side, in one or more rows. */
struct mk_armv7em_blocks {
    uint32_t step;                /* bytes from one output to the next: channels */
    int8_t *out;                  /* first output of the first channel */
    int32_t advance;              /* bytes from the third sorted row of an output row to the first one of the next; if narrow
                                   * from behind the third one */
    uint32_t out_row_bytes;
    int8_t *out_end;              /* out + rows * out_row_bytes, at least one row */
    uint32_t row_bytes;           /* of a sorted row: four planes */
    uint32_t kind;                /* outputs of a block, 1 to 6, less 1; 6 more with stride 1; or narrow */
    uint32_t way;                 /* enum mk_armv7em_way: SMALL, SMALL_SIGN or LARGE_SIGN */
    uint32_t in_step, out_step;   /* bytes from one block to the next */
    uint32_t count;               /* of blocks, at least 1 */
    const int32_t *in;            /* word of the first output's first column, first row, first channel */
    uint32_t plane_bytes;
    const int32_t *stream_end, *stream; /* of one channel or more */
};

enum { MK_ARMV7EM_BLOCKS_SLACK = 4 };

/* Narrow: rows of 5 outputs with stride 1, one block each; the way is SMALL, and row_bytes is 16. */
enum { MK_ARMV7EM_BLOCKS_NARROW = 12 };

/* All channels of the blocks. Reads words of a plane in vain, up to MK_ARMV7EM_BLOCKS_SLACK beyond the last one that counts. */
void mk_armv7em_planes_3x3(const struct mk_armv7em_blocks *blocks);

/* How input rows become sorted rows. What is not inside the input is in place already. */
struct mk_armv7em_sorting {
    uint32_t skip;         /* bytes from the last word of a plane that is written to the first one in the next row */
    uint32_t in_skip;      /* bytes from the end of a row's columns to the next row's first one */
    uint32_t column_bytes; /* of the input: channels */
    uint32_t plane_bytes;
    uint32_t ends;         /* bit 31: the first word has padding and the first column; bit 0: the last one the last column
                            * and padding; bit 30: an odd number of words is between */
    uint32_t doubles;      /* half the number of words between */
    uint32_t pad;          /* four times the zero point's byte */
};

/* `fours` times four words to a lower place or, without `ascends`, to a higher one; they may overlap. */
void mk_armv7em_move_fours(int32_t *to, const int32_t *from, uint32_t fours, uint32_t ascends);

/* Sorts four channels, in points to the first column of the first, of input rows that end at in_end; at least one row. */
void mk_armv7em_sort_planes(int32_t *to, const int8_t *in, const int8_t *in_end, const struct mk_armv7em_sorting *sorting);

#endif
