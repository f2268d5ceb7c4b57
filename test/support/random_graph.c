#include "random_graph.h"

#include <math.h>
#include <string.h>

#define MOST_TENSORS 512

struct maker {
    struct mote_arena *arena;
    struct mote_rng *rng;
    struct mote_graph *graph;
    enum mote_dtype dtype;
    int32_t live[MOST_TENSORS]; /* activations that further operators may read */
    int32_t live_count;
};

static int32_t below(struct maker *m, int32_t limit)
{
    return (int32_t)mote_rng_below(m->rng, (uint64_t)limit);
}

static bool chance(struct maker *m, int32_t percent)
{
    return below(m, 100) < percent;
}

/* ---- Pieces ---- */

static bool set_quant(struct mote_graph *graph, struct mote_tensor *t, uint32_t count, int32_t axis, const float *scales,
                      int64_t zero_point)
{
    int64_t *zero_points = MOTE_NEW_ARRAY(graph->arena, int64_t, count);
    float *copy = mote_arena_copy(graph->arena, scales, count * sizeof *scales);
    if (!zero_points || !copy) return false;
    for (uint32_t i = 0; i < count; i++) zero_points[i] = zero_point;
    t->quant = (struct mote_quant){count, axis, copy, zero_points};
    return true;
}

int32_t test_graph_activation(struct mote_graph *graph, enum mote_dtype dtype, float scale, int64_t zero_point)
{
    struct mote_tensor t = {.dtype = dtype};
    scale = fminf(fmaxf(scale, 1e-6f), 1e6f); /* long chains must not leave the range of float */
    t.name = mote_arena_printf(graph->arena, "t%d", (int)graph->tensor_count);
    if (!t.name || !set_quant(graph, &t, 1, 0, &scale, zero_point)) return -1;
    return mote_graph_add_tensor(graph, t);
}

int32_t test_graph_constant(struct mote_graph *graph, enum mote_dtype dtype, struct mote_shape shape, const int64_t *values,
                            float scale)
{
    struct mote_tensor t = {.name = "constant", .dtype = dtype, .shape = shape};
    const size_t bytes = mote_dtype_bytes(dtype), count = (size_t)mote_shape_elements(&shape);
    uint8_t *data = mote_arena_calloc(graph->arena, count, bytes);
    if (!data || !set_quant(graph, &t, 1, 0, &scale, 0)) return -1;
    for (size_t i = 0; i < count; i++) memcpy(data + i * bytes, &values[i], bytes); /* little-endian host */
    t.data = data;
    return mote_graph_add_tensor(graph, t);
}

bool test_graph_shape_last_op(struct mote_graph *graph)
{
    struct mote_op *op = &graph->ops[graph->op_count - 1];
    for (int32_t i = 0; i < op->output_count; i++) {
        struct mote_shape *shape = &graph->tensors[op->outputs[i]].shape;
        enum mote_status status = MOTE_ERR_INPUT;
        switch (op->kind) {
#define MOTE_OP(KIND, name, ...)                                                                                       \
    case MOTE_OP_##KIND: status = mote_shape_##name(graph, op, i, shape, NULL); break;
#include "../../src/ir/ops.def"
#undef MOTE_OP
        case MOTE_OP_COUNT: break;
        }
        if (status != MOTE_OK) return false;
    }
    return true;
}

static const struct mote_tensor *tensor(const struct maker *m, int32_t t)
{
    return &m->graph->tensors[t];
}

static int32_t like(struct maker *m, int32_t t)
{
    return test_graph_activation(m->graph, m->dtype, mote_tensor_scale(tensor(m, t)), mote_tensor_zero_point(tensor(m, t)));
}

static int64_t random_zero_point(struct maker *m, bool relu)
{
    if (m->dtype == MOTE_S16) return 0;
    if (relu && chance(m, 60)) return -128;
    return chance(m, 30) ? 0 : below(m, 256) - 128;
}

