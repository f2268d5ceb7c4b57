/* mk_sum_tables_s8_avr.c: additions and subtractions by table, row by row. */
#include "mk_avr_sum_tables.h"

#if defined(__AVR__)
typedef char mk_avr_check_tables[offsetof(struct mk_sum_tables, act_min) == 8 && offsetof(struct mk_sum_tables, a_table) == 12
                                     ? 1 : -1];
#else
void mk_avr_sum_tables(int8_t *out, const int8_t *a, const int8_t *b, uint16_t count, const struct mk_sum_tables *p)
{
    for (uint16_t i = 0; i < count; i++) {
        const int32_t sum = (p->a_table[(uint8_t)a[i]] + p->b_table[(uint8_t)b[i]]) >> 22;
        out[i] = (int8_t)(sum < p->act_min ? p->act_min : sum > p->act_max ? p->act_max : sum);
    }
}
#endif

void mk_sum_tables_s8_avr(int8_t *out, const int8_t *a, const int8_t *b, MK_FLASH struct mk_sum_tables *flash_params,
                          uint16_t row_begin, uint16_t row_end)
{
    MK_PARAMS(struct mk_sum_tables, p, flash_params);
    const uint16_t bytes = p->row_elements;
    for (uint16_t row = row_begin; row < row_end; row++)
        mk_avr_sum_tables(out + (uint16_t)((row % p->out_ring) * bytes), a + (uint16_t)((row % p->a_ring) * bytes),
                          b + (uint16_t)((row % p->b_ring) * bytes), bytes, p);
}
