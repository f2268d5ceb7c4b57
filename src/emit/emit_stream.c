/* The C of streamed plans: the interface by rows, the tables of events and places, and the runner that goes through them. */
#include "internal.h"

#include "../plan/stream.h"

#include <inttypes.h>
#include <string.h>

/* Of the rows that each step has computed, and of those that each input has given. */
static uint32_t counter_count(const struct mote_plan *plan)
{
    return (uint32_t)(plan->step_count + plan->input_count);
}

static uint32_t counter_bytes(const struct mote_plan *plan)
{
    return mote_stream_events_are_bytes(plan) ? 1 : 2;
}

uint32_t mote_emit_arena_bytes(const struct mote_plan *plan)
{
    if (!mote_plan_is_pushed(plan)) return plan->arena_bytes;
    const uint32_t counters = plan->stream->slides ? mote_emit_slide_rings(plan)
                                                   : (counter_count(plan) + plan->stream->list.loops) * counter_bytes(plan);
    const uint32_t with_state = ((plan->arena_bytes + 1u) & ~1u) + 2u + ((counters + 1u) & ~1u);
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
    if (!plan->stream->slides)
        mote_text_printf(text, "        uint%" PRIu32 "_t rows[%" PRIu32 "]; /* that each call has computed, and that each input has given */\n",
                         8 * counter_bytes(plan), counter_count(plan));
    if (plan->stream->list.loops) mote_text_printf(text, "        uint%" PRIu32 "_t turns; /* of a loop of events, still to do */\n", 8 * counter_bytes(plan));
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

static const char *event_type(const struct mote_plan *plan)
{
    return mote_stream_events_are_bytes(plan) ? "uint8_t" : "uint16_t";
}

static void write_entry(const struct mote_plan *plan, int32_t entry, struct mote_text *text)
{
    if (entry < plan->step_count) mote_text_printf(text, "%" PRId32, entry);
    else if (entry == plan->step_count) mote_text_printf(text, "TAKE");
    else if (entry < mote_stream_to_end_entry(plan)) mote_text_printf(text, "TAKE + %" PRId32, entry - plan->step_count);
    else mote_text_printf(text, "TO_END + %" PRId32, entry - mote_stream_to_end_entry(plan));
}

/* Of a pushed input: a step computes its rows in ascending order, so that an event need only name it. */
static void write_pushed_events(const struct mote_plan *plan, struct mote_text *text)
{
    const struct mote_stream_list list = plan->stream->list;
    mote_text_printf(text, "/* What happens in which order: a call computes its next row, or, TO_END + call, all that are left. TAKE: the application\n"
                           " * delivers the next row of the input%s.%s */\n"
                           "#define TAKE %" PRId32 "\n#define TO_END %" PRId32 "\n",
                     is_in_strips(plan) ? " in the first pass, TAKE + 1 in the second, and so on" : "",
                     list.loops ? " LOOP, n, times: the n entries before it, so many times more." : "", plan->step_count,
                     mote_stream_to_end_entry(plan));
    if (list.loops) mote_text_printf(text, "#define LOOP %" PRId32 "\n", mote_stream_loop_entry(plan));
    mote_text_printf(text, "#define EVENTS %zu\ntypedef %s event;\nstatic MK_FLASH event events[EVENTS] = {", list.count, event_type(plan));
    for (size_t i = 0, column = 0; i < list.count; i++, column++) {
        mote_text_printf(text, column % 20 ? " " : "\n    ");
        if (list.entries[i] != mote_stream_loop_entry(plan)) {
            write_entry(plan, list.entries[i], text);
        } else {
            mote_text_printf(text, "LOOP, %u, %u", list.entries[i + 1], list.entries[i + 2]);
            i += 2;
        }
        mote_text_printf(text, ",");
    }
    mote_text_printf(text, "\n};\n\n");
}

/* Of whole inputs: with the rows, which no counters in RAM then need to tell. */
static void write_fused_events(const struct mote_plan *plan, struct mote_text *text)
{
    const bool banded = mote_stream_is_banded(plan->stream);
    mote_text_printf(text, "/* What happens in which order: {call, row%s}%s. */\n", banded ? ", number of rows; 0: all" : "",
                     banded ? "" : "; {TO_END + call, row}: the call's rows from that one on");
    if (!banded) mote_text_printf(text, "#define TO_END %" PRId32 "\n", plan->step_count);
    mote_text_printf(text, "#define EVENTS %zu\n#define EVENT_PARTS %d\ntypedef %s event;\n"
                           "static MK_FLASH event events[EVENTS][EVENT_PARTS] = {",
                     plan->stream->list.count, banded ? 3 : 2, event_type(plan));
    int32_t written = 0;
    for (int32_t i = 0, run; i < plan->stream->event_count; i += run) {
        const struct mote_stream_event *e = &plan->stream->events[i];
        const bool all = e->row == MOTE_ALL_ROWS;
        run = mote_stream_run_to_end(plan, i);
        mote_text_printf(text, "%s{%s%" PRId32 ", %" PRIu32, written++ % 12 ? " " : "\n    ", run > 1 ? "TO_END + " : "", e->step,
                         all ? plan->steps[e->step].row_begin : e->row);
        if (banded) mote_text_printf(text, ", %" PRIu32, all ? 0 : e->rows);
        mote_text_printf(text, "},");
    }
    mote_text_printf(text, "\n};\n\n");
}

/* The different places, in the order of the entries that have them first; returns the number of `place` among those before
 * entry `entry` of a buffer, or the number of these. */
static uint32_t number_of_place(const struct mote_plan *plan, int32_t buffer, uint32_t entry, uint32_t *known, uint32_t count)
{
    const uint32_t place = mote_stream_place_offset(plan, buffer, entry);
    uint32_t k = 0;
    while (k < count && known[k] != place) k++;
    if (k == count) known[k] = place;
    return k;
}

static void write_place_entries(const struct mote_plan *plan, uint32_t *known, struct mote_text *text)
{
    uint32_t count = 0;
    for (int32_t i = 0; i < plan->buffer_count; i++) {
        const struct mote_stream_buffer *b = &plan->stream->buffers[i];
        mote_text_printf(text, "    /* from %" PRId32 ", ", mote_stream_first_place(plan, i));
        if (b->row_count) mote_text_printf(text, "rows of %" PRIu32 " bytes: ", b->row_bytes);
        mote_emit_remark(plan->buffers[i].name, text);
        mote_text_printf(text, " */");
        for (uint32_t r = 0; r < mote_stream_place_count(plan, i); r++) {
            uint32_t value = mote_stream_place_offset(plan, i, r);
            if (known) {
                value = number_of_place(plan, i, r, known, count);
                count += value == count;
            }
            mote_text_printf(text, "%s%" PRIu32 ",", r % 20 ? " " : "\n    ", value);
        }
        mote_text_printf(text, "\n");
    }
    mote_text_printf(text, "};\n\n");
}

/* place_of: the entry of a row; at_place: where it lies. Rows of a table have neighbouring entries. */
static void write_row_at(const struct mote_plan *plan, uint32_t different, struct mote_text *text)
{
    const char *bits = plan->arena_bytes > UINT16_MAX ? "32" : "16";
    const int64_t entry_bytes = different ? 1 : plan->arena_bytes > UINT16_MAX ? 4 : 2;
    const bool large = mote_stream_first_place(plan, plan->buffer_count) * entry_bytes > UINT16_MAX;
    const char *number = large ? "uint32_t" : "uint16_t";
    mote_text_printf(text, "static inline MK_FLASH int8_t *place_of(uint16_t number)\n{\n"
                           "    return mk_flash_skip_s8((MK_FLASH int8_t *)places, (%s)(number * (%s)sizeof *places));\n}\n\n"
                           "static inline uint8_t *at_place(ARENA *arena, MK_FLASH int8_t *place)\n{\n",
                     number, number);
    if (different)
        mote_text_printf(text, "    const uint8_t entry = (uint8_t)mk_flash_s8(place);\n"
                               "    place = mk_flash_skip_s8((MK_FLASH int8_t *)offsets, (uint16_t)(entry * sizeof *offsets));\n");
    mote_text_printf(text, "    return arena->bytes + (uint%s_t)mk_flash_s%s((MK_FLASH int%s_t *)(MK_FLASH void *)place);\n}\n\n"
                           "static inline uint8_t *row_at(ARENA *arena, uint16_t number)\n{\n    return at_place(arena, place_of(number));\n}\n\n",
                     bits, bits, bits);
}

static void write_places(const struct mote_plan *plan, struct mote_text *text)
{
    uint32_t known[UINT8_MAX + 1];
    const uint32_t different = mote_stream_different_places(plan);
    const bool wide = plan->arena_bytes > UINT16_MAX;
    const char *type = wide ? "uint32_t" : "uint16_t";
    mote_text_printf(text, "/* Where each row lies in the arena%s. Rows are numbered from tensor to tensor; one that is held whole counts as a row. */\n"
                           "static MK_FLASH %s places[%" PRId32 "] = {\n",
                     different ? ", as an index into offsets[]" : "", different ? "uint8_t" : type, mote_stream_first_place(plan, plan->buffer_count));
    write_place_entries(plan, different ? known : NULL, text);
    if (different) {
        mote_text_printf(text, "static MK_FLASH %s offsets[%" PRIu32 "] = {", type, different);
        for (uint32_t k = 0; k < different; k++) mote_text_printf(text, k % 20 ? " %" PRIu32 "," : "\n    %" PRIu32 ",", known[k]);
        mote_text_printf(text, "\n};\n\n");
    }
    write_row_at(plan, different, text);
}

/* ---- Calls ---- */

static bool any_table(const struct mote_plan *plan)
{
    return plan->stream->table_rows > 0;
}

/* What all rows of the table have in common. */
struct layout {
    int inputs;         /* of the kernel with the most, and at least one */
    bool small;         /* numbers of rows fit in a byte */
    bool parts, tables; /* parts of rows, tables of rows are handed over */
    bool banded;        /* several rows per call */
};

static void note_operand(struct layout *layout, struct mote_stream_place_map operand)
{
    if (operand.rows > UINT8_MAX || operand.stride > UINT8_MAX || operand.window > UINT8_MAX) layout->small = false;
    if (operand.pad > INT8_MAX || operand.pad < INT8_MIN) layout->small = false;
    if (operand.offset) layout->parts = true;
}

/* How many a call computes. */
static uint32_t rows_of_call(const struct mote_plan *plan, int32_t index)
{
    return mote_stream_by_rows(plan, plan->stream, index) ? 1 : plan->steps[index].row_end - plan->steps[index].row_begin;
}

static struct layout layout_of(const struct mote_plan *plan)
{
    struct layout layout = {
        .inputs = 1, .small = true, .tables = any_table(plan), .banded = mote_stream_is_banded(plan->stream)};
    for (int32_t s = 0; s < plan->step_count; s++) {
        const struct mote_step *step = &plan->steps[s];
        note_operand(&layout, mote_stream_output_map(plan, step));
        if (rows_of_call(plan, s) > UINT8_MAX) layout.small = false;
        for (int i = 0; i < step->kernel->input_count; i++) note_operand(&layout, mote_stream_input_map(plan, step, i));
        if (step->kernel->input_count > layout.inputs) layout.inputs = step->kernel->input_count;
    }
    return layout;
}

/* Steps of one kernel share a case; this is the first of them. */
static bool is_first_of_kernel(const struct mote_plan *plan, int32_t index)
{
    for (int32_t s = 0; s < index; s++)
        if (plan->steps[s].kernel == plan->steps[index].kernel) return false;
    return true;
}

static void write_place(const struct layout *layout, struct mote_stream_place_map place, struct mote_text *text)
{
    mote_text_printf(text, "{%" PRId32 ", %" PRId64, place.first, place.rows);
    if (layout->parts) mote_text_printf(text, ", %" PRIu32, place.offset);
    if (layout->banded) mote_text_printf(text, ", %" PRIu32, place.row_bytes);
    mote_text_printf(text, "}");
}

static void write_input_operand(const struct layout *layout, struct mote_stream_place_map operand, struct mote_text *text)
{
    mote_text_printf(text, "{");
    write_place(layout, operand, text);
    mote_text_printf(text, ", %" PRId64 ", %" PRId64, operand.stride, operand.pad);
    if (layout->tables) mote_text_printf(text, ", %" PRId64, operand.window);
    mote_text_printf(text, "}");
}

static void write_call(const struct mote_plan *plan, const struct layout *layout, int32_t index, struct mote_text *text)
{
    const struct mote_step *step = &plan->steps[index];
    mote_text_printf(text, "    ");
    mote_emit_call_remark(plan, step, text);
    mote_text_printf(text, "\n    {RUN_%s, %" PRIu32 ", &%s, ", step->kernel->name, rows_of_call(plan, index), step->name);
    write_place(layout, mote_stream_output_map(plan, step), text);
    for (int i = 0; i < layout->inputs; i++) {
        mote_text_printf(text, i ? ", " : ", {");
        write_input_operand(layout, mote_stream_input_map(plan, step, i), text);
    }
    mote_text_printf(text, "}},\n");
}

static void write_calls(const struct mote_plan *plan, const struct layout *layout, struct mote_text *text)
{
    const char *width = layout->small ? "8" : "16";
    mote_text_printf(text, "/* Where the `rows` rows of a tensor are; `first` is the number of row 0%s. */\n"
                           "struct place {\n    uint16_t first;\n    uint%s_t rows;\n",
                     layout->parts ? ", and `offset` where in each row the call's part begins" : "", width);
    if (layout->parts) mote_text_printf(text, "    uint%s_t offset;\n", plan->arena_bytes > UINT16_MAX ? "32" : "16");
    if (layout->banded)
        mote_text_printf(text, "    uint16_t row_bytes; /* kernels that compute several rows count from where row 0 would be; 0: they do not */\n");
    mote_text_printf(text, "};\n\n/* What a call reads for output row `row`: row `row * stride - pad`%s, or the one next to it that there is. */\n"
                           "struct operand {\n    struct place at;\n    uint%s_t stride;\n    int%s_t pad;\n",
                     layout->tables ? ", or a table of `window` rows from there on" : "", width, width);
    if (layout->tables) mote_text_printf(text, "    uint%s_t window;\n", width);
    mote_text_printf(text, "};\n\nenum kernel {\n");
    for (int32_t i = 0; i < plan->step_count; i++)
        if (is_first_of_kernel(plan, i)) mote_text_printf(text, "    RUN_%s,\n", plan->steps[i].kernel->name);
    mote_text_printf(text, "};\n\n/* The network: kernel, rows that a call computes, parameters, output, input%s. */\n"
                           "struct call {\n    uint8_t kernel;\n    uint%s_t rows;\n    MK_FLASH void *params;\n    struct place out;\n    struct operand in[%d];\n};\n"
                           "static MK_FLASH struct call calls[%" PRId32 "] = {\n",
                     layout->inputs > 1 ? "s" : "", width, layout->inputs, plan->step_count);
    for (int32_t i = 0; i < plan->step_count; i++) write_call(plan, layout, i, text);
    mote_text_printf(text, "};\n\n");
}

/* Two functions, as tables need many registers, which most calls then need not save. */
static void write_find(const struct layout *layout, struct mote_text *text)
{
    const char *offset = layout->parts ? " + place->offset" : "";
    mote_text_printf(text, "static void *row_of(ARENA *arena, const struct place *place, int row)\n{\n    const int rows = place->rows;\n"
                           "    if (row < 0) row = 0;\n    if (row >= rows) row = rows - 1;\n"
                           "    return %srow_at(arena, (uint16_t)(place->first + (uint16_t)row))%s%s;\n}\n\n",
                     layout->banded ? "(void *)((uintptr_t)(" : "", offset,
                     layout->banded ? ") - (uintptr_t)row * place->row_bytes)" : "");
    if (layout->tables)
        mote_text_printf(text, "static const void **rows_of(ARENA *arena, const struct operand *operand, uint16_t row, %sconst void **table)\n{\n"
                               "    const struct place *const place = &operand->at;\n"
                               "    int begin = (int)row * operand->stride - operand->pad;\n    int end = begin + operand->window%s;\n"
                               "    const int rows = place->rows;\n    if (end > rows) end = rows;\n    if (begin < 0) begin = 0;\n"
                               "    MK_FLASH int8_t *entry = place_of((uint16_t)(place->first + (uint16_t)begin));\n"
                               "    const void **to = table;\n    for (; begin < end; begin++, entry = mk_flash_skip_s8(entry, sizeof *places))\n"
                               "        *to++ = at_place(arena, entry)%s;\n    return table;\n}\n\n",
                         layout->banded ? "uint16_t count, " : "", layout->banded ? " + (count - 1) * operand->stride" : "", offset);
}

static void write_input(const struct layout *layout, int input, struct mote_text *text)
{
    if (layout->tables) mote_text_printf(text, "c->in[%d].window ? (const void *)rows_of(arena, &c->in[%d], row, %stable) : ", input, input,
                         layout->banded ? "count, " : "");
    mote_text_printf(text, "row_of(arena, &c->in[%d].at, (int)row * c->in[%d].stride - c->in[%d].pad)", input, input, input);
}

static void write_case(const struct layout *layout, const struct mote_kernel *kernel, struct mote_text *text)
{
    mote_text_printf(text, "    case RUN_%s: mk_%s(out, ", kernel->name, kernel->name);
    for (int i = 0; i < kernel->input_count; i++) {
        if (i == 0) mote_text_printf(text, "in");
        else write_input(layout, i, text);
        mote_text_printf(text, ", ");
    }
    mote_text_printf(text, "(MK_FLASH struct %s *)c->params, row, end); break;\n", kernel->params->name);
}

static void write_trace(const struct mote_plan *plan, struct mote_text *text)
{
    mote_text_printf(text, "/* With MOTE_TRACE the application sees every layer's output, row by row: so many bytes, or none before the layer is whole. */\n"
                           "#ifdef MOTE_TRACE\nvoid mote_trace(uint16_t step, const void *data, size_t bytes);\n"
                           "static MK_FLASH int32_t traced_bytes[%" PRId32 "] = {",
                     plan->step_count);
    for (int32_t i = 0; i < plan->step_count; i++) {
        const struct mote_step *step = &plan->steps[i];
        const bool by_rows = mote_stream_by_rows(plan, plan->stream, i);
        const uint32_t bytes = by_rows ? step->output.row_bytes : plan->buffers[step->output.buffer].bytes;
        mote_text_printf(text, i % 16 ? " %" PRIu32 "," : "\n    %" PRIu32 ",", step->completes_tensor ? bytes : 0);
    }
    mote_text_printf(text, "\n};\n");
    if (mote_stream_is_banded(plan->stream))
        mote_text_printf(text, "void mote_trace_rows(uint16_t step, const void *row_0, size_t row_bytes, uint16_t row, uint16_t rows);\n"
                               "#define TRACE(step, row_0, row, rows)                                                            \\\n"
                               "    do {                                                                                         \\\n"
                               "        const int32_t bytes = mk_flash_s32(traced_bytes + (step));                               \\\n"
                               "        if (bytes) mote_trace_rows((step), (row_0), (size_t)bytes, (row), (rows));               \\\n"
                               "    } while (0)\n"
                               "#else\n#define TRACE(step, row_0, row, rows) (void)0\n#endif\n\n");
    else
        mote_text_printf(text, "#define TRACE(step, data)                                                                        \\\n"
                               "    do {                                                                                         \\\n"
                               "        const int32_t bytes = mk_flash_s32(traced_bytes + (step));                               \\\n"
                               "        if (bytes) mote_trace((step), (data), (size_t)bytes);                                    \\\n"
                               "    } while (0)\n"
                               "#else\n#define TRACE(step, data) (void)0\n#endif\n\n");
}

static void write_run_event(const struct mote_plan *plan, struct mote_text *text)
{
    const struct layout layout = layout_of(plan);
    if (!plan->step_count) { /* a lone reshape */
        mote_text_printf(text, "static %s run_event(ARENA *arena, event call, uint16_t row%s)\n{\n    (void)arena;\n    (void)call;\n"
                               "    (void)row;\n    %s;\n}\n\n",
                         layout.banded ? "void" : "uint8_t", layout.banded ? ", uint16_t rows" : "",
                         layout.banded ? "(void)rows" : "return 0");
        return;
    }
    write_calls(plan, &layout, text);
    write_find(&layout, text);
    write_trace(plan, text);
    mote_text_printf(text, "/* One call of a kernel: %s. */\nstatic %s run_event(ARENA *arena, event call, uint16_t row%s)\n{\n",
                     layout.banded ? "`rows` of its rows from `row` on; 0: all" : "its rows from `row` on. Not 0 if the output has more",
                     layout.banded ? "void" : "uint8_t", layout.banded ? ", uint16_t rows" : "");
    mote_text_printf(text,
                           "    MK_FLASH void *const place = mk_flash_skip_s8((MK_FLASH int8_t *)calls, (uint16_t)(call * sizeof *calls));\n"
                           "    MK_PARAMS(struct call, c, place);\n");
    if (layout.banded) mote_text_printf(text, "    const uint16_t count = rows ? rows : c->rows;\n");
    if (layout.tables) mote_text_printf(text, "    const void *table[%" PRIu32 "];\n", plan->stream->table_rows);
    mote_text_printf(text, "    void *const out = row_of(arena, &c->out, (int)row);\n    const void *const in = ");
    write_input(&layout, 0, text);
    mote_text_printf(text, ";\n    const uint16_t end = (uint16_t)(row + %s);\n    switch (c->kernel) {\n", layout.banded ? "count" : "c->rows");
    for (int32_t i = 0; i < plan->step_count; i++)
        if (is_first_of_kernel(plan, i)) write_case(&layout, plan->steps[i].kernel, text);
    if (layout.banded)
        mote_text_printf(text, "    default: break;\n    }\n    TRACE(call, out, row, rows);\n}\n\n");
    else
        mote_text_printf(text, "    default: break;\n    }\n    TRACE(call, out);\n    return end < c->out.rows;\n}\n\n");
}

/* ---- The runner ---- */

static void write_fused_runner(const struct mote_plan *plan, const char *name, struct mote_text *text)
{
    const char *bytes = plan->stream->event_count > UINT16_MAX / 6 ? "uint32_t" : "uint16_t"; /* counts those of events */
    mote_text_printf(text, "void %s_run(ARENA *arena)\n{\n    event parts[EVENT_PARTS];\n    for (uint16_t i = 0; i < EVENTS; i++) {\n"
                           "        mk_flash_copy(parts, mk_flash_skip_s8((MK_FLASH int8_t *)events, (%s)(i * (%s)sizeof parts)), sizeof parts);\n",
                     name, bytes, bytes);
    if (mote_stream_is_banded(plan->stream))
        mote_text_printf(text, "        run_event(arena, parts[0], parts[1], parts[2]);\n    }\n}\n");
    else
        mote_text_printf(text, "        const uint8_t to_end = parts[0] >= TO_END;\n        if (to_end) parts[0] = (event)(parts[0] - TO_END);\n"
                               "        while (run_event(arena, parts[0], parts[1]++) && to_end) {}\n    }\n}\n");
}

static void write_pushed_runner(const struct mote_plan *plan, const struct mote_emit_options *options, struct mote_text *text)
{
    const char *name = options->name, *type = mote_emit_c_type(input_tensor(plan)->dtype);
    const int32_t input = plan->inputs[0];
    const char *bits = mote_stream_events_are_bytes(plan) ? "8" : "16";
    const struct mote_stream_list list = plan->stream->list;
    const char *number = list.count * counter_bytes(plan) > UINT16_MAX ? "uint32_t" : "uint16_t";
    mote_text_printf(text, "static MK_NOINLINE event event_at(uint16_t number)\n{\n"
                           "    MK_FLASH void *const place = mk_flash_skip_s8((MK_FLASH int8_t *)events, (%s)(number * (%s)sizeof *events));\n"
                           "    return (event)mk_flash_s%s((MK_FLASH int%s_t *)place);\n}\n\n"
                           "static inline event read_event(const ARENA *arena)\n{\n    return event_at(arena->state.next_event);\n}\n\n",
                     number, number, bits, bits);
    mote_text_printf(text, "void %s_begin(ARENA *arena)\n{\n    arena->state.next_event = 0;\n%s"
                           "    memset(arena->state.rows, 0, sizeof arena->state.rows);\n}\n\n",
                     name, list.loops ? "    arena->state.turns = 0;\n" : "");
    mote_text_printf(text, "%s *%s_next_row(ARENA *arena)\n{\n    if (arena->state.next_event == EVENTS) %s_begin(arena);\n",
                     type, name, name);
    if (is_in_strips(plan))
        mote_text_printf(text, "    const event take = read_event(arena);\n"
                               "    return ROW(%s, %" PRId32 " + (take - TAKE) * %" PRIu32 " + arena->state.rows[take]);\n}\n\n",
                         type, mote_stream_first_place(plan, input), input_rows(plan));
    else if (plan->stream->buffers[input].row_count)
        mote_text_printf(text, "    return ROW(%s, %" PRId32 " + arena->state.rows[TAKE]);\n}\n\n",
                         type, mote_stream_first_place(plan, input));
    else
        mote_text_printf(text, "    return AT(%s, %" PRIu32 ");\n}\n\n", type,
                         mote_stream_piece_of(plan->stream, input, 0)->offset);
    if (list.loops)
        mote_text_printf(text, "/* Moves on to the next event; returns 0 if there is none. */\nstatic uint8_t advance(ARENA *arena)\n{\n"
                               "    uint16_t at = (uint16_t)(arena->state.next_event + 1u);\n    if (at < EVENTS && event_at(at) == LOOP) {\n"
                               "        event turns = arena->state.turns;\n        if (!turns) turns = (event)(event_at((uint16_t)(at + 2u)) + 1u);\n"
                               "        arena->state.turns = --turns;\n"
                               "        at = turns ? (uint16_t)(at - event_at((uint16_t)(at + 1u))) : (uint16_t)(at + 3u);\n    }\n"
                               "    arena->state.next_event = at;\n    return at < EVENTS;\n}\n\n");
    mote_text_printf(text, "uint8_t %s_push_row(ARENA *arena)\n{\n    arena->state.rows[read_event(arena)]++;\n"
                           "    while (%s) {\n        event call = read_event(arena);\n"
                           "        if (call >= TAKE && call < TO_END) return 0;\n"
                           "        const uint8_t to_end = call >= TO_END;\n        if (to_end) call = (event)(call - TO_END);\n"
                           "        while (run_event(arena, call, arena->state.rows[call]++) && to_end) {}\n    }\n    return 1;\n}\n",
                     name, list.loops ? "advance(arena)" : "++arena->state.next_event < EVENTS");
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
    mote_text_printf(text, "#define ROW(type, number) ((type *)row_at(arena, (uint16_t)(number)))\n\n");
    if (mote_plan_is_pushed(plan)) write_pushed_events(plan, text);
    else write_fused_events(plan, text);
    write_places(plan, text);
    write_run_event(plan, text);
    if (mote_plan_is_pushed(plan)) write_pushed_runner(plan, options, text);
    else write_fused_runner(plan, options->name, text);
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
