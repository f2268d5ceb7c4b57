/* mk_softmax_pair.h: softmax_s8 of vectors of two elements, as classifiers of two classes have them, for the families that have the
 * kernel: the results depend on nothing but the difference of the two, and the compiler has computed them all; doc/SPEC.md, "SOFTMAX". */
#ifndef MK_SOFTMAX_PAIR_H
#define MK_SOFTMAX_PAIR_H

#include "mote_kernel.h"

static inline void mk_softmax_pair(int8_t *out, const int8_t *in, MK_FLASH struct mk_softmax_pair *flash_params, uint16_t row_begin,
                                   uint16_t row_end)
{
    MK_PARAMS(struct mk_softmax_pair, p, flash_params);
    const int16_t reach = (int16_t)p->reach;
    for (uint16_t row = row_begin; row < row_end; row++) {
        const int8_t *from = in + (uint16_t)((row % p->in_ring) * p->vectors * 2u);
        int8_t *to = out + (uint16_t)((row % p->out_ring) * p->vectors * 2u);
        for (uint16_t left = p->vectors; left > 0; left--, from += 2, to += 2) {
            int16_t difference = (int16_t)(from[0] - from[1]);
            if (difference > reach) difference = reach;
            if (difference < -reach) difference = (int16_t)-reach;
            to[0] = mk_flash_s8(p->table + (uint16_t)(reach + difference));
            to[1] = mk_flash_s8(p->table + (uint16_t)(reach - difference));
        }
    }
}

#endif
