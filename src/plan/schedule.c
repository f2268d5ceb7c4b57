/* schedule.c: which buffers are held row by row, and in which order rows are taken and computed. */
#include "stream.h"

#include <string.h>

/* ---- Division into rows ---- */

static bool has_field(const struct mote_step *step, const char *name)
{
    return mote_params_find(step->kernel->params, name) != NULL;
}

static const char *ring_name(const struct mote_step *step, int input)
{
    return step->kernel->input_count == 1 ? "in_ring" : input == 0 ? "a_ring" : "b_ring";
}

static void set_ring(struct mote_step *step, const char *name, uint16_t ring)
{
    mote_params_set(step->kernel->params, step->params, name, ring);
}

/* Does the kernel take a table of row pointers? Those of these operators do, in every family (mote_kernel.h). */
static bool kernel_takes_tables(const struct mote_kernel *kernel)
{
    static const char *const operators[] = {"conv_2d_", "depthwise_conv_2d_", "average_pool_2d_", "max_pool_2d_"};
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++)
        if (!strncmp(kernel->name, operators[i], strlen(operators[i]))) return true;
    return false;
}

/* Can the step write its output one row at a time, wherever the row lies? */
static bool writes_rows(const struct mote_step *step)
{
    return step->row_begin == 0 && has_field(step, "out_ring");
}

/* Can the step read this operand row by row, wherever the rows lie? */
static bool reads_rows(const struct mote_step *step, int input, uint32_t row_count, uint32_t row_bytes)
{
    const struct mote_operand *in = &step->inputs[input];
    if (!mote_stream_is_accumulator(step) && !writes_rows(step)) return false;
    if (!has_field(step, ring_name(step, input)) || in->row_bytes != row_bytes) return false;
    if (in->rows.stride <= 0 || in->window_rows == 0) return false;
    if (in->rows.in_rows != row_count || in->rows.out_rows != step->row_end) return false; /* one batch entry */
    return in->window_rows == 1 || (in->window_rows <= MOTE_STREAM_WINDOW && kernel_takes_tables(step->kernel));
}

static bool is_in(const int32_t *list, int32_t count, int32_t value)
{
    for (int32_t i = 0; i < count; i++)
        if (list[i] == value) return true;
    return false;
}

/* Bytes of a row: as the producer writes it, or for an input of the network as a reader sees it; 0 if there are several
 * producers or none. */
static uint32_t row_bytes_of(const struct mote_plan *plan, int32_t buffer)
{
    const bool is_input = is_in(plan->inputs, plan->input_count, buffer);
    uint32_t bytes = 0;
    for (int32_t s = 0; s < plan->step_count; s++) {
        const struct mote_step *step = &plan->steps[s];
        if (step->output.buffer == buffer) {
            if (is_input || bytes || !writes_rows(step) || step->output.row_bytes == 0) return 0;
            bytes = step->output.row_bytes;
        }
        for (int i = 0; is_input && i < 2; i++)
            if (step->inputs[i].buffer == buffer) bytes = step->inputs[i].row_bytes;
    }
    return bytes;
}

static void divide_buffer(const struct mote_plan *plan, struct mote_stream *stream, int32_t buffer)
{
    stream->buffers[buffer] = (struct mote_stream_buffer){.first_piece = -1};
    const uint32_t row_bytes = row_bytes_of(plan, buffer), bytes = plan->buffers[buffer].bytes;
    if (is_in(plan->outputs, plan->output_count, buffer) || !row_bytes || bytes % row_bytes || bytes == row_bytes) return;
    const bool has_neighbours = stream->whole_input && is_in(plan->inputs, plan->input_count, buffer);
    if (has_neighbours && row_bytes % plan->buffers[buffer].alignment_bytes) return;
    const uint32_t row_count = bytes / row_bytes;
    for (int32_t s = 0; s < plan->step_count; s++) {
        const struct mote_step *step = &plan->steps[s];
        const bool touches = step->output.buffer == buffer || step->inputs[0].buffer == buffer || step->inputs[1].buffer == buffer;
        if (touches && stream->whole_input && !mote_stream_fuses(stream, s)) return;
        if (step->output.buffer == buffer && step->row_end != row_count) return;
        for (int i = 0; i < 2; i++)
            if (step->inputs[i].buffer == buffer && !reads_rows(step, i, row_count, row_bytes)) return;
    }
    stream->buffers[buffer].row_count = row_count;
    stream->buffers[buffer].row_bytes = row_bytes;
}

