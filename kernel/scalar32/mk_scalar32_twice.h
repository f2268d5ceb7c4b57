/* mk_scalar32_twice.h: dense layers of whole groups of channels, requantised by the high word without a sign: two positions at a
 * time, which share weights and records, and whose sums never leave the registers. For cores with 28 of those. */
#ifndef MK_SCALAR32_TWICE_H
#define MK_SCALAR32_TWICE_H

#include "mk_scalar32_requantize.h"
#include "mk_scalar32_tile.h"

/* Does this layer have a row of outputs that mk_scalar32_dense_twice takes? */
static inline int mk_scalar32_has_twice(const struct mk_conv_scalar32 *c)
{
    return MK_SCALAR32_TWICE_IN_ASSEMBLY && c->way == MK_SCALAR32_HIGH && c->out_c % MK_SCALAR32_GROUP == 0;
}

/* Outputs of `positions` positions, an even number of at least 2, side by side: inputs and weights as mk_scalar32_dense_tile
 * takes them, of all the layer's channels, which are `d->groups` whole groups. */
void mk_scalar32_dense_twice(const struct mk_scalar32_dense *d, uint32_t offset, uint32_t positions, int8_t *out,
                             const struct mk_conv_scalar32 *c, const int32_t *records);

#endif
