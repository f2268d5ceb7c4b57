/* mk_mve_short.h: the tile for convolutions of at most 16 inputs per output, whose sums are short beside what is around them.
 * The weights of four channels stay in registers for all positions, so that the outputs of a position are not written side
 * by side: no output may lie where an input of another position does. */
#ifndef MK_MVE_SHORT_H
#define MK_MVE_SHORT_H

#include "mk_mve_tile.h"

/* All channels of all positions, as mk_mve_tile_fast with the same stream. One block of inputs, a multiple of eight channels
 * below 32,768, an even number of positions, at least two. */
void mk_mve_short_pairs(const struct mk_mve_tile *tile);

/* Does it take such a layer? Below four positions in a row it does not pay. */
static inline int mk_mve_is_short(const struct mk_mve_tile *tile, uint32_t way, uint32_t positions)
{
    return way == MK_MVE_FAST && tile->bytes_of_inputs == 16 && tile->channels % 8 == 0 && tile->channels <= INT16_MAX &&
           positions >= 4;
}

/* The same for any number of positions. */
void mk_mve_run_short(const struct mk_mve_tile *tile);

#endif
