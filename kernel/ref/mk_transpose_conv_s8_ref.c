/* mk_transpose_conv_s8_ref.c: see mk_transpose_conv.inl. */
#include "mk_variant_s8.h"

#define MK_FUNCTION mk_transpose_conv_s8_ref
#include "mk_transpose_conv.inl"
