#include "quant.h"

#include <math.h>

/* Source: TensorFlow Lite, QuantizeMultiplier. The significand is rounded half away from zero to 31 bits; when that
 * carries to 2^31 it is halved and the exponent grows. Multipliers below about 2^-32 become zero. */
void mote_quantize_multiplier(double real, int32_t *multiplier, int *shift)
{
    *multiplier = 0;
    *shift = 0;
    if (real == 0.0 || !isfinite(real)) return;
    int exponent;
    int64_t significand = (int64_t)round(frexp(real, &exponent) * 2147483648.0);
    if (significand == (int64_t)1 << 31) {
        significand /= 2;
        exponent++;
    }
    if (exponent < -31) return;
    *multiplier = (int32_t)significand;
    *shift = exponent;
}

/* floor((a * b + 2^30) / 2^31), with the one product that does not fit saturated */
static int32_t doubling_high_mul(int32_t a, int32_t b)
{
    if (a == INT32_MIN && b == INT32_MIN) return INT32_MAX;
    return (int32_t)(((int64_t)a * b + ((int64_t)1 << 30)) >> 31);
}

int32_t mote_multiply_by_quantized_multiplier(int32_t x, int32_t multiplier, int shift)
{
    if (shift > 0) return doubling_high_mul((int32_t)((uint32_t)x << shift), multiplier);
    int64_t high = doubling_high_mul(x, multiplier);
    if (shift == 0) return (int32_t)high;
    /* nearest, ties away from zero */
    int64_t half = (int64_t)1 << (-shift - 1);
    return (int32_t)(high < 0 ? -((-high + half) >> -shift) : (high + half) >> -shift);
}

/* A real bound in the output's domain: zero point + round(real / scale) in float arithmetic, as the reference does;
 * clipped to [min, max]. */
static int32_t quantize_bound(float real, const struct mote_tensor *output, int32_t min, int32_t max)
{
    float steps = roundf(real / mote_tensor_scale(output));
    if (!(steps > -2147483648.0f)) return min;
    if (steps >= 2147483648.0f) return max;
    int64_t bound = mote_tensor_zero_point(output) + (int64_t)steps;
    return bound < min ? min : bound > max ? max : (int32_t)bound;
}

static void dtype_range(enum mote_dtype dtype, int32_t *min, int32_t *max)
{
    switch (dtype) {
    case MOTE_S8: *min = INT8_MIN, *max = INT8_MAX; break;
    case MOTE_U8: *min = 0, *max = UINT8_MAX; break;
    case MOTE_S16: *min = INT16_MIN, *max = INT16_MAX; break;
    default: *min = INT32_MIN, *max = INT32_MAX; break;
    }
}

void mote_activation_range(enum mote_activation activation, const struct mote_tensor *output, int32_t *min, int32_t *max)
{
    int32_t type_min, type_max;
    dtype_range(output->dtype, &type_min, &type_max);
    *min = type_min;
    *max = type_max;
    if (activation == MOTE_ACT_RELU || activation == MOTE_ACT_RELU6)
        *min = quantize_bound(0.0f, output, type_min, type_max);
    if (activation == MOTE_ACT_RELU6) *max = quantize_bound(6.0f, output, type_min, type_max);
    if (activation == MOTE_ACT_RELU_N1_TO_1) {
        *min = quantize_bound(-1.0f, output, type_min, type_max);
        *max = quantize_bound(1.0f, output, type_min, type_max);
    }
}

double mote_accumulator_scale(float in_scale, float weight_scale, float out_scale, bool float_product)
{
    if (!float_product) return (double)in_scale * (double)weight_scale / (double)out_scale;
    const float product = in_scale * weight_scale;
    return (double)product / (double)out_scale;
}