/* Adds the op; undone when its shapes make no sense. */
static bool finish(struct maker *m, enum mote_op_kind kind, const int32_t *inputs, int32_t input_count, const int32_t *outputs,
                   int32_t output_count, const struct mote_op *attrs)
{
    struct mote_op *op = mote_graph_add_op(m->graph, kind, inputs, input_count, outputs, output_count);
    if (!op) return false;
    if (attrs) op->attrs = attrs->attrs;
    if (!test_graph_shape_last_op(m->graph)) {
        m->graph->op_count--;
        return false;
    }
    for (int32_t i = 0; i < output_count; i++)
        if (m->live_count < MOST_TENSORS) m->live[m->live_count++] = outputs[i];
    return true;
}

/* ---- Weighted operators ---- */

/* Weights in which many single ones, whole output channels and whole input channels are zero. `inner` is the extent of the
 * input channel axis, the last one of OHWI; 0: output channels are last. */
static void fill_weights(struct maker *m, int64_t *values, int32_t out_channels, int32_t per_channel, int32_t inner)
{
    const int32_t zeros = (int32_t[]){0, 50, 90, 97}[below(m, 4)], size = (int32_t[]){127, 127, 20, 3}[below(m, 4)];
    const int32_t dead_in = inner && chance(m, 70) ? below(m, inner) : -1;
    for (int32_t o = 0; o < out_channels; o++) {
        const bool dead = chance(m, 15);
        for (int32_t i = 0; i < per_channel; i++) {
            const bool zero = dead || chance(m, zeros) || (inner && i % inner == dead_in);
            const int64_t value = zero ? 0 : below(m, 2 * size + 1) - size;
            values[inner ? o * per_channel + i : i * out_channels + o] = value;
        }
    }
}

static int32_t add_weights(struct maker *m, struct mote_shape shape, int32_t channel_axis, int32_t inner, float *typical)
{
    const int32_t channels = shape.dims[channel_axis], count = (int32_t)mote_shape_elements(&shape);
    int64_t *values = MOTE_NEW_ARRAY(m->arena, int64_t, (size_t)count);
    float *scales = MOTE_NEW_ARRAY(m->arena, float, (size_t)channels);
    if (!values || !scales) return -1;
    fill_weights(m, values, channels, count / channels, inner);
    *typical = 0.001f + 0.05f * (float)mote_rng_unit(m->rng);
    const bool per_channel = chance(m, 70);
    for (int32_t i = 0; i < channels; i++) scales[i] = *typical * (per_channel ? 0.2f + (float)mote_rng_unit(m->rng) : 1.0f);
    const int32_t t = test_graph_constant(m->graph, MOTE_S8, shape, values, scales[0]);
    if (t < 0) return -1;
    const bool offset = inner && shape.rank == 2 && !per_channel && chance(m, 20); /* fully connected only */
    if (!set_quant(m->graph, &m->graph->tensors[t], per_channel ? (uint32_t)channels : 1, channel_axis, scales,
                   offset ? below(m, 11) - 5 : 0))
        return -1;
    return t;
}

/* Biases of the size of the sums; some so large that the channel cannot leave its clamp. */
static int32_t add_bias(struct maker *m, int32_t channels, int32_t per_channel, bool wide)
{
    if (chance(m, 20)) return MOTE_NO_TENSOR;
    int64_t *values = MOTE_NEW_ARRAY(m->arena, int64_t, (size_t)channels);
    if (!values) return MOTE_NO_TENSOR;
    const int64_t size = 2000 + (int64_t)per_channel * (m->dtype == MOTE_S16 ? 100000 : 800);
    for (int32_t i = 0; i < channels; i++) {
        values[i] = (int64_t)mote_rng_below(m->rng, (uint64_t)(2 * size + 1)) - size;
        if (chance(m, 25)) values[i] = (chance(m, 80) ? -1 : 1) * (int64_t)per_channel * 40000;
        if (chance(m, 1)) values[i] = chance(m, 50) ? INT32_MAX : INT32_MIN;
    }
    return test_graph_constant(m->graph, wide ? MOTE_S64 : MOTE_S32, (struct mote_shape){1, {channels}}, values, 1.0f);
}

