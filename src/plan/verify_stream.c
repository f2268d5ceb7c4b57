/* verify_stream.c: a streamed plan, run on tags. Every arena byte is tagged with the piece that was written there last;
 * events are replayed in order, and whatever a step reads must still be there. Trusts neither schedule nor places. */
#include "stream.h"
#include "verify.h"

#include <string.h>

#define NOBODY (-1)

struct replay {
    struct mote_plan_check *check;
    const struct mote_plan *plan;
    const struct mote_stream *stream;
    int32_t *owners;      /* per arena byte: a piece or NOBODY */
    uint32_t *rows_done;  /* per step */
    uint32_t *rows_taken; /* per input */
};

/* ---- Structure ---- */

static void check_pieces(struct mote_plan_check *check, const struct mote_stream *stream)
{
    const struct mote_plan *plan = check->plan;
    for (int32_t i = 0; i < plan->buffer_count; i++) {
        const struct mote_stream_buffer *b = &stream->buffers[i];
        const int64_t rows = b->row_count ? b->row_count : 1;
        if (b->row_count && rows * b->row_bytes != plan->buffers[i].bytes)
            mote_verify_fail(check, plan->buffers[i].name, "its rows are not the buffer", rows * b->row_bytes,
                             plan->buffers[i].bytes);
        if (b->first_piece < 0 || b->first_piece + rows > stream->piece_count) {
            mote_verify_fail(check, plan->buffers[i].name, "has no place", b->first_piece, stream->piece_count);
            continue;
        }
        for (int64_t r = 0; r < rows; r++) {
            const struct mote_stream_piece *p = &stream->pieces[b->first_piece + r];
            if (p->buffer != i || p->bytes != (b->row_count ? b->row_bytes : plan->buffers[i].bytes))
                mote_verify_fail(check, plan->buffers[i].name, "has a piece of another size", p->bytes, b->row_bytes);
            if ((int64_t)p->offset + p->bytes > plan->arena_bytes && p->first_event <= p->last_event)
                mote_verify_fail(check, plan->buffers[i].name, "a row ends outside the arena",
                                 (int64_t)p->offset + p->bytes, plan->arena_bytes);
            if (p->offset % plan->buffers[i].alignment_bytes)
                mote_verify_fail(check, plan->buffers[i].name, "a row is not aligned", p->offset,
                                 plan->buffers[i].alignment_bytes);
        }
    }
}

static void check_rings(struct mote_plan_check *check, const struct mote_stream *stream, int32_t s)
{
    const struct mote_step *step = &check->plan->steps[s];
    if (!mote_stream_by_rows(check->plan, stream, s)) return;
    const int64_t out_ring = mote_stream_field(step, "out_ring", -1);
    const bool banded = mote_stream_is_banded(stream);
    if (!banded && !mote_stream_is_accumulator(step) && out_ring != 1)
        mote_verify_fail(check, step->name, "is handed one output row, but its ring is larger", out_ring, 1);
    if (banded && !mote_stream_is_accumulator(step) && out_ring < step->row_end)
        mote_verify_fail(check, step->name, "is handed rows as those of the whole tensor, but its ring is smaller", out_ring,
                         step->row_end);
    for (int i = 0; i < step->kernel->input_count; i++) {
        const struct mote_operand *in = &step->inputs[i];
        if (!stream->buffers[in->buffer].row_count) continue;
        const char *name = step->kernel->input_count == 1 ? "in_ring" : i == 0 ? "a_ring" : "b_ring";
        const int64_t right = in->window_rows > 1 ? 0 : banded ? in->rows.in_rows : 1;
        if (mote_stream_field(step, name, -1) != right)
            mote_verify_fail(check, step->name, "has a ring that does not go with how its rows are handed over",
                             mote_stream_field(step, name, -1), right);
        if (in->rows.stride <= 0 || !in->window_rows || in->window_rows > MOTE_STREAM_WINDOW)
            mote_verify_fail(check, step->name, "reads rows that are not known", in->window_rows, MOTE_STREAM_WINDOW);
    }
}

/* ---- Replay ---- */

static int32_t piece_number(const struct replay *r, int32_t buffer, uint32_t row)
{
    return (int32_t)(mote_stream_piece_of(r->stream, buffer, row) - r->stream->pieces);
}

