#include "eval.h"

#include "../plan/stream.h"

#include <string.h>

static void call_kernel(const struct mote_step *step, const struct mote_eval_operands *at, uint16_t begin, uint16_t end)
{
    mote_eval_call(step->kernel->id, at, step->params, begin, end);
}

static void run_step(const struct mote_step *step, const struct mote_eval_operands *at)
{
    const uint16_t begin = (uint16_t)step->row_begin, end = (uint16_t)step->row_end;
    if (!step->rows_descend) {
        call_kernel(step, at, begin, end);
        return;
    }
    if (mote_granularity_descends(step->kernel->granularity)) {
        call_kernel(step, at, end, begin);
        return;
    }
    for (uint16_t row = end; row-- > begin;) call_kernel(step, at, row, (uint16_t)(row + 1));
}

static void *buffer_at(const struct mote_plan *plan, uint8_t *memory, int32_t buffer)
{
    return buffer == MOTE_NO_BUFFER ? NULL : memory + plan->buffers[buffer].offset;
}

/* ---- Streamed plans ---- */

/* Where row 0 would be if all rows lay as row `row` at `at` does: what kernels with rings as of whole tensors count from. */
static void *row_0(const struct mote_stream *stream, const void *at, uint32_t row, uint32_t row_bytes)
{
    const uintptr_t before = mote_stream_is_banded(stream) ? (uintptr_t)row * row_bytes : 0;
    return (void *)((uintptr_t)at - before);
}

/* What the kernel is handed for an operand: a row, the whole buffer, or a table of rows, which is filled. */
static const void *operand_at(const struct mote_plan *plan, uint8_t *memory, const struct mote_operand *in,
                              const struct mote_stream_event *event, const void **table)
{
    const struct mote_stream *stream = plan->stream;
    if (!stream->buffers[in->buffer].row_count) return memory + mote_stream_piece_of(stream, in->buffer, 0)->offset;
    const struct mote_row_range rows = mote_stream_event_reads(in, event);
    if (rows.begin >= rows.end) return table;
    if (!mote_stream_takes_table(stream, in))
        return row_0(stream, memory + mote_stream_piece_of(stream, in->buffer, rows.begin)->offset + in->offset_bytes,
                     rows.begin, in->row_bytes);
    for (uint32_t r = rows.begin; r < rows.end; r++)
        table[r - rows.begin] = memory + mote_stream_piece_of(stream, in->buffer, r)->offset + in->offset_bytes;
    return (const void *)table;
}

static void run_event(const struct mote_plan *plan, uint8_t *memory, const struct mote_stream_event *event,
                      mote_eval_trace *trace, void *context)
{
    const void *tables[2][MOTE_STREAM_WINDOW], *in[2] = {NULL, NULL};
    const struct mote_step *step = &plan->steps[event->step];
    for (int i = 0; i < step->kernel->input_count; i++)
        in[i] = operand_at(plan, memory, &step->inputs[i], event, tables[i]);
    const bool all = event->row == MOTE_ALL_ROWS;
    const bool whole = all || mote_stream_is_accumulator(step);
    uint8_t *out =
        memory + mote_stream_row_offset(plan->stream, &step->output, whole ? 0 : event->row) + step->output.offset_bytes;
    const uint32_t begin = all ? step->row_begin : event->row, end = all ? step->row_end : event->row + event->rows;
    void *const first = whole ? out : row_0(plan->stream, out, begin, step->output.row_bytes);
    call_kernel(step, &(struct mote_eval_operands){first, in[0], in[1], NULL}, (uint16_t)begin, (uint16_t)end);
    if (trace && step->completes_tensor)
        trace(context, event->step, out,
              all ? plan->buffers[step->output.buffer].bytes : (size_t)event->rows * step->output.row_bytes);
}

static void hand_over_inputs(const struct mote_plan *plan, uint8_t *memory, const uint8_t *input)
{
    for (int32_t i = 0; i < plan->input_count; i++) {
        const struct mote_buffer *buffer = &plan->buffers[plan->inputs[i]];
        memcpy(memory + buffer->offset, input, buffer->bytes);
        input += buffer->bytes;
    }
}

