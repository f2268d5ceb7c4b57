/* mk_armv7em_winograd_expand.c: blocks of rows for weights that are transformed on the chip; see
 * mk_armv7em_winograd_expand.h. */
#include "mk_armv7em_winograd_expand.h"

#include "mk_armv7em_portable.h"
#include "mk_armv7em_rows.h"

enum { QUAD = 4, PASSES = 6 };

struct expand {
    const struct mk_conv_armv7em *c;
    int32_t *inputs;       /* per eight columns, block_rows + 2 rows */
    size_t row_words, column_words;
    int32_t *stream;       /* of four output channels */
    uint32_t pairs;        /* of inputs under the filter */
    uint32_t record_words; /* of four */
    const int8_t *pad;
};

/* Both halves of a word, `factor` times. */
static inline int32_t scale(int32_t word, int32_t factor)
{
    const uint32_t low = (uint32_t)((int16_t)(uint16_t)word * factor), high = (uint32_t)((word >> 16) * factor);
    return (int32_t)((low & 0xffffu) | high << 16);
}

static MK_NOINLINE void scale_row(int32_t *words, uint32_t pairs)
{
    for (; pairs > 0; pairs--, words += MK_ARMV7EM_WINOGRAD_PAIR_WORDS)
        for (uint32_t side = 0; side < 2; side++) {
            words[side] = scale(words[side], 24);
            words[2 + side] = scale(words[2 + side], -16);
            words[4 + side] = scale(words[4 + side], -16);
            words[10 + side] = scale(words[10 + side], 24);
        }
}

/* Row `k` of the block's input. */
static void transform_row(const struct expand *v, const int8_t *row, uint32_t k)
{
    const struct mk_conv_armv7em *c = v->c;
    int32_t *to = v->inputs + k * v->row_words;
    for (int32_t x = 0; x < c->out_w; x += MK_ARMV7EM_WINOGRAD_TILE_WIDTH, to += v->column_words) {
        mk_armv7em_winograd_transform(to, c, row, x - c->pad_left, v->pad);
        scale_row(to, mk_armv7em_winograd_channels(c) / 2);
    }
}

/* Four output channels' part of the layer's stream to one for the tile; returns what comes after it. */
static const int32_t *expand_quad(const struct expand *v, const int32_t *from)
{
    const uint32_t quads = v->pairs / 2, pass_words = v->pairs * QUAD;
    int32_t *to = v->stream;
    for (uint32_t i = 0; i < QUAD; i++) *to++ = *from++;
    for (uint32_t i = 0; i < QUAD; i++, from += 3 * quads) mk_armv7em_winograd_expand(to + i, from, 4 * pass_words, quads);
    to += PASSES * pass_words;
    for (uint32_t i = 0; i < v->record_words; i++) *to++ = *from++;
    return from;
}

/* `count` rows of outputs from row r on, whose inputs are transformed. */
static void run_block(const struct expand *v, int8_t *out, uint16_t r, uint16_t count)
{
    const struct mk_conv_armv7em *c = v->c;
    const size_t position_bytes = c->out_c, row_bytes = c->out_w * position_bytes;
    const int32_t *const end = c->stream + c->stream_words;
    struct mk_armv7em_winograd tile;
    tile.bytes_of_inputs = (uint32_t)(12 * v->row_words);
    tile.channels = c->out_c;
    tile.stream = v->stream;
    tile.stream_end = v->stream + QUAD + PASSES * QUAD * v->pairs + v->record_words;
    tile.way = c->way;
    for (const int32_t *from = c->stream; from != end; out += QUAD) {
        from = expand_quad(v, from);
        for (uint16_t k = 0; k < count; k++) {
            tile.inputs = v->inputs + k * v->row_words;
            tile.out = out + (size_t)((r + k) % c->out_ring) * row_bytes;
            for (uint16_t x = 0; x < c->out_w; x = (uint16_t)(x + MK_ARMV7EM_WINOGRAD_TILE_WIDTH)) {
                mk_armv7em_winograd_tile(&tile);
                tile.inputs += v->column_words;
                tile.out += MK_ARMV7EM_WINOGRAD_TILE_WIDTH * position_bytes;
            }
        }
    }
}

void mk_armv7em_winograd_expand_conv_2d(int8_t *out, const int8_t *in, int32_t *scratch, const struct mk_conv_armv7em *c,
                                        uint16_t row_begin, uint16_t row_end, int8_t *pad)
{
    struct expand v;
    v.c = c;
    v.inputs = scratch;
    v.row_words = mk_armv7em_winograd_row_words(c);
    v.column_words = (c->block_rows + 2u) * v.row_words;
    v.stream = scratch + c->out_w / MK_ARMV7EM_WINOGRAD_TILE_WIDTH * v.column_words;
    v.pairs = 3 * mk_armv7em_winograd_channels(c) / 2;
    v.record_words = QUAD * mk_armv7em_record_words(c->way);
    v.pad = pad;
    memset(pad, c->pad_value, mk_armv7em_winograd_channels(c));
    for (uint16_t r = row_begin, count; r < row_end; r = (uint16_t)(r + count)) {
        const int8_t *rows[3];
        count = 0;
        do {
            mk_armv7em_rows_at(rows, c, in, row_begin, (uint16_t)(r + count));
            for (uint32_t fy = count ? 2 : 0; fy < 3; fy++) transform_row(&v, rows[fy], count + fy);
            count++;
        } while (count < c->block_rows && r + count < row_end && (r + count) % c->out_h != 0);
        run_block(&v, out, r, count);
    }
}

#if !defined(__arm__)
static int32_t halves(int32_t low, int32_t high)
{
    return (int32_t)(((uint32_t)low & 0xffffu) | (uint32_t)high << 16);
}

/* The weight in byte i of a word. */
static int32_t byte_of(int32_t word, int i)
{
    return (int8_t)(uint8_t)((uint32_t)word >> (8 * i));
}

void mk_armv7em_winograd_expand(int32_t *to, const int32_t *weights, uint32_t pass_bytes, uint32_t quads)
{
    for (uint32_t quad = 0; quad < quads; quad++, weights += 3)
        for (int odd = 0; odd < 2; odd++, to += QUAD) {
            int32_t u[PASSES][2];
            for (int half = 0; half < 2; half++) {
                const int i = odd + 2 * half;
                const int32_t g0 = byte_of(weights[0], i), g1 = byte_of(weights[1], i), g2 = byte_of(weights[2], i);
                const int32_t of[PASSES] = {2 * (g0 + g1 + g2),    2 * (g0 - g1 + g2), g0 + 2 * g1 + 4 * g2,
                                            g0 - 2 * g1 + 4 * g2, 2 * g0,             8 * g2};
                for (int j = 0; j < PASSES; j++) u[j][half] = of[j];
            }
            for (uint32_t j = 0; j < PASSES; j++) to[j * pass_bytes / 4] = halves(u[j][0], u[j][1]);
        }
}
#endif
