/* check_layer.c: random layers as TensorFlow Lite models, planned twice. */
#include "check_avr.h"

#include "../../src/eval/eval.h"
#include "../../src/import/tflite.h"
#include "tflite_writer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct check_layer check_layers_fixed[] = {
    /* operator, in, out_c, filter, stride, same, relu, is input, zero points, weights, spread, seed */
    {CHECK_DEPTHWISE, 4, 7, 3, 3, 3, 3, 2, 2, true, true, false, -128, -128, 0, 1, 11},
    {CHECK_DEPTHWISE, 3, 4, 5, 5, 3, 3, 1, 1, true, false, false, -128, 3, 0, 2, 12},
    {CHECK_DEPTHWISE, 4, 5, 2, 2, 3, 3, 1, 1, false, true, false, 7, -128, 1, 1, 13},
    {CHECK_CONV, 1, 2, 64, 17, 1, 1, 1, 1, true, true, false, -128, -128, 0, 1, 14},
    {CHECK_CONV, 4, 4, 3, 5, 3, 3, 2, 2, true, false, false, -128, 0, 1, 4, 15},
    {CHECK_CONV, 3, 4, 16, 9, 3, 3, 1, 1, true, true, false, -128, -128, 0, 1, 16},
    {CHECK_CONV, 3, 3, 8, 2, 3, 3, 1, 1, true, false, false, 5, -20, 0, 1, 17},
    {CHECK_CONV, 3, 5, 1, 3, 2, 4, 1, 1, true, true, true, 83, -128, 0, 1, 18},
    {CHECK_CONV, 2, 5, 3, 6, 3, 3, 1, 1, true, false, true, -128, 10, 0, 2, 19},
    {CHECK_CONV, 1, 4, 5, 3, 1, 1, 1, 1, true, false, true, -128, 10, 1, 2, 21},
    {CHECK_CONV, 2, 5, 3, 9, 3, 3, 1, 1, true, false, true, -128, 10, 0, 2, 22},
    {CHECK_CONV, 1, 4, 5, 9, 1, 1, 1, 1, true, false, true, -128, 10, 1, 2, 23},
    {CHECK_CONV, 3, 5, 16, 9, 3, 3, 1, 2, true, false, false, 7, -20, 0, 1, 24},
    {CHECK_CONV, 2, 2, 65, 3, 3, 3, 1, 1, true, true, false, -128, -128, 0, 1, 25},
    {CHECK_CONV, 5, 1, 71, 9, 1, 1, 1, 1, true, false, true, 20, -20, 0, 1, 27},
    {CHECK_CONV, 7, 1, 6, 9, 1, 1, 2, 1, true, true, true, -20, -128, 0, 1, 28},
    {CHECK_CONV, 3, 4, 10, 7, 3, 3, 1, 1, true, false, true, 5, -20, 0, 1, 29},
    {CHECK_CONV, 5, 5, 12, 17, 3, 3, 1, 1, true, true, false, -128, -128, 0, 1, 30},
    {CHECK_CONV, 1, 3, 10, 41, 1, 1, 1, 1, true, true, false, -128, -128, 0, 1, 31},
    {CHECK_CONV, 2, 3, 8, 17, 3, 3, 1, 1, true, false, false, -128, -20, 0, 1, 32},
    {CHECK_FULLY_CONNECTED, 1, 1, 140, 9, 1, 1, 1, 1, true, false, false, -128, 20, 2, 1, 26},
    {CHECK_CONV, 2, 4, 9, 9, 1, 1, 1, 1, true, true, false, -128, -100, 0, 4, 27},
    {CHECK_FULLY_CONNECTED, 1, 1, 140, 3, 1, 1, 1, 1, true, false, false, -128, 20, 2, 1, 20},
    {CHECK_FULLY_CONNECTED, 1, 1, 71, 9, 1, 1, 1, 1, true, false, true, 7, 20, 2, 1, 31},
    {CHECK_FULLY_CONNECTED, 1, 1, 66, 9, 1, 1, 1, 1, true, true, true, -20, -128, 0, 1, 32},
    {CHECK_CONV, 2, 2, 145, 2, 1, 1, 1, 1, true, false, true, 7, -20, 0, 1, 33},
    {CHECK_CONV, 3, 4, 20, 8, 1, 1, 1, 1, true, false, false, -128, 10, CHECK_TIES, 1, 31},
    {CHECK_CONV, 3, 4, 9, 6, 3, 3, 1, 1, true, false, false, 3, 0, CHECK_TIES, 0.5f, 32},
    {CHECK_DEPTHWISE, 4, 5, 6, 6, 3, 3, 1, 1, true, false, false, -128, -4, CHECK_TIES, 1, 33},
    {CHECK_CONV, 2, 4, 24, 18, 1, 1, 1, 1, true, false, false, -128, 3, CHECK_CODED, 1, 34},
    {CHECK_CONV, 3, 5, 16, 8, 1, 1, 2, 2, true, true, false, -20, -128, CHECK_CODED, 1, 35},
    {CHECK_AVERAGE_POOL, 6, 5, 4, 4, 3, 2, 2, 2, true, false, true, -20, -20, 0, 1, 36},
    {CHECK_AVERAGE_POOL, 5, 3, 8, 8, 5, 3, 1, 1, false, true, true, -120, -120, 0, 1, 37},
    {CHECK_SOFTMAX, 3, 1, 12, 12, 1, 1, 1, 1, true, false, true, 5, -128, 0, 2, 38},
    {CHECK_SOFTMAX, 2, 1, 3, 3, 1, 1, 1, 1, true, false, true, -128, -128, 0, 30, 39},
    {CHECK_FULLY_CONNECTED, 1, 1, 600, 19, 1, 1, 1, 1, true, false, false, -128, 3, CHECK_CODED, 1, 40},
    {CHECK_AVERAGE_POOL, 1, 300, 3, 3, 1, 300, 1, 1, false, false, true, 0, 0, 0, 1, 41},
    {CHECK_ADD, 16, 16, 4, 4, 1, 1, 1, 1, true, false, true, -128, -5, 0, 2, 42},
    {CHECK_SUB, 2, 8, 64, 64, 1, 1, 1, 1, true, true, true, 20, -100, 0, 1, 43},
    {CHECK_CONV, 1, 13, 70, 8, 1, 1, 1, 1, true, false, true, 5, -20, 0, 1, 45},
    {CHECK_CONV, 8, 1, 100, 7, 1, 1, 1, 1, true, false, true, -3, -60, CHECK_LARGEST, 2, 49},
    {CHECK_DEPTHWISE, 6, 5, 7, 7, 3, 2, 1, 1, true, false, true, 5, -20, 0, 1, 66},
    {CHECK_DEPTHWISE, 5, 4, 9, 9, 2, 5, 2, 1, true, true, true, -20, -128, CHECK_LARGEST, 2, 67},
    {CHECK_DEPTHWISE, 4, 5, 6, 6, 3, 2, 1, 1, true, false, false, -128, -4, CHECK_TIES, 1, 68},
    {CHECK_CONV, 4, 1, 128, 5, 1, 1, 1, 1, true, false, true, -3, -60, CHECK_LARGEST, 2, 61},
    {CHECK_FULLY_CONNECTED, 1, 1, 144, 19, 1, 1, 1, 1, true, false, true, 5, -20, CHECK_LARGEST, 2, 56},
    {CHECK_FULLY_CONNECTED, 1, 1, 128, 9, 1, 1, 1, 1, true, false, true, -3, -20, 0, 1, 57},
    {CHECK_FULLY_CONNECTED, 1, 1, 147, 9, 1, 1, 1, 1, true, false, true, -3, -20, 0, 1, 58},
    {CHECK_FULLY_CONNECTED, 1, 1, 150, 9, 1, 1, 1, 1, true, false, true, 20, -20, 0, 1, 59},
    {CHECK_CONV, 3, 3, 14, 5, 3, 3, 1, 1, true, true, true, 7, -128, 0, 1, 53},
    {CHECK_CONV, 1, 13, 70, 16, 1, 1, 1, 1, true, false, true, 5, -20, CHECK_CODED, 1, 65},
    {CHECK_DEPTHWISE, 13, 1, 20, 20, 6, 1, 1, 1, false, true, true, -128, -128, 0, 1, 54},
    {CHECK_DEPTHWISE, 8, 1, 9, 9, 3, 1, 1, 1, false, false, true, 5, -20, CHECK_LARGEST, 4, 55},
    {CHECK_CONV, 2, 13, 8, 17, 1, 1, 1, 1, true, true, true, -128, -128, 0, 1, 56},
    {CHECK_CONV, 4, 36, 3, 7, 3, 3, 2, 2, true, true, true, -128, -128, 0, 1, 58},
    {CHECK_CONV, 3, 16, 2, 7, 1, 3, 1, 1, true, false, true, 7, -20, CHECK_LARGEST, 4, 59},
    {CHECK_CONV, 3, 20, 4, 7, 2, 2, 1, 1, true, false, true, -3, 0, CHECK_TIES, 1, 60},
    {CHECK_CONV, 2, 3, 64, 41, 1, 1, 1, 1, true, false, false, -128, -20, CHECK_EXTREME, 4, 61},
    {CHECK_CONV, 2, 5, 3, 9, 3, 3, 1, 1, true, true, false, -128, -128, CHECK_LARGEST, 2, 62},
    {CHECK_CONV, 1, 4, 130, 11, 1, 1, 1, 1, true, false, false, -128, 10, CHECK_LARGEST, 4, 63},
    {CHECK_DEPTHWISE, 4, 5, 16, 16, 3, 3, 1, 1, true, true, false, -128, -128, CHECK_ONE_SIGN, 1, 71},
    {CHECK_DEPTHWISE, 5, 7, 16, 16, 3, 3, 2, 2, true, false, false, -128, 3, CHECK_ONE_SIGN, 1, 72},
    {CHECK_DEPTHWISE, 6, 8, 16, 16, 3, 3, 2, 2, true, true, false, -128, -128, CHECK_ONE_SIGN, 4, 73},
    {CHECK_DEPTHWISE, 5, 8, 16, 16, 3, 3, 2, 2, false, true, false, -128, -100, CHECK_ONE_SIGN, 1, 74},
    {CHECK_DEPTHWISE, 5, 6, 5, 5, 3, 3, 2, 1, true, true, false, -128, -128, CHECK_LARGEST, 2, 75},
};
const size_t check_layer_fixed_count = sizeof check_layers_fixed / sizeof check_layers_fixed[0];

