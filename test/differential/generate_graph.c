/* Random graphs of several operators: chains, residual and parallel branches, with dead, constant and unread channels. */
#include "generate_weights.h"

#include <math.h>
#include <string.h>

#define MOST_VALUES 16

/* An activation that later operators may read. */
struct value {
    int tensor;
    int rank;
    int32_t shape[4];
    struct quantisation q;
};

struct graph_case {
    struct model_case *m;
    enum tflw_type type;
    struct value now; /* what the chain has come to */
    struct value side[MOST_VALUES];
    int side_count, op_count;
};

/* ---- Pieces ---- */

static struct value add_value(struct graph_case *g, const char *name, int rank, const int32_t *shape, struct quantisation q)
{
    struct value v = {.rank = rank, .q = q};
    memcpy(v.shape, shape, (size_t)rank * sizeof *shape);
    v.tensor = add_activation(g->m, name, g->type, rank, shape, q);
    return v;
}

static void add_op(struct graph_case *g, enum tflw_operator code, const int *inputs, int input_count, int output,
                   const struct tflw_options *options)
{
    finish_model(g->m, code, inputs, input_count, &output, 1, options);
    g->op_count++;
}

/* Applies an operator of one input and output. */
static struct value apply(struct graph_case *g, enum tflw_operator code, const char *name, struct value in, int rank,
                          const int32_t *shape, struct quantisation q, const struct tflw_options *options)
{
    note(g->m, "\n  %s", name);
    const struct value out = add_value(g, "out", rank, shape, q);
    add_op(g, code, &in.tensor, 1, out.tensor, options);
    return out;
}

static bool same_shape(const struct value *a, const struct value *b)
{
    return a->rank == b->rank && !memcmp(a->shape, b->shape, (size_t)a->rank * sizeof a->shape[0]);
}

/* A zero point that an activation leaves at the least value, as converters choose it, or any. */
static struct quantisation pick_out_quantisation(struct graph_case *g, float scale)
{
    struct quantisation q = pick_quantisation(g->m, g->type);
    if (g->type == TFLW_INT8 && chance(g->m, 50)) q.zero_point = -128;
    q.scale = scale;
    return q;
}

static enum tflw_activation pick_usual_activation(struct model_case *m)
{
    return chance(m, 60) ? TFLW_ACTIVATION_RELU : pick_activation(m);
}

/* ---- Operators with weights ---- */

static struct value finish_layer(struct graph_case *g, enum tflw_operator code, struct value in, int weights,
                                 const struct weights *w, int rank, const int32_t *shape, struct tflw_options *options)
{
    const enum tflw_type bias_type = g->type == TFLW_INT16 ? TFLW_INT64 : TFLW_INT32;
    int inputs[3] = {in.tensor, weights};
    /* TensorFlow Lite Micro stops at an int8 DEPTHWISE_CONV_2D without. */
    const bool has_bias = code == TFLW_DEPTHWISE_CONV_2D || chance(g->m, 90);
    if (!has_bias && g->type == TFLW_INT16) set_rule(g->m, RULE_NOT_JUDGED); /* see finish_weighted */
    if (has_bias) inputs[2] = add_bias(g->m, w, bias_type, g->type, in.q.scale);
    const float scale = pick_out_scale(g->m, w, g->type, in.q.scale);
    const struct value out = add_value(g, "out", rank, shape, pick_out_quantisation(g, scale));
    options->activation = pick_usual_activation(g->m);
    note(g->m, " activation=%d", (int)options->activation);
    add_op(g, code, inputs, has_bias ? 3 : 2, out.tensor, options);
    return out;
}

/* keeps: rows, columns and channels stay as they are. */
static struct value add_conv(struct graph_case *g, struct value in, bool keeps)
{
    struct tflw_options options = {.padding = TFLW_SAME};
    int32_t filter[2] = {pick(g->m, 1, 3), pick(g->m, 1, 3)}, out[2] = {in.shape[1], in.shape[2]};
    note(g->m, "\n  CONV_2D");
    if (!keeps && chance(g->m, 70)) pick_window(g->m, in.shape, true, &options, filter, out);
    struct weights w = {.channels = keeps ? in.shape[3] : pick(g->m, 1, 12), .axis = 0, .per_channel = chance(g->m, 70)};
    const int32_t shape[4] = {w.channels, filter[0], filter[1], in.shape[3]};
    const int32_t out_shape[4] = {in.shape[0], out[0], out[1], w.channels};
    w.taps = (int64_t)filter[0] * filter[1] * in.shape[3];
    pick_weights(g->m, &w, in.shape[3]);
    return finish_layer(g, TFLW_CONV_2D, in, add_weights(g->m, &w, 4, shape, 0), &w, 4, out_shape, &options);
}

