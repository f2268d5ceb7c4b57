/* mk_fully_connected_s16_ref.c: see mk_fully_connected.inl. */
#include "mk_variant_s16.h"

#define MK_FUNCTION mk_fully_connected_s16_ref
#include "mk_fully_connected.inl"
