/* mk_avr_taps_portable.c: see mk_avr_taps.h. */
#include "mk_avr_taps.h"

#if !defined(__AVR__)
void mk_avr_taps(struct mk_avr_tile *t)
{
    static const uint8_t nothing[3] = {0};
    const int8_t *const *const list = (const int8_t *const *)(const void *)t->operands;
    const uint16_t group_bytes = (uint16_t)((t->operand_count + MK_AVR_RECORD_BYTES) * MK_AVR_TAPS_GROUP);
    for (uint16_t channel = 0; t->channels > 0; channel++, t->channels--) {
        const uint16_t lane = channel % MK_AVR_TAPS_GROUP;
        const uint8_t *const biases = t->weights + (size_t)(channel / MK_AVR_TAPS_GROUP) * group_bytes;
        const uint8_t *weights = biases + 3 * MK_AVR_TAPS_GROUP + lane;
        int32_t sum = 0;
        for (uint8_t k = 0; k < t->operand_count; k++, weights += MK_AVR_TAPS_GROUP)
            sum += (list[k] ? list[k][channel] : (int8_t)t->correction[0]) * (int8_t)*weights;
        t->records = biases + 3 * lane;
        mk_avr_finish_sum_portable(t, (uint32_t)sum, nothing, t->out++);
    }
}
#else
typedef int mk_avr_taps_portable_is_not_for_avr;
#endif
