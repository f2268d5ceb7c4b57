/* mk_scalar32_rows.h: the input rows under a row of outputs, for the convolutions of this family. */
#ifndef MK_SCALAR32_ROWS_H
#define MK_SCALAR32_ROWS_H

#include "mk_rows.h"

enum { MK_SCALAR32_MOST_FILTER_ROWS = 16 };

/* rows[fy] = the row that filter row fy reads for output row r of a call from row_begin on; NULL in the padding. */
static inline void mk_scalar32_rows_at(const int8_t **rows, const struct mk_conv_scalar32 *c, const int8_t *in,
                                      uint16_t row_begin, uint16_t r)
{
    const struct mk_rows w = {in, (uint32_t)c->in_w * c->in_c, c->in_h, c->out_h, c->filter_h, c->stride_h, c->in_ring,
                              c->pad_top, row_begin};
    mk_rows_at(rows, &w, r);
}

#endif
