/* mk_exp_ref.h: the fixed-point functions of softmax, those of gemmlowp bit for bit; doc/SPEC.md, "Fixed-point functions".
 * Qm.n is a 32-bit number with m integer bits and n fraction bits besides the sign. */
#ifndef MK_EXP_REF_H
#define MK_EXP_REF_H

#include "mk_requantize.h"

/* exp(x) for x in [-1/4, 0), Q0.31 both: a Taylor polynomial of degree 4 about -1/8. */
static inline int32_t mk_exp_quarter(int32_t x)
{
    const int32_t exp_of_minus_eighth = 1895147668, third = 715827883;
    const int32_t t = x + ((int32_t)1 << 28);
    const int32_t t2 = mk_doubling_high_multiply(t, t);
    const int32_t t3 = mk_doubling_high_multiply(t2, t);
    const int32_t t4 = mk_doubling_high_multiply(t2, t2);
    const int32_t higher = mk_doubling_high_multiply(mk_rounding_shift_right(t4, 2) + t3, third) + t2;
    return exp_of_minus_eighth + mk_doubling_high_multiply(exp_of_minus_eighth, t + mk_rounding_shift_right(higher, 1));
}

/* exp(x) for x <= 0 in Q5.26, result in Q0.31: a quarter's remainder by polynomial, the rest as a product of the factors
 * exp(-2^k), k = -2..4, that the bits of the multiple of 1/4 select. */
static inline int32_t mk_exp_negative(int32_t x)
{
    static MK_FLASH int32_t factors[7] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
    const int32_t quarter = (int32_t)1 << 24;
    if (x == 0) return INT32_MAX;
    const int32_t remainder = (x & (quarter - 1)) - quarter;
    int32_t result = mk_exp_quarter((int32_t)((uint32_t)remainder << 5));
    uint32_t quarters = (uint32_t)(remainder - x) >> 24;
    for (uint8_t k = 0; k < 7; k++, quarters >>= 1)
        if (quarters & 1) result = mk_doubling_high_multiply(result, mk_flash_s32(&factors[k]));
    return result;
}

/* 1 / (1 + x) for x in [0, 1), Q0.31 both: Newton-Raphson division of (1 + x) / 2, three steps from 48/17 - 32/17 d. */
static inline int32_t mk_reciprocal_of_one_plus(int32_t x)
{
    const int32_t q2_one = (int32_t)1 << 29, q2_48_over_17 = 1515870810, q2_32_over_17 = 1010580540;
    const int32_t half_denominator = (int32_t)(((uint32_t)x + (uint32_t)INT32_MAX + 1) >> 1);
    int32_t estimate = q2_48_over_17 + mk_doubling_high_multiply(half_denominator, -q2_32_over_17);
    for (uint8_t i = 0; i < 3; i++) {
        const int32_t error = q2_one - mk_doubling_high_multiply(half_denominator, estimate);
        /* The product has 4 integer bits; back to 2 it saturates, which these values never reach. */
        estimate += (int32_t)((uint32_t)mk_doubling_high_multiply(estimate, error) << 2);
    }
    const int32_t limit = ((int32_t)1 << 30) - 1;
    return estimate > limit ? INT32_MAX : (int32_t)((uint32_t)estimate << 1);
}

/* Zero bits above the highest set bit; x > 0. */
static inline uint8_t mk_leading_zeros(uint32_t x)
{
    uint8_t count = 0;
    for (; !(x & ((uint32_t)1 << 31)); x <<= 1) count++;
    return count;
}

#endif
