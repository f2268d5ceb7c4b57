/* mk_depthwise_conv_2d_s8_3x3_w16_armv7em.c: outputs over up to 16 columns; see mk_armv7em_depthwise_3x3.h. */
#include "mk_armv7em_depthwise_3x3.h"

MK_ARMV7EM_DEPTHWISE_3X3(mk_depthwise_conv_2d_s8_3x3_w16_armv7em, 16)
