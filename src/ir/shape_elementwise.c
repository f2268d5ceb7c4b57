/* Shape rules of elementwise operators: NumPy broadcasting of two inputs, or the shape of the only one. */
#include "graph.h"

static int32_t dim_from_right(const struct mote_shape *shape, int32_t i)
{
    return i < shape->rank ? shape->dims[shape->rank - 1 - i] : 1;
}

static enum mote_status shape_broadcast(const struct mote_graph *graph, const struct mote_op *op,
                                        struct mote_shape *shape, struct mote_diag *diag)
{
    const struct mote_shape *a = &graph->tensors[op->inputs[0]].shape, *b = &graph->tensors[op->inputs[1]].shape;
    struct mote_shape result = {.rank = a->rank > b->rank ? a->rank : b->rank};
    for (int32_t i = 0; i < result.rank; i++) {
        const int32_t x = dim_from_right(a, i), y = dim_from_right(b, i);
        if (x != y && x != 1 && y != 1)
            return mote_error_at(diag, MOTE_ERR_INPUT, mote_where_op(graph, op, op->inputs[1]),
                                 "extent %d does not broadcast with %d (axis %d from the right)", (int)y, (int)x, (int)i);
        result.dims[result.rank - 1 - i] = x == 1 ? y : x;
    }
    *shape = result;
    return MOTE_OK;
}

static enum mote_status shape_same(const struct mote_graph *graph, const struct mote_op *op, struct mote_shape *shape)
{
    *shape = graph->tensors[op->inputs[0]].shape;
    return MOTE_OK;
}

#define BROADCAST(name)                                                                                                \
    enum mote_status mote_shape_##name(const struct mote_graph *graph, const struct mote_op *op, int32_t output,      \
                                       struct mote_shape *shape, struct mote_diag *diag)                               \
    {                                                                                                                  \
        (void)output;                                                                                                  \
        return shape_broadcast(graph, op, shape, diag);                                                                \
    }
BROADCAST(add)
BROADCAST(sub)
BROADCAST(mul)
BROADCAST(maximum)
BROADCAST(minimum)

#define SAME(name)                                                                                                     \
    enum mote_status mote_shape_##name(const struct mote_graph *graph, const struct mote_op *op, int32_t output,      \
                                       struct mote_shape *shape, struct mote_diag *diag)                               \
    {                                                                                                                  \
        (void)output;                                                                                                  \
        (void)diag;                                                                                                    \
        return shape_same(graph, op, shape);                                                                           \
    }
SAME(relu)
SAME(relu6)
SAME(leaky_relu)
SAME(logistic)
SAME(tanh)
SAME(hard_swish)
SAME(quantize)
SAME(dequantize)
SAME(softmax)
