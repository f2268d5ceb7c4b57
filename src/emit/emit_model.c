/* model.h and model.c: the library's interface and the list of kernel calls. */
#include "internal.h"

#include "../plan/stream.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Names of inputs and outputs carry an index only if there are several. */
static void write_suffix(int32_t index, int32_t count, struct mote_text *text)
{
    if (count > 1) mote_text_printf(text, "_%" PRId32, index);
}

static void write_define(const struct mote_emit_options *options, const char *what, int32_t index, int32_t count,
                         const char *property, struct mote_text *text)
{
    mote_text_printf(text, "#define ");
    mote_emit_upper(options->name, text);
    mote_text_printf(text, "_%s", what);
    write_suffix(index, count, text);
    mote_text_printf(text, "_%s ", property);
}

void mote_emit_quantisation(const struct mote_emit_options *options, const char *what, const struct mote_tensor *tensor,
                            struct mote_text *text)
{
    if (tensor->quant.count != 1) return;
    char scale[32]; /* nine digits name a float exactly; a point or an exponent makes it one */
    snprintf(scale, sizeof scale, "%.9g", (double)mote_tensor_scale(tensor));
    write_define(options, what, 0, 1, "SCALE", text);
    mote_text_printf(text, "%s%sf\n", scale, strpbrk(scale, ".e") ? "" : ".0");
    write_define(options, what, 0, 1, "ZERO_POINT", text);
    mote_text_printf(text, "%" PRId32 "\n", mote_tensor_zero_point(tensor));
}

static void write_port(const struct mote_plan *plan, const struct mote_emit_options *options, bool is_input, int32_t index,
                       struct mote_text *text)
{
    const int32_t count = is_input ? plan->input_count : plan->output_count;
    const int32_t tensor = is_input ? plan->graph->inputs[index] : plan->graph->outputs[index];
    const struct mote_buffer *buffer = &plan->buffers[is_input ? plan->inputs[index] : plan->outputs[index]];
    const struct mote_tensor *t = &plan->graph->tensors[tensor];
    const char *what = is_input ? "INPUT" : "OUTPUT", *lower = is_input ? "input" : "output";
    const char *type = mote_emit_c_type(t->dtype);

    mote_text_printf(text, "/* %s%s \"", is_input ? "Input" : "Output", count > 1 ? ", one of several," : "");
    mote_emit_remark(t->name, text);
    mote_text_printf(text, "\": %s", type);
    mote_emit_shape(&t->shape, text);
    if (t->quant.count == 1)
        mote_text_printf(text, ", real = %.9g * (q %c %" PRId32 ")", (double)mote_tensor_scale(t),
                         mote_tensor_zero_point(t) < 0 ? '+' : '-',
                         mote_tensor_zero_point(t) < 0 ? -mote_tensor_zero_point(t) : mote_tensor_zero_point(t));
    mote_text_printf(text, " */\n");
    write_define(options, what, index, count, "OFFSET", text);
    mote_text_printf(text, "%" PRIu32 "\n", buffer->offset);
    write_define(options, what, index, count, "ELEMENTS", text);
    mote_text_printf(text, "%" PRId64 "\n", mote_shape_elements(&t->shape));
    char port[24];
    if (count > 1) snprintf(port, sizeof port, "%s_%" PRId32, what, index);
    else snprintf(port, sizeof port, "%s", what);
    mote_emit_quantisation(options, port, t, text);
    mote_text_printf(text, "static inline %s *%s_%s", type, options->name, lower);
    write_suffix(index, count, text);
    mote_text_printf(text, "(union %s_arena *arena)\n{\n    return (%s *)(void *)(arena->bytes + ", options->name, type);
    mote_emit_upper(options->name, text);
    mote_text_printf(text, "_%s", what);
    write_suffix(index, count, text);
    mote_text_printf(text, "_OFFSET);\n}\n\n");
}

static void write_arena(const struct mote_plan *plan, const struct mote_emit_options *options, struct mote_text *text)
{
    const char *name = options->name;
    mote_text_printf(text, "/* All the RAM the network needs besides the stack. Inputs, outputs and intermediate tensors lie in it and\n"
                           " * overwrite each other: the input is lost after a run, the output stays until the next. Between runs\n"
                           " * the memory may be used for other things. */\n#define ");
    mote_emit_upper(name, text);
    mote_text_printf(text, "_ARENA_BYTES %" PRIu32 "\nunion %s_arena {\n    uint8_t bytes[", plan->arena_bytes, name);
    mote_emit_upper(name, text);
    mote_text_printf(text, "_ARENA_BYTES];\n");
    if (plan->arena_alignment_bytes > 1) mote_text_printf(text, "    uint32_t alignment;\n");
    mote_text_printf(text, "};\n\n");
}

