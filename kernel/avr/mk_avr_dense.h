/* mk_avr_dense.h: two channels at up to three output positions at a time (mk_avr_dense.S), for inputs that are hardly ever
 * zero: a weight is read once per three positions, an input once per two channels.
 *
 * The x' of three (or two) neighbouring positions are gathered alternately: first input of each, second input of each...
 * Weights are stored as w + 128 in pairs of channels: per input the two channels' bytes; an odd last channel has a partner
 * that is not written. Behind them stand the pair's records. Positions are taken by threes, but the last four as two and two. */
#ifndef MK_AVR_DENSE_H
#define MK_AVR_DENSE_H

#include "mk_avr_window.h"

enum { MK_AVR_DENSE_PIXELS = 3, MK_AVR_DENSE_CHANNELS = 2, MK_AVR_DENSE_INPUTS = 144 /* per output, at most */ };

/* Computes a row of outputs; tile.operands has room for MK_AVR_DENSE_PIXELS bytes per input of an output. */
void mk_avr_dense(struct mk_avr_window *w);

/* The kernel, given that room. */
void mk_avr_convolve_dense(int8_t *out, const int8_t *in, MK_FLASH struct mk_conv_avr *p, uint16_t row_begin,
                           uint16_t row_end, uint8_t *patches);

#endif
