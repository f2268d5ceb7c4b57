/* stream_places.c: where a streamed plan's steps find rows, as tables for the chip say it: places numbered through all buffers, and
 * how a row of the output leads to them. */
#include "stream.h"

int32_t mote_stream_first_place(const struct mote_plan *plan, int32_t buffer)
{
    int32_t number = 0;
    for (int32_t i = 0; i < buffer; i++) number += (int32_t)mote_stream_place_count(plan, i);
    return number;
}

uint32_t mote_stream_place_offset(const struct mote_plan *plan, int32_t buffer, uint32_t r)
{
    const bool in_rows = plan->stream->buffers[buffer].row_count != 0;
    const uint32_t offset = mote_stream_piece_of(plan->stream, buffer, in_rows ? r : 0)->offset;
    return in_rows ? offset : offset + r * mote_stream_row_step(plan, buffer);
}

struct mote_stream_place_map mote_stream_output_map(const struct mote_plan *plan, const struct mote_step *step)
{
    const bool in_rows = plan->stream->buffers[step->output.buffer].row_count != 0;
    return (struct mote_stream_place_map){.first = mote_stream_first_place(plan, step->output.buffer),
                                          .rows = mote_stream_place_count(plan, step->output.buffer),
                                          .stride = !mote_stream_is_accumulator(step),
                                          .offset = in_rows ? step->output.offset_bytes : 0,
                                          .row_bytes = mote_stream_is_accumulator(step) ? 0
                                                       : in_rows ? step->output.row_bytes
                                                                 : mote_stream_row_step(plan, step->output.buffer)};
}

struct mote_stream_place_map mote_stream_input_map(const struct mote_plan *plan, const struct mote_step *step, int input)
{
    if (input >= step->kernel->input_count) return (struct mote_stream_place_map){.rows = 1};
    const struct mote_operand *in = &step->inputs[input];
    const int32_t first = mote_stream_first_place(plan, in->buffer);
    if (!plan->stream->buffers[in->buffer].row_count) return (struct mote_stream_place_map){.first = first, .rows = 1};
    const bool table = mote_stream_takes_table(plan->stream, in);
    return (struct mote_stream_place_map){first, in->rows.in_rows, in->rows.stride, in->rows.pad, table ? in->window_rows : 0,
                                          in->offset_bytes, table ? 0 : in->row_bytes};
}
