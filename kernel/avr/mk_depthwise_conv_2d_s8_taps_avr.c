/* mk_depthwise_conv_2d_s8_taps_avr.c: depthwise convolutions of at most 16 taps, multiplier 1; see mk_avr_taps.h. */
#include "mk_avr_position.h"
#include "mk_avr_taps.h"

/* Lists the taps of the position. */
static void list_taps(const int8_t **list, const struct mk_avr_position *p)
{
    const struct mk_conv_avr *const c = p->c;
    for (uint8_t fy = 0; fy < c->filter_h; fy++) {
        const int8_t *const row = p->rows.row[fy];
        int16_t column = p->x;
        for (uint8_t fx = 0; fx < c->filter_w; fx++, column++) {
            if (!row || column < 0 || column >= (int16_t)c->in_w) *list++ = NULL;
            else *list++ = row + (uint16_t)((uint16_t)column * c->in_c);
        }
    }
}

/* Not inlined, as on the frame of the caller, with its parameters, every load takes three instructions. */
static MK_NOINLINE void compute(struct mk_avr_position *p)
{
    const int8_t *list[MK_AVR_MOST_TAPS];
    const struct mk_conv_avr *const c = p->c;
    const uint8_t is_column = c->filter_w == 1 && c->in_w == 1 && c->out_w == 1 && c->pad_left == 0; /* the rows are the list */
    p->tile.operands = (const uint8_t *)(is_column ? p->rows.row : list);
    p->tile.operand_count = (uint8_t)(c->filter_h * c->filter_w);
    while (mk_avr_position_next(p)) {
        if (!is_column) list_taps(list, p);
        p->tile.correction[0] = (uint8_t)(c->pad_value - 128u);
        mk_avr_taps(&p->tile);
    }
}

void mk_depthwise_conv_2d_s8_taps_avr(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin,
                                      uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_avr, c, p);
    struct mk_avr_position position;
    mk_avr_position_begin(&position, c, out, in, row_begin, row_end);
    compute(&position);
}