void mote_emit_model_header(const struct mote_plan *plan, const struct mote_emit_options *options, struct mote_text *text)
{
    const char *name = options->name;
    mote_emit_banner(plan, options, "model.h: run the network.", text);
    mote_text_printf(text, "#ifndef ");
    mote_emit_upper(name, text);
    mote_text_printf(text, "_MODEL_H\n#define ");
    mote_emit_upper(name, text);
    mote_text_printf(text, "_MODEL_H\n\n#include <stdint.h>\n\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n");
    if (mote_plan_is_pushed(plan)) {
        mote_emit_stream_arena(plan, options, text);
        mote_emit_stream_input(plan, options, text);
    } else {
        write_arena(plan, options, text);
        for (int32_t i = 0; i < plan->input_count; i++) write_port(plan, options, true, i, text);
    }
    for (int32_t i = 0; i < plan->output_count; i++) write_port(plan, options, false, i, text);
    if (mote_plan_is_pushed(plan))
        mote_emit_stream_calls(plan, options, text);
    else
        mote_text_printf(text, "/* One inference: write the input, call this, read the output. %" PRId64
                               " multiply-accumulates. */\nvoid %s_run(union %s_arena *arena);\n\n",
                         plan->macs, name, name);
    if (options->self_test)
        mote_text_printf(text, "/* Runs a known input through the network; 1 if the output has the reference's bits, else 0. */\n"
                               "int %s_self_test(union %s_arena *arena);\n\n",
                         name, name);
    mote_text_printf(text, "#ifdef __cplusplus\n}\n#endif\n\n#endif\n");
}

/* The memory map: which tensor lies where, from which step to which. */
static void write_map(const struct mote_plan *plan, struct mote_text *text)
{
    mote_text_printf(text, "/* Where tensors lie in the arena, and from which call to which they are kept:\n"
                           " *   offset    bytes   calls     tensor\n");
    for (int32_t i = 0; i < plan->buffer_count; i++) {
        const struct mote_buffer *b = &plan->buffers[i];
        char from[16] = "in", to[16] = "out";
        if (b->first_step >= 0) snprintf(from, sizeof from, "%" PRId32, b->first_step);
        if (b->last_step < plan->step_count) snprintf(to, sizeof to, "%" PRId32, b->last_step);
        mote_text_printf(text, " * %8" PRIu32 " %8" PRIu32 "   %3s-%-3s   ", b->offset, b->bytes, from, to);
        mote_emit_remark(b->name, text);
        mote_text_printf(text, "\n");
    }
    mote_text_printf(text, " */\n");
}

void mote_emit_call_remark(const struct mote_plan *plan, const struct mote_step *step, struct mote_text *text)
{
    const struct mote_graph *graph = plan->graph;
    const struct mote_op *op = &graph->ops[step->op];
    mote_text_printf(text, "/* %" PRIdPTR ": ", step - plan->steps);
    mote_emit_remark(op->source_type ? op->source_type : mote_op_name(op->kind), text);
    if (step->inputs[0].buffer != MOTE_NO_BUFFER && op->inputs[0] != MOTE_NO_TENSOR) {
        mote_text_printf(text, " ");
        mote_emit_shape(&graph->tensors[op->inputs[0]].shape, text);
    }
    mote_text_printf(text, " -> ");
    mote_emit_shape(&graph->tensors[step->tensor].shape, text);
    if (step->macs) {
        mote_text_printf(text, ", ");
        mote_emit_number(step->macs, text);
        mote_text_printf(text, " multiply-accumulates");
    }
    mote_text_printf(text, " */");
}

