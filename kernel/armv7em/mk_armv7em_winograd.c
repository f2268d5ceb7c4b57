/* mk_armv7em_winograd.c: transforms the inputs of eight output positions at a time; see mk_armv7em_winograd.h.
 *
 * Where the room holds the transformed inputs of a whole row of outputs, two thirds of them serve the next row of the same
 * call. */
#include "mk_armv7em_winograd.h"

#include "mk_armv7em_halves.h"
#include "mk_armv7em_rows.h"

#if defined(__arm__)
#define MK_CHECK(field, offset)                                                                                        \
    typedef char mk_armv7em_check_winograd_##field[offsetof(struct mk_armv7em_winograd, field) == (offset) ? 1 : -1]
MK_CHECK(inputs, MK_ARMV7EM_WINOGRAD_INPUTS);
MK_CHECK(bytes_of_inputs, MK_ARMV7EM_WINOGRAD_BYTES_OF_INPUTS);
MK_CHECK(out, MK_ARMV7EM_WINOGRAD_OUT);
MK_CHECK(channels, MK_ARMV7EM_WINOGRAD_CHANNELS);
MK_CHECK(stream, MK_ARMV7EM_WINOGRAD_STREAM);
MK_CHECK(stream_end, MK_ARMV7EM_WINOGRAD_STREAM_END);
MK_CHECK(way, MK_ARMV7EM_WINOGRAD_WAY);
typedef char mk_armv7em_check_winograd_size[sizeof(struct mk_armv7em_winograd) == MK_ARMV7EM_WINOGRAD_BYTES ? 1 : -1];
#endif

static inline uint32_t twice(uint32_t a)
{
    return mk_halves_add(a, a);
}

/* V0 to V5 of one pair of channels; every second word of `to`. */
static inline void transform(int32_t *to, uint32_t d0, uint32_t d1, uint32_t d2, uint32_t d3, uint32_t d4, uint32_t d5)
{
    const uint32_t e = mk_halves_subtract(d4, twice(twice(d2))), f = mk_halves_subtract(d3, twice(twice(d1)));
    const uint32_t g = mk_halves_subtract(d4, d2), h = twice(mk_halves_subtract(d3, d1));
    to[0] = (int32_t)mk_halves_add(twice(twice(mk_halves_subtract(d0, d2))), g);
    to[2] = (int32_t)mk_halves_add(e, f);
    to[4] = (int32_t)mk_halves_subtract(e, f);
    to[6] = (int32_t)mk_halves_add(g, h);
    to[8] = (int32_t)mk_halves_subtract(g, h);
    to[10] = (int32_t)mk_halves_subtract(mk_halves_subtract(d5, d3), twice(h));
}

/* All channels of six inputs of a row. About 90 instructions per four channels. */
static MK_NOINLINE void transform_six(int32_t *to, const int8_t *const *inputs, uint32_t channels)
{
    for (uint32_t c = 0; c < channels; c += 4, to += 2 * MK_ARMV7EM_WINOGRAD_PAIR_WORDS) {
        const uint32_t d0 = mk_halves_load(inputs[0] + c), d1 = mk_halves_load(inputs[1] + c), d2 = mk_halves_load(inputs[2] + c);
        const uint32_t d3 = mk_halves_load(inputs[3] + c), d4 = mk_halves_load(inputs[4] + c), d5 = mk_halves_load(inputs[5] + c);
        transform(to, mk_halves_widen_even(d0), mk_halves_widen_even(d1), mk_halves_widen_even(d2), mk_halves_widen_even(d3), mk_halves_widen_even(d4), mk_halves_widen_even(d5));
        transform(to + MK_ARMV7EM_WINOGRAD_PAIR_WORDS, mk_halves_widen_odd(d0), mk_halves_widen_odd(d1), mk_halves_widen_odd(d2), mk_halves_widen_odd(d3),
                  mk_halves_widen_odd(d4), mk_halves_widen_odd(d5));
    }
}

void mk_armv7em_winograd_gather(const int8_t **inputs, int count, const struct mk_conv_armv7em *c, const int8_t *row,
                                int32_t x, const int8_t *pad, int8_t *last)
{
    for (int i = 0; i < count; i++) {
        const int inside = row && x + i >= 0 && x + i < c->in_w;
        inputs[i] = inside ? row + (size_t)(x + i) * c->in_c : pad;
        if (!inside || c->in_c % 4 == 0 || x + i + 1 != c->in_w) continue;
        memcpy(last, pad, mk_armv7em_winograd_channels(c));
        inputs[i] = memcpy(last, inputs[i], c->in_c);
    }
}

void mk_armv7em_winograd_transform(int32_t *to, const struct mk_conv_armv7em *c, const int8_t *row, int32_t x,
                                   const int8_t *pad)
{
    const int8_t *inputs[10];
    int8_t last[64];
    mk_armv7em_winograd_gather(inputs, 10, c, row, x, pad, last);
    transform_six(to, inputs, c->in_c);
    transform_six(to + 1, inputs + 4, c->in_c);
}

/* The inputs of all three filter rows; or of the last one, if those of the output row above are there. */
static void transform_inputs(int32_t *to, const struct mk_conv_armv7em *c, const int8_t *const rows[3], int32_t x,
                             const int8_t *pad, int above)
{
    const size_t words = mk_armv7em_winograd_row_words(c);
    if (above) mk_armv7em_winograd_slide(to, to + words, (uint32_t)(2 * words));
    for (int fy = above ? 2 : 0; fy < 3; fy++) mk_armv7em_winograd_transform(to + (size_t)fy * words, c, rows[fy], x, pad);
}

void mk_armv7em_winograd_conv_2d(int8_t *out, const int8_t *in, const struct mk_conv_armv7em *c, uint16_t row_begin,
                                 uint16_t row_end, int32_t *inputs, uint32_t room_words, int8_t *pad)
{
    const int8_t *rows[3];
    struct mk_armv7em_winograd tile;
    const size_t tile_words = 3 * mk_armv7em_winograd_row_words(c);
    const int keeps = c->out_w / MK_ARMV7EM_WINOGRAD_TILE_WIDTH * tile_words <= room_words;
    tile.bytes_of_inputs = (uint32_t)(4 * tile_words);
    tile.channels = c->out_c;
    tile.stream = c->stream;
    tile.stream_end = c->stream + c->stream_words;
    tile.way = c->way;
    memset(pad, c->pad_value, mk_armv7em_winograd_channels(c));
    for (uint16_t r = row_begin; r < row_end; r++) {
        const int above = keeps && r > row_begin && r % c->out_h != 0;
        mk_armv7em_rows_at(rows, c, in, row_begin, r);
        tile.inputs = inputs;
        tile.out = out + (size_t)(r % c->out_ring) * c->out_w * c->out_c;
        for (uint16_t x = 0; x < c->out_w; x = (uint16_t)(x + MK_ARMV7EM_WINOGRAD_TILE_WIDTH)) {
            transform_inputs((int32_t *)tile.inputs, c, rows, x - c->pad_left, pad, above);
            mk_armv7em_winograd_tile(&tile);
            if (keeps) tile.inputs += tile_words;
            tile.out += MK_ARMV7EM_WINOGRAD_TILE_WIDTH * (size_t)c->out_c;
        }
    }
}
