/* mk_armv7em_wide.c: see mk_armv7em_conv.inl. */
#include "mk_armv7em_wide.h"

#define MK_CONV_2D mk_armv7em_wide_conv_2d
#define MK_POSITIONS_3 mk_armv7em_wide_3
#include "mk_armv7em_conv.inl"
