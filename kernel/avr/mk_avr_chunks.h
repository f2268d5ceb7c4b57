/* mk_avr_chunks.h: three channels at three output positions at a time (mk_avr_chunks.S), for inputs whose sizes are mostly
 * small: the sums are kept in 16 bits for as many inputs as cannot overflow them.
 *
 * Inputs and weights are taken as they are, signed, and no weight is -128. While the sizes of the inputs since the last
 * boundary add up to 256 or less at each position, the products add up to at most 256 * 127 = 32512: so the inputs are cut
 * into chunks, once for all channels, by what they are. Behind a chunk the middle byte of each sum goes to the 24 bits in the
 * tile's scratch; the low byte goes on, and 32512 + 255 still is a signed 16-bit number. Two inputs always make a chunk.
 *
 * Gathered and packed as for mk_avr_dense.h, but in threes of channels, and so that the records' bias has the inputs' zero
 * point in it, and no more. Missing channels have weights that are not written, missing positions inputs of 0. */
#ifndef MK_AVR_CHUNKS_H
#define MK_AVR_CHUNKS_H

#include "mk_avr_window.h"

enum { MK_AVR_CHUNK_PIXELS = 3, MK_AVR_CHUNK_CHANNELS = 3, MK_AVR_CHUNK_INPUTS = 144 /* per output, at most */ };

/* Computes a row of outputs; tile.operands has room for MK_AVR_CHUNK_PIXELS bytes per input of an output, and window.sums
 * for the lengths of the chunks. */
void mk_avr_chunks(struct mk_avr_large_window *w);

#endif
