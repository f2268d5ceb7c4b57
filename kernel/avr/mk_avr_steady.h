/* mk_avr_steady.h: tiles whose running time does not depend on data (mk_avr_steady.S): no input is tested for zero, and sums
 * become output bytes without a branch. Only shapes and constants of the model decide how long they take.
 *
 * Records: per output channel twelve bytes in flash: bias (24 bits, as in mk_avr_tile.h), a multiplier m (32 bits), the
 * bits 8 to 39 of an addend c, whose other bits are 0, and 0 or 1 for a shift s of 32 or 40. The output is
 *     zero point + sign(sum) * ((|sum| * m + c) >> s), clamped.
 * The compiler proves for every channel that this is the reference's byte for every sum that it can reach. */
#ifndef MK_AVR_STEADY_H
#define MK_AVR_STEADY_H

#include "mk_avr_tile.h"

enum { MK_AVR_STEADY_RECORD_BYTES = 12, MK_AVR_STEADY_CHANNELS_AT_ONCE = 4 };

struct mk_avr_steady_run {
    const int8_t *from;
    uint8_t count; /* 0 ends the list */
};

/* Computes all channels of a position; tile.operands is a list of runs of inputs (struct mk_avr_steady_run) in the order of
 * the weights, which are in groups of eight channels, each plus 128: for each input a byte per channel. */
void mk_avr_steady_runs(struct mk_avr_tile *t);

/* Computes all channels of a position of a depthwise convolution. tile.operands is a list of operand_count pointers to the
 * input column under each tap; NULL: padding, for which the first four bytes of tile.more_corrections stand. The
 * weights, signed, are in groups of four channels: for each tap a byte per channel; as many groups as eight channels need.
 * Up to seven bytes behind the last channel are read. At most 248 channels. */
void mk_avr_steady_taps(struct mk_avr_tile *t);

/* Makes tile.sums, of at most eight channels, outputs. */
void mk_avr_steady_finish(struct mk_avr_tile *t);

#endif
