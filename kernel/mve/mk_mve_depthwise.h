/* mk_mve_depthwise.h: what the depthwise convolutions of this family share; they differ in how much of the input they have
 * room for on the stack. */
#ifndef MK_MVE_DEPTHWISE_H
#define MK_MVE_DEPTHWISE_H

#include "mk_mve_windows.h"

enum { MK_MVE_MOST_SUMS = 256 };

/* Depthwise convolutions with as many channels out as in. For the windows that the stream's header asks for:
 *   - a window has at most 16 cells and 5 outputs; it and the weights shifted to its last output fit 16 cells;
 *   - narrow: it spans the input's rows; the room holds the rows for as many rows of outputs as a window has;
 *   - else: a row of outputs is at least a window wide, and the room holds all columns that a row of outputs reads, padding
 *     included, of the rows of one window;
 *   - one row of windows has at most MK_MVE_MOST_SUMS outputs.
 * The room counts whole blocks of 16 channels. */
void mk_mve_depthwise(int8_t *out, const int8_t *in, const struct mk_conv_armv7em *c, uint16_t row_begin, uint16_t row_end,
                      int8_t *room, uint32_t room_bytes);

/* The body of a kernel with so much room. */
#define MK_MVE_DEPTHWISE(name, room_bytes)                                                                             \
    void name(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_armv7em *p, uint16_t row_begin, uint16_t row_end) \
    {                                                                                                                  \
        int32_t room[(room_bytes) / 4];                                                                                \
        mk_mve_depthwise(out, in, p, row_begin, row_end, (int8_t *)(void *)room, (room_bytes));                        \
    }

#endif
