/* mk_depthwise_conv_2d_s8_lanes_host.c: depthwise convolutions with as many channels out as in, without dilation: input rows are
 * made floats once, padding included; then sixteen channels of a position side by side. */
#include "mk_host_inputs.h"

enum { BLOCK = 4 /* positions that share weights, and whose sums do not wait for each other */ };

/* Positions of outputs side by side, `count` of them, whose filters begin `step` floats apart. */
struct positions {
    const float *inputs;
    size_t step, row; /* row: floats from one filter row to the next */
    uint32_t count;
};

/* Channels from `first` on at the first `count` positions, at most BLOCK; what lies beyond the last channel is read, and meets
 * weights of 0. */
MK_HOST_INLINE void sum_group(int32_t *sums, const struct positions *p, uint32_t count, uint32_t first,
                              const struct mk_conv_scalar32 *c)
{
    const int32_t *weights = c->weights + (size_t)first * c->filter_h * c->filter_w;
    const int32_t *const start = c->starts + first;
    mk_host_f32 low[BLOCK], high[BLOCK];
    for (uint32_t i = 0; i < count; i++) low[i] = MK_HOST_F32(start, 0), high[i] = MK_HOST_F32(start, 1);
    for (uint32_t fy = 0; fy < c->filter_h; fy++) {
        const float *x = p->inputs + fy * p->row + first;
        for (uint32_t fx = c->filter_w; fx > 0; fx--, x += c->in_c, weights += MK_HOST_GROUP) {
            const mk_host_f32 w_low = MK_HOST_F32(weights, 0), w_high = MK_HOST_F32(weights, 1);
            for (uint32_t i = 0; i < count; i++) {
                low[i] += w_low * MK_HOST_AT(x + i * p->step, 0);
                high[i] += w_high * MK_HOST_AT(x + i * p->step, 1);
            }
        }
    }
    for (uint32_t i = 0; i < count; i++, sums += MK_HOST_GROUP) {
        MK_HOST_STORE(sums, 0, __builtin_convertvector(low[i], mk_host_s32));
        MK_HOST_STORE(sums, 1, __builtin_convertvector(high[i], mk_host_s32));
    }
}

/* A group's channels of the first `count` positions, a constant where this is compiled. */
MK_HOST_INLINE void depthwise_block(int8_t *out, const struct positions *p, uint32_t count, uint32_t first,
                                    const int32_t *record, const struct mk_conv_scalar32 *c)
{
    int32_t sums[BLOCK * MK_HOST_GROUP];
    sum_group(sums, p, count, first, c);
    for (uint32_t i = 0; i < count; i++, out += c->out_c) (void)mk_host_finish(out, sums + i * MK_HOST_GROUP, record, c->out_c - first, c);
}

MK_HOST_INLINE void depthwise_positions_lanes(int8_t *out, const struct positions *all, const struct mk_conv_scalar32 *c)
{
    const int32_t *record = c->records;
    for (uint32_t first = 0; first < c->out_c; first += MK_HOST_GROUP, record += mk_host_record_words(c)) {
        struct positions p = *all;
        int8_t *to = out + first;
        for (; p.count >= BLOCK; p.count -= BLOCK, p.inputs += BLOCK * p.step, to += BLOCK * c->out_c)
            depthwise_block(to, &p, BLOCK, first, record, c);
        for (; p.count > 0; p.count--, p.inputs += p.step, to += c->out_c) depthwise_block(to, &p, 1, first, record, c);
    }
}
MK_HOST_VERSIONS(depthwise_positions, (int8_t *out, const struct positions *all, const struct mk_conv_scalar32 *c), (out, all, c))

void mk_depthwise_conv_2d_s8_lanes_host(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_scalar32 *p, uint16_t row_begin,
                                  uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_scalar32, c, p);
    float inputs[MK_HOST_MOST_INPUTS + MK_HOST_GROUP]; /* the last group may read beyond */
    const size_t out_row = (size_t)c->out_w * c->out_c;
    for (uint32_t r = row_begin; r < row_end;) {
        const struct mk_host_band band = mk_host_widen_band(inputs, c, in, row_begin, r, row_end);
        memset(inputs + ((band.rows - 1) * band.step + c->filter_h) * band.row_inputs, 0, MK_HOST_GROUP * sizeof *inputs);
        int8_t *to = out + r % c->out_ring * out_row;
        const size_t next_row = band.step * band.row_inputs;
        struct positions positions = {inputs, (size_t)c->stride_w * c->in_c, band.row_inputs, c->out_w};
        uint32_t runs = band.rows;
        if (c->out_w == 1) { /* of one column, as over time: the rows are the positions */
            positions.step = next_row;
            positions.count = band.rows;
            runs = 1;
        }
        for (; runs > 0; runs--, to += out_row, positions.inputs += next_row) depthwise_positions(to, &positions, c);
        r += band.rows;
    }
}
