/* mk_conv_2d_s8_winograd_expand_armv7em.c: for at most 64 input channels; see mk_armv7em_winograd_expand.h. */
#include "mk_armv7em_winograd_expand.h"

void mk_conv_2d_s8_winograd_expand_armv7em(int8_t *out, const int8_t *in, int32_t *scratch,
                                           MK_FLASH struct mk_conv_armv7em *p, uint16_t row_begin, uint16_t row_end)
{
    int8_t pad[64];
    mk_armv7em_winograd_expand_conv_2d(out, in, scratch, p, row_begin, row_end, pad);
}
