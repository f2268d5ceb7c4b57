/* Leaky ReLU on int16: multiplier for x >= 0, alt_multiplier (which holds alpha) for x < 0; doc/SPEC.md, "LEAKY_RELU". */
#include "mk_scale_ref.h"

static inline int32_t element(const struct mk_scale *p, int32_t x)
{
    const int32_t centered = mk_scale_center(p, x);
    if (centered >= 0) return mk_scale_finish(p, centered, p->multiplier, p->in_shift);
    return mk_scale_finish(p, centered, p->alt_multiplier, p->alt_shift);
}

#define MK_NAME mk_leaky_relu_s16_ref
#define MK_IN int16_t
#define MK_OUT int16_t
#define MK_ELEMENT element
#include "mk_scale_ref.inl"
