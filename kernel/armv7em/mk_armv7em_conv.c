/* mk_armv7em_conv.c: see mk_armv7em_conv.inl. */
#define MK_CONV_2D mk_armv7em_conv_2d
#define MK_POSITIONS_3 mk_armv7em_dual_3
#include "mk_armv7em_conv.inl"