static int32_t weighted_output(struct maker *m, int32_t x, float weight_scale, int32_t per_channel, bool relu)
{
    const float range = m->dtype == MOTE_S16 ? 128.0f : 1.0f;
    const float scale = mote_tensor_scale(tensor(m, x)) * weight_scale *
                        (1.0f + 30.0f * (float)mote_rng_unit(m->rng) * sqrtf((float)per_channel)) * range / 2.0f;
    return test_graph_activation(m->graph, m->dtype, scale, random_zero_point(m, relu));
}

static enum mote_activation random_activation(struct maker *m)
{
    return chance(m, 50) ? MOTE_ACT_RELU : (enum mote_activation)below(m, MOTE_ACT_COUNT);
}

static bool add_any_conv(struct maker *m, enum mote_op_kind kind, int32_t x)
{
    const struct mote_shape in = tensor(m, x)->shape;
    if (in.rank != 4) return false;
    const bool depthwise = kind == MOTE_OP_DEPTHWISE_CONV_2D, transposed = kind == MOTE_OP_TRANSPOSE_CONV;
    const int32_t filter_h = chance(m, 30) ? 1 : 1 + below(m, 3), filter_w = chance(m, 30) ? 1 : 1 + below(m, 3);
    int32_t groups = 1;
    if (kind == MOTE_OP_CONV_2D && in.dims[3] % 2 == 0 && chance(m, 10)) groups = 2;
    const int32_t out = depthwise ? in.dims[3] * (chance(m, 80) ? 1 : 2) : groups * (1 + below(m, groups > 1 ? 4 : 10));
    struct mote_op a = {.attrs.conv = {1 + below(m, 2), 1 + below(m, 2), 1, 1, 0, 0, 0, 0, random_activation(m)}};
    if (!transposed && chance(m, 10)) a.attrs.conv.dilation_h = 2;
    if (chance(m, 60)) a.attrs.conv.pad_top = below(m, filter_h);
    if (chance(m, 60)) a.attrs.conv.pad_left = below(m, filter_w);
    if (!transposed && chance(m, 60)) a.attrs.conv.pad_bottom = below(m, filter_h);
    if (!transposed && chance(m, 60)) a.attrs.conv.pad_right = below(m, filter_w);
    if (transposed) a.attrs.conv.activation = MOTE_ACT_NONE;
    const struct mote_shape filter = depthwise ? (struct mote_shape){4, {1, filter_h, filter_w, out}}
                                               : (struct mote_shape){4, {out, filter_h, filter_w, in.dims[3] / groups}};
    float scale = 0;
    const int32_t per_channel = filter_h * filter_w * (depthwise ? 1 : filter.dims[3]);
    const int32_t w = add_weights(m, filter, depthwise ? 3 : 0, depthwise ? 0 : filter.dims[3], &scale);
    const bool wide = m->dtype == MOTE_S16 && (kind != MOTE_OP_CONV_2D || chance(m, 50));
    const int32_t inputs[3] = {x, w, add_bias(m, out, per_channel, wide)};
    const int32_t y = weighted_output(m, x, scale, per_channel, a.attrs.conv.activation != MOTE_ACT_NONE);
    return w >= 0 && y >= 0 && finish(m, kind, inputs, inputs[2] == MOTE_NO_TENSOR ? 2 : 3, &y, 1, &a);
}

static bool add_fully_connected(struct maker *m, int32_t x)
{
    const struct mote_shape in = tensor(m, x)->shape;
    const int32_t all = (int32_t)mote_shape_elements(&in);
    struct mote_op a = {.attrs.fully_connected = {0, random_activation(m)}};
    int32_t features = all;
    if (chance(m, 30)) {
        features = in.dims[in.rank - 1];
        a.attrs.fully_connected.keep_dims = below(m, 2);
    }
    const int32_t out = 1 + below(m, 10);
    float scale = 0;
    const int32_t w = add_weights(m, (struct mote_shape){2, {out, features}}, 0, features, &scale);
    const bool wide = m->dtype == MOTE_S16 && chance(m, 50);
    const int32_t inputs[3] = {x, w, add_bias(m, out, features, wide)};
    if (inputs[2] >= 0) m->graph->tensors[inputs[2]].quant.count = 0;
    const int32_t y = weighted_output(m, x, scale, features, true);
    return w >= 0 && y >= 0 && finish(m, MOTE_OP_FULLY_CONNECTED, inputs, inputs[2] == MOTE_NO_TENSOR ? 2 : 3, &y, 1, &a);
}