static void write_range(struct replay *r, int32_t piece, uint32_t begin, uint32_t end)
{
    const struct mote_stream_piece *p = &r->stream->pieces[piece];
    for (uint32_t i = begin; i < end && i < p->bytes; i++) r->owners[p->offset + i] = piece;
}

static bool is_whole(const struct replay *r, int32_t piece)
{
    const struct mote_stream_piece *p = &r->stream->pieces[piece];
    for (uint32_t i = 0; i < p->bytes; i++)
        if (r->owners[p->offset + i] != piece) return false;
    return true;
}

static bool overlap(const struct mote_stream_piece *a, uint32_t begin, uint32_t end, const struct mote_stream_piece *b)
{
    return a->offset + begin < b->offset + b->bytes && b->offset < a->offset + end;
}

static uint32_t type_bytes(const char *c_type)
{
    return strstr(c_type, "64") ? 8 : strstr(c_type, "32") || strstr(c_type, "float") ? 4 : strstr(c_type, "16") ? 2 : 1;
}

/* An elementwise row may be written over a row that is read: element i of the output then never reaches element i + 1 of
 * the input, nor one behind it, and of two types one is a byte. */
static bool elementwise_is_safe(const struct mote_stream *stream, const struct mote_step *step, int input,
                                const struct mote_stream_piece *out, const struct mote_stream_piece *in)
{
    const int64_t ob = type_bytes(step->kernel->out_type), ib = type_bytes(step->kernel->in_types[input]);
    const int64_t count = out->bytes / ob;
    if (step->kernel->granularity != MOTE_GRANULARITY_ELEMENT || in->bytes != count * ib) return false;
    if (mote_stream_is_part(stream, &step->output) || mote_stream_is_part(stream, &step->inputs[input])) return false;
    if (ob != ib && ob != 1 && ib != 1) return false;
    for (int64_t i = 0; i + 1 < count; i++)
        if (out->offset + (i + 1) * ob > in->offset + (i + 1) * ib) return false;
    return true;
}

/* A kernel that reads each position of a row before it writes it may write over what it has read: no position of the output
 * reaches a later one of the input. */
static bool pixels_are_safe(const struct mote_step *step, const struct mote_stream_piece *out, const struct mote_stream_piece *in)
{
    const int64_t columns = mote_stream_field(step, "out_w", 0);
    if (step->kernel->granularity != MOTE_GRANULARITY_PIXEL || columns <= 0 || in->bytes % columns || out->bytes % columns) return false;
    if (mote_stream_field(step, "in_w", 0) != columns || mote_stream_field(step, "filter_w", 0) != 1) return false;
    if (mote_stream_field(step, "stride_w", 0) != 1 || mote_stream_field(step, "pad_left", -1) != 0) return false;
    for (int64_t x = 1; x < columns; x++)
        if (out->offset + x * (out->bytes / columns) > in->offset + x * (in->bytes / columns)) return false;
    return true;
}

/* One that reads a channel of the whole row before it writes it may write it over itself. */
static bool channels_are_safe(const struct mote_step *step, const struct mote_stream_piece *out, const struct mote_stream_piece *in)
{
    const int64_t channels = mote_stream_field(step, "in_c", 0);
    return step->kernel->granularity == MOTE_GRANULARITY_CHANNEL && channels > 0 && mote_stream_field(step, "out_c", 0) == channels &&
           ((int64_t)out->offset - (int64_t)in->offset) % channels == 0;
}

static bool row_is_safe(const struct mote_stream *stream, const struct mote_step *step, int input,
                        const struct mote_stream_piece *out, const struct mote_stream_piece *in)
{
    if (mote_stream_is_part(stream, &step->output) || mote_stream_is_part(stream, &step->inputs[input])) return false;
    return out->row != MOTE_ALL_ROWS && in->row != MOTE_ALL_ROWS &&
           (pixels_are_safe(step, out, in) || channels_are_safe(step, out, in));
}

/* A step that runs whole and writes over an input: rows in ascending order, each read before it is written, and what a row
 * writes is read by none from it on. Of elementwise steps as elementwise_is_safe. */
