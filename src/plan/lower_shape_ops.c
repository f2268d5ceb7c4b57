/* RESHAPE, PAD, CONCATENATION, STRIDED_SLICE and SPLIT: operators that move stored values; doc/SPEC.md, "Data movement". */
#include "lower_util.h"

#include <string.h>

enum mote_status mote_lower_reshape(struct mote_lower *lower, const struct mote_op *op)
{
    const struct mote_tensor *in = &lower->graph->tensors[op->inputs[0]], *out = &lower->graph->tensors[op->outputs[0]];
    if (in->dtype != out->dtype)
        return mote_lower_unsupported(lower, op, op->inputs[0], "input and output types differ");
    mote_lower_warn_requantised(lower, op, op->inputs[0], op->outputs[0]);
    return mote_lower_alias(lower, op);
}

/* ---- PAD ---- */

struct padding {
    int64_t in[MOTE_MAX_RANK], before[MOTE_MAX_RANK], after[MOTE_MAX_RANK];
    int axes;
};

/* Axis i + 1 has no border: it and axis i are one axis whose border is measured in its elements. */
static void merge_padding(struct padding *p, int i)
{
    const int64_t inner = p->in[i + 1];
    const size_t rest = (size_t)(p->axes - i - 2) * sizeof p->in[0];
    p->in[i] *= inner;
    p->before[i] *= inner;
    p->after[i] *= inner;
    memmove(&p->in[i + 1], &p->in[i + 2], rest);
    memmove(&p->before[i + 1], &p->before[i + 2], rest);
    memmove(&p->after[i + 1], &p->after[i + 2], rest);
    p->axes--;
}

/* The axes as NHWC, leading ones added; with more than four, outer axes are merged where the inner one has no border. */
static bool make_padding(const struct mote_shape *shape, const struct mote_attrs_pad *attrs, struct padding *p)
{
    const int missing = shape->rank < 4 ? 4 - shape->rank : 0;
    *p = (struct padding){.axes = shape->rank + missing};
    for (int i = 0; i < p->axes; i++) {
        p->in[i] = i < missing ? 1 : shape->dims[i - missing];
        p->before[i] = i < missing ? 0 : attrs->before[i - missing];
        p->after[i] = i < missing ? 0 : attrs->after[i - missing];
    }
    while (p->axes > 4) {
        int i = 0;
        while (i < p->axes - 1 && (p->before[i + 1] || p->after[i + 1])) i++;
        if (i == p->axes - 1) return false;
        merge_padding(p, i);
    }
    int64_t out[4];
    for (int i = 0; i < 4; i++) {
        out[i] = p->in[i] + p->before[i] + p->after[i];
        if (p->in[i] < 1 || p->before[i] < 0 || p->after[i] < 0 || out[i] > UINT16_MAX) return false;
    }
    return out[0] * out[1] <= UINT16_MAX && out[2] * out[3] <= UINT16_MAX;
}

static void set_padding(struct mk_pad *k, const struct padding *p, int32_t value)
{
    k->in_n = (uint16_t)p->in[0];
    k->in_h = (uint16_t)p->in[1];
    k->in_w = (uint16_t)p->in[2];
    k->in_c = (uint16_t)p->in[3];
    k->out_n = (uint16_t)(p->in[0] + p->before[0] + p->after[0]);
    k->out_h = (uint16_t)(p->in[1] + p->before[1] + p->after[1]);
    k->out_w = (uint16_t)(p->in[2] + p->before[2] + p->after[2]);
    k->out_c = (uint16_t)(p->in[3] + p->before[3] + p->after[3]);
    k->before_n = (uint16_t)p->before[0];
    k->before_h = (uint16_t)p->before[1];
    k->before_w = (uint16_t)p->before[2];
    k->before_c = (uint16_t)p->before[3];
    k->in_ring = (uint16_t)(k->in_n * k->in_h);
    k->out_ring = (uint16_t)(k->out_n * k->out_h);
    k->value = value;
}

static const char *pad_kernel(enum mote_dtype dtype)
{
    switch (dtype) {
    case MOTE_S8: return "pad_x8";
    case MOTE_S16: return "pad_x16";
    case MOTE_S32: return "pad_x32";
    default: return NULL;
    }
}

