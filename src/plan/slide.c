/* slide.c: plans for a window that slides over time. The input's rows are frames; each new frame moves the window on by
 * one, and every layer computes only the row that is new, from rows that it kept. Exact where a layer's rows are the same
 * function of its input's rows wherever they lie: stride 1 and no padding along time. */
#include "stream.h"

#include "memory.h"

#include <inttypes.h>
#include <string.h>

/* ---- What must hold ---- */

static enum mote_status refuse(const struct mote_plan *plan, int32_t s, struct mote_diag *diag, const char *why)
{
    const struct mote_step *step = &plan->steps[s];
    return mote_error_at(diag, MOTE_ERR_UNSUPPORTED, mote_where_op(plan->graph, &plan->graph->ops[step->op], step->tensor),
                         "cannot slide: %s", why);
}

/* A constant of one row, for all rows. */
static bool is_same_in_all_rows(const struct mote_plan *plan, const struct mote_operand *in)
{
    for (int32_t s = 0; s < plan->step_count; s++)
        if (plan->steps[s].output.buffer == in->buffer && plan->steps[s].kernel->input_count) return false;
    return in->buffer != plan->inputs[0] && in->rows.in_rows == 1;
}

static enum mote_status check_step(const struct mote_plan *plan, const struct mote_stream *stream, int32_t s,
                                   struct mote_diag *diag)
{
    const struct mote_step *step = &plan->steps[s];
    if (!mote_stream_by_rows(plan, stream, s)) return MOTE_OK;
    if (!stream->buffers[step->output.buffer].row_count && step->row_end != 1)
        return refuse(plan, s, diag, "all its rows are wanted at once");
    for (int i = 0; i < step->kernel->input_count; i++) {
        const struct mote_operand *in = &step->inputs[i];
        if (!stream->buffers[in->buffer].row_count) {
            if (is_same_in_all_rows(plan, in)) continue;
            return refuse(plan, s, diag, "it reads another operand than rows of its own time");
        }
        if (in->rows.stride != 1) return refuse(plan, s, diag, "its stride along time is not 1");
        if (in->rows.pad != 0 || in->rows.in_rows != step->row_end + in->window_rows - 1)
            return refuse(plan, s, diag, "it is padded along time");
    }
    return MOTE_OK;
}

static enum mote_status check(const struct mote_plan *plan, const struct mote_stream *stream, struct mote_diag *diag)
{
    if (!stream->buffers[plan->inputs[0]].row_count)
        return mote_error(diag, MOTE_ERR_UNSUPPORTED, "the model cannot slide: the first layer needs all rows of its input at once");
    for (int32_t s = 0; s < plan->step_count; s++) {
        const enum mote_status status = check_step(plan, stream, s, diag);
        if (status != MOTE_OK) return status;
    }
    return MOTE_OK;
}

/* ---- Rings and places ---- */

static uint32_t rows_kept(const struct mote_plan *plan, int32_t buffer)
{
    uint32_t kept = 1;
    for (int32_t s = 0; s < plan->step_count; s++)
        for (int i = 0; i < plan->steps[s].kernel->input_count; i++) {
            const struct mote_operand *in = &plan->steps[s].inputs[i];
            if (in->buffer == buffer && in->window_rows > kept) kept = in->window_rows;
        }
    return kept;
}

static enum mote_status make_pieces(struct mote_plan *plan, struct mote_stream *stream, struct mote_diag *diag)
{
    stream->pieces = MOTE_NEW_ARRAY(plan->arena, struct mote_stream_piece, (size_t)plan->buffer_count);
    if (!stream->pieces) return mote_error_memory(diag);
    stream->piece_count = plan->buffer_count;
    for (int32_t i = 0; i < plan->buffer_count; i++) {
        struct mote_stream_buffer *b = &stream->buffers[i];
        b->first_piece = i;
        if (b->row_count) b->ring_rows = rows_kept(plan, i);
        const bool is_kept = b->ring_rows > 1; /* from frame to frame */
        stream->pieces[i] = (struct mote_stream_piece){
            .buffer = i,
            .row = MOTE_ALL_ROWS,
            .bytes = b->row_count ? b->ring_rows * b->row_bytes : plan->buffers[i].bytes,
            .alignment_bytes = plan->buffers[i].alignment_bytes,
            .first_event = is_kept ? -1 : plan->buffers[i].first_step,
            .last_event = is_kept ? plan->step_count : plan->buffers[i].last_step,
        };
    }
    return MOTE_OK;
}

