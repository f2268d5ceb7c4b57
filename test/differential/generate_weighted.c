#include "generate.h"

#include <math.h>
#include <stdlib.h>

#define MOST_CHANNELS 24

/* ---- Weights and bias ---- */

struct weights {
    int channels;      /* of the output */
    int axis;          /* of the weights' shape */
    int64_t taps;      /* products per output element */
    float scales[MOST_CHANNELS];
    bool per_channel;
};

static void pick_weight_scales(struct model_case *m, struct weights *w)
{
    const float base = pick_scale(m, false);
    for (int i = 0; i < w->channels; i++)
        w->scales[i] = w->per_channel ? base * (float)(0.05 + mote_rng_unit(&m->rng)) : base;
    note(m, " weights*%.9g%s", (double)base, w->per_channel ? " per channel" : "");
}

static int add_weights(struct model_case *m, const struct weights *w, int rank, const int32_t *shape, int64_t zero_point)
{
    size_t count = 1;
    note(m, " [");
    for (int i = 0; i < rank; i++) {
        count *= (size_t)shape[i];
        note(m, "%s%d", i ? "," : "", (int)shape[i]);
    }
    note(m, "]%+d", (int)zero_point);
    int8_t *data = malloc(count);
    if (!data) abort();
    for (size_t i = 0; i < count; i++) data[i] = (int8_t)pick(m, -127, 127);
    const int64_t zero_points[MOST_CHANNELS] = {zero_point};
    const struct tflw_quant quant = {
        .scales = w->scales,
        .zero_points = zero_points,
        .count = w->per_channel ? (size_t)w->channels : 1,
        .dimension = w->per_channel ? w->axis : 0,
    };
    const int tensor = tflw_tensor(m->writer, "weights", TFLW_INT8, (size_t)rank, shape, &quant, data, count);
    free(data);
    return tensor;
}

/* Bias of the size of the sums; int64 for int16 activations. */
static int add_bias(struct model_case *m, const struct weights *w, enum tflw_type in_type, float in_scale)
{
    const double reach = (in_type == TFLW_INT16 ? 32768.0 : 128.0) * 64.0 * sqrt((double)w->taps);
    int32_t narrow[MOST_CHANNELS];
    int64_t wide[MOST_CHANNELS];
    float scales[MOST_CHANNELS];
    for (int i = 0; i < w->channels; i++) {
        narrow[i] = (int32_t)(reach * (2.0 * mote_rng_unit(&m->rng) - 1.0));
        wide[i] = narrow[i];
        scales[i] = in_scale * w->scales[w->per_channel ? i : 0];
    }
    const int64_t zero_points[MOST_CHANNELS] = {0};
    const struct tflw_quant quant = {
        .scales = scales, .zero_points = zero_points, .count = w->per_channel ? (size_t)w->channels : 1};
    const int32_t shape[1] = {w->channels};
    if (in_type == TFLW_INT16)
        return tflw_tensor(m->writer, "bias", TFLW_INT64, 1, shape, &quant, wide, (size_t)w->channels * 8);
    return tflw_tensor(m->writer, "bias", TFLW_INT32, 1, shape, &quant, narrow, (size_t)w->channels * 4);
}

/* An output scale that sums of random products fill, times a random factor. */
static float pick_out_scale(struct model_case *m, const struct weights *w, enum tflw_type type, float in_scale)
{
    const double in_deviation = type == TFLW_INT16 ? 19000.0 : 74.0, levels = type == TFLW_INT16 ? 19000.0 : 74.0;
    const double sum = (double)in_scale * (double)w->scales[0] * in_deviation * 73.0 * sqrt((double)w->taps);
    return (float)(sum / levels * ldexp(1.0 + mote_rng_unit(&m->rng), pick(m, -2, 1)));
}

/* ---- Windows ---- */

static int32_t out_extent(enum tflw_padding padding, int32_t in, int32_t filter, int32_t stride, int32_t dilation)
{
    const int32_t effective = (filter - 1) * dilation + 1;
    return padding == TFLW_SAME ? (in + stride - 1) / stride : (in - effective) / stride + 1;
}

