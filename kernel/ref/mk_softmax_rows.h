/* mk_softmax_rows.h: the vectors of rows, for kernels with exponentials from a table. */
#ifndef MK_SOFTMAX_ROWS_H
#define MK_SOFTMAX_ROWS_H

#include "mote_kernel.h"

typedef void mk_softmax_vector(int8_t *out, const int8_t *in, const struct mk_softmax_table *p);

/* `softmax` of each vector of the rows. */
static inline void mk_softmax_rows(int8_t *out, const int8_t *in, MK_FLASH struct mk_softmax_table *flash_params, uint16_t row_begin,
                                   uint16_t row_end, mk_softmax_vector *softmax)
{
    MK_PARAMS(struct mk_softmax_table, p, flash_params);
    const uint16_t row_elements = (uint16_t)(p->vectors * p->depth);
    for (uint16_t row = row_begin; row < row_end; row++) {
        const int8_t *from = in + (uint16_t)((row % p->in_ring) * row_elements);
        int8_t *to = out + (uint16_t)((row % p->out_ring) * row_elements);
        for (uint16_t v = 0; v < p->vectors; v++, from += p->depth, to += p->depth) softmax(to, from, p);
    }
}

#endif
