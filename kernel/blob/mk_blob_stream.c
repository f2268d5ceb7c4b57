/* mk_blob_stream.c: the loop of plans whose input comes row by row. */
#include "mk_blob.h"

struct mk_blob_stream mk_blob_stream(const struct mk_blob *blob)
{
    struct mk_blob_stream stream;
    mk_blob_read(blob->bytes, blob->plan.stream_at, &stream, sizeof stream);
    return stream;
}

/* The row with that number. */
static void *mk_blob_row(const struct mk_blob *blob, const struct mk_blob_stream *stream, uint16_t number, void *arena)
{
    uint32_t offset;
    mk_blob_read(blob->bytes, stream->places_at + 4 * (uint32_t)number, &offset, sizeof offset);
    return (uint8_t *)arena + (size_t)offset;
}

/* What a step is handed for an operand when it computes a row: a row, or the table, which is filled. Entries that the kernel has no
 * use for, since the window reaches past the tensor or lies beside it, are the nearest row: none is ever left as it was. */
static void *mk_blob_find(const struct mk_blob *blob, const struct mk_blob_stream *stream, const struct mk_blob_operand *operand,
                          uint16_t row, void *arena, void **table)
{
    const int32_t last = (int32_t)operand->rows - 1;
    /* unsigned, as a row that no sound blob asks for may be beyond 32 bits */
    int32_t wanted = (int32_t)((uint32_t)row * operand->stride - (uint32_t)operand->pad);
    uint16_t i = 0;
    if (wanted < 0) wanted = 0;
    do {
        if (wanted > last) wanted = last;
        table[i] = (uint8_t *)mk_blob_row(blob, stream, (uint16_t)(operand->first + wanted), arena) + (size_t)operand->offset;
        wanted++;
    } while (++i < operand->window);
    return operand->window ? table : table[0];
}

static void mk_blob_run_event(const struct mk_blob *blob, const struct mk_blob_stream *stream, const struct mk_blob_event *event,
                              void *arena)
{
    struct mk_blob_operand operands[3];
    struct mk_blob_step step;
    union mk_blob_params params;
    void *table[MK_BLOB_MOST_WINDOW], *row; /* only the first input comes as a table */
    mk_blob_read(blob->bytes, blob->plan.steps_at + event->step * (uint32_t)sizeof step, &step, sizeof step);
    mk_blob_read(blob->bytes, stream->operands_at + event->step * (uint32_t)sizeof operands, operands, sizeof operands);
    const uint8_t index = mk_blob_load_params(blob, &step, &params);
    const uint16_t rows = step.flags & MK_BLOB_BY_ROWS ? 1 : (uint16_t)(step.row_end - step.row_begin);
    struct mk_blob_call call = {.params = (MK_FLASH void *)&params, .row_begin = event->row, .row_end = (uint16_t)(event->row + rows)};
    call.out = mk_blob_find(blob, stream, &operands[0], event->row, arena, &row);
    call.in[0] = mk_blob_find(blob, stream, &operands[1], event->row, arena, table);
    call.in[1] = mk_blob_find(blob, stream, &operands[2], event->row, arena, &row);
    mk_blob_call(index, &call);
}

static struct mk_blob_event mk_blob_event(const struct mk_blob *blob, const struct mk_blob_stream *stream)
{
    struct mk_blob_event event;
    mk_blob_read(blob->bytes, stream->events_at + blob->next_event * (uint32_t)sizeof event, &event, sizeof event);
    return event;
}

void mk_blob_begin(struct mk_blob *blob)
{
    blob->next_event = 0;
}

void *mk_blob_next_row(struct mk_blob *blob, void *arena)
{
    const struct mk_blob_stream stream = mk_blob_stream(blob);
    if (blob->next_event == stream.event_count) blob->next_event = 0;
    return mk_blob_row(blob, &stream, (uint16_t)(stream.first_input + mk_blob_event(blob, &stream).row), arena);
}

uint8_t mk_blob_push_row(struct mk_blob *blob, void *arena)
{
    const struct mk_blob_stream stream = mk_blob_stream(blob);
    while (++blob->next_event < stream.event_count) {
        const struct mk_blob_event event = mk_blob_event(blob, &stream);
        if (event.step == MK_BLOB_TAKE) return 0;
        mk_blob_run_event(blob, &stream, &event, arena);
    }
    return 1;
}
