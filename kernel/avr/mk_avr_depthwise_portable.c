/* mk_avr_depthwise_portable.c: see mk_avr_depthwise.h. */
#include "mk_avr_depthwise.h"

#if !defined(__AVR__)
/* The sum of the window around column `centre`, without the bias. */
static int32_t window_sum(const struct mk_avr_depthwise *d, int centre)
{
    int32_t sum = 0;
    for (int row = 0; row < 3; row++)
        for (int k = 0; k < 3; k++) {
            const int column = centre + k - 1;
            if (!(d->row_mask >> row & 1) || column < 0 || column >= d->columns) continue;
            sum += (d->row[row][column * d->channels + d->channel] + 128) * (int8_t)d->weights[3 * row + k];
        }
    return sum;
}

void mk_avr_depthwise_3x3(struct mk_avr_depthwise *d)
{
    int32_t sums[MK_AVR_DEPTHWISE_COLUMNS + 1]; /* all of a channel's, as the outputs may lie over its inputs */
    for (; d->channel < d->channels; d->channel++, d->weights += 9 + MK_AVR_RECORD_BYTES) {
        const uint32_t bias = d->weights[9] | (uint32_t)d->weights[10] << 8 | (uint32_t)d->weights[11] << 16;
        int8_t *out = d->out + d->channel;
        const int step = d->by_windows ? 2 : 1;
        int centre = d->columns - 1 - d->windows_after;
        if (d->by_windows) centre = (d->outputs - 1) * step + (d->by_windows & MK_AVR_FIRST_IS_PADDED ? 0 : 1);
        for (uint8_t i = 0; i < d->outputs; i++, centre -= step) sums[i] = window_sum(d, centre);
        for (uint8_t i = 0; i < d->outputs; i++, out -= d->channels)
            *out = mk_avr_requantize_exactly(&d->requant, d->channel, sums[i] + (int32_t)(bias ^ 0x800000u) - 0x800000);
    }
}
#else
typedef int mk_avr_depthwise_portable_is_not_for_avr;
#endif
