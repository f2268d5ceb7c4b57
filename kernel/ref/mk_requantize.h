/* mk_requantize.h: the fixed-point steps that quantised kernels share, bit for bit those of TensorFlow Lite with
 * two roundings (doc/SPEC.md, "Requantisation"). Right shifts of negative numbers are arithmetic and conversions to
 * narrower signed types keep the low bits: both hold on every supported compiler. */
#ifndef MK_REQUANTIZE_H
#define MK_REQUANTIZE_H

#include "mote_kernel.h"

#include <limits.h>

/* The high word of twice a * b, rounded to nearest, ties towards +infinity: floor((a * b + 2^30) / 2^31); the only case
 * that does not fit, INT32_MIN squared, gives INT32_MAX. */
static inline int32_t mk_doubling_high_multiply_64(int32_t a, int32_t b)
{
    if (a == INT32_MIN && b == INT32_MIN) return INT32_MAX;
    return (int32_t)(((int64_t)a * b + ((int32_t)1 << 30)) >> 31);
}

/* The same in four 16 x 16 bit products, for cores on which a 64-bit product is a slow call. No sum overflows: a high
 * half times an unsigned low half lies in [-32768 * 65535, 32767 * 65535], which leaves room for 65535 more. */
static inline int32_t mk_doubling_high_multiply_16(int32_t a, int32_t b)
{
    if (a == INT32_MIN && b == INT32_MIN) return INT32_MAX;
    int16_t a_high = (int16_t)(a >> 16), b_high = (int16_t)(b >> 16);
    uint16_t a_low = (uint16_t)a, b_low = (uint16_t)b;
    MK_OPAQUE(a_high); /* or the halves become masked words again, and their products 32 x 32 bits */
    MK_OPAQUE(b_high);
    MK_OPAQUE(a_low);
    MK_OPAQUE(b_low);
    const uint32_t bottom = (uint32_t)a_low * b_low;
    const int32_t middle_1 = (int32_t)b_high * a_low + (uint16_t)(bottom >> 16);
    const int32_t middle_2 = (int32_t)a_high * b_low + (uint16_t)middle_1;
    const int32_t high = (int32_t)a_high * b_high + (int16_t)(middle_1 >> 16) + (int16_t)(middle_2 >> 16);
    const uint16_t low = (uint16_t)middle_2; /* bits 16 to 31 of the product */
    return (int32_t)(((uint32_t)high << 1) + (low >> 15) + ((low >> 14) & 1u));
}

static inline int32_t mk_doubling_high_multiply(int32_t a, int32_t b)
{
#if INT_MAX == 32767
    return mk_doubling_high_multiply_16(a, b);
#else
    return mk_doubling_high_multiply_64(a, b);
#endif
}

/* round(x / 2^exponent), halves away from zero; 0 <= exponent <= 31. */
static inline int32_t mk_rounding_shift_right(int32_t x, int exponent)
{
    if (exponent == 0) return x;
    uint32_t magnitude = x < 0 ? 0u - (uint32_t)x : (uint32_t)x;
    uint8_t bits = (uint8_t)(exponent - 1);
#if INT_MAX == 32767 /* shifts are loops of one bit at a time: move whole bytes first */
    for (; bits >= 8; bits = (uint8_t)(bits - 8)) magnitude >>= 8;
#endif
    magnitude >>= bits;
    magnitude = (magnitude >> 1) + (magnitude & 1u);
    return x < 0 ? (int32_t)(0u - magnitude) : (int32_t)magnitude;
}

/* x * multiplier * 2^(shift - 31), rounded twice: to the high word of the product, then by the right shift.
 * -31 <= shift <= 30; a left shift keeps the low 32 bits of x * 2^shift. */
static inline int32_t mk_multiply_by_quantized_multiplier(int32_t x, int32_t multiplier, int shift)
{
    if (shift > 0) return mk_doubling_high_multiply((int32_t)((uint32_t)x << shift), multiplier);
    return mk_rounding_shift_right(mk_doubling_high_multiply(x, multiplier), -shift);
}

/* The form for 64-bit accumulators: the multiplier is first rounded to 15 bits, then there is one rounding, ties
 * towards +infinity. |x| < 2^47, 0 <= multiplier, -31 <= shift <= 7; the low 32 bits of the result are kept. */
static inline int32_t mk_multiply_by_quantized_multiplier_wide(int64_t x, int32_t multiplier, int shift)
{
    const int32_t multiplier_q15 = multiplier < 0x7fff0000 ? (multiplier + 0x8000) >> 16 : 0x7fff;
    const uint8_t bits = (uint8_t)(15 - shift);
    return (int32_t)((x * multiplier_q15 + ((int64_t)1 << (bits - 1))) >> bits);
}

/* The low 32 bits of the sum, as in the reference. */
static inline int32_t mk_add_wrapping(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)a + (uint32_t)b);
}

static inline int32_t mk_clamp(int32_t x, int32_t low, int32_t high)
{
    return x < low ? low : x > high ? high : x;
}

#endif
