#include "graph.h"

#include <string.h>

static const char *const op_names[MOTE_OP_COUNT] = {
#define MOTE_OP(KIND, ...) [MOTE_OP_##KIND] = #KIND,
#include "ops.def"
#undef MOTE_OP
};

static const struct {
    const char *name;
    size_t bytes;
} dtypes[MOTE_DTYPE_COUNT] = {
    [MOTE_S8] = {"s8", 1},   [MOTE_U8] = {"u8", 1},   [MOTE_S16] = {"s16", 2},  [MOTE_S32] = {"s32", 4},
    [MOTE_S64] = {"s64", 8}, [MOTE_F32] = {"f32", 4}, [MOTE_BOOL] = {"bool", 1},
};

static const char *const activation_names[MOTE_ACT_COUNT] = {
    [MOTE_ACT_NONE] = "none",
    [MOTE_ACT_RELU] = "relu",
    [MOTE_ACT_RELU_N1_TO_1] = "relu_n1_to_1",
    [MOTE_ACT_RELU6] = "relu6",
};

/* ---- Construction ---- */

struct mote_graph *mote_graph_new(struct mote_arena *arena, const char *name)
{
    struct mote_graph *graph = MOTE_NEW(arena, struct mote_graph);
    if (!graph) return NULL;
    graph->arena = arena;
    graph->name = mote_arena_string(arena, name ? name : "");
    return graph->name ? graph : NULL;
}

/* Makes room for one more item; the old array stays behind in the arena, at most as large as the new one. */
static bool array_grow(struct mote_arena *arena, void **items, int32_t count, int32_t *capacity, size_t item_bytes)
{
    if (count < *capacity) return true;
    if (count > INT32_MAX / 2) return false;
    const int32_t wanted = count ? 2 * count : 16;
    void *grown = mote_arena_calloc(arena, (size_t)wanted, item_bytes);
    if (!grown) return false;
    if (count) memcpy(grown, *items, (size_t)count * item_bytes);
    *items = grown;
    *capacity = wanted;
    return true;
}

int32_t mote_graph_add_tensor(struct mote_graph *graph, struct mote_tensor tensor)
{
    void *tensors = graph->tensors;
    if (!array_grow(graph->arena, &tensors, graph->tensor_count, &graph->tensor_capacity, sizeof tensor)) return -1;
    graph->tensors = tensors;
    graph->tensors[graph->tensor_count] = tensor;
    return graph->tensor_count++;
}

struct mote_op *mote_graph_add_op(struct mote_graph *graph, enum mote_op_kind kind, const int32_t *inputs,
                                  int32_t input_count, const int32_t *outputs, int32_t output_count)
{
    struct mote_op op = {.kind = kind, .source_index = -1, .input_count = input_count, .output_count = output_count};
    op.inputs = mote_arena_copy(graph->arena, inputs, (size_t)input_count * sizeof *inputs);
    op.outputs = mote_arena_copy(graph->arena, outputs, (size_t)output_count * sizeof *outputs);
    void *ops = graph->ops;
    if (!op.inputs || !op.outputs || !array_grow(graph->arena, &ops, graph->op_count, &graph->op_capacity, sizeof op))
        return NULL;
    graph->ops = ops;
    graph->ops[graph->op_count] = op;
    return &graph->ops[graph->op_count++];
}

/* ---- Queries ---- */

const char *mote_op_name(enum mote_op_kind kind)
{
    return (unsigned)kind < MOTE_OP_COUNT ? op_names[kind] : "?";
}

const char *mote_dtype_name(enum mote_dtype dtype)
{
    return (unsigned)dtype < MOTE_DTYPE_COUNT ? dtypes[dtype].name : "?";
}

size_t mote_dtype_bytes(enum mote_dtype dtype)
{
    return (unsigned)dtype < MOTE_DTYPE_COUNT ? dtypes[dtype].bytes : 0;
}

const char *mote_activation_name(enum mote_activation activation)
{
    return (unsigned)activation < MOTE_ACT_COUNT ? activation_names[activation] : "?";
}

int64_t mote_shape_elements(const struct mote_shape *shape)
{
    int64_t elements = 1;
    for (int32_t i = 0; i < shape->rank; i++) {
        if (shape->dims[i] > 0 && elements > INT64_MAX / shape->dims[i]) return INT64_MAX;
        elements *= shape->dims[i] > 0 ? shape->dims[i] : 0;
    }
    return elements;
}

bool mote_shape_equal(const struct mote_shape *a, const struct mote_shape *b)
{
    return a->rank == b->rank && memcmp(a->dims, b->dims, (size_t)a->rank * sizeof a->dims[0]) == 0;
}

size_t mote_tensor_bytes(const struct mote_tensor *tensor)
{
    return (size_t)mote_shape_elements(&tensor->shape) * mote_dtype_bytes(tensor->dtype);
}

