/* mk_conv_2d_s8_dense_avr.c: convolutions of at most 64 inputs per output whose inputs are hardly ever zero: the inputs of
 * up to three neighbouring positions are gathered on the stack, then all their channels are computed; see mk_avr_dense.h. */
#include "mk_avr_dense.h"
#include "mk_avr_patch.h"

/* Gathers the position whose filter begins at column x. */
static void gather(const struct mk_conv_avr *c, const struct mk_avr_patch_rows *rows, int16_t x, struct mk_avr_gather_dense *g)
{
    const struct mk_avr_patch_columns columns = mk_avr_patch_columns_at(c, x);
    const uint8_t in_c = (uint8_t)c->in_c, pad = (uint8_t)c->pad_value;
    const int16_t first = (int16_t)((x + columns.left) * (int16_t)in_c);
    const uint8_t count = (uint8_t)(columns.inside * in_c);
    for (uint8_t fy = 0; fy < c->filter_h; fy++) {
        const int8_t *const row = rows->row[fy];
        if (!row || !count) {
            mk_avr_gather_dense_fill(g, pad, (uint8_t)(c->filter_w * in_c));
            continue;
        }
        if (columns.left) mk_avr_gather_dense_fill(g, pad, (uint8_t)(columns.left * in_c));
        mk_avr_gather_dense(g, row + first, count);
        if (columns.right) mk_avr_gather_dense_fill(g, pad, (uint8_t)(columns.right * in_c));
    }
}

/* Three at a time, but two and two rather than three and one. */
static uint8_t next_pixels(uint16_t left)
{
    if (left == 4) return 2;
    return (uint8_t)(left < MK_AVR_DENSE_PIXELS ? left : MK_AVR_DENSE_PIXELS);
}

void mk_conv_2d_s8_dense_avr(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin,
                             uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_avr, c, p);
    uint8_t patches[MK_AVR_DENSE_PIXELS * MK_AVR_LIST_TAPS];
    struct mk_avr_patch_rows rows;
    struct mk_avr_tile t;
    mk_avr_tile_configure(&t, c);
    t.operands = patches;
    t.operand_count = (uint8_t)(c->filter_h * c->filter_w * c->in_c);
    t.group_bytes = (uint16_t)(2 * t.operand_count);
    const uint16_t out_row_bytes = (uint16_t)(c->out_w * c->out_c);
    for (uint16_t r = row_begin; r < row_end; r++) {
        mk_avr_patch_rows_at(&rows, c, in, r);
        int8_t *to = out + (uint16_t)((r % c->out_ring) * out_row_bytes);
        int16_t x = (int16_t)-c->pad_left;
        for (uint16_t left = c->out_w; left > 0; left = (uint16_t)(left - t.pixels)) {
            uint8_t *const corrections[MK_AVR_DENSE_PIXELS] = {t.correction, t.more_corrections[0], t.more_corrections[1]};
            uint16_t sums[MK_AVR_DENSE_PIXELS];
            t.pixels = next_pixels(left);
            for (uint8_t i = 0; i < t.pixels; i++, x = (int16_t)(x + (int16_t)c->stride_w)) {
                struct mk_avr_gather_dense g = {patches + i, t.pixels == 3 ? 3 : 2, 0};
                gather(c, &rows, x, &g);
                sums[i] = g.sum;
            }
            mk_avr_tile_begin(&t, c->weights, c->records, to, c->out_c, sums[0]);
            for (uint8_t i = 1; i < t.pixels; i++) mk_avr_tile_correct(corrections[i], sums[i]);
            mk_avr_dense(&t);
            to += t.pixels * c->out_c;
        }
    }
}
