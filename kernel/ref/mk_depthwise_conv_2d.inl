/* mk_depthwise_conv_2d.inl: the body of every depthwise_conv_2d kernel, compiled once per variant; the including file
 * provides what mk_conv_2d.inl says.
 *
 * out[n][y][x][o] = clamp(zero point + rescale(bias[o] + sum over fy, fx of
 *     (in[n][y * stride - pad + fy * dilation][likewise x][o / depth multiplier] + in_offset) * weights[fy][fx][o]))
 * where taps outside the input count as zero. */
#include "mk_channels.inl"
#include "mk_conv_window.inl"

/* Inner product of inputs and weights that lie a step apart. */
static MK_NOINLINE MK_ACCUMULATOR mk_depthwise_run(const MK_ELEMENT *in, size_t in_step, MK_FLASH int8_t *weights,
                                                   uint16_t weight_step, uint16_t taps, int16_t offset)
{
    MK_ACCUMULATOR sum = 0;
    for (; taps > 0; taps--) {
        sum += mk_product(*in, offset, mk_flash_s8(weights));
        in += in_step;
        weights = mk_flash_skip_s8(weights, weight_step);
    }
    return sum;
}

/* Sum over the taps at one output position and channel: the first tap inside reads `element` of an input row, and
 * `weights` points at the output's channel in that tap. */
static MK_NOINLINE MK_ACCUMULATOR mk_depthwise_sum(const MK_CONV *c, const struct mk_conv_window *window,
                                                   const MK_ELEMENT *in, size_t element, MK_FLASH int8_t *weights)
{
    const uint16_t taps = (uint16_t)(window->taps_x.end - window->taps_x.begin);
    const size_t row_bytes = (size_t)c->in_w * c->in_c * sizeof(MK_ELEMENT);
    const size_t in_step = (size_t)c->dilation_w * c->in_c;
    const uint32_t filter_row_elements = (uint32_t)c->filter_w * c->out_c;

    MK_ACCUMULATOR sum = 0;
    uint16_t row = window->first_row;
    for (uint16_t fy = window->taps_y.begin; fy < window->taps_y.end; fy++) {
        const MK_ELEMENT *first = (const MK_ELEMENT *)mk_input_row(in, row, row_bytes, c->in_ring) + element;
        sum += mk_depthwise_run(first, in_step, weights, c->out_c, taps, c->in_offset);
        weights = mk_flash_skip_s8(weights, filter_row_elements);
        row = mk_ring_forward(row, c->dilation_h, c->in_ring);
    }
    return sum;
}

/* All output channels at one output position. */
static MK_NOINLINE void mk_depthwise_position(MK_ELEMENT *out, const MK_ELEMENT *in, const MK_CONV *c,
                                              const struct mk_conv_window *window)
{
    const uint16_t depth_multiplier = (uint16_t)(c->out_c / c->in_c);
    MK_FLASH int8_t *weights = mk_flash_skip_s8(c->weights, window->first_tap * c->out_c);
    struct mk_channels channels = mk_channels_begin(c);
    uint16_t left_of_channel = depth_multiplier;
    size_t element = window->first_element;
    for (uint16_t o = c->out_c; o > 0; o--) {
        *out++ = mk_channels_output(&channels, c, mk_depthwise_sum(c, window, in, element, weights++));
        if (--left_of_channel == 0) {
            left_of_channel = depth_multiplier;
            element++;
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
            mk_conv_window_column(&window, c, x);
            mk_depthwise_position(to, in, c, &window);
        }
    }
}
