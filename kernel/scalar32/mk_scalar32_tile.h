/* mk_scalar32_tile.h: sums of products of gathered inputs with weights of eight output channels at a time, two channels per
 * multiplication.
 *
 * Two channels A, B share a word W = A + 129 + 65536 * B of weights: with x > 0, x * W holds the product with A + 129 >= 1
 * in its low half, which is unsigned, and that with B in its high half. Inputs go in chunks of two whose sum is at most 255,
 * so that neither half leaves its 16 bits, one chunk being
 *     p = x0 * W0 + x1 * W1,    full += p,    high += p >> 16.
 * In the end high is the sum of channel B, and full - 65536 * high that of the products with A + 129, all modulo 2^32: the
 * inputs' total times 129 remains to be taken off. Negative inputs make chunks of their own. In such a chunk the low half
 * borrows exactly once from the high half, as it is not 0: each adds 1 to what is missing in high.
 *
 * Inputs are given less their zero point. What is zero, as half of what comes out of a ReLU, contributes nothing and is left
 * out when inputs are gathered, as are taps in the padding.
 *
 * Weights: groups of eight channels; per group and input four words; channels that do not exist are paired with or made of
 * weights -129 + 0. Sums: per pair of channels `full` and `high`; both biases are in the values with which they start. */
#ifndef MK_SCALAR32_TILE_H
#define MK_SCALAR32_TILE_H

#include "mote_kernel.h"

enum {
    MK_SCALAR32_GROUP = 8,           /* channels */
    MK_SCALAR32_GROUP_WORDS = 4,     /* of weights, per input */
    MK_SCALAR32_GROUP_SUMS = 8,      /* words */
    MK_SCALAR32_WEIGHT_OFFSET = 129,
    MK_SCALAR32_BYTE_OFFSET = 128,
    MK_SCALAR32_CHUNK = 2,
    MK_SCALAR32_QUAD = 4,
    MK_SCALAR32_MOST_POSITIONS = 8,
    MK_SCALAR32_MOST_IN_CHUNK = 255, /* its inputs' sizes added up */
    MK_SCALAR32_HALF = 32768        /* makes the dense tile's shift round */
};

static inline uint32_t mk_scalar32_groups(uint32_t channels)
{
    return (channels + MK_SCALAR32_GROUP - 1) / MK_SCALAR32_GROUP;
}

/* How many positions of `sums` words each go into `room` words, which is at least one: they are requantised together. */
static inline uint32_t mk_scalar32_positions_at_once(uint32_t room, uint32_t sums)
{
    uint32_t count = 1;
    while (count < MK_SCALAR32_MOST_POSITIONS && (count + 1) * sums <= room) count++;
    return count;
}

/* An input that is not zero, or one that fills up a chunk, which is. Assembly knows the layout. */
struct mk_scalar32_entry {
    uint32_t offset; /* of its weights in a group, bytes */
    int32_t input;
};

/* What the sums of a position lack. Assembly knows the layout. */
struct mk_scalar32_missing {
    uint32_t borrows; /* missing in the high ones */
    uint32_t offsets; /* too much in what the full ones hold of the first channel */
};

/* The chunks from `list` to `end` for `groups` groups, at least 1, of `group_bytes` of weights each: adds to sums `from`
 * and writes sums `to`, which may be the same. */
void mk_scalar32_tile(const struct mk_scalar32_entry *list, const struct mk_scalar32_entry *end, const int32_t *weights,
                      uint32_t group_bytes, const int32_t *from, int32_t *to, uint32_t groups);

/* The same with weights of 8 bits, each + 128, which is not 0 if any input is negative; offsets are twice the weights' bytes. A
 * group has two words per input, whose bytes are channels 0, 2, 1, 3 and 4, 6, 5, 7, from the lowest: a word, and one shifted
 * by 8 bits, without every other byte is a word W of two channels. Both of its halves are unsigned, and so is the shift:
 *     high += (unsigned)p >> 16
 * is 65536 too much for negative chunks. */
void mk_scalar32_bytes_tile(const struct mk_scalar32_entry *list, const struct mk_scalar32_entry *end, const int32_t *weights,
                            uint32_t group_bytes, const int32_t *from, int32_t *to, uint32_t groups);

/* The same with chunks of four inputs, for lists of small ones: sums are split half as often. */
void mk_scalar32_quads_tile(const struct mk_scalar32_entry *list, const struct mk_scalar32_entry *end, const int32_t *weights,
                            uint32_t group_bytes, const int32_t *from, int32_t *to, uint32_t groups);

/* What the dense tile takes: of each position, beside each other, `run` inputs of each of the rows, which are in the padding nowhere.
 * Assembly knows the layout. */
struct mk_scalar32_dense {
    const int8_t *const *rows, *const *rows_end;
    uint32_t run, step;     /* from one position's inputs to the next one's: bytes */
    const int32_t *weights; /* of `groups` groups, at least 1, of `group_bytes` each */
    uint32_t group_bytes;
    const int32_t *starts; /* the sums' first values */
    uint32_t groups;
};

/* Sums of all inputs, as stored values, whatever they are, of `positions` positions, at least 1, whose inputs begin `offset` bytes
 * behind those that `rows` point to; the zero point is in the values with which sums start. W = A + 65536 * B with weights of at
 * least -127, so that |x0 * A0 + x1 * A1| < 2^15 and
 *     p = x0 * W0 + x1 * W1,    full += p,    high += (p + 2^15) >> 16
 * needs no corrections; an odd input at the end of a run is by itself. Weights, per group, row and chunk: for each pair of channels
 * W0, W1, or one word. */
void mk_scalar32_dense_tile(const struct mk_scalar32_dense *d, uint32_t offset, uint32_t positions, int32_t *to);

#endif
