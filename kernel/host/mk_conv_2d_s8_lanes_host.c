/* mk_conv_2d_s8_lanes_host.c: convolutions of one group without dilation. The input rows under a row of outputs are made floats
 * once, padding included; then up to six positions by sixteen channels are summed in registers. */
#include "mk_host_inputs.h"

enum { POSITIONS = 6 };

/* Where a tile's first position reads, and how far the others and the filter's rows are. */
struct patch {
    const float *inputs;
    size_t step, row; /* from position to position, from filter row to filter row */
    uint32_t filter_rows, run;
};

/* Sums of `positions`, a constant, side by side. */
MK_HOST_INLINE void sum_positions(int32_t *sums, const struct patch *patch, const int32_t *weights, const int32_t *starts,
                                  int positions)
{
    mk_host_f32 low[POSITIONS], high[POSITIONS];
    for (int p = 0; p < positions; p++) {
        low[p] = MK_HOST_F32(starts, 0);
        high[p] = MK_HOST_F32(starts, 1);
    }
    for (uint32_t fy = 0; fy < patch->filter_rows; fy++) {
        const float *x = patch->inputs + fy * patch->row;
        for (uint32_t k = patch->run; k > 0; k--, x++, weights += MK_HOST_GROUP) {
            const mk_host_f32 low_weights = MK_HOST_F32(weights, 0), high_weights = MK_HOST_F32(weights, 1);
            for (int p = 0; p < positions; p++) {
                low[p] += low_weights * x[(size_t)p * patch->step];
                high[p] += high_weights * x[(size_t)p * patch->step];
            }
        }
    }
    for (int p = 0; p < positions; p++) {
        MK_HOST_STORE(sums, 2 * p, __builtin_convertvector(low[p], mk_host_s32));
        MK_HOST_STORE(sums, 2 * p + 1, __builtin_convertvector(high[p], mk_host_s32));
    }
}

MK_HOST_INLINE void sum_tile(int32_t *sums, const struct patch *patch, const int32_t *weights, const int32_t *starts,
                             uint32_t positions)
{
    switch (positions) {
    case 1: sum_positions(sums, patch, weights, starts, 1); break;
    case 2: sum_positions(sums, patch, weights, starts, 2); break;
    case 3: sum_positions(sums, patch, weights, starts, 3); break;
    case 4: sum_positions(sums, patch, weights, starts, 4); break;
    case 5: sum_positions(sums, patch, weights, starts, 5); break;
    default: sum_positions(sums, patch, weights, starts, POSITIONS); break;
    }
}

/* `out_w` positions side by side, group by group, so that a group's weights are read from the cache. */
MK_HOST_INLINE void convolve_row_lanes(int8_t *out, const float *inputs, size_t row, uint32_t out_w,
                                   const struct mk_conv_scalar32 *c)
{
    const uint32_t run = (uint32_t)c->filter_w * c->in_c, record_words = mk_host_record_words(c);
    const size_t step = (size_t)c->stride_w * c->in_c, group_words = (size_t)run * c->filter_h * MK_HOST_GROUP;
    int32_t sums[POSITIONS * MK_HOST_GROUP];
    for (uint32_t first = 0; first < c->out_c; first += MK_HOST_GROUP) {
        const uint32_t group = first / MK_HOST_GROUP;
        for (uint32_t x = 0; x < out_w; x += POSITIONS) {
            const uint32_t positions = out_w - x < POSITIONS ? out_w - x : POSITIONS;
            const struct patch patch = {inputs + x * step, step, row, c->filter_h, run};
            sum_tile(sums, &patch, c->weights + group * group_words, c->starts + first, positions);
            for (uint32_t p = 0; p < positions; p++)
                mk_host_finish(out + (size_t)(x + p) * c->out_c + first, sums + p * MK_HOST_GROUP,
                               c->records + group * record_words, c->out_c - first, c);
        }
    }
}
MK_HOST_VERSIONS(convolve_row, (int8_t *out, const float *inputs, size_t row, uint32_t out_w, const struct mk_conv_scalar32 *c),
                 (out, inputs, row, out_w, c))

/* Each position reads one input of each channel, and positions lie side by side: a band is one long row. */
static int is_pointwise(const struct mk_conv_scalar32 *c)
{
    return c->filter_h == 1 && c->filter_w == 1 && c->stride_w == 1 && c->pad_left == 0;
}

void mk_conv_2d_s8_lanes_host(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_scalar32 *p, uint16_t row_begin,
                              uint16_t row_end)
{
    MK_PARAMS(struct mk_conv_scalar32, c, p);
    float inputs[MK_HOST_MOST_INPUTS];
    const size_t out_row = (size_t)c->out_w * c->out_c;
    for (uint32_t r = row_begin; r < row_end;) {
        const struct mk_host_band band = mk_host_widen_band(inputs, c, in, row_begin, r, row_end);
        const uint32_t at_once = is_pointwise(c) ? band.rows : 1;
        int8_t *to = out + r % c->out_ring * out_row;
        for (uint32_t i = 0; i < band.rows; i += at_once, to += at_once * out_row)
            convolve_row(to, inputs + i * band.step * band.row_inputs, band.row_inputs, at_once * c->out_w, c);
        r += band.rows;
    }
}