static bool live_together(const struct mote_stream_piece *a, const struct mote_stream_piece *b)
{
    return a->first_event <= b->last_event && b->first_event <= a->last_event;
}

static enum mote_status place(struct mote_plan *plan, struct mote_stream *stream, struct mote_arena *scratch,
                              struct mote_diag *diag)
{
    const int32_t n = stream->piece_count;
    struct mote_buffer *buffers = MOTE_NEW_ARRAY(scratch, struct mote_buffer, (size_t)n);
    struct mote_memory_conflict *conflicts = MOTE_NEW_ARRAY(scratch, struct mote_memory_conflict, (size_t)n * (size_t)n);
    int32_t *first = MOTE_NEW_ARRAY(scratch, int32_t, (size_t)n + 1);
    int64_t *offsets = MOTE_NEW_ARRAY(scratch, int64_t, (size_t)n);
    if (!buffers || !conflicts || !first || !offsets) return mote_error_memory(diag);
    int32_t count = 0;
    for (int32_t a = 0; a < n; a++) {
        const struct mote_stream_piece *p = &stream->pieces[a];
        first[a] = count;
        buffers[a] = (struct mote_buffer){.bytes = p->bytes, .alignment_bytes = p->alignment_bytes,
                                          .first_step = p->first_event, .last_step = p->last_event};
        for (int32_t b = 0; b < n; b++)
            if (a != b && live_together(p, &stream->pieces[b]))
                conflicts[count++] = (struct mote_memory_conflict){b, -(int64_t)p->bytes, stream->pieces[b].bytes};
    }
    first[n] = count;
    int64_t bound = 0, peak = 0;
    for (int32_t e = -1; e <= plan->step_count; e++) {
        int64_t live = 0;
        for (int32_t i = 0; i < n; i++)
            if (stream->pieces[i].first_event <= e && e <= stream->pieces[i].last_event) live += stream->pieces[i].bytes;
        if (live > bound) bound = live;
    }
    const struct mote_memory_problem problem = {
        .buffers = buffers, .count = n, .conflicts = conflicts, .first = first, .bound = bound};
    const enum mote_status status = mote_memory_search(&problem, scratch, offsets, &peak, diag);
    if (status != MOTE_OK) return status;
    if (peak > UINT32_MAX) return mote_error(diag, MOTE_ERR_NO_FIT, "the rows need %" PRId64 " bytes at once", peak);
    for (int32_t i = 0; i < n; i++) stream->pieces[i].offset = plan->buffers[i].offset = (uint32_t)offsets[i];
    plan->arena_bytes = (uint32_t)peak;
    plan->lower_bound_bytes = (uint32_t)bound;
    return MOTE_OK;
}

/* ---- The events of one frame ---- */

static enum mote_status make_events(struct mote_plan *plan, struct mote_stream *stream, struct mote_diag *diag)
{
    stream->events = MOTE_NEW_ARRAY(plan->arena, struct mote_stream_event, (size_t)plan->step_count + 1);
    if (!stream->events) return mote_error_memory(diag);
    stream->events[stream->event_count++] = (struct mote_stream_event){MOTE_TAKE_ROW, 0, 0, 1};
    plan->macs = 0;
    for (int32_t s = 0; s < plan->step_count; s++) {
        struct mote_step *step = &plan->steps[s];
        const bool by_rows = mote_stream_by_rows(plan, stream, s);
        if (by_rows && step->row_end) step->macs /= step->row_end;
        plan->macs += step->macs;
        stream->events[stream->event_count++] =
            (struct mote_stream_event){s, 0, by_rows ? step->row_end - 1 : MOTE_ALL_ROWS, 1};
    }
    stream->split_step = plan->step_count;
    return MOTE_OK;
}

