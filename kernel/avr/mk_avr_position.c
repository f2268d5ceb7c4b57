/* mk_avr_position.c: see mk_avr_position.h. */
#include "mk_avr_position.h"

void mk_avr_position_begin(struct mk_avr_position *p, const struct mk_conv_avr *c, int8_t *out, const int8_t *in, uint16_t row_begin,
                           uint16_t row_end)
{
    mk_avr_tile_configure(&p->tile, c);
    p->c = c;
    p->in = in;
    p->out = out;
    p->row = row_begin;
    p->row_end = row_end;
    p->left = 0;
}

uint8_t mk_avr_position_next(struct mk_avr_position *p)
{
    const struct mk_conv_avr *const c = p->c;
    p->x = (int16_t)(p->x + (int16_t)c->stride_w);
    if (p->left == 0) {
        if (p->row == p->row_end) return 0;
        const uint16_t r = p->row++;
        mk_avr_patch_rows_at(&p->rows, c, p->in, r);
        p->tile.out = p->out + (uint16_t)(mk_avr_ring_row(r, c->out_ring) * c->out_w) * c->out_c;
        p->left = c->out_w;
        p->x = (int16_t)-c->pad_left;
    }
    p->left--;
    mk_avr_tile_begin(&p->tile, c->weights, c->records, p->tile.out, c->out_c, 0);
    return 1;
}
