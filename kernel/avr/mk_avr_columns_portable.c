/* mk_avr_columns_portable.c: see mk_avr_columns.h. */
#include "mk_avr_columns.h"

#if !defined(__AVR__)
void mk_avr_columns(struct mk_avr_tile *t)
{
    while (t->channels > 0) {
        uint32_t sums[MK_AVR_CHANNELS_PER_GROUP] = {0};
        const uint8_t *weights = t->weights - 1, *at = t->operands;
        for (uint8_t list = 0; list < t->operand_count; list++) {
            for (uint8_t left = *at++; left > 0; left--, at += 2) {
                weights += 256 - at[0];
                for (int i = 0; i < MK_AVR_CHANNELS_PER_GROUP; i++) sums[i] += (uint32_t)at[1] * weights[i];
                weights += MK_AVR_CHANNELS_PER_GROUP - 1;
            }
            weights += *at++;
            memcpy(&at, at, sizeof at);
        }
        mk_avr_finish_group_portable(t, sums);
    }
}
#else
typedef int mk_avr_columns_portable_is_not_for_avr;
#endif
