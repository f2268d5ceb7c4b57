#include "graph.h"

#include <math.h>

enum { MOST_ERRORS = 100, MANY = INT32_MAX };

static const struct {
    int32_t least_inputs, most_inputs, least_outputs, most_outputs;
} counts[MOTE_OP_COUNT] = {
#define MOTE_OP(KIND, name, attrs, least_in, most_in, least_out, most_out, gradient)                                   \
    [MOTE_OP_##KIND] = {least_in, most_in, least_out, most_out},
#include "ops.def"
#undef MOTE_OP
};

static enum mote_status (*const shape_rules[MOTE_OP_COUNT])(const struct mote_graph *, const struct mote_op *, int32_t,
                                                            struct mote_shape *, struct mote_diag *) = {
#define MOTE_OP(KIND, name, ...) [MOTE_OP_##KIND] = mote_shape_##name,
#include "ops.def"
#undef MOTE_OP
};

/* What a tensor holds at the point that the walk over the operators has reached. */
enum tensor_state { TENSOR_EMPTY, TENSOR_CONSTANT, TENSOR_INPUT, TENSOR_WRITTEN, TENSOR_INVALID };

struct verifier {
    const struct mote_graph *graph;
    struct mote_diag *diag;
    uint8_t *states; /* enum tensor_state per tensor */
    uint8_t *listed; /* per tensor: named as a graph output already */
    long error_count;
};

/* A macro, so that the format is checked; beyond MOST_ERRORS mistakes are counted only. */
#define REPORT(verifier, where, ...)                                                                                   \
    do {                                                                                                               \
        if ((verifier)->error_count++ < MOST_ERRORS)                                                                   \
            (void)mote_error_at((verifier)->diag, MOTE_ERR_INPUT, (where), __VA_ARGS__);                               \
    } while (0)

static struct mote_where where_tensor(const struct mote_tensor *tensor)
{
    return (struct mote_where){.op_index = -1, .tensor = tensor->name ? tensor->name : "?"};
}

/* ---- Tensors ---- */

static bool shape_valid(const struct mote_shape *shape)
{
    if (shape->rank < 0 || shape->rank > MOTE_MAX_RANK) return false;
    for (int32_t i = 0; i < shape->rank; i++)
        if (shape->dims[i] < 1) return false;
    return mote_shape_elements(shape) <= INT32_MAX;
}

static bool zero_point_fits(enum mote_dtype dtype, int64_t zero_point)
{
    switch (dtype) {
    case MOTE_S8: return zero_point >= INT8_MIN && zero_point <= INT8_MAX;
    case MOTE_U8: return zero_point >= 0 && zero_point <= UINT8_MAX;
    case MOTE_S16: return zero_point >= INT16_MIN && zero_point <= INT16_MAX;
    default: return zero_point >= INT32_MIN && zero_point <= INT32_MAX;
    }
}

static void check_quant(struct verifier *verifier, const struct mote_tensor *tensor)
{
    const struct mote_quant *quant = &tensor->quant;
    const struct mote_where where = where_tensor(tensor);
    if (quant->count == 0) return;
    if (!quant->scales || !quant->zero_points) {
        REPORT(verifier, where, "it has %u scales but no values for them", quant->count);
        return;
    }
    if (quant->count > 1 && (quant->axis < 0 || quant->axis >= tensor->shape.rank ||
                             quant->count != (uint32_t)tensor->shape.dims[quant->axis])) {
        REPORT(verifier, where, "it has %u scales along axis %d, which does not fit its shape", quant->count,
               quant->axis);
        return;
    }
    for (uint32_t i = 0; i < quant->count; i++) {
        if (!isfinite(quant->scales[i]) || quant->scales[i] <= 0.0f) {
            REPORT(verifier, where, "scale %u is %g; scales must be finite and above 0", i, (double)quant->scales[i]);
            return;
        }
        if (!zero_point_fits(tensor->dtype, quant->zero_points[i])) {
            REPORT(verifier, where, "zero point %u is %lld, outside of its type %s", i,
                   (long long)quant->zero_points[i], mote_dtype_name(tensor->dtype));
            return;
        }
    }
}

/* Checks one tensor alone and returns what it holds before the first operator. */
static enum tensor_state check_tensor(struct verifier *verifier, const struct mote_tensor *tensor)
{
    const long before = verifier->error_count;
    const struct mote_where where = where_tensor(tensor);
    if (!tensor->name) REPORT(verifier, where, "it has no name");
    if ((unsigned)tensor->dtype >= MOTE_DTYPE_COUNT)
        REPORT(verifier, where, "its type %d is unknown", (int)tensor->dtype);
    if (!shape_valid(&tensor->shape))
        REPORT(verifier, where, "its shape is invalid: at most %d dimensions, each at least 1, below 2^31 elements",
               MOTE_MAX_RANK);
    if (verifier->error_count == before) check_quant(verifier, tensor);
    if (verifier->error_count == before && tensor->data && (uintptr_t)tensor->data % mote_dtype_bytes(tensor->dtype))
        REPORT(verifier, where, "its data is not aligned for %s", mote_dtype_name(tensor->dtype));
    if (verifier->error_count != before) return TENSOR_INVALID;
    return tensor->data ? TENSOR_CONSTANT : TENSOR_EMPTY;
}

static bool index_valid(const struct mote_graph *graph, int32_t tensor)
{
    return tensor >= 0 && tensor < graph->tensor_count;
}

static void check_graph_inputs(struct verifier *verifier)
{
    const struct mote_graph *graph = verifier->graph;
    const struct mote_where nowhere = {.op_index = -1};
    for (int32_t i = 0; i < graph->input_count; i++) {
        const int32_t tensor = graph->inputs[i];
        if (!index_valid(graph, tensor)) {
            REPORT(verifier, nowhere, "model input %d names tensor %d, which does not exist", i, tensor);
            continue;
        }
        const struct mote_where where = where_tensor(&graph->tensors[tensor]);
        if (verifier->states[tensor] == TENSOR_CONSTANT) REPORT(verifier, where, "a constant cannot be a model input");
        if (verifier->states[tensor] == TENSOR_INPUT) REPORT(verifier, where, "it is listed twice as a model input");
        if (verifier->states[tensor] == TENSOR_EMPTY) verifier->states[tensor] = TENSOR_INPUT;
    }
}

static void check_graph_outputs(struct verifier *verifier)
{
    const struct mote_graph *graph = verifier->graph;
    const struct mote_where nowhere = {.op_index = -1};
    if (graph->output_count < 1) REPORT(verifier, nowhere, "the model has no output");
    for (int32_t i = 0; i < graph->output_count; i++) {
        const int32_t tensor = graph->outputs[i];
        if (!index_valid(graph, tensor)) {
            REPORT(verifier, nowhere, "model output %d names tensor %d, which does not exist", i, tensor);
            continue;
        }
        const struct mote_where where = where_tensor(&graph->tensors[tensor]);
        const uint8_t state = verifier->states[tensor];
        if (state != TENSOR_WRITTEN && state != TENSOR_INVALID)
            REPORT(verifier, where, "it is a model output, but no operator writes it");
        if (verifier->listed[tensor]) REPORT(verifier, where, "it is listed twice as a model output");
        verifier->listed[tensor] = 1;
    }
}

/* ---- Attributes: what holds whatever the shapes are ---- */

static bool all_at_least(int32_t least, const int32_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (values[i] < least) return false;
    return true;
}

static bool activation_valid(enum mote_activation activation)
{
    return (unsigned)activation < MOTE_ACT_COUNT;
}

static bool flag_valid(int32_t flag)
{
    return flag == 0 || flag == 1;
}

/* A set of axes as bits. */
static bool axes_valid(int32_t axes, int32_t rank)
{
    return axes >= 0 && axes >> rank == 0;
}

/* Trailing padding of a transposed convolution may be negative: cells of the output that no tap reaches. */
static const char *check_conv(const struct mote_attrs_conv *attrs, enum mote_op_kind kind)
{
    const int32_t steps[] = {attrs->stride_h, attrs->stride_w, attrs->dilation_h, attrs->dilation_w};
    const int32_t leading[] = {attrs->pad_top, attrs->pad_left}, trailing[] = {attrs->pad_bottom, attrs->pad_right};
    if (!all_at_least(1, steps, 4)) return "strides and dilations must be at least 1";
    if (!all_at_least(0, leading, 2)) return "padding must not be negative";
    if (kind != MOTE_OP_TRANSPOSE_CONV && !all_at_least(0, trailing, 2)) return "padding must not be negative";
    return activation_valid(attrs->activation) ? NULL : "its activation is unknown";
}

static const char *check_pool(const struct mote_attrs_pool *attrs)
{
    const int32_t steps[] = {attrs->filter_h, attrs->filter_w, attrs->stride_h, attrs->stride_w};
    const int32_t pads[] = {attrs->pad_top, attrs->pad_bottom, attrs->pad_left, attrs->pad_right};
    if (!all_at_least(1, steps, 4)) return "strides and filter sizes must be at least 1";
    if (!all_at_least(0, pads, 4)) return "padding must not be negative";
    return activation_valid(attrs->activation) ? NULL : "its activation is unknown";
}

static const char *check_pad(const struct mote_attrs_pad *attrs)
{
    const bool valid = all_at_least(0, attrs->before, MOTE_MAX_RANK) && all_at_least(0, attrs->after, MOTE_MAX_RANK);
    return valid ? NULL : "padding must not be negative";
}

static const char *check_slice(const struct mote_attrs_strided_slice *attrs, const struct mote_shape *x)
{
    for (int32_t i = 0; i < x->rank; i++) {
        const int64_t last = attrs->begin[i] + ((int64_t)attrs->size[i] - 1) * attrs->stride[i];
        const bool inside = attrs->begin[i] >= 0 && attrs->begin[i] < x->dims[i] && last >= 0 && last < x->dims[i];
        if (attrs->size[i] < 1 || !inside)
            return "its slice reaches outside of the input";
    }
    return axes_valid(attrs->shrink, x->rank) ? NULL : "it drops axes that the input does not have";
}

static const char *check_reduce(const struct mote_attrs_reduce *attrs, const struct mote_shape *x)
{
    if (!axes_valid(attrs->axes, x->rank) || attrs->axes == 0) return "its axes do not fit the input";
    return flag_valid(attrs->keep_dims) ? NULL : "keep_dims must be 0 or 1";
}

static const char *check_fully_connected(const struct mote_attrs_fully_connected *attrs)
{
    if (!flag_valid(attrs->keep_dims)) return "keep_dims must be 0 or 1";
    return activation_valid(attrs->activation) ? NULL : "its activation is unknown";
}

static const char *check_concatenation(const struct mote_attrs_concatenation *attrs, const struct mote_shape *x)
{
    if (attrs->axis < 0 || attrs->axis >= x->rank) return "its axis does not fit the input";
    return activation_valid(attrs->activation) ? NULL : "its activation is unknown";
}

/* What is wrong with the attributes, or NULL. x is the shape of the first input. */
static const char *check_attrs(const struct mote_op *op, const struct mote_shape *x)
{
    switch (op->kind) {
    case MOTE_OP_CONV_2D:
    case MOTE_OP_DEPTHWISE_CONV_2D:
    case MOTE_OP_TRANSPOSE_CONV: return check_conv(&op->attrs.conv, op->kind);
    case MOTE_OP_FULLY_CONNECTED: return check_fully_connected(&op->attrs.fully_connected);
    case MOTE_OP_AVERAGE_POOL_2D:
    case MOTE_OP_MAX_POOL_2D: return check_pool(&op->attrs.pool);
    case MOTE_OP_ADD:
    case MOTE_OP_SUB:
    case MOTE_OP_MUL:
    case MOTE_OP_MAXIMUM:
    case MOTE_OP_MINIMUM: return activation_valid(op->attrs.binary.activation) ? NULL : "its activation is unknown";
    case MOTE_OP_SOFTMAX:
        return isfinite(op->attrs.softmax.beta) && op->attrs.softmax.beta > 0.0f ? NULL
                                                                                 : "beta must be finite and above 0";
    case MOTE_OP_PAD: return check_pad(&op->attrs.pad);
    case MOTE_OP_MEAN: return check_reduce(&op->attrs.reduce, x);
    case MOTE_OP_LEAKY_RELU: return isfinite(op->attrs.leaky_relu.alpha) ? NULL : "alpha must be finite";
    case MOTE_OP_CONCATENATION: return check_concatenation(&op->attrs.concatenation, x);
    case MOTE_OP_STRIDED_SLICE: return check_slice(&op->attrs.strided_slice, x);
    case MOTE_OP_SPLIT:
        return op->attrs.split.axis >= 0 && op->attrs.split.axis < x->rank ? NULL : "its axis does not fit the input";
    case MOTE_OP_RESHAPE:
    case MOTE_OP_RELU:
    case MOTE_OP_RELU6:
    case MOTE_OP_LOGISTIC:
    case MOTE_OP_TANH:
    case MOTE_OP_HARD_SWISH:
    case MOTE_OP_QUANTIZE:
    case MOTE_OP_DEQUANTIZE:
    case MOTE_OP_COUNT: break;
    }
    return NULL;
}

/* ---- Operators ---- */

/* Checks one input of an op; true if the tensor can be looked at. */
static bool check_input(struct verifier *verifier, const struct mote_op *op, int32_t n)
{
    const struct mote_graph *graph = verifier->graph;
    const int32_t tensor = op->inputs[n];
    const struct mote_where where = mote_where_op(graph, op, tensor);
    if (tensor == MOTE_NO_TENSOR) {
        if (n >= counts[op->kind].least_inputs) return true;
        REPORT(verifier, where, "input %d is missing", n);
        return false;
    }
    if (!index_valid(graph, tensor)) {
        REPORT(verifier, where, "input %d is tensor %d, which does not exist", n, tensor);
        return false;
    }
    if (verifier->states[tensor] == TENSOR_EMPTY)
        REPORT(verifier, where, "it is read before any operator has written it, and is neither constant nor input");
    return verifier->states[tensor] != TENSOR_INVALID;
}

static bool check_output(struct verifier *verifier, const struct mote_op *op, int32_t n)
{
    const struct mote_graph *graph = verifier->graph;
    const int32_t tensor = op->outputs[n];
    const struct mote_where where = mote_where_op(graph, op, tensor);
    if (!index_valid(graph, tensor)) {
        REPORT(verifier, where, "output %d is tensor %d, which does not exist", n, tensor);
        return false;
    }
    switch (verifier->states[tensor]) {
    case TENSOR_CONSTANT: REPORT(verifier, where, "an operator cannot write a constant"); return false;
    case TENSOR_INPUT: REPORT(verifier, where, "an operator cannot write a model input"); return false;
    case TENSOR_WRITTEN: REPORT(verifier, where, "it is written twice"); return false;
    case TENSOR_INVALID: return false;
    default: verifier->states[tensor] = TENSOR_WRITTEN; return true;
    }
}

static bool check_operands(struct verifier *verifier, const struct mote_op *op)
{
    const bool inputs_fit = op->input_count >= counts[op->kind].least_inputs &&
                            op->input_count <= counts[op->kind].most_inputs && op->inputs;
    const bool outputs_fit = op->output_count >= counts[op->kind].least_outputs &&
                             op->output_count <= counts[op->kind].most_outputs && op->outputs;
    if (!inputs_fit || !outputs_fit) {
        REPORT(verifier, mote_where_op(verifier->graph, op, MOTE_NO_TENSOR), "it cannot have %d inputs and %d outputs",
               op->input_count, op->output_count);
        return false;
    }
    bool valid = true;
    for (int32_t i = 0; i < op->input_count; i++) valid = check_input(verifier, op, i) && valid;
    for (int32_t i = 0; i < op->output_count; i++) valid = check_output(verifier, op, i) && valid;
    return valid;
}

/* The rules report their own errors; the rest is counted here. */
static void check_shapes(struct verifier *verifier, const struct mote_op *op)
{
    const struct mote_graph *graph = verifier->graph;
    for (int32_t i = 0; i < op->output_count && verifier->error_count < MOST_ERRORS; i++) {
        struct mote_shape shape = {0};
        if (shape_rules[op->kind](graph, op, i, &shape, verifier->diag) != MOTE_OK) {
            verifier->error_count++;
        } else if (!mote_shape_equal(&shape, &graph->tensors[op->outputs[i]].shape)) {
            REPORT(verifier, mote_where_op(graph, op, op->outputs[i]),
                   "its shape is not the one that the operator computes from its inputs");
        }
    }
}

static void check_op(struct verifier *verifier, const struct mote_op *op)
{
    if ((unsigned)op->kind >= MOTE_OP_COUNT) {
        REPORT(verifier, mote_where_op(verifier->graph, op, MOTE_NO_TENSOR), "its kind %d is unknown", (int)op->kind);
        return;
    }
    if (!check_operands(verifier, op)) return;
    const char *wrong = check_attrs(op, &verifier->graph->tensors[op->inputs[0]].shape);
    if (wrong) REPORT(verifier, mote_where_op(verifier->graph, op, op->outputs[0]), "%s", wrong);
    else check_shapes(verifier, op);
}

enum mote_status mote_graph_verify(const struct mote_graph *graph, struct mote_diag *diag)
{
    struct mote_arena arena;
    mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
    struct verifier verifier = {.graph = graph, .diag = diag};
    verifier.states = MOTE_NEW_ARRAY(&arena, uint8_t, (size_t)graph->tensor_count);
    verifier.listed = MOTE_NEW_ARRAY(&arena, uint8_t, (size_t)graph->tensor_count);
    if (!verifier.states || !verifier.listed) {
        mote_arena_free(&arena);
        return mote_error_memory(diag);
    }
    for (int32_t i = 0; i < graph->tensor_count; i++)
        verifier.states[i] = (uint8_t)check_tensor(&verifier, &graph->tensors[i]);
    check_graph_inputs(&verifier);
    for (int32_t i = 0; i < graph->op_count; i++) check_op(&verifier, &graph->ops[i]);
    check_graph_outputs(&verifier);
    if (verifier.error_count > MOST_ERRORS)
        mote_note(diag, MOTE_NOTE, "and %ld errors more", verifier.error_count - MOST_ERRORS);
    mote_arena_free(&arena);
    return verifier.error_count ? MOTE_ERR_INPUT : MOTE_OK;
}