static bool whole_is_safe(const struct mote_step *step, int input, const struct mote_stream_piece *out,
                          const struct mote_stream_piece *in)
{
    const struct mote_operand *operand = &step->inputs[input];
    const struct mote_row_map *map = &operand->rows;
    if (step->kernel->granularity == MOTE_GRANULARITY_ELEMENT || map->stride <= 0 || !map->out_rows) return false;
    for (uint32_t row = step->row_begin; row < step->row_end; row++) {
        const int64_t first = (int64_t)(row % map->out_rows) * map->stride - map->pad;
        const int64_t inside = first < 0 ? 0 : first > map->in_rows ? map->in_rows : first;
        const int64_t needed = in->offset + ((int64_t)(row / map->out_rows) * map->in_rows + inside) * operand->row_bytes;
        const int64_t written = out->offset + ((int64_t)row + 1) * step->output.row_bytes;
        if (written > needed && out->offset + (int64_t)row * step->output.row_bytes < in->offset + (int64_t)in->bytes)
            return false;
    }
    return true;
}

static void fail_row(struct replay *r, const struct mote_step *step, const char *what, uint32_t row)
{
    mote_verify_fail(r->check, step->name, what, row == MOTE_ALL_ROWS ? -1 : (int64_t)row, -1);
}

/* One piece that the event reads: must be whole, and not in the way of what is written. */
static void read_piece(struct replay *r, const struct mote_stream_event *event, int input, uint32_t row,
                       const struct mote_stream_piece *out, uint32_t begin, uint32_t end)
{
    const struct mote_step *step = &r->plan->steps[event->step];
    const int32_t piece = piece_number(r, step->inputs[input].buffer, row);
    const struct mote_stream_piece *in = &r->stream->pieces[piece];
    if (!is_whole(r, piece)) fail_row(r, step, "reads a row that is not there (any more), in its row", event->row);
    if (overlap(out, begin, end, in) && !elementwise_is_safe(r->stream, step, input, out, in) &&
        !row_is_safe(r->stream, step, input, out, in) && !(event->row == MOTE_ALL_ROWS && whole_is_safe(step, input, out, in)))
        fail_row(r, step, "writes over what it still needs, in its row", event->row);
}

static void read_operand(struct replay *r, const struct mote_stream_event *event, int input,
                         const struct mote_stream_piece *out, uint32_t begin, uint32_t end)
{
    const struct mote_operand *in = &r->plan->steps[event->step].inputs[input];
    const struct mote_stream_buffer *b = &r->stream->buffers[in->buffer];
    if (!b->row_count) {
        read_piece(r, event, input, 0, out, begin, end);
        return;
    }
    for (int64_t k = 0; k < in->window_rows; k++) {
        const int64_t row = (int64_t)event->row * in->rows.stride - in->rows.pad + k;
        if (row >= 0 && row < b->row_count) read_piece(r, event, input, (uint32_t)row, out, begin, end);
    }
}

static void write_copy(struct replay *r, const struct mote_step *step, int32_t piece)
{
    const struct mk_copy *p = step->params;
    for (int64_t a = step->row_begin; a < step->row_end; a++)
        for (int64_t b = 0; b < p->size[1]; b++)
            for (int64_t c = 0; c < p->size[2]; c++)
                for (int64_t d = 0; d < p->size[3]; d++)
                    for (int64_t e = 0; e < p->size[4]; e++) {
                        const int64_t at = p->out_start + a * p->out_stride[0] + b * p->out_stride[1] +
                                           c * p->out_stride[2] + d * p->out_stride[3] + e * p->out_stride[4];
                        write_range(r, piece, (uint32_t)at, (uint32_t)at + p->element_bytes);
                    }
}

/* Do rows [begin, end) of the buffer lie side by side? */
static bool side_by_side(const struct replay *r, int32_t buffer, uint32_t begin, uint32_t end)
{
    const struct mote_stream_buffer *b = &r->stream->buffers[buffer];
    for (uint32_t row = begin; b->row_count && row + 1 < end; row++)
        if (mote_stream_piece_of(r->stream, buffer, row + 1)->offset !=
            mote_stream_piece_of(r->stream, buffer, row)->offset + b->row_bytes)
            return false;
    return true;
}

