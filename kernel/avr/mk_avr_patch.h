/* mk_avr_patch.h: where a convolution's filter lies on its input: the part that all AVR convolutions share. */
#ifndef MK_AVR_PATCH_H
#define MK_AVR_PATCH_H

#include "mote_kernel.h"

enum { MK_AVR_MOST_FILTER_ROWS = 16 };

/* The input rows under one row of outputs; NULL above and below the input. */
struct mk_avr_patch_rows {
    const int8_t *row[MK_AVR_MOST_FILTER_ROWS];
};

/* Where row r of a ring lies: a division takes 200 cycles. */
static inline uint16_t mk_avr_ring_row(uint16_t r, uint16_t ring)
{
    return r < ring ? r : ring == 1 ? 0 : (uint16_t)(r % ring);
}

/* The rows under output row r. */
void mk_avr_patch_rows_at(struct mk_avr_patch_rows *rows, const struct mk_conv_avr *c, const int8_t *in, uint16_t r);

/* How many of a filter row's taps lie left of the input, inside and right of it, with the first at column x. */
struct mk_avr_patch_columns {
    uint8_t left, inside, right;
};

struct mk_avr_patch_columns mk_avr_patch_columns_at(const struct mk_conv_avr *c, int16_t x);

#endif
