/* mk_avr_coded.h: eight channels at one output position from weights that are stored in half the bytes, without loss
 * (mk_avr_coded.S): for filters of one column and row, i.e. fully connected layers and 1x1 convolutions.
 *
 * Most weights of a layer often lie within 16 neighbouring values. Such a group of eight channels is stored in nibbles,
 * n = w + base, and the few others are corrected afterwards. In flash, group after group, each begins with its form:
 *   MK_AVR_FORM_BYTES    per input eight bytes w + 128, as for the other tiles
 *   MK_AVR_FORM_NIBBLES  per input four bytes, of which byte k holds channel 2k in the low nibble, channel 2k + 1 in the
 *                        high one; then base (0..128); then per channel a count of corrections and for each of them two
 *                        bytes (gap, d): go on by `gap` inputs, starting at the first, and add d (signed) to the weight of
 *                        that input. A count of 255 is followed, after that many, by a count of more.
 * Missing channels of the last group have weights that do not matter, and no corrections.
 *
 * Nibbles are never taken apart. With b = low + 16 * high, and b' the same with the nibbles swapped, the sums over all
 * inputs are S = sum b x' = L + 16 H and S' = sum b' x' = 16 L + H, hence
 *     L = (16 S' - S) / 255,  H = (16 S - S') / 255,  and modulo 2^24  1 / 255 = -0x010101.
 * An input that is zero is skipped, as by the other tiles. */
#ifndef MK_AVR_CODED_H
#define MK_AVR_CODED_H

#include "mk_avr_requantize.h"

enum { MK_AVR_FORM_BYTES = 0, MK_AVR_FORM_NIBBLES = 1 };

/* Computes all channels of the position. tile.operands is its first input, more_corrections[0] the sum of x' (its low 24
 * bits), more_corrections[1] the number of inputs: its low byte, then how often 256 begin in it. */
void mk_avr_coded(struct mk_avr_tile *t);

#endif
