/* mk_mve_short.c: pairs of positions, then an odd one; see mk_mve_short.h. */
#include "mk_mve_short.h"

void mk_mve_run_short(const struct mk_mve_tile *tile)
{
    const uint32_t odd = tile->positions % 2;
    struct mk_mve_tile part = *tile;
    part.positions -= odd;
    if (part.positions > 0) mk_mve_short_pairs(&part);
    if (odd == 0) return;
    part.in += part.positions * part.step;
    part.out += part.positions * part.channels;
    part.positions = 1;
    mk_mve_tile_fast(&part);
}
