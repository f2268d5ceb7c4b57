/* mk_conv_2d_s8_ref.c: see mk_conv_2d.inl. */
#include "mk_variant_s8.h"

#define MK_FUNCTION mk_conv_2d_s8_ref
#include "mk_conv_2d.inl"
