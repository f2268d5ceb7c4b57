/* mk_mve_conv.h: what the convolutions and fully connected layers of this family share; they differ in how much of the
 * input they have room for on the stack. */
#ifndef MK_MVE_CONV_H
#define MK_MVE_CONV_H

#include "mk_mve_tile.h"

/* Beyond the last input: whole blocks are filled and read. */
enum { MK_MVE_SLACK = 16 };

/* conv_2d from and to rows as every kernel. The inputs of one position and twice MK_MVE_SLACK bytes fit the room; it is not
 * used if they are whole blocks that lie side by side. The stream's weights are in the order filter column, filter row, channel. */
void mk_mve_conv_2d(int8_t *out, const int8_t *in, const struct mk_conv_armv7em *c, uint16_t row_begin, uint16_t row_end,
                    int8_t *room, uint32_t room_bytes);

/* The body of a kernel with so much room. */
#define MK_MVE_CONV_2D(name, room_bytes)                                                                               \
    void name(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_armv7em *p, uint16_t row_begin, uint16_t row_end) \
    {                                                                                                                  \
        int32_t room[(room_bytes) / 4];                                                                                \
        mk_mve_conv_2d(out, in, p, row_begin, row_end, (int8_t *)(void *)room, (room_bytes));                          \
    }

#endif
