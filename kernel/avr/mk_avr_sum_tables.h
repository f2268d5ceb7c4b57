/* mk_avr_sum_tables.h: a run of elements of sum_tables_s8 (mk_avr_sum_tables.S). */
#ifndef MK_AVR_SUM_TABLES_H
#define MK_AVR_SUM_TABLES_H

#include "mote_kernel.h"

/* out[i] for i < count, count >= 1; only the tables and bounds of p are used. Each element of a and b is read before the
 * element of out with the same index is written. */
void mk_avr_sum_tables(int8_t *out, const int8_t *a, const int8_t *b, uint16_t count, const struct mk_sum_tables *p);

#endif
