/* mk_avr_dense_portable.c: see mk_avr_dense.h. */
#include "mk_avr_dense.h"

#if !defined(__AVR__)
void mk_avr_gather_dense(struct mk_avr_gather_dense *g, const int8_t *from, uint8_t count)
{
    for (; count > 0; count--) mk_avr_gather_dense_fill(g, (uint8_t)(*from++ + 128), 1);
}

static uint32_t sum_products(const struct mk_avr_tile *t, uint8_t pixel, uint8_t channel)
{
    const uint8_t width = t->pixels == 3 ? 3 : 2;
    uint32_t sum = 0;
    for (uint8_t k = 0; k < t->operand_count; k++)
        sum += (uint32_t)t->operands[width * k + pixel] * t->weights[2 * k + channel];
    return sum;
}

void mk_avr_dense(struct mk_avr_tile *t)
{
    const uint8_t *corrections[MK_AVR_DENSE_PIXELS] = {t->correction, t->more_corrections[0], t->more_corrections[1]};
    for (; t->channels > 0; t->weights += t->group_bytes) {
        for (uint8_t channel = 0; channel < 2 && t->channels > 0; channel++, t->channels--, t->out++) {
            for (uint8_t i = 0; i < t->pixels; i++)
                mk_avr_finish_sum_portable(t, sum_products(t, i, channel), corrections[i], t->out + i * t->pixel_bytes);
            t->records += MK_AVR_RECORD_BYTES;
        }
    }
}
#else
typedef int mk_avr_dense_portable_is_not_for_avr;
#endif