/* ---- The others ---- */

static bool add_pool(struct maker *m, int32_t x)
{
    const struct mote_shape in = tensor(m, x)->shape;
    if (in.rank != 4) return false;
    struct mote_op a = {.attrs.pool = {.filter_h = 1 + below(m, in.dims[1] < 3 ? in.dims[1] : 3),
                                       .filter_w = 1 + below(m, in.dims[2] < 3 ? in.dims[2] : 3),
                                       .stride_h = 1 + below(m, 2), .stride_w = 1 + below(m, 2)}};
    if (chance(m, 30)) a.attrs.pool.pad_top = below(m, a.attrs.pool.filter_h);
    if (chance(m, 30)) a.attrs.pool.pad_right = below(m, a.attrs.pool.filter_w);
    if (chance(m, 30)) a.attrs.pool.activation = MOTE_ACT_RELU;
    const int32_t y = like(m, x);
    return finish(m, chance(m, 50) ? MOTE_OP_MAX_POOL_2D : MOTE_OP_AVERAGE_POOL_2D, &x, 1, &y, 1, &a);
}

/* Another activation that broadcasts with x, or a constant with one value per channel. */
static int32_t second_operand(struct maker *m, int32_t x)
{
    const struct mote_shape shape = tensor(m, x)->shape;
    const int32_t channels = shape.dims[shape.rank - 1];
    for (int tries = 0; tries < 8; tries++) {
        const int32_t other = m->live[below(m, m->live_count)];
        if (mote_shape_equal(&tensor(m, other)->shape, &shape) && tensor(m, other)->dtype == m->dtype) return other;
    }
    int64_t values[64];
    if (channels > 64) return x;
    for (int32_t i = 0; i < channels; i++) values[i] = below(m, 256) - 128;
    const int32_t count = chance(m, 70) ? channels : 1;
    return test_graph_constant(m->graph, m->dtype, (struct mote_shape){1, {count}}, values,
                               0.01f + 0.05f * (float)mote_rng_unit(m->rng));
}

static bool add_binary(struct maker *m, int32_t x)
{
    static const enum mote_op_kind kinds[] = {MOTE_OP_ADD, MOTE_OP_ADD,     MOTE_OP_SUB,
                                              MOTE_OP_MUL, MOTE_OP_MAXIMUM, MOTE_OP_MINIMUM};
    const enum mote_op_kind kind = kinds[below(m, 6)];
    const int32_t inputs[2] = {x, second_operand(m, x)};
    const float a = mote_tensor_scale(tensor(m, x)), b = mote_tensor_scale(tensor(m, inputs[1]));
    float scale = (a > b ? a : b) * (0.5f + 1.5f * (float)mote_rng_unit(m->rng));
    if (kind == MOTE_OP_MUL) scale = a * b * (1.0f + 200.0f * (float)mote_rng_unit(m->rng));
    const bool compares = kind == MOTE_OP_MAXIMUM || kind == MOTE_OP_MINIMUM;
    struct mote_op attrs = {.attrs.binary = {compares ? MOTE_ACT_NONE : random_activation(m)}};
    const int32_t y = test_graph_activation(m->graph, m->dtype, scale, random_zero_point(m, true));
    return inputs[1] >= 0 && y >= 0 && finish(m, kind, inputs, 2, &y, 1, &attrs);
}

static bool add_unary(struct maker *m, int32_t x)
{
    static const enum mote_op_kind kinds[] = {MOTE_OP_RELU, MOTE_OP_RELU6, MOTE_OP_LEAKY_RELU, MOTE_OP_QUANTIZE,
                                              MOTE_OP_HARD_SWISH, MOTE_OP_TANH};
    const enum mote_op_kind kind = kinds[below(m, m->dtype == MOTE_S16 ? 4 : 6)];
    const float scale = mote_tensor_scale(tensor(m, x)) * (chance(m, 40) ? 1.0f : 0.5f + (float)mote_rng_unit(m->rng));
    struct mote_op attrs = {.attrs.leaky_relu = {0.3f}};
    if (kind == MOTE_OP_LEAKY_RELU && chance(m, 20)) attrs.attrs.leaky_relu.alpha = -0.5f;
    const int32_t y = kind == MOTE_OP_RELU6  ? like(m, x)
                      : kind == MOTE_OP_TANH ? test_graph_activation(m->graph, m->dtype, 1.0f / 128.0f, 0)
                                             : test_graph_activation(m->graph, m->dtype, scale, random_zero_point(m, true));
    return finish(m, kind, &x, 1, &y, 1, &attrs);
}

