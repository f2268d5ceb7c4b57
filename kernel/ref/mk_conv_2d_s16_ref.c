/* mk_conv_2d_s16_ref.c: see mk_conv_2d.inl. */
#include "mk_variant_s16.h"

#define MK_FUNCTION mk_conv_2d_s16_ref
#include "mk_conv_2d.inl"
