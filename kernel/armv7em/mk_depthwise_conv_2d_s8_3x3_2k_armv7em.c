/* mk_depthwise_conv_2d_s8_3x3_2k_armv7em.c: 2 KB of room for sorted rows; see mk_armv7em_depthwise_3x3.h. */
#include "mk_armv7em_depthwise_3x3.h"

MK_ARMV7EM_DEPTHWISE_3X3(mk_depthwise_conv_2d_s8_3x3_2k_armv7em, 2048)
