/* Float arithmetic here is IEEE single precision, step by step, as in the reference: this file must be compiled without
 * excess precision or contraction to fused multiply-adds (-std=c11 does both on the hosts we support). */
#include "tables.h"

#include "fixed_point.h"
#include "lower.h"

#include <math.h>

static const char scales_too_far_apart[] =
    "input and output scales differ by more than 2^30, where the reference arithmetic is undefined";
static const char scale_too_small[] = "the input scale is below 2^-28, where the reference arithmetic is undefined";

struct multiplier {
    int32_t multiplier;
    int shift;
};

/* False if the ratio passes what a left shift can express. */
static bool make_multiplier(double ratio, struct multiplier *m)
{
    mote_quantize_multiplier(ratio, &m->multiplier, &m->shift);
    return isfinite(ratio) && m->shift <= 30;
}

static int32_t scale_by(int32_t x, struct multiplier m)
{
    return mote_multiply_by_quantized_multiplier(x, m.multiplier, m.shift);
}

/* a + b with the wrap that the reference's addition has in practice */
static int32_t wrapping_add(int32_t a, int32_t b)
{
    return (int32_t)((uint32_t)a + (uint32_t)b);
}

static int32_t clamp(int32_t x, int32_t low, int32_t high)
{
    return x < low ? low : x > high ? high : x;
}

static int8_t clamp_s8(int32_t x)
{
    return (int8_t)clamp(x, INT8_MIN, INT8_MAX);
}

const char *mote_table_relu(const struct mote_table_quant *quant, int8_t table[MOTE_TABLE_S8])
{
    struct multiplier m;
    if (!make_multiplier((double)quant->in_scale / (double)quant->out_scale, &m)) return scales_too_far_apart;
    for (int32_t x = INT8_MIN; x <= INT8_MAX; x++) {
        const int32_t y = wrapping_add(scale_by(x - quant->in_zero_point, m), quant->out_zero_point);
        table[x + 128] = (int8_t)clamp(y, clamp_s8(quant->out_zero_point), INT8_MAX);
    }
    return NULL;
}

int32_t mote_table_quantized_six(float scale, int32_t zero_point, int32_t low, int32_t high)
{
    const float steps = roundf(6.0f / scale);
    return steps >= 65536.0f ? high : clamp((int32_t)steps + zero_point, low, high);
}

/* The reference clamps stored values between the input's 0 and 6; it does not look at the output's quantisation. */
const char *mote_table_relu6(const struct mote_table_quant *quant, int8_t table[MOTE_TABLE_S8])
{
    const int32_t six = mote_table_quantized_six(quant->in_scale, quant->in_zero_point, INT8_MIN, INT8_MAX);
    for (int32_t x = INT8_MIN; x <= INT8_MAX; x++) table[x + 128] = (int8_t)clamp(x, quant->in_zero_point, six);
    return NULL;
}

const char *mote_table_leaky_relu(const struct mote_table_quant *quant, float alpha, int8_t table[MOTE_TABLE_S8])
{
    struct multiplier identity, slope;
    if (!make_multiplier((double)(quant->in_scale / quant->out_scale), &identity) ||
        !make_multiplier((double)(quant->in_scale * alpha / quant->out_scale), &slope))
        return scales_too_far_apart;
    for (int32_t x = INT8_MIN; x <= INT8_MAX; x++) {
        const int32_t centered = x - quant->in_zero_point;
        table[x + 128] =
            clamp_s8(wrapping_add(scale_by(centered, centered >= 0 ? identity : slope), quant->out_zero_point));
    }
    return NULL;
}

const char *mote_table_requantize(const struct mote_table_quant *quant, int8_t table[MOTE_TABLE_S8])
{
    struct multiplier m;
    if (!make_multiplier((double)quant->in_scale / (double)quant->out_scale, &m)) return scales_too_far_apart;
    for (int32_t x = INT8_MIN; x <= INT8_MAX; x++)
        table[x + 128] = clamp_s8(wrapping_add(scale_by(x - quant->in_zero_point, m), quant->out_zero_point));
    return NULL;
}

/* Logistic and tanh: the input in Q4.27, saturation from the radius (15 real units) on, the result from Q0.31 with
 * `fraction_bits` bits kept and an offset. */
static const char *fill_sigmoid(const struct mote_table_quant *quant, int32_t (*function)(int32_t), int fraction_bits,
                                int32_t offset, int8_t table[MOTE_TABLE_S8])
{
    struct multiplier m;
    mote_quantize_multiplier((double)quant->in_scale * 134217728.0, &m.multiplier, &m.shift);
    if (m.shift < 0 || m.multiplier == 0) return scale_too_small;
    const int64_t radius = m.shift > 31 ? 0 : ((int64_t)15 << 27) >> m.shift;
    for (int32_t x = INT8_MIN; x <= INT8_MAX; x++) {
        const int32_t centered = x - quant->in_zero_point;
        int8_t y;
        if (centered <= -radius) y = INT8_MIN;
        else if (centered >= radius) y = INT8_MAX;
        else y = clamp_s8(mote_fixed_shift_right(function(scale_by(centered, m)), 31 - fraction_bits) + offset);
        table[x + 128] = y;
    }
    return NULL;
}

const char *mote_table_logistic(const struct mote_table_quant *quant, int8_t table[MOTE_TABLE_S8])
{
    return fill_sigmoid(quant, mote_fixed_logistic, 8, -128, table);
}

