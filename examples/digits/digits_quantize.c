#include "digits_quantize.h"

#include <math.h>
#include <string.h>

enum { INT8_LOW = -128, INT8_HIGH = 127, WEIGHT_HIGH = 127 };

/* ---- from float ---- */

struct range {
    float low, high; /* low <= 0 <= high, so that zero has a code */
};

static void ranges_measure(struct range *ranges, const float *parameters, const struct digits_data *data,
                           const struct digits_rows *rows)
{
    static struct digits_activations activations;
    memset(ranges, 0, DIGITS_LAYERS * sizeof *ranges);
    for (size_t i = 0; i < rows->count; i++) {
        digits_net_set_input(&activations, data->pixels[rows->index[i]]);
        digits_net_forward(parameters, &activations);
        for (int l = 0; l < DIGITS_LAYERS; l++) {
            const struct digits_layer *layer = &digits_layers[l];
            int count = layer->out_size * layer->out_size * layer->out_channels;
            for (int k = 0; k < count; k++) {
                ranges[l].low = fminf(ranges[l].low, activations.at[l + 1][k]);
                ranges[l].high = fmaxf(ranges[l].high, activations.at[l + 1][k]);
            }
        }
    }
}

/* Chooses scale and zero point so that the range fills -128..127; a range of nothing gets scale 1. */
static void activation_quantize(struct range range, float *scale, int32_t *zero_point)
{
    float width = range.high - range.low;
    *scale = width > 0.0f ? width / 255.0f : 1.0f;
    *zero_point = (int32_t)lroundf((float)INT8_LOW - range.low / *scale);
}

static float largest_magnitude(const float *values, int count)
{
    float largest = 0.0f;
    for (int i = 0; i < count; i++) {
        largest = fmaxf(largest, fabsf(values[i]));
    }
    return largest;
}

/* Splits a positive real multiplier into a 31-bit fraction of 0.5..1 and a power of two, as TensorFlow Lite does. */
static void multiplier_quantize(double real, int32_t *multiplier_q31, int *shift)
{
    double fraction = frexp(real, shift);
    int64_t fixed = llround(fraction * 2147483648.0);
    if (fixed == INT64_C(1) << 31) { /* the fraction rounded up to 1 */
        fixed /= 2;
        ++*shift;
    }
    *multiplier_q31 = (int32_t)fixed;
}

static void weights_quantize(struct digits_quantized_layer *to, const struct digits_layer *layer, const float *weights)
{
    int filter_size = digits_layer_filter_size(layer);
    bool dense = layer->in_size == 1;
    for (int o = 0; o < layer->out_channels; o++) {
        const float *from = dense ? weights : weights + o * filter_size;
        float largest = largest_magnitude(from, dense ? filter_size * layer->out_channels : filter_size);
        float scale = largest > 0.0f ? largest / (float)WEIGHT_HIGH : 1.0f;
        to->weight_scales[o] = scale;
        for (int i = 0; i < filter_size; i++) {
            to->weights[o * filter_size + i] = (int8_t)lroundf(weights[o * filter_size + i] / scale);
        }
    }
}

static void bias_quantize(struct digits_quantized_layer *to, const struct digits_layer *layer, const float *bias)
{
    for (int o = 0; o < layer->out_channels; o++) {
        to->bias_scales[o] = to->input_scale * to->weight_scales[o];
        to->bias[o] = (int32_t)lround((double)bias[o] / (double)to->bias_scales[o]);
        double real = (double)to->input_scale * (double)to->weight_scales[o] / (double)to->output_scale;
        multiplier_quantize(real, &to->multiplier_q31[o], &to->shift[o]);
    }
}

void digits_quantize(struct digits_quantized_net *net, const float *parameters, const struct digits_data *data,
                     const struct digits_rows *calibration)
{
    struct range ranges[DIGITS_LAYERS];
    ranges_measure(ranges, parameters, data, calibration);
    float input_scale = DIGITS_INPUT_SCALE;
    int32_t input_zero_point = DIGITS_INPUT_ZERO_POINT;
    for (int l = 0; l < DIGITS_LAYERS; l++) {
        struct digits_quantized_layer *to = &net->layers[l];
        to->input_scale = input_scale;
        to->input_zero_point = input_zero_point;
        activation_quantize(ranges[l], &to->output_scale, &to->output_zero_point);
        weights_quantize(to, &digits_layers[l], parameters + digits_layers[l].weights_at);
        bias_quantize(to, &digits_layers[l], parameters + digits_layers[l].bias_at);
        input_scale = to->output_scale;
        input_zero_point = to->output_zero_point;
    }
}