/* What a call for several rows asks for besides what a call for each of them does. */
static void check_band(struct replay *r, const struct mote_stream_event *event)
{
    const struct mote_step *step = &r->plan->steps[event->step];
    if (!event->rows || (event->rows > 1 && (event->row == MOTE_ALL_ROWS || !mote_stream_is_banded(r->stream) ||
                                             event->rows > step->row_end || event->row > step->row_end - event->rows))) {
        fail_row(r, step, "is asked for rows that it cannot compute, from row", event->row);
        return;
    }
    if (event->row == MOTE_ALL_ROWS) return;
    if (!side_by_side(r, step->output.buffer, event->row, event->row + event->rows))
        fail_row(r, step, "writes rows that do not lie side by side, from row", event->row);
    for (int i = 0; i < step->kernel->input_count; i++) {
        const struct mote_operand *in = &step->inputs[i];
        const struct mote_row_range rows = mote_stream_event_reads(in, event);
        if (!mote_stream_takes_table(r->stream, in)) {
            if (!side_by_side(r, in->buffer, rows.begin, rows.end))
                fail_row(r, step, "reads rows that do not lie side by side, from row", event->row);
        } else if (rows.end - rows.begin > r->stream->table_rows) {
            fail_row(r, step, "reads more rows than its table has entries, from row", event->row);
        }
    }
}

static void run_row(struct replay *r, const struct mote_stream_event *event)
{
    const struct mote_step *step = &r->plan->steps[event->step];
    const bool all = event->row == MOTE_ALL_ROWS, sums = mote_stream_is_accumulator(step);
    const uint32_t next = r->rows_done[event->step];
    if (all ? next != 0 : event->row != next || event->row >= step->row_end)
        fail_row(r, step, "runs a row out of order or twice", event->row);
    if (all == mote_stream_by_rows(r->plan, r->stream, event->step))
        fail_row(r, step, "runs all rows where it should run one, or one where all", event->row);
    r->rows_done[event->step] = all ? step->row_end : event->row + 1;

    const int32_t piece = piece_number(r, step->output.buffer, all ? 0 : event->row);
    const struct mote_stream_piece *out = &r->stream->pieces[piece];
    const bool in_whole = !r->stream->buffers[step->output.buffer].row_count;
    const uint32_t first = !in_whole || sums ? 0 : all ? step->row_begin : event->row;
    const uint32_t last = !in_whole || sums ? 1 : all ? step->row_end : event->row + 1;
    const uint32_t offset = step->output.offset_bytes; /* of a part of a row */
    const uint32_t begin = offset + first * step->output.row_bytes, end = offset + last * step->output.row_bytes;
    if (end > out->bytes && !mote_verify_is_copy(step)) fail_row(r, step, "writes past its output's end", event->row);
    if (sums && !all && event->row > 0 && !is_whole(r, piece)) fail_row(r, step, "its sums are gone, in row", event->row);
    for (int i = 0; i < step->kernel->input_count; i++)
        read_operand(r, event, i, out, mote_verify_is_copy(step) ? 0 : begin, mote_verify_is_copy(step) ? out->bytes : end);
    if (mote_verify_is_copy(step)) write_copy(r, step, piece);
    else write_range(r, piece, begin, end);
}

/* Row after row, as kernels compute them: what one row writes must leave whole what the next ones read. */
static void run_event(struct replay *r, const struct mote_stream_event *event)
{
    check_band(r, event);
    for (uint32_t k = 0; k < event->rows && !r->check->error_count; k++) {
        struct mote_stream_event row = *event;
        if (event->row != MOTE_ALL_ROWS) row.row += k;
        run_row(r, &row);
    }
}

/* Inputs that are handed over whole lie in one piece and are there before the first event. */
static void hand_over_inputs(struct replay *r)
{
    for (int32_t i = 0; i < r->plan->input_count && r->stream->whole_input; i++) {
        const int32_t buffer = r->plan->inputs[i];
        const uint32_t rows = r->stream->buffers[buffer].row_count;
        if (!side_by_side(r, buffer, 0, rows))
            mote_verify_fail(r->check, r->plan->buffers[buffer].name, "an input's rows do not lie side by side", 0, rows);
        if (r->plan->buffers[buffer].offset != mote_stream_piece_of(r->stream, buffer, 0)->offset)
            mote_verify_fail(r->check, r->plan->buffers[buffer].name, "an input is not where the application writes it",
                             r->plan->buffers[buffer].offset, mote_stream_piece_of(r->stream, buffer, 0)->offset);
        for (uint32_t row = 0; row < (rows ? rows : 1); row++)
            write_range(r, piece_number(r, buffer, row), 0, mote_stream_piece_of(r->stream, buffer, row)->bytes);
    }
}

