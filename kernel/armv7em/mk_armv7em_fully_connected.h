/* mk_armv7em_fully_connected.h: what the fully_connected kernels of this family share. Parameters are those of a 1x1
 * convolution with one position per row. */
#ifndef MK_ARMV7EM_FULLY_CONNECTED_H
#define MK_ARMV7EM_FULLY_CONNECTED_H

#include "mk_armv7em_position.h"

/* fully_connected with room for the inputs, widened and rounded up to groups of four, in columns. */
void mk_armv7em_fully_connected(int8_t *out, const int8_t *in, const struct mk_conv_armv7em *c, uint16_t row_begin,
                                uint16_t row_end, int16_t *columns);

/* The body of a kernel with room for `inputs` inputs, a multiple of four; in words for alignment. */
#define MK_ARMV7EM_FULLY_CONNECTED(name, inputs)                                                                       \
    void name(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_armv7em *p, uint16_t row_begin, uint16_t row_end) \
    {                                                                                                                  \
        int32_t columns[(inputs) / 2];                                                                                 \
        mk_armv7em_fully_connected(out, in, p, row_begin, row_end, (int16_t *)(void *)columns);                        \
    }

#endif
