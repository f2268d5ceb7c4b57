/* mk_armv7em_sum_rows.h: additions and subtractions row by row, around an inner loop in assembly: shared by the
 * families of Cortex-M. */
#ifndef MK_ARMV7EM_SUM_ROWS_H
#define MK_ARMV7EM_SUM_ROWS_H

#include "mote_kernel.h"

static inline int8_t mk_sum_by_table(int8_t a, int8_t b, const struct mk_sum_tables *p)
{
    const int32_t sum = (p->a_table[(uint8_t)a] + p->b_table[(uint8_t)b]) >> 22;
    return (int8_t)(sum < p->act_min ? p->act_min : sum > p->act_max ? p->act_max : sum);
}

#if defined(__arm__)
typedef char mk_sum_check_tables[offsetof(struct mk_sum_tables, a_table) == 12 ? 1 : -1];
#endif

/* The body of a kernel: `run` takes whole groups of `group` elements, clamped to int8 alone; `sum` adds two. */
#define MK_ARMV7EM_SUM_ROWS(name, params, sum, run, group)                                                             \
    void name(int8_t *out, const int8_t *a, const int8_t *b, MK_FLASH struct params *flash_params,                     \
              uint16_t row_begin, uint16_t row_end)                                                                    \
    {                                                                                                                  \
        MK_PARAMS(struct params, p, flash_params);                                                                     \
        const uint32_t elements = p->row_elements;                                                                     \
        const int any_byte = p->act_min == INT8_MIN && p->act_max == INT8_MAX;                                         \
        const uint32_t groups = any_byte ? elements / (group) : 0;                                                     \
        for (uint16_t row = row_begin; row < row_end; row++) {                                                         \
            int8_t *const to = out + (row % p->out_ring) * elements;                                                   \
            const int8_t *const from_a = a + (row % p->a_ring) * elements;                                             \
            const int8_t *const from_b = b + (row % p->b_ring) * elements;                                             \
            if (groups) run(to, from_a, from_b, groups, p);                                                            \
            for (uint32_t i = (group) * groups; i < elements; i++) to[i] = sum(from_a[i], from_b[i], p);               \
        }                                                                                                              \
    }

#endif