const struct check_layer check_layers_steady[] = {
    {CHECK_CONV, 4, 4, 3, 9, 3, 3, 2, 2, true, false, false, 5, -20, 1, 4, 41},
    {CHECK_CONV, 3, 4, 9, 17, 3, 2, 1, 1, true, true, false, -128, -100, 0, 4, 42},
    {CHECK_FULLY_CONNECTED, 1, 1, 300, 7, 1, 1, 1, 1, true, false, true, -128, 20, 1, 2, 43},
    {CHECK_DEPTHWISE, 4, 5, 13, 13, 3, 3, 2, 2, true, false, false, -128, 3, 1, 4, 44},
    {CHECK_DEPTHWISE, 5, 4, 8, 8, 5, 2, 1, 1, true, true, false, 7, -100, 0, 2, 45},
    {CHECK_AVERAGE_POOL, 6, 5, 11, 11, 5, 4, 1, 1, false, false, false, 7, 7, 0, 1, 46},
};
const size_t check_layer_steady_count = sizeof check_layers_steady / sizeof check_layers_steady[0];

static int32_t between(struct mote_rng *rng, int32_t low, int32_t high)
{
    return low + (int32_t)mote_rng_below(rng, (uint64_t)(high - low + 1));
}

static int32_t one_of(struct mote_rng *rng, const int32_t *values, size_t count)
{
    return values[mote_rng_below(rng, count)];
}
#define ONE_OF(rng, ...) one_of(rng, (const int32_t[]){__VA_ARGS__}, sizeof((int32_t[]){__VA_ARGS__}) / sizeof(int32_t))

