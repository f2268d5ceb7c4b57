/* mk_average_pool_2d_s8_quads_mve.c: average pools, eight channels at a time: of each tap one vector, widened as it is
 * loaded. Up to 255 taps. */
#include "mk_armv7em_pool.h"

#if defined(__ARM_FEATURE_MVE)
#include <arm_mve.h>
#endif

enum { GROUP = 8, WIDE = 4 * GROUP };

/* sums[i] += row[i], of each of the columns. */
static void add_columns(int16_t *sums, const int8_t *row, uint16_t columns, uint16_t step, uint16_t count)
{
#if defined(__ARM_FEATURE_MVE)
    const mve_pred16_t inside = vctp16q(count);
    int16x8_t sum = vld1q_s16(sums);
    for (; columns > 0; columns--, row += step) sum = vaddq_s16(sum, vldrbq_z_s16(row, inside));
    vst1q_s16(sums, sum);
#else
    for (; columns > 0; columns--, row += step)
        for (uint16_t i = 0; i < count; i++) sums[i] = (int16_t)(sums[i] + row[i]);
#endif
}

/* The same for WIDE channels, which share what a column costs besides. */
static void add_wide_columns(int16_t *sums, const int8_t *row, uint16_t columns, uint16_t step)
{
#if defined(__ARM_FEATURE_MVE)
    int16x8_t a = vld1q_s16(sums), b = vld1q_s16(sums + 8), c = vld1q_s16(sums + 16), d = vld1q_s16(sums + 24);
    for (; columns > 0; columns--, row += step) {
        a = vaddq_s16(a, vldrbq_s16(row));
        b = vaddq_s16(b, vldrbq_s16(row + 8));
        c = vaddq_s16(c, vldrbq_s16(row + 16));
        d = vaddq_s16(d, vldrbq_s16(row + 24));
    }
    vst1q_s16(sums, a);
    vst1q_s16(sums + 8, b);
    vst1q_s16(sums + 16, c);
    vst1q_s16(sums + 24, d);
#else
    add_columns(sums, row, columns, step, WIDE);
#endif
}

/* Rows that lie side by side, all of each, are one row. */
static void pool_channels(int8_t *out, const struct mk_armv7em_pool_window *w, const struct mk_pool *c)
{
    const int as_one = w->columns == c->in_w && w->first_row + w->rows <= c->in_ring;
    const uint16_t rows = as_one ? 1 : w->rows, columns = (uint16_t)(as_one ? w->rows * w->columns : w->columns);
    uint16_t count;
    for (uint16_t channel = 0; channel < c->channels; channel = (uint16_t)(channel + count)) {
        const uint16_t left = (uint16_t)(c->channels - channel);
        int16_t sums[WIDE] = {0};
        count = left >= WIDE ? WIDE : left < GROUP ? left : GROUP;
        uint16_t row = w->first_row;
        for (uint16_t i = 0; i < rows; i++, row = mk_ring_forward(row, 1, c->in_ring)) {
            const int8_t *from = mk_input_row(w->in, row, w->row_bytes, c->in_ring);
            if (count == WIDE) add_wide_columns(sums, from + w->element + channel, columns, c->channels);
            else add_columns(sums, from + w->element + channel, columns, c->channels, count);
        }
        mk_armv7em_pool_finish(out + channel, sums, count, w, c);
    }
}

void mk_average_pool_2d_s8_quads_mve(int8_t *out, const int8_t *in, MK_FLASH struct mk_pool *p, uint16_t row_begin,
                                     uint16_t row_end)
{
    mk_armv7em_pool(out, in, p, row_begin, row_end, pool_channels);
}