/* Entries of the table for so many output rows. */
static uint32_t table_rows(const struct mote_operand *in, uint32_t band)
{
    return (band - 1) * (uint32_t)in->rows.stride + in->window_rows;
}

/* Columns of what the step writes; 1 if it is no image. */
static uint32_t columns_of(const struct mote_plan *plan, const struct mote_step *step)
{
    const struct mote_shape *shape = &plan->graph->tensors[step->tensor].shape;
    return shape->rank == 4 && shape->dims[2] > 0 ? (uint32_t)shape->dims[2] : 1;
}

uint32_t mote_stream_band(const struct mote_plan *plan, const struct mote_stream *stream, int32_t step)
{
    const struct mote_step *k = &plan->steps[step];
    const struct mote_stream_buffer *out = &stream->buffers[k->output.buffer];
    if (!mote_stream_is_banded(stream) || !plan->graph) return 1;
    if (out->row_count && out->row_bytes % plan->buffers[k->output.buffer].alignment_bytes) return 1;
    const uint32_t columns = columns_of(plan, k);
    uint32_t band = (stream->band_positions + columns - 1) / columns;
    for (int i = 0; i < k->kernel->input_count; i++)
        while (band > 1 && mote_stream_takes_table(stream, &k->inputs[i]) && table_rows(&k->inputs[i], band) > MOTE_STREAM_WINDOW)
            band--;
    return band < k->row_end ? band : k->row_end;
}

static void set_rings(const struct mote_plan *plan, struct mote_stream *stream, int32_t s)
{
    struct mote_step *step = &plan->steps[s];
    if (!mote_stream_by_rows(plan, stream, s)) return;
    const bool banded = mote_stream_is_banded(stream); /* the rings of whole tensors are right then */
    if (!banded) set_ring(step, "out_ring", 1);
    for (int i = 0; i < step->kernel->input_count; i++) {
        const struct mote_operand *in = &step->inputs[i];
        if (!stream->buffers[in->buffer].row_count) continue;
        const bool table = mote_stream_takes_table(stream, in);
        if (table || !banded) set_ring(step, ring_name(step, i), table ? 0 : 1);
        const uint32_t rows = table_rows(in, mote_stream_band(plan, stream, s));
        if (table && rows > stream->table_rows) stream->table_rows = rows;
    }
}

void mote_stream_set_rings(const struct mote_plan *plan, struct mote_stream *stream)
{
    for (int32_t s = 0; s < plan->step_count; s++) set_rings(plan, stream, s);
}

enum mote_status mote_stream_divide_buffers(const struct mote_plan *plan, struct mote_stream *stream,
                                            struct mote_arena *arena, struct mote_diag *diag)
{
    stream->buffers = MOTE_NEW_ARRAY(arena, struct mote_stream_buffer, (size_t)plan->buffer_count);
    if (!stream->buffers) return mote_error_memory(diag);
    for (int32_t i = 0; i < plan->buffer_count; i++) divide_buffer(plan, stream, i);
    return MOTE_OK;
}

enum mote_status mote_stream_divide(struct mote_plan *plan, struct mote_stream *stream, struct mote_diag *diag)
{
    const enum mote_status status = mote_stream_divide_buffers(plan, stream, plan->arena, diag);
    if (status == MOTE_OK) mote_stream_set_rings(plan, stream);
    return status;
}

/* ---- Questions about a stream ---- */

static int64_t clamp(int64_t x, int64_t low, int64_t high)
{
    return x < low ? low : x > high ? high : x;
}

