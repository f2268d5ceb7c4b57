/* mk_avr_window.c: see mk_avr_window.h. */
#include "mk_avr_window.h"

#if defined(__AVR__)
#define MK_AVR_CHECK(field, offset) typedef char mk_avr_check_##field[offsetof(struct mk_avr_window, field) == (offset) ? 1 : -1]
MK_AVR_CHECK(weights, MK_AVR_WINDOW_WEIGHTS);
MK_AVR_CHECK(records, MK_AVR_WINDOW_RECORDS);
MK_AVR_CHECK(positions, MK_AVR_WINDOW_POSITIONS);
MK_AVR_CHECK(filter_rows, MK_AVR_WINDOW_FILTER_ROWS);
MK_AVR_CHECK(row_inputs, MK_AVR_WINDOW_ROW_INPUTS);
MK_AVR_CHECK(offset, MK_AVR_WINDOW_OFFSET);
MK_AVR_CHECK(step, MK_AVR_WINDOW_STEP);
MK_AVR_CHECK(last_inside, MK_AVR_WINDOW_LAST_INSIDE);
MK_AVR_CHECK(pad, MK_AVR_WINDOW_PAD);
MK_AVR_CHECK(row, MK_AVR_WINDOW_ROW);
MK_AVR_CHECK(tile, MK_AVR_WINDOW_TILE);
typedef char mk_avr_check_end[sizeof(struct mk_avr_window) == MK_AVR_WINDOW_SUMS ? 1 : -1];
#endif

void mk_avr_window_begin(struct mk_avr_window *w, const struct mk_conv_avr *c, uint8_t *operands, uint8_t group_channels)
{
    mk_avr_tile_configure(&w->tile, c);
    w->filter_rows = (uint8_t)c->filter_h;
    w->row_inputs = (uint8_t)((uint8_t)c->filter_w * (uint8_t)c->in_c);
    w->step = (uint16_t)(c->stride_w * c->in_c);
    w->last_inside = (int16_t)(((int16_t)c->in_w - (int16_t)c->filter_w) * (int16_t)c->in_c);
    w->pad = (int8_t)(c->pad_value - 128);
    w->row = w->rows.row;
    w->tile.operands = operands;
    w->tile.operand_count = (uint8_t)(w->filter_rows * w->row_inputs);
    w->tile.group_bytes = (uint16_t)(w->tile.operand_count * group_channels);
}

void mk_avr_window_row(struct mk_avr_window *w, const struct mk_conv_avr *c, int8_t *out, const int8_t *in, uint16_t r)
{
    mk_avr_patch_rows_at(&w->rows, c, in, r);
    w->positions = c->out_w;
    w->offset = (int16_t)(-c->pad_left * (int16_t)c->in_c);
    const uint16_t out_row = mk_avr_ring_row(r, c->out_ring);
    mk_avr_tile_begin(&w->tile, c->weights, c->records, out + (uint16_t)(out_row * c->out_w) * c->out_c, c->out_c, 0);
    w->weights = w->tile.weights;
    w->records = w->tile.records;
#if defined(__AVR__)
    w->weights_bank = w->tile.weights_bank;
    w->records_bank = w->tile.records_bank;
#endif
}

/* Rows of outputs from row r on that can be taken for one row: single positions side by side in memory. */
static uint16_t rows_side_by_side(const struct mk_conv_avr *c, uint16_t r, uint16_t row_end)
{
    if (c->in_w != 1 || c->out_w != 1 || c->filter_h != 1 || c->pad_top != 0 || (c->out_h - 1) * c->stride_h >= c->in_h ||
        c->in_ring < c->in_h || c->out_ring < c->out_h || r >= c->out_h)
        return 1;
    return (uint16_t)((row_end < c->out_h ? row_end : c->out_h) - r);
}

uint16_t mk_avr_window_rows(struct mk_avr_window *w, const struct mk_conv_avr *c, int8_t *out, const int8_t *in, uint16_t r,
                            uint16_t row_end)
{
    const uint16_t rows = rows_side_by_side(c, r, row_end);
    mk_avr_window_row(w, c, out, in, r);
    if (rows > 1) {
        w->positions = rows;
        w->step = (uint16_t)(c->stride_h * c->in_c);
        w->last_inside = (int16_t)((uint16_t)(rows - 1) * w->step);
    }
    return (uint16_t)(r + rows);
}