/* Filter, stride, dilation and padding such that the output is not empty. */
static void pick_window(struct model_case *m, const int32_t *in, bool dilates, struct tflw_options *o, int32_t *filter,
                        int32_t *out)
{
    o->padding = chance(m, 50) ? TFLW_SAME : TFLW_VALID;
    o->stride_h = pick(m, 1, 3);
    o->stride_w = pick(m, 1, 3);
    o->dilation_h = dilates && chance(m, 30) ? pick(m, 2, 3) : 1;
    o->dilation_w = dilates && chance(m, 30) ? pick(m, 2, 3) : 1;
    filter[0] = pick(m, 1, 4);
    filter[1] = pick(m, 1, 4);
    if (o->padding == TFLW_VALID) {
        if ((filter[0] - 1) * o->dilation_h + 1 > in[1]) filter[0] = 1;
        if ((filter[1] - 1) * o->dilation_w + 1 > in[2]) filter[1] = 1;
    }
    out[0] = out_extent(o->padding, in[1], filter[0], o->stride_h, o->dilation_h);
    out[1] = out_extent(o->padding, in[2], filter[1], o->stride_w, o->dilation_w);
    note(m, " %s filter=%dx%d stride=%dx%d dilation=%dx%d", o->padding == TFLW_SAME ? "SAME" : "VALID", (int)filter[0],
         (int)filter[1], (int)o->stride_h, (int)o->stride_w, (int)o->dilation_h, (int)o->dilation_w);
}

/* ---- Operators ---- */

static enum tflw_type pick_type(struct model_case *m)
{
    return chance(m, 25) ? TFLW_INT16 : TFLW_INT8;
}

static void finish_weighted(struct model_case *m, enum tflw_operator code, const struct weights *w, int input, int weights,
                            enum tflw_type type, float in_scale, int out_rank, const int32_t *out_shape,
                            struct tflw_options *options)
{
    int inputs[3] = {input, weights};
    /* The compared implementation refuses CONV_2D, and other int16 convolutions, without bias. */
    const bool has_bias = chance(m, 80) || code == TFLW_CONV_2D || (type == TFLW_INT16 && code != TFLW_FULLY_CONNECTED);
    /* Newer releases of it scale the sums of fully connected layers in floating point; without a bias, all of them take
     * 64-bit sums for int16, the reference for microcontrollers 32-bit ones. */
    if (code == TFLW_FULLY_CONNECTED) m->newer_rule = RULE_ONE_STEP;
    if (code == TFLW_FULLY_CONNECTED && type == TFLW_INT16 && !has_bias) set_rule(m, RULE_ONE_STEP);
    if (has_bias) inputs[2] = add_bias(m, w, type, in_scale);
    struct quantisation out = pick_quantisation(m, type);
    out.scale = pick_out_scale(m, w, type, in_scale);
    const int output = add_activation(m, "out", type, out_rank, out_shape, out);
    options->activation = pick_activation(m);
    finish_model(m, code, inputs, has_bias ? 3 : 2, &output, 1, options);
    name_io(m, &input, 1, &output, 1);
}

static void generate_conv(struct model_case *m)
{
    const enum tflw_type type = pick_type(m);
    const struct quantisation in = pick_quantisation(m, type);
    const int groups = chance(m, 25) ? pick(m, 2, 3) : 1;
    const int32_t in_shape[4] = {pick(m, 1, 2), pick(m, 1, 9), pick(m, 1, 9), groups * pick(m, 1, 5)};
    struct tflw_options options = {0};
    int32_t filter[2], out[2];
    note(m, "CONV_2D groups=%d", groups);
    pick_window(m, in_shape, true, &options, filter, out);
    struct weights w = {.channels = groups * pick(m, 1, 6), .axis = 0, .per_channel = chance(m, 60)};
    const int32_t shape[4] = {w.channels, filter[0], filter[1], in_shape[3] / groups};
    w.taps = (int64_t)shape[1] * shape[2] * shape[3];
    pick_weight_scales(m, &w);
    const int input = add_activation(m, "in", type, 4, in_shape, in);
    const int weights = add_weights(m, &w, 4, shape, 0);
    const int32_t out_shape[4] = {in_shape[0], out[0], out[1], w.channels};
    finish_weighted(m, TFLW_CONV_2D, &w, input, weights, type, in.scale, 4, out_shape, &options);
}

