/* mk_avr_single.h: eight channels at one output position from inputs that lie side by side and are hardly ever zero
 * (mk_avr_single.S): all of them are multiplied, and none is copied. A weight is used once, so reading it from flash (3
 * cycles) and the product (5) are the floor of what a single position can cost. */
#ifndef MK_AVR_SINGLE_H
#define MK_AVR_SINGLE_H

#include "mk_avr_tile.h"

enum { MK_AVR_SINGLE_INPUTS = 1020 };

/* Computes all channels of the position. tile.operands is its first input; operand_count is a quarter of the inputs' number,
 * rounded up, and pixels what that leaves over: their number modulo 4. */
void mk_avr_single(struct mk_avr_tile *t);

#endif
