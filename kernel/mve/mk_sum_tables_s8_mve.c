/* mk_sum_tables_s8_mve.c: additions and subtractions by table, eight elements at a time. */
#include "mk_armv7em_sum_rows.h"
#include "mk_mve_sum_tables.h"

#if !defined(__arm__)
void mk_mve_sum_tables(int8_t *out, const int8_t *a, const int8_t *b, uint32_t groups, const struct mk_sum_tables *p)
{
    for (uint32_t i = 0; i < 8 * groups; i++) out[i] = mk_sum_by_table(a[i], b[i], p);
}
#endif

MK_ARMV7EM_SUM_ROWS(mk_sum_tables_s8_mve, mk_sum_tables, mk_sum_by_table, mk_mve_sum_tables, 8)
