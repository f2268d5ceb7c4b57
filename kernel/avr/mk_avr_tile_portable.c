/* mk_avr_tile_portable.c: see mk_avr_tile.h. */
#include "mk_avr_tile.h"

#if !defined(__AVR__)
/* 24 bits, low byte first, as a signed number. */
static int32_t read_24(const uint8_t *bytes)
{
    const uint32_t value = bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16;
    return (int32_t)(value ^ 0x800000u) - 0x800000;
}

void mk_avr_finish_group_portable(struct mk_avr_tile *t, const uint32_t sums[MK_AVR_CHANNELS_PER_GROUP])
{
    const uint32_t start = (uint32_t)t->correction[0] + ((uint32_t)t->correction[1] << 8) - ((uint32_t)t->correction[2] << 16);
    for (int i = 0; i < MK_AVR_CHANNELS_PER_GROUP && t->channels > 0; i++, t->channels--) {
        const uint32_t sum = sums[i] + start + (uint32_t)read_24(t->records);
        const uint8_t bytes[3] = {(uint8_t)sum, (uint8_t)(sum >> 8), (uint8_t)(sum >> 16)};
        mk_avr_requantize_exactly(t, read_24(bytes), t->out++);
        t->records += MK_AVR_RECORD_BYTES;
    }
    t->weights += t->group_bytes;
}
#else
typedef int mk_avr_tile_portable_is_not_for_avr;
#endif
