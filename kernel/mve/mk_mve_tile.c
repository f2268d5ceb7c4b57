/* mk_mve_tile.c: holds the layout that assembly knows against the struct; see mk_mve_tile.h. */
#include "mk_mve_tile.h"

#if defined(__arm__)
#define MK_CHECK(field, offset) typedef char mk_mve_check_##field[offsetof(struct mk_mve_tile, field) == (offset) ? 1 : -1]
MK_CHECK(in, MK_MVE_TILE_IN);
MK_CHECK(step, MK_MVE_TILE_STEP);
MK_CHECK(bytes_of_inputs, MK_MVE_TILE_BYTES_OF_INPUTS);
MK_CHECK(positions, MK_MVE_TILE_POSITIONS);
MK_CHECK(out, MK_MVE_TILE_OUT);
MK_CHECK(channels, MK_MVE_TILE_CHANNELS);
MK_CHECK(stream, MK_MVE_TILE_STREAM);
MK_CHECK(zero_point, MK_MVE_TILE_ZERO_POINT);
MK_CHECK(act_min, MK_MVE_TILE_ACT_MIN);
MK_CHECK(act_max, MK_MVE_TILE_ACT_MAX);
typedef char mk_mve_check_size[sizeof(struct mk_mve_tile) == MK_MVE_TILE_BYTES ? 1 : -1];
#endif

void mk_mve_run_tile(const struct mk_mve_tile *tile, uint32_t way)
{
    if (way == MK_MVE_FAST) mk_mve_tile_fast(tile);
    else if (way == MK_MVE_SIGN) mk_mve_tile_sign(tile);
    else mk_mve_tile_exact(tile);
}
