/* mk_variant_s8.h: element and accumulator types of the weighted kernels for int8 activations; see mk_conv_2d.inl.
 * Accumulators are unsigned so that a sum past 32 bits wraps, as in the reference, instead of being undefined. */
#include "mk_requantize.h"

#define MK_ELEMENT int8_t
#define MK_ACCUMULATOR uint32_t
#define MK_BIAS int32_t
#define MK_CONV struct mk_conv
#define MK_FULLY_CONNECTED struct mk_fully_connected

/* (x + offset) * weight: at most 255 * 128 in size, so the product of 16-bit integers is exact. */
static inline MK_ACCUMULATOR mk_product(MK_ELEMENT x, int16_t offset, int8_t weight)
{
    const int16_t shifted = (int16_t)(x + offset);
    return (MK_ACCUMULATOR)(int16_t)(shifted * weight);
}

static inline MK_ACCUMULATOR mk_load_bias(MK_FLASH int32_t *bias)
{
    return (MK_ACCUMULATOR)mk_flash_s32(bias);
}

static inline int32_t mk_rescale(MK_ACCUMULATOR sum, int32_t multiplier, int8_t shift)
{
    return mk_multiply_by_quantized_multiplier((int32_t)sum, multiplier, shift);
}
