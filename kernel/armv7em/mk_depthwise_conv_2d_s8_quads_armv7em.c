/* mk_depthwise_conv_2d_s8_quads_armv7em.c: depthwise convolutions with up to 32 taps, whatever their shape and stride, and
 * 4 to 256 channels, as many out as in; see mk_armv7em_depthwise.h. */
#include "mk_armv7em_depthwise.h"
#include "mk_armv7em_rows.h"

enum { MOST_TAPS = 32, MOST_CHANNELS = 256 };

/* The taps' first channels at the position whose filter begins at column x. */
static void list_taps(const int8_t **list, const struct mk_conv_armv7em *c, const int8_t *const *rows, int32_t x,
                      const int8_t *pad)
{
    const struct mk_taps taps = mk_taps_inside(x, c->in_w, c->filter_w, 1);
    const int8_t **to = list;
    for (uint16_t fy = 0; fy < c->filter_h; fy++)
        for (uint16_t fx = 0; fx < c->filter_w; fx++) {
            const int inside = rows[fy] != NULL && fx >= taps.begin && fx < taps.end;
            *to++ = inside ? rows[fy] + (size_t)(x + fx) * c->in_c : pad;
        }
    *to = to[-1]; /* of an odd number the last is paired with itself, weighted 0 */
}

void mk_depthwise_conv_2d_s8_quads_armv7em(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_armv7em *p,
                                          uint16_t row_begin, uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_armv7em, c, p);
    const int8_t *list[MOST_TAPS + 1], *rows[MK_ARMV7EM_MOST_FILTER_ROWS];
    int8_t pad[MOST_CHANNELS];
    memset(pad, c->pad_value, c->in_c);
    struct mk_armv7em_taps taps;
    taps.pairs = ((uint32_t)c->filter_h * c->filter_w + 1) / 2;
    taps.list = list;
    taps.list_end = list + 2 * taps.pairs;
    taps.stream = c->stream;
    taps.stream_end = c->stream + c->stream_words;
    taps.way = c->way;
    taps.zero_point = c->out_zero_point;
    taps.act_min = c->act_min;
    taps.act_max = c->act_max;
    for (uint16_t r = row_begin; r < row_end; r++) {
        mk_armv7em_rows_at(rows, c, in, row_begin, r);
        taps.out = out + (size_t)(r % c->out_ring) * c->out_w * c->out_c;
        int32_t x = -c->pad_left;
        for (uint16_t i = 0; i < c->out_w; i++, x += c->stride_w, taps.out += c->out_c) {
            list_taps(list, c, rows, x, pad);
            mk_armv7em_depthwise_taps(&taps);
        }
    }
}
