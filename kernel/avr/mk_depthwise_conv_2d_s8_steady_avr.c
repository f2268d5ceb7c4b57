/* mk_depthwise_conv_2d_s8_steady_avr.c: depthwise convolutions of multiplier 1 in a time that does not depend on data; see
 * mk_avr_steady.h. */
#include "mk_avr_patch.h"
#include "mk_avr_steady.h"

enum { MOST_TAPS = 64 };

/* Lists the taps of the position whose filter begins at column x. */
static void list_taps(const int8_t **list, const struct mk_conv_avr *c, const struct mk_avr_patch_rows *rows, int16_t x)
{
    for (uint8_t fy = 0; fy < c->filter_h; fy++) {
        int16_t column = x;
        for (uint8_t fx = 0; fx < c->filter_w; fx++, column++)
            *list++ = !rows->row[fy] || column < 0 || column >= (int16_t)c->in_w
                          ? NULL
                          : rows->row[fy] + (uint16_t)((uint16_t)column * c->in_c);
    }
}

void mk_depthwise_conv_2d_s8_steady_avr(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin,
                                        uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_avr, c, p);
    const int8_t *list[MOST_TAPS];
    struct mk_avr_patch_rows rows;
    struct mk_avr_tile t;
    mk_avr_tile_configure(&t, c);
    t.operands = (const uint8_t *)(const void *)list;
    t.operand_count = (uint8_t)(c->filter_h * c->filter_w);
    memset(t.more_corrections, (int)c->pad_value - 128, sizeof t.more_corrections);
    const uint16_t out_row_bytes = (uint16_t)(c->out_w * c->out_c);
    for (uint16_t r = row_begin; r < row_end; r++) {
        mk_avr_patch_rows_at(&rows, c, in, r);
        int8_t *to = out + (uint16_t)((r % c->out_ring) * out_row_bytes);
        int16_t x = (int16_t)-c->pad_left;
        for (uint16_t i = 0; i < c->out_w; i++, to += c->out_c, x = (int16_t)(x + (int16_t)c->stride_w)) {
            list_taps(list, c, &rows, x);
            mk_avr_tile_begin(&t, c->weights, c->records, to, c->out_c, 0);
            mk_avr_steady_taps(&t);
        }
    }
}
