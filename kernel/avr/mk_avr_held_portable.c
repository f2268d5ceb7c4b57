/* mk_avr_held_portable.c: see mk_avr_held.h. */
#include "mk_avr_held.h"

#if !defined(__AVR__)
/* Adds the products of one row of the filter to the sums of all positions. */
static void add_row(const struct mk_avr_held_part *part, uint8_t parts, const uint8_t *weights, uint8_t taps, uint32_t *sums)
{
    for (const struct mk_avr_held_part *const end = part + parts; part < end; part++) {
        const int8_t *in = part->in;
        for (uint8_t i = 0; i < part->count; i++, in += taps - part->back, sums++)
            for (uint8_t k = 0; k < taps; k++)
                if (weights[k]) *sums += (uint32_t)(in[k] * (int8_t)weights[k]); /* what a weight of 0 meets may lie outside */
    }
}

static uint8_t count_positions(const struct mk_avr_held *d)
{
    uint8_t count = 0;
    for (uint8_t i = 0; i < d->parts_per_row; i++) count = (uint8_t)(count + d->parts[i].count);
    return count;
}

void mk_avr_held(struct mk_avr_held *d)
{
    static const uint8_t nothing[3] = {0};
    const uint8_t taps = d->rows > 1 ? MK_AVR_HELD_TAPS : MK_AVR_HELD_TAPS_OF_ONE, positions = count_positions(d);
    struct mk_avr_tile t = {.requant = d->requant, .pixel_bytes = d->channels, .channels = d->channels};
    for (; t.channels > 0; t.channels--, d->channel++) {
        uint32_t sums[MK_AVR_HELD_COLUMNS] = {0};
        uint8_t record[MK_AVR_RECORD_BYTES];
        memcpy(record, d->weights, 3);
        d->weights += 3;
        for (uint8_t row = 0; row < d->rows; row++, d->weights += taps)
            add_row(d->parts + row * d->parts_per_row, d->parts_per_row, d->weights, taps, sums);
        memcpy(record + 3, d->weights, 3);
        d->weights += 3;
        t.records = record;
        for (uint8_t i = 0; i < positions; i++)
            mk_avr_finish_sum_portable(&t, sums[i] + (uint32_t)(d->rows - 1) * (uint32_t)MK_AVR_HELD_ADDED, nothing, d->out + i * d->channels + d->channel);
    }
}
#else
typedef int mk_avr_held_portable_is_not_for_avr;
#endif
