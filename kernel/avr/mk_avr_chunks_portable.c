/* mk_avr_chunks_portable.c: see mk_avr_chunks.h. */
#include "mk_avr_chunks.h"

#if !defined(__AVR__)
static uint32_t sum_products(const struct mk_avr_tile *t, const uint8_t *inputs, int8_t zero_point, uint8_t channel)
{
    int32_t sum = 0;
    for (uint8_t k = 0; k < t->operand_count; k++)
        sum += ((int32_t)inputs[k] - 128 - zero_point) * (int8_t)t->weights[MK_AVR_CHUNK_CHANNELS * k + channel];
    return (uint32_t)sum;
}

static void compute_position(struct mk_avr_tile *t, const uint8_t *inputs, int8_t zero_point, uint8_t left_out)
{
    static const uint8_t nothing[3] = {0};
    const uint8_t records_bytes = MK_AVR_CHUNK_CHANNELS * MK_AVR_RECORD_BYTES;
    while (t->channels > 0) {
        t->records = t->weights + t->group_bytes + left_out;
        for (uint8_t i = 0; i < MK_AVR_CHUNK_CHANNELS && t->channels > 0; i++, t->channels--, t->records += MK_AVR_RECORD_BYTES)
            mk_avr_finish_sum_portable(t, sum_products(t, inputs, zero_point, i), nothing, t->out++);
        t->weights += t->group_bytes + 2 * records_bytes;
    }
}

/* All differences from the zero point are signed bytes. */
static uint8_t are_bytes(const uint8_t *inputs, uint8_t count, int8_t zero_point)
{
    for (; count > 0; count--, inputs++)
        if (*inputs - 128 - zero_point < INT8_MIN || *inputs - 128 - zero_point > INT8_MAX) return 0;
    return 1;
}

void mk_avr_chunks(struct mk_avr_window *w)
{
    uint8_t inputs[MK_AVR_CHUNK_PIXELS][MK_AVR_CHUNK_INPUTS], correction[3];
    while (w->positions > 0) { /* gathers before it writes, as the tile does */
        const uint8_t pixels = (uint8_t)(w->positions < MK_AVR_CHUNK_PIXELS ? w->positions : MK_AVR_CHUNK_PIXELS);
        uint8_t bytes = 1;
        for (uint8_t i = 0; i < pixels; i++) {
            mk_avr_gather_window_portable(w, inputs[i], 1, correction);
            bytes &= are_bytes(inputs[i], w->tile.operand_count, w->pad);
        }
        for (uint8_t i = 0; i < pixels; i++) {
            mk_avr_window_restart_portable(w);
            compute_position(&w->tile, inputs[i], bytes ? w->pad : 0,
                             bytes ? 0 : MK_AVR_CHUNK_CHANNELS * MK_AVR_RECORD_BYTES);
        }
        w->positions = (uint16_t)(w->positions - pixels);
    }
}
#else
typedef int mk_avr_chunks_portable_is_not_for_avr;
#endif
