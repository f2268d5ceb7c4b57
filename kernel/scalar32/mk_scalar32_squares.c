/* mk_scalar32_squares.c: the table, and the tile in C, for machines without assembly of their own; see mk_scalar32_squares.h. */
#include "mk_scalar32_squares.h"

#define S(i) (uint16_t)(((i) - MK_SCALAR32_MOST_ROOT) * ((i) - MK_SCALAR32_MOST_ROOT))
#define S8(i) S(i), S(i + 1), S(i + 2), S(i + 3), S(i + 4), S(i + 5), S(i + 6), S(i + 7)
#define S64(i) S8(i), S8(i + 8), S8(i + 16), S8(i + 24), S8(i + 32), S8(i + 40), S8(i + 48), S8(i + 56)

const uint16_t mk_scalar32_squares[2 * MK_SCALAR32_MOST_ROOT + 1] = {
    S64(0), S64(64), S64(128), S64(192), S64(256), S64(320), S64(384),
    S8(448), S8(456), S8(464), S8(472), S8(480), S8(488), S8(496),
    S(504), S(505), S(506), S(507), S(508), S(509), S(510),
};

#if !MK_SCALAR32_BY_SQUARES
void mk_scalar32_add_squares(uint32_t sums[MK_SCALAR32_SQUARES_GROUP], const int8_t *in, uint32_t step, const int8_t *weights,
                             const int8_t *end)
{
    uint32_t a = sums[0], b = sums[1], c = sums[2], d = sums[3];
    for (; weights != end; weights += MK_SCALAR32_SQUARES_GROUP, in += step) {
        const uint16_t *const at = mk_scalar32_squares + MK_SCALAR32_MOST_ROOT + *in;
        a += at[weights[0]];
        b += at[weights[1]];
        c += at[weights[2]];
        d += at[weights[3]];
    }
    sums[0] = a, sums[1] = b, sums[2] = c, sums[3] = d;
}
#endif
