/* Softmax of int16 (result scale 1/32768, zero point 0) by two interpolated tables; doc/SPEC.md, "SOFTMAX". */
#include "mk_exp_ref.h"

/* Table of 513 entries at x in [-32768, 32767], linear between every 128th. */
static int16_t interpolate(MK_FLASH int16_t *table, int32_t x)
{
    const uint16_t index = (uint16_t)(256 + (x >> 7));
    const int32_t fraction = x & 0x7f;
    const int32_t base = mk_flash_s16(table + index), slope = mk_flash_s16(table + index + 1) - base;
    return (int16_t)(base + ((slope * fraction + 64) >> 7));
}

static int16_t vector_maximum(const int16_t *in, uint16_t depth)
{
    int16_t maximum = INT16_MIN;
    for (uint16_t i = 0; i < depth; i++)
        if (in[i] > maximum) maximum = in[i];
    return maximum;
}

/* out holds exp of the differences, in Q0.15, between the two passes. */
static void softmax_vector(int16_t *out, const int16_t *in, const struct mk_softmax *p)
{
    const int16_t maximum = vector_maximum(in, p->depth);
    uint32_t sum = 0; /* Q16.15: at most 65535 terms below 2^15 */
    for (uint16_t i = 0; i < p->depth; i++) {
        /* [-10, 0] is mapped to [-65535, 0], then centred for the table. */
        const int32_t scaled =
            mk_multiply_by_quantized_multiplier((int32_t)in[i] - maximum, p->multiplier, p->shift);
        const int32_t term = interpolate(p->exp_table, mk_clamp(scaled + 32767, -(int32_t)32767 - 1, 32767));
        out[i] = (int16_t)term;
        sum += (uint32_t)term;
    }
    const uint8_t zeros = mk_leading_zeros(sum);
    /* sum as 1.16 fixed point in [2^16, 2^17], less 1 and centred for the table of 1 / (1 + x). */
    const int32_t mantissa = (int32_t)(((sum << (zeros - 1)) + ((uint32_t)1 << 13)) >> 14);
    const int32_t reciprocal = interpolate(p->reciprocal_table, mk_clamp(mantissa - 98304, -(int32_t)32767 - 1, 32767));
    const uint8_t right_shift = (uint8_t)(31 - zeros);
    const int32_t round = (int32_t)((uint32_t)1 << (right_shift - 1));
    for (uint16_t i = 0; i < p->depth; i++)
        out[i] = (int16_t)mk_clamp(((int32_t)out[i] * reciprocal + round) >> right_shift, 0, 32767);
}

void mk_softmax_s16_ref(int16_t *out, const int16_t *in, MK_FLASH struct mk_softmax *flash_params, uint16_t row_begin,
                        uint16_t row_end)
{
    MK_PARAMS(struct mk_softmax, p, flash_params);
    const size_t row_elements = (size_t)p->vectors * p->depth;
    for (uint16_t row = row_begin; row < row_end; row++) {
        const int16_t *from = in + (size_t)(row % p->in_ring) * row_elements;
        int16_t *to = out + (size_t)(row % p->out_ring) * row_elements;
        for (uint16_t v = 0; v < p->vectors; v++, from += p->depth, to += p->depth) softmax_vector(to, from, p);
    }
}
