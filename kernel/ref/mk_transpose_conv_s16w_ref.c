/* mk_transpose_conv_s16w_ref.c: see mk_transpose_conv.inl. */
#include "mk_variant_s16w.h"

#define MK_FUNCTION mk_transpose_conv_s16w_ref
#include "mk_transpose_conv.inl"
