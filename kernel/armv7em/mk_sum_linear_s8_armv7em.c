/* mk_sum_linear_s8_armv7em.c: additions and subtractions by two multiplications, four elements at a time. */
#include "mk_armv7em_sum_linear.h"

#include "mk_armv7em_sum_rows.h"

#if defined(__arm__)
typedef char mk_sum_check_linear[offsetof(struct mk_sum_linear, a_multiplier) == 12 ? 1 : -1];
#endif

static inline int32_t part(int32_t multiplier, int8_t x)
{
    return (int32_t)((int64_t)multiplier * x >> 8);
}

static inline int8_t add(int8_t a, int8_t b, const struct mk_sum_linear *p)
{
    const int32_t sum = (p->start + part(p->a_multiplier, a) + part(p->b_multiplier, b)) >> 21;
    return (int8_t)(sum < p->act_min ? p->act_min : sum > p->act_max ? p->act_max : sum);
}

#if !defined(__arm__)
void mk_armv7em_sum_linear(int8_t *out, const int8_t *a, const int8_t *b, uint32_t words, const struct mk_sum_linear *p)
{
    for (uint32_t i = 0; i < 4 * words; i++) out[i] = add(a[i], b[i], p);
}
#endif

MK_ARMV7EM_SUM_ROWS(mk_sum_linear_s8_armv7em, mk_sum_linear, add, mk_armv7em_sum_linear, 4)
