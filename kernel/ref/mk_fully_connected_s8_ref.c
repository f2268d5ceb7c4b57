/* mk_fully_connected_s8_ref.c: see mk_fully_connected.inl. */
#include "mk_variant_s8.h"

#define MK_FUNCTION mk_fully_connected_s8_ref
#include "mk_fully_connected.inl"
