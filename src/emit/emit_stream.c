/* The C of streamed plans: the interface by rows, the tables of events and places, and the runner that goes through them. */
#include "internal.h"

#include "../plan/stream.h"

#include <inttypes.h>
#include <string.h>

uint32_t mote_emit_arena_bytes(const struct mote_plan *plan)
{
    if (!plan->stream) return plan->arena_bytes;
    const uint32_t rings = plan->stream->slides ? (mote_emit_slide_rings(plan) + 1u) & ~1u : 0;
    const uint32_t with_state = ((plan->arena_bytes + 1u) & ~1u) + 2u + rings;
    return plan->arena_alignment_bytes > 1 ? (with_state + 3u) & ~3u : with_state;
}

const char *mote_emit_row_word(const struct mote_plan *plan)
{
    return plan->stream->slides ? "frame" : "row";
}

static void write_macro(const struct mote_emit_options *options, const char *suffix, int64_t value, struct mote_text *text)
{
    mote_text_printf(text, "#define ");
    mote_emit_upper(options->name, text);
    mote_text_printf(text, "_%s %" PRId64 "\n", suffix, value);
}

static uint32_t input_rows(const struct mote_plan *plan)
{
    const uint32_t rows = plan->stream->buffers[plan->inputs[0]].row_count;
    return rows ? rows : 1;
}

static bool is_in_strips(const struct mote_plan *plan)
{
    return plan->stream->strip_count != 0;
}

static const struct mote_tensor *input_tensor(const struct mote_plan *plan)
{
    return &plan->graph->tensors[plan->graph->inputs[0]];
}

/* ---- model.h ---- */

void mote_emit_stream_arena(const struct mote_plan *plan, const struct mote_emit_options *options, struct mote_text *text)
{
    const char *name = options->name;
    mote_text_printf(text, "/* All the RAM the network needs besides the stack. %s\n"
                           " * it belongs to the network; nothing else may write to it. */\n",
                     plan->stream->slides ? "From the first frame on"
                                          : "From the first row of an input to the reading of the output");
    write_macro(options, "TENSOR_BYTES", plan->arena_bytes, text);
    write_macro(options, "ARENA_BYTES", mote_emit_arena_bytes(plan), text);
    mote_text_printf(text, "union %s_arena {\n    uint8_t bytes[", name);
    mote_emit_upper(name, text);
    mote_text_printf(text, "_ARENA_BYTES];\n    struct {\n        uint8_t tensors[");
    mote_emit_upper(name, text);
    mote_text_printf(text, "_TENSOR_BYTES];\n        uint16_t %s;\n", plan->stream->slides ? "frames" : "next_event");
    if (plan->stream->slides && mote_emit_slide_rings(plan))
        mote_text_printf(text, "        uint8_t slots[%" PRIu32 "]; /* where the newest row of each ring lies */\n",
                         mote_emit_slide_rings(plan));
    mote_text_printf(text, "    } state;\n");
    if (plan->arena_alignment_bytes > 1) mote_text_printf(text, "    uint32_t alignment;\n");
    mote_text_printf(text, "};\n\n");
}

void mote_emit_stream_input(const struct mote_plan *plan, const struct mote_emit_options *options, struct mote_text *text)
{
    const struct mote_tensor *t = input_tensor(plan);
    mote_text_printf(text, "/* Input \"");
    mote_emit_remark(t->name, text);
    mote_text_printf(text, "\": %s", mote_emit_c_type(t->dtype));
    mote_emit_shape(&t->shape, text);
    const bool slides = plan->stream->slides;
    mote_text_printf(text, slides ? ", the last frames */\n" : ", row by row */\n");
    const int64_t elements = mote_shape_elements(&t->shape);
    write_macro(options, slides ? "INPUT_FRAMES" : "INPUT_ROWS", input_rows(plan), text);
    write_macro(options, slides ? "INPUT_FRAME_ELEMENTS" : "INPUT_ROW_ELEMENTS", elements / input_rows(plan), text);
    if (is_in_strips(plan)) mote_emit_strips_input(plan, options, text);
    mote_emit_quantisation(options, "INPUT", t, text);
}

