/* mk_softmax_table_s8_steady_avr.c: softmax_s8 in a time that does not depend on data: the arithmetic of
 * mk_softmax_table.h with a table of all 256 differences, with masks in place of conditions, shifts of which each step
 * is taken or not by a mask, and unsigned products, as avr-gcc's signed ones look at signs. Masks are 0 or all ones. */
#include "mk_softmax_rows.h"

/* All ones if value is negative. */
static uint32_t negative_mask(int32_t value)
{
    return (uint32_t)(value >> 31);
}

static uint32_t select(uint32_t mask, uint32_t if_set, uint32_t if_clear)
{
    return (if_set & mask) | (if_clear & ~mask);
}

/* floor((a * b + 2^30) / 2^31), negated and rounded likewise if `negate` is 1: then -floor((a * b + 2^30 - 1) / 2^31).
 * a, b < 2^31. No carry is found by comparing. */
static MK_NOINLINE uint32_t high_product(uint32_t a, uint32_t b, uint8_t negate)
{
    const uint16_t a_high = (uint16_t)(a >> 16), a_low = (uint16_t)a, b_high = (uint16_t)(b >> 16), b_low = (uint16_t)b;
    const uint32_t low = (uint32_t)a_low * b_low, middle_1 = (uint32_t)a_low * b_high, middle_2 = (uint32_t)a_high * b_low;
    const uint32_t low_half = (uint32_t)(uint16_t)low + (negate ^ 1u) + 0xffffu;  /* 2^30 - negate = 0x3fff:0xffff + 1 - negate */
    const uint32_t middle = (low >> 16) + (uint16_t)middle_1 + (uint16_t)middle_2 + 0x3fffu + (low_half >> 16);
    const uint32_t high = (uint32_t)a_high * b_high + (middle_1 >> 16) + (middle_2 >> 16) + (middle >> 16);
    const uint32_t magnitude = (high << 1) + (((uint16_t)middle) >> 15);
    const uint32_t mask = 0u - (uint32_t)negate;
    return (magnitude ^ mask) - mask;
}

/* The same for signed a: high_multiply of the reference. b >= 0. */
static uint32_t high_multiply(int32_t a, uint32_t b)
{
    const uint32_t mask = negative_mask(a);
    return high_product(((uint32_t)a ^ mask) - mask, b, (uint8_t)(mask & 1u));
}

/* 2^31 / (d * 2^-30) for d in [2^30, 2^31), Q0.31: Newton-Raphson division, three steps from 48/17 - 32/17 d. */
static uint32_t reciprocal(uint32_t denominator)
{
    const uint32_t q2_one = (uint32_t)1 << 29, q2_48_over_17 = 1515870810, q2_32_over_17 = 1010580540;
    uint32_t estimate = q2_48_over_17 + high_product(denominator, q2_32_over_17, 1);
    for (uint8_t i = 0; i < 3; i++) {
        const uint32_t error = q2_one - high_product(denominator, estimate, 0);
        estimate += high_multiply((int32_t)error, estimate) << 2;
    }
    const uint32_t most = ((uint32_t)1 << 30) - 1;
    return select(negative_mask((int32_t)(most - estimate)), INT32_MAX, estimate << 1);
}

/* Shifts *value to the left until its top bit is set; by how much. 1 <= *value. */
static uint8_t normalise(uint32_t *value)
{
    uint8_t shift = 0;
    for (uint8_t bits = 16; bits > 0; bits >>= 1) {
        const uint16_t top = (uint16_t)(*value >> (32 - bits));
        const uint16_t is_zero = (uint16_t)((uint16_t)((uint16_t)~(top | (uint16_t)(0u - top)) >> 15));
        const uint32_t mask = 0u - (uint32_t)is_zero;
        *value = select(mask, *value << bits, *value);
        shift = (uint8_t)(shift + (bits & (uint8_t)mask));
    }
    return shift;
}

/* value >> count, 0 for 32 and more; count < 64. */
static uint32_t shift_right(uint32_t value, uint8_t count)
{
    for (uint8_t bits = 1; bits <= 16; bits = (uint8_t)(bits << 1), count >>= 1)
        value = select(0u - (uint32_t)(count & 1u), value >> bits, value);
    return value & ((uint32_t)(count & 1u) - 1u);
}

static void softmax_vector(int8_t *out, const int8_t *in, const struct mk_softmax_table *p)
{
    int16_t maximum = INT8_MIN;
    for (uint16_t i = 0; i < p->depth; i++) {
        const int16_t more = (int16_t)(in[i] - maximum);
        maximum = (int16_t)(maximum + (more & ~(more >> 15)));
    }
    uint32_t sum = 0; /* Q12.19; between 2^19 and 2^31 as depth < 4096 */
    for (uint16_t i = 0; i < p->depth; i++)
        sum += ((uint32_t)mk_flash_s32(p->exp_table + (uint8_t)(maximum - in[i])) + ((uint32_t)1 << 11)) >> 12;
    const uint8_t right = (uint8_t)(35 - normalise(&sum)); /* fraction bits in excess of the output's */
    const uint32_t scale = reciprocal(sum >> 1);           /* the sum's top bit is the 1 of 1 + x */
    for (uint16_t i = 0; i < p->depth; i++) {
        const uint32_t term = (uint32_t)mk_flash_s32(p->exp_table + (uint8_t)(maximum - in[i]));
        const uint32_t twice = shift_right(high_product(scale, term, 0), (uint8_t)(right - 1));
        const uint32_t value = (twice >> 1) + (twice & 1u);
        out[i] = (int8_t)(select(negative_mask((int32_t)(255 - value)), 255, value) + (uint32_t)INT8_MIN);
    }
}

void mk_softmax_table_s8_steady_avr(int8_t *out, const int8_t *in, MK_FLASH struct mk_softmax_table *flash_params,
                                    uint16_t row_begin, uint16_t row_end)
{
    mk_softmax_rows(out, in, flash_params, row_begin, row_end, softmax_vector);
}
