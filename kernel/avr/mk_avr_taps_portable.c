/* mk_avr_taps_portable.c: see mk_avr_taps.h. */
#include "mk_avr_taps.h"

#if !defined(__AVR__)
enum { RECORD_HALF = MK_AVR_RECORD_BYTES / 2 };

void mk_avr_taps(struct mk_avr_tile *t)
{
    const int8_t *const *const list = (const int8_t *const *)(const void *)t->operands;
    const uint8_t *pair = t->weights;
    for (uint16_t channel = 0; channel < t->channels; channel++) {
        const uint8_t *const bias = pair + (channel & 1) * RECORD_HALF, *const weights = pair + 2 * RECORD_HALF;
        const uint32_t low = bias[0] | (uint32_t)bias[1] << 8 | (uint32_t)bias[2] << 16;
        int32_t sum = (int32_t)(low ^ 0x800000u) - 0x800000;
        for (uint8_t k = 0; k < t->operand_count; k++) {
            const int32_t input = list[k] ? list[k][channel] + 128 : t->correction[0];
            sum += input * (int8_t)weights[2 * k + (channel & 1)];
        }
        t->out[channel] = mk_avr_requantize_exactly(&t->requant, channel, sum);
        if (channel & 1) pair += 2 * MK_AVR_RECORD_BYTES + 2 * t->operand_count;
    }
}
#else
typedef int mk_avr_taps_portable_is_not_for_avr;
#endif
