/* mk_avr_single_portable.c: see mk_avr_single.h. */
#include "mk_avr_single.h"

#if !defined(__AVR__)
void mk_avr_single(struct mk_avr_tile *t)
{
    const uint16_t left_over = t->pixels ? (uint16_t)(4 - t->pixels) : 0;
    const uint16_t count = (uint16_t)(4 * t->operand_count - left_over);
    while (t->channels > 0) {
        uint32_t sums[MK_AVR_CHANNELS_PER_GROUP] = {0};
        for (uint16_t i = 0; i < count; i++)
            for (int c = 0; c < MK_AVR_CHANNELS_PER_GROUP; c++)
                sums[c] += (uint32_t)(t->operands[i] ^ 0x80) * t->weights[MK_AVR_CHANNELS_PER_GROUP * i + c];
        mk_avr_finish_group_portable(t, sums);
    }
}
#else
typedef int mk_avr_single_portable_is_not_for_avr;
#endif
