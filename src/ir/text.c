#include "text.h"

#include "text_fields.h"

#include <string.h>

enum { DATA_BYTES_PER_LINE = 48 };

static void print_string(struct mote_text *text, const char *string)
{
    mote_text_append(text, "\"", 1);
    for (const char *c = string ? string : ""; *c; c++) {
        if ((unsigned char)*c < 32 || *c == 127 || *c == '"' || *c == '\\')
            mote_text_printf(text, "\\%02x", (unsigned)(unsigned char)*c);
        else mote_text_append(text, c, 1);
    }
    mote_text_append(text, "\"", 1);
}

static void print_list(struct mote_text *text, const int32_t *values, int32_t count)
{
    mote_text_append(text, "[", 1);
    for (int32_t i = 0; i < count; i++) mote_text_printf(text, "%s%d", i ? " " : "", values[i]);
    mote_text_append(text, "]", 1);
}

static void print_quant(struct mote_text *text, const struct mote_quant *quant)
{
    if (quant->count == 0) return;
    mote_text_printf(text, " quant axis %d [", quant->axis);
    for (uint32_t i = 0; i < quant->count; i++)
        mote_text_printf(text, "%s%.9g:%lld", i ? " " : "", (double)quant->scales[i], (long long)quant->zero_points[i]);
    mote_text_append(text, "]", 1);
}

static void print_data(struct mote_text *text, const uint8_t *data, size_t bytes)
{
    static const char digits[] = "0123456789abcdef";
    char line[2 * DATA_BYTES_PER_LINE];
    mote_text_printf(text, " data [");
    for (size_t at = 0; at < bytes; at += DATA_BYTES_PER_LINE) {
        const size_t count = bytes - at < DATA_BYTES_PER_LINE ? bytes - at : DATA_BYTES_PER_LINE;
        for (size_t i = 0; i < count; i++) {
            line[2 * i] = digits[data[at + i] >> 4];
            line[2 * i + 1] = digits[data[at + i] & 15];
        }
        mote_text_printf(text, "\n    ");
        mote_text_append(text, line, 2 * count);
    }
    mote_text_printf(text, "\n  ]");
}

static void print_tensor(struct mote_text *text, int32_t index, const struct mote_tensor *tensor)
{
    mote_text_printf(text, "  tensor %d %s ", index, mote_dtype_name(tensor->dtype));
    print_list(text, tensor->shape.dims, tensor->shape.rank);
    mote_text_append(text, " ", 1);
    print_string(text, tensor->name);
    print_quant(text, &tensor->quant);
    if (tensor->data) print_data(text, tensor->data, mote_tensor_bytes(tensor));
    mote_text_append(text, "\n", 1);
}

static void print_field(struct mote_text *text, const struct mote_op *op, const struct mote_attr_field *field)
{
    int32_t values[MOTE_MAX_RANK] = {0};
    float real;
    memcpy(values, (const char *)&op->attrs + field->offset, (size_t)field->length * sizeof values[0]);
    mote_text_printf(text, "    %s ", field->name);
    if (field->is_array) {
        print_list(text, values, field->length);
    } else if (field->kind == MOTE_ATTR_FLOAT) {
        memcpy(&real, values, sizeof real);
        mote_text_printf(text, "%.9g", (double)real);
    } else if (field->kind == MOTE_ATTR_ENUM) {
        mote_text_printf(text, "%s", field->name_of(values[0]));
    } else {
        mote_text_printf(text, "%d", values[0]);
    }
    mote_text_append(text, "\n", 1);
}

static void print_op(struct mote_text *text, int32_t index, const struct mote_op *op)
{
    mote_text_printf(text, "  op %d %s", index, mote_op_name(op->kind));
    if (op->source_index >= 0 || op->source_type) {
        mote_text_printf(text, " source %d ", op->source_index);
        print_string(text, op->source_type);
    }
    mote_text_printf(text, " inputs ");
    print_list(text, op->inputs, op->input_count);
    mote_text_printf(text, " outputs ");
    print_list(text, op->outputs, op->output_count);
    int32_t field_count = 0;
    const struct mote_attr_field *fields =
        (unsigned)op->kind < MOTE_OP_COUNT ? mote_attr_fields(op->kind, &field_count) : NULL;
    mote_text_printf(text, " {%s", field_count ? "\n" : "");
    for (int32_t i = 0; i < field_count; i++) print_field(text, op, &fields[i]);
    mote_text_printf(text, "%s}\n", field_count ? "  " : "");
}

void mote_graph_print(const struct mote_graph *graph, struct mote_text *text)
{
    mote_text_printf(text, "graph ");
    print_string(text, graph->name);
    mote_text_printf(text, " {\n");
    for (int32_t i = 0; i < graph->tensor_count; i++) print_tensor(text, i, &graph->tensors[i]);
    mote_text_printf(text, "  inputs ");
    print_list(text, graph->inputs, graph->input_count);
    mote_text_append(text, "\n", 1);
    for (int32_t i = 0; i < graph->op_count; i++) print_op(text, i, &graph->ops[i]);
    mote_text_printf(text, "  outputs ");
    print_list(text, graph->outputs, graph->output_count);
    mote_text_printf(text, "\n}\n");
}
