/* mk_scalar32_squares.h: products on cores that cannot multiply, from a table of squares:
 *     2 x w = (x + w)^2 - x^2 - w^2        and        4 x w = (x + w)^2 - (x - w)^2.
 * In sums over the inputs under a filter the first takes one look at the table per product: the squares of the inputs are the
 * same for all output channels, those of the weights are the same for all positions. Where channels share no inputs, as in
 * depthwise layers, the second takes two. Inputs are int8, weights at least -127: squares have 16 bits. */
#ifndef MK_SCALAR32_SQUARES_H
#define MK_SCALAR32_SQUARES_H

#include "mote_kernel.h"

#include "mk_scalar32_assembly.h"

enum { MK_SCALAR32_MOST_ROOT = 255, MK_SCALAR32_SQUARES_GROUP = 4 /* channels whose weights lie side by side */ };

/* [MK_SCALAR32_MOST_ROOT + i] = i * i, for -MK_SCALAR32_MOST_ROOT <= i <= MK_SCALAR32_MOST_ROOT */
extern const uint16_t mk_scalar32_squares[2 * MK_SCALAR32_MOST_ROOT + 1];

/* Four times x * w. */
static inline int32_t mk_scalar32_four_products(int32_t x, int32_t w)
{
    const uint16_t *const at_x = mk_scalar32_squares + MK_SCALAR32_MOST_ROOT + x;
    return (int32_t)at_x[w] - (int32_t)at_x[-w];
}

/* Adds (in + weight)^2 of four channels to their sums, modulo 2^32: for each four weights up to `end` one input, `step`
 * bytes from the last one: 1, or 0 for the same one again. */
void mk_scalar32_add_squares(uint32_t sums[MK_SCALAR32_SQUARES_GROUP], const int8_t *in, uint32_t step, const int8_t *weights,
                             const int8_t *end);

#endif
