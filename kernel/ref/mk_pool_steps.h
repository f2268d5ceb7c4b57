/* mk_pool_steps.h: the arithmetic of the pools; see mk_pool_2d.inl. */
#ifndef MK_POOL_STEPS_H
#define MK_POOL_STEPS_H

#include "mk_requantize.h"
#include "mk_window.h"

static inline int32_t mk_max(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* sum / taps to nearest, halves away from zero; C's division goes towards zero. */
static inline int32_t mk_rounded_mean(int32_t sum, uint16_t taps)
{
    const int32_t divisor = taps, half = taps / 2;
    return (sum > 0 ? sum + half : sum - half) / divisor;
}

#define MK_AVERAGE_STEP(sum, x) ((sum) + (x))
#define MK_MAX_FINISH(value, taps) ((void)(taps), (value))

#endif
