/* mk_depthwise_conv_2d_s8_3x3_scalar32.c: depthwise 3x3 convolutions with stride 1 or 2 along rows and at most one column of
 * padding on either side; see mk_scalar32_columns.h. */
#include "mk_scalar32_columns.h"
#include "mk_scalar32_requantize.h"
#include "mk_scalar32_rows.h"

enum { CHANNELS = 4, MOST_STREAM_WORDS = MK_SCALAR32_STARTS + 4 + MK_SCALAR32_TAP_WORDS };

static void run(const struct mk_scalar32_columns *c)
{
#if MK_SCALAR32_TILE_IN_ASSEMBLY
    if (mk_scalar32_has_assembly(c->conv)) {
        mk_scalar32_columns_assembly(c);
        return;
    }
#endif
    mk_scalar32_columns(c);
}

/* A channel's stream for rows of which some are padding: their weights count as 0, and their part of the starts is taken
 * back. */
static void drop_missing(int32_t *stream, int32_t *taps, const int8_t *const *rows, int32_t zero_point)
{
    for (int fy = 0; fy < 3; fy++) {
        if (rows[fy]) continue;
        const int8_t w0 = (int8_t)taps[fy], w1 = (int8_t)(taps[fy] >> 8), w2 = (int8_t)(taps[fy] >> 16);
        stream[0] += (w0 + w1 + w2) * zero_point;
        stream[1] -= w0 * zero_point;
        stream[2] -= w2 * zero_point;
        taps[fy] = 0;
    }
}

/* The same as run() where some rows are padding: a few channels at a time. */
static void run_padded(const struct mk_scalar32_columns *all, const int8_t *const *rows)
{
    const uint32_t words = MK_SCALAR32_STARTS + all->record_words + MK_SCALAR32_TAP_WORDS;
    int32_t stream[CHANNELS * MOST_STREAM_WORDS];
    struct mk_scalar32_columns c = *all;
    c.stream = c.stream_end = stream;
    for (const int32_t *from = all->stream; from != all->stream_end;) {
        int32_t *const to = stream + (c.stream_end - stream);
        memcpy(to, from, words * sizeof *to);
        drop_missing(to, to + words - MK_SCALAR32_TAP_WORDS, rows, all->conv->in_zero_point);
        c.stream_end += words;
        from += words;
        if (c.stream_end != stream + CHANNELS * words && from != all->stream_end) continue;
        run(&c);
        const uint32_t channels = (uint32_t)(c.stream_end - stream) / words;
        c.out += channels;
        for (int fy = 0; fy < 3; fy++) c.rows[fy] += channels;
        c.stream_end = stream;
    }
}

/* `count` outputs of a row from number x on. */
static void run_part(struct mk_scalar32_columns *c, int8_t *out, const int8_t *const *rows, uint32_t x, uint32_t count)
{
    const struct mk_conv_scalar32 *const p = c->conv;
    const int32_t origin = (int32_t)(x * p->stride_w) - p->pad_left;
    const int8_t *const any = rows[0] ? rows[0] : rows[1] ? rows[1] : rows[2];
    c->out = out;
    c->left = origin < 0;
    c->right = origin + (int32_t)((count - 1) * p->stride_w) + 3 > p->in_w;
    c->inside = count - c->right;
    for (int fy = 0; fy < 3; fy++)
        c->rows[fy] = (rows[fy] ? rows[fy] : any) + (c->left ? 0u : (uint32_t)origin) * c->step;
    if (rows[0] && rows[1] && rows[2]) run(c);
    else run_padded(c, rows);
}

void mk_depthwise_conv_2d_s8_3x3_scalar32(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_scalar32 *flash_params,
                                          uint16_t row_begin, uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_scalar32, p, flash_params);
    const int8_t *rows[3];
    const uint32_t record_words = mk_scalar32_record_words(p->way);
    const uint32_t words = MK_SCALAR32_STARTS + record_words + MK_SCALAR32_TAP_WORDS;
    const uint32_t most = mk_scalar32_has_assembly(p) ? p->out_w : MK_SCALAR32_MOST_COLUMNS;
    struct mk_scalar32_columns c = {.step = p->in_c, .stream = p->weights, .stream_end = p->weights + p->in_c * words,
                                    .least = p->act_min, .most = p->act_max, .shift_before = p->shift_before,
                                    .shift_after = p->shift_after, .slack = p->slack, .stride = p->stride_w, .out_zero_point = p->out_zero_point,
                                    .record_words = record_words, .conv = p};
    for (uint16_t r = row_begin; r < row_end; r++) {
        mk_scalar32_rows_at(rows, p, in, row_begin, r);
        int8_t *to = out + (size_t)(r % p->out_ring) * p->out_w * p->out_c;
        for (uint32_t x = 0; x < p->out_w; x += most, to += (size_t)most * p->out_c)
            run_part(&c, to, rows, x, p->out_w - x < most ? p->out_w - x : most);
    }
}
