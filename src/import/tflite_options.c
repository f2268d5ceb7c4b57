#include "tflite_import.h"

#include <math.h>
#include <string.h>

/* Field numbers of the options tables. */
enum { CONV_PADDING, CONV_STRIDE_W, CONV_STRIDE_H, CONV_ACTIVATION, CONV_DILATION_W, CONV_DILATION_H };
enum { DEPTHWISE_ACTIVATION = 4, DEPTHWISE_DILATION_W, DEPTHWISE_DILATION_H };
enum { POOL_PADDING, POOL_STRIDE_W, POOL_STRIDE_H, POOL_FILTER_W, POOL_FILTER_H, POOL_ACTIVATION };
enum { FULLY_CONNECTED_ACTIVATION, FULLY_CONNECTED_WEIGHTS_FORMAT, FULLY_CONNECTED_KEEP_DIMS };
enum { BINARY_ACTIVATION };
enum { SOFTMAX_BETA };
enum { REDUCER_KEEP_DIMS };
enum { LEAKY_RELU_ALPHA };
enum { CONCATENATION_AXIS, CONCATENATION_ACTIVATION };
enum { SLICE_BEGIN_MASK, SLICE_END_MASK, SLICE_ELLIPSIS_MASK, SLICE_NEW_AXIS_MASK, SLICE_SHRINK_MASK, SLICE_OFFSET };
enum { SPLIT_COUNT };

enum { PADDING_SAME, PADDING_VALID };
enum { MOST_INTS = 2 * MOTE_MAX_RANK }; /* of one constant that states axes, paddings or bounds */

/* ---- Helpers ---- */

static enum mote_status read_activation(struct mote_tflite *import, const struct mote_tflite_op *source, unsigned slot,
                                        enum mote_activation *activation)
{
    static const char *const names[] = {"NONE", "RELU", "RELU_N1_TO_1", "RELU6", "TANH", "SIGN_BIT"};
    const uint8_t code = mote_flatbuffer_u8(&import->file, &source->options, slot, 0);
    if (code >= MOTE_ACT_COUNT) /* the codes of the first four are those of enum mote_activation */
        return mote_tflite_problem(import, source, MOTE_NO_TENSOR, MOTE_ERR_UNSUPPORTED,
                                   "fused activation %s; mote fuses NONE, RELU, RELU_N1_TO_1 and RELU6",
                                   code < sizeof names / sizeof names[0] ? names[code] : "unknown");
    *activation = (enum mote_activation)code;
    return MOTE_OK;
}

_Static_assert(MOTE_ACT_NONE == 0 && MOTE_ACT_RELU == 1 && MOTE_ACT_RELU_N1_TO_1 == 2 && MOTE_ACT_RELU6 == 3,
               "read_activation takes the file's codes as they are");

static enum mote_status require_options(struct mote_tflite *import, const struct mote_tflite_op *source)
{
    if (source->options.position) return MOTE_OK;
    return mote_tflite_problem(import, source, MOTE_NO_TENSOR, MOTE_ERR_INPUT, "its options are missing");
}

/* The shape of a data operand (an index in the graph) that must have 4 dimensions; NULL with the problem recorded. */
static const struct mote_shape *shape_nhwc(struct mote_tflite *import, const struct mote_tflite_op *source,
                                           int32_t index, const char *what)
{
    const struct mote_tensor *tensor = index >= 0 ? &import->graph->tensors[index] : NULL;
    if (tensor && tensor->shape.rank == 4) return &tensor->shape;
    mote_tflite_problem(import, source, MOTE_NO_TENSOR, MOTE_ERR_INPUT, "its %s %s, expected 4 dimensions", what,
                        tensor ? "has another rank" : "is missing");
    return NULL;
}

/* Whether the value fits an attribute and is at least 1. */
static bool positive(int64_t value)
{
    return value >= 1 && value <= INT32_MAX;
}

struct window {
    int64_t in, filter, stride, dilation;
};

/* Explicit padding of one axis as TensorFlow Lite computes it: SAME covers ceil(in / stride) outputs and puts the odd
 * cell at the end. False if a number is out of range. */
