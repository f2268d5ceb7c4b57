/* Shape rules of operators that move data. */
#include "graph.h"

static const struct mote_shape *shape_of(const struct mote_graph *graph, int32_t tensor)
{
    return &graph->tensors[tensor].shape;
}

/* Any shape of as many elements; the file states it. */
enum mote_status mote_shape_reshape(const struct mote_graph *graph, const struct mote_op *op, int32_t output,
                                    struct mote_shape *shape, struct mote_diag *diag)
{
    const struct mote_shape *in = shape_of(graph, op->inputs[0]), *out = shape_of(graph, op->outputs[output]);
    const int64_t have = mote_shape_elements(in), want = mote_shape_elements(out);
    if (have != want)
        return mote_error_at(diag, MOTE_ERR_INPUT, mote_where_op(graph, op, op->outputs[output]),
                             "has %lld elements, its input %lld", (long long)want, (long long)have);
    *shape = *out;
    return MOTE_OK;
}

enum mote_status mote_shape_pad(const struct mote_graph *graph, const struct mote_op *op, int32_t output,
                                struct mote_shape *shape, struct mote_diag *diag)
{
    (void)output;
    struct mote_shape result = *shape_of(graph, op->inputs[0]);
    for (int32_t i = 0; i < result.rank; i++) {
        const int64_t before = op->attrs.pad.before[i], after = op->attrs.pad.after[i];
        const int64_t extent = result.dims[i] + before + after;
        if (before < 0 || after < 0 || extent > INT32_MAX)
            return mote_error_at(diag, MOTE_ERR_INPUT, mote_where_op(graph, op, op->inputs[0]),
                                 "padding of axis %d is %lld before and %lld after; expected 0 or more", (int)i,
                                 (long long)before, (long long)after);
        result.dims[i] = (int32_t)extent;
    }
    *shape = result;
    return MOTE_OK;
}

/* An axis attribute within the rank, else an error. */
static enum mote_status check_axis(const struct mote_graph *graph, const struct mote_op *op, int32_t axis, int32_t rank,
                                   struct mote_diag *diag)
{
    if (axis >= 0 && axis < rank) return MOTE_OK;
    return mote_error_at(diag, MOTE_ERR_INPUT, mote_where_op(graph, op, op->inputs[0]),
                         "axis %d; expected 0 to %d for a tensor of rank %d", (int)axis, (int)(rank - 1), (int)rank);
}

enum mote_status mote_shape_concatenation(const struct mote_graph *graph, const struct mote_op *op, int32_t output,
                                          struct mote_shape *shape, struct mote_diag *diag)
{
    (void)output;
    struct mote_shape result = *shape_of(graph, op->inputs[0]);
    const int32_t axis = op->attrs.concatenation.axis;
    const enum mote_status status = check_axis(graph, op, axis, result.rank, diag);
    if (status != MOTE_OK) return status;
    int64_t extent = 0;
    for (int32_t i = 0; i < op->input_count; i++) {
        const struct mote_shape *in = shape_of(graph, op->inputs[i]);
        bool fits = in->rank == result.rank;
        for (int32_t k = 0; fits && k < in->rank; k++) fits = k == axis || in->dims[k] == result.dims[k];
        if (fits) extent += in->dims[axis];
        if (!fits || extent > INT32_MAX)
            return mote_error_at(diag, MOTE_ERR_INPUT, mote_where_op(graph, op, op->inputs[i]),
                                 "input %d differs from input 0 outside axis %d", (int)i, (int)axis);
    }
    result.dims[axis] = (int32_t)extent;
    *shape = result;
    return MOTE_OK;
}

enum mote_status mote_shape_split(const struct mote_graph *graph, const struct mote_op *op, int32_t output,
                                  struct mote_shape *shape, struct mote_diag *diag)
{
    (void)output;
    struct mote_shape result = *shape_of(graph, op->inputs[0]);
    const int32_t axis = op->attrs.split.axis;
    const enum mote_status status = check_axis(graph, op, axis, result.rank, diag);
    if (status != MOTE_OK) return status;
    if (op->output_count < 1 || result.dims[axis] % op->output_count)
        return mote_error_at(diag, MOTE_ERR_INPUT, mote_where_op(graph, op, op->inputs[0]),
                             "extent %d of axis %d does not split into %d equal parts", (int)result.dims[axis], (int)axis,
                             (int)op->output_count);
    result.dims[axis] /= op->output_count;
    *shape = result;
    return MOTE_OK;
}

enum mote_status mote_shape_strided_slice(const struct mote_graph *graph, const struct mote_op *op, int32_t output,
                                          struct mote_shape *shape, struct mote_diag *diag)
{
    (void)output;
    const struct mote_attrs_strided_slice *attrs = &op->attrs.strided_slice;
    const struct mote_shape *in = shape_of(graph, op->inputs[0]);
    struct mote_shape result = {0};
    for (int32_t i = 0; i < in->rank; i++) {
        const int64_t first = attrs->begin[i];
        const int64_t last = first + ((int64_t)attrs->size[i] - 1) * attrs->stride[i];
        const bool shrinks = (attrs->shrink >> i & 1) != 0;
        if (attrs->size[i] < 1 || first < 0 || first >= in->dims[i] || last < 0 || last >= in->dims[i] ||
            (shrinks && attrs->size[i] != 1))
            return mote_error_at(diag, MOTE_ERR_INPUT, mote_where_op(graph, op, op->inputs[0]),
                                 "slice of axis %d: %d elements from %d by steps of %d leave the extent %d", (int)i,
                                 (int)attrs->size[i], (int)first, (int)attrs->stride[i], (int)in->dims[i]);
        if (!shrinks) result.dims[result.rank++] = attrs->size[i];
    }
    *shape = result;
    return MOTE_OK;
}
