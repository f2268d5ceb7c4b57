/* mk_depthwise_conv_2d_s8_3x3_avr.c: depthwise 3x3 with multiplier 1, columns at stride 1 or 2; see mk_avr_depthwise.h. */
#include "mk_avr_depthwise.h"
#include "mk_avr_patch.h"

#if defined(__AVR__)
#define MK_AVR_CHECK(field, offset)                                                                                    \
    typedef char mk_avr_check_##field[offsetof(struct mk_avr_depthwise, field) == (offset) ? 1 : -1]
MK_AVR_CHECK(weights, MK_AVR_DW_WEIGHTS);
MK_AVR_CHECK(row, MK_AVR_DW_ROWS);
MK_AVR_CHECK(row_mask, MK_AVR_DW_ROW_MASK);
MK_AVR_CHECK(channels, MK_AVR_DW_CHANNELS);
MK_AVR_CHECK(channel, MK_AVR_DW_CHANNEL);
MK_AVR_CHECK(out, MK_AVR_DW_OUT);
MK_AVR_CHECK(outputs, MK_AVR_DW_OUTPUTS);
MK_AVR_CHECK(left_over, MK_AVR_DW_LEFT_OVER);
MK_AVR_CHECK(requant, MK_AVR_DW_REQUANT);
MK_AVR_CHECK(left, MK_AVR_DW_LEFT);
MK_AVR_CHECK(by_windows, MK_AVR_DW_BY_WINDOWS);
MK_AVR_CHECK(stack, MK_AVR_DW_STACK);
#endif

/* What is the same for all rows. Not inlined: on a frame as large as the caller's every store takes three instructions. */
static MK_NOINLINE void configure(struct mk_avr_depthwise *d, const struct mk_conv_avr *c)
{
    const uint8_t pad = (uint8_t)c->pad_left, columns = (uint8_t)c->in_w, outputs = (uint8_t)c->out_w;
#if !defined(__AVR__)
    d->columns = columns;
#endif
    d->channels = (uint8_t)c->in_c;
    d->outputs = outputs;
    if (c->stride_w == 2) {
        d->by_windows = MK_AVR_BY_WINDOWS;
        if (pad) d->by_windows |= MK_AVR_FIRST_IS_PADDED;
        if ((uint8_t)(2 * outputs - pad) >= columns) d->by_windows |= MK_AVR_LAST_IS_PADDED;
        d->left = outputs;
        d->left_over = 0;
    } else {
        d->by_windows = 0;
        d->left = columns;
        d->left_over = (uint8_t)(columns + pad - 1 - outputs);
    }
    mk_avr_requant_configure(&d->requant, c);
}

static void begin_row(struct mk_avr_depthwise *d, const struct mk_conv_avr *c, const int8_t *in, uint16_t r)
{
    struct mk_avr_patch_rows rows;
    mk_avr_patch_rows_at(&rows, c, in, r);
    const int8_t *const readable = rows.row[1] ? rows.row[1] : rows.row[0] ? rows.row[0] : rows.row[2];
    uint8_t mask = 0, bit = 1;
    for (uint8_t i = 0; i < 3; i++, bit = (uint8_t)(bit << 1)) {
        const int8_t *const row = rows.row[i];
        if (row) mask |= bit;
        d->row[i] = row ? row : readable;
    }
    d->row_mask = mask;
    d->channel = 0;
    MK_AVR_SET_FLASH(d, weights, c->weights);
}

void mk_depthwise_conv_2d_s8_3x3_avr(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin,
                                     uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_avr, c, p);
    struct mk_avr_depthwise d;
    configure(&d, c);
    const uint16_t out_row_bytes = (uint16_t)(c->out_w * c->out_c);
    for (uint16_t next = row_begin; next != row_end;) {
        const uint16_t r = row_begin < row_end ? next++ : --next;
        begin_row(&d, c, in, r);
        const uint16_t out_row = mk_avr_ring_row(r, c->out_ring);
        d.out = out + (uint16_t)(out_row * out_row_bytes) + (uint16_t)(out_row_bytes - c->out_c);
        mk_avr_depthwise_3x3(&d);
    }
}
