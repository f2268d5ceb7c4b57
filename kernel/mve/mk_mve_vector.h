/* mk_mve_vector.h: the inner loops of fully connected layers on cores with Helium: one position, eight channels at a time.
 *
 * Stream. As in mk_mve_tile.h, but for the weights: per group of eight channels o..o+7 and block of 16 inputs, those of the
 * channels o, o+2, o+4, o+6, o+1, o+3, o+5, o+7; then the records of the four even channels, then of the odd ones. */
#ifndef MK_MVE_VECTOR_H
#define MK_MVE_VECTOR_H

#include "mk_mve_tile.h"

/* All channels of the tile's first position, by the way in the name; its step and number of positions are not looked at. */
void mk_mve_vector_fast(const struct mk_mve_tile *tile);
void mk_mve_vector_sign(const struct mk_mve_tile *tile);
void mk_mve_vector_exact(const struct mk_mve_tile *tile);

#endif
