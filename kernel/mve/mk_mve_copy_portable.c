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

void mk_mve_scatter(int8_t *to, const int8_t *from, uint32_t bytes, const struct mk_mve_scatter *scatter, uint32_t moves)
{
    for (uint32_t done = 0; done < bytes; done += scatter->from_step, to += scatter->to_step) {
        const uint32_t left = bytes - done;
        for (uint32_t i = 0; i < (left < 16 ? left : 16); i++) to[scatter->offsets[i]] = from[i];
        if (moves && left > scatter->from_step) from += scatter->from_step;
    }
}
