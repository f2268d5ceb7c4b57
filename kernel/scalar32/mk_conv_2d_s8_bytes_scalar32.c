/* mk_conv_2d_s8_bytes_scalar32.c: gathered inputs, weights of 8 bits; see mk_scalar32_gather.h. Both halves of a word hold an
 * offset of 128, so that the high sums have 128 times the inputs' total too much; a negative chunk, shifted without its sign, has
 * 65536 too much there. */
#include "mk_scalar32_tile.h"

#define MK_SCALAR32_GATHER_TILE mk_scalar32_bytes_tile
#define MK_SCALAR32_GATHER_BYTES MK_SCALAR32_GROUP
#define MK_SCALAR32_GATHER_CHUNK MK_SCALAR32_CHUNK
#define MK_SCALAR32_GATHER_BY_TILE 0
#define MK_SCALAR32_GATHER_MISSING(borrows, total)                                                                     \
    ((struct mk_scalar32_missing){(borrows) - 65536 * (borrows) - MK_SCALAR32_BYTE_OFFSET * (total),                   \
                                  65537 * MK_SCALAR32_BYTE_OFFSET * (total)})
#include "mk_scalar32_gather.h"

void mk_conv_2d_s8_bytes_scalar32(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_scalar32 *p, uint16_t row_begin,
                                  uint16_t row_end)
{
    mk_scalar32_gather(out, in, p, row_begin, row_end);
}
