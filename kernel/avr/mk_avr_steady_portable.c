/* mk_avr_steady_portable.c: see mk_avr_steady.h. */
#include "mk_avr_steady.h"

#if !defined(__AVR__)
static uint32_t read_bytes(const uint8_t *bytes, int count)
{
    uint32_t value = 0;
    for (int i = count; i-- > 0;) value = value << 8 | bytes[i];
    return value;
}

/* The low 24 bits as a signed number. */
static int32_t signed_24(uint32_t value)
{
    return (int32_t)((value & 0xFFFFFFu) ^ 0x800000u) - 0x800000;
}

static int8_t requantise(const struct mk_avr_tile *t, const uint8_t *record, uint32_t sum_less_bias)
{
    const int32_t sum = signed_24(sum_less_bias + read_bytes(record, 3));
    const uint64_t size = sum < 0 ? 0u - (uint32_t)sum : (uint32_t)sum;
    const uint64_t addend = (uint64_t)read_bytes(record + 7, 4) << 8;
    const uint64_t distance = (size * read_bytes(record + 3, 4) + addend) >> (record[11] ? 40 : 32);
    const struct mk_avr_requant *const q = &t->requant;
    const int32_t most = sum < 0 ? q->below : q->range - q->below;
    const int32_t clamped = distance < (uint64_t)most ? (int32_t)distance : most;
    return (int8_t)(q->act_min + q->below + (sum < 0 ? -clamped : clamped));
}

static void finish(struct mk_avr_tile *t, const uint32_t sums[MK_AVR_CHANNELS_PER_GROUP])
{
    for (int i = 0; i < MK_AVR_CHANNELS_PER_GROUP && t->channels > 0; i++, t->channels--) {
        *t->out++ = requantise(t, t->records, sums[i]);
        t->records += MK_AVR_STEADY_RECORD_BYTES;
    }
}

void mk_avr_steady_finish(struct mk_avr_tile *t)
{
    uint32_t sums[MK_AVR_CHANNELS_PER_GROUP];
    for (int i = 0; i < MK_AVR_CHANNELS_PER_GROUP; i++)
        sums[i] = read_bytes(t->sums + 3 * i, 2) - ((uint32_t)t->sums[3 * i + 2] << 16);
    finish(t, sums);
}

void mk_avr_steady_runs(struct mk_avr_tile *t)
{
    const uint8_t *const c = t->correction;
    while (t->channels > 0) {
        uint32_t sums[MK_AVR_CHANNELS_PER_GROUP];
        for (int i = 0; i < MK_AVR_CHANNELS_PER_GROUP; i++)
            sums[i] = c[0] + ((uint32_t)c[1] << 8) - ((uint32_t)c[2] << 16);
        const uint8_t *weights = t->weights;
        const struct mk_avr_steady_run *run = (const struct mk_avr_steady_run *)(const void *)t->operands;
        for (; run->count; run++)
            for (int k = 0; k < run->count; k++)
                for (int i = 0; i < MK_AVR_CHANNELS_PER_GROUP; i++)
                    sums[i] += (uint32_t)(run->from[k] + 128) * *weights++;
        t->weights += t->group_bytes;
        finish(t, sums);
    }
}

void mk_avr_steady_taps(struct mk_avr_tile *t)
{
    const int8_t *const *const list = (const int8_t *const *)(const void *)t->operands;
    const int taps = t->operand_count;
    const uint8_t *weights = t->weights;
    for (int channel = 0; t->channels > 0;) {
        uint32_t sums[MK_AVR_CHANNELS_PER_GROUP] = {0};
        const int channels = t->channels < MK_AVR_CHANNELS_PER_GROUP ? t->channels : MK_AVR_CHANNELS_PER_GROUP;
        for (int i = 0; i < channels; i++)
            for (int k = 0; k < taps; k++) {
                const int8_t x = list[k] ? list[k][channel + i] : (int8_t)t->more_corrections[0][0];
                const int at = (i / MK_AVR_STEADY_CHANNELS_AT_ONCE * taps + k) * MK_AVR_STEADY_CHANNELS_AT_ONCE;
                sums[i] += (uint32_t)((x + 128) * (int8_t)weights[at + i % MK_AVR_STEADY_CHANNELS_AT_ONCE]);
            }
        weights += taps * MK_AVR_CHANNELS_PER_GROUP;
        channel += channels;
        finish(t, sums);
    }
}
#else
typedef int mk_avr_steady_portable_is_not_for_avr;
#endif
