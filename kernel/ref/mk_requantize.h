/* mk_requantize.h: the fixed-point steps that quantised kernels share, bit for bit those of TensorFlow Lite with two
 * roundings (doc/SPEC.md, "Requantisation"). Right shifts of negative numbers are arithmetic on every supported compiler. */
#ifndef MK_REQUANTIZE_H
#define MK_REQUANTIZE_H

#include "mote_kernel.h"

/* round(a * b / 2^31), halves upwards; -2^31 * -2^31 saturates to 2^31 - 1. */
static inline int32_t mk_doubling_high_multiply(int32_t a, int32_t b)
{
    if (a == INT32_MIN && b == INT32_MIN) return INT32_MAX;
    const uint64_t rounded = (uint64_t)((int64_t)a * b + ((int64_t)1 << 30));
    return (int32_t)((uint32_t)(rounded >> 32) << 1 | (uint32_t)rounded >> 31); /* rounded >> 31 without a 64-bit shift */
}

/* round(x / 2^exponent), halves away from zero; 0 <= exponent <= 31. */
static inline int32_t mk_rounding_shift_right(int32_t x, int exponent)
{
    const int32_t mask = (int32_t)(((uint32_t)1 << exponent) - 1);
    const int32_t threshold = (mask >> 1) + (x < 0);
    return (x >> exponent) + ((x & mask) > threshold);
}

/* x * multiplier * 2^(shift - 31) in two roundings; -31 <= shift <= 31. A left shift that leaves 32 bits wraps. */
static inline int32_t mk_multiply_by_quantized_multiplier(int32_t x, int32_t multiplier, int shift)
{
    const int32_t shifted = shift > 0 ? (int32_t)((uint32_t)x << shift) : x;
    return mk_rounding_shift_right(mk_doubling_high_multiply(shifted, multiplier), shift > 0 ? 0 : -shift);
}

static inline int32_t mk_clamp(int32_t x, int32_t low, int32_t high)
{
    return x < low ? low : x > high ? high : x;
}

#endif
