/* mk_avr_narrow.h: up to six channels at one output position (mk_avr_narrow.S): for layers with so few channels that
 * groups of eight and gathered inputs would cost more than the products.
 *
 * tile.operands is a list of pointers, one per filter row, to the group_bytes inputs (1 to 255) under it; operand_count is
 * the number of filter rows. Weights are signed bytes, in the order of the inputs: per input, one for each channel. Inputs
 * that are zero (x' = 0, see mk_avr_tile.h) are skipped. */
#ifndef MK_AVR_NARROW_H
#define MK_AVR_NARROW_H

#include "mk_avr_requantize.h"

enum { MK_AVR_NARROW_CHANNELS = 6, MK_AVR_NARROW_TAPS = 144 };

/* Computes the position's channels. */
void mk_avr_narrow(struct mk_avr_tile *t);

#endif
