/* mk_scale_ref.h: the step that the elementwise kernels with struct mk_scale share. */
#ifndef MK_SCALE_REF_H
#define MK_SCALE_REF_H

#include "mk_requantize.h"

/* out_zero_point + x scaled, clamped to the activation bounds; the sum wraps as the reference's does. */
static inline int32_t mk_scale_finish(const struct mk_scale *p, int32_t x, int32_t multiplier, int shift)
{
    const int32_t scaled = mk_multiply_by_quantized_multiplier(x, multiplier, shift);
    return mk_clamp(mk_add_wrapping(scaled, p->out_zero_point), p->act_min, p->act_max);
}

/* Minus the input's zero point. Only int32 inputs can wrap. */
static inline int32_t mk_scale_center(const struct mk_scale *p, int32_t x)
{
    return mk_add_wrapping(x, p->in_offset);
}

#endif
