/* stream_tables.c: what is asked of a finished stream to write it down: where rows lie, which rows the application is asked for,
 * and how many bytes the tables take. */
#include "stream.h"

bool mote_stream_events_are_bytes(const struct mote_plan *plan)
{
    if (mote_stream_loop_entry(plan) > UINT8_MAX) return false;
    for (int32_t i = 0; i < plan->stream->event_count; i++)
        if (plan->stream->events[i].row != MOTE_ALL_ROWS &&
            (plan->stream->events[i].row > UINT8_MAX || plan->stream->events[i].rows > UINT8_MAX))
            return false;
    for (int32_t s = 0; s < plan->step_count; s++)
        if (plan->steps[s].row_begin > UINT8_MAX) return false;
    return true;
}

/* The step that writes a buffer in one piece row by row; NULL: none does. */
static const struct mote_step *find_row_writer(const struct mote_plan *plan, int32_t buffer)
{
    for (int32_t s = 0; s < plan->step_count; s++) {
        const struct mote_step *step = &plan->steps[s];
        if (step->output.buffer == buffer && mote_stream_by_rows(plan, plan->stream, s) && !mote_stream_is_accumulator(step))
            return step;
    }
    return NULL;
}

uint32_t mote_stream_place_count(const struct mote_plan *plan, int32_t buffer)
{
    if (plan->stream->buffers[buffer].row_count) return plan->stream->buffers[buffer].row_count;
    const struct mote_step *writer = find_row_writer(plan, buffer);
    return writer ? writer->row_end : 1;
}

uint32_t mote_stream_row_step(const struct mote_plan *plan, int32_t buffer)
{
    const struct mote_step *writer = find_row_writer(plan, buffer);
    return writer ? writer->output.row_bytes : 0;
}

static size_t count_places(const struct mote_plan *plan)
{
    size_t places = 0;
    for (int32_t i = 0; i < plan->buffer_count; i++) places += mote_stream_place_count(plan, i);
    return places;
}

static size_t place_bytes(const struct mote_plan *plan)
{
    return plan->arena_bytes > UINT16_MAX ? sizeof(uint32_t) : sizeof(uint16_t);
}

uint32_t mote_stream_different_places(const struct mote_plan *plan)
{
    uint32_t known[UINT8_MAX + 1], count = 0;
    for (int32_t i = 0; i < plan->buffer_count; i++)
        for (uint32_t r = 0; r < mote_stream_place_count(plan, i); r++) {
            const uint32_t place = mote_stream_place_offset(plan, i, r);
            uint32_t k = 0;
            while (k < count && known[k] != place) k++;
            if (k == count && count > UINT8_MAX) return 0;
            if (k == count) known[count++] = place;
        }
    const size_t places = count_places(plan);
    return places + count * place_bytes(plan) < places * place_bytes(plan) ? count : 0;
}

int32_t mote_stream_run_to_end(const struct mote_plan *plan, int32_t event)
{
    const struct mote_stream_event *const e = &plan->stream->events[event];
    if (e->step == MOTE_TAKE_ROW || e->row == MOTE_ALL_ROWS || mote_stream_is_banded(plan->stream)) return 1;
    const struct mote_step *const step = &plan->steps[e->step];
    if (mote_stream_is_accumulator(step) || mote_stream_place_count(plan, step->output.buffer) != step->row_end) return 1;
    int32_t count = 0;
    for (int32_t i = event; i < plan->stream->event_count && e[count].step == e->step && e[count].row == e->row + (uint32_t)count; i++) {
        count++;
        if (e->row + (uint32_t)count == step->row_end) return count;
    }
    return 1;
}

size_t mote_stream_table_bytes(const struct mote_plan *plan)
{
    if (plan->stream->slides) return 0;
    const size_t places = count_places(plan), different = mote_stream_different_places(plan);
    const size_t parts = mote_plan_is_pushed(plan) ? 1 : mote_stream_is_banded(plan->stream) ? 3 : 2;
    return plan->stream->list.count * parts * (mote_stream_events_are_bytes(plan) ? 1 : 2) +
           (different ? places + different * place_bytes(plan) : places * place_bytes(plan));
}

struct mote_stream_take mote_stream_take_of(const struct mote_plan *plan, const struct mote_stream_event *event)
{
    const struct mote_stream *stream = plan->stream;
    const struct mote_stream_piece *piece = mote_stream_piece_of(stream, plan->inputs[event->input], event->row);
    const struct mote_stream_buffer *b = &stream->buffers[plan->inputs[event->input]];
    if (!b->column_count) return (struct mote_stream_take){piece->offset, piece->bytes, event->row * piece->bytes};
    const uint32_t column_bytes = b->row_bytes / b->column_count;
    return (struct mote_stream_take){piece->offset, piece->bytes,
                                     (event->row * stream->input_columns + b->first_column) * column_bytes};
}

bool mote_stream_next_take(const struct mote_plan *plan, uint32_t *index, struct mote_stream_take *take)
{
    const struct mote_stream *stream = plan->stream;
    if (stream->slides) {
        if (*index == mote_stream_frames(plan)) return false;
        take->offset = mote_stream_slot_offset(stream, plan->inputs[0], *index);
        take->bytes = stream->buffers[plan->inputs[0]].row_bytes;
        take->source = *index * take->bytes;
        (*index)++;
        return true;
    }
    uint32_t taken = 0;
    for (int32_t e = 0; e < stream->event_count; e++) {
        const struct mote_stream_event *event = &stream->events[e];
        if (event->step != MOTE_TAKE_ROW || taken++ != *index) continue;
        *take = mote_stream_take_of(plan, event);
        (*index)++;
        return true;
    }
    return false;
}

bool mote_stream_is_part(const struct mote_stream *stream, const struct mote_operand *operand)
{
    const struct mote_stream_buffer *b = &stream->buffers[operand->buffer];
    return b->row_count && operand->row_bytes != b->row_bytes;
}
