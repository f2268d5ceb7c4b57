/* mk_conv_2d_s8_narrow_avr.c: convolutions with at most six output channels, read straight from the input; positions that
 * touch the padding are copied first. See mk_avr_narrow.h. */
#include "mk_avr_narrow.h"
#include "mk_avr_patch.h"

struct narrow {
    const int8_t *list[MK_AVR_MOST_FILTER_ROWS + 1];
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

/* Lists the inputs of the positions from the one on whose filter begins at column x, at most `left`; the count of those
 * that the tile can take at once. */
static uint8_t list_positions(struct narrow *n, const struct mk_conv_avr *c, int16_t x, uint16_t left, uint8_t row_inputs)
{
    int16_t room = (int16_t)(c->in_w - c->filter_w - (uint16_t)x);
    uint8_t is_inside = x >= 0 && room >= 0;
    for (uint8_t fy = 0; fy < c->filter_h; fy++)
        if (!n->rows.row[fy]) is_inside = 0;
    if (!is_inside) {
        copy_patch(n, c, x, row_inputs);
        return 1;
    }
    const uint16_t first = (uint16_t)x * c->in_c;
    for (uint8_t fy = 0; fy < c->filter_h; fy++) n->list[fy] = n->rows.row[fy] + first;
    if (c->stride_w > c->filter_w) return 1; /* the tile cannot leave inputs out */
    uint8_t count = 1;
    while (count < left && count < 255 && (room = (int16_t)(room - (int16_t)c->stride_w)) >= 0) count++;
    return count;
}

/* One row of outputs, from `to` on. Not inlined: on a frame as large as the caller's every load takes three instructions. */
static MK_NOINLINE void compute_row(struct narrow *n, const struct mk_conv_avr *c, struct mk_avr_tile *t, int8_t *to)
{
    const uint8_t row_inputs = (uint8_t)t->group_bytes;
    int16_t x = (int16_t)-c->pad_left;
    for (uint16_t left = c->out_w; left > 0;) {
        mk_avr_tile_begin(t, c->weights, c->records, to, c->out_c, 0);
        const uint8_t count = list_positions(n, c, x, left, row_inputs);
        t->pixels = count;
        mk_avr_narrow(t);
        to = t->out;
        left = (uint16_t)(left - count);
        x = (int16_t)(x + (int16_t)(count * c->stride_w));
    }
}

static MK_NOINLINE void configure(struct narrow *n, const struct mk_conv_avr *c, struct mk_avr_tile *t)
{
    const uint8_t row_inputs = (uint8_t)(c->filter_w * c->in_c);
    mk_avr_tile_configure(t, c);
    t->operands = (const uint8_t *)n->list;
    t->group_bytes = row_inputs;
    t->more_corrections[0][0] = (uint8_t)(row_inputs - c->stride_w * c->in_c);
    n->list[c->filter_h] = NULL;
}

void mk_conv_2d_s8_narrow_avr(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin,
                              uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_avr, c, p);
    struct narrow n;
    struct mk_avr_tile t;
    configure(&n, c, &t);
    const uint16_t out_row_bytes = (uint16_t)(c->out_w * c->out_c);
    for (uint16_t next = row_begin; next != row_end;) {
        const uint16_t r = row_begin < row_end ? next++ : --next;
        mk_avr_patch_rows_at(&n.rows, c, in, r);
        const uint16_t out_row = r < c->out_ring ? r : (uint16_t)(r % c->out_ring); /* a division is slow */
        compute_row(&n, c, &t, out + (uint16_t)(out_row * out_row_bytes));
    }
}
