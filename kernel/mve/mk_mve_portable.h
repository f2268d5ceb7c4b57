/* mk_mve_portable.h: what the portable twins of this family's assembly share. */
#ifndef MK_MVE_PORTABLE_H
#define MK_MVE_PORTABLE_H

#include "mk_requantize.h"
#include "mote_kernel.h"

enum { MK_MVE_MOST_FIELDS = 4 };

/* What all channels of a layer share; the last three are of the exact way alone. */
struct mk_mve_scale {
    int32_t scale, zero_point, act_min, act_max;
};

static inline uint32_t mk_mve_fields(uint32_t way)
{
    return way == MK_MVE_FAST ? 2 : 4;
}

/* mk_mve_tile.h has the formulas and the record's fields. */
static inline int8_t mk_mve_requantize(int32_t sum, const int32_t *record, const struct mk_mve_scale *s, uint32_t way)
{
    int32_t x = (int32_t)((uint32_t)sum * (uint32_t)s->scale + (uint32_t)record[0]);
    if (way == MK_MVE_EXACT) {
        x = mk_doubling_high_multiply((int32_t)((uint32_t)x << record[2]), record[1]);
        return (int8_t)mk_clamp(mk_rounding_shift_right(x, -record[3]) + s->zero_point, s->act_min, s->act_max);
    }
    if (way == MK_MVE_SIGN && x < record[2]) x = (int32_t)((uint32_t)x + (uint32_t)record[3]);
    x = (int32_t)((int64_t)x * record[1] >> 31) >> 16;
    return (int8_t)mk_clamp(x, INT8_MIN, INT8_MAX);
}

#endif