struct mote_row_range mote_stream_rows_read(const struct mote_operand *in, uint32_t row)
{
    if (row == MOTE_ALL_ROWS) return (struct mote_row_range){0, in->rows.in_rows};
    const int64_t first = (int64_t)row * in->rows.stride - in->rows.pad;
    return (struct mote_row_range){(uint32_t)clamp(first, 0, in->rows.in_rows),
                                   (uint32_t)clamp(first + in->window_rows, 0, in->rows.in_rows)};
}

struct mote_row_range mote_stream_event_reads(const struct mote_operand *in, const struct mote_stream_event *event)
{
    struct mote_row_range rows = mote_stream_rows_read(in, event->row);
    if (event->row != MOTE_ALL_ROWS) rows.end = mote_stream_rows_read(in, event->row + event->rows - 1).end;
    return rows;
}

bool mote_stream_takes_table(const struct mote_stream *stream, const struct mote_operand *in)
{
    return stream->buffers[in->buffer].row_count && in->window_rows > 1;
}

bool mote_stream_by_rows(const struct mote_plan *plan, const struct mote_stream *stream, int32_t step)
{
    const struct mote_step *s = &plan->steps[step];
    if (stream->buffers[s->output.buffer].row_count) return true;
    for (int i = 0; i < s->kernel->input_count; i++)
        if (stream->buffers[s->inputs[i].buffer].row_count) return true;
    return false;
}

/* ---- Events ---- */

struct scheduler {
    const struct mote_plan *plan;
    struct mote_stream *stream;
    int32_t event_capacity;
    uint32_t *rows_done;  /* per step: rows computed; all of them after a step that runs at once */
    uint32_t *rows_taken; /* per input */
    int32_t *producers;   /* per buffer: the last step that writes it; -1: none */
    int32_t *co_producers; /* per step: the step before it that writes the same buffer; -1: none */
    int32_t *inputs_at;   /* per buffer: which of the inputs it is; -1: none */
    uint32_t **group_ends; /* per buffer in rows, and row written: one past the last row that lies side by side with it */
    bool failed;          /* for want of memory, or because there is no order */
    bool too_many;        /* more events than a plan may have */
    struct mote_arena *arena;
};

static void add_event(struct scheduler *s, struct mote_stream_event event)
{
    struct mote_stream *stream = s->stream;
    if (stream->event_count == s->event_capacity) {
        const int32_t capacity = s->event_capacity ? 2 * s->event_capacity : 256;
        s->too_many = capacity > 2 * MOTE_STREAM_ROWS;
        struct mote_stream_event *grown =
            s->too_many ? NULL : MOTE_NEW_ARRAY(s->arena, struct mote_stream_event, (size_t)capacity);
        if (!grown) {
            s->failed = true;
            return;
        }
        if (stream->event_count) memcpy(grown, stream->events, (size_t)stream->event_count * sizeof *grown);
        stream->events = grown;
        s->event_capacity = capacity;
    }
    stream->events[stream->event_count++] = event;
}

static uint32_t input_rows(const struct scheduler *s, int32_t input)
{
    const uint32_t rows = s->stream->buffers[s->plan->inputs[input]].row_count;
    return rows ? rows : 1;
}

static bool is_done(const struct scheduler *s, int32_t step)
{
    return s->rows_done[step] == s->plan->steps[step].row_end;
}

/* Rows of the buffer that are there, which of several writers all have written; of a buffer in one piece all or none.
 * Constants are loaded when they are wanted. */
static uint32_t rows_there(const struct scheduler *s, int32_t buffer, uint32_t all)
{
    const bool in_rows = s->stream->buffers[buffer].row_count != 0;
    const int32_t input = s->inputs_at[buffer];
    if (input >= 0) return in_rows ? s->rows_taken[input] : s->rows_taken[input] ? all : 0;
    uint32_t rows = in_rows ? s->stream->buffers[buffer].row_count : all;
    for (int32_t k = s->producers[buffer]; k >= 0; k = s->co_producers[k]) {
        if (in_rows && s->rows_done[k] < rows) rows = s->rows_done[k];
        if (!in_rows && !is_done(s, k) && s->plan->steps[k].kernel->input_count) return 0;
    }
    return rows;
}

