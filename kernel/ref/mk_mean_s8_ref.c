/* mk_mean_s8_ref.c: see mk_mean.inl. */
#define MK_FUNCTION mk_mean_s8_ref
#define MK_ELEMENT int8_t
#define MK_ELEMENT_MIN INT8_MIN
#define MK_ELEMENT_MAX INT8_MAX
#include "mk_mean.inl"
