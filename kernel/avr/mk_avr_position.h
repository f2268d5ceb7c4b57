/* mk_avr_position.h: what the kernels share that compute one output position in a call of their tile: from position to
 * position, and from row to row. */
#ifndef MK_AVR_POSITION_H
#define MK_AVR_POSITION_H

#include "mk_avr_patch.h"
#include "mk_avr_tile.h"

/* First what is within reach of one load. */
struct mk_avr_position {
    const struct mk_conv_avr *c;
    const int8_t *in;
    int8_t *out;
    uint16_t row, row_end; /* the row behind the position's, and the last one to compute */
    uint16_t left;         /* positions of the row, behind this one */
    int16_t x;             /* the column where the filter begins */
    struct mk_avr_tile tile; /* at the position's first channel; its inputs are still to be set, and its correction is that of none */
    struct mk_avr_patch_rows rows;
};

/* Before the first position of rows [row_begin, row_end); c must live as long as *p. */
void mk_avr_position_begin(struct mk_avr_position *p, const struct mk_conv_avr *c, int8_t *out, const int8_t *in, uint16_t row_begin,
                           uint16_t row_end);

/* Moves to the next position; 0: there is none. */
uint8_t mk_avr_position_next(struct mk_avr_position *p);

#endif