/* Is there what output row `row` reads? */
static bool row_is_ready(const struct scheduler *s, const struct mote_step *k, uint32_t row)
{
    for (int i = 0; i < k->kernel->input_count; i++) {
        const struct mote_operand *in = &k->inputs[i];
        const bool in_rows = s->stream->buffers[in->buffer].row_count != 0;
        const uint32_t needed = in_rows ? mote_stream_rows_read(in, row).end : 1;
        if (rows_there(s, in->buffer, 1) < needed) return false;
    }
    return true;
}

/* One past the last row side by side with the row of the buffer. */
static uint32_t group_end(const struct scheduler *s, int32_t buffer, uint32_t row)
{
    if (s->inputs_at[buffer] >= 0) return s->stream->whole_input ? s->stream->buffers[buffer].row_count : row + 1;
    return s->group_ends[buffer] ? s->group_ends[buffer][row] : row + 1;
}

/* Do output rows [row, row + rows) read rows that lie side by side, where the kernel takes no table? */
static bool reads_one_group(const struct scheduler *s, const struct mote_step *k, uint32_t row, uint32_t rows)
{
    for (int i = 0; i < k->kernel->input_count; i++) {
        const struct mote_operand *in = &k->inputs[i];
        if (!s->stream->buffers[in->buffer].row_count || mote_stream_takes_table(s->stream, in)) continue;
        const struct mote_row_range first = mote_stream_rows_read(in, row), last = mote_stream_rows_read(in, row + rows - 1);
        if (first.begin < last.end && last.end > group_end(s, in->buffer, first.begin)) return false;
    }
    return true;
}

/* Rows that the step can compute in one call now; 0: it should wait. `at_once`: it should not wait for a whole band. */
static uint32_t ready_rows(const struct scheduler *s, int32_t step, bool at_once)
{
    const struct mote_step *k = &s->plan->steps[step];
    const uint32_t done = s->rows_done[step], band = mote_stream_band(s->plan, s->stream, step);
    if (is_done(s, step) || !row_is_ready(s, k, done)) return 0;
    if (band == 1 || !mote_stream_by_rows(s->plan, s->stream, step)) return 1;
    uint32_t rows = 1;
    while (rows < band && done + rows < k->row_end && row_is_ready(s, k, done + rows)) {
        if (!reads_one_group(s, k, done, rows + 1)) return rows;
        rows++;
    }
    const bool is_first = done == 0; /* shorter, so that the windows of the next steps fall on the bands' ends */
    const bool is_last = done + rows == k->row_end;
    const bool frees = mote_stream_is_accumulator(k); /* rows that nothing else may read, for a few bytes that are there already */
    return at_once || rows == band || is_first || is_last || frees ? rows : 0;
}

static void run_next(struct scheduler *s, int32_t step, uint32_t rows)
{
    const struct mote_step *k = &s->plan->steps[step];
    const bool by_rows = mote_stream_by_rows(s->plan, s->stream, step);
    const uint32_t first = s->rows_done[step];
    for (int i = 0; i < k->kernel->input_count; i++) /* constants that are wanted now */
        for (int32_t l = s->producers[k->inputs[i].buffer]; l >= 0; l = s->co_producers[l])
            if (s->plan->steps[l].kernel->input_count == 0 && !is_done(s, l)) run_next(s, l, 1);
    add_event(s, (struct mote_stream_event){step, 0, by_rows ? first : MOTE_ALL_ROWS, by_rows ? rows : 1});
    s->rows_done[step] = by_rows ? first + rows : k->row_end;
    uint32_t *const ends = s->group_ends[k->output.buffer];
    for (uint32_t r = first; ends && by_rows && r < first + rows; r++) ends[r] = first + rows;
}

