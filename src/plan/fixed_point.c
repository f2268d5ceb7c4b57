#include "fixed_point.h"

#include "lower.h"

/* a * b of two numbers with fraction bits p and q: fraction bits p + q - 31, rounded; INT32_MIN squared saturates. */
static int32_t multiply(int32_t a, int32_t b)
{
    return mote_multiply_by_quantized_multiplier(a, b, 0);
}

/* x * 2^bits, saturating where the reference does: past 2^(31 - bits) - 1 in magnitude. */
static int32_t saturating_shift_left(int32_t x, int bits)
{
    const int32_t threshold = (int32_t)(((uint32_t)1 << (31 - bits)) - 1);
    if (x > threshold) return INT32_MAX;
    if (x < -threshold) return INT32_MIN;
    return (int32_t)((uint32_t)x << bits);
}

int32_t mote_fixed_shift_right(int32_t x, int exponent)
{
    if (exponent == 0) return x;
    const int64_t half = (int64_t)1 << (exponent - 1);
    const int64_t magnitude = x < 0 ? -(int64_t)x : x;
    const int64_t shifted = (magnitude + half) >> exponent;
    return (int32_t)(x < 0 ? -shifted : shifted);
}

/* exp(x) for x in [-1/4, 0), Q0.31 both: a Taylor polynomial of degree 4 about -1/8. */
static int32_t exp_last_quarter(int32_t x)
{
    const int32_t exp_of_minus_eighth = 1895147668, third = 715827883;
    const int32_t t = x + ((int32_t)1 << 28);
    const int32_t t2 = multiply(t, t), t3 = multiply(t2, t), t4 = multiply(t2, t2);
    const int32_t higher = multiply(mote_fixed_shift_right(t4, 2) + t3, third) + t2;
    return exp_of_minus_eighth + multiply(exp_of_minus_eighth, t + mote_fixed_shift_right(higher, 1));
}

int32_t mote_fixed_exp_negative(int32_t x, int integer_bits)
{
    /* exp(-2^k) in Q0.31 for k = -2, -1, ... 4 */
    static const int32_t factors[] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
    if (x == 0) return INT32_MAX;
    const int quarter_log2 = 29 - integer_bits;
    const int32_t quarter = (int32_t)1 << quarter_log2;
    const int32_t remainder = (x & (quarter - 1)) - quarter; /* x less a multiple of 1/4, in [-1/4, 0) */
    int32_t result = exp_last_quarter(saturating_shift_left(remainder, integer_bits));
    const int32_t quarters = (int32_t)(((int64_t)remainder - x) >> quarter_log2);
    for (int k = 0; k < integer_bits + 2; k++)
        if (quarters >> k & 1) result = multiply(result, factors[k]);
    return result;
}

/* 2 / (1 + x) in Q2.29 for x in [0, 1) in Q0.31: Newton-Raphson division from the estimate 48/17 - 32/17 d. */
static int32_t twice_reciprocal_of_one_plus(int32_t x)
{
    const int32_t one = (int32_t)1 << 29;
    const int32_t half_denominator = (int32_t)(((int64_t)x + INT32_MAX + 1) / 2);
    int32_t estimate = 1515870810 + multiply(half_denominator, -1010580540);
    for (int i = 0; i < 3; i++) {
        const int32_t error = one - multiply(half_denominator, estimate);
        estimate += saturating_shift_left(multiply(estimate, error), 2);
    }
    return estimate;
}

int32_t mote_fixed_logistic(int32_t x)
{
    if (x == 0) return (int32_t)1 << 30;
    const int32_t decay = mote_fixed_exp_negative(x > 0 ? -x : x, 4);
    const int32_t of_magnitude = saturating_shift_left(twice_reciprocal_of_one_plus(decay), 1);
    return x > 0 ? of_magnitude : INT32_MAX - of_magnitude;
}

int32_t mote_fixed_tanh(int32_t x)
{
    if (x == 0) return 0;
    const int32_t decay = mote_fixed_exp_negative(x > 0 ? -x : x, 5); /* the same bits with 5 integer bits are 2 x */
    const int32_t of_magnitude = saturating_shift_left(twice_reciprocal_of_one_plus(decay) - ((int32_t)1 << 29), 2);
    return x > 0 ? of_magnitude : -of_magnitude;
}

uint8_t mote_fixed_softmax_of_two(int32_t term, int32_t other)
{
    const uint32_t sum = (uint32_t)(mote_fixed_shift_right(term, 12) + mote_fixed_shift_right(other, 12)); /* Q12.19: 1 to 2 */
    const int top = sum >> 20 ? 20 : 19;
    const int32_t fraction = (int32_t)((sum << (31 - top)) - ((uint32_t)1 << 31));
    const int32_t scale = saturating_shift_left(twice_reciprocal_of_one_plus(fraction), 1);
    const int32_t value = mote_fixed_shift_right(multiply(scale, term), top - 19 + 23);
    return (uint8_t)(value > 255 ? 255 : value);
}