void mote_emit_stream_calls(const struct mote_plan *plan, const struct mote_emit_options *options, struct mote_text *text)
{
    const char *name = options->name, *type = mote_emit_c_type(input_tensor(plan)->dtype);
    if (plan->stream->slides) {
        mote_emit_slide_calls(plan, options, text);
        return;
    }
    if (is_in_strips(plan)) {
        mote_emit_strips_calls(plan, options, text);
        return;
    }
    mote_text_printf(text, "/* Before the first inference, and to give up one that has begun. */\nvoid %s_begin(union %s_arena *arena);\n\n",
                     name, name);
    mote_text_printf(text, "/* Where to write the next row of the input: by hand, or as the target of a DMA transfer. After the last row of one\n"
                           " * inference the next one begins, and the output is lost as soon as the row is written. */\n"
                           "%s *%s_next_row(union %s_arena *arena);\n\n",
                     type, name, name);
    mote_text_printf(text, "/* The row is written: computes all that it makes possible. 1 if it was the last one and the output is ready, else 0.\n"
                           " * One inference takes %" PRId64 " multiply-accumulates. */\nuint8_t %s_push_row(union %s_arena *arena);\n\n",
                     plan->macs, name, name);
}

/* ---- Tables ---- */

static void write_events(const struct mote_plan *plan, struct mote_text *text)
{
    const bool bytes = mote_stream_events_are_bytes(plan);
    const int32_t take = is_in_strips(plan) ? plan->step_count : bytes ? UINT8_MAX : UINT16_MAX;
    mote_text_printf(text, "/* What happens in which order: {call, row}. TAKE: the application delivers that row of the input%s. */\n"
                           "#define TAKE %" PRId32 "\n#define EVENTS %" PRId32 "\ntypedef %s event_part;\n"
                           "static MK_FLASH event_part events[EVENTS][2] = {",
                     is_in_strips(plan) ? " in\n * the first pass, TAKE + 1 in the second, and so on" : "", take,
                     plan->stream->event_count, bytes ? "uint8_t" : "uint16_t");
    for (int32_t i = 0; i < plan->stream->event_count; i++) {
        const struct mote_stream_event *e = &plan->stream->events[i];
        mote_text_printf(text, i % 12 ? " " : "\n    ");
        if (e->step == MOTE_TAKE_ROW && e->input) mote_text_printf(text, "{TAKE + %" PRId32 ", %" PRIu32 "},", e->input, e->row);
        else if (e->step == MOTE_TAKE_ROW) mote_text_printf(text, "{TAKE, %" PRIu32 "},", e->row);
        else mote_text_printf(text, "{%" PRId32 ", %" PRIu32 "},", e->step, e->row == MOTE_ALL_ROWS ? 0 : e->row);
    }
    mote_text_printf(text, "\n};\n\n");
}

/* Rows are numbered through all tensors that are held in rows; this is the number of a tensor's first. */
static int32_t first_number(const struct mote_plan *plan, int32_t buffer)
{
    int32_t number = 0;
    for (int32_t i = 0; i < buffer; i++) number += (int32_t)plan->stream->buffers[i].row_count;
    return number;
}

static void write_places(const struct mote_plan *plan, struct mote_text *text)
{
    const struct mote_stream *stream = plan->stream;
    if (!first_number(plan, plan->buffer_count)) return;
    mote_text_printf(text, "/* Where each row lies in the arena. Rows are numbered from tensor to tensor. */\n"
                           "typedef %s place;\nstatic MK_FLASH place places[%" PRId32 "] = {\n",
                     plan->arena_bytes > UINT16_MAX ? "uint32_t" : "uint16_t", first_number(plan, plan->buffer_count));
    for (int32_t i = 0; i < plan->buffer_count; i++) {
        const struct mote_stream_buffer *b = &stream->buffers[i];
        if (!b->row_count) continue;
        mote_text_printf(text, "    /* from %" PRId32 ", rows of %" PRIu32 " bytes: ", first_number(plan, i), b->row_bytes);
        mote_emit_remark(plan->buffers[i].name, text);
        mote_text_printf(text, " */");
        for (uint32_t r = 0; r < b->row_count; r++)
            mote_text_printf(text, "%s%" PRIu32 ",", r % 20 ? " " : "\n    ",
                             mote_stream_piece_of(stream, i, r)->offset);
        mote_text_printf(text, "\n");
    }
    mote_text_printf(text, "};\n\n");
    mote_text_printf(text, "static void *row_at(ARENA *arena, uint16_t number)\n{\n    place offset;\n"
                           "    mk_flash_copy(&offset, mk_flash_skip_s8((MK_FLASH int8_t *)places, (uint32_t)number * sizeof offset), sizeof offset);\n"
                           "    return arena->bytes + offset;\n}\n\n");
}