/* Runs what the rows so far make possible, the last steps first, so that rows die as soon as they can. */
static void run_ready(struct scheduler *s, int32_t split_step)
{
    for (int32_t step = split_step - 1; step >= 0 && !s->failed;) {
        const uint32_t rows = s->plan->steps[step].kernel->input_count ? ready_rows(s, step, false) : 0;
        if (rows) {
            run_next(s, step, rows);
            step = split_step - 1;
        } else {
            step--;
        }
    }
}

static void take_inputs(struct scheduler *s, int32_t split_step)
{
    for (int32_t i = 0; i < s->plan->input_count; i++)
        for (uint32_t row = 0; row < input_rows(s, i) && !s->failed; row++) {
            add_event(s, (struct mote_stream_event){MOTE_TAKE_ROW, i, row, 1});
            s->rows_taken[i]++;
            run_ready(s, split_step);
        }
}

static void schedule(struct scheduler *s, int32_t split_step)
{
    const struct mote_plan *plan = s->plan;
    for (int32_t i = 0; i < plan->input_count && s->stream->whole_input; i++) s->rows_taken[i] = input_rows(s, i);
    if (s->stream->whole_input) run_ready(s, split_step);
    else take_inputs(s, split_step);
    for (int32_t step = 0; step < plan->step_count; step++)
        while (plan->steps[step].kernel->input_count && !is_done(s, step) && !s->failed) {
            const uint32_t rows = ready_rows(s, step, true);
            if (rows) run_next(s, step, rows);
            else s->failed = true;
        }
}

static bool index_buffers(struct scheduler *s)
{
    const struct mote_plan *plan = s->plan;
    s->producers = MOTE_NEW_ARRAY(s->arena, int32_t, (size_t)plan->buffer_count);
    s->inputs_at = MOTE_NEW_ARRAY(s->arena, int32_t, (size_t)plan->buffer_count);
    s->co_producers = MOTE_NEW_ARRAY(s->arena, int32_t, (size_t)plan->step_count);
    s->group_ends = MOTE_NEW_ARRAY(s->arena, uint32_t *, (size_t)plan->buffer_count);
    if (!s->producers || !s->inputs_at || !s->co_producers || !s->group_ends) return false;
    for (int32_t i = 0; i < plan->buffer_count && mote_stream_is_banded(s->stream); i++) {
        if (!s->stream->buffers[i].row_count) continue;
        s->group_ends[i] = MOTE_NEW_ARRAY(s->arena, uint32_t, s->stream->buffers[i].row_count);
        if (!s->group_ends[i]) return false;
    }
    for (int32_t i = 0; i < plan->buffer_count; i++) s->producers[i] = s->inputs_at[i] = -1;
    for (int32_t i = 0; i < plan->input_count; i++) s->inputs_at[plan->inputs[i]] = i;
    for (int32_t k = 0; k < plan->step_count; k++) {
        int32_t *last = &s->producers[plan->steps[k].output.buffer];
        s->co_producers[k] = *last;
        *last = k;
    }
    return true;
}

enum mote_status mote_stream_schedule(const struct mote_plan *plan, int32_t split_step, struct mote_arena *arena,
                                      struct mote_stream *stream, struct mote_diag *diag)
{
    struct scheduler s = {.plan = plan, .stream = stream, .arena = arena};
    stream->events = NULL;
    stream->event_count = 0;
    stream->split_step = split_step;
    s.rows_done = MOTE_NEW_ARRAY(arena, uint32_t, (size_t)plan->step_count);
    s.rows_taken = MOTE_NEW_ARRAY(arena, uint32_t, (size_t)plan->input_count);
    if (!s.rows_done || !s.rows_taken || !index_buffers(&s)) return mote_error_memory(diag);
    schedule(&s, split_step);
    if (s.failed && !s.too_many) return mote_error_memory(diag);
    if (s.failed)
        return mote_error(diag, MOTE_ERR_UNSUPPORTED, "the model has too many rows to be streamed (%d events at most)",
                          2 * MOTE_STREAM_ROWS);
    return MOTE_OK;
}
