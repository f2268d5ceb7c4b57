#include "info.h"

#include "../pass/intervals.h"
#include "../plan/stream.h"

static struct mote_tensor_info tensor_info(const struct mote_tensor *tensor)
{
    struct mote_tensor_info info = {
        .name = tensor->name,
        .dtype = mote_dtype_name(tensor->dtype),
        .rank = tensor->shape.rank,
        .bytes = mote_tensor_bytes(tensor),
        .quantised = tensor->quant.count > 0,
    };
    for (int32_t i = 0; i < tensor->shape.rank; i++) info.dims[i] = tensor->shape.dims[i];
    if (tensor->quant.count == 1) {
        info.scale = mote_tensor_scale(tensor);
        info.zero_point = mote_tensor_zero_point(tensor);
    }
    return info;
}

static struct mote_tensor_info *port_infos(struct mote_graph *graph, const int32_t *tensors, int32_t count, size_t *bytes)
{
    struct mote_tensor_info *infos = MOTE_NEW_ARRAY(graph->arena, struct mote_tensor_info, (size_t)count);
    for (int32_t i = 0; infos && i < count; i++) {
        infos[i] = tensor_info(&graph->tensors[tensors[i]]);
        *bytes += infos[i].bytes;
    }
    return infos;
}

static size_t parameter_bytes(const struct mote_graph *graph, const struct mote_op *op)
{
    size_t bytes = 0;
    for (int32_t k = 0; k < op->input_count; k++)
        if (op->inputs[k] != MOTE_NO_TENSOR && graph->tensors[op->inputs[k]].data)
            bytes += mote_tensor_bytes(&graph->tensors[op->inputs[k]]);
    return bytes;
}

static bool has_weights(enum mote_op_kind kind)
{
    return kind == MOTE_OP_CONV_2D || kind == MOTE_OP_DEPTHWISE_CONV_2D || kind == MOTE_OP_TRANSPOSE_CONV ||
           kind == MOTE_OP_FULLY_CONNECTED;
}

static void note_accumulators(const struct mote_accumulators *accumulators, struct mote_op_weights_info *info)
{
    for (int32_t o = 0; o < accumulators->channels; o++) {
        const int bits = mote_interval_bits(accumulators->sums[o]);
        if (bits > info->accumulator_bits) info->accumulator_bits = bits;
        info->channels_of_16_bits += bits <= 16;
    }
}

/* One list entry per operator with weights, in the order of the report. */
static enum mote_status note_weights(struct mote *mote, struct mote_op_info *ops)
{
    const struct mote_channel_report *report = &mote->channel_report;
    struct mote_op_weights_info *list =
        MOTE_NEW_ARRAY(mote->graph->arena, struct mote_op_weights_info, (size_t)report->change_count);
    struct mote_intervals *intervals = NULL;
    struct mote_arena scratch;
    if (!list) return mote_error_memory(&mote->diag);
    mote_arena_init(&scratch, mote->graph->arena->limit_bytes);
    const enum mote_status status = mote_intervals_build(mote->graph, &scratch, &intervals, &mote->diag);
    for (int32_t i = 0; status == MOTE_OK && i < report->change_count; i++) {
        const struct mote_channel_change *c = &report->changes[i];
        list[i] = (struct mote_op_weights_info){
            .channels_before = c->before.channels, .channels = c->after.channels,
            .weights_before = c->before.weights, .weights = c->after.weights, .nonzero_weights = c->after.nonzero_weights,
            .macs_before = c->before.macs, .macs = c->after.macs,
            .zero_channels = c->zero_channels, .constant_channels = c->constant_channels,
            .unread_channels = c->unread_channels,
        };
        note_accumulators(&intervals->accumulators[c->op_index], &list[i]);
        ops[c->op_index].weights = &list[i];
    }
    mote_arena_free(&scratch);
    return status;
}

enum mote_status mote_info_model(struct mote *mote, const struct mote_pass_info *passes, size_t pass_count)
{
    struct mote_graph *graph = mote->graph;
    struct mote_model_info *info = MOTE_NEW(graph->arena, struct mote_model_info);
    struct mote_op_info *ops = MOTE_NEW_ARRAY(graph->arena, struct mote_op_info, (size_t)graph->op_count);
    if (!info || !ops) return mote_error_memory(&mote->diag);
    *info = (struct mote_model_info){
        .name = graph->name,
        .ops = ops,
        .op_count = (size_t)graph->op_count,
        .source_op_count = (size_t)mote->source->op_count,
        .passes = passes,
        .pass_count = pass_count,
        .input_count = (size_t)graph->input_count,
        .output_count = (size_t)graph->output_count,
    };
    info->inputs = port_infos(graph, graph->inputs, graph->input_count, &info->vector_input_bytes);
    info->outputs = port_infos(graph, graph->outputs, graph->output_count, &info->vector_output_bytes);
    if (!info->inputs || !info->outputs) return mote_error_memory(&mote->diag);
    for (int32_t i = 0; i < graph->op_count; i++) {
        const struct mote_op *op = &graph->ops[i];
        ops[i] = (struct mote_op_info){
            .source_index = op->source_index,
            .type = op->source_type ? op->source_type : mote_op_name(op->kind),
            .output = tensor_info(&graph->tensors[op->outputs[0]]),
            .macs = mote_op_macs(graph, op),
            .parameter_bytes = parameter_bytes(graph, op),
        };
        if (op->input_count && op->inputs[0] != MOTE_NO_TENSOR) ops[i].input = tensor_info(&graph->tensors[op->inputs[0]]);
        info->macs += ops[i].macs;
        info->parameter_bytes += ops[i].parameter_bytes;
        if (has_weights(op->kind)) info->weight_bytes += mote_tensor_bytes(&graph->tensors[op->inputs[1]]);
    }
    const enum mote_status status = note_weights(mote, ops);
    if (status != MOTE_OK) return status;
    mote->model_info = info;
    return MOTE_OK;
}

