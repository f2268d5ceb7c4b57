/* mk_avr_tile_portable.c: see mk_avr_tile.h. */
#include "mk_avr_tile.h"

#if !defined(__AVR__)
/* The low 24 bits as a signed number. */
static int32_t signed_24(uint32_t value)
{
    return (int32_t)((value & 0xFFFFFFu) ^ 0x800000u) - 0x800000;
}

void mk_avr_finish_sum_portable(const struct mk_avr_tile *t, uint32_t sum, const uint8_t correction[3], int8_t *out)
{
    const uint8_t *bias = t->records;
    sum += correction[0] + ((uint32_t)correction[1] << 8) - ((uint32_t)correction[2] << 16);
    sum += bias[0] | (uint32_t)bias[1] << 8 | (uint32_t)bias[2] << 16;
    *out = mk_avr_requantize_exactly(&t->requant, (uint16_t)(t->pixel_bytes - t->channels), signed_24(sum));
}

void mk_avr_finish_group_portable(struct mk_avr_tile *t, const uint32_t sums[MK_AVR_CHANNELS_PER_GROUP])
{
    for (int i = 0; i < MK_AVR_CHANNELS_PER_GROUP && t->channels > 0; i++, t->channels--) {
        mk_avr_finish_sum_portable(t, sums[i], t->correction, t->out++);
        t->records += MK_AVR_RECORD_BYTES;
    }
    t->weights += t->group_bytes;
}
#else
typedef int mk_avr_tile_portable_is_not_for_avr;
#endif
