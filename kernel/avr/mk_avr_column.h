/* mk_avr_column.h: a depthwise convolution along a column, as over time: one channel at four neighbouring positions at a time
 * (mk_avr_column.S), so that a weight is read once for four products and an input about once for as many.
 *
 * Inputs and weights are taken as they are, signed; so the records' bias has the inputs' zero point in it, and no more. Per
 * channel in flash: the record's bias (24 bits), the weights from the top down, the record's multiplier (24 bits). */
#ifndef MK_AVR_COLUMN_H
#define MK_AVR_COLUMN_H

#include "mk_avr_tile.h"

#include "mk_avr_column_layout.h"

enum { MK_AVR_COLUMN_POSITIONS = 4 };

struct mk_avr_column {
#if defined(__AVR__)
    uint16_t weights; /* of channel 0 */
    uint8_t weights_bank;
#else
    const uint8_t *weights;
#endif
    const int8_t *in; /* channel 0 of the first input of the first of four positions; rows of `channels` bytes */
    uint8_t channels; /* 1 to 255 */
    uint8_t channel; /* 0 */
    uint8_t taps;
    uint8_t skipped; /* positions that are not wanted, before the first that is, */
    uint8_t wanted;  /* and those that are: skipped + wanted <= 4 */
    int8_t *out;     /* channel 0 of the first position wanted; rows of `channels` bytes */
    struct mk_avr_requant requant;
};

/* Computes the positions for all channels, channel by channel: an output may lie only on inputs of the same channel, and of
 * those only where no later call reads. */
void mk_avr_column(struct mk_avr_column *d);

#endif
