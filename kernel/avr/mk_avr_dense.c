/* mk_avr_dense.c: convolutions whose inputs are hardly ever zero; see mk_avr_dense.h. */
#include "mk_avr_dense.h"

/* Rows of outputs from row r on that can be taken for one row: single positions side by side in memory. */
static uint16_t rows_side_by_side(const struct mk_conv_avr *c, uint16_t r, uint16_t row_end)
{
    if (c->in_w != 1 || c->out_w != 1 || c->filter_h != 1 || c->pad_top != 0 || (c->out_h - 1) * c->stride_h >= c->in_h ||
        c->in_ring < c->in_h || c->out_ring < c->out_h || r >= c->out_h)
        return 1;
    return (uint16_t)((row_end < c->out_h ? row_end : c->out_h) - r);
}

void mk_avr_convolve_dense(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin,
                           uint16_t row_end, uint8_t *patches)
{
    MK_PARAMS(struct mk_conv_avr, c, p);
    struct mk_avr_window w;
    mk_avr_window_begin(&w, c, patches, MK_AVR_DENSE_CHANNELS);
    for (uint16_t r = row_begin, rows; r < row_end; r = (uint16_t)(r + rows)) {
        mk_avr_window_row(&w, c, out, in, r);
        rows = rows_side_by_side(c, r, row_end);
        if (rows > 1) {
            w.positions = rows;
            w.step = (uint16_t)(c->stride_h * c->in_c);
            w.last_inside = (int16_t)((uint16_t)(rows - 1) * w.step);
        }
        mk_avr_dense(&w);
    }
}