static void run_stream(const struct mote_plan *plan, uint8_t *memory, const uint8_t *input, mote_eval_trace *trace,
                       void *context)
{
    if (plan->stream->whole_input) hand_over_inputs(plan, memory, input);
    for (int32_t e = 0; e < plan->stream->event_count; e++) {
        const struct mote_stream_event *event = &plan->stream->events[e];
        if (event->step != MOTE_TAKE_ROW) {
            run_event(plan, memory, event, trace, context);
            continue;
        }
        const struct mote_stream_take take = mote_stream_take_of(plan, event);
        memcpy(memory + take.offset, input + take.source, take.bytes);
    }
}

/* ---- Sliding windows ---- */

/* The window's last row is the frame's own; slots count modulo the ring, which is at least as long as the window. */
static const void *recent_rows(const struct mote_plan *plan, uint8_t *memory, const struct mote_operand *in,
                               uint64_t frame, const void **table)
{
    const struct mote_stream *stream = plan->stream;
    const uint32_t window = in->window_rows, ring = stream->buffers[in->buffer].ring_rows;
    if (!mote_stream_takes_table(stream, in)) return memory + mote_stream_slot_offset(stream, in->buffer, frame);
    for (uint32_t k = 0; k < window; k++)
        table[k] = memory + mote_stream_slot_offset(stream, in->buffer, frame + ring - (window - 1) + k);
    return table;
}

static void run_frame_step(const struct mote_plan *plan, uint8_t *memory, const struct mote_stream_event *event,
                           uint64_t frame, mote_eval_trace *trace, void *context)
{
    const void *tables[2][MOTE_STREAM_WINDOW], *in[2] = {NULL, NULL};
    const struct mote_step *step = &plan->steps[event->step];
    const bool all = event->row == MOTE_ALL_ROWS;
    for (int i = 0; i < step->kernel->input_count; i++)
        in[i] = recent_rows(plan, memory, &step->inputs[i], frame, tables[i]);
    uint8_t *out = memory + mote_stream_slot_offset(plan->stream, step->output.buffer, frame);
    call_kernel(step, &(struct mote_eval_operands){out, in[0], in[1], NULL}, (uint16_t)(all ? step->row_begin : event->row),
                (uint16_t)(all ? step->row_end : event->row + 1));
    if (trace && step->completes_tensor)
        trace(context, event->step, out, all ? plan->buffers[step->output.buffer].bytes : step->output.row_bytes);
}

static void push_frame(const struct mote_plan *plan, uint8_t *memory, uint64_t frame, const uint8_t *input,
                       mote_eval_trace *trace, void *context)
{
    memcpy(memory + mote_stream_slot_offset(plan->stream, plan->inputs[0], frame), input,
           plan->stream->buffers[plan->inputs[0]].row_bytes);
    for (int32_t e = 1; e < plan->stream->event_count; e++)
        run_frame_step(plan, memory, &plan->stream->events[e], frame, trace, context);
}

static void fetch_outputs(const struct mote_plan *plan, const uint8_t *memory, uint8_t *output)
{
    for (int32_t i = 0; i < plan->output_count; i++) {
        const struct mote_buffer *buffer = &plan->buffers[plan->outputs[i]];
        memcpy(output, memory + buffer->offset, buffer->bytes);
        output += buffer->bytes;
    }
}

static void begin_frames(const struct mote_plan *plan, uint8_t *memory)
{
    memset(memory, 0, plan->arena_bytes);
    for (int32_t i = 0; i < plan->buffer_count; i++) {
        const struct mote_stream_buffer *b = &plan->stream->buffers[i];
        if (b->ring_rows > 1)
            memset(memory + mote_stream_slot_offset(plan->stream, i, 0), mote_stream_fill(plan, i), (size_t)b->ring_rows * b->row_bytes);
    }
}

