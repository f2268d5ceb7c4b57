/* mk_armv7em_wide.h: as mk_armv7em_conv.h with weights of 16 bits: fewer instructions for twice the flash. */
#ifndef MK_ARMV7EM_WIDE_H
#define MK_ARMV7EM_WIDE_H

#include "mk_armv7em_conv.h"

void mk_armv7em_wide_conv_2d(int8_t *out, const int8_t *in, const struct mk_conv_armv7em *c, uint16_t row_begin,
                             uint16_t row_end, const struct mk_armv7em_room *room);

#define MK_ARMV7EM_WIDE_CONV_2D(name, inputs) MK_ARMV7EM_CONV_2D_BY(mk_armv7em_wide_conv_2d, name, inputs)

#endif
