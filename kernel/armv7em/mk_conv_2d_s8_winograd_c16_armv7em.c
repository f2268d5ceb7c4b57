/* mk_conv_2d_s8_winograd_c16_armv7em.c: up to 16 input channels; see mk_armv7em_winograd.h. */
#include "mk_armv7em_winograd.h"

MK_ARMV7EM_WINOGRAD(mk_conv_2d_s8_winograd_c16_armv7em, 16)
