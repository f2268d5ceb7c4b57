/* mk_depthwise_conv_2d_s16w_ref.c: see mk_depthwise_conv_2d.inl. */
#include "mk_variant_s16w.h"

#define MK_FUNCTION mk_depthwise_conv_2d_s16w_ref
#include "mk_depthwise_conv_2d.inl"
