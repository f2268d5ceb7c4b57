/* mk_armv7em_rows.h: the input rows under a row of outputs, for the convolutions of this family. */
#ifndef MK_ARMV7EM_ROWS_H
#define MK_ARMV7EM_ROWS_H

#include "mk_window.h"

enum { MK_ARMV7EM_MOST_FILTER_ROWS = 16 };

/* rows[fy] = the row that filter row fy reads for output row r; NULL in the padding. */
static inline void mk_armv7em_rows_at(const int8_t **rows, const struct mk_conv_armv7em *c, const int8_t *in, uint16_t r)
{
    const uint16_t n = (uint16_t)(r / c->out_h), y = (uint16_t)(r % c->out_h);
    const int32_t origin = (int32_t)((uint32_t)y * c->stride_h) - c->pad_top;
    const struct mk_taps taps = mk_taps_inside(origin, c->in_h, c->filter_h, 1);
    uint16_t row = mk_input_number(n, c->in_h, (uint16_t)(origin + taps.begin), (uint16_t)(origin > 0 ? origin : 0),
                                   c->in_ring);
    for (uint16_t fy = 0; fy < c->filter_h; fy++) {
        rows[fy] = NULL;
        if (fy < taps.begin || fy >= taps.end) continue;
        rows[fy] = mk_input_row(in, row, (size_t)c->in_w * c->in_c, c->in_ring);
        row = mk_ring_forward(row, 1, c->in_ring);
    }
}

#endif
