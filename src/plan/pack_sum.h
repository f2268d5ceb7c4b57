/* pack_sum.h: additions and subtractions of int8 by two multiplications (kernel sum_linear_s8) or tables (sum_tables_s8). */
#ifndef MOTE_PLAN_PACK_SUM_H
#define MOTE_PLAN_PACK_SUM_H

#include "lower.h"

enum { MOTE_SUM_ENTRIES = 256 };

/* Tables with (a[x] + b[y]) >> 22, clamped to the activation bounds, equal to `reference` (mk_add_s8_ref or mk_sub_s8_ref)
 * with p's arithmetic for all pairs of operands; index i stands for the operand whose bits are i. False if none are found. */
bool mote_sum_tables(const struct mk_binary *p,
                     void (*reference)(int8_t *, const int8_t *, const int8_t *, const struct mk_binary *, uint16_t, uint16_t),
                     int32_t a[MOTE_SUM_ENTRIES], int32_t b[MOTE_SUM_ENTRIES]);

/* The same by a line through the entries of each operand: multipliers and start of sum_linear_s8. */
bool mote_sum_line(const struct mk_binary *p,
                   void (*reference)(int8_t *, const int8_t *, const int8_t *, const struct mk_binary *, uint16_t, uint16_t),
                   struct mk_sum_linear *line);

/* *taken: a step was added that adds or subtracts two whole int8 tensors of `rows` rows so. False means that the
 * target has no such kernel, that the tensors are too small to pay for tables, or that the result is not exact.
 * Fails only for want of memory. */
MOTE_MUST_CHECK enum mote_status mote_pack_sum(struct mote_lower *lower, const struct mote_op *op,
                                               const struct mk_binary *arithmetic, uint16_t rows, uint16_t row_elements,
                                               bool *taken);

#endif