static void write_call(const struct mote_plan *plan, int32_t index, struct mote_text *text)
{
    const struct mote_step *step = &plan->steps[index];
    mote_text_printf(text, "    ");
    mote_emit_call_remark(plan, step, text);
    if (step->rows_descend) mote_text_printf(text, " /* last row first, into memory above the input */");
    mote_text_printf(text, "\n");
    const bool row_by_row = step->rows_descend && !mote_granularity_descends(step->kernel->granularity);
    if (row_by_row)
        mote_text_printf(text, "    for (uint16_t row = %" PRIu32 "; row-- > %" PRIu32 ";)\n    ", step->row_end,
                         step->row_begin);
    mote_text_printf(text, "    mk_%s(AT(%s, %" PRIu32 "), ", step->kernel->name, step->kernel->out_type,
                     plan->buffers[step->output.buffer].offset);
    for (int i = 0; i < step->kernel->input_count; i++)
        mote_text_printf(text, "AT(const %s, %" PRIu32 "), ", step->kernel->in_types[i],
                         plan->buffers[step->inputs[i].buffer].offset);
    if (step->kernel->takes_scratch)
        mote_text_printf(text, "AT(int32_t, %" PRIu32 "), ", plan->buffers[step->scratch].offset);
    const uint32_t first = step->rows_descend ? step->row_end : step->row_begin;
    const uint32_t last = step->rows_descend ? step->row_begin : step->row_end;
    if (row_by_row)
        mote_text_printf(text, "&%s, row, (uint16_t)(row + 1));\n", step->name);
    else
        mote_text_printf(text, "&%s, %" PRIu32 ", %" PRIu32 ");\n", step->name, first, last);
    if (step->completes_tensor)
        mote_text_printf(text, "    TRACE(%" PRId32 ", %" PRIu32 ", %" PRIu32 ");\n", index,
                         plan->buffers[step->output.buffer].offset, plan->buffers[step->output.buffer].bytes);
}

static void write_self_test(const struct mote_plan *plan, const struct mote_emit_options *options, struct mote_text *text)
{
    const char *name = options->name;
    mote_text_printf(text, "\n/* 32-bit FNV-1a, continued */\n"
                           "static uint32_t hash_bytes(uint32_t hash, const uint8_t *bytes, uint32_t count)\n{\n"
                           "    while (count--) hash = (hash ^ *bytes++) * 16777619u;\n    return hash;\n}\n\n"
                           "int %s_self_test(union %s_arena *arena)\n{\n    uint32_t hash = 2166136261u;\n",
                     name, name);
    uint32_t at = 0;
    const bool pushed = mote_plan_is_pushed(plan);
    if (pushed) mote_emit_stream_self_test(plan, options, text);
    for (int32_t i = 0; i < plan->input_count && !pushed; i++) {
        const struct mote_buffer *b = &plan->buffers[plan->inputs[i]];
        mote_text_printf(text, "    mk_flash_copy(AT(uint8_t, %" PRIu32 "), self_test_input + %" PRIu32 ", %" PRIu32 ");\n",
                         b->offset, at, b->bytes);
        at += b->bytes;
    }
    if (!pushed) mote_text_printf(text, "    %s_run(arena);\n", name);
    for (int32_t i = 0; i < plan->output_count; i++) {
        const struct mote_buffer *b = &plan->buffers[plan->outputs[i]];
        mote_text_printf(text, "    hash = hash_bytes(hash, AT(const uint8_t, %" PRIu32 "), %" PRIu32 ");\n", b->offset,
                         b->bytes);
    }
    mote_text_printf(text, "    return hash == 0x%08" PRIx32 "u;\n}\n", options->self_test->output_hash);
}

static void write_whole_source(const struct mote_plan *plan, const struct mote_emit_options *options, struct mote_text *text)
{
    mote_text_printf(text,
                     "#define AT(type, offset) ((type *)(void *)(arena->bytes + (offset)))\n\n"
                     "/* With MOTE_TRACE the application sees every layer's output. */\n#ifdef MOTE_TRACE\n"
                     "void mote_trace(uint16_t step, const void *data, size_t bytes);\n"
                     "#define TRACE(step, offset, bytes) mote_trace((step), AT(const uint8_t, offset), (bytes))\n"
                     "#else\n#define TRACE(step, offset, bytes) (void)0\n#endif\n\n");
    write_map(plan, text);
    mote_text_printf(text, "void %s_run(union %s_arena *arena)\n{\n", options->name, options->name);
    if (!plan->step_count) mote_text_printf(text, "    (void)arena;\n");
    for (int32_t i = 0; i < plan->step_count; i++) write_call(plan, i, text);
    mote_text_printf(text, "}\n");
}

void mote_emit_model_source(const struct mote_plan *plan, const struct mote_emit_options *options, struct mote_text *text)
{
    mote_emit_banner(plan, options, "model.c: the network as a list of kernel calls.", text);
    mote_text_printf(text, "#include \"model.h\"\n#include \"model_data.h\"\n#include \"mote_kernel.h\"\n\n"
                           "#if MK_ABI != %d\n#error \"kernel/ is of another version than this file: run mote compile again\"\n"
                           "#endif\n\n",
                     MK_ABI);
    if (plan->stream && plan->stream->slides) mote_emit_slide_source(plan, options, text);
    else if (plan->stream) mote_emit_stream_source(plan, options, text);
    else write_whole_source(plan, options, text);
    if (options->self_test) write_self_test(plan, options, text);
}