static int32_t out_extent(int32_t in, int32_t filter, int32_t stride, bool same)
{
    return same ? (in + stride - 1) / stride : (in - filter + stride) / stride;
}

static int64_t taps(const struct check_layer *l)
{
    return (int64_t)l->filter_h * l->filter_w * (l->operator == CHECK_DEPTHWISE || l->operator == CHECK_AVERAGE_POOL ? 1 : l->in_c);
}

static bool is_sum(const struct check_layer *l)
{
    return l->operator == CHECK_ADD || l->operator == CHECK_SUB;
}

/* What has no weights. */
static void shape_plain(struct mote_rng *rng, struct check_layer *l)
{
    l->out_c = l->in_c;
    l->is_input = true;
    if (l->operator != CHECK_AVERAGE_POOL) l->filter_h = l->filter_w = l->stride_h = l->stride_w = 1;
    if (l->operator == CHECK_SOFTMAX) l->in_w = 1;
    if (is_sum(l)) { /* fewer elements are left to the reference */
        static const int32_t shapes[][3] = {{16, 16, 4}, {1, 32, 32}, {8, 128, 1}, {2, 8, 64}};
        const int32_t *const chosen = shapes[mote_rng_below(rng, sizeof shapes / sizeof shapes[0])];
        l->in_h = chosen[0];
        l->in_w = chosen[1];
        l->in_c = l->out_c = chosen[2];
    }
}