/* Has the chip kernels among which the share of zeros decides? */
static bool skips_zeros_anywhere(const struct mote_target *target)
{
    for (int id = 0; id < MOTE_KERNEL_COUNT; id++) {
        const struct mote_kernel *kernel = mote_kernel_get((enum mote_kernel_id)id);
        if (kernel->timing == MOTE_TIMING_SKIPS_ZEROS && mote_target_has_kernel(target, kernel)) return true;
    }
    return false;
}

static void note_choice(const struct mote_plan *plan, const struct mote_step *step, struct mote_step_info *info)
{
    const struct mote_op *op = &plan->graph->ops[step->op];
    if (!has_weights(op->kind) || plan->graph->tensors[op->inputs[0]].dtype != MOTE_S8) return;
    bool is_measured;
    info->zero_share = mote_plan_zero_share(plan->graph, op->inputs[0], &is_measured);
    info->skips_zeros = step->kernel->timing == MOTE_TIMING_SKIPS_ZEROS;
    info->choice = plan->steady_time ? MOTE_CHOICE_CONSTANT_TIME : is_measured ? MOTE_CHOICE_MEASURED : MOTE_CHOICE_DEFAULT;
}

/* The first step that reads the buffer. */
static const char *reader_of(const struct mote_plan *plan, int32_t buffer)
{
    for (int32_t s = 0; s < plan->step_count; s++)
        if (plan->steps[s].inputs[0].buffer == buffer) return plan->steps[s].name;
    return NULL;
}

enum mote_status mote_info_plan(struct mote *mote, bool fits)
{
    const struct mote_plan *plan = mote->plan;
    struct mote_plan_info *info = MOTE_NEW(plan->arena, struct mote_plan_info);
    struct mote_step_info *steps = MOTE_NEW_ARRAY(plan->arena, struct mote_step_info, (size_t)plan->step_count);
    if (!info || !steps) return mote_error_memory(&mote->diag);
    const bool chip_skips_zeros = skips_zeros_anywhere(plan->target);
    for (int32_t i = 0; i < plan->step_count; i++) {
        const struct mote_step *step = &plan->steps[i];
        const struct mote_buffer *out = &plan->buffers[step->output.buffer];
        char *kernel = mote_arena_printf(plan->arena, "mk_%s", step->kernel->name);
        if (!kernel) return mote_error_memory(&mote->diag);
        steps[i] = (struct mote_step_info){
            .name = step->name,
            .kernel = kernel,
            .source_index = plan->graph->ops[step->op].source_index,
            .macs = step->macs,
            .live_bytes = plan->stream ? mote_stream_step_bytes(plan, i) : mote_plan_live_bytes(plan, i),
            .output_bytes = out->bytes,
            .output_offset = out->offset,
            .constant_bytes = mote_plan_step_constant_bytes(plan, step),
        };
        if (out->planes.plane_words) steps[i].planes_for = reader_of(plan, step->output.buffer);
        if (chip_skips_zeros) note_choice(plan, step, &steps[i]);
    }
    *info = (struct mote_plan_info){
        .target = plan->target->name,
        .arena_bytes = plan->arena_bytes,
        .lower_bound_bytes = plan->lower_bound_bytes,
        .naive_bytes = plan->naive_bytes,
        .peak_step = (uint32_t)mote_plan_peak_step(plan),
        .constant_bytes = plan->constant_bytes,
        .weight_bytes = plan->weight_bytes,
        .macs = plan->macs,
        .steps = steps,
        .step_count = (size_t)plan->step_count,
        .fits = fits,
        .optimize = (enum mote_optimize)plan->optimize,
        .schedule = !plan->stream                ? MOTE_SCHEDULE_WHOLE
                    : plan->stream->slides      ? MOTE_SCHEDULE_SLIDE
                    : plan->stream->strip_count ? MOTE_SCHEDULE_STRIPS
                    : plan->stream->whole_input ? MOTE_SCHEDULE_FUSED
                                                : MOTE_SCHEDULE_STREAM,
        .frames = plan->stream && plan->stream->slides ? mote_stream_frames(plan) : 0,
    };
    if (plan->stream) {
        info->strips = plan->stream->strip_count;
        info->band = plan->stream->band_positions;
        info->event_count = (size_t)plan->stream->event_count;
        info->table_bytes = mote_stream_table_bytes(plan);
        info->peak_step = (uint32_t)mote_stream_peak_step(plan);
        if (plan->stream->split_step < plan->step_count) info->split_step = plan->steps[plan->stream->split_step].name;
    }
    mote->plan_info = info;
    return MOTE_OK;
}

const struct mote_model_info *mote_model_info(const struct mote *mote)
{
    return mote->model_info;
}

const struct mote_plan_info *mote_plan_info(const struct mote *mote)
{
    return mote->plan_info;
}