static bool add_mean(struct maker *m, int32_t x)
{
    const struct mote_shape in = tensor(m, x)->shape;
    if (in.rank != 4) return false;
    struct mote_op a = {.attrs.reduce = {chance(m, 80) ? 6 : 8, below(m, 2)}};
    const float scale = mote_tensor_scale(tensor(m, x)) * (0.3f + (float)mote_rng_unit(m->rng));
    const int32_t y = test_graph_activation(m->graph, m->dtype, scale, random_zero_point(m, true));
    return finish(m, MOTE_OP_MEAN, &x, 1, &y, 1, &a);
}

static bool add_reshape(struct maker *m, int32_t x)
{
    const struct mote_shape in = tensor(m, x)->shape;
    const int32_t all = (int32_t)mote_shape_elements(&in), channels = in.dims[in.rank - 1];
    const int32_t y = like(m, x);
    if (y < 0) return false;
    struct mote_shape *out = &m->graph->tensors[y].shape;
    switch (below(m, 4)) {
    case 0: *out = (struct mote_shape){2, {1, all}}; break;
    case 1: *out = (struct mote_shape){2, {all / channels, channels}}; break;
    case 2: *out = (struct mote_shape){4, {1, 1, all / channels, channels}}; break;
    default: *out = (struct mote_shape){3, {1, all / (all % 2 ? 1 : 2), all % 2 ? 1 : 2}}; break;
    }
    return finish(m, MOTE_OP_RESHAPE, &x, 1, &y, 1, NULL);
}

static bool add_pad(struct maker *m, int32_t x)
{
    const struct mote_shape in = tensor(m, x)->shape;
    struct mote_op a = {.attrs.pad = {.value = chance(m, 50) ? mote_tensor_zero_point(tensor(m, x)) : below(m, 256) - 128}};
    if (in.rank != 4 || in.dims[1] > 8) return false;
    a.attrs.pad.before[1] = below(m, 2);
    a.attrs.pad.after[2] = below(m, 2);
    if (chance(m, 20)) a.attrs.pad.before[3] = 1 + below(m, 2);
    const int32_t y = like(m, x);
    return finish(m, MOTE_OP_PAD, &x, 1, &y, 1, &a);
}

static bool add_concatenation(struct maker *m, int32_t x)
{
    const struct mote_shape in = tensor(m, x)->shape;
    const int32_t inputs[2] = {x, m->live[below(m, m->live_count)]};
    struct mote_op a = {.attrs.concatenation = {chance(m, 70) ? in.rank - 1 : below(m, in.rank), MOTE_ACT_NONE}};
    if (tensor(m, inputs[1])->dtype != m->dtype || in.dims[in.rank - 1] > 24) return false;
    const int32_t y = like(m, x);
    return finish(m, MOTE_OP_CONCATENATION, inputs, 2, &y, 1, &a);
}

static bool add_slice(struct maker *m, int32_t x)
{
    const struct mote_shape in = tensor(m, x)->shape;
    struct mote_op a = {0};
    struct mote_attrs_strided_slice *s = &a.attrs.strided_slice;
    for (int32_t i = 0; i < in.rank; i++) {
        const bool whole = chance(m, 60);
        s->begin[i] = whole ? 0 : below(m, in.dims[i]);
        s->stride[i] = whole ? 1 : 1 + below(m, 2);
        s->size[i] = whole ? in.dims[i] : 1 + below(m, (in.dims[i] - s->begin[i] - 1) / s->stride[i] + 1);
    }
    const int32_t y = like(m, x);
    return finish(m, MOTE_OP_STRIDED_SLICE, &x, 1, &y, 1, &a);
}

