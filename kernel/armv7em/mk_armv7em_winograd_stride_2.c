/* mk_armv7em_winograd_stride_2.c: transforms the inputs of four output positions at a time; see
 * mk_armv7em_winograd_stride_2.h. */
#include "mk_armv7em_winograd_stride_2.h"

#include "mk_armv7em_halves.h"
#include "mk_armv7em_rows.h"

enum { WIDTH = 4, COLUMNS = 2 * WIDTH + 1 };

/* One pair of channels of two outputs; every second word of `to`. */
static inline void transform(int32_t *to, uint32_t d0, uint32_t d1, uint32_t d2, uint32_t d3, uint32_t d4)
{
    to[0] = (int32_t)d2;
    to[2] = (int32_t)mk_halves_subtract(d0, d2);
    to[4] = (int32_t)d1;
    to[6] = (int32_t)d3;
    to[8] = (int32_t)mk_halves_subtract(d4, d2);
}

/* All channels of five inputs of a row. */
static MK_NOINLINE void transform_five(int32_t *to, const int8_t *const *inputs, uint32_t channels)
{
    for (uint32_t c = 0; c < channels; c += 4, to += 2 * MK_ARMV7EM_WINOGRAD_PAIR_WORDS) {
        const uint32_t d0 = mk_halves_load(inputs[0] + c), d1 = mk_halves_load(inputs[1] + c);
        const uint32_t d2 = mk_halves_load(inputs[2] + c), d3 = mk_halves_load(inputs[3] + c);
        const uint32_t d4 = mk_halves_load(inputs[4] + c);
        transform(to, mk_halves_widen_even(d0), mk_halves_widen_even(d1), mk_halves_widen_even(d2),
                  mk_halves_widen_even(d3), mk_halves_widen_even(d4));
        transform(to + MK_ARMV7EM_WINOGRAD_PAIR_WORDS, mk_halves_widen_odd(d0), mk_halves_widen_odd(d1),
                  mk_halves_widen_odd(d2), mk_halves_widen_odd(d3), mk_halves_widen_odd(d4));
    }
}

void mk_armv7em_winograd_stride_2_conv_2d(int8_t *out, const int8_t *in, const struct mk_conv_armv7em *c, uint16_t row_begin,
                                          uint16_t row_end, int32_t *inputs, int8_t *pad)
{
    const size_t row_words = mk_armv7em_winograd_row_words(c);
    const struct mk_armv7em_winograd layer = {.inputs = inputs,
                                              .bytes_of_inputs = (uint32_t)(12 * row_words),
                                              .channels = c->out_c,
                                              .stream = c->stream,
                                              .stream_end = c->stream + c->stream_words,
                                              .way = c->way};
    struct mk_armv7em_winograd tile = layer;
    memset(pad, c->pad_value, mk_armv7em_winograd_channels(c));
    for (uint16_t r = row_begin; r < row_end; r++) {
        const int8_t *rows[3];
        mk_armv7em_rows_at(rows, c, in, row_begin, r);
        tile.out = out + (size_t)(r % c->out_ring) * c->out_w * c->out_c;
        for (int32_t x = -c->pad_left, i = 0; i < c->out_w; i += WIDTH, x += 2 * WIDTH) {
            for (uint32_t fy = 0; fy < 3; fy++) {
                const int8_t *columns[COLUMNS];
                int8_t last[64];
                mk_armv7em_winograd_gather(columns, COLUMNS, c, rows[fy], x, pad, last);
                transform_five(inputs + fy * row_words, columns, c->in_c);
                transform_five(inputs + fy * row_words + 1, columns + 4, c->in_c);
            }
            mk_armv7em_winograd_tile_stride_2(&tile);
            tile.out += WIDTH * (size_t)c->out_c;
        }
    }
}
