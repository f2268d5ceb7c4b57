/* verify_strips.c: that a plan in strips computes the network: every step of a strip, tap by tap, reads the columns that
 * the operator asks for, pads where the image ends and nowhere else, and writes the columns that it says. Compares with the
 * graph's operators; trusts nothing that strips.c wrote down. */
#include "stream.h"
#include "verify.h"

#include <string.h>

struct part {
    int64_t begin, end; /* columns of the tensor */
};

static int64_t field_of(const struct mote_step *step, const char *name)
{
    return mote_params_get(step->kernel->params, step->params, name, -1);
}

static const struct mote_tensor *tensor_of(const struct mote_plan *plan, int32_t buffer)
{
    return &plan->graph->tensors[plan->buffers[buffer].tensor];
}

static int64_t column_bytes_of(const struct mote_tensor *tensor)
{
    return (int64_t)tensor->shape.dims[3] * (int64_t)mote_dtype_bytes(tensor->dtype);
}

/* The columns that an operand covers; false, with an error, if its bytes are no whole columns of the buffer's. */
static bool find_part(struct mote_plan_check *check, const struct mote_step *step, const struct mote_operand *operand,
                      struct part *part)
{
    const struct mote_stream_buffer *b = &check->plan->stream->buffers[operand->buffer];
    const struct mote_tensor *tensor = tensor_of(check->plan, operand->buffer);
    if (tensor->shape.rank != 4 || tensor->shape.dims[0] != 1 || (int64_t)b->row_count != tensor->shape.dims[1]) {
        mote_verify_fail(check, step->name, "is part of a strip, but touches what is no image in rows", b->row_count, 0);
        return false;
    }
    const int64_t bytes = column_bytes_of(tensor), all = tensor->shape.dims[2], held = b->column_count ? (int64_t)b->column_count : all;
    const int64_t end = (int64_t)operand->offset_bytes + operand->row_bytes;
    if (operand->offset_bytes % bytes || operand->row_bytes % bytes || !operand->row_bytes || end > b->row_bytes ||
        held * bytes != b->row_bytes || b->first_column + held > all) {
        mote_verify_fail(check, step->name, "touches bytes that are no columns of its buffer", end, b->row_bytes);
        return false;
    }
    part->begin = b->first_column + operand->offset_bytes / bytes;
    part->end = part->begin + operand->row_bytes / bytes;
    return true;
}

/* The operator's window along a row. */
struct window {
    int64_t stride, pad, taps, dilation;
};

static bool find_window(const struct mote_graph *graph, const struct mote_op *op, struct window *window)
{
    if (op->kind == MOTE_OP_CONV_2D || op->kind == MOTE_OP_DEPTHWISE_CONV_2D) {
        const struct mote_attrs_conv *a = &op->attrs.conv;
        *window = (struct window){a->stride_w, a->pad_left, graph->tensors[op->inputs[1]].shape.dims[2], a->dilation_w};
        return true;
    }
    if (op->kind == MOTE_OP_AVERAGE_POOL_2D || op->kind == MOTE_OP_MAX_POOL_2D) {
        const struct mote_attrs_pool *a = &op->attrs.pool;
        *window = (struct window){a->stride_w, a->pad_left, a->filter_w, 1};
        return true;
    }
    return false;
}

static void check_window(struct mote_plan_check *check, const struct mote_step *step, const struct window *window,
                         struct part in, struct part out)
{
    const int64_t columns = tensor_of(check->plan, step->inputs[0].buffer)->shape.dims[2];
    const int64_t width = field_of(step, "in_w"), pad = field_of(step, "pad_left");
    if (width != in.end - in.begin || field_of(step, "out_w") != out.end - out.begin)
        mote_verify_fail(check, step->name, "is told another width than its part has", width, in.end - in.begin);
    if (out.end - out.begin < step->least_columns)
        mote_verify_fail(check, step->name, "has fewer columns than its kernel takes", out.end - out.begin, step->least_columns);
    for (int64_t x = out.begin; x < out.end && !check->error_count; x++)
        for (int64_t k = 0; k < window->taps; k++) {
            const int64_t wanted = x * window->stride - window->pad + k * window->dilation;
            const int64_t read = (x - out.begin) * window->stride - pad + k * window->dilation;
            const bool is_padding = wanted < 0 || wanted >= columns, reads_padding = read < 0 || read >= width;
            if (is_padding == reads_padding && (is_padding || read + in.begin == wanted)) continue;
            mote_verify_fail(check, step->name, "reads another column than the operator", read + in.begin, wanted);
            return;
        }
}

/* One column from one column: the parts are the same, and the kernel computes as many elements as they have. */
static void check_elementwise(struct mote_plan_check *check, const struct mote_step *step, const struct part *in,
                              struct part out)
{
    const int64_t channels = tensor_of(check->plan, step->output.buffer)->shape.dims[3];
    const int64_t elements = (out.end - out.begin) * channels;
    const bool is_binary = !strcmp(step->kernel->params->name, "mk_binary");
    const int64_t told = is_binary ? field_of(step, "width") * field_of(step, "channels") : field_of(step, "row_elements");
    if (told != elements) mote_verify_fail(check, step->name, "is told another width than its part has", told, elements);
    for (int i = 0; i < step->kernel->input_count; i++) {
        if (tensor_of(check->plan, step->inputs[i].buffer)->shape.dims[3] != channels)
            mote_verify_fail(check, step->name, "has operands of other channels", i, channels);
        if (in[i].begin != out.begin || in[i].end != out.end)
            mote_verify_fail(check, step->name, "reads another column than the operator", in[i].begin, out.begin);
    }
}

static void check_strip_step(struct mote_plan_check *check, const struct mote_step *step)
{
    struct part in[2] = {{0, 0}, {0, 0}}, out = {0, 0};
    struct window window;
    bool known = find_part(check, step, &step->output, &out);
    for (int i = 0; i < step->kernel->input_count; i++) known = find_part(check, step, &step->inputs[i], &in[i]) && known;
    if (!known) return;
    if (step->kernel->input_count && find_window(check->plan->graph, &check->plan->graph->ops[step->op], &window))
        check_window(check, step, &window, in[0], out);
    else
        check_elementwise(check, step, in, out);
}

/* Whole rows of what belongs to no strip. */
static void check_whole_operand(struct mote_plan_check *check, const struct mote_step *step,
                                const struct mote_operand *operand)
{
    const struct mote_stream_buffer *b = &check->plan->stream->buffers[operand->buffer];
    if (operand->offset_bytes || b->column_count || (b->row_count && operand->row_bytes != b->row_bytes))
        mote_verify_fail(check, step->name, "is part of no strip, but touches a part of a row", operand->row_bytes,
                         b->row_bytes);
}

void mote_stream_verify_strips(struct mote_plan_check *check)
{
    const struct mote_plan *plan = check->plan;
    const struct mote_stream *stream = plan->stream;
    if (stream->strip_count && (!plan->graph || plan->graph->input_count != 1 || !stream->step_strips ||
                                (int32_t)stream->strip_count != plan->input_count)) {
        mote_verify_fail(check, "strips", "have not one input each", plan->input_count, stream->strip_count);
        return;
    }
    for (int32_t s = 0; s < plan->step_count && !check->error_count; s++) {
        const struct mote_step *step = &plan->steps[s];
        if (mote_stream_strip_of(stream, s) >= 0) {
            check_strip_step(check, step);
            continue;
        }
        if (!mote_stream_is_accumulator(step)) check_whole_operand(check, step, &step->output);
        for (int i = 0; i < step->kernel->input_count; i++) check_whole_operand(check, step, &step->inputs[i]);
    }
}
