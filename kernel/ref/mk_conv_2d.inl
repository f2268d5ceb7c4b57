/* mk_conv_2d.inl: the body of every conv_2d kernel, compiled once per variant. The including file names the function
 * MK_FUNCTION and includes a mk_variant_*.h, which defines the types, mk_product, mk_load_bias and mk_rescale.
 *
 * out[n][y][x][o] = clamp(zero point + rescale(bias[o] + sum over fy, fx, i of
 *     (in[n][y * stride - pad + fy * dilation][likewise x][group * filter_c + i] + in_offset) * weights[o][fy][fx][i]))
 * where taps outside the input count as zero. */
#include "mk_channels.inl"
#include "mk_conv_rows.inl"
#include "mk_run.inl"

/* Sum over the taps at one output position and output channel; weights points at the channel's filter and `group` at
 * the first input channel of the channel's group in the input buffer. */
static MK_NOINLINE MK_ACCUMULATOR mk_conv_sum(const MK_CONV *c, const struct mk_conv_row *row, const MK_ELEMENT *group,
                                              MK_FLASH int8_t *weights, uint16_t x)
{
    const struct mk_conv_column column = mk_conv_column_at(c, x);
    const uint16_t taps = (uint16_t)(column.taps_x.end - column.taps_x.begin);
    /* Taps side by side in the input form one run; otherwise every tap is a run of its own. */
    const uint8_t one_run = c->dilation_w == 1 && c->filter_c == c->in_c;
    const uint16_t runs = one_run ? 1 : taps;
    const uint16_t run_elements = one_run ? (uint16_t)((uint32_t)taps * c->filter_c) : c->filter_c;
    const size_t run_step = (size_t)c->dilation_w * c->in_c;
    const uint32_t skipped_elements = (uint32_t)(c->filter_w - taps) * c->filter_c;

    MK_ACCUMULATOR sum = 0;
    uint16_t in_row = row->first_row;
    const uint32_t first_tap = (uint32_t)row->taps_y.begin * c->filter_w + column.taps_x.begin;
    weights = mk_flash_skip_s8(weights, first_tap * c->filter_c);
    for (uint16_t fy = row->taps_y.begin; fy < row->taps_y.end; fy++) {
        const MK_ELEMENT *run = group + (size_t)in_row * row->row_elements + column.first_element;
        for (uint16_t i = 0; i < runs; i++, run += run_step) {
            sum += mk_run(run, weights, run_elements, c->in_offset);
            weights = mk_flash_skip_s8(weights, run_elements);
        }
        weights = mk_flash_skip_s8(weights, skipped_elements);
        in_row = mk_ring_forward(in_row, c->dilation_h, c->in_ring);
    }
    return sum;
}

void MK_FUNCTION(MK_ELEMENT *out, const MK_ELEMENT *in, MK_FLASH MK_CONV *p, uint16_t row_begin, uint16_t row_end)
{
    MK_PARAMS(MK_CONV, c, p);
    const uint16_t out_per_group = (uint16_t)((uint32_t)c->out_c * c->filter_c / c->in_c);
    const uint32_t filter_elements = (uint32_t)c->filter_h * c->filter_w * c->filter_c;
    const size_t out_row_elements = (size_t)c->out_w * c->out_c;
    for (uint16_t r = row_begin; r < row_end; r++) {
        const struct mk_conv_row row = mk_conv_row_at(c, r);
        MK_ELEMENT *const out_row = out + (r % c->out_ring) * out_row_elements;
        const MK_ELEMENT *group = in;
        uint16_t left_in_group = out_per_group;
        MK_FLASH int8_t *weights = c->weights;
        struct mk_channels channels = mk_channels_begin(c);
        /* Channels outermost: their parameters are read from flash once per row. */
        for (uint16_t o = 0; o < c->out_c; o++) {
            mk_channels_next(&channels);
            MK_ELEMENT *to = out_row + o;
            for (uint16_t x = 0; x < c->out_w; x++, to += c->out_c)
                *to = mk_channel_output(c, &channels, mk_conv_sum(c, &row, group, weights, x));
            weights = mk_flash_skip_s8(weights, filter_elements);
            if (--left_in_group == 0) {
                left_in_group = out_per_group;
                group += c->filter_c;
            }
        }
    }
}
