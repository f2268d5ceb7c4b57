/* mk_armv7em_depthwise_3x3.h: what the 3x3 kernels share; they differ in how many sorted rows they have room for. */
#ifndef MK_ARMV7EM_DEPTHWISE_3X3_H
#define MK_ARMV7EM_DEPTHWISE_3X3_H

#include "mk_armv7em_planes.h"

/* Depthwise 3x3 convolutions with stride 1 or 2 along rows, 4 channels or more, as many out as in. Three
 * sorted rows of 8 bytes times the columns under a row of outputs, rounded up to even, fit the room, and
 * MK_ARMV7EM_BLOCKS_SLACK words beyond them. Rows in either order (BOTH). */
void mk_armv7em_depthwise_3x3(int8_t *out, const int8_t *in, const struct mk_conv_armv7em *c, uint16_t row_begin,
                              uint16_t row_end, int32_t *room, uint32_t room_bytes);

/* The body of a kernel with room for `bytes` bytes of sorted rows. */
#define MK_ARMV7EM_DEPTHWISE_3X3(name, bytes)                                                                          \
    void name(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_armv7em *p, uint16_t row_begin, uint16_t row_end) \
    {                                                                                                                  \
        int32_t room[(bytes) / 4 + MK_ARMV7EM_BLOCKS_SLACK];                                                           \
        mk_armv7em_depthwise_3x3(out, in, p, row_begin, row_end, room, bytes);                                         \
    }

#endif
