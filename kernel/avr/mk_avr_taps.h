/* mk_avr_taps.h: a depthwise convolution with any filter of at most 16 taps, one output position at a time
 * (mk_avr_taps.S): above all filters of one column, as over time.
 *
 * tile.operands is a list of pointers: entry k is the first channel of the input column under tap k, or NULL where the tap
 * lies in the padding, which stands for tile.correction[0], signed, in every channel. tile.operand_count is the number of
 * taps. Inputs and weights are taken as they are, signed; so the records' bias has the inputs' zero point in it, and no more.
 * What belongs to four channels stands together: their biases, for each tap their weights, and their multipliers, whatever stands
 * for missing channels. */
#ifndef MK_AVR_TAPS_H
#define MK_AVR_TAPS_H

#include "mk_avr_tile.h"

enum { MK_AVR_MOST_TAPS = 16, MK_AVR_TAPS_GROUP = 4 };

/* Computes all channels of the position, 1 to 255. */
void mk_avr_taps(struct mk_avr_tile *t);

#endif
