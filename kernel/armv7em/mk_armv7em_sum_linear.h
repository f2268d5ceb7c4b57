/* mk_armv7em_sum_linear.h: runs of four elements of sum_linear_s8. */
#ifndef MK_ARMV7EM_SUM_LINEAR_H
#define MK_ARMV7EM_SUM_LINEAR_H

#include "mote_kernel.h"

/* out[i] for i < 4 * words, words >= 1, clamped to int8 alone; of p only multipliers and start are used. Each four elements
 * of a and b are read before the same four of out are written. */
void mk_armv7em_sum_linear(int8_t *out, const int8_t *a, const int8_t *b, uint32_t words, const struct mk_sum_linear *p);

#endif
