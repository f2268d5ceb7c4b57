/* mk_depthwise_conv_2d_s8_lanes_host.c: depthwise convolutions with as many channels out as in, without dilation: input rows are
 * made floats once, padding included; then sixteen channels of a position side by side. */
#include "mk_host_inputs.h"

/* Channels from `first` on at the position whose filter begins at `inputs`; what lies beyond the last channel is read, and
 * meets weights of 0. */
MK_HOST_INLINE void sum_group(int32_t *sums, const float *inputs, size_t row, uint32_t first,
                              const struct mk_conv_scalar32 *c)
{
    const int32_t *weights = c->weights + (size_t)first * c->filter_h * c->filter_w;
    const int32_t *const start = c->starts + first;
    mk_host_f32 low = MK_HOST_F32(start, 0), high = MK_HOST_F32(start, 1);
    for (uint32_t fy = 0; fy < c->filter_h; fy++) {
        const float *x = inputs + fy * row + first;
        for (uint32_t fx = c->filter_w; fx > 0; fx--, x += c->in_c, weights += MK_HOST_GROUP) {
            low += MK_HOST_F32(weights, 0) * MK_HOST_AT(x, 0);
            high += MK_HOST_F32(weights, 1) * MK_HOST_AT(x, 1);
        }
    }
    MK_HOST_STORE(sums, 0, __builtin_convertvector(low, mk_host_s32));
    MK_HOST_STORE(sums, 1, __builtin_convertvector(high, mk_host_s32));
}

MK_HOST_INLINE void depthwise_row_lanes(int8_t *out, const float *inputs, size_t row, const struct mk_conv_scalar32 *c)
{
    const uint32_t record_words = mk_host_record_words(c);
    const size_t step = (size_t)c->stride_w * c->in_c;
    int32_t sums[MK_HOST_GROUP];
    for (uint32_t x = 0; x < c->out_w; x++, inputs += step)
        for (uint32_t first = 0; first < c->out_c; first += MK_HOST_GROUP) {
            sum_group(sums, inputs, row, first, c);
            out = mk_host_finish(out, sums, c->records + first / MK_HOST_GROUP * record_words, c->out_c - first, c);
        }
}
MK_HOST_VERSIONS(depthwise_row, (int8_t *out, const float *inputs, size_t row, const struct mk_conv_scalar32 *c),
                 (out, inputs, row, c))

void mk_depthwise_conv_2d_s8_lanes_host(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_scalar32 *p, uint16_t row_begin,
                                  uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_scalar32, c, p);
    float inputs[MK_HOST_MOST_INPUTS + MK_HOST_GROUP]; /* the last group may read beyond */
    const size_t out_row = (size_t)c->out_w * c->out_c;
    for (uint32_t r = row_begin; r < row_end;) {
        const struct mk_host_band band = mk_host_widen_band(inputs, c, in, r, row_end);
        memset(inputs + ((band.rows - 1) * band.step + c->filter_h) * band.row_inputs, 0, MK_HOST_GROUP * sizeof *inputs);
        int8_t *to = out + r % c->out_ring * out_row;
        for (uint32_t i = 0; i < band.rows; i++, to += out_row)
            depthwise_row(to, inputs + i * band.step * band.row_inputs, band.row_inputs, c);
        r += band.rows;
    }
}
