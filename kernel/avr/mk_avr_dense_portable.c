/* mk_avr_dense_portable.c: see mk_avr_dense.h. */
#include "mk_avr_dense.h"

#if !defined(__AVR__)
static uint32_t sum_products(const struct mk_avr_tile *t, const uint8_t *patches, uint8_t pixel, uint8_t channel)
{
    uint32_t sum = 0;
    for (uint8_t k = 0; k < t->operand_count; k++)
        sum += (uint32_t)patches[MK_AVR_DENSE_PIXELS * k + pixel] * t->weights[MK_AVR_DENSE_CHANNELS * k + channel];
    return sum;
}

static void compute_positions(struct mk_avr_tile *t, const uint8_t *patches, uint8_t corrections[MK_AVR_DENSE_PIXELS][3])
{
    while (t->channels > 0) {
        t->records = t->weights + t->group_bytes;
        for (uint8_t channel = 0; channel < MK_AVR_DENSE_CHANNELS && t->channels > 0; channel++, t->channels--, t->out++) {
            for (uint8_t i = 0; i < t->pixels; i++)
                mk_avr_finish_sum_portable(t, sum_products(t, patches, i, channel), corrections[i], t->out + i * t->pixel_bytes);
            t->records += MK_AVR_RECORD_BYTES;
        }
        t->weights = t->records;
    }
    t->out += (t->pixels - 1) * t->pixel_bytes;
}

void mk_avr_dense(struct mk_avr_window *w)
{
    uint8_t patches[MK_AVR_DENSE_PIXELS * MK_AVR_DENSE_INPUTS], corrections[MK_AVR_DENSE_PIXELS][3];
    for (; w->positions > 0; w->positions = (uint16_t)(w->positions - w->tile.pixels)) {
        w->tile.pixels = (uint8_t)(w->positions == 4 ? 2 : w->positions < MK_AVR_DENSE_PIXELS ? w->positions : MK_AVR_DENSE_PIXELS);
        for (uint8_t i = 0; i < w->tile.pixels; i++)
            mk_avr_gather_window_portable(w, patches + i, MK_AVR_DENSE_PIXELS, corrections[i]);
        mk_avr_window_restart_portable(w);
        compute_positions(&w->tile, patches, corrections);
    }
}
#else
typedef int mk_avr_dense_portable_is_not_for_avr;
#endif
