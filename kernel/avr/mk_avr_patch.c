/* mk_avr_patch.c: see mk_avr_patch.h. */
#include "mk_avr_patch.h"

void mk_avr_patch_rows_at(struct mk_avr_patch_rows *rows, const struct mk_conv_avr *c, const int8_t *in, uint16_t r)
{
    uint16_t in_row = 0, y_out = r;
    for (; y_out >= c->out_h; y_out = (uint16_t)(y_out - c->out_h)) in_row = (uint16_t)(in_row + c->in_h);
    int16_t y = (int16_t)(y_out * c->stride_h - (uint16_t)c->pad_top);
    const int8_t **to = rows->row;
    uint8_t left = (uint8_t)c->filter_h;
    for (; left > 0 && y < 0; left--, y++) *to++ = NULL;
    int16_t inside = (int16_t)((int16_t)c->in_h - y); /* rows from here to the last one */
    if (c->in_ring == 0) {                            /* a table of rows */
        const void *const *table = (const void *const *)(const void *)in;
        for (; left > 0 && inside > 0; left--, inside--) *to++ = *table++;
    } else {
        const uint16_t row_bytes = (uint16_t)(c->in_w * c->in_c);
        in_row = (uint16_t)(in_row + (uint16_t)y);
        in_row = mk_avr_ring_row(in_row, c->in_ring);
        const int8_t *next = in + (size_t)in_row * row_bytes;
        for (; left > 0 && inside > 0; left--, inside--, next += row_bytes) {
            if (in_row++ == c->in_ring) next = in;
            *to++ = next;
        }
    }
    for (; left > 0; left--) *to++ = NULL;
}

struct mk_avr_patch_columns mk_avr_patch_columns_at(const struct mk_conv_avr *c, int16_t x)
{
    const int16_t taps = (int16_t)c->filter_w, beyond = (int16_t)(x + taps - (int16_t)c->in_w);
    const int16_t left = x >= 0 ? 0 : -x < taps ? (int16_t)-x : taps;
    const int16_t right = beyond <= 0 ? 0 : beyond < taps ? beyond : taps;
    struct mk_avr_patch_columns columns = {(uint8_t)left, (uint8_t)(taps - left - right), (uint8_t)right};
    return columns;
}
