/* mk_depthwise_conv_2d_s8_taps_avr.c: depthwise convolutions of at most 16 taps, multiplier 1; see mk_avr_taps.h. */
#include "mk_avr_taps.h"
#include "mk_avr_patch.h"

/* Lists the taps of the position whose filter begins at column x. */
static void list_taps(const int8_t **list, const struct mk_conv_avr *c, const struct mk_avr_patch_rows *rows, int16_t x)
{
    for (uint8_t fy = 0; fy < c->filter_h; fy++) {
        const int8_t *const row = rows->row[fy];
        int16_t column = x;
        for (uint8_t fx = 0; fx < c->filter_w; fx++, column++) {
            if (!row || column < 0 || column >= (int16_t)c->in_w) *list++ = NULL;
            else *list++ = row + (uint16_t)((uint16_t)column * c->in_c);
        }
    }
}

void mk_depthwise_conv_2d_s8_taps_avr(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin,
                                      uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_avr, c, p);
    const int8_t *list[MK_AVR_MOST_TAPS];
    struct mk_avr_patch_rows rows;
    struct mk_avr_tile t;
    mk_avr_tile_configure(&t, c);
    const uint8_t is_column = c->filter_w == 1 && c->in_w == 1 && c->out_w == 1 && c->pad_left == 0; /* the rows are the list */
    t.operands = (const uint8_t *)(is_column ? rows.row : list);
    t.operand_count = (uint8_t)(c->filter_h * c->filter_w);
    const uint16_t out_row_bytes = (uint16_t)(c->out_w * c->out_c);
    for (uint16_t r = row_begin; r < row_end; r++) {
        mk_avr_patch_rows_at(&rows, c, in, r);
        int8_t *to = out + (uint16_t)(mk_avr_ring_row(r, c->out_ring) * out_row_bytes);
        int16_t x = (int16_t)-c->pad_left;
        for (uint16_t left = c->out_w; left > 0; left--, x = (int16_t)(x + (int16_t)c->stride_w), to += c->out_c) {
            if (!is_column) list_taps(list, c, &rows, x);
            mk_avr_tile_begin(&t, c->weights, c->records, to, c->out_c, 0);
            t.correction[0] = (uint8_t)(c->pad_value - 128u);
            mk_avr_taps(&t);
        }
    }
}
