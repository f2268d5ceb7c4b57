/* mk_conv_2d_s8_single_avr.c: convolutions whose inputs under the filter lie side by side and are hardly ever zero: filters
 * of one row, without padding, and fully connected layers; see mk_avr_single.h. */
#include "mk_avr_position.h"
#include "mk_avr_runs.h"
#include "mk_avr_single.h"

/* Not inlined, as on the frame of the caller, with its parameters, every load takes three instructions. */
static MK_NOINLINE void compute(struct mk_avr_position *p)
{
    const struct mk_conv_avr *const c = p->c;
    const uint16_t inputs = (uint16_t)(c->filter_w * c->in_c);
    p->tile.operand_count = (uint8_t)((inputs + 3) / 4);
    p->tile.pixels = (uint8_t)(inputs % 4);
    while (mk_avr_position_next(p)) {
        const int8_t *const from = p->rows.row[0] + (uint16_t)((uint16_t)p->x * c->in_c);
        p->tile.operands = (const uint8_t *)from;
        mk_avr_tile_correct(p->tile.correction, mk_avr_sum_run(from, inputs));
        mk_avr_single(&p->tile);
    }
}

void mk_conv_2d_s8_single_avr(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin,
                              uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_avr, c, p);
    struct mk_avr_position position;
    mk_avr_position_begin(&position, c, out, in, row_begin, row_end);
    compute(&position);
}
