/* mk_rows.h: the input rows under a row of outputs, for convolutions without dilation. */
#ifndef MK_ROWS_H
#define MK_ROWS_H

#include "mk_window.h"

struct mk_rows {
    const void *in;
    uint32_t row_bytes;
    uint16_t in_h, out_h, filter_h, stride_h, in_ring;
    int16_t pad_top;
    uint16_t row_begin; /* of the call */
};

/* rows[fy] = the row that filter row fy reads for output row r; NULL in the padding. */
static inline void mk_rows_at(const int8_t **rows, const struct mk_rows *w, uint16_t r)
{
    const uint16_t n = (uint16_t)(r / w->out_h), y = (uint16_t)(r % w->out_h);
    const int32_t origin = (int32_t)((uint32_t)y * w->stride_h) - w->pad_top;
    const struct mk_taps taps = mk_taps_inside(origin, w->in_h, w->filter_h, 1);
    uint16_t row = mk_input_number(n, w->in_h, (uint16_t)(origin + taps.begin),
                                   mk_table_begin(w->row_begin, w->stride_h, w->pad_top), w->in_ring);
    for (uint16_t fy = 0; fy < w->filter_h; fy++) {
        rows[fy] = NULL;
        if (fy < taps.begin || fy >= taps.end) continue;
        rows[fy] = mk_input_row(w->in, row, w->row_bytes, w->in_ring);
        row = mk_ring_forward(row, 1, w->in_ring);
    }
}

#endif
