/* mk_avr_sparse.h: eight channels at one output position from the list of its nonzero inputs (mk_avr_sparse.S).
 *
 * About half of the values behind a ReLU are zero, and zeros are skipped: the position's inputs x' are first gathered into
 * a list of two-byte entries (n, x'): advance the weights by 256 - n bytes, then use x'. After an entry the weights stand at
 * the last of its eight bytes, and the list starts one byte before the weights; so neighbouring inputs have n = 255 and
 * every skipped one takes 8 off. A gap of more than 31 inputs takes an entry with x' = 0.
 *
 * Weights are signed, and products are added up in 16 bits, by chunks whose x' add up to 255 or less: at most 127 * 255, and the 255
 * of the low byte, which stays; at least -128 * 255. What an n has less than that in its lowest three bits is a mark: 1, a chunk ends before this
 * entry; 3, the list ends, with one more n, for the zeros behind the last entry; its own
 * address follows. */
#ifndef MK_AVR_SPARSE_H
#define MK_AVR_SPARSE_H

#include "mk_avr_window.h"

enum { MK_AVR_SPARSE_INPUTS = 144 /* per output, at most */, MK_AVR_SPARSE_ADDED = 1 << 15 /* to each sum; the bias leaves it out */ };

/* Of a list of so many inputs. */
#define MK_AVR_SPARSE_LIST_BYTES(inputs) (2 * (inputs) + 3)

/* Computes a row of outputs; tile.operands has room for the list of an output. */
void mk_avr_sparse(struct mk_avr_large_window *w);

/* The kernel, given that room. */
void mk_avr_convolve_sparse(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin,
                            uint16_t row_end, uint8_t *list);

#endif