static bool resolve_padding(uint8_t padding, struct window window, int32_t *before, int32_t *after)
{
    *before = *after = 0;
    if (!positive(window.stride) || !positive(window.dilation) || !positive(window.filter) || padding > PADDING_VALID)
        return false;
    if (padding == PADDING_VALID) return true;
    const int64_t effective = (window.filter - 1) * window.dilation + 1;
    const int64_t out = (window.in + window.stride - 1) / window.stride;
    const int64_t reach = (out - 1) * window.stride + effective - window.in;
    const int64_t total = reach > 0 ? reach : 0;
    if (total > INT32_MAX) return false;
    *before = (int32_t)(total / 2);
    *after = (int32_t)(total - total / 2);
    return true;
}

static enum mote_status bad_window(struct mote_tflite *import, const struct mote_tflite_op *source)
{
    return mote_tflite_problem(import, source, MOTE_NO_TENSOR, MOTE_ERR_INPUT,
                               "a stride, dilation, filter size or padding is out of range");
}

/* The values of a constant int32 or int64 input that states a shape, axes or bounds. */
static enum mote_status read_ints(struct mote_tflite *import, const struct mote_tflite_op *source, uint32_t n,
                                  const char *what, int64_t values[MOST_INTS], int32_t *count)
{
    const int32_t index = mote_tflite_input(import, source, n);
    if (index == MOTE_NO_TENSOR)
        return mote_tflite_problem(import, source, MOTE_NO_TENSOR, MOTE_ERR_INPUT, "its input \"%s\" is missing", what);
    const struct mote_tensor *tensor = &import->tensors[index].tensor;
    const int64_t elements = mote_shape_elements(&tensor->shape);
    *count = 0;
    if (elements == 0) return MOTE_OK; /* an empty list has no data */
    if (import->tensors[index].problem)
        return mote_tflite_problem(import, source, index, import->tensors[index].problem_status, "%s",
                                   import->tensors[index].problem);
    if (!tensor->data)
        return mote_tflite_problem(import, source, index, MOTE_ERR_UNSUPPORTED,
                                   "\"%s\" is computed; mote needs it as a constant", what);
    if (tensor->dtype != MOTE_S32 && tensor->dtype != MOTE_S64)
        return mote_tflite_problem(import, source, index, MOTE_ERR_INPUT, "\"%s\" must be int32 or int64", what);
    if (elements > MOST_INTS)
        return mote_tflite_problem(import, source, index, MOTE_ERR_INPUT, "\"%s\" has more than %d values", what,
                                   MOST_INTS);
    for (int32_t i = 0; i < elements; i++) {
        int32_t narrow = 0;
        if (tensor->dtype == MOTE_S64) memcpy(&values[i], tensor->data + 8 * i, 8);
        else memcpy(&narrow, tensor->data + 4 * i, 4);
        if (tensor->dtype == MOTE_S32) values[i] = narrow;
    }
    *count = (int32_t)elements;
    return MOTE_OK;
}

/* An axis in [-rank, rank) as one in [0, rank). */
static enum mote_status normalise_axis(struct mote_tflite *import, const struct mote_tflite_op *source, int64_t value,
                                       int32_t rank, int32_t *axis)
{
    if (value < -rank || value >= rank)
        return mote_tflite_problem(import, source, MOTE_NO_TENSOR, MOTE_ERR_INPUT,
                                   "axis %lld is out of range for %d dimensions", (long long)value, rank);
    *axis = (int32_t)(value < 0 ? value + rank : value);
    return MOTE_OK;
}

static const struct mote_shape *first_shape(const struct mote_tflite *import, const struct mote_op *op)
{
    return &import->graph->tensors[op->inputs[0]].shape;
}

/* ---- Operators ---- */

/* Field numbers in which the two kinds of convolution differ. */
struct conv_slots {
    unsigned activation, dilation_w, dilation_h;
};