static void shape(struct mote_rng *rng, struct check_layer *l)
{
    l->operator = (enum check_operator)ONE_OF(rng, CHECK_CONV, CHECK_CONV, CHECK_CONV, CHECK_CONV, CHECK_CONV, CHECK_CONV,
                                              CHECK_DEPTHWISE, CHECK_DEPTHWISE, CHECK_FULLY_CONNECTED, CHECK_FULLY_CONNECTED,
                                              CHECK_ADD, CHECK_SUB, CHECK_AVERAGE_POOL, CHECK_SOFTMAX);
    l->in_c = between(rng, 1, 20);
    l->out_c = between(rng, 1, 20);
    l->in_h = between(rng, 1, 7);
    l->in_w = between(rng, 1, 9);
    l->filter_h = ONE_OF(rng, 1, 1, 2, 3, 5, 10);
    l->filter_w = ONE_OF(rng, 1, 1, 2, 3, 4, 5);
    l->stride_h = between(rng, 1, 2);
    l->stride_w = between(rng, 1, 3);
    if (l->operator == CHECK_DEPTHWISE) {
        l->filter_h = l->filter_w = 3;
        l->out_c = l->in_c;
        if (mote_rng_below(rng, 4) == 0) { /* a multiplier */
            l->in_c = 1;
            l->out_c = between(rng, 2, 9);
            l->filter_h = between(rng, 1, 10);
        }
        l->stride_w = l->stride_h = between(rng, 1, 2);
    }
    if (mote_rng_below(rng, 4) == 0 && l->operator == CHECK_CONV) { /* pointwise */
        l->filter_h = l->filter_w = 1;
        l->in_c = between(rng, 1, 70);
    }
    if (l->operator == CHECK_FULLY_CONNECTED) {
        l->in_h = l->in_w = l->filter_h = l->filter_w = l->stride_h = l->stride_w = 1;
        l->in_c = ONE_OF(rng, 1, 7, 64, 65, 255, 256, 300);
    }
    if (l->operator > CHECK_FULLY_CONNECTED) shape_plain(rng, l);
    l->same_padding = mote_rng_below(rng, 2);
}

struct check_layer check_layer_random(struct mote_rng *rng, uint32_t most_bytes, int64_t most_macs)
{
    for (;;) {
        struct check_layer l = {.seed = mote_rng_next(rng)};
        shape(rng, &l);
        const int32_t out_h = out_extent(l.in_h, l.filter_h, l.stride_h, l.same_padding);
        const int32_t out_w = out_extent(l.in_w, l.filter_w, l.stride_w, l.same_padding);
        if (out_h < 1 || out_w < 1 || (!l.same_padding && (l.filter_h > l.in_h || l.filter_w > l.in_w))) continue;
        if ((uint32_t)(l.in_h * l.in_w * l.in_c) > most_bytes || (uint32_t)(out_h * out_w * l.out_c) > most_bytes) continue;
        if (taps(&l) * out_h * out_w * l.out_c > most_macs) continue;
        l.is_input = l.is_input || mote_rng_below(rng, 3) == 0;
        l.relu = mote_rng_below(rng, 2);
        l.in_zero_point = ONE_OF(rng, -128, -128, -128, 127, 0, 5);
        l.out_zero_point = l.relu ? ONE_OF(rng, -128, -128, -100) : ONE_OF(rng, -128, 127, 0, -7);
        l.weights = (enum check_weights)ONE_OF(rng, CHECK_RANDOM, CHECK_RANDOM, CHECK_LARGEST, CHECK_LARGEST, CHECK_SPARSE,
                                               CHECK_SPARSE, CHECK_TIES, CHECK_CODED, CHECK_EXTREME);
        l.spread = (float)ldexp(1.0, (int)between(rng, -3, 2));
        if (l.operator == CHECK_AVERAGE_POOL) l.out_zero_point = l.in_zero_point;
        if (l.operator == CHECK_SOFTMAX) l.out_zero_point = INT8_MIN;
        if (l.operator > CHECK_FULLY_CONNECTED) l.weights = CHECK_RANDOM;
        return l;
    }
}

