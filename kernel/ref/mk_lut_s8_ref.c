/* Any function of int8 to int8 as a table of 256; doc/SPEC.md, "Tables". */
#include "mote_kernel.h"

void mk_lut_s8_ref(int8_t *out, const int8_t *in, MK_FLASH struct mk_lut *flash_params, uint16_t row_begin,
                   uint16_t row_end)
{
    MK_PARAMS(struct mk_lut, p, flash_params);
    for (uint16_t row = row_begin; row < row_end; row++) {
        const int8_t *from = in + (size_t)(row % p->in_ring) * p->row_elements;
        int8_t *to = out + (size_t)(row % p->out_ring) * p->row_elements;
        for (uint16_t i = 0; i < p->row_elements; i++) to[i] = mk_flash_s8(p->table + (uint8_t)(from[i] ^ 0x80));
    }
}