static enum mote_status fill_any_conv(struct mote_tflite *import, const struct mote_tflite_op *source,
                                      struct mote_op *op, const struct conv_slots *slots)
{
    struct mote_flatbuffer *file = &import->file;
    struct mote_attrs_conv *attrs = &op->attrs.conv;
    if (require_options(import, source) != MOTE_OK) return MOTE_ERR_INPUT;
    const struct mote_shape *x = shape_nhwc(import, source, op->inputs[0], "input");
    const struct mote_shape *weights =
        shape_nhwc(import, source, op->input_count > 1 ? op->inputs[1] : MOTE_NO_TENSOR, "filter");
    if (!x || !weights) return MOTE_ERR_INPUT;
    const uint8_t padding = mote_flatbuffer_u8(file, &source->options, CONV_PADDING, 0);
    attrs->stride_h = mote_flatbuffer_i32(file, &source->options, CONV_STRIDE_H, 0);
    attrs->stride_w = mote_flatbuffer_i32(file, &source->options, CONV_STRIDE_W, 0);
    attrs->dilation_h = mote_flatbuffer_i32(file, &source->options, slots->dilation_h, 1);
    attrs->dilation_w = mote_flatbuffer_i32(file, &source->options, slots->dilation_w, 1);
    const struct window rows = {x->dims[1], weights->dims[1], attrs->stride_h, attrs->dilation_h};
    const struct window columns = {x->dims[2], weights->dims[2], attrs->stride_w, attrs->dilation_w};
    if (!resolve_padding(padding, rows, &attrs->pad_top, &attrs->pad_bottom) ||
        !resolve_padding(padding, columns, &attrs->pad_left, &attrs->pad_right))
        return bad_window(import, source);
    return read_activation(import, source, slots->activation, &attrs->activation);
}

static enum mote_status fill_conv(struct mote_tflite *import, const struct mote_tflite_op *source, struct mote_op *op)
{
    return fill_any_conv(import, source, op, &(struct conv_slots){CONV_ACTIVATION, CONV_DILATION_W, CONV_DILATION_H});
}

static enum mote_status fill_depthwise(struct mote_tflite *import, const struct mote_tflite_op *source,
                                       struct mote_op *op)
{
    return fill_any_conv(import, source, op,
                         &(struct conv_slots){DEPTHWISE_ACTIVATION, DEPTHWISE_DILATION_W, DEPTHWISE_DILATION_H});
}

/* Padding of one axis of a transposed convolution. TensorFlow Lite derives the leading part from the output's extent as
 * if the convolution ran backwards; the trailing part is what makes out = (in - 1) * stride + filter - before - after,
 * and is negative where the output has cells that no tap reaches. */
static bool resolve_transposed(uint8_t padding, int64_t in, int64_t out, int64_t filter, int64_t stride,
                               int32_t *before, int32_t *after)
{
    const struct window backwards = {out, filter, stride, 1};
    if (!resolve_padding(padding, backwards, before, after)) return false;
    const int64_t rest = (in - 1) * stride + filter - *before - out;
    if (rest < INT32_MIN || rest > INT32_MAX) return false;
    *after = (int32_t)rest;
    return true;
}

/* TensorFlow Lite Micro goes by the output tensor's shape and never looks at the input that states it; one that is
 * computed or a model input is therefore left alone, a constant has to agree. */
static enum mote_status check_stated_shape(struct mote_tflite *import, const struct mote_tflite_op *source,
                                           const struct mote_shape *out)
{
    int64_t stated[MOST_INTS];
    int32_t count = 0;
    const int32_t index = mote_tflite_input(import, source, 0);
    if (index != MOTE_NO_TENSOR && !import->tensors[index].tensor.data && !import->tensors[index].problem)
        return MOTE_OK;
    const enum mote_status status = read_ints(import, source, 0, "output_shape", stated, &count);
    if (status != MOTE_OK) return status;
    bool agrees = count == out->rank;
    for (int32_t i = 0; i < out->rank && agrees; i++) agrees = stated[i] == out->dims[i];
    if (agrees) return MOTE_OK;
    return mote_tflite_problem(import, source, index, MOTE_ERR_INPUT,
                               "\"output_shape\" differs from the shape of the output tensor");
}

