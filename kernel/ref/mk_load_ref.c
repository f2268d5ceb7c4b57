/* A constant tensor from flash to RAM. */
#include "mote_kernel.h"

void mk_load_ref(uint8_t *out, MK_FLASH struct mk_load *flash_params, uint16_t row_begin, uint16_t row_end)
{
    MK_PARAMS(struct mk_load, p, flash_params);
    MK_FLASH uint8_t *data = p->data;
    /* Steps of one byte: on AVR a larger offset to a flash pointer would be cut to 16 bits. */
    for (uint16_t row = 0; row < row_end; row++) {
        uint8_t *to = out + (size_t)row * p->row_bytes;
        for (uint16_t i = 0; i < p->row_bytes; i++, data++)
            if (row >= row_begin) mk_flash_copy(to + i, data, 1);
    }
}
