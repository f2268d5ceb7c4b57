/* mk_window.h: where a filter lies on its input, and where input rows are: shared by convolutions and pools. */
#ifndef MK_WINDOW_H
#define MK_WINDOW_H

#include "mote_kernel.h"

/* Taps [begin, end) of a filter that lie inside the input. */
struct mk_taps {
    uint16_t begin, end;
};

/* The taps, of `taps` that lie `dilation` apart with the first at input position `origin`, that lie in [0, size). */
static inline struct mk_taps mk_taps_inside(int32_t origin, uint16_t size, uint16_t taps, uint16_t dilation)
{
    struct mk_taps inside = {0, taps};
    int32_t last = origin + (int32_t)((uint32_t)(taps - 1u) * dilation);
    for (; inside.end > 0 && last >= size; last -= dilation) inside.end--;
    for (; inside.begin < inside.end && origin < 0; origin += dilation) inside.begin++;
    return inside;
}

/* Where row `row` of an input begins: in a ring, or, ring 0, entry `row` of a table of row pointers (mote_kernel.h). */
static inline const void *mk_input_row(const void *in, uint16_t row, size_t row_bytes, uint16_t ring)
{
    return ring ? (const uint8_t *)in + row * row_bytes : ((const void *const *)in)[row];
}

/* The first row of a table that is handed over for output rows from row_begin on: the first one that the filter covers. */
static inline uint16_t mk_table_begin(uint16_t row_begin, uint16_t stride_h, int16_t pad_top)
{
    const int32_t origin = (int32_t)((uint32_t)row_begin * stride_h) - pad_top;
    return (uint16_t)(origin > 0 ? origin : 0);
}

/* The number in ring or table of input row `row` of batch entry n; a table begins with row `table_begin`. */
static inline uint16_t mk_input_number(uint16_t n, uint16_t in_h, uint16_t row, uint16_t table_begin, uint16_t ring)
{
    return (uint16_t)(ring ? ((uint32_t)n * in_h + row) % ring : (uint32_t)row - table_begin);
}

/* The row `step` rows on in a ring, step <= ring, or in a table. */
static inline uint16_t mk_ring_forward(uint16_t row, uint16_t step, uint16_t ring)
{
    if (ring == 0) return (uint16_t)(row + step);
    const uint16_t before_end = (uint16_t)(ring - row);
    return step >= before_end ? (uint16_t)(step - before_end) : (uint16_t)(row + step);
}

#endif
