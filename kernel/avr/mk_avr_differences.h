/* mk_avr_differences.h: eight channels at one output position from inputs that are small or zero, less their zero point
 * (mk_avr_differences.S): for positions computed by themselves, of at most 144 inputs side by side.
 *
 * Inputs are taken as differences from the zero point, signed bytes, and listed once for all channels, as bytes:
 *     other than 0     a difference
 *     0, 8 * n         n inputs at their zero point, n from 1 to 31; at the end of the list they are left out
 *     0, 0             here a chunk ends, see mk_avr_chunks.h: the sizes of its differences add up to 256 or less
 *     0, 2             the end, MK_AVR_DIFFERENCES_END
 * Weights are signed, too, none is -128, and lie in groups of eight channels as everywhere. So the records' bias has nothing of
 * the zero point in it. Where one of a position's differences is no signed byte, differences from 0 are taken: a second set of
 * records, behind those of all channels, is for these. */
#ifndef MK_AVR_DIFFERENCES_H
#define MK_AVR_DIFFERENCES_H

#include "mk_avr_requantize.h"

enum {
    MK_AVR_DIFFERENCES_INPUTS = 144,
    MK_AVR_DIFFERENCES_LIST_BYTES = 2 * MK_AVR_DIFFERENCES_INPUTS + 4 /* a chunk has two inputs at least */
};

/* Lists `count` inputs, 1 to 144. Returns 0 if one of the differences is no signed byte, and the list is not complete. */
uint8_t mk_avr_list_differences(uint8_t *list, const int8_t *from, uint8_t count, int8_t zero_point);

/* Computes all channels of the position; tile.operands is the list. */
void mk_avr_differences(struct mk_avr_tile *t);

#endif
