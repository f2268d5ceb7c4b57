/* The C of sliding plans: a frame in, the network over the last frames out, each layer computing one row. */
#include "internal.h"

#include "../plan/stream.h"

#include <inttypes.h>
#include <string.h>

/* The number of the buffer's ring among those of more than one row; -1 if it is none. */
static int32_t ring_number(const struct mote_plan *plan, int32_t buffer)
{
    if (plan->stream->buffers[buffer].ring_rows < 2) return -1;
    int32_t number = 0;
    for (int32_t i = 0; i < buffer; i++) number += plan->stream->buffers[i].ring_rows > 1;
    return number;
}

uint32_t mote_emit_slide_rings(const struct mote_plan *plan)
{
    uint32_t count = 0;
    for (int32_t i = 0; i < plan->buffer_count; i++) count += plan->stream->buffers[i].ring_rows > 1;
    return count;
}

void mote_emit_slide_calls(const struct mote_plan *plan, const struct mote_emit_options *options, struct mote_text *text)
{
    const char *name = options->name;
    const char *type = mote_emit_c_type(plan->graph->tensors[plan->graph->inputs[0]].dtype);
    mote_text_printf(text, "/* Forgets all frames. Call it once before the first one. */\nvoid %s_begin(union %s_arena *arena);\n\n", name,
                     name);
    mote_text_printf(text, "/* Where to write the next frame: by hand, or as the target of a DMA transfer. */\n"
                           "%s *%s_next_frame(union %s_arena *arena);\n\n",
                     type, name, name);
    mote_text_printf(text, "/* The frame is written: computes all that is new, %" PRId64 " multiply-accumulates. 1 if the output is that of the\n"
                           " * last %" PRIu32 " frames; 0 while there have been fewer. The output stays until the next call. */\n"
                           "uint8_t %s_push_frame(union %s_arena *arena);\n\n",
                     plan->macs, mote_stream_frames(plan), name, name);
}

static void write_row(const struct mote_plan *plan, const char *qualifier, const char *type, int32_t buffer,
                      struct mote_text *text)
{
    const struct mote_stream_buffer *b = &plan->stream->buffers[buffer];
    const uint32_t offset = plan->stream->pieces[b->first_piece].offset;
    const int32_t ring = ring_number(plan, buffer);
    if (ring < 0) mote_text_printf(text, "AT(%s%s, %" PRIu32 ")", qualifier, type, offset);
    else mote_text_printf(text, "AT(%s%s, %" PRIu32 " + slots[%" PRId32 "] * %" PRIu32 "u)", qualifier, type, offset, ring, b->row_bytes);
}

static void write_input(const struct mote_plan *plan, const struct mote_step *step, int input, struct mote_text *text)
{
    const struct mote_operand *in = &step->inputs[input];
    const struct mote_stream_buffer *b = &plan->stream->buffers[in->buffer];
    if (mote_stream_takes_table(plan->stream, in))
        mote_text_printf(text, "recent(arena, rows, %" PRIu32 ", %" PRIu32 ", %" PRIu32 ", slots[%" PRId32 "], %" PRIu32 ")",
                         plan->stream->pieces[b->first_piece].offset, b->row_bytes, b->ring_rows,
                         ring_number(plan, in->buffer), in->window_rows);
    else
        write_row(plan, "const ", step->kernel->in_types[input], in->buffer, text);
    mote_text_printf(text, ", ");
}

static void write_call(const struct mote_plan *plan, int32_t index, struct mote_text *text)
{
    const struct mote_step *step = &plan->steps[index];
    const bool by_rows = mote_stream_by_rows(plan, plan->stream, index);
    mote_text_printf(text, "    ");
    mote_emit_call_remark(plan, step, text);
    mote_text_printf(text, "\n    mk_%s(", step->kernel->name);
    write_row(plan, "", step->kernel->out_type, step->output.buffer, text);
    mote_text_printf(text, ", ");
    for (int i = 0; i < step->kernel->input_count; i++) write_input(plan, step, i, text);
    mote_text_printf(text, "&%s, %" PRIu32 ", %" PRIu32 ");\n", step->name, by_rows ? step->row_end - 1 : step->row_begin,
                     step->row_end);
    if (!step->completes_tensor) return;
    mote_text_printf(text, "    TRACE(%" PRId32 ", ", index);
    write_row(plan, "const ", "uint8_t", step->output.buffer, text);
    mote_text_printf(text, ", %" PRIu32 ");\n", by_rows ? step->output.row_bytes : plan->buffers[step->output.buffer].bytes);
}

