/* mk_softmax_pair_s8_scalar32.c: see mk_softmax_pair.h. */
#include "mk_softmax_pair.h"

void mk_softmax_pair_s8_scalar32(int8_t *out, const int8_t *in, MK_FLASH struct mk_softmax_pair *p, uint16_t row_begin,
                                   uint16_t row_end)
{
    mk_softmax_pair(out, in, p, row_begin, row_end);
}
