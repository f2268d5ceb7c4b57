/* mk_armv7em_pool.h: average pools by groups of channels, of which the sums are a family's own. Up to 255 taps; sums fit 16
 * bits. */
#ifndef MK_ARMV7EM_POOL_H
#define MK_ARMV7EM_POOL_H

#include "mk_pool_steps.h"

/* A window's rows and columns inside the input. */
struct mk_armv7em_pool_window {
    const int8_t *in;
    size_t row_bytes, element; /* of the first column, first channel */
    uint16_t first_row, rows, columns;
};

/* The means of `count` channels from their sums. */
static inline void mk_armv7em_pool_finish(int8_t *out, const int16_t *sums, uint16_t count,
                                          const struct mk_armv7em_pool_window *w, const struct mk_pool *c)
{
    const uint16_t taps = (uint16_t)(w->rows * w->columns);
    for (uint16_t i = 0; i < count; i++)
        out[i] = (int8_t)mk_clamp(mk_rounded_mean(sums[i], taps), c->act_min, c->act_max);
}

typedef void mk_armv7em_pool_channels(int8_t *out, const struct mk_armv7em_pool_window *w, const struct mk_pool *c);

/* `channels` is called for all channels of each position. */
static inline void mk_armv7em_pool(int8_t *out, const int8_t *in, const struct mk_pool *c, uint16_t row_begin,
                                   uint16_t row_end, mk_armv7em_pool_channels *channels)
{
    struct mk_armv7em_pool_window w = {.in = in, .row_bytes = (size_t)c->in_w * c->channels};
    for (uint16_t r = row_begin; r < row_end; r++) {
        const uint16_t n = (uint16_t)(r / c->out_h), y = (uint16_t)(r % c->out_h);
        const int32_t origin_y = (int32_t)((uint32_t)y * c->stride_h) - c->pad_top;
        const struct mk_taps taps_y = mk_taps_inside(origin_y, c->in_h, c->filter_h, 1);
        const uint16_t row = (uint16_t)(origin_y + taps_y.begin);
        w.first_row = mk_input_number(n, c->in_h, row, mk_table_begin(row_begin, c->stride_h, c->pad_top), c->in_ring);
        const uint16_t rows = (uint16_t)(taps_y.end - taps_y.begin);
        const int is_one_run = w.first_row + rows <= c->in_ring; /* the rows, where the window is as wide as they are */
        int8_t *to = out + (size_t)(r % c->out_ring) * c->out_w * c->channels;
        for (uint16_t x = 0; x < c->out_w; x++, to += c->channels) {
            const int32_t origin_x = (int32_t)((uint32_t)x * c->stride_w) - c->pad_left;
            const struct mk_taps taps_x = mk_taps_inside(origin_x, c->in_w, c->filter_w, 1);
            w.columns = (uint16_t)(taps_x.end - taps_x.begin);
            w.rows = rows;
            if (is_one_run && w.columns == c->in_w) {
                w.columns = (uint16_t)(w.columns * rows);
                w.rows = 1;
            }
            w.element = (size_t)(origin_x + taps_x.begin) * c->channels;
            channels(to, &w, c);
        }
    }
}

#endif
