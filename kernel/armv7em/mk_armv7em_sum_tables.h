/* mk_armv7em_sum_tables.h: runs of four elements of sum_tables_s8. */
#ifndef MK_ARMV7EM_SUM_TABLES_H
#define MK_ARMV7EM_SUM_TABLES_H

#include "mote_kernel.h"

/* out[i] for i < 4 * words, words >= 1, clamped to int8 alone; only the tables of p are used. Each four elements of a and b
 * are read before the same four of out are written. */
void mk_armv7em_sum_tables(int8_t *out, const int8_t *a, const int8_t *b, uint32_t words, const struct mk_sum_tables *p);

#endif
