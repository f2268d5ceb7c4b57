/* mk_variant_s16.h: element and accumulator types of the weighted kernels for int16 activations with 32-bit
 * accumulators (int32 bias or none); see mk_conv_2d.inl. Zero points are 0. Sums past 32 bits wrap, as in the
 * reference. */
#include "mk_requantize.h"

#define MK_ELEMENT int16_t
#define MK_ACCUMULATOR uint32_t
#define MK_BIAS int32_t
#define MK_CONV struct mk_conv
#define MK_FULLY_CONNECTED struct mk_fully_connected

static inline MK_ACCUMULATOR mk_product(MK_ELEMENT x, int16_t offset, int8_t weight)
{
    (void)offset;
    return (MK_ACCUMULATOR)((int32_t)x * weight);
}

static inline MK_ACCUMULATOR mk_load_bias(MK_FLASH int32_t *bias)
{
    return (MK_ACCUMULATOR)mk_flash_s32(bias);
}

static inline int32_t mk_rescale(MK_ACCUMULATOR sum, int32_t multiplier, int8_t shift)
{
    return mk_multiply_by_quantized_multiplier((int32_t)sum, multiplier, shift);
}
