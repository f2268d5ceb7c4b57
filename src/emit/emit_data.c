/* Constants: weights, tables, parameter structs. */
#include "internal.h"

#include <inttypes.h>
#include <string.h>

enum { AVR_LARGEST_OBJECT_BYTES = 32767 };

bool mote_emit_needs_assembly(const struct mote_plan *plan, const struct mote_constant *constant)
{
    return !plan->target->flash_is_memory &&
           constant->count * mote_field_value_bytes(constant->kind) > AVR_LARGEST_OBJECT_BYTES;
}

void mote_emit_constant_name(const struct mote_plan *plan, const struct mote_emit_options *options, int32_t constant,
                             struct mote_text *text)
{
    const struct mote_constant *c = &plan->constants[constant];
    if (mote_emit_needs_assembly(plan, c)) mote_text_printf(text, "%s_", options->name);
    mote_text_printf(text, "%s", c->name);
}

static int64_t element(const struct mote_constant *c, size_t i)
{
    switch (mote_field_value_bytes(c->kind)) {
    case 1: return c->kind == MOTE_FIELD_FLASH_U8 ? ((const uint8_t *)c->data)[i] : ((const int8_t *)c->data)[i];
    case 2: return ((const int16_t *)c->data)[i];
    case 4: return ((const int32_t *)c->data)[i];
    default: return ((const int64_t *)c->data)[i];
    }
}

static void write_integer(int64_t value, size_t bytes, struct mote_text *text)
{
    if (bytes == 8 && value == INT64_MIN)
        mote_text_printf(text, "-9223372036854775807LL - 1");
    else if (bytes == 8)
        mote_text_printf(text, "%" PRId64 "LL", value);
    else if (value == INT32_MIN) /* the literal 2147483648 is not an int32_t */
        mote_text_printf(text, "-2147483647 - 1");
    else
        mote_text_printf(text, "%" PRId64, value);
}

static void write_array(const struct mote_constant *c, struct mote_text *text)
{
    const size_t bytes = mote_field_value_bytes(c->kind);
    const size_t per_line = bytes == 1 ? 24 : bytes == 2 ? 16 : bytes == 4 ? 10 : 6;
    mote_text_printf(text, "static MK_FLASH %s %s[%zu] = {", mote_field_c_type(c->kind), c->name, c->count);
    for (size_t i = 0; i < c->count; i++) {
        mote_text_printf(text, i % per_line ? " " : "\n    ");
        write_integer(element(c, i), bytes, text);
        mote_text_printf(text, ",");
    }
    mote_text_printf(text, "\n};\n\n");
}

static void write_value(const struct mote_field *field, const unsigned char *at, struct mote_text *text)
{
    switch (field->kind) {
    case MOTE_FIELD_U16: {
        uint16_t v;
        memcpy(&v, at, sizeof v);
        mote_text_printf(text, "%u", v);
        break;
    }
    case MOTE_FIELD_S16: {
        int16_t v;
        memcpy(&v, at, sizeof v);
        mote_text_printf(text, "%d", v);
        break;
    }
    case MOTE_FIELD_S32: {
        int32_t v;
        memcpy(&v, at, sizeof v);
        write_integer(v, 4, text);
        break;
    }
    case MOTE_FIELD_U8: mote_text_printf(text, "%u", *at); break;
    case MOTE_FIELD_S8: mote_text_printf(text, "%d", (signed char)*at); break;
    case MOTE_FIELD_F32: {
        float v;
        memcpy(&v, at, sizeof v);
        mote_text_printf(text, "%af", (double)v);
        break;
    }
    default: break;
    }
}

static bool all_zero(const unsigned char *bytes, size_t count)
{
    while (count && !*bytes) {
        bytes++;
        count--;
    }
    return count == 0;
}

