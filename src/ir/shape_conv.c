/* Shapes of the weighted operators: convolutions and fully connected layers. */
#include "shape_window.h"

/* The tensor at op->inputs[n], or NULL with an error unless its shape has `rank` positive dims. */
static const struct mote_tensor *input_of_rank(const struct mote_graph *graph, const struct mote_op *op, int32_t n,
                                               int32_t rank, const char *what, struct mote_diag *diag)
{
    const struct mote_tensor *tensor = &graph->tensors[op->inputs[n]];
    bool fits = tensor->shape.rank == rank;
    for (int32_t i = 0; fits && i < rank; i++) fits = tensor->shape.dims[i] > 0;
    if (fits) return tensor;
    mote_error_at(diag, MOTE_ERR_INPUT, mote_where_op(graph, op, op->inputs[n]),
                  "the %s must have %d dimensions, none of them 0; it has %d", what, rank, tensor->shape.rank);
    return NULL;
}

/* A bias has one element per output channel. */
static enum mote_status check_bias(const struct mote_graph *graph, const struct mote_op *op, int64_t channels,
                                   struct mote_diag *diag)
{
    if (op->input_count < 3 || op->inputs[2] == MOTE_NO_TENSOR) return MOTE_OK;
    const int64_t elements = mote_shape_elements(&graph->tensors[op->inputs[2]].shape);
    if (elements == channels) return MOTE_OK;
    return mote_error_at(diag, MOTE_ERR_INPUT, mote_where_op(graph, op, op->inputs[2]),
                         "the bias has %lld elements for %lld output channels", (long long)elements,
                         (long long)channels);
}

/* Output extents of a convolution with filters of filter_h x filter_w taps. */
static enum mote_status conv_extents(const struct mote_graph *graph, const struct mote_op *op,
                                     const struct mote_shape *in, int32_t filter_h, int32_t filter_w, int32_t *out_h,
                                     int32_t *out_w, struct mote_diag *diag)
{
    const struct mote_attrs_conv *a = &op->attrs.conv;
    const struct mote_window h = {in->dims[1], filter_h, a->stride_h, a->dilation_h, a->pad_top, a->pad_bottom};
    const struct mote_window w = {in->dims[2], filter_w, a->stride_w, a->dilation_w, a->pad_left, a->pad_right};
    const enum mote_status status = mote_window_extent(graph, op, "height", &h, out_h, diag);
    return status != MOTE_OK ? status : mote_window_extent(graph, op, "width", &w, out_w, diag);
}

enum mote_status mote_shape_conv_2d(const struct mote_graph *graph, const struct mote_op *op, int32_t output,
                                    struct mote_shape *shape, struct mote_diag *diag)
{
    (void)output;
    const struct mote_tensor *x = input_of_rank(graph, op, 0, 4, "input", diag);
    const struct mote_tensor *weights = input_of_rank(graph, op, 1, 4, "filter", diag);
    if (!x || !weights) return MOTE_ERR_INPUT;
    const int32_t channels = x->shape.dims[3], filter_channels = weights->shape.dims[3];
    const int32_t out_channels = weights->shape.dims[0];
    if (channels % filter_channels || out_channels % (channels / filter_channels))
        return mote_error_at(diag, MOTE_ERR_INPUT, mote_where_op(graph, op, op->inputs[1]),
                             "%d filters of %d channels do not divide %d input channels into groups", out_channels,
                             filter_channels, channels);
    int32_t out_h = 0, out_w = 0;
    enum mote_status status =
        conv_extents(graph, op, &x->shape, weights->shape.dims[1], weights->shape.dims[2], &out_h, &out_w, diag);
    if (status != MOTE_OK || (status = check_bias(graph, op, out_channels, diag)) != MOTE_OK) return status;
    *shape = (struct mote_shape){4, {x->shape.dims[0], out_h, out_w, out_channels}};
    return MOTE_OK;
}

enum mote_status mote_shape_depthwise_conv_2d(const struct mote_graph *graph, const struct mote_op *op, int32_t output,
                                              struct mote_shape *shape, struct mote_diag *diag)
{
    (void)output;
    const struct mote_tensor *x = input_of_rank(graph, op, 0, 4, "input", diag);
    const struct mote_tensor *weights = input_of_rank(graph, op, 1, 4, "filter", diag);
    if (!x || !weights) return MOTE_ERR_INPUT;
    const int32_t out_channels = weights->shape.dims[3];
    if (weights->shape.dims[0] != 1 || out_channels % x->shape.dims[3])
        return mote_error_at(diag, MOTE_ERR_INPUT, mote_where_op(graph, op, op->inputs[1]),
                             "the filter must be 1 x H x W x a multiple of the input's %d channels", x->shape.dims[3]);
    int32_t out_h = 0, out_w = 0;
    enum mote_status status =
        conv_extents(graph, op, &x->shape, weights->shape.dims[1], weights->shape.dims[2], &out_h, &out_w, diag);
    if (status != MOTE_OK || (status = check_bias(graph, op, out_channels, diag)) != MOTE_OK) return status;
    *shape = (struct mote_shape){4, {x->shape.dims[0], out_h, out_w, out_channels}};
    return MOTE_OK;
}

