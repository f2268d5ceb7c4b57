/* mk_armv7em_portable.h: what the portable twins of this family's assembly share. */
#ifndef MK_ARMV7EM_PORTABLE_H
#define MK_ARMV7EM_PORTABLE_H

#include "mote_kernel.h"

static inline int mk_armv7em_has_sign(uint32_t way)
{
    return way == MK_ARMV7EM_SMALL_SIGN || way == MK_ARMV7EM_LARGE_SIGN;
}

static inline uint32_t mk_armv7em_record_words(uint32_t way)
{
    return mk_armv7em_has_sign(way) ? 3 : 2;
}

/* A fast way; `scaled_sum` is 256 times the sum. */
static inline int8_t mk_armv7em_requantize(int32_t scaled_sum, const int32_t *record, uint32_t way)
{
    const uint32_t n = way >= MK_ARMV7EM_LARGE ? MK_ARMV7EM_LARGE_SHIFT : MK_ARMV7EM_SMALL_SHIFT;
    int64_t high = ((int64_t)scaled_sum * record[0] >> 32) + record[1];
    if (mk_armv7em_has_sign(way) && scaled_sum < 0) high -= record[2];
    high = (int64_t)(int32_t)(uint32_t)high >> n;
    return (int8_t)(high < INT8_MIN ? INT8_MIN : high > INT8_MAX ? INT8_MAX : high);
}

#endif