static void write_field(const struct mote_plan *plan, const struct mote_emit_options *options,
                        const struct mote_step *step, const struct mote_field *field, int *flash_slot,
                        struct mote_text *text)
{
    const unsigned char *at = (const unsigned char *)step->params + field->offset;
    if (mote_field_is_flash(field->kind)) {
        const int32_t constant = step->constants[(*flash_slot)++];
        if (constant < 0) return;
        mote_text_printf(text, "    .%s = ", field->name);
        mote_emit_constant_name(plan, options, constant, text);
        mote_text_printf(text, ",\n");
        return;
    }
    const size_t bytes = mote_field_value_bytes(field->kind);
    if (all_zero(at, bytes * field->array_length)) return; /* as C has it anyway */
    mote_text_printf(text, "    .%s = ", field->name);
    if (field->array_length > 1) mote_text_printf(text, "{");
    for (uint8_t i = 0; i < field->array_length; i++) {
        if (i) mote_text_printf(text, ", ");
        write_value(field, at + i * bytes, text);
    }
    mote_text_printf(text, field->array_length > 1 ? "},\n" : ",\n");
}

static void write_params(const struct mote_plan *plan, const struct mote_emit_options *options,
                         const struct mote_step *step, struct mote_text *text)
{
    const struct mote_params_type *type = step->kernel->params;
    int flash_slot = 0;
    mote_text_printf(text, "static MK_FLASH struct %s %s = {\n", type->name, step->name);
    for (size_t i = 0; i < type->field_count; i++) write_field(plan, options, step, &type->fields[i], &flash_slot, text);
    mote_text_printf(text, "};\n\n");
}

static void write_self_test(const struct mote_plan *plan, const struct mote_emit_self_test *test, struct mote_text *text)
{
    size_t bytes = 0;
    for (int32_t i = 0; i < plan->input_count; i++) bytes += plan->buffers[plan->inputs[i]].bytes;
    const struct mote_constant input = {
        .name = "self_test_input", .kind = MOTE_FIELD_FLASH_U8, .count = bytes, .data = test->input};
    write_array(&input, text);
}

void mote_emit_data_header(const struct mote_plan *plan, const struct mote_emit_options *options, struct mote_text *text)
{
    mote_emit_banner(plan, options, "model_data.h: constants of the model, kept in flash. Included by model.c alone.", text);
    mote_text_printf(text, "#ifndef ");
    mote_emit_upper(options->name, text);
    mote_text_printf(text, "_MODEL_DATA_H\n#define ");
    mote_emit_upper(options->name, text);
    mote_text_printf(text, "_MODEL_DATA_H\n\n#include \"mote_kernel.h\"\n\n");
    for (int32_t i = 0; i < plan->constant_count; i++) {
        const struct mote_constant *c = &plan->constants[i];
        if (!mote_emit_needs_assembly(plan, c)) {
            write_array(c, text);
            continue;
        }
        mote_text_printf(text, "/* %zu elements, in model_data.S: too large an object for the C compiler */\nextern MK_FLASH %s ",
                         c->count, mote_field_c_type(c->kind));
        mote_emit_constant_name(plan, options, i, text);
        mote_text_printf(text, "[];\n\n");
    }
    if (options->self_test) write_self_test(plan, options->self_test, text);
    for (int32_t i = 0; i < plan->step_count; i++) write_params(plan, options, &plan->steps[i], text);
    mote_text_printf(text, "#endif\n");
}

void mote_emit_data_assembly(const struct mote_plan *plan, const struct mote_emit_options *options, struct mote_text *text)
{
    for (int32_t i = 0; i < plan->constant_count; i++) {
        const struct mote_constant *c = &plan->constants[i];
        if (!mote_emit_needs_assembly(plan, c)) continue;
        if (!text->length)
            mote_emit_banner(plan, options, "model_data.S: constants larger than the C compiler takes as one object.", text);
        mote_text_printf(text, "    .section .progmemx.data,\"a\",@progbits\n    .global ");
        mote_emit_constant_name(plan, options, i, text);
        mote_text_printf(text, "\n");
        mote_emit_constant_name(plan, options, i, text);
        mote_text_printf(text, ":");
        const uint8_t *bytes = c->data; /* the host is little-endian, as AVR is */
        const size_t count = c->count * mote_field_value_bytes(c->kind);
        for (size_t k = 0; k < count; k++)
            mote_text_printf(text, k % 24 ? ",%u" : "\n    .byte %u", bytes[k]);
        mote_text_printf(text, "\n");
    }
}
