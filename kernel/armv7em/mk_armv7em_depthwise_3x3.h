/* mk_armv7em_depthwise_3x3.h: what the 3x3 kernels share; they differ in how long a row they have room for on the stack. */
#ifndef MK_ARMV7EM_DEPTHWISE_3X3_H
#define MK_ARMV7EM_DEPTHWISE_3X3_H

#include "mk_armv7em_depthwise.h"

enum { MK_ARMV7EM_MOST_ROW_BYTES = 1024 }; /* of an input row, where there is padding above or below */

/* Depthwise 3x3 convolutions with stride 1 or 2 along rows and up to 2 columns of padding on the left, 4 channels or more,
 * as many out as in. `columns` has room for all that a row of outputs covers, (out_w - 1) * stride_w + 3; `pad_row` for an
 * input row. */
void mk_armv7em_depthwise_3x3(int8_t *out, const int8_t *in, const struct mk_conv_armv7em *c, uint16_t row_begin,
                              uint16_t row_end, int32_t *columns, int8_t *pad_row);

/* The body of a kernel for rows of outputs that lie over up to `width` columns, (out_w - 1) * stride_w + 1. */
#define MK_ARMV7EM_DEPTHWISE_3X3(name, width)                                                                          \
    void name(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_armv7em *p, uint16_t row_begin, uint16_t row_end) \
    {                                                                                                                  \
        int32_t columns[((width) + 2) * MK_ARMV7EM_COLUMN_WORDS];                                                      \
        int8_t pad_row[MK_ARMV7EM_MOST_ROW_BYTES];                                                                     \
        mk_armv7em_depthwise_3x3(out, in, p, row_begin, row_end, columns, pad_row);                                    \
    }

#endif
