/* mk_conv_2d_s8_sparse_avr.c: convolutions of at most 64 inputs per output that skip zeros. Per output position, the inputs
 * under the filter are gathered into a list on the stack; then all channels are computed from it. */
#include "mk_avr_patch.h"
#include "mk_avr_sparse.h"

/* Gathers the position whose filter begins at column x. */
static void gather(const struct mk_conv_avr *c, const struct mk_avr_patch_rows *rows, int16_t x, struct mk_avr_gather *g)
{
    const struct mk_avr_patch_columns columns = mk_avr_patch_columns_at(c, x);
    const uint8_t in_c = (uint8_t)c->in_c, pad = (uint8_t)c->pad_value;
    const int16_t first = (int16_t)((x + columns.left) * (int16_t)in_c);
    const uint8_t count = (uint8_t)(columns.inside * in_c);
    for (uint8_t fy = 0; fy < c->filter_h; fy++) {
        const int8_t *const row = rows->row[fy];
        if (!row || !count) {
            mk_avr_gather_fill(g, pad, (uint8_t)(c->filter_w * in_c));
            continue;
        }
        if (columns.left) mk_avr_gather_fill(g, pad, (uint8_t)(columns.left * in_c));
        mk_avr_gather(g, row + first, count);
        if (columns.right) mk_avr_gather_fill(g, pad, (uint8_t)(columns.right * in_c));
    }
}

void mk_conv_2d_s8_sparse_avr(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin,
                              uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_avr, c, p);
    uint8_t list[2 * MK_AVR_LIST_TAPS];
    struct mk_avr_patch_rows rows;
    struct mk_avr_tile t;
    mk_avr_tile_configure(&t, c);
    t.operands = list;
    const uint8_t pointwise = c->filter_h == 1 && c->filter_w == 1 && c->pad_top == 0 && c->pad_left == 0 &&
                              c->in_h > (c->out_h - 1) * c->stride_h && c->in_w > (c->out_w - 1) * c->stride_w;
    const uint16_t out_row_bytes = (uint16_t)(c->out_w * c->out_c);
    for (uint16_t r = row_begin; r < row_end; r++) {
        mk_avr_patch_rows_at(&rows, c, in, r);
        int8_t *to = out + (uint16_t)((r % c->out_ring) * out_row_bytes);
        int16_t x = (int16_t)-c->pad_left;
        for (uint16_t i = 0; i < c->out_w; i++, to += c->out_c, x = (int16_t)(x + (int16_t)c->stride_w)) {
            struct mk_avr_gather g;
            mk_avr_gather_begin(&g, list);
            if (pointwise) mk_avr_gather(&g, rows.row[0] + (uint16_t)x * c->in_c, (uint8_t)c->in_c);
            else gather(c, &rows, x, &g);
            t.operand_count = (uint8_t)((uint8_t)(g.next - list) / 2);
            mk_avr_tile_begin(&t, c->weights, c->records, to, c->out_c, g.sum);
            mk_avr_sparse(&t);
        }
    }
}