/* Extent of one axis: (in - 1) * stride + filter - before - after. `after` is negative where the output goes on beyond
 * the last tap, which TensorFlow Lite allows. */
static enum mote_status transposed_extent(const struct mote_graph *graph, const struct mote_op *op, const char *axis,
                                          const struct mote_window *w, int32_t *extent, struct mote_diag *diag)
{
    const int64_t out = ((int64_t)w->in - 1) * w->stride + w->filter - (int64_t)w->before - w->after;
    if (w->stride < 1 || w->dilation != 1 || w->before < 0 || out < 1 || out > INT32_MAX)
        return mote_error_at(diag, MOTE_ERR_INPUT, mote_where_op(graph, op, MOTE_NO_TENSOR),
                             "stride %d, dilation %d and padding %d, %d leave no sensible %s", w->stride, w->dilation,
                             w->before, w->after, axis);
    *extent = (int32_t)out;
    return MOTE_OK;
}

enum mote_status mote_shape_transpose_conv(const struct mote_graph *graph, const struct mote_op *op, int32_t output,
                                           struct mote_shape *shape, struct mote_diag *diag)
{
    (void)output;
    const struct mote_tensor *x = input_of_rank(graph, op, 0, 4, "input", diag);
    const struct mote_tensor *weights = input_of_rank(graph, op, 1, 4, "filter", diag);
    if (!x || !weights) return MOTE_ERR_INPUT;
    if (weights->shape.dims[3] != x->shape.dims[3])
        return mote_error_at(diag, MOTE_ERR_INPUT, mote_where_op(graph, op, op->inputs[1]),
                             "the filter has %d input channels, the input %d", weights->shape.dims[3],
                             x->shape.dims[3]);
    const struct mote_attrs_conv *a = &op->attrs.conv;
    const struct mote_window h = {x->shape.dims[1], weights->shape.dims[1], a->stride_h,
                                  a->dilation_h,    a->pad_top,             a->pad_bottom};
    const struct mote_window w = {x->shape.dims[2], weights->shape.dims[2], a->stride_w,
                                  a->dilation_w,    a->pad_left,            a->pad_right};
    int32_t out_h = 0, out_w = 0;
    enum mote_status status;
    if ((status = transposed_extent(graph, op, "height", &h, &out_h, diag)) != MOTE_OK) return status;
    if ((status = transposed_extent(graph, op, "width", &w, &out_w, diag)) != MOTE_OK) return status;
    if ((status = check_bias(graph, op, weights->shape.dims[0], diag)) != MOTE_OK) return status;
    *shape = (struct mote_shape){4, {x->shape.dims[0], out_h, out_w, weights->shape.dims[0]}};
    return MOTE_OK;
}

enum mote_status mote_shape_fully_connected(const struct mote_graph *graph, const struct mote_op *op, int32_t output,
                                            struct mote_shape *shape, struct mote_diag *diag)
{
    (void)output;
    const struct mote_tensor *weights = input_of_rank(graph, op, 1, 2, "weight matrix", diag);
    if (!weights) return MOTE_ERR_INPUT;
    const struct mote_shape *in = &graph->tensors[op->inputs[0]].shape;
    const int64_t elements = mote_shape_elements(in);
    const int32_t out_features = weights->shape.dims[0], in_features = weights->shape.dims[1];
    const bool keep_dims = op->attrs.fully_connected.keep_dims != 0;
    const bool divides =
        keep_dims ? in->rank > 0 && in->dims[in->rank - 1] == in_features : elements % in_features == 0;
    if (!divides || elements < in_features || elements / in_features > INT32_MAX)
        return mote_error_at(diag, MOTE_ERR_INPUT, mote_where_op(graph, op, op->inputs[0]),
                             "the input does not consist of rows of %d elements, which the weights want", in_features);
    const enum mote_status status = check_bias(graph, op, out_features, diag);
    if (status != MOTE_OK) return status;
    if (keep_dims) {
        *shape = *in;
        shape->dims[in->rank - 1] = out_features;
    } else {
        *shape = (struct mote_shape){2, {(int32_t)(elements / in_features), out_features}};
    }
    return MOTE_OK;
}
