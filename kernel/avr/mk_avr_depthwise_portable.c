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

static int is_below_limit(const struct mk_avr_depthwise *d)
{
    for (int row = 0; row < 3; row++)
        for (int column = 0; column < d->columns; column++)
            if (d->row[row][column * d->channels + d->channel] + 128 >= d->weights[MK_AVR_DEPTHWISE_LIMIT]) return 0;
    return 1;
}

static int32_t sign_extend(uint32_t value, int bits)
{
    const uint32_t sign = (uint32_t)1 << (bits - 1);
    return (int32_t)((value & (2 * sign - 1)) ^ sign) - (int32_t)sign;
}

/* With the bias; in 16 bits where the kernel takes as many. */
static int32_t whole_sum(const struct mk_avr_depthwise *d, int centre, int below_limit)
{
    const uint8_t *record = d->weights + MK_AVR_DEPTHWISE_RECORD;
    const uint32_t low = record[0] | (uint32_t)record[1] << 8, third = record[2];
    const int32_t sum = window_sum(d, centre);
    if (!d->weights[MK_AVR_DEPTHWISE_LIMIT]) return sum + sign_extend(low | third << 16, 24);
    const int32_t raised = 256 * sign_extend(third, 8), whole = sign_extend(low, 16) + sum;
    return (below_limit ? sign_extend((uint32_t)whole, 16) : whole) - raised;
}

void mk_avr_depthwise_3x3(struct mk_avr_depthwise *d)
{
    int32_t sums[MK_AVR_DEPTHWISE_COLUMNS + 1]; /* all of a channel's, as the outputs may lie over its inputs */
    for (; d->channel < d->channels; d->channel++, d->weights += MK_AVR_DEPTHWISE_BYTES) {
        const int below_limit = is_below_limit(d);
        int8_t *out = d->out + d->channel;
        const int step = d->by_windows ? 2 : 1;
        int centre = d->by_windows ? 2 * d->outputs - 1 - (d->by_windows & MK_AVR_FIRST_IS_PADDED) / MK_AVR_FIRST_IS_PADDED
                                   : d->columns - 1 - d->left_over;
        for (uint8_t i = 0; i < d->outputs; i++, centre -= step) sums[i] = whole_sum(d, centre, below_limit);
        for (uint8_t i = 0; i < d->outputs; i++, out -= d->channels)
            *out = mk_avr_requantize_exactly(&d->requant, d->channel, sums[i]);
    }
}
#else
typedef int mk_avr_depthwise_portable_is_not_for_avr;
#endif
