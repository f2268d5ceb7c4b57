/* mk_fully_connected.inl: the body of every fully_connected kernel, compiled once per variant; the including file
 * provides what mk_conv_2d.inl says.
 *
 * out[b][o] = clamp(zero point + rescale(bias[o] +
 *     sum over i of (in[b][i] + in_offset) * (weights[o][i] + weight_offset)))
 * The weights' zero point, hardly ever used, is taken out of the sum: weight_offset * sum of (in[b][i] + in_offset) is
 * the same for all outputs of a row. */
#include "mk_run.inl"

static MK_NOINLINE MK_ACCUMULATOR mk_sum_of_inputs(const MK_ELEMENT *in, uint16_t elements, int16_t offset)
{
    MK_ACCUMULATOR sum = 0;
    for (; elements > 0; elements--) sum += mk_product(*in++, offset, 1);
    return sum;
}

void MK_FUNCTION(MK_ELEMENT *out, const MK_ELEMENT *in, MK_FLASH MK_FULLY_CONNECTED *p, uint16_t row_begin,
                 uint16_t row_end)
{
    MK_PARAMS(MK_FULLY_CONNECTED, c, p);
    for (uint16_t r = row_begin; r < row_end; r++) {
        const MK_ELEMENT *const in_row = in + (size_t)(r % c->in_ring) * c->in_features;
        MK_ELEMENT *const out_row = out + (size_t)(r % c->out_ring) * c->out_features;
        MK_ACCUMULATOR common = 0;
        if (c->weight_offset != 0)
            common = (MK_ACCUMULATOR)c->weight_offset * mk_sum_of_inputs(in_row, c->in_features, c->in_offset);
        MK_FLASH int8_t *weights = c->weights;
        MK_FLASH MK_BIAS *bias = c->bias;
        MK_FLASH int32_t *next_multiplier = c->multiplier;
        MK_FLASH int8_t *next_shift = c->shift;
        int32_t multiplier = 0;
        int8_t shift = 0;
        for (uint16_t o = 0; o < c->out_features; o++) {
            MK_ACCUMULATOR sum = common + mk_run(in_row, weights, c->in_features, c->in_offset);
            weights = mk_flash_skip_s8(weights, c->in_features);
            if (bias) sum += mk_load_bias(bias++);
            if (o == 0 || c->per_channel) {
                multiplier = mk_flash_s32(next_multiplier++);
                shift = mk_flash_s8(next_shift++);
            }
            const int32_t scaled = mk_rescale(sum, multiplier, shift);
            out_row[o] = (MK_ELEMENT)mk_clamp(mk_add_wrapping(scaled, c->out_zero_point), c->act_min, c->act_max);
        }
    }
}
