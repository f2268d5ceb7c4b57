/* mk_armv7em_to_planes.h: convolutions whose output a 3x3 depthwise layer reads, in planes (mk_armv7em_planes.h): the tile
 * stores 16 bits where it stores a byte otherwise, and no other pass is needed. */
#ifndef MK_ARMV7EM_TO_PLANES_H
#define MK_ARMV7EM_TO_PLANES_H

#include "mk_armv7em_conv.h"

/* Fills in *planes and returns the place of the first output. A call from row 0 on first fills all planes with padding, that is
 * the zero point. */
int8_t *mk_armv7em_begin_planes(struct mk_armv7em_to_planes *planes, int8_t *out, const struct mk_conv_planes_armv7em *p,
                                uint16_t row_begin);

#endif