static struct value add_depthwise(struct graph_case *g, struct value in, bool keeps)
{
    struct tflw_options options = {.padding = TFLW_SAME, .depth_multiplier = 1};
    int32_t filter[2] = {pick(g->m, 1, 3), pick(g->m, 1, 3)}, out[2] = {in.shape[1], in.shape[2]};
    note(g->m, "\n  DEPTHWISE_CONV_2D");
    if (!keeps && chance(g->m, 70)) pick_window(g->m, in.shape, true, &options, filter, out);
    if (!keeps && in.shape[3] <= 6 && chance(g->m, 25)) options.depth_multiplier = 2;
    struct weights w = {.channels = in.shape[3] * options.depth_multiplier, .axis = 3, .per_channel = chance(g->m, 70)};
    const int32_t shape[4] = {1, filter[0], filter[1], w.channels};
    const int32_t out_shape[4] = {in.shape[0], out[0], out[1], w.channels};
    w.taps = (int64_t)filter[0] * filter[1];
    pick_weights(g->m, &w, 0);
    return finish_layer(g, TFLW_DEPTHWISE_CONV_2D, in, add_weights(g->m, &w, 4, shape, 0), &w, 4, out_shape, &options);
}

static struct value add_transpose_conv(struct graph_case *g, struct value in)
{
    struct tflw_options options = {.padding = TFLW_SAME, .stride_h = pick(g->m, 1, 2), .stride_w = pick(g->m, 1, 2)};
    struct weights w = {.channels = pick(g->m, 1, 6), .axis = 0, .per_channel = true};
    const int32_t shape[4] = {w.channels, pick(g->m, 1, 3), pick(g->m, 1, 3), in.shape[3]};
    const int32_t out_shape[4] = {in.shape[0], in.shape[1] * options.stride_h, in.shape[2] * options.stride_w, w.channels};
    w.taps = (int64_t)shape[1] * shape[2] * shape[3];
    note(g->m, "\n  TRANSPOSE_CONV");
    pick_weights(g->m, &w, in.shape[3]);
    int inputs[4];
    inputs[0] = add_ints(g->m, "output_shape", out_shape, 4);
    inputs[1] = add_weights(g->m, &w, 4, shape, 0);
    inputs[2] = in.tensor;
    inputs[3] = add_bias(g->m, &w, g->type == TFLW_INT16 ? TFLW_INT64 : TFLW_INT32, g->type, in.q.scale);
    const float scale = pick_out_scale(g->m, &w, g->type, in.q.scale);
    const struct value out = add_value(g, "out", 4, out_shape, pick_out_quantisation(g, scale));
    add_op(g, TFLW_TRANSPOSE_CONV, inputs, 4, out.tensor, &options);
    return out;
}

/* Flattens everything but the first axis if there are more than two. */
static struct value add_fully_connected(struct graph_case *g, struct value in)
{
    if (in.rank > 2) {
        int32_t flat[2] = {in.shape[0], 1};
        for (int i = 1; i < in.rank; i++) flat[1] *= in.shape[i];
        const struct tflw_options options = {.dims = flat, .dims_count = 2};
        int inputs[2] = {in.tensor, add_ints(g->m, "shape", flat, 2)};
        note(g->m, "\n  RESHAPE");
        const struct value out = add_value(g, "flat", 2, flat, in.q);
        add_op(g, TFLW_RESHAPE, inputs, 2, out.tensor, &options);
        in = out;
    }
    struct tflw_options options = {0};
    struct weights w = {.channels = pick(g->m, 1, 12), .axis = 0, .taps = in.shape[1], .per_channel = chance(g->m, 30)};
    const int32_t shape[2] = {w.channels, in.shape[1]}, out_shape[2] = {in.shape[0], w.channels};
    note(g->m, "\n  FULLY_CONNECTED");
    g->m->newer_rule = RULE_NOT_JUDGED;
    pick_weights(g->m, &w, in.shape[1]);
    return finish_layer(g, TFLW_FULLY_CONNECTED, in, add_weights(g->m, &w, 2, shape, 0), &w, 2, out_shape, &options);
}

/* ---- Operators without ---- */

