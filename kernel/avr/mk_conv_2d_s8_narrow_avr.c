/* mk_conv_2d_s8_narrow_avr.c: convolutions with at most six output channels, read straight from the input; positions that
 * touch the padding are copied first. See mk_avr_narrow.h. */
#include "mk_avr_narrow.h"
#include "mk_avr_patch.h"

struct narrow {
    const int8_t *list[MK_AVR_MOST_FILTER_ROWS];
    struct mk_avr_patch_rows rows;
    int8_t patch[MK_AVR_NARROW_TAPS];
};

/* Copies the inputs of the position whose filter begins at column x, with the padding around them. */
static MK_NOINLINE void copy_patch(struct narrow *n, const struct mk_conv_avr *c, int16_t x, uint8_t row_inputs)
{
    const struct mk_avr_patch_columns columns = mk_avr_patch_columns_at(c, x);
    int8_t *to = n->patch;
    memset(to, (int8_t)(c->pad_value - 128), (uint8_t)(c->filter_h * row_inputs));
    for (uint8_t fy = 0; fy < c->filter_h; fy++, to += row_inputs) {
        n->list[fy] = to;
        if (n->rows.row[fy])
            memcpy(to + (uint8_t)(columns.left * c->in_c), n->rows.row[fy] + (x + columns.left) * (int16_t)c->in_c,
                   (uint8_t)(columns.inside * c->in_c));
    }
}

static uint8_t is_inside(const struct narrow *n, const struct mk_conv_avr *c, int16_t x)
{
    if (x < 0 || x + (int16_t)c->filter_w > (int16_t)c->in_w) return 0;
    for (uint8_t fy = 0; fy < c->filter_h; fy++)
        if (!n->rows.row[fy]) return 0;
    return 1;
}

void mk_conv_2d_s8_narrow_avr(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin,
                              uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_avr, c, p);
    struct narrow n;
    struct mk_avr_tile t;
    mk_avr_tile_configure(&t, c);
    t.operands = (const uint8_t *)n.list;
    t.operand_count = (uint8_t)c->filter_h;
    t.group_bytes = (uint16_t)(c->filter_w * c->in_c);
    const uint16_t out_row_bytes = (uint16_t)(c->out_w * c->out_c);
    for (uint16_t r = row_begin; r < row_end; r++) {
        mk_avr_patch_rows_at(&n.rows, c, in, r);
        const uint16_t out_row = r < c->out_ring ? r : (uint16_t)(r % c->out_ring);
        int8_t *to = out + (uint16_t)(out_row * out_row_bytes);
        int16_t x = (int16_t)-c->pad_left;
        for (uint16_t left = c->out_w; left > 0; left--, x = (int16_t)(x + (int16_t)c->stride_w), to += c->out_c) {
            if (is_inside(&n, c, x))
                for (uint8_t fy = 0; fy < c->filter_h; fy++) n.list[fy] = n.rows.row[fy] + x * (int16_t)c->in_c;
            else copy_patch(&n, c, x, (uint8_t)t.group_bytes);
            mk_avr_tile_begin(&t, c->weights, c->records, to, c->out_c, 0);
            mk_avr_narrow(&t);
        }
    }
}