static bool list_holds(const int32_t *list, int32_t count, int32_t value)
{
    for (int32_t i = 0; i < count; i++)
        if (list[i] == value) return true;
    return false;
}

int32_t mote_graph_producer(const struct mote_graph *graph, int32_t tensor)
{
    for (int32_t i = 0; i < graph->op_count; i++)
        if (list_holds(graph->ops[i].outputs, graph->ops[i].output_count, tensor)) return i;
    return -1;
}

static int32_t list_count(const int32_t *list, int32_t count, int32_t value)
{
    int32_t found = 0;
    for (int32_t i = 0; i < count; i++) found += list[i] == value;
    return found;
}

int32_t mote_graph_use_count(const struct mote_graph *graph, int32_t tensor)
{
    int32_t uses = list_count(graph->outputs, graph->output_count, tensor);
    for (int32_t i = 0; i < graph->op_count; i++)
        uses += list_count(graph->ops[i].inputs, graph->ops[i].input_count, tensor);
    return uses;
}

bool mote_graph_is_output(const struct mote_graph *graph, int32_t tensor)
{
    return list_holds(graph->outputs, graph->output_count, tensor);
}

bool mote_graph_is_input(const struct mote_graph *graph, int32_t tensor)
{
    return list_holds(graph->inputs, graph->input_count, tensor);
}

struct mote_where mote_where_op(const struct mote_graph *graph, const struct mote_op *op, int32_t tensor)
{
    const bool named = tensor >= 0 && tensor < graph->tensor_count;
    return (struct mote_where){
        .op_index = op->source_index >= 0 ? op->source_index : (long)(op - graph->ops),
        .op_type = op->source_type ? op->source_type : mote_op_name(op->kind),
        .tensor = named ? graph->tensors[tensor].name : NULL,
    };
}

/* Filter taps that one output element sums over. A transposed convolution is counted by its input elements, each of
 * which is multiplied with every tap of every output channel. */
int64_t mote_op_macs(const struct mote_graph *graph, const struct mote_op *op)
{
    const bool weighted = op->kind == MOTE_OP_CONV_2D || op->kind == MOTE_OP_DEPTHWISE_CONV_2D ||
                          op->kind == MOTE_OP_TRANSPOSE_CONV || op->kind == MOTE_OP_FULLY_CONNECTED;
    if (!weighted) return 0;
    const struct mote_shape *in = &graph->tensors[op->inputs[0]].shape;
    const struct mote_shape *weights = &graph->tensors[op->inputs[1]].shape;
    const struct mote_shape *out = &graph->tensors[op->outputs[0]].shape;
    switch (op->kind) {
    case MOTE_OP_DEPTHWISE_CONV_2D: return mote_shape_elements(out) * weights->dims[1] * weights->dims[2];
    case MOTE_OP_TRANSPOSE_CONV:
        return mote_shape_elements(in) * weights->dims[0] * weights->dims[1] * weights->dims[2];
    default: return mote_shape_elements(out) * (mote_shape_elements(weights) / weights->dims[0]);
    }
}

float mote_tensor_scale(const struct mote_tensor *tensor)
{
    return tensor->quant.count ? tensor->quant.scales[0] : 0.0f;
}

int32_t mote_tensor_zero_point(const struct mote_tensor *tensor)
{
    return tensor->quant.count ? (int32_t)tensor->quant.zero_points[0] : 0;
}

double mote_tensor_zero_share(const struct mote_tensor *tensor)
{
    return tensor->statistics ? tensor->statistics->zero_share : -1.0;
}

struct mote_graph *mote_graph_clone(const struct mote_graph *source)
{
    struct mote_arena *arena = source->arena;
    struct mote_graph *graph = mote_arena_copy(arena, source, sizeof *source);
    if (!graph) return NULL;
    graph->tensors = mote_arena_copy(arena, source->tensors, (size_t)source->tensor_count * sizeof *source->tensors);
    graph->ops = mote_arena_copy(arena, source->ops, (size_t)source->op_count * sizeof *source->ops);
    graph->inputs = mote_arena_copy(arena, source->inputs, (size_t)source->input_count * sizeof *source->inputs);
    graph->outputs = mote_arena_copy(arena, source->outputs, (size_t)source->output_count * sizeof *source->outputs);
    if (!graph->tensors || !graph->ops || !graph->inputs || !graph->outputs) return NULL;
    graph->tensor_capacity = graph->tensor_count;
    graph->op_capacity = graph->op_count;
    for (int32_t i = 0; i < graph->op_count; i++) {
        struct mote_op *op = &graph->ops[i];
        op->inputs = mote_arena_copy(arena, op->inputs, (size_t)op->input_count * sizeof *op->inputs);
        op->outputs = mote_arena_copy(arena, op->outputs, (size_t)op->output_count * sizeof *op->outputs);
        if (!op->inputs || !op->outputs) return NULL;
    }
    return graph;
}
