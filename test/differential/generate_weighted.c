#include "generate_weights.h"

/* ---- Operators ---- */

static enum tflw_type pick_type(struct model_case *m)
{
    return chance(m, 25) ? TFLW_INT16 : TFLW_INT8;
}

/* The type of a bias that the reference takes, or TFLW_FLOAT32 for none. */
static enum tflw_type pick_bias_type(struct model_case *m, enum tflw_operator code, enum tflw_type type)
{
    if (chance(m, 20)) return TFLW_FLOAT32;
    if (type == TFLW_INT8) return TFLW_INT32;
    if (code == TFLW_CONV_2D && chance(m, 35)) return TFLW_INT32;
    if (code == TFLW_TRANSPOSE_CONV && chance(m, 25)) return TFLW_INT16;
    return TFLW_INT64;
}

struct weighted_op {
    enum tflw_operator code;
    enum tflw_type type;
    int inputs[4], input_count; /* without bias */
    int activation_input;       /* which of inputs is the model's */
    float in_scale;
    int out_rank;
    int32_t out_shape[4];
};

static void finish_weighted(struct model_case *m, const struct weights *w, struct weighted_op *op,
                            struct tflw_options *options)
{
    const enum tflw_type bias_type = pick_bias_type(m, op->code, op->type);
    if (bias_type != TFLW_FLOAT32) op->inputs[op->input_count++] = add_bias(m, w, bias_type, op->type, op->in_scale);
    /* LiteRT reads other biases of int16 operators as int64. Without one it has 64-bit sums, as it always has. */
    if (op->type == TFLW_INT16 && bias_type != TFLW_INT64)
        set_rule(m, bias_type == TFLW_FLOAT32 ? RULE_ONE_STEP : RULE_NOT_JUDGED);
    /* Newer releases of LiteRT scale the sums of fully connected layers in floating point. */
    if (op->code == TFLW_FULLY_CONNECTED && m->newer_rule < RULE_ONE_STEP) m->newer_rule = RULE_ONE_STEP;
    struct quantisation out = pick_quantisation(m, op->type);
    out.scale = pick_out_scale(m, w, op->type, op->in_scale);
    const int output = add_activation(m, "out", op->type, op->out_rank, op->out_shape, out);
    /* TRANSPOSE_CONV has none: the reference ignores it. */
    if (op->code != TFLW_TRANSPOSE_CONV) options->activation = pick_activation(m);
    finish_model(m, op->code, op->inputs, op->input_count, &output, 1, options);
    name_io(m, &op->inputs[op->activation_input], 1, &output, 1);
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
    pick_weights(m, &w, shape[3]);
    struct weighted_op op = {.code = TFLW_CONV_2D, .type = type, .input_count = 2, .in_scale = in.scale, .out_rank = 4,
                             .out_shape = {in_shape[0], out[0], out[1], w.channels}};
    op.inputs[0] = add_activation(m, "in", type, 4, in_shape, in);
    op.inputs[1] = add_weights(m, &w, 4, shape, 0);
    finish_weighted(m, &w, &op, &options);
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
    pick_weights(m, &w, 0);
    struct weighted_op op = {.code = TFLW_DEPTHWISE_CONV_2D, .type = type, .input_count = 2, .in_scale = in.scale,
                             .out_rank = 4, .out_shape = {in_shape[0], out[0], out[1], w.channels}};
    op.inputs[0] = add_activation(m, "in", type, 4, in_shape, in);
    op.inputs[1] = add_weights(m, &w, 4, shape, 0);
    finish_weighted(m, &w, &op, &options);
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
    struct weighted_op op = {.code = TFLW_TRANSPOSE_CONV, .type = type, .input_count = 3, .activation_input = 2,
                             .in_scale = in.scale, .out_rank = 4};
    /* Every extent that a forward convolution would bring to in_shape. */
    const bool same = options.padding == TFLW_SAME;
    const int32_t strides[2] = {options.stride_h, options.stride_w};
    op.out_shape[0] = in_shape[0];
    for (int i = 1; i < 3; i++) {
        const int32_t longest = in_shape[i] * strides[i - 1] + (same ? 0 : shape[i] - 1);
        op.out_shape[i] = chance(m, 70) ? longest : pick(m, longest - strides[i - 1] + 1, longest);
        if (!same && chance(m, 50)) op.out_shape[i] = longest - strides[i - 1] + 1;
    }
    op.out_shape[3] = w.channels;
    note(m, "TRANSPOSE_CONV %s stride=%dx%d", same ? "SAME" : "VALID", (int)options.stride_h, (int)options.stride_w);
    pick_weights(m, &w, in_shape[3]);
    op.inputs[0] = add_ints(m, "output_shape", op.out_shape, 4);
    op.inputs[1] = add_weights(m, &w, 4, shape, 0);
    op.inputs[2] = add_activation(m, "in", type, 4, in_shape, in);
    finish_weighted(m, &w, &op, &options);
}

static void generate_fully_connected(struct model_case *m)
{
    const enum tflw_type type = pick_type(m);
    const struct quantisation in = pick_quantisation(m, type);
    struct tflw_options options = {.keep_num_dims = chance(m, 30)};
    const int rank = options.keep_num_dims ? 3 : 2;
    int32_t in_shape[3];
    pick_shape(m, rank, 4, in_shape);
    in_shape[rank - 1] = pick(m, 1, 70);
    struct weights w = {.channels = pick(m, 1, 20), .axis = 0, .per_channel = chance(m, 40)};
    const int32_t shape[2] = {w.channels, in_shape[rank - 1]};
    w.taps = shape[1];
    note(m, "FULLY_CONNECTED keep_dims=%d", options.keep_num_dims);
    pick_weights(m, &w, in_shape[rank - 1]);
    struct weighted_op op = {.code = TFLW_FULLY_CONNECTED, .type = type, .input_count = 2, .in_scale = in.scale,
                             .out_rank = rank};
    const bool offset = type == TFLW_INT8 && !w.per_channel && chance(m, 25);
    op.inputs[0] = add_activation(m, "in", type, rank, in_shape, in);
    op.inputs[1] = add_weights(m, &w, 2, shape, offset ? pick(m, -20, 20) : 0);
    for (int i = 0; i < rank - 1; i++) op.out_shape[i] = in_shape[i];
    op.out_shape[rank - 1] = w.channels;
    finish_weighted(m, &w, &op, &options);
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