static bool add_split(struct maker *m, int32_t x)
{
    const struct mote_shape in = tensor(m, x)->shape;
    struct mote_op a = {.attrs.split = {chance(m, 60) ? in.rank - 1 : below(m, in.rank)}};
    if (in.dims[a.attrs.split.axis] % 2) return false;
    const int32_t outputs[2] = {like(m, x), like(m, x)};
    return finish(m, MOTE_OP_SPLIT, &x, 1, outputs, 2, &a);
}

static bool add_op(struct maker *m)
{
    /* mostly the newest tensor, so that networks are deep */
    const int32_t x = m->live[chance(m, 88) ? m->live_count - 1 : below(m, m->live_count)];
    if (mote_shape_elements(&tensor(m, x)->shape) > 3000 || tensor(m, x)->shape.rank < 1) return false;
    switch (below(m, 24)) {
    default: return add_any_conv(m, MOTE_OP_CONV_2D, x);
    case 6:
    case 7:
    case 8:
    case 9:
    case 10: return add_any_conv(m, MOTE_OP_DEPTHWISE_CONV_2D, x);
    case 11: return add_any_conv(m, MOTE_OP_TRANSPOSE_CONV, x);
    case 12:
    case 13: return add_fully_connected(m, x);
    case 14: return add_pool(m, x);
    case 15:
    case 16: return add_binary(m, x);
    case 17: return add_unary(m, x);
    case 18: return add_mean(m, x);
    case 19: return add_reshape(m, x);
    case 20: return add_pad(m, x);
    case 21: return add_concatenation(m, x);
    case 22: return add_slice(m, x);
    case 23: return add_split(m, x);
    }
}

/* The last tensor is an output, half of what nobody reads, and now and then something in the middle. */
static bool name_outputs(struct maker *m)
{
    struct mote_graph *graph = m->graph;
    graph->outputs = MOTE_NEW_ARRAY(m->arena, int32_t, (size_t)m->live_count);
    if (!graph->outputs) return false;
    for (int32_t i = 0; i < m->live_count; i++) {
        const int32_t t = m->live[i];
        if (mote_graph_is_input(graph, t)) continue;
        const int32_t percent = i + 1 == m->live_count ? 100 : mote_graph_use_count(graph, t) == 0 ? 50 : 2;
        if (chance(m, percent)) graph->outputs[graph->output_count++] = t;
    }
    return graph->output_count > 0;
}

struct mote_graph *random_graph(struct mote_arena *arena, struct mote_rng *rng, int32_t op_limit, bool wide)
{
    struct maker m = {.arena = arena, .rng = rng, .dtype = wide ? MOTE_S16 : MOTE_S8};
    m.graph = mote_graph_new(arena, "random");
    if (!m.graph) return NULL;
    const float scale = 0.005f + 0.1f * (float)mote_rng_unit(rng);
    const int32_t x = test_graph_activation(m.graph, m.dtype, scale, random_zero_point(&m, false));
    if (x < 0) return NULL;
    m.graph->tensors[x].shape = (struct mote_shape){4, {1, 1 + below(&m, 7), 1 + below(&m, 7), 1 + below(&m, 6)}};
    m.graph->inputs = MOTE_NEW_ARRAY(arena, int32_t, 1);
    if (!m.graph->inputs) return NULL;
    m.graph->inputs[0] = x;
    m.graph->input_count = 1;
    m.live[m.live_count++] = x;
    const int32_t ops = 1 + below(&m, op_limit);
    for (int32_t tries = 0; m.graph->op_count < ops && tries < 40 * ops; tries++) (void)add_op(&m);
    return name_outputs(&m) ? m.graph : NULL;
}

/* ---- Images ---- */