/* ---- Calls ---- */

static bool any_table(const struct mote_plan *plan)
{
    return plan->stream->table_rows > 0;
}

/* Bytes from the begin of a row to the part that the operand is, as "+ 12" elements of the type that is pointed to. */
static void write_part(const struct mote_operand *operand, const char *type, struct mote_text *text)
{
    const uint32_t element_bytes = !strcmp(type, "int8_t") || !strcmp(type, "uint8_t") ? 1 : !strcmp(type, "int16_t") ? 2 : 4;
    if (operand->offset_bytes) mote_text_printf(text, " + %" PRIu32, operand->offset_bytes / element_bytes);
}

/* Do some steps read a part of their input's rows through a table? */
static bool any_part_in_tables(const struct mote_plan *plan)
{
    for (int32_t s = 0; s < plan->step_count; s++)
        for (int i = 0; i < plan->steps[s].kernel->input_count; i++)
            if (plan->steps[s].inputs[i].offset_bytes && mote_stream_takes_table(plan->stream, &plan->steps[s].inputs[i]))
                return true;
    return false;
}

static void write_helpers(const struct mote_plan *plan, struct mote_text *text)
{
    if (!any_table(plan)) return;
    const bool parts = any_part_in_tables(plan);
    mote_text_printf(text,
                     "/* Fills a table with where the rows [begin, begin + count) of a tensor lie, as far as it has such rows; `first` is the\n"
                     " * number of its row 0%s. */\n"
                     "static const void *window(ARENA *arena, const void **table, uint16_t first, uint16_t rows, int16_t begin, uint16_t count%s)\n",
                     parts ? ", and of each row what lies `offset` bytes on is wanted" : "", parts ? ", uint16_t offset" : "");
    mote_text_printf(text,
                     "{\n    const void **to = table;\n    int16_t end = (int16_t)(begin + (int16_t)count);\n"
                     "    if (end > (int16_t)rows) end = (int16_t)rows;\n"
                     "    for (int16_t row = begin < 0 ? 0 : begin; row < end; row++) *to++ = %srow_at(arena, (uint16_t)(first + (uint16_t)row))%s;\n"
                     "    return table;\n}\n\n",
                     parts ? "(const uint8_t *)" : "", parts ? " + offset" : "");
}

/* "row", "2 * row - 4": the first row that is read. */
static void write_first_row(const struct mote_row_map *map, struct mote_text *text)
{
    if (map->stride != 1) mote_text_printf(text, "%" PRId32 " * ", map->stride);
    mote_text_printf(text, "row");
    if (map->pad) mote_text_printf(text, " %c %" PRId32, map->pad > 0 ? '-' : '+', map->pad > 0 ? map->pad : -map->pad);
}

static bool may_leave_tensor(const struct mote_step *step, const struct mote_operand *in)
{
    return in->rows.pad > 0 ||
           ((int64_t)step->row_end - 1) * in->rows.stride - in->rows.pad >= (int64_t)in->rows.in_rows;
}

static void write_input(const struct mote_plan *plan, const struct mote_step *step, int input, struct mote_text *text)
{
    const struct mote_operand *in = &step->inputs[input];
    const char *type = step->kernel->in_types[input];
    if (!plan->stream->buffers[in->buffer].row_count) {
        mote_text_printf(text, "AT(const %s, %" PRIu32 "), ", type, mote_stream_piece_of(plan->stream, in->buffer, 0)->offset);
        return;
    }
    const int32_t first = first_number(plan, in->buffer);
    if (mote_stream_takes_table(plan->stream, in)) {
        mote_text_printf(text, "window(arena, rows, %" PRId32 ", %" PRIu32 ", (int16_t)(", first, in->rows.in_rows);
        write_first_row(&in->rows, text);
        mote_text_printf(text, "), %" PRIu32, in->window_rows);
        if (any_part_in_tables(plan)) mote_text_printf(text, ", %" PRIu32, in->offset_bytes);
        mote_text_printf(text, "), ");
    } else if (may_leave_tensor(step, in)) {
        mote_text_printf(text, "ROW(const %s, %" PRId32 " + INSIDE(", type, first);
        write_first_row(&in->rows, text);
        mote_text_printf(text, ", %" PRIu32 "))", in->rows.in_rows);
        write_part(in, type, text);
        mote_text_printf(text, ", ");
    } else {
        mote_text_printf(text, "ROW(const %s, %" PRId32 " + ", type, first);
        write_first_row(&in->rows, text);
        mote_text_printf(text, ")");
        write_part(in, type, text);
        mote_text_printf(text, ", ");
    }
}

