/* mk_avr_taps.h: a depthwise convolution with any filter of at most 16 taps, one output position at a time
 * (mk_avr_taps.S): above all filters of one column, as over time.
 *
 * tile.operands is a list of pointers: entry k is the first channel of the input column under tap k, or NULL where the tap
 * lies in the padding, which stands for x' = tile.correction[0] in every channel. tile.operand_count is the number of taps.
 * The weights come in pairs of channels: both biases (24 bits each), per tap a signed weight of each, both multipliers (24
 * bits each; mk_avr_tile.h says what they mean); an odd last channel has a partner that is not written. */
#ifndef MK_AVR_TAPS_H
#define MK_AVR_TAPS_H

#include "mk_avr_tile.h"

enum { MK_AVR_MOST_TAPS = 16 };

/* Computes all channels of the position, 1 to 255. */
void mk_avr_taps(struct mk_avr_tile *t);

#endif
