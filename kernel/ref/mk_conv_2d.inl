/* mk_conv_2d.inl: the body of every conv_2d kernel, compiled once per variant. The including file names the function
 * MK_FUNCTION and includes a mk_variant_*.h, which defines the types, mk_product, mk_load_bias and mk_rescale.
 *
 * out[n][y][x][o] = clamp(zero point + rescale(bias[o] + sum over fy, fx, i of
 *     (in[n][y * stride - pad + fy * dilation][likewise x][group * filter_c + i] + in_offset) * weights[o][fy][fx][i]))
 * where taps outside the input count as zero. */
#include "mk_channels.inl"
#include "mk_conv_window.inl"
#include "mk_run.inl"

/* Taps side by side in the input form one run per filter row; otherwise every tap is a run of its own. */
struct mk_conv_runs {
    uint16_t rows, runs_per_row;
    uint16_t elements; /* of a run */
    uint16_t first_row;
    size_t row_bytes;
    size_t first_element, step;
    uint32_t first_weight, skipped_weights; /* before the first run; after the runs of a filter row */
};

static MK_NOINLINE void mk_conv_runs_at(struct mk_conv_runs *runs, const MK_CONV *c,
                                        const struct mk_conv_window *window)
{
    const uint16_t taps = (uint16_t)(window->taps_x.end - window->taps_x.begin);
    const uint8_t side_by_side = c->dilation_w == 1 && c->filter_c == c->in_c;
    runs->rows = (uint16_t)(window->taps_y.end - window->taps_y.begin);
    runs->runs_per_row = side_by_side ? 1 : taps;
    runs->elements = side_by_side ? (uint16_t)((uint32_t)taps * c->filter_c) : c->filter_c;
    runs->first_row = window->first_row;
    runs->row_bytes = (size_t)c->in_w * c->in_c * sizeof(MK_ELEMENT);
    runs->first_element = window->first_element;
    runs->step = (size_t)c->dilation_w * c->in_c;
    runs->first_weight = window->first_tap * c->filter_c;
    runs->skipped_weights = (uint32_t)(c->filter_w - taps) * c->filter_c;
}

/* Sum over the taps at one output position and output channel; weights points at the channel's filter, and `element` is
 * that of an input row at which the first tap begins, in the channel's group. */
static MK_NOINLINE MK_ACCUMULATOR mk_conv_sum(const MK_CONV *c, const struct mk_conv_runs *runs,
                                              const MK_ELEMENT *in, size_t element, MK_FLASH int8_t *weights)
{
    MK_ACCUMULATOR sum = 0;
    uint16_t row = runs->first_row;
    weights = mk_flash_skip_s8(weights, runs->first_weight);
    for (uint16_t i = runs->rows; i > 0; i--) {
        const MK_ELEMENT *run = (const MK_ELEMENT *)mk_input_row(in, row, runs->row_bytes, c->in_ring) + element;
        for (uint16_t j = runs->runs_per_row; j > 0; j--) {
            sum += mk_run(run, weights, runs->elements, c->in_offset);
            run += runs->step;
            weights = mk_flash_skip_s8(weights, runs->elements);
        }
        weights = mk_flash_skip_s8(weights, runs->skipped_weights);
        row = mk_ring_forward(row, c->dilation_h, c->in_ring);
    }
    return sum;
}

/* All output channels at one output position. */
static MK_NOINLINE void mk_conv_position(MK_ELEMENT *out, const MK_ELEMENT *in, const MK_CONV *c,
                                         const struct mk_conv_runs *runs)
{
    const uint16_t out_per_group = (uint16_t)((uint32_t)c->out_c * c->filter_c / c->in_c);
    const uint32_t filter_elements = (uint32_t)c->filter_h * c->filter_w * c->filter_c;
    MK_FLASH int8_t *weights = c->weights;
    struct mk_channels channels = mk_channels_begin(c);
    uint16_t left_in_group = out_per_group;
    size_t element = runs->first_element;
    for (uint16_t o = c->out_c; o > 0; o--) {
        *out++ = mk_channels_output(&channels, c, mk_conv_sum(c, runs, in, element, weights));
        weights = mk_flash_skip_s8(weights, filter_elements);
        if (--left_in_group == 0) {
            left_in_group = out_per_group;
            element += c->filter_c;
        }
    }
}

void MK_FUNCTION(MK_ELEMENT *out, const MK_ELEMENT *in, MK_FLASH MK_CONV *p, uint16_t row_begin, uint16_t row_end)
{
    MK_PARAMS(MK_CONV, c, p);
    const size_t out_row_elements = (size_t)c->out_w * c->out_c;
    for (uint16_t r = row_begin; r < row_end; r++) {
        MK_ELEMENT *to = out + (r % c->out_ring) * out_row_elements;
        struct mk_conv_window window;
        mk_conv_window_row(&window, c, row_begin, r);
        for (uint16_t x = 0; x < c->out_w; x++, to += c->out_c) {
            struct mk_conv_runs runs;
            mk_conv_window_column(&window, c, x);
            mk_conv_runs_at(&runs, c, &window);
            mk_conv_position(to, in, c, &runs);
        }
    }
}
