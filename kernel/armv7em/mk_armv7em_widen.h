/* mk_armv7em_widen.h: inputs to 16 bits, in the order that the tiles want (mk_armv7em_widen.S). */
#ifndef MK_ARMV7EM_WIDEN_H
#define MK_ARMV7EM_WIDEN_H

#include "mote_kernel.h"

/* groups * 4 bytes of one vector or of three to columns; groups >= 1. */
void mk_armv7em_widen_1(int16_t *columns, const int8_t *in, uint32_t groups);
void mk_armv7em_widen_3(int16_t *columns, const int8_t *in_0, const int8_t *in_1, const int8_t *in_2, uint32_t groups);

#endif
