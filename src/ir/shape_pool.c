/* Shapes of the operators that combine neighbours, pools and means; and the windows of pools and convolutions. */
#include "shape_window.h"

#define MOST_TAPS 65535 /* along one axis; also bounds strides, dilations and padding, so that nothing overflows */

enum mote_status mote_window_extent(const struct mote_graph *graph, const struct mote_op *op, const char *axis,
                                    const struct mote_window *w, int32_t *extent, struct mote_diag *diag)
{
    const bool sane = w->filter >= 1 && w->filter <= MOST_TAPS && w->stride >= 1 && w->stride <= MOST_TAPS &&
                      w->dilation >= 1 && w->dilation <= MOST_TAPS && w->before >= 0 && w->before <= MOST_TAPS &&
                      w->after >= 0 && w->after <= MOST_TAPS;
    const struct mote_where where = mote_where_op(graph, op, MOTE_NO_TENSOR);
    if (!sane)
        return mote_error_at(diag, MOTE_ERR_INPUT, where,
                             "%s: filter %d, stride %d, dilation %d, padding %d and %d: one is out of range", axis,
                             w->filter, w->stride, w->dilation, w->before, w->after);
    const int64_t room = (int64_t)w->in + w->before + w->after - ((int64_t)(w->filter - 1) * w->dilation + 1);
    if (room < 0)
        return mote_error_at(diag, MOTE_ERR_INPUT, where, "%s: the filter is larger than the padded input", axis);
    const int64_t positions = room / w->stride + 1;
    if (positions > INT32_MAX) return mote_error_at(diag, MOTE_ERR_INPUT, where, "%s: the output is too large", axis);
    *extent = (int32_t)positions;
    return MOTE_OK;
}

static enum mote_status shape_pool(const struct mote_graph *graph, const struct mote_op *op, struct mote_shape *shape,
                                   struct mote_diag *diag)
{
    const struct mote_shape *in = &graph->tensors[op->inputs[0]].shape;
    const struct mote_attrs_pool *a = &op->attrs.pool;
    if (in->rank != 4)
        return mote_error_at(diag, MOTE_ERR_INPUT, mote_where_op(graph, op, op->inputs[0]),
                             "the input must have 4 dimensions; it has %d", in->rank);
    const struct mote_window h = {in->dims[1], a->filter_h, a->stride_h, 1, a->pad_top, a->pad_bottom};
    const struct mote_window w = {in->dims[2], a->filter_w, a->stride_w, 1, a->pad_left, a->pad_right};
    /* Padding as wide as the filter would give windows without a single input. */
    if (a->pad_top >= a->filter_h || a->pad_bottom >= a->filter_h || a->pad_left >= a->filter_w ||
        a->pad_right >= a->filter_w)
        return mote_error_at(diag, MOTE_ERR_INPUT, mote_where_op(graph, op, MOTE_NO_TENSOR),
                             "the padding is as wide as the filter");
    int32_t out_h, out_w;
    enum mote_status status;
    if ((status = mote_window_extent(graph, op, "height", &h, &out_h, diag)) != MOTE_OK) return status;
    if ((status = mote_window_extent(graph, op, "width", &w, &out_w, diag)) != MOTE_OK) return status;
    *shape = (struct mote_shape){4, {in->dims[0], out_h, out_w, in->dims[3]}};
    return MOTE_OK;
}

enum mote_status mote_shape_average_pool_2d(const struct mote_graph *graph, const struct mote_op *op, int32_t output,
                                            struct mote_shape *shape, struct mote_diag *diag)
{
    (void)output;
    return shape_pool(graph, op, shape, diag);
}

enum mote_status mote_shape_max_pool_2d(const struct mote_graph *graph, const struct mote_op *op, int32_t output,
                                        struct mote_shape *shape, struct mote_diag *diag)
{
    (void)output;
    return shape_pool(graph, op, shape, diag);
}

enum mote_status mote_shape_mean(const struct mote_graph *graph, const struct mote_op *op, int32_t output,
                                 struct mote_shape *shape, struct mote_diag *diag)
{
    (void)output;
    const struct mote_shape *in = &graph->tensors[op->inputs[0]].shape;
    const struct mote_attrs_reduce *a = &op->attrs.reduce;
    if (a->axes < 0 || a->axes >> in->rank)
        return mote_error_at(diag, MOTE_ERR_INPUT, mote_where_op(graph, op, op->inputs[0]),
                             "an axis to reduce is beyond the input's %d dimensions", in->rank);
    struct mote_shape out = {0, {0}};
    for (int32_t i = 0; i < in->rank; i++) {
        const bool reduced = a->axes >> i & 1;
        if (!reduced) out.dims[out.rank++] = in->dims[i];
        else if (a->keep_dims) out.dims[out.rank++] = 1;
    }
    *shape = out;
    return MOTE_OK;
}
