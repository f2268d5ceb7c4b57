/* mk_softmax_pair.h: softmax_s8 of vectors of two elements, as classifiers of two classes have them, for the families that have the
 * kernel: the results depend on nothing but the distance of the two, and the compiler has computed them all; doc/SPEC.md, "SOFTMAX". */
#ifndef MK_SOFTMAX_PAIR_H
#define MK_SOFTMAX_PAIR_H

#include "mote_kernel.h"

/* Not inlined: on AVR the loops around it would spill what it needs. */
static MK_NOINLINE void softmax_of_two(int8_t *out, const int8_t *in, const struct mk_softmax_pair *p)
{
    const int8_t a = in[0], b = in[1];
    uint8_t distance = (uint8_t)(a > b ? a - b : b - a);
    if (distance > p->reach) distance = p->reach;
    const int16_t both = mk_flash_s16(p->table + distance);
    const int8_t larger = (int8_t)(both & 0xff), smaller = (int8_t)(both >> 8);
    out[0] = a > b ? larger : smaller;
    out[1] = a > b ? smaller : larger; /* equal ones have equal results */
}

static inline void mk_softmax_pair(int8_t *out, const int8_t *in, MK_FLASH struct mk_softmax_pair *flash_params, uint16_t row_begin,
                                   uint16_t row_end)
{
    MK_PARAMS(struct mk_softmax_pair, p, flash_params);
    const uint16_t row_elements = (uint16_t)(p->vectors * 2u);
    for (uint16_t row = row_begin; row < row_end; row++) {
        const int8_t *from = in + (uint16_t)(row % p->in_ring * row_elements);
        int8_t *to = out + (uint16_t)(row % p->out_ring * row_elements);
        for (uint16_t i = 0; i < row_elements; i += 2) softmax_of_two(to + i, from + i, p);
    }
}

#endif