static enum mote_status fill_transpose_conv(struct mote_tflite *import, const struct mote_tflite_op *source,
                                            struct mote_op *op)
{
    struct mote_attrs_conv *attrs = &op->attrs.conv;
    if (require_options(import, source) != MOTE_OK) return MOTE_ERR_INPUT;
    const struct mote_shape *x = shape_nhwc(import, source, op->inputs[0], "input");
    const struct mote_shape *weights =
        shape_nhwc(import, source, op->input_count > 1 ? op->inputs[1] : MOTE_NO_TENSOR, "filter");
    const struct mote_shape *out = shape_nhwc(import, source, op->outputs[0], "output");
    if (!x || !weights || !out) return MOTE_ERR_INPUT;
    const enum mote_status agrees = check_stated_shape(import, source, out);
    if (agrees != MOTE_OK) return agrees;
    const uint8_t padding = mote_flatbuffer_u8(&import->file, &source->options, CONV_PADDING, 0);
    attrs->stride_h = mote_flatbuffer_i32(&import->file, &source->options, CONV_STRIDE_H, 0);
    attrs->stride_w = mote_flatbuffer_i32(&import->file, &source->options, CONV_STRIDE_W, 0);
    attrs->dilation_h = attrs->dilation_w = 1;
    if (!resolve_transposed(padding, x->dims[1], out->dims[1], weights->dims[1], attrs->stride_h, &attrs->pad_top,
                            &attrs->pad_bottom) ||
        !resolve_transposed(padding, x->dims[2], out->dims[2], weights->dims[2], attrs->stride_w, &attrs->pad_left,
                            &attrs->pad_right))
        return bad_window(import, source);
    return read_activation(import, source, CONV_ACTIVATION, &attrs->activation);
}

static enum mote_status fill_fully_connected(struct mote_tflite *import, const struct mote_tflite_op *source,
                                             struct mote_op *op)
{
    if (mote_flatbuffer_u8(&import->file, &source->options, FULLY_CONNECTED_WEIGHTS_FORMAT, 0) != 0)
        return mote_tflite_problem(import, source, MOTE_NO_TENSOR, MOTE_ERR_UNSUPPORTED,
                                   "its weights are stored shuffled; convert the model with the default format");
    const uint8_t keep_dims = mote_flatbuffer_u8(&import->file, &source->options, FULLY_CONNECTED_KEEP_DIMS, 0);
    op->attrs.fully_connected.keep_dims = keep_dims != 0;
    return read_activation(import, source, FULLY_CONNECTED_ACTIVATION, &op->attrs.fully_connected.activation);
}

static enum mote_status fill_pool(struct mote_tflite *import, const struct mote_tflite_op *source, struct mote_op *op)
{
    struct mote_flatbuffer *file = &import->file;
    struct mote_attrs_pool *attrs = &op->attrs.pool;
    if (require_options(import, source) != MOTE_OK) return MOTE_ERR_INPUT;
    const struct mote_shape *x = shape_nhwc(import, source, op->inputs[0], "input");
    if (!x) return MOTE_ERR_INPUT;
    const uint8_t padding = mote_flatbuffer_u8(file, &source->options, POOL_PADDING, 0);
    attrs->filter_h = mote_flatbuffer_i32(file, &source->options, POOL_FILTER_H, 0);
    attrs->filter_w = mote_flatbuffer_i32(file, &source->options, POOL_FILTER_W, 0);
    attrs->stride_h = mote_flatbuffer_i32(file, &source->options, POOL_STRIDE_H, 0);
    attrs->stride_w = mote_flatbuffer_i32(file, &source->options, POOL_STRIDE_W, 0);
    const struct window rows = {x->dims[1], attrs->filter_h, attrs->stride_h, 1};
    const struct window columns = {x->dims[2], attrs->filter_w, attrs->stride_w, 1};
    if (!resolve_padding(padding, rows, &attrs->pad_top, &attrs->pad_bottom) ||
        !resolve_padding(padding, columns, &attrs->pad_left, &attrs->pad_right))
        return bad_window(import, source);
    return read_activation(import, source, POOL_ACTIVATION, &attrs->activation);
}

static enum mote_status fill_binary(struct mote_tflite *import, const struct mote_tflite_op *source, struct mote_op *op)
{
    return read_activation(import, source, BINARY_ACTIVATION, &op->attrs.binary.activation);
}

static enum mote_status fill_softmax(struct mote_tflite *import, const struct mote_tflite_op *source,
                                     struct mote_op *op)
{
    op->attrs.softmax.beta = mote_flatbuffer_f32(&import->file, &source->options, SOFTMAX_BETA, 0.0f);
    return require_options(import, source);
}