static void write_advance(const struct mote_plan *plan, struct mote_text *text)
{
    for (int32_t i = 0; i < plan->buffer_count; i++) {
        const int32_t ring = ring_number(plan, i);
        if (ring >= 0)
            mote_text_printf(text, "    if (++slots[%" PRId32 "] == %" PRIu32 ") slots[%" PRId32 "] = 0;\n", ring,
                             plan->stream->buffers[i].ring_rows, ring);
    }
}

/* What most rings hold before the first frame, for a start: what the first one holds that does not hold zeros. */
static uint8_t common_fill(const struct mote_plan *plan)
{
    for (int32_t i = 0; i < plan->buffer_count; i++)
        if (plan->stream->buffers[i].ring_rows > 1 && mote_stream_fill(plan, i)) return mote_stream_fill(plan, i);
    return 0;
}

/* What lies between the rings, nobody reads. */
static void write_begin(const struct mote_plan *plan, const struct mote_emit_options *options, struct mote_text *text)
{
    const uint8_t common = common_fill(plan);
    mote_text_printf(text, "void %s_begin(ARENA *arena)\n{\n    memset(arena->state.tensors, %u, sizeof arena->state.tensors); /* zero points */\n"
                           "    arena->state.frames = 0;\n",
                     options->name, common);
    if (mote_emit_slide_rings(plan)) mote_text_printf(text, "    memset(arena->state.slots, 0, sizeof arena->state.slots);\n");
    for (int32_t i = 0; i < plan->buffer_count; i++) {
        const struct mote_stream_buffer *b = &plan->stream->buffers[i];
        if (b->ring_rows < 2 || mote_stream_fill(plan, i) == common) continue;
        mote_text_printf(text, "    memset(arena->bytes + %" PRIu32 ", %u, %" PRIu32 ");\n", plan->stream->pieces[b->first_piece].offset,
                         mote_stream_fill(plan, i), b->ring_rows * b->row_bytes);
    }
    mote_text_printf(text, "}\n\n");
}

void mote_emit_slide_source(const struct mote_plan *plan, const struct mote_emit_options *options, struct mote_text *text)
{
    const char *name = options->name;
    const char *type = mote_emit_c_type(plan->graph->tensors[plan->graph->inputs[0]].dtype);
    const bool has_rings = mote_emit_slide_rings(plan) > 0;
    mote_text_printf(text, "#define ARENA union %s_arena\n#define AT(type, offset) ((type *)(void *)(arena->bytes + (offset)))\n"
                           "#define FRAMES %" PRIu32 "\n\n",
                     name, mote_stream_frames(plan));
    mote_emit_row_trace(text);
    if (plan->stream->table_rows)
        mote_text_printf(text,
                         "/* Fills a table with where the last `count` rows of a ring lie, the oldest first; `slot` holds the newest. */\n"
                         "static const void *recent(ARENA *arena, const void **table, uint16_t offset, uint16_t row_bytes, uint8_t rows,\n"
                         "                          uint8_t slot, uint8_t count)\n{\n"
                         "    while (count--) {\n        table[count] = arena->bytes + offset + (size_t)slot * row_bytes;\n"
                         "        slot = (uint8_t)((slot ? slot : rows) - 1);\n    }\n    return table;\n}\n\n");
    write_begin(plan, options, text);
    mote_text_printf(text, "%s *%s_next_frame(ARENA *arena)\n{\n", type, name);
    if (has_rings) mote_text_printf(text, "    const uint8_t *const slots = arena->state.slots;\n    (void)slots;\n");
    mote_text_printf(text, "    return ");
    write_row(plan, "", type, plan->inputs[0], text);
    mote_text_printf(text, ";\n}\n\nuint8_t %s_push_frame(ARENA *arena)\n{\n", name);
    if (has_rings) mote_text_printf(text, "    uint8_t *const slots = arena->state.slots;\n");
    if (plan->stream->table_rows) mote_text_printf(text, "    const void *rows[%" PRIu32 "];\n", plan->stream->table_rows);
    for (int32_t i = 0; i < plan->step_count; i++) write_call(plan, i, text);
    write_advance(plan, text);
    mote_text_printf(text, "    if (arena->state.frames < FRAMES) arena->state.frames++;\n    return arena->state.frames == FRAMES;\n}\n");
}
