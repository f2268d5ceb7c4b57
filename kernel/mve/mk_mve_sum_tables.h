/* mk_mve_sum_tables.h: runs of eight elements of sum_tables_s8. */
#ifndef MK_MVE_SUM_TABLES_H
#define MK_MVE_SUM_TABLES_H

#include "mote_kernel.h"

/* out[i] for i < 8 * groups, groups >= 1, clamped to int8 alone; only the tables of p are used. Each eight elements of a and
 * b are read before the same eight of out are written. */
void mk_mve_sum_tables(int8_t *out, const int8_t *a, const int8_t *b, uint32_t groups, const struct mk_sum_tables *p);

#endif