/* The result's shape is the output tensor's; the shape or axis input only has to be constant. */
static enum mote_status fill_reshape(struct mote_tflite *import, const struct mote_tflite_op *source,
                                     struct mote_op *op)
{
    (void)op;
    int64_t ignored[MOST_INTS];
    int32_t count;
    if (source->inputs.count < 2) return MOTE_OK;
    return read_ints(import, source, 1, "shape", ignored, &count);
}

/* The value that PADV2 states, which must be quantised like the output. */
static enum mote_status read_pad_value(struct mote_tflite *import, const struct mote_tflite_op *source,
                                       const struct mote_tensor *output, int32_t *value)
{
    const int32_t index = mote_tflite_input(import, source, 2);
    const struct mote_tensor *constant = index != MOTE_NO_TENSOR ? &import->tensors[index].tensor : NULL;
    if (!constant || !constant->data || mote_shape_elements(&constant->shape) != 1)
        return mote_tflite_problem(import, source, index, MOTE_ERR_UNSUPPORTED,
                                   "its padding value must be one constant");
    if (constant->dtype != output->dtype || mote_tensor_scale(constant) != mote_tensor_scale(output) ||
        mote_tensor_zero_point(constant) != mote_tensor_zero_point(output))
        return mote_tflite_problem(import, source, index, MOTE_ERR_UNSUPPORTED,
                                   "its padding value must have the type and quantisation of the output");
    float real = 0.0f;
    int16_t half = 0;
    switch (constant->dtype) {
    case MOTE_S8: *value = constant->data[0] - (constant->data[0] > 127 ? 256 : 0); return MOTE_OK;
    case MOTE_U8: *value = constant->data[0]; return MOTE_OK;
    case MOTE_S16:
        memcpy(&half, constant->data, sizeof half);
        *value = half;
        return MOTE_OK;
    case MOTE_S32: memcpy(value, constant->data, sizeof *value); return MOTE_OK;
    case MOTE_F32:
        memcpy(&real, constant->data, sizeof real);
        *value = 0;
        if (real == 0.0f) return MOTE_OK;
        break;
    default: break;
    }
    return mote_tflite_problem(import, source, index, MOTE_ERR_UNSUPPORTED, "mote pads this type with 0 only");
}

static enum mote_status fill_pad(struct mote_tflite *import, const struct mote_tflite_op *source, struct mote_op *op)
{
    int64_t paddings[MOST_INTS];
    int32_t count = 0;
    const enum mote_status status = read_ints(import, source, 1, "paddings", paddings, &count);
    if (status != MOTE_OK) return status;
    const struct mote_tensor *output = &import->graph->tensors[op->outputs[0]];
    if (count != 2 * first_shape(import, op)->rank)
        return mote_tflite_problem(import, source, MOTE_NO_TENSOR, MOTE_ERR_INPUT,
                                   "\"paddings\" has %d values, expected two per dimension", count);
    for (int32_t i = 0; i < count; i++) {
        if (paddings[i] < 0 || paddings[i] > INT32_MAX)
            return mote_tflite_problem(import, source, MOTE_NO_TENSOR, MOTE_ERR_INPUT, "a padding is out of range");
        (i % 2 ? op->attrs.pad.after : op->attrs.pad.before)[i / 2] = (int32_t)paddings[i];
    }
    if (source->inputs.count == 3) return read_pad_value(import, source, output, &op->attrs.pad.value);
    op->attrs.pad.value = mote_tensor_zero_point(output);
    return MOTE_OK;
}

static enum mote_status fill_mean(struct mote_tflite *import, const struct mote_tflite_op *source, struct mote_op *op)
{
    int64_t axes[MOST_INTS];
    int32_t count = 0;
    enum mote_status status = read_ints(import, source, 1, "axis", axes, &count);
    for (int32_t i = 0; status == MOTE_OK && i < count; i++) {
        int32_t axis = 0;
        status = normalise_axis(import, source, axes[i], first_shape(import, op)->rank, &axis);
        op->attrs.reduce.axes |= 1 << axis;
    }
    op->attrs.reduce.keep_dims = mote_flatbuffer_u8(&import->file, &source->options, REDUCER_KEEP_DIMS, 0) != 0;
    return status;
}

