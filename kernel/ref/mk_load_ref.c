/* A constant tensor from flash to RAM. */
#include "mote_kernel.h"

void mk_load_ref(uint8_t *out, MK_FLASH struct mk_load *flash_params, uint16_t row_begin, uint16_t row_end)
{
    MK_PARAMS(struct mk_load, p, flash_params);
    MK_FLASH int8_t *data = mk_flash_skip_s8((MK_FLASH int8_t *)p->data, (uint32_t)row_begin * p->row_bytes);
    for (uint16_t row = row_begin; row < row_end; row++) {
        mk_flash_copy(out + (size_t)row * p->row_bytes, data, p->row_bytes);
        data = mk_flash_skip_s8(data, p->row_bytes);
    }
}