void mote_eval_push_frame(const struct mote_plan *plan, uint8_t *memory, uint64_t frame, const uint8_t *input,
                          uint8_t *output)
{
    if (frame == 0) begin_frames(plan, memory);
    push_frame(plan, memory, frame, input, NULL, NULL);
    if (frame + 1 >= mote_stream_frames(plan)) fetch_outputs(plan, memory, output);
}

/* A whole window, frame by frame. */
static void run_slide(const struct mote_plan *plan, uint8_t *memory, const uint8_t *input, mote_eval_trace *trace,
                      void *context)
{
    const uint32_t row_bytes = plan->stream->buffers[plan->inputs[0]].row_bytes;
    begin_frames(plan, memory);
    for (uint32_t frame = 0; frame < mote_stream_frames(plan); frame++)
        push_frame(plan, memory, frame, input + (size_t)frame * row_bytes, trace, context);
}

/* ---- Whole tensors ---- */

static void run_whole(const struct mote_plan *plan, uint8_t *memory, const uint8_t *input, mote_eval_trace *trace,
                      void *context)
{
    hand_over_inputs(plan, memory, input);
    for (int32_t i = 0; i < plan->step_count; i++) {
        const struct mote_step *step = &plan->steps[i];
        const struct mote_eval_operands at = {
            .out = buffer_at(plan, memory, step->output.buffer),
            .a = buffer_at(plan, memory, step->inputs[0].buffer),
            .b = buffer_at(plan, memory, step->inputs[1].buffer),
            .scratch = buffer_at(plan, memory, step->kernel->takes_scratch ? step->scratch : MOTE_NO_BUFFER),
        };
        run_step(step, &at);
        if (trace && step->completes_tensor) trace(context, i, at.out, plan->buffers[step->output.buffer].bytes);
    }
}

void mote_eval_run(const struct mote_plan *plan, uint8_t *memory, const uint8_t *input, uint8_t *output,
                   mote_eval_trace *trace, void *context)
{
    if (!plan->stream) run_whole(plan, memory, input, trace, context);
    else if (plan->stream->slides) run_slide(plan, memory, input, trace, context);
    else run_stream(plan, memory, input, trace, context);
    fetch_outputs(plan, memory, output);
}

static size_t buffer_list_bytes(const struct mote_plan *plan, const int32_t *buffers, int32_t count)
{
    size_t bytes = 0;
    for (int32_t i = 0; i < count; i++) bytes += plan->buffers[buffers[i]].bytes;
    return bytes;
}

size_t mote_eval_input_bytes(const struct mote_plan *plan)
{
    if (plan->stream && plan->stream->strip_count) return mote_stream_strips_input_bytes(plan);
    return buffer_list_bytes(plan, plan->inputs, plan->input_count);
}

size_t mote_eval_output_bytes(const struct mote_plan *plan)
{
    return buffer_list_bytes(plan, plan->outputs, plan->output_count);
}

enum mote_status mote_eval_op(const struct mote_graph *graph, const struct mote_op *op, struct mote_arena *arena,
                              uint8_t **results, struct mote_diag *diag)
{
    struct mote_graph alone = *graph; /* the same tensors, this operator only */
    struct mote_op copy = *op;
    alone.ops = &copy;
    alone.op_count = 1;
    alone.input_count = 0;
    alone.outputs = op->outputs;
    alone.output_count = op->output_count;
    struct mote_plan *plan = NULL;
    enum mote_status status = mote_plan_build(&alone, mote_target_reference(), arena, &plan, diag);
    if (status != MOTE_OK) return status;
    uint8_t *memory = mote_arena_calloc(arena, plan->arena_bytes, 1);
    uint8_t *output = mote_arena_calloc(arena, mote_eval_output_bytes(plan), 1);
    if (!memory || !output) return mote_error_memory(diag);
    mote_eval_run(plan, memory, NULL, output, NULL, NULL);
    for (int32_t i = 0; i < plan->output_count; i++) {
        results[i] = output;
        output += plan->buffers[plan->outputs[i]].bytes;
    }
    return MOTE_OK;
}