static void generate_depthwise(struct model_case *m)
{
    const enum tflw_type type = pick_type(m);
    const struct quantisation in = pick_quantisation(m, type);
    const int32_t in_shape[4] = {pick(m, 1, 2), pick(m, 1, 9), pick(m, 1, 9), pick(m, 1, 6)};
    struct tflw_options options = {.depth_multiplier = chance(m, 40) ? pick(m, 2, 4) : 1};
    int32_t filter[2], out[2];
    note(m, "DEPTHWISE_CONV_2D multiplier=%d", (int)options.depth_multiplier);
    pick_window(m, in_shape, true, &options, filter, out);
    struct weights w = {.channels = in_shape[3] * options.depth_multiplier, .axis = 3, .per_channel = chance(m, 60)};
    const int32_t shape[4] = {1, filter[0], filter[1], w.channels};
    w.taps = (int64_t)shape[1] * shape[2];
    pick_weight_scales(m, &w);
    const int input = add_activation(m, "in", type, 4, in_shape, in);
    const int weights = add_weights(m, &w, 4, shape, 0);
    const int32_t out_shape[4] = {in_shape[0], out[0], out[1], w.channels};
    finish_weighted(m, TFLW_DEPTHWISE_CONV_2D, &w, input, weights, type, in.scale, 4, out_shape, &options);
}

static void generate_transpose_conv(struct model_case *m)
{
    const enum tflw_type type = pick_type(m);
    const struct quantisation in = pick_quantisation(m, type);
    const int32_t in_shape[4] = {pick(m, 1, 2), pick(m, 1, 6), pick(m, 1, 6), pick(m, 1, 5)};
    struct tflw_options options = {.padding = chance(m, 50) ? TFLW_SAME : TFLW_VALID};
    options.stride_h = pick(m, 1, 3);
    options.stride_w = pick(m, 1, 3);
    struct weights w = {.channels = pick(m, 1, 6), .axis = 0, .per_channel = chance(m, 60)};
    const int32_t shape[4] = {w.channels, pick(m, 1, 4), pick(m, 1, 4), in_shape[3]};
    w.taps = (int64_t)shape[1] * shape[2] * shape[3];
    int32_t out_shape[4] = {in_shape[0], in_shape[1] * options.stride_h, in_shape[2] * options.stride_w, w.channels};
    if (options.padding == TFLW_VALID) {
        out_shape[1] = (in_shape[1] - 1) * options.stride_h + shape[1];
        out_shape[2] = (in_shape[2] - 1) * options.stride_w + shape[2];
    }
    note(m, "TRANSPOSE_CONV %s stride=%dx%d", options.padding == TFLW_SAME ? "SAME" : "VALID", (int)options.stride_h,
         (int)options.stride_w);
    pick_weight_scales(m, &w);
    int inputs[4];
    inputs[0] = add_ints(m, "output_shape", out_shape, 4);
    inputs[1] = add_weights(m, &w, 4, shape, 0);
    inputs[2] = add_activation(m, "in", type, 4, in_shape, in);
    const bool has_bias = chance(m, 70);
    if (has_bias) inputs[3] = add_bias(m, &w, type, in.scale);
    struct quantisation out = pick_quantisation(m, type);
    out.scale = pick_out_scale(m, &w, type, in.scale);
    const int output = add_activation(m, "out", type, 4, out_shape, out);
    finish_model(m, TFLW_TRANSPOSE_CONV, inputs, has_bias ? 4 : 3, &output, 1, &options);
    name_io(m, &inputs[2], 1, &output, 1);
}