static enum mote_status fill_leaky_relu(struct mote_tflite *import, const struct mote_tflite_op *source,
                                        struct mote_op *op)
{
    op->attrs.leaky_relu.alpha = mote_flatbuffer_f32(&import->file, &source->options, LEAKY_RELU_ALPHA, 0.0f);
    return require_options(import, source);
}

static enum mote_status fill_concatenation(struct mote_tflite *import, const struct mote_tflite_op *source,
                                           struct mote_op *op)
{
    struct mote_attrs_concatenation *attrs = &op->attrs.concatenation;
    const int32_t axis = mote_flatbuffer_i32(&import->file, &source->options, CONCATENATION_AXIS, 0);
    const enum mote_status status = normalise_axis(import, source, axis, first_shape(import, op)->rank, &attrs->axis);
    return status != MOTE_OK ? status : read_activation(import, source, CONCATENATION_ACTIVATION, &attrs->activation);
}

static enum mote_status fill_split(struct mote_tflite *import, const struct mote_tflite_op *source, struct mote_op *op)
{
    int64_t axis[MOST_INTS];
    int32_t count = 0;
    const enum mote_status status = read_ints(import, source, 0, "axis", axis, &count);
    if (status != MOTE_OK) return status;
    const int32_t splits = mote_flatbuffer_i32(&import->file, &source->options, SPLIT_COUNT, 0);
    if (count != 1 || splits != op->output_count)
        return mote_tflite_problem(import, source, MOTE_NO_TENSOR, MOTE_ERR_INPUT,
                                   "it names %d axes and %d parts but has %d outputs", count, splits, op->output_count);
    return normalise_axis(import, source, axis[0], first_shape(import, op)->rank, &op->attrs.split.axis);
}

/* ---- Strided slices ---- */

struct slice {
    int64_t begin[MOST_INTS], end[MOST_INTS], stride[MOST_INTS];
    int32_t count; /* entries in each */
    int32_t begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_mask;
    bool end_is_offset;
};

static bool has_bit(int32_t mask, int32_t bit)
{
    return ((uint32_t)mask >> bit & 1u) != 0;
}

static enum mote_status read_slice(struct mote_tflite *import, const struct mote_tflite_op *source, struct slice *slice)
{
    struct mote_flatbuffer *file = &import->file;
    int32_t ends = 0, strides = 0;
    enum mote_status status = read_ints(import, source, 1, "begin", slice->begin, &slice->count);
    if (status == MOTE_OK) status = read_ints(import, source, 2, "end", slice->end, &ends);
    if (status == MOTE_OK) status = read_ints(import, source, 3, "strides", slice->stride, &strides);
    if (status != MOTE_OK) return status;
    if (ends != slice->count || strides != slice->count)
        return mote_tflite_problem(import, source, MOTE_NO_TENSOR, MOTE_ERR_INPUT,
                                   "\"begin\", \"end\" and \"strides\" differ in length");
    slice->begin_mask = mote_flatbuffer_i32(file, &source->options, SLICE_BEGIN_MASK, 0);
    slice->end_mask = mote_flatbuffer_i32(file, &source->options, SLICE_END_MASK, 0);
    slice->ellipsis_mask = mote_flatbuffer_i32(file, &source->options, SLICE_ELLIPSIS_MASK, 0);
    slice->new_axis_mask = mote_flatbuffer_i32(file, &source->options, SLICE_NEW_AXIS_MASK, 0);
    slice->shrink_mask = mote_flatbuffer_i32(file, &source->options, SLICE_SHRINK_MASK, 0);
    slice->end_is_offset = mote_flatbuffer_u8(file, &source->options, SLICE_OFFSET, 0) != 0;
    return MOTE_OK;
}

static int64_t clamp(int64_t value, int64_t low, int64_t high)
{
    return value < low ? low : value > high ? high : value;
}

/* The range of one axis of extent `dim`, as NumPy slices do it: negative bounds count from the end, bounds beyond the
 * axis are clamped to it. False if nothing is selected or a number is out of range. */