static struct value add_pad(struct graph_case *g, struct value in)
{
    int32_t paddings[8] = {0}, out_shape[4];
    memcpy(out_shape, in.shape, sizeof out_shape);
    note(g->m, "\n  PAD");
    for (int i = 2; i < 6; i++) paddings[i] = pick(g->m, 0, 2);
    for (int i = 1; i < 3; i++) out_shape[i] += paddings[2 * i] + paddings[2 * i + 1];
    const int32_t paddings_shape[2] = {4, 2};
    const int inputs[2] = {in.tensor, tflw_tensor(g->m->writer, "paddings", TFLW_INT32, 2, paddings_shape, NULL, paddings,
                                                  sizeof paddings)};
    const struct value out = add_value(g, "padded", 4, out_shape, in.q);
    add_op(g, TFLW_PAD, inputs, 2, out.tensor, NULL);
    return out;
}

static struct value add_pool(struct graph_case *g, struct value in)
{
    struct tflw_options options = {0};
    int32_t filter[2], out[2];
    const bool averages = chance(g->m, 50);
    note(g->m, "\n ");
    pick_window(g->m, in.shape, false, &options, filter, out);
    options.filter_h = filter[0];
    options.filter_w = filter[1];
    options.activation = chance(g->m, 80) ? TFLW_ACTIVATION_NONE : pick_activation(g->m);
    const int32_t out_shape[4] = {in.shape[0], out[0], out[1], in.shape[3]};
    return apply(g, averages ? TFLW_AVERAGE_POOL_2D : TFLW_MAX_POOL_2D, averages ? "AVERAGE_POOL_2D" : "MAX_POOL_2D", in, 4,
                 out_shape, in.q, &options);
}

static struct value add_mean(struct graph_case *g, struct value in)
{
    const bool keeps = chance(g->m, 50);
    const struct tflw_options options = {.keep_dims = keeps};
    const int32_t axes[2] = {1, 2}, kept[4] = {in.shape[0], 1, 1, in.shape[3]}, dropped[2] = {in.shape[0], in.shape[3]};
    const int inputs[2] = {in.tensor, add_ints(g->m, "axes", axes, 2)};
    note(g->m, "\n  MEAN");
    const struct quantisation q = chance(g->m, 50) ? in.q : pick_out_quantisation(g, in.q.scale * 0.7f);
    const struct value out = add_value(g, "mean", keeps ? 4 : 2, keeps ? kept : dropped, q);
    add_op(g, TFLW_MEAN, inputs, 2, out.tensor, &options);
    return out;
}

/* LiteRT rescales before it clamps, or in another precision: not judged where the scale changes. */
static struct value add_activation_op(struct graph_case *g, struct value in)
{
    struct tflw_options options = {.alpha = (float)pick(g->m, 1, 30) / 64.0f};
    const float factor = chance(g->m, 50) ? 0.6f : 1.3f;
    struct quantisation q = chance(g->m, 60) ? in.q : pick_out_quantisation(g, in.q.scale * factor);
    const bool rescales = q.scale != in.q.scale || q.zero_point != in.q.zero_point;
    switch (pick(g->m, 0, 5)) {
    case 0:
    case 1:
        if (rescales) set_rule(g->m, RULE_NOT_JUDGED);
        return apply(g, TFLW_RELU, "RELU", in, in.rank, in.shape, q, NULL);
    case 2: return apply(g, TFLW_RELU6, "RELU6", in, in.rank, in.shape, in.q, NULL);
    case 3: return apply(g, TFLW_LEAKY_RELU, "LEAKY_RELU", in, in.rank, in.shape, q, &options);
    case 4:
        if (g->type == TFLW_INT8) return apply(g, TFLW_HARD_SWISH, "HARD_SWISH", in, in.rank, in.shape, q, NULL);
        return apply(g, TFLW_QUANTIZE, "QUANTIZE", in, in.rank, in.shape, q, NULL);
    default: break;
    }
    if (g->type == TFLW_INT16) return apply(g, TFLW_QUANTIZE, "QUANTIZE", in, in.rank, in.shape, q, NULL);
    const bool tanh = chance(g->m, 30);
    if (in.q.scale >= FIXED_POINT_SIGMOID_SCALE) set_rule(g->m, RULE_NOT_JUDGED);
    q = tanh ? (struct quantisation){1.0f / 128.0f, 0} : (struct quantisation){1.0f / 256.0f, -128};
    return apply(g, tanh ? TFLW_TANH : TFLW_LOGISTIC, tanh ? "TANH" : "LOGISTIC", in, in.rank, in.shape, q, NULL);
}