void check_layer_print(const struct check_layer *l, char *text, size_t text_bytes)
{
    static const char *const names[] = {"conv", "depthwise", "fully connected", "add", "sub", "average pool", "softmax"};
    snprintf(text, text_bytes, "%s %dx%dx%d -> %d, filter %dx%d, stride %dx%d, %s%s, zero points %d %d, weights %d, spread %g, seed %llu",
             names[l->operator], (int)l->in_h, (int)l->in_w, (int)l->in_c, (int)l->out_c, (int)l->filter_h, (int)l->filter_w,
             (int)l->stride_h, (int)l->stride_w, l->same_padding ? "same" : "valid", l->relu ? ", relu" : "",
             (int)l->in_zero_point, (int)l->out_zero_point, (int)l->weights, (double)l->spread, (unsigned long long)l->seed);
}

static int activation(struct tflw *w, const char *name, float scale, int64_t zero_point, size_t rank, const int32_t *dims)
{
    const struct tflw_quant quant = {&scale, &zero_point, 1, 0};
    return tflw_tensor(w, name, TFLW_INT8, rank, dims, &quant, NULL, 0);
}

/* One of output channel o. The coded ones: near, with some exceptions; and in one channel little else, if that is a lot. */
static int8_t random_weight(const struct check_layer *l, int64_t o, struct mote_rng *rng)
{
    const int8_t any = (int8_t)between(rng, -127, 127);
    switch (l->weights) {
    case CHECK_LARGEST: return any < 0 ? -127 : 127;
    case CHECK_EXTREME: return any < 0 ? INT8_MIN : INT8_MAX;
    case CHECK_SPARSE: return mote_rng_below(rng, 4) ? 0 : any;
    case CHECK_CODED: return o / 8 % 2 || mote_rng_below(rng, 30) == 0 || (o == 2 && taps(l) > 500) ? any : (int8_t)(any & 15);
    case CHECK_TIES: return any % 4;
    case CHECK_ONE_SIGN: return o < l->out_c / 2 ? INT8_MAX : INT8_MIN;
    default: return any;
    }
}

enum { MOST_WEIGHTS = 1 << 16, MOST_CHANNELS = 128 };
static const float in_scale = 0.03f, weight_scale = 0.01f, step_of_ties = 0.03125f; /* of inputs and of weights */

static int weight_tensor(struct tflw *w, const struct check_layer *l, struct mote_rng *rng)
{
    static int8_t data[MOST_WEIGHTS];
    float scales[MOST_CHANNELS];
    const size_t count = (size_t)(taps(l) * l->out_c);
    if (count > MOST_WEIGHTS || l->out_c > MOST_CHANNELS) return -1;
    const bool fully_connected = l->operator == CHECK_FULLY_CONNECTED, depthwise = l->operator == CHECK_DEPTHWISE;
    for (size_t i = 0; i < count; i++)
        data[i] = random_weight(l, depthwise ? (int64_t)i % l->out_c : (int64_t)i / taps(l), rng);
    for (int32_t i = 0; i < l->out_c; i++)
        scales[i] = l->weights == CHECK_TIES ? step_of_ties : weight_scale * (float)(0.4 + 1.2 * mote_rng_unit(rng));
    const int32_t matrix[] = {l->out_c, l->in_c}, filters[] = {l->out_c, l->filter_h, l->filter_w, l->in_c};
    const int32_t planes[] = {1, l->filter_h, l->filter_w, l->out_c};
    const struct tflw_quant quant = {scales, NULL, fully_connected ? 1 : (size_t)l->out_c, depthwise ? 3 : 0};
    return tflw_tensor(w, "weights", TFLW_INT8, fully_connected ? 2 : 4, fully_connected ? matrix : depthwise ? planes : filters,
                       &quant, data, count);
}

