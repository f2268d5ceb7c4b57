/* mk_avr_sparse.h: eight channels at one output position from the list of its nonzero inputs (mk_avr_sparse.S).
 *
 * About half of the values behind a ReLU are zero, and zeros are skipped: the position's inputs x' are first gathered into
 * a list of two-byte entries (n, x'): advance the weights by 256 - n bytes, then use x'. After an entry the weights stand at
 * the last of its eight bytes, and the list starts one byte before the weights; so neighbouring inputs have n = 255 and
 * every skipped one takes 8 off. A gap of more than 31 inputs takes an entry with x' = 0. */
#ifndef MK_AVR_SPARSE_H
#define MK_AVR_SPARSE_H

#include "mk_avr_requantize.h"

struct mk_avr_gather {
    uint8_t *next; /* in the list */
    uint8_t step;  /* n of the next entry */
    uint16_t sum;  /* of all x' */
};

/* Appends `count` >= 1 inputs. */
void mk_avr_gather(struct mk_avr_gather *g, const int8_t *from, uint8_t count);

static inline void mk_avr_gather_begin(struct mk_avr_gather *g, uint8_t *list)
{
    g->next = list;
    g->step = 0xFF;
    g->sum = 0;
}

/* Appends `count` times the same x'. */
static inline void mk_avr_gather_fill(struct mk_avr_gather *g, uint8_t x, uint16_t count)
{
    for (; count > 0; count--) {
        if (x == 0 && g->step >= 8) {
            g->step = (uint8_t)(g->step - 8);
            continue;
        }
        *g->next++ = g->step;
        *g->next++ = x;
        g->step = 0xFF;
        g->sum = (uint16_t)(g->sum + x);
    }
}

/* Computes all channels of the position; tile.operands is the list and operand_count its entries. */
void mk_avr_sparse(struct mk_avr_tile *t);

#endif