static void generate_fully_connected(struct model_case *m)
{
    const enum tflw_type type = pick_type(m);
    const struct quantisation in = pick_quantisation(m, type);
    struct tflw_options options = {.keep_num_dims = chance(m, 30)};
    const int rank = options.keep_num_dims ? 3 : 2;
    int32_t in_shape[3], out_shape[3];
    pick_shape(m, rank, 4, in_shape);
    in_shape[rank - 1] = pick(m, 1, 70);
    struct weights w = {.channels = pick(m, 1, 20), .axis = 0, .per_channel = chance(m, 40)};
    const int32_t shape[2] = {w.channels, in_shape[rank - 1]};
    w.taps = shape[1];
    note(m, "FULLY_CONNECTED keep_dims=%d", options.keep_num_dims);
    pick_weight_scales(m, &w);
    const int input = add_activation(m, "in", type, rank, in_shape, in);
    const bool offset = type == TFLW_INT8 && !w.per_channel && chance(m, 25);
    const int weights = add_weights(m, &w, 2, shape, offset ? pick(m, -20, 20) : 0);
    for (int i = 0; i < rank - 1; i++) out_shape[i] = in_shape[i];
    out_shape[rank - 1] = w.channels;
    finish_weighted(m, TFLW_FULLY_CONNECTED, &w, input, weights, type, in.scale, rank, out_shape, &options);
}

void generate_weighted(struct model_case *m)
{
    static void (*const kinds[])(struct model_case *) = {generate_conv, generate_depthwise, generate_fully_connected,
                                                         generate_transpose_conv, generate_conv};
    kinds[pick(m, 0, 4)](m);
}

/* ---- Pools and mean ---- */

static void generate_pool(struct model_case *m)
{
    const enum tflw_type type = pick_type(m);
    const struct quantisation q = pick_quantisation(m, type);
    const bool averages = chance(m, 50);
    const int32_t in_shape[4] = {pick(m, 1, 2), pick(m, 1, 9), pick(m, 1, 9), pick(m, 1, 7)};
    struct tflw_options options = {0};
    int32_t filter[2], out[2];
    note(m, "%s", averages ? "AVERAGE_POOL_2D" : "MAX_POOL_2D");
    pick_window(m, in_shape, false, &options, filter, out);
    options.filter_h = filter[0];
    options.filter_w = filter[1];
    const int input = add_activation(m, "in", type, 4, in_shape, q);
    const int32_t out_shape[4] = {in_shape[0], out[0], out[1], in_shape[3]};
    const int output = add_activation(m, "out", type, 4, out_shape, q);
    options.activation = pick_activation(m);
    finish_model(m, averages ? TFLW_AVERAGE_POOL_2D : TFLW_MAX_POOL_2D, &input, 1, &output, 1, &options);
    name_io(m, &input, 1, &output, 1);
}

/* A contiguous set of axes. */
static void generate_mean(struct model_case *m)
{
    const enum tflw_type type = pick_type(m);
    const struct quantisation in = pick_quantisation(m, type);
    struct quantisation out = pick_quantisation(m, type);
    if (chance(m, 40)) out = in;
    else out.scale = in.scale * (float)(0.3 + mote_rng_unit(&m->rng));
    const int rank = pick(m, 2, 4), first = pick(m, 0, rank - 1), last = pick(m, first, rank - 1);
    int32_t shape[4], out_shape[4], axes[4];
    int out_rank = 0;
    pick_shape(m, rank, 7, shape);
    const struct tflw_options options = {.keep_dims = chance(m, 50)};
    note(m, "MEAN axes=%d..%d keep_dims=%d", first, last, options.keep_dims);
    for (int i = 0; i < rank; i++) {
        const bool reduced = i >= first && i <= last;
        if (reduced) axes[i - first] = chance(m, 30) ? i - rank : i;
        if (!reduced || options.keep_dims) out_shape[out_rank++] = reduced ? 1 : shape[i];
    }
    int inputs[2];
    inputs[0] = add_activation(m, "in", type, rank, shape, in);
    inputs[1] = add_ints(m, "axes", axes, last - first + 1);
    const int output = add_activation(m, "out", type, out_rank, out_shape, out);
    finish_model(m, TFLW_MEAN, inputs, 2, &output, 1, &options);
    name_io(m, inputs, 1, &output, 1);
}

void generate_reduction(struct model_case *m)
{
    if (chance(m, 60)) generate_pool(m);
    else generate_mean(m);
}
