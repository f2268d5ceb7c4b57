/* mk_window.h: where a filter lies on its input, and rows of ring buffers: shared by convolutions and pools. */
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

/* The row `step` rows on in a ring; step <= ring. */
static inline uint16_t mk_ring_forward(uint16_t row, uint16_t step, uint16_t ring)
{
    const uint16_t before_end = (uint16_t)(ring - row);
    return step >= before_end ? (uint16_t)(step - before_end) : (uint16_t)(row + step);
}

#endif
