/* mk_fully_connected_s16w_ref.c: see mk_fully_connected.inl. */
#include "mk_variant_s16w.h"

#define MK_FUNCTION mk_fully_connected_s16w_ref
#include "mk_fully_connected.inl"