static void write_output(const struct mote_plan *plan, const struct mote_step *step, bool by_rows, struct mote_text *text)
{
    const struct mote_stream_buffer *b = &plan->stream->buffers[step->output.buffer];
    const char *type = step->kernel->out_type;
    const uint32_t offset = mote_stream_piece_of(plan->stream, step->output.buffer, 0)->offset;
    if (b->row_count) {
        mote_text_printf(text, "ROW(%s, %" PRId32 " + row)", type, first_number(plan, step->output.buffer));
        write_part(&step->output, type, text);
    } else if (by_rows && !mote_stream_is_accumulator(step))
        mote_text_printf(text, "AT(%s, %" PRIu32 " + row * %" PRIu32 "u)", type, offset, step->output.row_bytes);
    else
        mote_text_printf(text, "AT(%s, %" PRIu32 ")", type, offset);
}

static void write_case(const struct mote_plan *plan, int32_t index, struct mote_text *text)
{
    const struct mote_step *step = &plan->steps[index];
    const bool by_rows = mote_stream_by_rows(plan, plan->stream, index);
    mote_text_printf(text, "    case %" PRId32 ": { ", index);
    mote_emit_call_remark(plan, step, text);
    mote_text_printf(text, "\n        %s *const out = ", step->kernel->out_type);
    write_output(plan, step, by_rows, text);
    mote_text_printf(text, ";\n        mk_%s(out, ", step->kernel->name);
    for (int i = 0; i < step->kernel->input_count; i++) write_input(plan, step, i, text);
    if (by_rows) mote_text_printf(text, "&%s, row, (uint16_t)(row + 1));\n", step->name);
    else mote_text_printf(text, "&%s, %" PRIu32 ", %" PRIu32 ");\n", step->name, step->row_begin, step->row_end);
    if (step->completes_tensor)
        mote_text_printf(text, "        TRACE(%" PRId32 ", out, %" PRIu32 ");\n", index,
                         by_rows ? step->output.row_bytes : plan->buffers[step->output.buffer].bytes);
    mote_text_printf(text, "        break;\n    }\n");
}

static bool any_inside(const struct mote_plan *plan)
{
    for (int32_t s = 0; s < plan->step_count; s++)
        for (int i = 0; i < plan->steps[s].kernel->input_count; i++) {
            const struct mote_operand *in = &plan->steps[s].inputs[i];
            if (plan->stream->buffers[in->buffer].row_count && !mote_stream_takes_table(plan->stream, in) &&
                may_leave_tensor(&plan->steps[s], in))
                return true;
        }
    return false;
}

/* ---- The runner ---- */

