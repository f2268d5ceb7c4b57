/* mk_fully_connected_s8_vectors_mve.c: any multiple of 16 features, else up to 1008; see mk_mve_conv.h. */
#include "mk_mve_conv.h"

MK_MVE_CONV_2D(mk_fully_connected_s8_vectors_mve, 1024)