enum mote_status mote_lower_pad(struct mote_lower *lower, const struct mote_op *op)
{
    const struct mote_tensor *in = &lower->graph->tensors[op->inputs[0]], *out = &lower->graph->tensors[op->outputs[0]];
    const char *name = pad_kernel(in->dtype);
    if (!name || in->dtype != out->dtype)
        return mote_lower_unsupported_because(lower, op, op->inputs[0],
                                              "types %s to %s; supported: int8, int16 and int32, the same in and out",
                                              mote_dtype_name(in->dtype), mote_dtype_name(out->dtype));
    mote_lower_warn_requantised(lower, op, op->inputs[0], op->outputs[0]);
    struct padding padding;
    if (!make_padding(&in->shape, &op->attrs.pad, &padding))
        return mote_lower_unsupported(lower, op, op->outputs[0],
                                      "shape: borders on at most 4 axes, N*H and W*C at most 65535");
    struct mk_pad params;
    set_padding(&params, &padding, op->attrs.pad.value);
    enum mote_status status;
    struct mote_step *step = mote_lower_step(lower, op, name, (const int[2]){0, -1}, 0, params.out_ring, &status);
    if (!step) return status;
    *(struct mk_pad *)step->params = params;
    const size_t element_bytes = mote_dtype_bytes(in->dtype);
    struct mote_operand *operand = &step->inputs[0];
    mote_lower_map_same_rows(operand, params.out_h, (uint32_t)((size_t)params.in_w * params.in_c * element_bytes));
    operand->rows.in_rows = params.in_h;
    operand->rows.pad = params.before_h;
    /* With several batch entries the rows of the lower border would claim that the next entry's rows are dead. */
    if (params.out_n > 1) mote_lower_map_everything(operand, params.out_h, params.in_ring, operand->row_bytes);
    step->output.row_bytes = (uint32_t)((size_t)params.out_w * params.out_c * element_bytes);
    return MOTE_OK;
}

/* ---- Strided copies ---- */

/* Nested loops over bytes, outermost first. */
struct copy {
    struct {
        int64_t size, in_stride, out_stride;
    } axes[MOTE_MAX_RANK];
    int axis_count;
    int64_t in_start, out_start, element_bytes;
};

static void remove_axis(struct copy *copy, int axis)
{
    memmove(&copy->axes[axis], &copy->axes[axis + 1], (size_t)(copy->axis_count - axis - 1) * sizeof copy->axes[0]);
    copy->axis_count--;
}

/* Drops axes of one step, makes one of two axes where the outer one only continues the inner one, and makes the innermost
 * contiguous run one element: long copies, few loops. */
static void simplify(struct copy *copy)
{
    for (int i = copy->axis_count - 1; i >= 0; i--)
        if (copy->axes[i].size == 1) remove_axis(copy, i);
    for (int i = copy->axis_count - 2; i >= 0; i--) {
        const int64_t inner = copy->axes[i + 1].size, size = copy->axes[i].size * inner;
        if (copy->axes[i].in_stride != inner * copy->axes[i + 1].in_stride ||
            copy->axes[i].out_stride != inner * copy->axes[i + 1].out_stride || size > UINT16_MAX)
            continue;
        copy->axes[i] = copy->axes[i + 1];
        copy->axes[i].size = size;
        remove_axis(copy, i + 1);
    }
    const int last = copy->axis_count - 1;
    if (last < 0 || copy->axes[last].in_stride != copy->element_bytes ||
        copy->axes[last].out_stride != copy->element_bytes ||
        copy->axes[last].size * copy->element_bytes > UINT16_MAX)
        return;
    copy->element_bytes *= copy->axes[last].size;
    remove_axis(copy, last);
}

/* Fills the kernel's parameters. Rows of the step are the outermost loop if `by_rows`, else there is one. */
static bool set_copy(struct mk_copy *k, const struct copy *copy, bool by_rows)
{
    const int first = by_rows ? 0 : 1;
    if (copy->axis_count + first > 5) return false;
    *k = (struct mk_copy){.size = {1, 1, 1, 1, 1}, .element_bytes = (uint16_t)copy->element_bytes};
    k->in_start = (int32_t)copy->in_start;
    k->out_start = (int32_t)copy->out_start;
    for (int i = 0; i < copy->axis_count; i++) {
        if (copy->axes[i].size > UINT16_MAX) return false;
        k->size[i + first] = (uint16_t)copy->axes[i].size;
        k->in_stride[i + first] = (int32_t)copy->axes[i].in_stride;
        k->out_stride[i + first] = (int32_t)copy->axes[i].out_stride;
    }
    return true;
}