static enum mote_status build(struct mote_plan *plan, struct mote_stream *stream, struct mote_diag *diag)
{
    enum mote_status status = mote_stream_divide(plan, stream, diag);
    if (status == MOTE_OK) status = check(plan, stream, diag);
    if (status == MOTE_OK) status = make_pieces(plan, stream, diag);
    if (status == MOTE_OK) status = make_events(plan, stream, diag);
    if (status != MOTE_OK) return status;
    struct mote_arena scratch;
    mote_arena_init(&scratch, MOTE_ARENA_DEFAULT_LIMIT);
    status = place(plan, stream, &scratch, diag);
    mote_arena_free(&scratch);
    return status;
}

enum mote_status mote_plan_build_slide(const struct mote_graph *graph, const struct mote_target *target,
                                       struct mote_arena *arena, struct mote_plan **result, struct mote_diag *diag)
{
    return mote_plan_build_slide_with(graph, target, (struct mote_plan_wishes){0}, arena, result, diag);
}

enum mote_status mote_plan_build_slide_with(const struct mote_graph *graph, const struct mote_target *target,
                                            struct mote_plan_wishes wishes, struct mote_arena *arena,
                                            struct mote_plan **result, struct mote_diag *diag)
{
    struct mote_plan *plan = NULL;
    if (graph->input_count != 1)
        return mote_error(diag, MOTE_ERR_UNSUPPORTED, "the model has %" PRId32 " inputs: only one can slide",
                          graph->input_count);
    wishes.row_by_row = true;
    enum mote_status status = mote_plan_build_with(graph, target, wishes, arena, &plan, diag);
    if (status != MOTE_OK) return status;
    struct mote_stream *stream = MOTE_NEW(arena, struct mote_stream);
    if (!stream) return mote_error_memory(diag);
    for (int32_t s = 0; s < plan->step_count; s++) plan->steps[s].rows_descend = false;
    stream->slides = true;
    if ((status = build(plan, stream, diag)) != MOTE_OK) return status;
    plan->stream = stream;
    if (mote_plan_is_tight(plan)) {
        wishes.least_stack = true;
        status = mote_plan_build_slide_with(graph, target, wishes, arena, result, NULL); /* warnings have been given */
        return status == MOTE_ERR_MEMORY ? mote_error_memory(diag) : status;
    }
    *result = plan;
    return MOTE_OK;
}

uint32_t mote_stream_frames(const struct mote_plan *plan)
{
    return plan->stream->buffers[plan->inputs[0]].row_count;
}

uint32_t mote_stream_slot_offset(const struct mote_stream *stream, int32_t buffer, uint64_t frame)
{
    const struct mote_stream_buffer *b = &stream->buffers[buffer];
    const uint32_t slot = b->ring_rows ? (uint32_t)(frame % b->ring_rows) : 0;
    return stream->pieces[b->first_piece].offset + slot * b->row_bytes;
}

/* The tensor that a buffer holds: the input, or what the last step writes there. */
static const struct mote_tensor *tensor_in(const struct mote_plan *plan, int32_t buffer)
{
    for (int32_t i = plan->step_count - 1; i >= 0; i--)
        if (plan->steps[i].output.buffer == buffer) return &plan->graph->tensors[plan->steps[i].tensor];
    return &plan->graph->tensors[plan->graph->inputs[0]];
}

uint8_t mote_stream_fill(const struct mote_plan *plan, int32_t buffer)
{
    const struct mote_tensor *tensor = tensor_in(plan, buffer);
    return tensor->dtype == MOTE_S8 && tensor->quant.count == 1 ? (uint8_t)mote_tensor_zero_point(tensor) : 0;
}
