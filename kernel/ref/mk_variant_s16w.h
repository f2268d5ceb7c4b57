/* mk_variant_s16w.h: element and accumulator types of the weighted kernels for int16 activations with 64-bit
 * accumulators (int64 bias); see mk_conv_2d.inl. Zero points are 0. The compiler has checked that sums
 * stay below 2^47. */
#include "mk_requantize.h"

#define MK_ELEMENT int16_t
#define MK_ACCUMULATOR int64_t
#define MK_BIAS int64_t
#define MK_CONV struct mk_conv_wide
#define MK_FULLY_CONNECTED struct mk_fully_connected_wide

static inline MK_ACCUMULATOR mk_product(MK_ELEMENT x, int16_t offset, int8_t weight)
{
    (void)offset;
    return (int32_t)x * weight;
}

static inline MK_ACCUMULATOR mk_load_bias(MK_FLASH int64_t *bias)
{
    return mk_flash_s64(bias);
}

static inline int32_t mk_rescale(MK_ACCUMULATOR sum, int32_t multiplier, int8_t shift)
{
    return mk_multiply_by_quantized_multiplier_wide(sum, multiplier, shift);
}