static bool resolve_range(const struct slice *slice, int32_t entry, int32_t dim, struct mote_attrs_strided_slice *attrs,
                          int32_t axis)
{
    const int64_t stride = slice->stride[entry];
    if (stride == 0 || stride < -INT32_MAX || stride > INT32_MAX) return false;
    const int64_t lowest = stride > 0 ? 0 : -1, highest = stride > 0 ? dim : dim - 1;
    const int64_t raw = clamp(slice->begin[entry], INT32_MIN, INT32_MAX);
    int64_t begin = clamp(raw < 0 ? raw + dim : raw, lowest, highest);
    if (has_bit(slice->begin_mask, entry)) begin = stride > 0 ? 0 : dim - 1;
    const int64_t stated = clamp(slice->end[entry], INT32_MIN, INT32_MAX) + (slice->end_is_offset ? begin : 0);
    int64_t end = clamp(stated < 0 ? stated + dim : stated, lowest, highest);
    if (has_bit(slice->end_mask, entry)) end = stride > 0 ? highest : lowest;
    if (has_bit(slice->shrink_mask, entry)) {
        if (begin < 0 || begin >= dim) return false;
        attrs->begin[axis] = (int32_t)begin;
        attrs->shrink |= 1 << axis;
        return true; /* one element, at stride 1 */
    }
    const int64_t size = stride > 0 ? (end - begin + stride - 1) / stride : (begin - end - stride - 1) / -stride;
    if (size < 1) return false;
    attrs->begin[axis] = (int32_t)begin;
    attrs->size[axis] = (int32_t)size;
    attrs->stride[axis] = size == 1 ? 1 : (int32_t)stride;
    return true;
}

static int32_t count_bits(int32_t mask, int32_t from, int32_t to)
{
    int32_t count = 0;
    for (int32_t i = from; i < to; i++) count += has_bit(mask, i);
    return count;
}

/* Walks the entries along the input's axes. An ellipsis stands for all axes that the entries after it leave over; a new
 * axis takes none. False if the entries do not fit the input. */
static bool resolve_slice(const struct slice *slice, const struct mote_shape *x, struct mote_attrs_strided_slice *attrs)
{
    int32_t axis = 0;
    if (count_bits(slice->ellipsis_mask, 0, slice->count) > 1) return false;
    for (int32_t entry = 0; entry < slice->count; entry++) {
        if (has_bit(slice->ellipsis_mask, entry)) {
            const int32_t left = slice->count - entry - 1 - count_bits(slice->new_axis_mask, entry + 1, slice->count);
            for (; axis < x->rank - left; axis++) attrs->size[axis] = x->dims[axis];
        } else if (!has_bit(slice->new_axis_mask, entry)) {
            if (axis >= x->rank || !resolve_range(slice, entry, x->dims[axis], attrs, axis)) return false;
            axis++;
        }
    }
    for (; axis < x->rank; axis++) attrs->size[axis] = x->dims[axis];
    return true;
}

/* New axes have no place in the attributes: the slice then writes a tensor without them, which the caller reshapes. */
static enum mote_status slice_to_narrow_tensor(struct mote_tflite *import, struct mote_op *op)
{
    const struct mote_attrs_strided_slice *attrs = &op->attrs.strided_slice;
    const struct mote_shape *x = first_shape(import, op);
    struct mote_tensor narrow = import->graph->tensors[op->outputs[0]];
    narrow.shape = (struct mote_shape){0};
    for (int32_t axis = 0; axis < x->rank; axis++)
        if (!has_bit(attrs->shrink, axis)) narrow.shape.dims[narrow.shape.rank++] = attrs->size[axis];
    narrow.name = mote_arena_printf(import->arena, "%s/slice", narrow.name);
    int32_t *outputs = MOTE_NEW(import->arena, int32_t);
    if (!narrow.name || !outputs) return mote_tflite_memory(import);
    *outputs = mote_graph_add_tensor(import->graph, narrow);
    if (*outputs < 0) return mote_tflite_memory(import);
    op->outputs = outputs;
    return MOTE_OK;
}

