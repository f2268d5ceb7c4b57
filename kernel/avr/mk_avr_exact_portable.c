/* mk_avr_exact_portable.c: see mk_avr_exact.h. */
#include "mk_avr_exact.h"

#if !defined(__AVR__)
#include "mk_requantize.h"

int8_t mk_avr_requantize_exactly(const struct mk_avr_requant *q, uint16_t channel, int32_t sum)
{
    const uint8_t *r = q->exact + (size_t)channel * q->exact_step;
    const int32_t offset = (int32_t)(r[0] | (uint32_t)r[1] << 8 | (uint32_t)r[2] << 16);
    const int32_t multiplier = (int32_t)(r[4] | (uint32_t)r[5] << 8 | (uint32_t)r[6] << 16 | (uint32_t)r[7] << 24);
    const int32_t scaled = mk_multiply_by_quantized_multiplier(sum - offset, multiplier, -r[3]);
    return (int8_t)(q->act_min + mk_clamp(scaled + q->below, 0, q->range));
}
#else
typedef int mk_avr_exact_portable_is_not_for_avr;
#endif
