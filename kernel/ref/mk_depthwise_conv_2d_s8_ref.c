/* mk_depthwise_conv_2d_s8_ref.c: see mk_depthwise_conv_2d.inl. */
#include "mk_variant_s8.h"

#define MK_FUNCTION mk_depthwise_conv_2d_s8_ref
#include "mk_depthwise_conv_2d.inl"