/* A 3 x 3 convolution that keeps the shape, and the sum of its input and its output. */
static bool add_residual(struct maker *m, int32_t x)
{
    const int32_t channels = tensor(m, x)->shape.dims[3];
    struct mote_op conv = {.attrs.conv = {1, 1, 1, 1, 1, 1, 1, 1, random_activation(m)}};
    float scale = 0;
    const int32_t w = add_weights(m, (struct mote_shape){4, {channels, 3, 3, channels}}, 0, channels, &scale);
    const int32_t inputs[2] = {x, w}, y = weighted_output(m, x, scale, 9 * channels, true);
    if (w < 0 || y < 0 || !finish(m, MOTE_OP_CONV_2D, inputs, 2, &y, 1, &conv)) return false;
    const struct mote_op sum = {.attrs.binary = {random_activation(m)}};
    const float sum_scale = mote_tensor_scale(tensor(m, y)) * 1.5f;
    const int32_t both[2] = {x, y}, z = test_graph_activation(m->graph, m->dtype, sum_scale, random_zero_point(m, true));
    return z >= 0 && finish(m, MOTE_OP_ADD, both, 2, &z, 1, &sum);
}

/* Dilates the filter's columns of the newest operator, if its input is wide enough. */
static void dilate(struct maker *m)
{
    struct mote_op *op = &m->graph->ops[m->graph->op_count - 1];
    op->attrs.conv.dilation_w = 2;
    if (test_graph_shape_last_op(m->graph)) return;
    op->attrs.conv.dilation_w = 1;
    (void)test_graph_shape_last_op(m->graph);
}

static bool add_image_op(struct maker *m)
{
    const int32_t x = m->live[m->live_count - 1];
    switch (below(m, 10)) {
    default:
        if (!add_any_conv(m, chance(m, 50) ? MOTE_OP_CONV_2D : MOTE_OP_DEPTHWISE_CONV_2D, x)) return false;
        if (chance(m, 15)) dilate(m);
        return true;
    case 6: return add_pool(m, x);
    case 7: return add_unary(m, x);
    case 8:
    case 9: return add_residual(m, x);
    }
}

struct mote_graph *random_image_graph(struct mote_arena *arena, struct mote_rng *rng, int32_t op_limit, bool wide)
{
    struct maker m = {.arena = arena, .rng = rng, .dtype = wide ? MOTE_S16 : MOTE_S8};
    m.graph = mote_graph_new(arena, "image");
    if (!m.graph) return NULL;
    const int32_t x = test_graph_activation(m.graph, m.dtype, 0.005f + 0.1f * (float)mote_rng_unit(rng), random_zero_point(&m, false));
    m.graph->inputs = MOTE_NEW_ARRAY(arena, int32_t, 1);
    m.graph->outputs = MOTE_NEW_ARRAY(arena, int32_t, 1);
    if (x < 0 || !m.graph->inputs || !m.graph->outputs) return NULL;
    m.graph->tensors[x].shape = (struct mote_shape){4, {1, 6 + below(&m, 15), 8 + below(&m, 17), 1 + below(&m, 5)}};
    m.graph->inputs[m.graph->input_count++] = x;
    m.live[m.live_count++] = x;
    const int32_t ops = 2 + below(&m, op_limit);
    for (int32_t tries = 0; m.graph->op_count < ops && tries < 10 * ops; tries++) (void)add_image_op(&m);
    const int32_t last = m.live[m.live_count - 1];
    if (!add_mean(&m, last) && !add_fully_connected(&m, last)) return NULL;
    m.graph->outputs[m.graph->output_count++] = m.live[m.live_count - 1];
    return m.graph;
}

void random_graph_input(const struct mote_graph *graph, struct mote_rng *rng, int kind, uint8_t *input)
{
    for (int32_t i = 0; i < graph->input_count; i++) {
        const struct mote_tensor *t = &graph->tensors[graph->inputs[i]];
        const size_t bytes = mote_dtype_bytes(t->dtype), count = (size_t)mote_shape_elements(&t->shape);
        const int64_t least = t->dtype == MOTE_S16 ? INT16_MIN : INT8_MIN;
        for (size_t k = 0; k < count; k++, input += bytes) {
            int64_t value = (int64_t)mote_rng_below(rng, (uint64_t)(-2 * least)) + least;
            if (kind == 0 || (kind == 2 && value < 0)) value = least;
            else if (kind == 1 || kind == 2) value = -least - 1;
            else if (kind == 3) value = mote_tensor_zero_point(t) + (int64_t)mote_rng_below(rng, 3) - 1;
            if (value < least) value = least;
            if (value > -least - 1) value = -least - 1;
            memcpy(input, &value, bytes);
        }
    }
}
