/* mk_avr_dense.h: two channels at up to three output positions at a time (mk_avr_dense.S), for inputs that are hardly ever
 * zero: a weight is read once per three positions, an input once per two channels.
 *
 * The x' of three (or two) neighbouring positions are gathered alternately: first input of each, second input of each...
 * Weights are stored as w + 128 in pairs of channels: per input the two channels' bytes; an odd last channel has a partner
 * that is not written. tile.group_bytes counts the bytes of a pair. */
#ifndef MK_AVR_DENSE_H
#define MK_AVR_DENSE_H

#include "mk_avr_tile.h"

enum { MK_AVR_DENSE_PIXELS = 3 };

struct mk_avr_gather_dense {
    uint8_t *next;
    uint8_t step; /* positions gathered side by side: 2 or 3 */
    uint16_t sum; /* of all x' */
};

/* Appends `count` >= 1 inputs of one position. */
void mk_avr_gather_dense(struct mk_avr_gather_dense *g, const int8_t *from, uint8_t count);

static inline void mk_avr_gather_dense_fill(struct mk_avr_gather_dense *g, uint8_t x, uint8_t count)
{
    for (; count > 0; count--) {
        *g->next = x;
        g->next += g->step;
        g->sum = (uint16_t)(g->sum + x);
    }
}

/* Computes all channels of tile.pixels positions (1 to 3). tile.operands is what was gathered, three side by side if pixels
 * is 3 and two otherwise; operand_count >= 1 is the number of inputs per position. */
void mk_avr_dense(struct mk_avr_tile *t);

#endif
