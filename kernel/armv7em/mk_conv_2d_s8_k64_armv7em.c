/* mk_conv_2d_s8_k64_armv7em.c: up to 64 inputs under the filter; see mk_armv7em_conv.h. */
#include "mk_armv7em_conv.h"

MK_ARMV7EM_CONV_2D(mk_conv_2d_s8_k64_armv7em, 64)