static void write_runner(const struct mote_plan *plan, const struct mote_emit_options *options, struct mote_text *text)
{
    const char *name = options->name, *type = mote_emit_c_type(input_tensor(plan)->dtype);
    const int32_t input = plan->inputs[0];
    mote_text_printf(text, "static void read_event(event_part *event, uint16_t index)\n{\n"
                           "    const uint32_t bytes = 2 * sizeof *event;\n"
                           "    mk_flash_copy(event, mk_flash_skip_s8((MK_FLASH int8_t *)events, index * bytes), (size_t)bytes);\n}\n\n");
    mote_text_printf(text, "void %s_begin(ARENA *arena)\n{\n    arena->state.next_event = 0;\n}\n\n", name);
    mote_text_printf(text, "%s *%s_next_row(ARENA *arena)\n{\n    if (arena->state.next_event == EVENTS) arena->state.next_event = 0;\n",
                     type, name);
    if (is_in_strips(plan))
        mote_text_printf(text, "    event_part event[2];\n    read_event(event, arena->state.next_event);\n"
                               "    return ROW(%s, %" PRId32 " + (event[0] - TAKE) * %" PRIu32 " + event[1]);\n}\n\n",
                         type, first_number(plan, input), input_rows(plan));
    else if (plan->stream->buffers[input].row_count)
        mote_text_printf(text, "    event_part event[2];\n    read_event(event, arena->state.next_event);\n"
                               "    return ROW(%s, %" PRId32 " + event[1]);\n}\n\n",
                         type, first_number(plan, input));
    else
        mote_text_printf(text, "    return AT(%s, %" PRIu32 ");\n}\n\n", type,
                         mote_stream_piece_of(plan->stream, input, 0)->offset);
    mote_text_printf(text, "uint8_t %s_push_row(ARENA *arena)\n{\n    event_part event[2];\n"
                           "    while (++arena->state.next_event < EVENTS) {\n        read_event(event, arena->state.next_event);\n"
                           "        if (event[0] %s TAKE) return 0;\n        run_event(arena, event[0], event[1]);\n    }\n"
                           "    return 1;\n}\n",
                     name, is_in_strips(plan) ? ">=" : "==");
    if (is_in_strips(plan)) mote_emit_strips_source(plan, options, text);
}

void mote_emit_row_trace(struct mote_text *text)
{
    mote_text_printf(text, "/* With MOTE_TRACE the application sees every layer's output, row by row. */\n#ifdef MOTE_TRACE\n"
                           "void mote_trace(uint16_t step, const void *data, size_t bytes);\n"
                           "#define TRACE(step, data, bytes) mote_trace((step), (data), (bytes))\n"
                           "#else\n#define TRACE(step, data, bytes) (void)0\n#endif\n\n");
}

void mote_emit_stream_source(const struct mote_plan *plan, const struct mote_emit_options *options, struct mote_text *text)
{
    mote_text_printf(text, "#define ARENA union %s_arena\n#define AT(type, offset) ((type *)(void *)(arena->bytes + (offset)))\n",
                     options->name);
    if (first_number(plan, plan->buffer_count))
        mote_text_printf(text, "#define ROW(type, number) ((type *)row_at(arena, (uint16_t)(number)))\n");
    if (any_inside(plan))
        mote_text_printf(text, "#define INSIDE(row, rows) ((row) < 0 ? 0 : (row) < (rows) ? (row) : (rows) - 1)\n");
    mote_text_printf(text, "\n");
    mote_emit_row_trace(text);
    write_events(plan, text);
    write_places(plan, text);
    write_helpers(plan, text);
    mote_text_printf(text, "/* One call of a kernel: one row, or all rows where `row` is not used. */\n"
                           "static void run_event(ARENA *arena, event_part call, uint16_t row)\n{\n");
    if (any_table(plan)) mote_text_printf(text, "    const void *rows[%" PRIu32 "];\n", plan->stream->table_rows);
    mote_text_printf(text, "    (void)row;\n    switch (call) {\n");
    for (int32_t i = 0; i < plan->step_count; i++) write_case(plan, i, text);
    mote_text_printf(text, "    default: break;\n    }\n}\n\n");
    write_runner(plan, options, text);
}

void mote_emit_stream_self_test(const struct mote_plan *plan, const struct mote_emit_options *options,
                                struct mote_text *text)
{
    const uint32_t row_bytes = plan->buffers[plan->inputs[0]].bytes / input_rows(plan);
    const char *what = mote_emit_row_word(plan);
    if (is_in_strips(plan)) {
        mote_emit_strips_self_test(plan, options, text);
        return;
    }
    mote_text_printf(text, "    %s_begin(arena);\n    MK_FLASH int8_t *input = (MK_FLASH int8_t *)self_test_input;\n    do {\n"
                           "        mk_flash_copy(%s_next_%s(arena), input, %" PRIu32 ");\n"
                           "        input = mk_flash_skip_s8(input, %" PRIu32 ");\n    } while (!%s_push_%s(arena));\n",
                     options->name, options->name, what, row_bytes, row_bytes, options->name, what);
}
