/* mk_depthwise_conv_2d_s8_windows_4k_mve.c: with 4 KB of room for inputs; see mk_mve_depthwise.h. */
#include "mk_mve_depthwise.h"

MK_MVE_DEPTHWISE(mk_depthwise_conv_2d_s8_windows_4k_mve, 4096)
