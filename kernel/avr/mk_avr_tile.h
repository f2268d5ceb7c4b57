/* mk_avr_tile.h: what the tuned AVR kernels of conv_2d and fully_connected share: a tile computes eight output channels of
 * one output position at a time, from operands that were gathered before.
 *
 * Unsigned operands. The multiplier is fastest with unsigned bytes, so weights are stored as w + 128 and inputs are taken
 * as x' = x + 128. With zero point z of the inputs,
 *     sum (x - z) * w  =  sum x' * (w + 128)  -  128 * sum x'  -  (z + 128) * sum w
 * The second term is one correction for all channels of a position; the third is a constant in each channel's bias. A tap
 * in the padding counts as x' = z + 128, which contributes nothing. All sums are kept modulo 2^24; the compiler has checked
 * that every true sum, bias included, fits in 24 signed bits.
 *
 * Records. Per output channel, six bytes in flash: bias (24 bits, the third term and an offset c included), then m, the
 * real multiplier times 2^24 (24 bits). The offset moves the sums at which outputs change so that a negative sum gives the
 * least output, act_min; and with v = sum * m, less what the kernel leaves out of the product's low bytes, v >> 16 is 256
 * times what the output has above act_min, less than that by no more than 255 - ambiguous_from. If its low byte is below
 * ambiguous_from, the byte above it is the reference's result; otherwise the reference's own arithmetic decides
 * (mk_avr_exact.h): once in 30 to 100 times. src/plan/requant_avr.c finds c, m and ambiguous_from. */
#ifndef MK_AVR_TILE_H
#define MK_AVR_TILE_H

#include "mk_avr_exact.h"

enum {
    MK_AVR_CHANNELS_PER_GROUP = 8,
    MK_AVR_RECORD_BYTES = 6,
    MK_AVR_LIST_TAPS = 64 /* inputs per output position, at most, of the kernels that gather lists */
};

/* The layout is that of mk_avr_layout.h on AVR. On other machines a portable twin of each tile (mk_avr_*_portable.c) uses it. */
struct mk_avr_tile {
#if defined(__AVR__)
    uint16_t weights;
    uint8_t weights_bank;
    uint16_t records;
    uint8_t records_bank;
#else
    const uint8_t *weights, *records;
#endif
    uint16_t group_bytes;      /* of weights for eight channels */
    const uint8_t *operands;   /* list entries, see mk_avr_sparse.h; or runs, see mk_avr_runs.h */
    uint8_t operand_count;
    uint8_t correction[3];     /* what sums start from: low and middle byte of -128 * sum x', and the third byte negated */
    int8_t *out;               /* the position's first channel */
    uint16_t channels;         /* still to compute */
    struct mk_avr_requant requant;
    uint8_t sums[MK_AVR_SUMS_BYTES]; /* scratch: per channel low, middle and negated high byte */
    uint8_t more_corrections[2][3]; /* scratch of mk_avr_coded.S, mk_avr_sparse.S */
    uint8_t pixels;                 /* positions computed at a time */
    uint16_t pixel_bytes;           /* from one to the next in the output: all channels */
    const uint8_t *cached;          /* a copy in RAM of the weights of the next groups, see mk_avr_columns.h */
    uint8_t cached_groups;
};

/* Fills in all that is the same for every position. */
static inline void mk_avr_tile_configure(struct mk_avr_tile *t, const struct mk_conv_avr *c)
{
    t->group_bytes = (uint16_t)((uint16_t)(c->filter_h * c->filter_w) * c->in_c * MK_AVR_CHANNELS_PER_GROUP);
    mk_avr_requant_configure(&t->requant, c);
    t->pixel_bytes = c->out_c;
}

/* Points the tile at an output position: `out` receives `channels` bytes; input_sum is the sum of x'. */
void mk_avr_tile_begin(struct mk_avr_tile *t, MK_FLASH uint8_t *weights, MK_FLASH uint8_t *records, int8_t *out,
                       uint16_t channels, uint32_t input_sum);

/* What sums start from, given the sum of x'. */
static inline void mk_avr_tile_correct(uint8_t correction[3], uint32_t input_sum)
{
    const uint32_t start = 0u - (input_sum << 7);
    correction[0] = (uint8_t)start;
    correction[1] = (uint8_t)(start >> 8);
    correction[2] = (uint8_t)(0u - (start >> 16));
}

#if !defined(__AVR__)
/* The portable twins' way from a sum, started from 0 instead of the correction, to an output of the current record, */
void mk_avr_finish_sum_portable(const struct mk_avr_tile *t, uint32_t sum, const uint8_t correction[3], int8_t *out);
/* and from eight sums to the outputs of a group; advances the tile. */
void mk_avr_finish_group_portable(struct mk_avr_tile *t, const uint32_t sums[MK_AVR_CHANNELS_PER_GROUP]);
#endif

#endif
