/* mk_transpose_conv.inl: the body of every transpose_conv kernel, compiled once per variant; the including file
 * provides what mk_conv_2d.inl says.
 *
 * The reference scatters every input over the outputs that it reaches; gathering the same products output by output
 * gives the same integer sums, and needs no scratch memory:
 * out[n][y][x][o] = clamp(zero point + rescale(bias[o] + sum over fy, fx, i of
 *     (in[n][(y + pad_top - fy) / stride_h][likewise x][i] + in_offset) * weights[o][fy][fx][i]))
 * over the taps for which the divisions leave no remainder and the input position exists. */
#include "mk_channels.inl"
#include "mk_run.inl"

/* Taps of one axis that reach an output: tap `first` reads input position `position`, and every `stride` taps further
 * on the position before. With count 0 the rest means nothing. */
struct mk_reaching_taps {
    uint16_t first, count, position;
};

static MK_NOINLINE struct mk_reaching_taps mk_taps_reaching(uint32_t padded_position, uint16_t stride, uint16_t taps,
                                                            uint16_t in_size)
{
    uint32_t position = padded_position / stride, tap = padded_position % stride;
    if (position >= in_size) { /* the first taps read beyond the input's end */
        tap += (position - (in_size - 1u)) * stride;
        position = in_size - 1u;
    }
    struct mk_reaching_taps reaching = {(uint16_t)tap, 0, (uint16_t)position};
    if (tap < taps) {
        const uint32_t count = (taps - tap - 1u) / stride + 1u;
        reaching.count = (uint16_t)(count > position + 1u ? position + 1u : count);
    }
    return reaching;
}

/* Sum over the taps at one output position and output channel; weights points at the channel's filter, `row` is the
 * input row of tap y->first. */
static MK_NOINLINE MK_ACCUMULATOR mk_transpose_sum(const MK_CONV *c, const struct mk_reaching_taps *y,
                                                   const struct mk_reaching_taps *x, uint16_t row, const MK_ELEMENT *in,
                                                   MK_FLASH int8_t *weights)
{
    if (y->count == 0 || x->count == 0) return 0;
    const size_t row_elements = (size_t)c->in_w * c->in_c;
    const uint32_t tap_step = (uint32_t)c->stride_w * c->in_c;
    const uint32_t filter_row_step = (uint32_t)c->stride_h * c->filter_w * c->in_c;

    MK_ACCUMULATOR sum = 0;
    const uint32_t first_tap = (uint32_t)y->first * c->filter_w + x->first;
    weights = mk_flash_skip_s8(weights, first_tap * c->in_c);
    for (uint16_t i = 0; i < y->count; i++) {
        MK_FLASH int8_t *w = weights;
        const MK_ELEMENT *const in_row = in + row * row_elements;
        for (uint16_t j = 0; j < x->count; j++) {
            const uint16_t position = (uint16_t)(x->position - j);
            sum += mk_run(in_row + (size_t)position * c->in_c, w, c->in_c, c->in_offset);
            w = mk_flash_skip_s8(w, tap_step);
        }
        weights = mk_flash_skip_s8(weights, filter_row_step);
        row = (uint16_t)((row == 0 ? c->in_ring : row) - 1u);
    }
    return sum;
}

void MK_FUNCTION(MK_ELEMENT *out, const MK_ELEMENT *in, MK_FLASH MK_CONV *p, uint16_t row_begin, uint16_t row_end)
{
    MK_PARAMS(MK_CONV, c, p);
    const uint32_t filter_elements = (uint32_t)c->filter_h * c->filter_w * c->in_c;
    const size_t out_row_elements = (size_t)c->out_w * c->out_c;
    for (uint16_t r = row_begin; r < row_end; r++) {
        const uint16_t n = (uint16_t)(r / c->out_h);
        const uint32_t padded_y = (uint32_t)(r % c->out_h) + (uint16_t)c->pad_top;
        const struct mk_reaching_taps taps_y = mk_taps_reaching(padded_y, c->stride_h, c->filter_h, c->in_h);
        const uint16_t first_row = (uint16_t)(((uint32_t)n * c->in_h + taps_y.position) % c->in_ring);
        MK_ELEMENT *to = out + (r % c->out_ring) * out_row_elements;
        for (uint16_t x = 0; x < c->out_w; x++) {
            const uint32_t padded_x = (uint32_t)x + (uint16_t)c->pad_left;
            const struct mk_reaching_taps taps_x = mk_taps_reaching(padded_x, c->stride_w, c->filter_w, c->in_w);
            MK_FLASH int8_t *weights = c->weights;
            struct mk_channels channels = mk_channels_begin(c);
            for (uint16_t o = c->out_c; o > 0; o--) {
                const MK_ACCUMULATOR sum = mk_transpose_sum(c, &taps_y, &taps_x, first_row, in, weights);
                *to++ = mk_channels_output(&channels, c, sum);
                weights = mk_flash_skip_s8(weights, filter_elements);
            }
        }
    }
}
