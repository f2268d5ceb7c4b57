/* mk_conv_2d_s8_wide_k576_armv7em.c: up to 576 inputs under the filter, weights of 16 bits; see mk_armv7em_wide.h. */
#include "mk_armv7em_wide.h"

MK_ARMV7EM_WIDE_CONV_2D(mk_conv_2d_s8_wide_k576_armv7em, 576)
