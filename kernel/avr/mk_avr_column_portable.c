/* mk_avr_column_portable.c: see mk_avr_column.h. */
#include "mk_avr_column.h"

#if !defined(__AVR__)
void mk_avr_column(struct mk_avr_column *d)
{
    static const uint8_t nothing[3] = {0};
    struct mk_avr_tile t = {.requant = d->requant, .pixel_bytes = d->channels, .channels = d->channels};
    const uint8_t *at = d->weights;
    for (; t.channels > 0; t.channels--, d->channel++) {
        const uint8_t *const weights = at + 3;
        uint8_t record[MK_AVR_RECORD_BYTES];
        memcpy(record, at, 3);
        memcpy(record + 3, weights + d->taps, 3);
        at = weights + d->taps + 3;
        t.records = record;
        int8_t outputs[MK_AVR_COLUMN_POSITIONS];
        for (uint8_t i = 0; i < d->wanted; i++) {
            const int8_t *in = d->in + (size_t)(d->skipped + i) * d->channels + d->channel;
            int32_t sum = 0;
            for (uint8_t k = 0; k < d->taps; k++, in += d->channels) sum += *in * (int8_t)weights[k];
            mk_avr_finish_sum_portable(&t, (uint32_t)sum, nothing, &outputs[i]);
        }
        for (uint8_t i = 0; i < d->wanted; i++) d->out[(size_t)i * d->channels + d->channel] = outputs[i];
    }
}
#else
typedef int mk_avr_column_portable_is_not_for_avr;
#endif
