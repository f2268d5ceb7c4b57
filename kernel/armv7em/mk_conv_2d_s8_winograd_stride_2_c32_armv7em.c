/* mk_conv_2d_s8_winograd_stride_2_c32_armv7em.c: up to 32 input channels; see mk_armv7em_winograd_stride_2.h. */
#include "mk_armv7em_winograd_stride_2.h"

void mk_conv_2d_s8_winograd_stride_2_c32_armv7em(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_armv7em *p,
                                                 uint16_t row_begin, uint16_t row_end)
{
    int32_t inputs[18 * 32];
    int8_t pad[32];
    mk_armv7em_winograd_stride_2_conv_2d(out, in, p, row_begin, row_end, inputs, pad);
}
