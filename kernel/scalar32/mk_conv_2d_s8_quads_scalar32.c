/* mk_conv_2d_s8_quads_scalar32.c: gathered inputs that are small for the most part, weights of 16 bits; see mk_scalar32_gather.h. */
#include "mk_scalar32_tile.h"

#define MK_SCALAR32_GATHER_TILE mk_scalar32_quads_tile
#define MK_SCALAR32_GATHER_BYTES (4 * MK_SCALAR32_GROUP_WORDS)
#define MK_SCALAR32_GATHER_CHUNK MK_SCALAR32_QUAD
#define MK_SCALAR32_GATHER_BY_TILE 0
#define MK_SCALAR32_GATHER_MISSING(borrows, total) ((struct mk_scalar32_missing){(borrows), MK_SCALAR32_WEIGHT_OFFSET * (total)})
#include "mk_scalar32_gather.h"

void mk_conv_2d_s8_quads_scalar32(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_scalar32 *p, uint16_t row_begin,
                                  uint16_t row_end)
{
    mk_scalar32_gather(out, in, p, row_begin, row_end);
}