/* True if the loops write the whole tensor from its first byte to its last, one outermost step after the other. */
static bool writes_rows(const struct copy *copy, size_t tensor_bytes)
{
    int64_t bytes = copy->element_bytes;
    for (int i = copy->axis_count - 1; i >= 0; i--) {
        if (copy->axes[i].out_stride != bytes) return false;
        bytes *= copy->axes[i].size;
    }
    return copy->axis_count > 0 && copy->out_start == 0 && bytes == (int64_t)tensor_bytes;
}

/* Declares which input rows the copy's rows need, a row of the input being one step of the outermost loop: output row r
 * reads rows r + k to r + k + window - 1. Without rows, or with an input that is not a whole number of them or read
 * backwards, any of it may be needed to the end. */
static void map_copied_rows(struct mote_operand *operand, const struct copy *copy, bool by_rows, uint32_t rows,
                            size_t in_bytes)
{
    const int64_t row_bytes = by_rows ? copy->axes[0].in_stride : 0;
    bool forwards = row_bytes > 0 && (int64_t)in_bytes % row_bytes == 0;
    int64_t span = copy->element_bytes; /* from the first to behind the last byte that one output row reads */
    for (int i = 1; i < copy->axis_count; i++) {
        forwards = forwards && copy->axes[i].in_stride > 0;
        span += (copy->axes[i].size - 1) * copy->axes[i].in_stride;
    }
    mote_lower_map_everything(operand, rows, 1, (uint32_t)in_bytes);
    if (!forwards) return;
    const int64_t skipped = copy->in_start / row_bytes;
    operand->row_bytes = (uint32_t)row_bytes;
    operand->rows.in_rows = (uint32_t)((int64_t)in_bytes / row_bytes);
    operand->rows.stride = 1;
    operand->rows.pad = (int32_t)-skipped;
    operand->window_rows = (uint32_t)((copy->in_start % row_bytes + span + row_bytes - 1) / row_bytes);
}

static enum mote_status add_copy(struct mote_lower *lower, const struct mote_op *op, struct copy *copy, int input,
                                 int output, bool completes_tensor)
{
    const struct mote_tensor *in = &lower->graph->tensors[op->inputs[input]];
    const size_t out_bytes = mote_tensor_bytes(&lower->graph->tensors[op->outputs[output]]);
    simplify(copy);
    const bool by_rows = writes_rows(copy, out_bytes);
    struct mk_copy params;
    if (!set_copy(&params, copy, by_rows))
        return mote_lower_unsupported(lower, op, op->outputs[output],
                                      "shape: too many separate axes, or an extent above 65535");
    enum mote_status status;
    struct mote_step *step =
        mote_lower_step(lower, op, "copy", (const int[2]){input, -1}, output, params.size[0], &status);
    if (!step) return status;
    *(struct mk_copy *)step->params = params;
    map_copied_rows(&step->inputs[0], copy, by_rows, params.size[0], mote_tensor_bytes(in));
    step->output.row_bytes = (uint32_t)(out_bytes / params.size[0]);
    step->completes_tensor = completes_tensor;
    return MOTE_OK;
}

/* The loops over all elements of a tensor of that shape; both sides laid out like it. */
static struct copy copy_of_shape(const struct mote_shape *shape, size_t element_bytes)
{
    struct copy copy = {.axis_count = shape->rank, .element_bytes = (int64_t)element_bytes};
    int64_t stride = (int64_t)element_bytes;
    for (int i = shape->rank - 1; i >= 0; i--) {
        copy.axes[i].size = shape->dims[i];
        copy.axes[i].in_stride = copy.axes[i].out_stride = stride;
        stride *= shape->dims[i];
    }
    return copy;
}

