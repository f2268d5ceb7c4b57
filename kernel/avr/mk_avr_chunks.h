/* mk_avr_chunks.h: three channels at three output positions at a time (mk_avr_chunks.S), for inputs that are mostly small or zero:
 * the sums are kept in 16 bits for as many inputs as cannot overflow them.
 *
 * Inputs are taken as differences from their zero point, signed bytes, and weights as they are, signed, and no weight is -128. While
 * the sizes of the differences since the last boundary add up to 256 or less at each position, the products add up to at most 256 *
 * 127 = 32512: so the inputs are cut into chunks, once for all channels, by what they are. Behind a chunk the middle byte of each sum
 * goes to the 24 bits in the tile's scratch; the low byte goes on, and 32512 + 255 still is a signed 16-bit number. Two inputs always
 * make a chunk, but for the first.
 *
 * A step, that is the differences of one input at three positions, may be left out if all are 0. The others stand in segments:
 *     n, c, then n times three bytes
 * where c says what comes between this segment and the next one: bit 0: here a chunk ends; the rest: 6 for each step that is left out,
 * at most 42; MK_AVR_CHUNK_LAST: a chunk ends, and nothing comes.
 *
 * Packed as for mk_avr_dense.h, but in threes of channels, and so that the records' bias has nothing of the zero point in it; behind
 * them a second set that has it, for positions of which one difference is no signed byte: their inputs are taken as they are. Missing
 * channels have weights and records that are not used, missing positions differences of 0. */
#ifndef MK_AVR_CHUNKS_H
#define MK_AVR_CHUNKS_H

#include "mk_avr_window.h"

enum {
    MK_AVR_CHUNK_PIXELS = 3,
    MK_AVR_CHUNK_CHANNELS = 3,
    MK_AVR_CHUNK_INPUTS = 144, /* per output, at most */
    MK_AVR_CHUNK_BYTES = MK_AVR_CHUNK_PIXELS * MK_AVR_CHUNK_INPUTS + MK_AVR_CHUNK_HEAD_BYTES
};

/* Computes a row of outputs; tile.operands has room for MK_AVR_CHUNK_BYTES: inputs are gathered behind the first
 * MK_AVR_CHUNK_HEAD_BYTES, which is what segments can take more than inputs, two bytes for two inputs and for the first and last. */
void mk_avr_chunks(struct mk_avr_window *w);

#endif
