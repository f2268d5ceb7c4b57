/* mk_depthwise_conv_2d_s8_windows_5k_mve.c: with 5 KB of room for inputs; see mk_mve_depthwise.h. */
#include "mk_mve_depthwise.h"

MK_MVE_DEPTHWISE(mk_depthwise_conv_2d_s8_windows_5k_mve, 5120)
