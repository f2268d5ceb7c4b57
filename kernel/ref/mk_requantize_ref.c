/* One integer type or scale to another; doc/SPEC.md, "QUANTIZE". */
#include "mk_scale_ref.h"

static inline int32_t element(const struct mk_scale *p, int32_t x)
{
    return mk_scale_finish(p, mk_scale_center(p, x), p->multiplier, p->in_shift);
}

#define MK_NAME mk_requantize_s8_s16_ref
#define MK_IN int8_t
#define MK_OUT int16_t
#define MK_ELEMENT element
#include "mk_scale_ref.inl"

#define MK_NAME mk_requantize_s8_s32_ref
#define MK_IN int8_t
#define MK_OUT int32_t
#define MK_ELEMENT element
#include "mk_scale_ref.inl"

#define MK_NAME mk_requantize_s16_s8_ref
#define MK_IN int16_t
#define MK_OUT int8_t
#define MK_ELEMENT element
#include "mk_scale_ref.inl"

#define MK_NAME mk_requantize_s16_s16_ref
#define MK_IN int16_t
#define MK_OUT int16_t
#define MK_ELEMENT element
#include "mk_scale_ref.inl"

#define MK_NAME mk_requantize_s16_s32_ref
#define MK_IN int16_t
#define MK_OUT int32_t
#define MK_ELEMENT element
#include "mk_scale_ref.inl"

#define MK_NAME mk_requantize_s32_s8_ref
#define MK_IN int32_t
#define MK_OUT int8_t
#define MK_ELEMENT element
#include "mk_scale_ref.inl"

#define MK_NAME mk_requantize_s32_s16_ref
#define MK_IN int32_t
#define MK_OUT int16_t
#define MK_ELEMENT element
#include "mk_scale_ref.inl"

#define MK_NAME mk_requantize_u8_s8_ref
#define MK_IN uint8_t
#define MK_OUT int8_t
#define MK_ELEMENT element
#include "mk_scale_ref.inl"

#define MK_NAME mk_requantize_s8_u8_ref
#define MK_IN int8_t
#define MK_OUT uint8_t
#define MK_ELEMENT element
#include "mk_scale_ref.inl"
