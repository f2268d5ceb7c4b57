/* mk_mve_short_portable.c: the twin of mk_mve_short.S, which differs from the tile in order alone. */
#include "mk_mve_short.h"

void mk_mve_short_pairs(const struct mk_mve_tile *tile)
{
    mk_mve_tile_fast(tile);
}
