/* mk_avr_narrow_portable.c: see mk_avr_narrow.h. */
#include "mk_avr_narrow.h"

#if !defined(__AVR__)
void mk_avr_narrow(struct mk_avr_tile *t)
{
    const int8_t **const list = (const int8_t **)(void *)(uintptr_t)t->operands;
    const uint8_t *const first_weights = t->weights, *const records = t->records;
    for (; t->pixels > 0; t->pixels--) {
        uint32_t sums[MK_AVR_CHANNELS_PER_GROUP] = {0};
        const uint8_t *weights = first_weights;
        t->records = records;
        t->channels = t->pixel_bytes;
        for (const int8_t **row = list; *row; row++) {
            for (uint16_t i = 0; i < t->group_bytes; i++)
                for (uint16_t c = 0; c < t->channels; c++)
                    sums[c] += (uint32_t)(((*row)[i] + 128) * (int8_t)*weights++);
            *row += t->group_bytes - t->more_corrections[0][0];
        }
        mk_avr_finish_group_portable(t, sums);
    }
}
#else
typedef int mk_avr_narrow_portable_is_not_for_avr;
#endif
