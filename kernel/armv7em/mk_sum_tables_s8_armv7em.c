/* mk_sum_tables_s8_armv7em.c: additions and subtractions by table, row by row. */
#include "mk_armv7em_sum_tables.h"

static inline int32_t entry(const uint8_t *table, int8_t x)
{
    int32_t value;
    memcpy(&value, table + 4 * (size_t)(uint8_t)x, sizeof value);
    return value;
}

static int8_t add(int8_t a, int8_t b, const struct mk_sum_tables *p)
{
    const int32_t sum = (entry(p->a_table, a) + entry(p->b_table, b)) >> 22;
    return (int8_t)(sum < p->act_min ? p->act_min : sum > p->act_max ? p->act_max : sum);
}

#if defined(__arm__)
typedef char mk_armv7em_check_tables[offsetof(struct mk_sum_tables, a_table) == 12 ? 1 : -1];
#else
void mk_armv7em_sum_tables(int8_t *out, const int8_t *a, const int8_t *b, uint32_t words, const struct mk_sum_tables *p)
{
    for (uint32_t i = 0; i < 4 * words; i++) out[i] = add(a[i], b[i], p);
}
#endif

void mk_sum_tables_s8_armv7em(int8_t *out, const int8_t *a, const int8_t *b, MK_FLASH struct mk_sum_tables *flash_params,
                              uint16_t row_begin, uint16_t row_end)
{
    MK_PARAMS(struct mk_sum_tables, p, flash_params);
    const uint32_t elements = p->row_elements;
    const int any_byte = p->act_min == INT8_MIN && p->act_max == INT8_MAX;
    const uint32_t words = any_byte ? elements / 4 : 0;
    for (uint16_t row = row_begin; row < row_end; row++) {
        int8_t *const to = out + (row % p->out_ring) * elements;
        const int8_t *const from_a = a + (row % p->a_ring) * elements, *const from_b = b + (row % p->b_ring) * elements;
        if (words) mk_armv7em_sum_tables(to, from_a, from_b, words, p);
        for (uint32_t i = 4 * words; i < elements; i++) to[i] = add(from_a[i], from_b[i], p);
    }
}
