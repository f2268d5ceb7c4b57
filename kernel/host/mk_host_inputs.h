/* mk_host_inputs.h: the input rows under a row of outputs, as floats, for the convolutions of this family. */
#ifndef MK_HOST_INPUTS_H
#define MK_HOST_INPUTS_H

#include "mk_host_lanes.h"

/* `count` inputs of a row from the first column of padding on, widened; the zero point where there are none. */
MK_HOST_INLINE void mk_host_widen_row_lanes(float *to, const int8_t *row, int32_t count, const struct mk_conv_scalar32 *c)
{
    const int32_t before = (int32_t)c->pad_left * c->in_c, there = (int32_t)c->in_w * c->in_c;
    const float zero_point = c->in_zero_point;
    int32_t i = 0;
    if (row) {
        for (; i < before && i < count; i++) to[i] = zero_point;
        const int32_t end = before + there < count ? before + there : count;
        for (const int8_t *from = row; i < end; i++) to[i] = *from++;
    }
    for (; i < count; i++) to[i] = zero_point;
}
MK_HOST_VERSIONS(mk_host_widen_row, (float *to, const int8_t *row, int32_t count, const struct mk_conv_scalar32 *c),
                 (to, row, count, c))

/* Inputs of a filter row under a row of outputs, padding included. */
static inline size_t mk_host_row_inputs(const struct mk_conv_scalar32 *c)
{
    return ((c->out_w - 1u) * (size_t)c->stride_w + c->filter_w) * c->in_c;
}

/* A band: rows of outputs whose input rows are widened together, so that those they share are widened once. Filter row fy of
 * the band's row i begins at inputs + (i * step + fy) * row_inputs. */
struct mk_host_band {
    uint32_t rows; /* of outputs */
    uint32_t step;
    size_t row_inputs;
};

enum { MK_HOST_BAND_INPUTS = 4 * 1024 }; /* of more than one row: half of a small first-level cache */

/* Rows from r on, at most to `end`: of one picture, not over the end of the output's ring, which is of one row where the input is
 * a table, as many as there is room for. */
static inline uint32_t mk_host_band_rows(const struct mk_conv_scalar32 *c, const struct mk_host_band *band, uint32_t r,
                                         uint32_t end)
{
    const uint32_t room = (uint32_t)(MK_HOST_BAND_INPUTS / band->row_inputs);
    const uint32_t fit = room > c->filter_h ? (room - c->filter_h) / band->step + 1 : 1;
    const uint32_t limits[] = {end - r, c->out_h - r % c->out_h, c->out_ring - r % c->out_ring, fit};
    uint32_t rows = limits[0];
    for (int i = 1; i < 4; i++)
        if (limits[i] < rows) rows = limits[i];
    return rows;
}

/* `inputs` has room for MK_HOST_MOST_INPUTS. The call is for rows from row_begin on. */
static inline struct mk_host_band mk_host_widen_band(float *inputs, const struct mk_conv_scalar32 *c, const int8_t *in,
                                                     uint16_t row_begin, uint32_t r, uint32_t end)
{
    const int8_t *rows[MK_HOST_MOST_FILTER_ROWS];
    const uint32_t step = c->stride_h < c->filter_h ? c->stride_h : c->filter_h;
    struct mk_host_band band = {1, step, mk_host_row_inputs(c)};
    band.rows = mk_host_band_rows(c, &band, r, end);
    for (uint32_t i = 0; i < band.rows; i++) {
        mk_host_rows_at(rows, c, in, row_begin, (uint16_t)(r + i));
        for (uint32_t fy = i ? c->filter_h - step : 0; fy < c->filter_h; fy++)
            mk_host_widen_row(inputs + (i * step + fy) * band.row_inputs, rows[fy], (int32_t)band.row_inputs, c);
    }
    return band;
}

#endif
