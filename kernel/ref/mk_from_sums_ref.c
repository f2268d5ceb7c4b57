/* mk_from_sums_ref.c: the second half: from the sums of mk_row_sums_ref.c to the output of average_pool_2d or mean, by
 * the arithmetic of mk_pool_2d.inl and mk_mean.inl. */
#include "mk_pool_steps.h"

/* In 16 bits, which 8-bit cores divide in half the time and code: sums of 16 bits come from at most 255 values of at most
 * 128 (src/plan/accumulate.c), which leaves room for half of their number. */
static inline int16_t rounded_mean_16(int16_t sum, uint16_t taps)
{
    const uint16_t size = (uint16_t)(sum > 0 ? sum : -sum); /* signed division takes a fifth longer */
    const int16_t mean = (int16_t)((uint16_t)(size + taps / 2u) / taps);
    return sum > 0 ? mean : (int16_t)-mean;
}

#define MK_AVERAGE(name, out_type, sum_type, mean_type, mean)                                                                     \
    void name(out_type *out, const sum_type *sums, MK_FLASH struct mk_pool *flash_params, uint16_t row_begin,          \
              uint16_t row_end)                                                                                        \
    {                                                                                                                  \
        MK_PARAMS(struct mk_pool, p, flash_params);                                                                    \
        const uint16_t taps = (uint16_t)((uint32_t)p->in_h * p->in_w);                                                 \
        if (row_begin == row_end) return;                                                                              \
        for (uint16_t c = 0; c < p->channels; c++) {                                                                   \
            const mean_type value = mean(sums[c], taps); /* clamped in its own type */                                 \
            out[c] = (out_type)(value < p->act_min ? p->act_min : value > p->act_max ? p->act_max : value);            \
        }                                                                                                              \
    }

MK_AVERAGE(mk_average_sums_s16_s8_ref, int8_t, int16_t, int16_t, rounded_mean_16)
MK_AVERAGE(mk_average_sums_s32_s8_ref, int8_t, int32_t, int32_t, mk_rounded_mean)
MK_AVERAGE(mk_average_sums_s32_s16_ref, int16_t, int32_t, int32_t, mk_rounded_mean)

#define MK_MEAN(name, out_type, sum_type, low, high)                                                                   \
    void name(out_type *out, const sum_type *sums, MK_FLASH struct mk_mean *flash_params, uint16_t row_begin,          \
              uint16_t row_end)                                                                                        \
    {                                                                                                                  \
        MK_PARAMS(struct mk_mean, p, flash_params);                                                                    \
        const uint32_t zero_sum = (uint32_t)p->in_zero_point * p->reduce;                                              \
        if (row_begin == row_end) return;                                                                              \
        for (uint16_t i = 0; i < p->inner; i++) {                                                                      \
            const int32_t sum = (int32_t)((uint32_t)(int32_t)sums[i] - zero_sum);                                      \
            const int32_t scaled = mk_multiply_by_quantized_multiplier(sum, p->multiplier, p->shift);                  \
            out[i] = (out_type)mk_clamp(scaled + p->out_zero_point, low, high);                                        \
        }                                                                                                              \
    }

MK_MEAN(mk_mean_sums_s16_s8_ref, int8_t, int16_t, INT8_MIN, INT8_MAX)
MK_MEAN(mk_mean_sums_s32_s8_ref, int8_t, int32_t, INT8_MIN, INT8_MAX)
MK_MEAN(mk_mean_sums_s32_s16_ref, int16_t, int32_t, INT16_MIN, INT16_MAX)