static int bias_tensor(struct tflw *w, const struct check_layer *l, struct mote_rng *rng)
{
    int32_t data[MOST_CHANNELS];
    if (mote_rng_below(rng, 5) == 0) return -1;
    const int32_t most = l->weights == CHECK_TIES ? 200 : 20000;
    for (int32_t i = 0; i < l->out_c; i++) data[i] = between(rng, -most, most);
    if (l->weights == CHECK_ONE_SIGN)
        for (int32_t i = 0; i < l->out_c; i++) data[i] = i % 4 < 3 ? data[i] / 64 : i % 8 < 4 ? data[i] + 100000 : data[i] - 100000;
    return tflw_tensor(w, "bias", TFLW_INT32, 1, &l->out_c, NULL, data, (size_t)l->out_c * sizeof *data);
}

static float input_scale(const struct check_layer *l)
{
    if (l->operator == CHECK_SOFTMAX) return in_scale * l->spread;
    return l->weights == CHECK_TIES ? step_of_ties : in_scale;
}

static float output_scale(const struct check_layer *l)
{
    const double reach = sqrt((double)taps(l)) * 74.0 * 74.0 * (double)in_scale * (double)weight_scale;
    if (l->operator == CHECK_AVERAGE_POOL) return in_scale;
    if (l->operator == CHECK_SOFTMAX) return 1.0f / 256;
    if (is_sum(l)) return 2 * in_scale / l->spread;
    if (l->weights == CHECK_TIES) return step_of_ties * step_of_ties * 32 / l->spread;
    return (float)(reach / 64.0 / (double)l->spread);
}

/* The tensors that the operator takes besides the first. */
static size_t more_inputs(struct tflw *w, const struct check_layer *l, size_t rank, const int32_t *shape_in, int *inputs)
{
    struct mote_rng rng;
    mote_rng_seed(&rng, l->seed);
    if (is_sum(l)) inputs[0] = activation(w, "b", in_scale * 0.7f, l->in_zero_point, rank, shape_in);
    if (l->operator > CHECK_FULLY_CONNECTED) return is_sum(l);
    inputs[0] = weight_tensor(w, l, &rng);
    inputs[1] = bias_tensor(w, l, &rng);
    return 2;
}

static uint8_t *write_model(const struct check_layer *l, size_t *bytes)
{
    static const enum tflw_operator codes[] = {TFLW_CONV_2D, TFLW_DEPTHWISE_CONV_2D, TFLW_FULLY_CONNECTED, TFLW_ADD,
                                               TFLW_SUB, TFLW_AVERAGE_POOL_2D, TFLW_SOFTMAX};
    struct tflw *w = tflw_new();
    const int32_t out_h = out_extent(l->in_h, l->filter_h, l->stride_h, l->same_padding);
    const int32_t out_w = out_extent(l->in_w, l->filter_w, l->stride_w, l->same_padding);
    const bool is_flat = l->operator == CHECK_FULLY_CONNECTED || l->operator == CHECK_SOFTMAX;
    const int32_t in_dims[] = {1, l->in_h, l->in_w, l->in_c}, flat[] = {l->in_h, l->in_c};
    const int32_t out_dims[] = {1, out_h, out_w, l->out_c}, out_flat[] = {l->in_h, l->out_c};
    const size_t rank = is_flat ? 2 : 4;
    const int32_t *const shape_in = is_flat ? flat : in_dims;
    int x = activation(w, "x", input_scale(l), l->in_zero_point, rank, shape_in);
    const int first = x;
    if (!l->is_input) {
        x = activation(w, "x2", input_scale(l), l->in_zero_point, rank, shape_in);
        tflw_op(w, TFLW_RESHAPE, 0, &first, 1, &x, 1, &(struct tflw_options){.dims = shape_in, .dims_count = rank});
    }
    const int y = activation(w, "y", output_scale(l), l->out_zero_point, rank, is_flat ? out_flat : out_dims);
    int inputs[3] = {x};
    const size_t more = more_inputs(w, l, rank, shape_in, inputs + 1);
    tflw_op(w, codes[l->operator], 0, inputs, 1 + more, &y, 1,
            &(struct tflw_options){.padding = l->same_padding ? TFLW_SAME : TFLW_VALID,
                                   .activation = l->relu ? TFLW_ACTIVATION_RELU : TFLW_ACTIVATION_NONE,
                                   .stride_w = l->stride_w,
                                   .stride_h = l->stride_h,
                                   .filter_w = l->filter_w,
                                   .filter_h = l->filter_h,
                                   .beta = 1});
    const int outside[2] = {first, inputs[1]};
    tflw_io(w, outside, is_sum(l) ? 2 : 1, &y, 1);
    uint8_t *file = tflw_finish(w, bytes);
    if (!file) fprintf(stderr, "check: %s\n", tflw_error(w));
    tflw_free(w);
    return file;
}

