/* mk_avr_patch.c: see mk_avr_patch.h. */
#include "mk_avr_patch.h"

void mk_avr_patch_rows_at(struct mk_avr_patch_rows *rows, const struct mk_conv_avr *c, const int8_t *in, uint16_t r)
{
    uint16_t n = 0, y_out = r;
    for (; y_out >= c->out_h; y_out = (uint16_t)(y_out - c->out_h)) n++;
    int16_t y = (int16_t)(y_out * c->stride_h - (uint16_t)c->pad_top);
    const uint16_t row_bytes = (uint16_t)(c->in_w * c->in_c);
    const void *const *table = (const void *const *)(const void *)in;
    const int8_t *next = NULL;
    uint16_t left = 0; /* rows to the end of the ring */
    for (uint8_t fy = 0; fy < c->filter_h; fy++, y++) {
        rows->row[fy] = NULL;
        if (y < 0 || y >= (int16_t)c->in_h) continue;
        if (c->in_ring == 0) { /* a table of rows */
            rows->row[fy] = *table++;
            continue;
        }
        if (!next) {
            uint16_t in_row = (uint16_t)(n * c->in_h + (uint16_t)y);
            if (in_row >= c->in_ring) in_row = (uint16_t)(in_row % c->in_ring);
            next = in + (size_t)in_row * row_bytes;
            left = (uint16_t)(c->in_ring - in_row);
        } else if (left == 0) {
            next = in;
            left = c->in_ring;
        }
        rows->row[fy] = next;
        next += row_bytes;
        left--;
    }
}

struct mk_avr_patch_columns mk_avr_patch_columns_at(const struct mk_conv_avr *c, int16_t x)
{
    const int16_t taps = (int16_t)c->filter_w, beyond = (int16_t)(x + taps - (int16_t)c->in_w);
    const int16_t left = x >= 0 ? 0 : -x < taps ? (int16_t)-x : taps;
    const int16_t right = beyond <= 0 ? 0 : beyond < taps ? beyond : taps;
    struct mk_avr_patch_columns columns = {(uint8_t)left, (uint8_t)(taps - left - right), (uint8_t)right};
    return columns;
}
