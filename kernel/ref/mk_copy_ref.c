/* Strided copies: concatenation, split and slices; doc/SPEC.md, "Copies". */
#include "mote_kernel.h"

void mk_copy_ref(uint8_t *out, const uint8_t *in, MK_FLASH struct mk_copy *flash_params, uint16_t row_begin,
                 uint16_t row_end)
{
    MK_PARAMS(struct mk_copy, p, flash_params);
    for (uint16_t i0 = row_begin; i0 < row_end; i0++) {
        const uint8_t *in0 = in + (ptrdiff_t)(p->in_start + (int32_t)i0 * p->in_stride[0]);
        uint8_t *out0 = out + (ptrdiff_t)(p->out_start + (int32_t)i0 * p->out_stride[0]);
        for (uint16_t i1 = 0; i1 < p->size[1]; i1++, in0 += p->in_stride[1], out0 += p->out_stride[1]) {
            const uint8_t *in2 = in0;
            uint8_t *out2 = out0;
            for (uint16_t i2 = 0; i2 < p->size[2]; i2++, in2 += p->in_stride[2], out2 += p->out_stride[2]) {
                const uint8_t *in3 = in2;
                uint8_t *out3 = out2;
                for (uint16_t i3 = 0; i3 < p->size[3]; i3++, in3 += p->in_stride[3], out3 += p->out_stride[3]) {
                    const uint8_t *in4 = in3;
                    uint8_t *out4 = out3;
                    for (uint16_t i4 = 0; i4 < p->size[4]; i4++, in4 += p->in_stride[4], out4 += p->out_stride[4])
                        memcpy(out4, in4, p->element_bytes);
                }
            }
        }
    }
}