/* So that kernels that skip zeros take the layers whose input is not the graph's, and kernels for small inputs some others. */
static const struct mote_statistics often_zero = {.element_count = 1, .zero_share = 0.5, .mean_size = 100};
static const struct mote_statistics mostly_small = {.element_count = 1, .zero_share = 0, .mean_size = 2};

static const struct mote_statistics *pretended(const struct check_layer *layer)
{
    return !layer->is_input ? &often_zero : layer->seed % 4 == 1 ? &mostly_small : NULL;
}

enum mote_status check_layer_plan(const struct check_layer *layer, const struct mote_target *target, bool steady_time,
                                  struct mote_arena *arena, struct check_plans *plans, struct mote_diag *diag)
{
    static const char *const reference_only[] = {"ref", NULL};
    const struct mote_plan_wishes wishes = {.steady_time = steady_time,
                                            .coding = layer->weights == CHECK_CODED && !steady_time ? MOTE_CODING_ALWAYS : MOTE_CODING_AUTO};
    struct mote_target *plain = mote_arena_copy(arena, target, sizeof *target);
    size_t bytes;
    uint8_t *file = write_model(layer, &bytes);
    uint8_t *kept = file ? mote_arena_copy(arena, file, bytes) : NULL;
    free(file);
    if (!kept || !plain) return mote_error_memory(diag);
    plain->families = reference_only;
    struct mote_graph *graph;
    plans->layer = *layer;
    plans->steady_time = steady_time;
    enum mote_status status = mote_import_tflite(kept, bytes, "check", arena, &graph, diag);
    for (int32_t i = 0; status == MOTE_OK && i < graph->tensor_count; i++) graph->tensors[i].statistics = pretended(layer);
    if (status == MOTE_OK) status = mote_plan_build_with(graph, target, wishes, arena, &plans->tuned, diag);
    if (status == MOTE_OK) status = mote_plan_build(graph, plain, arena, &plans->reference, diag);
    return status;
}

const char *check_plans_kernel(const struct check_plans *plans)
{
    return plans->tuned->steps[plans->tuned->step_count - 1].kernel->name;
}

bool check_plans_is_tuned(const struct check_plans *plans)
{
    const char *tuned = check_plans_kernel(plans);
    return strcmp(tuned, plans->reference->steps[plans->reference->step_count - 1].kernel->name) != 0;
}

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

bool check_plans_fit(const struct check_plans *plans, size_t count)
{
    enum { REST_BYTES = 900 }; /* most of the stack, guards, and what else check_target.c keeps */
    uint32_t in = 0, out = 0, arena = 0, stack = 0;
    for (size_t i = 0; i < count; i++) {
        const struct mote_plan *plan = plans[i].tuned;
        in = larger(in, (uint32_t)mote_eval_input_bytes(plan));
        out = larger(out, (uint32_t)mote_eval_output_bytes(plan));
        arena = larger(arena, plan->arena_bytes);
        stack = larger(stack, plan->kernel_stack_bytes);
    }
    return count == 0 || 2 * in + 2 * out + arena + stack + REST_BYTES <= plans->tuned->target->ram_bytes;
}
