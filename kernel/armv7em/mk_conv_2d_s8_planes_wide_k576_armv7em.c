/* mk_conv_2d_s8_planes_wide_k576_armv7em.c: as mk_conv_2d_s8_wide_k576_armv7em.c, to planes; see mk_armv7em_to_planes.h. */
#include "mk_armv7em_to_planes.h"
#include "mk_armv7em_wide.h"

MK_ARMV7EM_CONV_2D_PLANES_BY(mk_armv7em_wide_conv_2d, mk_conv_2d_s8_planes_wide_k576_armv7em, 576)