static void take_row(struct replay *r, const struct mote_stream_event *event)
{
    if (event->input < 0 || event->input >= r->plan->input_count) {
        mote_verify_fail(r->check, "input", "does not exist", event->input, r->plan->input_count);
        return;
    }
    const int32_t buffer = r->plan->inputs[event->input];
    const uint32_t rows = r->stream->buffers[buffer].row_count ? r->stream->buffers[buffer].row_count : 1;
    for (int32_t i = 0; i < event->input; i++) {
        const uint32_t before = r->stream->buffers[r->plan->inputs[i]].row_count;
        if (r->rows_taken[i] != (before ? before : 1))
            mote_verify_fail(r->check, r->plan->buffers[buffer].name, "is taken before the input ahead of it", i, 0);
    }
    if (event->row != r->rows_taken[event->input] || event->row >= rows)
        mote_verify_fail(r->check, r->plan->buffers[buffer].name, "a row is taken out of order", event->row, rows);
    else
        write_range(r, piece_number(r, buffer, event->row), 0, r->stream->pieces[piece_number(r, buffer, event->row)].bytes);
    r->rows_taken[event->input]++;
}

static void replay(struct replay *r)
{
    for (uint32_t i = 0; i < r->plan->arena_bytes; i++) r->owners[i] = NOBODY;
    hand_over_inputs(r);
    for (int32_t e = 0; e < r->stream->event_count && !r->check->error_count; e++) {
        const struct mote_stream_event *event = &r->stream->events[e];
        if (event->step == MOTE_TAKE_ROW && r->stream->whole_input)
            mote_verify_fail(r->check, "input", "is handed over whole, so no row is taken", event->row, 0);
        else if (event->step == MOTE_TAKE_ROW) take_row(r, event);
        else if (event->step < 0 || event->step >= r->plan->step_count)
            mote_verify_fail(r->check, "event", "names a step that does not exist", event->step, r->plan->step_count - 1);
        else run_event(r, event);
    }
    for (int32_t s = 0; s < r->plan->step_count && !r->check->error_count; s++)
        if (r->rows_done[s] != r->plan->steps[s].row_end)
            mote_verify_fail(r->check, r->plan->steps[s].name, "does not run to its end", r->rows_done[s],
                             r->plan->steps[s].row_end);
    for (int32_t i = 0; i < r->plan->output_count && !r->check->error_count; i++)
        if (!is_whole(r, piece_number(r, r->plan->outputs[i], 0)))
            mote_verify_fail(r->check, r->plan->buffers[r->plan->outputs[i]].name, "is not whole at the end", 0, 0);
}

/* ---- Sliding windows: some windows' length of frames, on tags of buffer and frame ---- */

struct slide {
    struct mote_plan_check *check;
    const struct mote_plan *plan;
    int32_t *owners;
    int64_t *frames;
};

static void write_slot(struct slide *r, int32_t buffer, int64_t frame)
{
    const struct mote_stream_buffer *b = &r->plan->stream->buffers[buffer];
    const uint32_t at = mote_stream_slot_offset(r->plan->stream, buffer, (uint64_t)frame);
    for (uint32_t i = 0; i < (b->row_count ? b->row_bytes : r->plan->buffers[buffer].bytes); i++) {
        r->owners[at + i] = buffer;
        r->frames[at + i] = frame;
    }
}

/* Rows from before the first frame are zero points that belong to nobody. */
static void read_slot(struct slide *r, const struct mote_step *step, int32_t buffer, int64_t frame)
{
    const struct mote_stream_buffer *b = &r->plan->stream->buffers[buffer];
    if (frame < 0) return;
    const uint32_t at = mote_stream_slot_offset(r->plan->stream, buffer, (uint64_t)frame);
    for (uint32_t i = 0; i < (b->row_count ? b->row_bytes : r->plan->buffers[buffer].bytes); i++)
        if (r->owners[at + i] != buffer || r->frames[at + i] != frame) {
            mote_verify_fail(r->check, step ? step->name : "the application", "reads what is gone, of frame", frame, frame);
            return;
        }
}

static void slide_frame(struct slide *r, int64_t frame)
{
    const struct mote_plan *plan = r->plan;
    write_slot(r, plan->inputs[0], frame);
    for (int32_t s = 0; s < plan->step_count && !r->check->error_count; s++) {
        const struct mote_step *step = &plan->steps[s];
        write_slot(r, step->output.buffer, frame); /* first: no kernel may write over what it reads */
        for (int i = 0; i < step->kernel->input_count; i++) {
            const struct mote_operand *in = &step->inputs[i];
            const uint32_t window = plan->stream->buffers[in->buffer].row_count ? in->window_rows : 1;
            for (uint32_t k = 0; k < window; k++) read_slot(r, step, in->buffer, frame - k);
        }
    }
    for (int32_t i = 0; i < plan->output_count; i++) read_slot(r, NULL, plan->outputs[i], frame);
}