static enum mote_status check_moved(struct mote_lower *lower, const struct mote_op *op, int32_t input, int32_t output)
{
    const struct mote_tensor *in = &lower->graph->tensors[input], *out = &lower->graph->tensors[output];
    if (in->dtype != out->dtype)
        return mote_lower_unsupported(lower, op, input, "input and output types differ");
    if (mote_tensor_bytes(in) > INT32_MAX || mote_tensor_bytes(out) > INT32_MAX)
        return mote_lower_unsupported(lower, op, input, "tensor of more than 2 GB");
    mote_lower_warn_requantised(lower, op, input, output);
    return MOTE_OK;
}

enum mote_status mote_lower_concatenation(struct mote_lower *lower, const struct mote_op *op)
{
    const struct mote_tensor *tensors = lower->graph->tensors;
    const struct mote_tensor *out = &tensors[op->outputs[0]];
    const int32_t axis = op->attrs.concatenation.axis;
    if (op->attrs.concatenation.activation != MOTE_ACT_NONE)
        return mote_lower_unsupported(lower, op, op->outputs[0], "fused activation; the reference has none either");
    const size_t element_bytes = mote_dtype_bytes(out->dtype);
    const struct copy whole = copy_of_shape(&out->shape, element_bytes);
    int64_t begin = 0;
    for (int32_t i = 0; i < op->input_count; i++) {
        const struct mote_tensor *in = &tensors[op->inputs[i]];
        enum mote_status status = check_moved(lower, op, op->inputs[i], op->outputs[0]);
        if (status != MOTE_OK) return status;
        struct copy copy = copy_of_shape(&in->shape, element_bytes);
        for (int k = 0; k < copy.axis_count; k++) copy.axes[k].out_stride = whole.axes[k].out_stride;
        copy.out_start = begin * whole.axes[axis].out_stride;
        begin += in->shape.dims[axis];
        status = add_copy(lower, op, &copy, i, 0, i + 1 == op->input_count);
        if (status != MOTE_OK) return status;
    }
    return MOTE_OK;
}

enum mote_status mote_lower_split(struct mote_lower *lower, const struct mote_op *op)
{
    const struct mote_tensor *tensors = lower->graph->tensors;
    const struct mote_tensor *in = &tensors[op->inputs[0]];
    const int32_t axis = op->attrs.split.axis;
    const size_t element_bytes = mote_dtype_bytes(in->dtype);
    const struct copy whole = copy_of_shape(&in->shape, element_bytes);
    int64_t begin = 0;
    for (int32_t i = 0; i < op->output_count; i++) {
        const struct mote_tensor *out = &tensors[op->outputs[i]];
        enum mote_status status = check_moved(lower, op, op->inputs[0], op->outputs[i]);
        if (status != MOTE_OK) return status;
        struct copy copy = copy_of_shape(&out->shape, element_bytes);
        for (int k = 0; k < copy.axis_count; k++) copy.axes[k].in_stride = whole.axes[k].in_stride;
        copy.in_start = begin * whole.axes[axis].in_stride;
        begin += out->shape.dims[axis];
        status = add_copy(lower, op, &copy, 0, i, true);
        if (status != MOTE_OK) return status;
    }
    return MOTE_OK;
}

enum mote_status mote_lower_strided_slice(struct mote_lower *lower, const struct mote_op *op)
{
    const struct mote_tensor *in = &lower->graph->tensors[op->inputs[0]];
    const struct mote_attrs_strided_slice *attrs = &op->attrs.strided_slice;
    const enum mote_status status = check_moved(lower, op, op->inputs[0], op->outputs[0]);
    if (status != MOTE_OK) return status;
    struct mote_shape sizes = {.rank = in->shape.rank};
    for (int i = 0; i < sizes.rank; i++) sizes.dims[i] = attrs->size[i];
    const size_t element_bytes = mote_dtype_bytes(in->dtype);
    const struct copy whole = copy_of_shape(&in->shape, element_bytes);
    struct copy copy = copy_of_shape(&sizes, element_bytes);
    for (int i = 0; i < copy.axis_count; i++) {
        copy.axes[i].in_stride = attrs->stride[i] * whole.axes[i].in_stride;
        copy.in_start += attrs->begin[i] * whole.axes[i].in_stride;
    }
    return add_copy(lower, op, &copy, 0, 0, true);
}
