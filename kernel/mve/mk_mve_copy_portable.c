/* mk_mve_copy_portable.c: the twin of mk_mve_copy.S. */
#include "mk_mve_copy.h"

void mk_mve_copy_blocks(int8_t *to, const int8_t *from, uint32_t count, const struct mk_mve_blocks *blocks)
{
    for (uint32_t done = 0; done < blocks->bytes; done += 16, to += blocks->to_block_step) {
        const uint32_t left = blocks->bytes - done;
        for (uint32_t k = 0; k < count; k++)
            memcpy(to + k * blocks->to_step, from + k * blocks->from_step, left < 16 ? left : 16);
        from += blocks->from_block_step;
    }
}

void mk_mve_scatter(int8_t *to, const int8_t *const *rows, uint32_t count, const struct mk_mve_scatter *scatter)
{
    for (; count > 0; count--, rows++, to += scatter->row_step)
        for (uint32_t k = 0; k <= scatter->whole; k++) {
            const int8_t *from = *rows ? *rows + scatter->from_offset + k * scatter->from_step : scatter->pad;
            int8_t *const vector = to + k * scatter->to_step;
            for (uint32_t i = 0; i < (k < scatter->whole ? 16 : scatter->rest); i++) vector[scatter->offsets[i]] = from[i];
        }
}