static void check_slide(struct mote_plan_check *check)
{
    const struct mote_plan *plan = check->plan;
    const struct mote_stream *stream = plan->stream;
    if (stream->event_count != plan->step_count + 1)
        mote_verify_fail(check, "frame", "does not run every step once", stream->event_count, plan->step_count + 1);
    for (int32_t i = 0; i < plan->buffer_count; i++) {
        const struct mote_stream_buffer *b = &stream->buffers[i];
        if (b->first_piece != i || i >= stream->piece_count) {
            mote_verify_fail(check, plan->buffers[i].name, "has no place", b->first_piece, i);
            return;
        }
        const int64_t bytes = b->row_count ? (int64_t)b->ring_rows * b->row_bytes : plan->buffers[i].bytes;
        if (b->row_count && !b->ring_rows) mote_verify_fail(check, plan->buffers[i].name, "keeps no row", 0, 1);
        if (stream->pieces[i].offset + bytes > plan->arena_bytes)
            mote_verify_fail(check, plan->buffers[i].name, "ends outside the arena", stream->pieces[i].offset + bytes,
                             plan->arena_bytes);
        if (stream->pieces[i].offset % plan->buffers[i].alignment_bytes)
            mote_verify_fail(check, plan->buffers[i].name, "is not aligned", stream->pieces[i].offset, 0);
    }
    for (int32_t s = 0; s < plan->step_count; s++) {
        const struct mote_stream_event *e = &stream->events[s + 1];
        const bool by_rows = mote_stream_by_rows(plan, stream, s);
        if (e->step != s || e->row != (by_rows ? plan->steps[s].row_end - 1 : MOTE_ALL_ROWS))
            mote_verify_fail(check, plan->steps[s].name, "does not compute its last row", e->step, s);
    }
}

static enum mote_status verify_slide(struct mote_plan_check *check)
{
    struct slide r = {.check = check, .plan = check->plan};
    check_slide(check);
    if (check->error_count) return MOTE_ERR_INPUT;
    struct mote_arena scratch;
    mote_arena_init(&scratch, MOTE_ARENA_DEFAULT_LIMIT);
    r.owners = MOTE_NEW_ARRAY(&scratch, int32_t, check->plan->arena_bytes);
    r.frames = MOTE_NEW_ARRAY(&scratch, int64_t, check->plan->arena_bytes);
    const bool ready = r.owners && r.frames;
    const int64_t frames = 2 * (int64_t)mote_stream_frames(check->plan) + MOTE_STREAM_WINDOW;
    for (uint32_t i = 0; ready && i < check->plan->arena_bytes; i++) r.owners[i] = NOBODY;
    for (int64_t f = 0; ready && f < frames && !check->error_count; f++) slide_frame(&r, f);
    mote_arena_free(&scratch);
    if (!ready) return mote_error_memory(check->diag);
    return check->error_count ? MOTE_ERR_INPUT : MOTE_OK;
}

enum mote_status mote_stream_verify(struct mote_plan_check *check)
{
    const struct mote_plan *plan = check->plan;
    if (!plan->stream->slides) check_pieces(check, plan->stream);
    for (int32_t s = 0; s < plan->step_count; s++) check_rings(check, plan->stream, s);
    if (!check->error_count) mote_stream_verify_strips(check);
    if (check->error_count) return MOTE_ERR_INPUT;
    if (plan->stream->slides) return verify_slide(check);
    struct mote_arena scratch;
    mote_arena_init(&scratch, MOTE_ARENA_DEFAULT_LIMIT);
    struct replay r = {.check = check, .plan = plan, .stream = plan->stream};
    r.owners = MOTE_NEW_ARRAY(&scratch, int32_t, plan->arena_bytes);
    r.rows_done = MOTE_NEW_ARRAY(&scratch, uint32_t, (size_t)plan->step_count);
    r.rows_taken = MOTE_NEW_ARRAY(&scratch, uint32_t, (size_t)plan->input_count);
    const bool ready = r.owners && r.rows_done && r.rows_taken;
    if (ready) replay(&r);
    mote_arena_free(&scratch);
    if (!ready) return mote_error_memory(check->diag);
    return check->error_count ? MOTE_ERR_INPUT : MOTE_OK;
}
