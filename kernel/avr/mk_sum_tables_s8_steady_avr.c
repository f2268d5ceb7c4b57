/* mk_sum_tables_s8_steady_avr.c: additions and subtractions by table in a time that does not depend on data: bounds are met
 * by masks. */
#include "mote_kernel.h"

static uint32_t entry(MK_FLASH int32_t *table, int8_t x)
{
    return (uint32_t)mk_flash_s32(table + (uint8_t)x);
}

/* value if it is not negative, else 0 */
static int16_t positive_part(int16_t value)
{
    return (int16_t)(value & ~(value >> 15));
}

void mk_sum_tables_s8_steady_avr(int8_t *out, const int8_t *a, const int8_t *b, MK_FLASH struct mk_sum_tables *flash_params,
                                 uint16_t row_begin, uint16_t row_end)
{
    MK_PARAMS(struct mk_sum_tables, p, flash_params);
    const uint16_t bytes = p->row_elements;
    for (uint16_t row = row_begin; row < row_end; row++) {
        int8_t *const to = out + (uint16_t)((row % p->out_ring) * bytes);
        const int8_t *const from_a = a + (uint16_t)((row % p->a_ring) * bytes);
        const int8_t *const from_b = b + (uint16_t)((row % p->b_ring) * bytes);
        for (uint16_t i = 0; i < bytes; i++) {
            const uint32_t sum = entry(p->a_table, from_a[i]) + entry(p->b_table, from_b[i]);
            const int16_t value = (int16_t)((int16_t)(sum >> 16) >> 6); /* sum >> 22 */
            const int16_t least = (int16_t)(p->act_min + positive_part((int16_t)(value - p->act_min)));
            to[i] = (int8_t)(p->act_max - positive_part((int16_t)(p->act_max - least)));
        }
    }
}
