/* mk_mean_s16_ref.c: see mk_mean.inl. */
#define MK_FUNCTION mk_mean_s16_ref
#define MK_ELEMENT int16_t
#define MK_ELEMENT_MIN INT16_MIN
#define MK_ELEMENT_MAX INT16_MAX
#include "mk_mean.inl"
