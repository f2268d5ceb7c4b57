/* mk_avr_differences_portable.c: see mk_avr_differences.h. */
#include "mk_avr_differences.h"

#if !defined(__AVR__)
static uint8_t *list_zeros(uint8_t *list, uint8_t zeros)
{
    if (zeros) {
        *list++ = 0;
        *list++ = (uint8_t)(MK_AVR_CHANNELS_PER_GROUP * zeros);
    }
    return list;
}

uint8_t mk_avr_list_differences(uint8_t *list, const int8_t *from, uint8_t count, int8_t zero_point)
{
    enum { MOST_ZEROS = 31, ROOM = 256 };
    uint8_t zeros = 0;
    int used = 1;
    for (; count > 0; count--) {
        const int difference = *from++ - zero_point, size = difference < 0 ? -difference : difference;
        if (difference < INT8_MIN || difference > INT8_MAX) return 0;
        if (zeros == MOST_ZEROS || (difference && zeros)) {
            list = list_zeros(list, zeros);
            zeros = 0;
        }
        if (!difference) {
            zeros++;
            continue;
        }
        used += size;
        if (used > ROOM) {
            *list++ = 0;
            *list++ = 0;
            used = size;
        }
        *list++ = (uint8_t)difference;
    }
    *list++ = 0;
    *list = MK_AVR_DIFFERENCES_END;
    return 1;
}

void mk_avr_differences(struct mk_avr_tile *t)
{
    while (t->channels > 0) {
        uint32_t sums[MK_AVR_CHANNELS_PER_GROUP] = {0};
        const uint8_t *list = t->operands, *weights = t->weights;
        while (list[0] || list[1] != MK_AVR_DIFFERENCES_END) {
            const int8_t difference = (int8_t)*list++;
            if (!difference) {
                weights += *list++;
                continue;
            }
            for (int c = 0; c < MK_AVR_CHANNELS_PER_GROUP; c++) sums[c] += (uint32_t)(difference * (int8_t)*weights++);
        }
        mk_avr_finish_group_portable(t, sums);
    }
}
#else
typedef int mk_avr_differences_portable_is_not_for_avr;
#endif