static struct value add_slice(struct graph_case *g, struct value in)
{
    int32_t begin[4], end[4], stride[4], shape[4];
    for (int i = 0; i < in.rank; i++) {
        stride[i] = chance(g->m, 25) ? 2 : 1;
        begin[i] = i > 0 && chance(g->m, 50) ? pick(g->m, 0, in.shape[i] - 1) : 0;
        end[i] = i > 0 && chance(g->m, 50) ? pick(g->m, begin[i] + 1, in.shape[i]) : in.shape[i];
        shape[i] = (end[i] - begin[i] + stride[i] - 1) / stride[i];
    }
    note(g->m, "\n  STRIDED_SLICE");
    const int inputs[4] = {in.tensor, add_ints(g->m, "begin", begin, in.rank), add_ints(g->m, "end", end, in.rank),
                           add_ints(g->m, "strides", stride, in.rank)};
    const struct value out = add_value(g, "slice", in.rank, shape, in.q);
    const struct tflw_options options = {0};
    add_op(g, TFLW_STRIDED_SLICE, inputs, 4, out.tensor, &options);
    return out;
}

/* ---- Joining ---- */

static struct value join(struct graph_case *g, struct value a, struct value b)
{
    static const struct {
        enum tflw_operator code;
        const char *name;
    } ops[] = {{TFLW_ADD, "ADD"}, {TFLW_ADD, "ADD"}, {TFLW_MUL, "MUL"}, {TFLW_SUB, "SUB"}};
    const int op = pick(g->m, 0, 3);
    const bool multiplies = ops[op].code == TFLW_MUL;
    if (ops[op].code != TFLW_ADD) set_rule(g->m, RULE_NOT_JUDGED); /* see choose_rule */
    struct tflw_options options = {.activation = chance(g->m, 50) ? TFLW_ACTIVATION_NONE : TFLW_ACTIVATION_RELU};
    const float scale = multiplies ? a.q.scale * b.q.scale * 60.0f : fmaxf(a.q.scale, b.q.scale) * 1.4f;
    note(g->m, "\n  %s", ops[op].name);
    const struct value out = add_value(g, "joined", a.rank, a.shape, pick_out_quantisation(g, scale));
    const int inputs[2] = {a.tensor, b.tensor};
    add_op(g, ops[op].code, inputs, 2, out.tensor, &options);
    return out;
}

/* Brings a value to a quantisation that another one has. */
static struct value requantise(struct graph_case *g, struct value in, struct quantisation q)
{
    return apply(g, TFLW_QUANTIZE, "QUANTIZE", in, in.rank, in.shape, q, NULL);
}

static struct value concatenate(struct graph_case *g, struct value a, struct value b)
{
    int32_t shape[4];
    memcpy(shape, a.shape, sizeof shape);
    shape[a.rank - 1] += b.shape[a.rank - 1];
    const struct tflw_options options = {.axis = chance(g->m, 50) ? -1 : a.rank - 1};
    if (a.q.scale != b.q.scale || a.q.zero_point != b.q.zero_point) b = requantise(g, b, a.q);
    note(g->m, "\n  CONCATENATION");
    const struct value out = add_value(g, "wide", a.rank, shape, a.q);
    const int inputs[2] = {a.tensor, b.tensor};
    add_op(g, TFLW_CONCATENATION, inputs, 2, out.tensor, &options);
    return out;
}

/* A branch that keeps the shape, joined with what it started from. */
static void add_residual(struct graph_case *g)
{
    const struct value start = g->now;
    for (int i = pick(g->m, 1, 3); i > 0; i--) {
        if (start.rank == 4 && chance(g->m, 75)) g->now = chance(g->m, 60) ? add_conv(g, g->now, true)
                                                                        : add_depthwise(g, g->now, true);
        else g->now = add_activation_op(g, g->now);
    }
    g->now = chance(g->m, 75) ? join(g, g->now, start) : concatenate(g, start, g->now);
}

