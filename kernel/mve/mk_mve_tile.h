/* mk_mve_tile.h: the inner loops of convolutions and fully connected layers on cores with Helium (Cortex-M55): sums of
 * products of int8 inputs, as they are stored, with int8 weights, and their requantisation.
 *
 * Stream. Word 0: the scale. Then, per group of eight output channels o..o+7, two halves: first
 * the channels o, o+2, o+4, o+6, then o+1, o+3, o+5, o+7, so that two vectors of four 32-bit results interleave into eight
 * bytes in order. A half: for each block of 16 inputs the 16 weights of each of its four channels, the last block filled up
 * with zeros, and in the second half the last block first; then the records of the four channels, field by field, four words each. Channels that do not exist have
 * weights and records of zero.
 *
 * Records. The zero point of the inputs is in the bias; inputs in the padding hold the zero point. With s = scale * sum + b
 *   fast:  saturate8((s * M >> 31) >> 16); fields b, M: the bias, both roundings and the zero point are in b.
 *   sign:  the same with s + D in place of s where s < T, that is where sum + bias < 0; fields b, M, T, D.
 * The compiler has proven for every sum that a channel can reach that the byte is the reference's (src/plan/requant.h).
 *   exact: the reference's own arithmetic, four channels at a time; the scale is 1; fields: bias, multiplier, left shift,
 *          minus the right shift. */
#ifndef MK_MVE_TILE_H
#define MK_MVE_TILE_H

#include "mote_kernel.h"

#include "mk_mve_layout.h"

/* Assembly knows the layout: mk_mve_layout.h. */
struct mk_mve_tile {
    const int8_t *in;         /* of the first position */
    uint32_t step;            /* bytes from a position's inputs to the next one's */
    uint32_t bytes_of_inputs; /* per position, rounded up to whole blocks, all of which are read: at least 16 */
    uint32_t positions;       /* at least 1 */
    int8_t *out;              /* of the first position; `channels` bytes each, side by side */
    uint32_t channels;
    const int32_t *stream;
    int32_t zero_point, act_min, act_max; /* of the exact way alone */
};

/* All channels of all positions, by the way in the name. */
void mk_mve_tile_fast(const struct mk_mve_tile *tile);
void mk_mve_tile_sign(const struct mk_mve_tile *tile);
void mk_mve_tile_exact(const struct mk_mve_tile *tile);

/* The same, by enum mk_mve_way. */
void mk_mve_run_tile(const struct mk_mve_tile *tile, uint32_t way);

#endif
