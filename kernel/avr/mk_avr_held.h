/* mk_avr_held.h: one output row of a convolution with few inputs per output (mk_avr_held.S): channel by channel, and filter row
 * by filter row, the weights are held in registers while all positions of the row pass by.
 *
 * Inputs and weights are taken as they are, signed; so the records' bias has the inputs' zero point in it, and no more. A
 * filter of one row has at most 8 inputs in it, and outputs come straight from the sums; of several rows each has at most 9, and
 * between rows the sums are kept in RAM; then no weight may be -128, and the bias is less by MK_AVR_HELD_ADDED for each row but
 * the last. Per channel in flash: the record's bias (24 bits), per filter row 8 or 9 weights,
 * of which the last may be 0 (their inputs are read all the same), the record's multiplier (24 bits). Outputs take all 256
 * values. */
#ifndef MK_AVR_HELD_H
#define MK_AVR_HELD_H

#include "mk_avr_patch.h"
#include "mk_avr_tile.h"

#include "mk_avr_held_layout.h"

enum {
    MK_AVR_HELD_TAPS_OF_ONE = 8, /* in a filter row, if it is the only one, */
    MK_AVR_HELD_TAPS = 9,        /* or if it is not */
    MK_AVR_HELD_ADDED = 4 << 15, /* to a sum, in a row that is not the last */
    MK_AVR_HELD_ROW_COUNT = 3,   /* filter rows, */
    MK_AVR_HELD_COLUMNS = 64,    /* positions, */
    MK_AVR_HELD_PADDED = 2,      /* of these such that see padding left or right, */
    MK_AVR_HELD_ROW_BYTES = 384, /* and bytes of a row of inputs that its outputs may lie on: at most */
    MK_AVR_HELD_MOST_PARTS = MK_AVR_HELD_PADDED + 1 /* of a row */
};

/* Neighbouring positions, and their inputs under a row of the filter: of each, `back` bytes before the end of the last one's. */
struct mk_avr_held_part {
    uint8_t count; /* at least 1 */
    uint8_t back;
    const int8_t *in;
};

struct mk_avr_held {
#if defined(__AVR__)
    uint16_t weights; /* of the current channel */
    uint8_t weights_bank;
#else
    const uint8_t *weights;
#endif
    const struct mk_avr_held_part *parts; /* of all filter rows, */
    uint8_t parts_per_row;                /* as many of each */
    uint8_t rows;                         /* of the filter */
    uint8_t channels;                     /* 1 to 255 */
    uint8_t channel;                      /* current */
    int8_t *out;                          /* channel 0 of the first position */
    uint8_t *sums;                        /* scratch, if there are several rows: 3 bytes per position */
    struct mk_avr_requant requant;
    uint8_t rows_left; /* scratch, and what follows */
    const struct mk_avr_held_part *part;
    uint8_t parts_left;
};

/* Computes the row for all channels from the current one on. */
void mk_avr_held(struct mk_avr_held *d);

#endif
