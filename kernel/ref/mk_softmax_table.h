/* mk_softmax_table.h: softmax_s8 with the exponentials of all differences from a table, for the families that have the kernel;
 * doc/SPEC.md, "SOFTMAX". */
#ifndef MK_SOFTMAX_TABLE_H
#define MK_SOFTMAX_TABLE_H

#include "mk_requantize.h"
#include "mk_softmax_rows.h"

/* One copy of it: inlined, it would be most of the kernel. */
static MK_NOINLINE int32_t high_multiply(int32_t a, int32_t b)
{
    return mk_doubling_high_multiply(a, b);
}

/* exp of -below input steps, Q0.31. Not inlined: that is 60 bytes less. */
static MK_NOINLINE int32_t exp_term(const struct mk_softmax_table *p, uint8_t below)
{
    return below < p->entries ? mk_flash_s32(p->exp_table + below) : 0;
}

/* 2^31 / (d * 2^-30) for d in [2^30, 2^31), Q0.31: Newton-Raphson division, three steps from 48/17 - 32/17 d. */
static int32_t reciprocal(int32_t denominator)
{
    const int32_t q2_one = (int32_t)1 << 29, q2_48_over_17 = 1515870810, q2_32_over_17 = 1010580540;
    int32_t estimate = q2_48_over_17 + high_multiply(denominator, -q2_32_over_17);
    for (uint8_t i = 0; i < 3; i++) {
        const int32_t error = q2_one - high_multiply(denominator, estimate);
        estimate += (int32_t)((uint32_t)high_multiply(estimate, error) << 2);
    }
    return estimate > ((int32_t)1 << 30) - 1 ? INT32_MAX : (int32_t)((uint32_t)estimate << 1);
}

static void softmax_vector(int8_t *out, const int8_t *in, const struct mk_softmax_table *p)
{
    int8_t maximum = INT8_MIN;
    for (uint16_t i = 0; i < p->depth; i++)
        if (in[i] > maximum) maximum = in[i];
    uint32_t sum = 0; /* Q12.19; between 2^19 and 2^31 as depth < 4096 */
    for (uint16_t i = 0; i < p->depth; i++) {
        const uint32_t halfway = (uint32_t)1 << 11;
        sum += ((uint32_t)exp_term(p, (uint8_t)(maximum - in[i])) + halfway) >> 12;
    }
    uint8_t right = 35; /* fraction bits in excess of the output's, less those that the sum's integer bits take off */
    for (; !(sum >> 31); sum <<= 1) right--;
    const int32_t scale = reciprocal((int32_t)(sum >> 1)); /* the sum's top bit is the 1 of 1 + x */
    for (uint16_t i = 0; i < p->depth; i++) {
        const int32_t term = exp_term(p, (uint8_t)(maximum - in[i]));
        uint16_t value = 0;
        if (term && right <= 31) { /* right >= 23, and the product is not negative: rounded to nearest, half up */
            value = (uint16_t)((uint32_t)high_multiply(scale, term) >> 16);
            value = (uint16_t)((value >> (right - 17)) + 1) / 2;
        }
        out[i] = (int8_t)(value > 255 ? INT8_MAX : (int16_t)value + INT8_MIN);
    }
}

static inline void mk_softmax_table(int8_t *out, const int8_t *in, MK_FLASH struct mk_softmax_table *flash_params, uint16_t row_begin,
                                    uint16_t row_end)
{
    mk_softmax_rows(out, in, flash_params, row_begin, row_end, softmax_vector);
}

#endif