/* Halves of the channels go separate ways, and meet again or not. */
static void add_split(struct graph_case *g)
{
    int32_t shape[4];
    memcpy(shape, g->now.shape, sizeof shape);
    shape[3] /= 2;
    const int32_t axis = chance(g->m, 50) ? 3 : -1;
    const int inputs[2] = {tflw_tensor(g->m->writer, "axis", TFLW_INT32, 0, NULL, NULL, &axis, sizeof axis), g->now.tensor};
    note(g->m, "\n  SPLIT");
    struct value a = add_value(g, "left", 4, shape, g->now.q), b = add_value(g, "right", 4, shape, g->now.q);
    const int outputs[2] = {a.tensor, b.tensor};
    const struct tflw_options options = {.num_splits = 2};
    finish_model(g->m, TFLW_SPLIT, inputs, 2, outputs, 2, &options);
    g->op_count++;
    if (chance(g->m, 60)) a = add_conv(g, a, true);
    if (chance(g->m, 30)) b = add_activation_op(g, b);
    g->now = chance(g->m, 50) ? concatenate(g, b, a) : join(g, a, b);
}

/* ---- The graph ---- */

static void add_step(struct graph_case *g)
{
    const struct value in = g->now;
    const bool small = (int64_t)in.shape[1] * in.shape[2] <= 64;
    if (in.rank != 4) {
        if (chance(g->m, 40)) g->now = add_activation_op(g, in);
        else if (chance(g->m, 40)) add_residual(g);
        else g->now = add_fully_connected(g, in);
        return;
    }
    switch (pick(g->m, 0, 14)) {
    case 0:
    case 1:
    case 2: g->now = add_conv(g, in, false); break;
    case 3:
    case 4: g->now = add_depthwise(g, in, false); break;
    case 5:
        g->now = add_pad(g, in);
        g->now = chance(g->m, 70) ? add_conv(g, g->now, false) : add_depthwise(g, g->now, false);
        break;
    case 6: g->now = add_pool(g, in); break;
    case 7: g->now = add_activation_op(g, in); break;
    case 8: g->now = add_slice(g, in); break;
    case 9: g->now = small ? add_transpose_conv(g, in) : add_pool(g, in); break;
    case 10: g->now = chance(g->m, 30) ? add_mean(g, in) : add_conv(g, in, false); break;
    case 11:
        if (in.shape[3] % 2 == 0) add_split(g);
        else g->now = add_conv(g, in, false);
        break;
    case 12: g->now = add_fully_connected(g, in); break;
    default: add_residual(g); break;
    }
    if (g->now.rank == 4 && g->now.shape[3] > 12) g->now = add_conv(g, g->now, false);
}

/* Now and then a second thing to read: another output of the model, or an operand much later. */
static void remember(struct graph_case *g)
{
    for (int i = 0; i < g->side_count; i++) {
        if (!chance(g->m, 40) || !same_shape(&g->side[i], &g->now) || g->side[i].tensor == g->now.tensor) continue;
        g->now = join(g, g->now, g->side[i]);
        g->side[i] = g->side[--g->side_count];
        return;
    }
    if (g->side_count < MOST_VALUES && chance(g->m, 30)) g->side[g->side_count++] = g->now;
}

static void add_head(struct graph_case *g)
{
    if (chance(g->m, 60)) g->now = add_fully_connected(g, g->now);
    const bool softmax = chance(g->m, 50) && g->type == TFLW_INT8;
    const struct tflw_options options = {.beta = 1.0f};
    if (softmax)
        g->now = apply(g, TFLW_SOFTMAX, "SOFTMAX", g->now, g->now.rank, g->now.shape,
                       (struct quantisation){1.0f / 256.0f, -128}, &options);
}

void generate_graph(struct model_case *m)
{
    struct graph_case g = {.m = m, .type = chance(m, 20) ? TFLW_INT16 : TFLW_INT8};
    const int32_t shape[4] = {chance(m, 85) ? 1 : 2, pick(m, 2, 10), pick(m, 2, 10), pick(m, 1, 6)};
    struct quantisation q = pick_quantisation(m, g.type);
    note(m, "graph");
    m->may_be_refused = true; /* scales far apart */
    const struct value input = g.now = add_value(&g, "in", 4, shape, q);
    const int wanted = pick(m, 2, 8);
    while (g.op_count < wanted) {
        add_step(&g);
        remember(&g);
    }
    add_head(&g);
    int outputs[3], output_count = 0;
    outputs[output_count++] = g.now.tensor;
    if (g.side_count > 0 && chance(m, 25) && g.side[0].tensor != g.now.tensor && g.side[0].tensor != input.tensor)
        outputs[output_count++] = g.side[0].tensor;
    name_io(m, &input.tensor, 1, outputs, output_count);
}
