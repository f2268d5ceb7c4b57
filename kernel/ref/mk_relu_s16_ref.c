/* Rescaling with an activation's bounds on int16; doc/SPEC.md, "RELU and RELU6". */
#include "mk_scale_ref.h"

static inline int32_t element(const struct mk_scale *p, int32_t x)
{
    return mk_scale_finish(p, mk_scale_center(p, x), p->multiplier, p->in_shift);
}

#define MK_NAME mk_relu_s16_ref
#define MK_IN int16_t
#define MK_OUT int16_t
#define MK_ELEMENT element
#include "mk_scale_ref.inl"
