/* mk_conv_2d_s8_strip_2k_mve.c: up to 2032 bytes of inputs per position; see mk_mve_conv.h. */
#include "mk_mve_conv.h"

MK_MVE_CONV_2D(mk_conv_2d_s8_strip_2k_mve, 2048)
