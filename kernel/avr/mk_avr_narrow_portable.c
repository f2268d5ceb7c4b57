/* mk_avr_narrow_portable.c: see mk_avr_narrow.h. */
#include "mk_avr_narrow.h"

#if !defined(__AVR__)
void mk_avr_narrow(struct mk_avr_tile *t)
{
    const int8_t *const *const list = (const int8_t *const *)(const void *)t->operands;
    uint32_t sums[MK_AVR_CHANNELS_PER_GROUP] = {0};
    const uint8_t *weights = t->weights;
    for (uint8_t row = 0; row < t->operand_count; row++)
        for (uint16_t i = 0; i < t->group_bytes; i++)
            for (uint16_t c = 0; c < t->channels; c++)
                sums[c] += (uint32_t)((list[row][i] + 128) * (int8_t)*weights++);
    mk_avr_finish_group_portable(t, sums);
}
#else
typedef int mk_avr_narrow_portable_is_not_for_avr;
#endif
