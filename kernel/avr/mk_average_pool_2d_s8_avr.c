/* mk_average_pool_2d_s8_avr.c: average_pool_2d as the reference does it (kernel/ref/mk_pool_2d.inl), with the sums over the
 * columns of a window in assembly, and in 16 bits where they fit. */
#include "mk_avr_pool.h"
#include "mk_pool_steps.h"

#if !defined(__AVR__)
uint16_t mk_avr_sum_column(const int8_t *from, uint16_t step, uint8_t count)
{
    uint16_t sum = 0;
    for (; count > 0; count--, from += step) sum = (uint16_t)(sum + (uint16_t)(*from + 128));
    return sum;
}
#endif

enum { MOST_COLUMNS = 255, MOST_TAPS_16 = 254 }; /* 254 * 128 and half of 254 fit in 16 bits */

/* A run of columns, of one row or more. */
static int32_t sum_run(const int8_t *from, uint16_t channels, uint16_t columns)
{
    int32_t sum = 0;
    while (columns > 0) {
        const uint8_t count = (uint8_t)(columns < MOST_COLUMNS ? columns : MOST_COLUMNS);
        sum += (int32_t)mk_avr_sum_column(from, channels, count) - (int32_t)((uint16_t)count << 7);
        from += (size_t)count * channels;
        columns = (uint16_t)(columns - count);
    }
    return sum;
}

static int32_t mean(int32_t sum, uint16_t taps)
{
    if (taps > MOST_TAPS_16) return mk_rounded_mean(sum, taps);
    const int16_t half = (int16_t)(taps / 2), narrow = (int16_t)sum;
    return (int16_t)((narrow > 0 ? narrow + half : narrow - half) / (int16_t)taps);
}

void mk_average_pool_2d_s8_avr(int8_t *out, const int8_t *in, MK_FLASH struct mk_pool *p, uint16_t row_begin,
                               uint16_t row_end)
{
    MK_PARAMS(struct mk_pool, c, p);
    const size_t in_row_bytes = (size_t)c->in_w * c->channels, out_row_bytes = (size_t)c->out_w * c->channels;
    for (uint16_t r = row_begin; r < row_end; r++) {
        const uint16_t n = (uint16_t)(r / c->out_h), y = (uint16_t)(r % c->out_h);
        const int32_t origin_y = (int32_t)((uint32_t)y * c->stride_h) - c->pad_top;
        const struct mk_taps taps_y = mk_taps_inside(origin_y, c->in_h, c->filter_h, 1);
        const uint16_t row = (uint16_t)(origin_y + taps_y.begin), rows = (uint16_t)(taps_y.end - taps_y.begin);
        const uint16_t first_row = mk_input_number(n, c->in_h, row, row, c->in_ring);
        int8_t *to = out + (r % c->out_ring) * out_row_bytes;
        for (uint16_t x = 0; x < c->out_w; x++) {
            const int32_t origin_x = (int32_t)((uint32_t)x * c->stride_w) - c->pad_left;
            const struct mk_taps taps_x = mk_taps_inside(origin_x, c->in_w, c->filter_w, 1);
            const uint16_t columns = (uint16_t)(taps_x.end - taps_x.begin);
            const uint16_t taps = (uint16_t)((uint32_t)rows * columns);
            /* Whole rows that follow one another are one run. */
            const uint8_t one_run = columns == c->in_w && c->in_ring >= (uint32_t)first_row + rows;
            const uint16_t runs = one_run ? 1 : rows, run = one_run ? taps : columns;
            size_t element = (size_t)(origin_x + taps_x.begin) * c->channels;
            for (uint16_t left = c->channels; left > 0; left--, element++) {
                int32_t sum = 0;
                uint16_t in_row = first_row;
                for (uint16_t i = 0; i < runs; i++) {
                    const int8_t *from = mk_input_row(in, in_row, in_row_bytes, c->in_ring);
                    sum += sum_run(from + element, c->channels, run);
                    in_row = mk_ring_forward(in_row, 1, c->in_ring);
                }
                *to++ = (int8_t)mk_clamp(mean(sum, taps), c->act_min, c->act_max);
            }
        }
    }
}
