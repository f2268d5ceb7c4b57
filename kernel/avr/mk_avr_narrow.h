/* mk_avr_narrow.h: up to six channels at neighbouring output positions (mk_avr_narrow.S): for layers with so few channels
 * that groups of eight and gathered inputs would cost more than the products.
 *
 * tile.operands is a list of pointers, one per filter row, to the group_bytes inputs (1 to 255) under it, and a NULL after
 * them. From position to position they advance by group_bytes - tile.more_corrections[0][0]; the list is destroyed. Weights are
 * signed bytes, in the order of the inputs: per input, one for each channel. Inputs that are zero (x' = 0, see
 * mk_avr_tile.h) are skipped. */
#ifndef MK_AVR_NARROW_H
#define MK_AVR_NARROW_H

#include "mk_avr_requantize.h"

enum { MK_AVR_NARROW_CHANNELS = 6, MK_AVR_NARROW_TAPS = 144 };

/* Computes the pixel_bytes channels of tile.pixels positions, 1 to 255, one after the other; advances tile.out. */
void mk_avr_narrow(struct mk_avr_tile *t);

#endif