static enum mote_status fill_strided_slice(struct mote_tflite *import, const struct mote_tflite_op *source,
                                           struct mote_op *op)
{
    struct slice slice = {0};
    struct mote_attrs_strided_slice *attrs = &op->attrs.strided_slice;
    const enum mote_status status = read_slice(import, source, &slice);
    if (status != MOTE_OK) return status;
    for (int32_t axis = 0; axis < MOTE_MAX_RANK; axis++) attrs->size[axis] = attrs->stride[axis] = 1;
    if (!resolve_slice(&slice, first_shape(import, op), attrs))
        return mote_tflite_problem(import, source, MOTE_NO_TENSOR, MOTE_ERR_INPUT,
                                   "its bounds do not fit the input, select nothing, or have a stride of 0");
    /* Where an ellipsis and a new axis coincide the ellipsis counts. */
    const int32_t new_axes = slice.new_axis_mask & ~slice.ellipsis_mask;
    return count_bits(new_axes, 0, slice.count) ? slice_to_narrow_tensor(import, op) : MOTE_OK;
}

/* ---- The rules ---- */

enum { ANY = 255 };

static const struct mote_tflite_rule rules[] = {
    {0, MOTE_OP_ADD, 11, 2, 2, NULL, fill_binary},
    {1, MOTE_OP_AVERAGE_POOL_2D, 5, 1, 1, NULL, fill_pool},
    {2, MOTE_OP_CONCATENATION, 10, 1, ANY, NULL, fill_concatenation},
    {3, MOTE_OP_CONV_2D, 1, 2, 3, NULL, fill_conv},
    {4, MOTE_OP_DEPTHWISE_CONV_2D, 2, 2, 3, NULL, fill_depthwise},
    {6, MOTE_OP_DEQUANTIZE, 38, 1, 1, NULL, NULL},
    {9, MOTE_OP_FULLY_CONNECTED, 8, 2, 3, NULL, fill_fully_connected},
    {14, MOTE_OP_LOGISTIC, 0, 1, 1, NULL, NULL},
    {17, MOTE_OP_MAX_POOL_2D, 5, 1, 1, NULL, fill_pool},
    {18, MOTE_OP_MUL, 21, 2, 2, NULL, fill_binary},
    {19, MOTE_OP_RELU, 0, 1, 1, NULL, NULL},
    {21, MOTE_OP_RELU6, 0, 1, 1, NULL, NULL},
    {22, MOTE_OP_RESHAPE, 17, 1, 2, "0", fill_reshape},
    {25, MOTE_OP_SOFTMAX, 9, 1, 1, NULL, fill_softmax},
    {28, MOTE_OP_TANH, 0, 1, 1, NULL, NULL},
    {34, MOTE_OP_PAD, 22, 2, 2, "0", fill_pad},
    {40, MOTE_OP_MEAN, 27, 2, 2, "0", fill_mean},
    {41, MOTE_OP_SUB, 28, 2, 2, NULL, fill_binary},
    {43, MOTE_OP_RESHAPE, 30, 1, 1, NULL, NULL}, /* SQUEEZE */
    {45, MOTE_OP_STRIDED_SLICE, 32, 4, 4, "0", fill_strided_slice},
    {49, MOTE_OP_SPLIT, 35, 2, 2, "1", fill_split},
    {55, MOTE_OP_MAXIMUM, 39, 2, 2, NULL, NULL},
    {57, MOTE_OP_MINIMUM, 39, 2, 2, NULL, NULL},
    {60, MOTE_OP_PAD, 43, 3, 3, "0", fill_pad}, /* PADV2 */
    {67, MOTE_OP_TRANSPOSE_CONV, 49, 3, 4, "213", fill_transpose_conv},
    {70, MOTE_OP_RESHAPE, 52, 2, 2, "0", fill_reshape}, /* EXPAND_DIMS */
    {98, MOTE_OP_LEAKY_RELU, 75, 1, 1, NULL, fill_leaky_relu},
    {114, MOTE_OP_QUANTIZE, 89, 1, 1, NULL, NULL},
    {117, MOTE_OP_HARD_SWISH, 91, 1, 1, NULL, NULL},
};

const struct mote_tflite_rule *mote_tflite_rules(size_t *count)
{
    *count = sizeof rules / sizeof rules[0];
    return rules;
}

const struct mote_tflite_rule *mote_tflite_rule_find(uint32_t code)
{
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
        if (rules[i].code == code) return &rules[i];
    return NULL;
}

const char *mote_tflite_operator_name(uint32_t code)
{
    static const char *const names[] = {
#define N(name) #name,
#include "tflite_operators.def"
#undef N
    };
    return code < sizeof names / sizeof names[0] ? names[code] : NULL;
}
