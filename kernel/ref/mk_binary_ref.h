/* mk_binary_ref.h: one output element of each binary operator from one element of each input. */
#ifndef MK_BINARY_REF_H
#define MK_BINARY_REF_H

#include "mk_requantize.h"

static inline int32_t mk_binary_finish(const struct mk_binary *p, int32_t value)
{
    const int32_t scaled = mk_multiply_by_quantized_multiplier(value, p->out_multiplier, p->out_shift);
    return mk_clamp(mk_add_wrapping(scaled, p->out_zero_point), p->act_min, p->act_max);
}

/* (x + offset) * 2^left_shift on the scale that both inputs share; the compiler chose left_shift so that this fits. */
static inline int32_t mk_binary_rescale(int32_t x, int16_t offset, int8_t left_shift, int32_t multiplier, int8_t shift)
{
    const int32_t shifted = (int32_t)((uint32_t)(x + offset) << left_shift);
    return mk_multiply_by_quantized_multiplier(shifted, multiplier, shift);
}

static inline int32_t mk_binary_add(const struct mk_binary *p, int32_t a, int32_t b)
{
    return mk_binary_finish(p, mk_binary_rescale(a, p->a_offset, p->left_shift, p->a_multiplier, p->a_shift) +
                                   mk_binary_rescale(b, p->b_offset, p->left_shift, p->b_multiplier, p->b_shift));
}

static inline int32_t mk_binary_sub(const struct mk_binary *p, int32_t a, int32_t b)
{
    return mk_binary_finish(p, mk_binary_rescale(a, p->a_offset, p->left_shift, p->a_multiplier, p->a_shift) -
                                   mk_binary_rescale(b, p->b_offset, p->left_shift, p->b_multiplier, p->b_shift));
}

static inline int32_t mk_binary_mul(const struct mk_binary *p, int32_t a, int32_t b)
{
    return mk_binary_finish(p, (a + p->a_offset) * (b + p->b_offset));
}

static inline int32_t mk_binary_maximum(const struct mk_binary *p, int32_t a, int32_t b)
{
    (void)p;
    return a > b ? a : b;
}

static inline int32_t mk_binary_minimum(const struct mk_binary *p, int32_t a, int32_t b)
{
    (void)p;
    return a < b ? a : b;
}

#endif
