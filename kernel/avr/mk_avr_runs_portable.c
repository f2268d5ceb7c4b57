/* mk_avr_runs_portable.c: see mk_avr_runs.h. */
#include "mk_avr_runs.h"

#if !defined(__AVR__)
uint16_t mk_avr_sum_inputs(const int8_t *from, uint8_t count)
{
    uint16_t sum = 0;
    for (; count > 0; count--) sum = (uint16_t)(sum + *from++ + 128);
    return sum;
}

void mk_avr_runs(struct mk_avr_tile *t)
{
    const struct mk_avr_run *runs = (const struct mk_avr_run *)(const void *)t->operands;
    while (t->channels > 0) {
        uint32_t sums[MK_AVR_CHANNELS_PER_GROUP] = {0};
        const uint8_t *weights = t->weights;
        for (uint8_t r = 0; r < t->operand_count; r++)
            for (uint8_t k = 0; k < runs[r].count; k++, weights += MK_AVR_CHANNELS_PER_GROUP)
                for (int i = 0; i < MK_AVR_CHANNELS_PER_GROUP && runs[r].from; i++)
                    sums[i] += (uint32_t)(runs[r].from[k] + 128) * weights[i];
        mk_avr_finish_group_portable(t, sums);
    }
}
#else
typedef int mk_avr_runs_portable_is_not_for_avr;
#endif
