/* mk_depthwise_conv_2d_s8_column_avr.c: depthwise convolutions along a column of at least four positions, multiplier 1; see
 * mk_avr_column.h. */
#include "mk_avr_column.h"

#if defined(__AVR__)
#define MK_AVR_CHECK(field, offset) typedef char mk_avr_check_##field[offsetof(struct mk_avr_column, field) == (offset) ? 1 : -1]
MK_AVR_CHECK(weights, MK_AVR_COLUMN_WEIGHTS);
MK_AVR_CHECK(in, MK_AVR_COLUMN_IN);
MK_AVR_CHECK(channels, MK_AVR_COLUMN_CHANNEL_COUNT);
MK_AVR_CHECK(channel, MK_AVR_COLUMN_CHANNEL);
MK_AVR_CHECK(taps, MK_AVR_COLUMN_TAPS);
MK_AVR_CHECK(skipped, MK_AVR_COLUMN_SKIPPED);
MK_AVR_CHECK(wanted, MK_AVR_COLUMN_WANTED);
MK_AVR_CHECK(out, MK_AVR_COLUMN_OUT);
MK_AVR_CHECK(requant, MK_AVR_COLUMN_REQUANT);
#endif

static void configure(struct mk_avr_column *d, const struct mk_conv_avr *c)
{
    MK_AVR_SET_FLASH(d, weights, c->weights);
    d->channels = (uint8_t)c->in_c;
    d->taps = (uint8_t)c->filter_h;
    mk_avr_requant_configure(&d->requant, c);
}

/* Positions that may be computed at a time. Channel by channel, an output must not lie on an input that another channel has
 * still to read. It does not if it lies in the same channel; of one position, as the caller promises, it lies on none. */
static uint8_t most_at_once(const struct mk_conv_avr *c, const int8_t *out, const int8_t *in)
{
    const uint16_t channels = c->in_c, in_bytes = (uint16_t)(c->in_h * channels), out_bytes = (uint16_t)(c->out_h * channels);
    const uint16_t distance = out < in ? (uint16_t)(in - out) : (uint16_t)(out - in);
    const uint8_t apart = distance >= (out < in ? out_bytes : in_bytes);
    return apart || distance % channels == 0 ? MK_AVR_COLUMN_POSITIONS : 1;
}

/* Output rows [r, r + wanted), at most four, of those that lie in a map of four or more. */
static void compute(struct mk_avr_column *d, const struct mk_conv_avr *c, int8_t *out, const int8_t *in, uint16_t r,
                    uint8_t wanted)
{
    const uint16_t last = (uint16_t)(c->out_h - MK_AVR_COLUMN_POSITIONS), first = r < last ? r : last;
    d->in = in + (uint16_t)(first * c->in_c);
    d->out = out + (uint16_t)(r * c->in_c);
    d->channel = 0;
    d->skipped = (uint8_t)(r - first);
    d->wanted = wanted;
    mk_avr_column(d);
}

void mk_depthwise_conv_2d_s8_column_avr(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin,
                                        uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_avr, c, p);
    struct mk_avr_column d;
    configure(&d, c);
    const uint8_t most = most_at_once(c, out, in);
    for (uint16_t r = row_begin; r < row_end;) {
        const uint8_t wanted = (uint8_t)(row_end - r < most ? row_end - r : most);
        compute(&d, c, out, in, r, wanted);
        r = (uint16_t)(r + wanted);
    }
    for (uint16_t r = row_begin; r > row_end;) { /* descending */
        const uint8_t wanted = (uint8_t)(r - row_end < most ? r - row_end : most);
        r = (uint16_t)(r - wanted);
        compute(&d, c, out, in, r, wanted);
    }
}
