/* mk_conv_2d_s8_single_avr.c: convolutions whose inputs under the filter lie side by side and are hardly ever zero: filters
 * of one row, without padding, and fully connected layers; see mk_avr_single.h. */
#include "mk_avr_patch.h"
#include "mk_avr_runs.h"
#include "mk_avr_single.h"

void mk_conv_2d_s8_single_avr(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin,
                              uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_avr, c, p);
    struct mk_avr_patch_rows rows;
    struct mk_avr_tile t;
    const uint16_t inputs = (uint16_t)(c->filter_w * c->in_c), step = (uint16_t)(c->stride_w * c->in_c);
    const uint16_t out_row_bytes = (uint16_t)(c->out_w * c->out_c);
    mk_avr_tile_configure(&t, c);
    t.operand_count = (uint8_t)((inputs + 3) / 4);
    t.pixels = (uint8_t)(inputs % 4);
    for (uint16_t r = row_begin; r < row_end; r++) {
        mk_avr_patch_rows_at(&rows, c, in, r);
        const uint16_t out_row = mk_avr_ring_row(r, c->out_ring);
        const int8_t *from = rows.row[0];
        int8_t *to = out + (uint16_t)(out_row * out_row_bytes);
        for (uint16_t left = c->out_w; left > 0; left--, from += step, to += c->out_c) {
            t.operands = (const uint8_t *)from;
            mk_avr_tile_begin(&t, c->weights, c->records, to, c->out_c, mk_avr_sum_run(from, inputs));
            mk_avr_single(&t);
        }
    }
}
