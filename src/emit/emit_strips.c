/* emit_strips.c: the C of plans in strips, where it differs from other streams: the input comes once per strip, and of each
 * row only the columns that the strip needs. */
#include "internal.h"

#include "../plan/stream.h"

#include <inttypes.h>

static const struct mote_stream_buffer *input_of(const struct mote_plan *plan, uint32_t pass)
{
    return &plan->stream->buffers[plan->inputs[pass]];
}

static const struct mote_tensor *input_tensor(const struct mote_plan *plan)
{
    return &plan->graph->tensors[plan->graph->inputs[0]];
}

static uint32_t column_bytes(const struct mote_plan *plan)
{
    return input_of(plan, 0)->row_bytes / input_of(plan, 0)->column_count;
}

static uint32_t column_elements(const struct mote_plan *plan)
{
    return column_bytes(plan) / (uint32_t)mote_dtype_bytes(input_tensor(plan)->dtype);
}

static void write_name(const struct mote_emit_options *options, const char *suffix, struct mote_text *text)
{
    mote_emit_upper(options->name, text);
    mote_text_printf(text, "_%s", suffix);
}

static void write_macro(const struct mote_emit_options *options, const char *suffix, uint32_t value, struct mote_text *text)
{
    mote_text_printf(text, "#define ");
    write_name(options, suffix, text);
    mote_text_printf(text, " %" PRIu32 "\n", value);
}

void mote_emit_strips_input(const struct mote_plan *plan, const struct mote_emit_options *options, struct mote_text *text)
{
    mote_text_printf(text, "/* The network computes the image in vertical strips, one after the other, and takes all rows once for each, but of\n"
                           " * every row only the columns of that pass. */\n");
    write_macro(options, "PASSES", plan->stream->strip_count, text);
    write_macro(options, "INPUT_COLUMNS", plan->stream->input_columns, text);
    write_macro(options, "INPUT_COLUMN_ELEMENTS", column_elements(plan), text);
    mote_text_printf(text, "struct %s_columns {\n    uint16_t first, count; /* columns of the image */\n"
                           "    uint16_t elements;     /* of a row of the pass: count * ",
                     options->name);
    write_name(options, "INPUT_COLUMN_ELEMENTS", text);
    mote_text_printf(text, " */\n};\n");
}

void mote_emit_strips_calls(const struct mote_plan *plan, const struct mote_emit_options *options, struct mote_text *text)
{
    const char *name = options->name, *type = mote_emit_c_type(input_tensor(plan)->dtype);
    mote_text_printf(text, "/* Before the first inference, and to give up one that has begun. */\nvoid %s_begin(union %s_arena *arena);\n\n",
                     name, name);
    mote_text_printf(text, "/* Which columns of every row the network takes in a pass, counted from 0. A camera that can send a window need send\n"
                           " * no others. All passes of one inference must show the same image. */\n"
                           "struct %s_columns %s_pass_columns(uint8_t pass);\n\n",
                     name, name);
    mote_text_printf(text, "/* Where to write the pass's columns of the next row: by hand, or as the target of a DMA transfer. Pass by pass, in each all\n"
                           " * rows from the top. After the last row of the last pass the next inference begins, and the output is lost as soon\n"
                           " * as the row is written. */\n%s *%s_next_row(union %s_arena *arena);\n\n",
                     type, name, name);
    mote_text_printf(text, "/* The row is written: computes all that it makes possible. 1 if it was the last one of the last pass and the output is\n"
                           " * ready, else 0. One inference takes %" PRId64 " multiply-accumulates. */\nuint8_t %s_push_row(union %s_arena *arena);\n\n",
                     plan->macs, name, name);
}

void mote_emit_strips_source(const struct mote_plan *plan, const struct mote_emit_options *options, struct mote_text *text)
{
    const char *name = options->name;
    mote_text_printf(text, "\nstruct %s_columns %s_pass_columns(uint8_t pass)\n{\n    struct %s_columns columns = {0, 0, 0};\n    switch (pass) {\n",
                     name, name, name);
    for (uint32_t k = 0; k < plan->stream->strip_count; k++) {
        const struct mote_stream_buffer *b = input_of(plan, k);
        mote_text_printf(text, "    case %" PRIu32 ": columns.first = %" PRIu32 "; columns.count = %" PRIu32 "; break;\n", k,
                         b->first_column, b->column_count);
    }
    mote_text_printf(text, "    default: break;\n    }\n    columns.elements = (uint16_t)(columns.count * ");
    write_name(options, "INPUT_COLUMN_ELEMENTS", text);
    mote_text_printf(text, ");\n    return columns;\n}\n");
}

void mote_emit_strips_self_test(const struct mote_plan *plan, const struct mote_emit_options *options,
                                struct mote_text *text)
{
    const char *name = options->name;
    const uint32_t bytes = column_bytes(plan);
    mote_text_printf(text, "    %s_begin(arena);\n    for (uint8_t pass = 0; pass < ", name);
    write_name(options, "PASSES", text);
    mote_text_printf(text, "; pass++) {\n        const struct %s_columns columns = %s_pass_columns(pass);\n"
                           "        MK_FLASH int8_t *input = mk_flash_skip_s8((MK_FLASH int8_t *)self_test_input, (uint32_t)columns.first * %" PRIu32
                           ");\n        for (uint16_t y = 0; y < ",
                     name, name, bytes);
    write_name(options, "INPUT_ROWS", text);
    mote_text_printf(text, "; y++) {\n            mk_flash_copy(%s_next_row(arena), input, (size_t)columns.count * %" PRIu32 ");\n"
                           "            input = mk_flash_skip_s8(input, %" PRIu32 ");\n            (void)%s_push_row(arena);\n        }\n    }\n",
                     name, bytes, plan->stream->input_columns * bytes, name);
}

void mote_emit_strips_usage(const struct mote_plan *plan, const struct mote_emit_options *options, const char *indent,
                            const char *fill, struct mote_text *text)
{
    const char *name = options->name;
    mote_text_printf(text, "%s%s_begin(&arena);\n%sfor (uint8_t pass = 0; pass < ", indent, name, indent);
    write_name(options, "PASSES", text);
    mote_text_printf(text, "; pass++) {\n%s    const struct %s_columns columns = %s_pass_columns(pass);\n%s    for (uint16_t y = 0; y < ",
                     indent, name, name, indent);
    write_name(options, "INPUT_ROWS", text);
    mote_text_printf(text, "; y++) {\n%s        %s *row = %s_next_row(&arena);\n%s        %s\n%s        %s_push_row(&arena);\n%s    }\n%s}\n",
                     indent, mote_emit_c_type(input_tensor(plan)->dtype), name, indent, fill, indent, name, indent, indent);
}
