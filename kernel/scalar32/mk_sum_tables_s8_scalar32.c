/* mk_sum_tables_s8_scalar32.c: additions and subtractions by table, row by row. */
#include "mk_requantize.h"

static MK_NOINLINE void add_row(int8_t *out, const int8_t *a, const int8_t *b, const struct mk_sum_tables *p)
{
    const int32_t *const a_table = p->a_table, *const b_table = p->b_table;
    const int32_t least = p->act_min, most = p->act_max;
    for (const int8_t *const end = out + p->row_elements; out != end;) {
        const int32_t sum = (a_table[(uint8_t)*a++] + b_table[(uint8_t)*b++]) >> 22;
        *out++ = (int8_t)mk_clamp(sum, least, most);
    }
}

void mk_sum_tables_s8_scalar32(int8_t *out, const int8_t *a, const int8_t *b, MK_FLASH struct mk_sum_tables *flash_params,
                               uint16_t row_begin, uint16_t row_end)
{
    MK_PARAMS(struct mk_sum_tables, p, flash_params);
    const size_t bytes = p->row_elements;
    for (uint16_t row = row_begin; row < row_end; row++)
        add_row(out + (row % p->out_ring) * bytes, a + (row % p->a_ring) * bytes, b + (row % p->b_ring) * bytes, p);
}