/* ---- integer inference ---- */

/* The high 32 bits of 2 a b, rounded to nearest with halves away from zero; b is never INT32_MIN here. */
static int32_t rounding_doubling_high_multiply(int32_t a, int32_t b)
{
    int64_t product = (int64_t)a * b;
    int64_t nudge = product >= 0 ? INT64_C(1) << 30 : 1 - (INT64_C(1) << 30);
    return (int32_t)((product + nudge) / (INT64_C(1) << 31));
}

/* value / 2^exponent, rounded to nearest with halves away from zero. */
static int32_t rounding_divide_by_power_of_two(int32_t value, int exponent)
{
    int64_t half = exponent == 0 ? 0 : INT64_C(1) << (exponent - 1);
    int64_t magnitude = value < 0 ? -(int64_t)value : value;
    int64_t quotient = (magnitude + half) >> exponent;
    return (int32_t)(value < 0 ? -quotient : quotient);
}

/* Scales an accumulator with TensorFlow Lite's two roundings: after the multiplication and after the shift. */
static int32_t requantize(int32_t accumulator, int32_t multiplier_q31, int shift)
{
    int left = shift > 0 ? shift : 0;
    int right = shift > 0 ? 0 : -shift;
    int32_t shifted = accumulator * (1 << left);
    return rounding_divide_by_power_of_two(rounding_doubling_high_multiply(shifted, multiplier_q31), right);
}

/* The accumulator of one output value; taps outside the image are the zero point and so add nothing. */
static int32_t accumulate(const struct digits_quantized_layer *q, const struct digits_layer *layer, const int8_t *x,
                          int oy, int ox, int o)
{
    int32_t sum = q->bias[o];
    const int8_t *weight = q->weights + o * digits_layer_filter_size(layer);
    for (int ky = 0; ky < layer->kernel; ky++) {
        for (int kx = 0; kx < layer->kernel; kx++, weight += layer->in_channels) {
            int y = oy * layer->stride - layer->pad + ky;
            int column = ox * layer->stride - layer->pad + kx;
            if (y < 0 || y >= layer->in_size || column < 0 || column >= layer->in_size) {
                continue;
            }
            const int8_t *in = x + (y * layer->in_size + column) * layer->in_channels;
            for (int i = 0; i < layer->in_channels; i++) {
                sum += weight[i] * (in[i] - q->input_zero_point);
            }
        }
    }
    return sum;
}

static void layer_forward_int8(const struct digits_quantized_layer *q, const struct digits_layer *layer, const int8_t *x,
                               int8_t *y)
{
    int32_t low = layer->relu ? q->output_zero_point : INT8_LOW;
    for (int oy = 0; oy < layer->out_size; oy++) {
        for (int ox = 0; ox < layer->out_size; ox++) {
            for (int o = 0; o < layer->out_channels; o++) {
                int32_t accumulator = accumulate(q, layer, x, oy, ox, o);
                int32_t value = requantize(accumulator, q->multiplier_q31[o], q->shift[o]) + q->output_zero_point;
                value = value < low ? low : value;
                *y++ = (int8_t)(value > INT8_HIGH ? INT8_HIGH : value);
            }
        }
    }
}

void digits_quantized_forward(const struct digits_quantized_net *net, const uint8_t *pixels, int8_t *logits)
{
    int8_t activations[2][DIGITS_MAX_ACTIVATION];
    for (int p = 0; p < DIGITS_PIXELS; p++) {
        activations[0][p] = digits_quantize_pixel(pixels[p]);
    }
    for (int l = 0; l < DIGITS_LAYERS; l++) {
        layer_forward_int8(&net->layers[l], &digits_layers[l], activations[l % 2], activations[(l + 1) % 2]);
    }
    memcpy(logits, activations[DIGITS_LAYERS % 2], DIGITS_CLASSES);
}

size_t digits_quantized_count_correct(const struct digits_quantized_net *net, const struct digits_data *data,
                                      const struct digits_rows *rows)
{
    size_t correct = 0;
    for (size_t i = 0; i < rows->count; i++) {
        int8_t logits[DIGITS_CLASSES];
        digits_quantized_forward(net, data->pixels[rows->index[i]], logits);
        int best = 0;
        for (int c = 1; c < DIGITS_CLASSES; c++) {
            best = logits[c] > logits[best] ? c : best;
        }
        correct += best == data->labels[rows->index[i]];
    }
    return correct;
}