const char *mote_table_tanh(const struct mote_table_quant *quant, int8_t table[MOTE_TABLE_S8])
{
    return fill_sigmoid(quant, mote_fixed_tanh, 7, 0, table);
}

/* ---- Hard swish: x * relu6(x + 3) / 6 in 16-bit fixed point ---- */

static int16_t saturate_s16(int64_t x)
{
    return (int16_t)(x < INT16_MIN ? INT16_MIN : x > INT16_MAX ? INT16_MAX : x);
}

/* round(a * b / 2^15), halves upwards; saturates */
static int16_t rounding_multiply_s16(int16_t a, int16_t b)
{
    return saturate_s16(((int64_t)a * b + (1 << 14)) >> 15);
}

/* a * b / 2^15 towards zero; saturates */
static int16_t truncating_multiply_s16(int16_t a, int16_t b)
{
    return saturate_s16((int64_t)a * b / (1 << 15));
}

/* The reference's rounding shift with its mask cut to 16 bits: right for exponent <= 15, and past that +1 for x >= 0 and
 * -1 for x < 0, which a bit-exact table has to repeat. */
static int16_t rounding_shift_right_s16(int16_t x, int exponent)
{
    if (exponent > 15) return x >= 0 ? 1 : -1;
    return (int16_t)mote_fixed_shift_right(x, exponent);
}

static int16_t reduce_to_s16(int32_t multiplier)
{
    return multiplier >= INT32_MAX - (1 << 15) ? INT16_MAX : (int16_t)((multiplier + (1 << 15)) >> 16);
}

/* (clamp(x, -3, 3) + 3) / 6 in Q0.15 for x on the fine input scale */
static int16_t hard_swish_gate(int16_t fine, int16_t multiplier, int exponent)
{
    int16_t gate = fine;
    if (exponent > 0) gate = saturate_s16((int64_t)gate * ((int64_t)1 << (exponent - 1)));
    gate = rounding_multiply_s16(gate, multiplier);
    if (exponent > 0) gate = saturate_s16((int64_t)gate * 2);
    if (exponent < 0) gate = rounding_shift_right_s16(gate, -exponent);
    return (int16_t)((gate + (1 << 15)) >> 1);
}

const char *mote_table_hard_swish(const struct mote_table_quant *quant, int8_t table[MOTE_TABLE_S8])
{
    const float fine_scale = (1.0f / 128.0f) * quant->in_scale;
    struct multiplier out, gate;
    if (!make_multiplier((double)(fine_scale / quant->out_scale), &out) ||
        !make_multiplier((double)(fine_scale / (3.0f / 32768.0f)), &gate))
        return scales_too_far_apart;
    if (out.shift > 0) return "the input scale is more than 128 times the output scale, which the reference refuses";
    const int16_t out_multiplier = reduce_to_s16(out.multiplier), gate_multiplier = reduce_to_s16(gate.multiplier);
    for (int32_t x = INT8_MIN; x <= INT8_MAX; x++) {
        const int16_t fine = (int16_t)((x - quant->in_zero_point) * 128);
        const int16_t value = rounding_multiply_s16(fine, out_multiplier);
        const int16_t product = truncating_multiply_s16(hard_swish_gate(fine, gate_multiplier, gate.shift), value);
        const int16_t y = (int16_t)(rounding_shift_right_s16(product, -out.shift) + quant->out_zero_point);
        table[x + 128] = clamp_s8(y);
    }
    return NULL;
}

/* ---- The tables of the int16 softmax ---- */

/* exp rounded to single precision from double: the same bits on every host. */
static float exp_f32(float x)
{
    return (float)exp((double)x);
}

static float reciprocal_of_one_plus(float x)
{
    return 1.0f / (1.0f + x);
}

/* Samples at 512 equal steps over the int16 inputs and the end, each lowered by half the error that interpolation makes in
 * the middle of its step. Source: TensorFlow Lite, LUTPopulate for int16; output scale 2/65535, zero point 0. */
static void fill_interpolated(float (*function)(float), float in_scale, int32_t in_zero_point,
                              int16_t table[MOTE_TABLE_S16])
{
    const float in_min = in_scale * (float)(INT16_MIN - in_zero_point), in_max = in_scale * (float)(INT16_MAX - in_zero_point);
    const float out_scale = 2.0f / 65535.0f;
    const float inverse = 65536.0f / (out_scale * (float)INT16_MAX - out_scale * (float)INT16_MIN);
    const float step = (in_max - in_min) / 512.0f, half_step = step / 2.0f;
    for (int i = 0; i < MOTE_TABLE_S16 - 1; i++) {
        const float start = in_min + (float)i * step, end = in_min + (float)(i + 1) * step;
        const float sample = roundf(function(start) * inverse);
        const float interpolated = roundf((function(end) * inverse + sample) / 2.0f);
        const float bias = roundf((interpolated - roundf(function(start + half_step) * inverse)) / 2.0f);
        table[i] = saturate_s16((int64_t)(sample - bias));
    }
    table[MOTE_TABLE_S16 - 1] = saturate_s16((int64_t)roundf(function(in_max) * inverse));
}

void mote_table_softmax_exp(int16_t table[MOTE_TABLE_S16])
{
    fill_interpolated(exp_f32, 10.0f / 65535.0f, INT16_MAX, table);
}

void mote_table_softmax_reciprocal(int16_t table[MOTE_TABLE_S16])
{
    fill_interpolated(reciprocal_of_one_plus, 1.0f / 65535.0f, INT16_MIN, table);
}
