#include "tflite.h"

#include "tflite_import.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Field numbers of the schema's tables. */
enum { MODEL_VERSION, MODEL_OPERATOR_CODES, MODEL_SUBGRAPHS, MODEL_DESCRIPTION, MODEL_BUFFERS };
enum { SUBGRAPH_TENSORS, SUBGRAPH_INPUTS, SUBGRAPH_OUTPUTS, SUBGRAPH_OPERATORS };
enum { TENSOR_SHAPE, TENSOR_TYPE, TENSOR_BUFFER, TENSOR_NAME, TENSOR_QUANTIZATION, TENSOR_IS_VARIABLE, TENSOR_SPARSITY,
       TENSOR_EXTERNAL_BUFFER = 10 };
enum { QUANTIZATION_SCALE = 2, QUANTIZATION_ZERO_POINT, QUANTIZATION_DETAILS_TYPE, QUANTIZATION_DETAILS,
       QUANTIZATION_DIMENSION };
enum { BUFFER_DATA, BUFFER_OFFSET, BUFFER_SIZE };
enum { CODE_DEPRECATED, CODE_CUSTOM, CODE_VERSION, CODE_BUILTIN };
enum { OP_CODE_INDEX, OP_INPUTS, OP_OUTPUTS, OP_OPTIONS_TYPE, OP_OPTIONS };

enum { SCHEMA_VERSION = 3, MOST_NAME_BYTES = 512, MOST_MESSAGES = 100, BUILTIN_CUSTOM = 32 };

/* ---- Problems ---- */

static enum mote_status note_status(struct mote_tflite *import, enum mote_status status)
{
    if (import->status == MOTE_OK || status == MOTE_ERR_MEMORY ||
        (status == MOTE_ERR_INPUT && import->status == MOTE_ERR_UNSUPPORTED))
        import->status = status;
    return status;
}

enum mote_status mote_tflite_problem(struct mote_tflite *import, const struct mote_tflite_op *op, int32_t tensor,
                                     enum mote_status status, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    const bool named = tensor >= 0 && tensor < import->tensor_count;
    const struct mote_where where = {
        .op_index = op ? op->index : -1,
        .op_type = op ? op->type : NULL,
        .tensor = named ? import->tensors[tensor].tensor.name : NULL,
    };
    /* A hostile file may hold any number of mistakes; nobody reads more than these. */
    if (import->problem_count++ < MOST_MESSAGES) mote_error_at(import->diag, status, where, "%s", text);
    return note_status(import, status);
}

enum mote_status mote_tflite_memory(struct mote_tflite *import)
{
    if (import->status != MOTE_ERR_MEMORY) mote_error_memory(import->diag);
    return note_status(import, MOTE_ERR_MEMORY);
}

/* The reader's error, if it has met one, as a status. */
static enum mote_status reader_status(struct mote_tflite *import)
{
    if (!import->file.error) return MOTE_OK;
    if (import->status != MOTE_ERR_INPUT)
        mote_error(import->diag, MOTE_ERR_INPUT, "the file is damaged at byte %zu: %s", import->file.error_offset,
                   import->file.error);
    return note_status(import, MOTE_ERR_INPUT);
}

/* ---- Tensors ---- */

/* Copies a string of the file, without control characters and cut to a length that messages can hold; NULL if out of
 * memory. */
static const char *string_copy(struct mote_tflite *import, const struct mote_flatbuffer_table *table, unsigned slot)
{
    const struct mote_flatbuffer_vector vector = mote_flatbuffer_vector(&import->file, table, slot, 1);
    const size_t length = vector.count < MOST_NAME_BYTES ? vector.count : MOST_NAME_BYTES;
    char *copy = mote_arena_copy(import->arena, import->file.bytes + vector.position, length);
    for (size_t i = 0; copy && i < length; i++)
        if ((unsigned char)copy[i] < 32 || copy[i] == 127) copy[i] = '?';
    return copy;
}

static const struct tensor_type {
    const char *name;
    int dtype; /* enum mote_dtype or -1 */
} tensor_types[] = {
    {"FLOAT32", MOTE_F32}, {"FLOAT16", -1}, {"INT32", MOTE_S32}, {"UINT8", MOTE_U8}, {"INT64", MOTE_S64},
    {"STRING", -1}, {"BOOL", MOTE_BOOL}, {"INT16", MOTE_S16}, {"COMPLEX64", -1}, {"INT8", MOTE_S8}, {"FLOAT64", -1},
    {"COMPLEX128", -1}, {"UINT64", -1}, {"RESOURCE", -1}, {"VARIANT", -1}, {"UINT32", -1}, {"UINT16", -1},
    {"INT4", -1}, {"BFLOAT16", -1},
};

/* Keeps the first problem of a tensor; a NULL text is out of memory. */
static void tensor_reject(struct mote_tflite *import, struct mote_tflite_tensor *tensor, enum mote_status status,
                          const char *text)
{
    if (!text) mote_tflite_memory(import);
    if (tensor->problem || !text) return;
    tensor->problem = text;
    tensor->problem_status = status;
}

static void read_type(struct mote_tflite *import, const struct mote_flatbuffer_table *table,
                      struct mote_tflite_tensor *tensor)
{
    const uint8_t type = mote_flatbuffer_u8(&import->file, table, TENSOR_TYPE, 0);
    const size_t known = sizeof tensor_types / sizeof tensor_types[0];
    if (type < known && tensor_types[type].dtype >= 0) {
        tensor->tensor.dtype = (enum mote_dtype)tensor_types[type].dtype;
        return;
    }
    tensor_reject(import, tensor, MOTE_ERR_UNSUPPORTED,
                  mote_arena_printf(import->arena, "its type is %s; convert the model to int8, int16 or float32",
                                    type < known ? tensor_types[type].name : "unknown"));
}

static void read_shape(struct mote_tflite *import, const struct mote_flatbuffer_table *table,
                       struct mote_tflite_tensor *tensor)
{
    const struct mote_flatbuffer_vector dims = mote_flatbuffer_vector(&import->file, table, TENSOR_SHAPE, 4);
    struct mote_shape *shape = &tensor->tensor.shape;
    if (dims.count > MOTE_MAX_RANK) {
        tensor_reject(import, tensor, MOTE_ERR_UNSUPPORTED,
                      mote_arena_printf(import->arena, "it has %u dimensions, mote takes at most %d", dims.count,
                                        MOTE_MAX_RANK));
        return;
    }
    shape->rank = (int32_t)dims.count;
    for (uint32_t i = 0; i < dims.count; i++) shape->dims[i] = mote_flatbuffer_i32_at(&import->file, &dims, i);
    for (int32_t i = 0; i < shape->rank; i++)
        if (shape->dims[i] < 1)
            tensor_reject(import, tensor, MOTE_ERR_INPUT,
                          mote_arena_printf(import->arena, "dimension %d is %d; convert the model with a fixed shape",
                                            i, shape->dims[i]));
    if (mote_shape_elements(shape) > INT32_MAX)
        tensor_reject(import, tensor, MOTE_ERR_INPUT, "it has more than 2^31 - 1 elements");
}

static void read_quant(struct mote_tflite *import, const struct mote_flatbuffer_table *table,
                       struct mote_tflite_tensor *tensor)
{
    struct mote_flatbuffer *file = &import->file;
    const struct mote_flatbuffer_table source = mote_flatbuffer_table(file, table, TENSOR_QUANTIZATION);
    if (mote_flatbuffer_u8(file, &source, QUANTIZATION_DETAILS_TYPE, 0) != 0)
        tensor_reject(import, tensor, MOTE_ERR_UNSUPPORTED, "it has custom quantisation details");
    const struct mote_flatbuffer_vector scales = mote_flatbuffer_vector(file, &source, QUANTIZATION_SCALE, 4);
    const struct mote_flatbuffer_vector zeros = mote_flatbuffer_vector(file, &source, QUANTIZATION_ZERO_POINT, 8);
    const bool integer = tensor->tensor.dtype != MOTE_F32 && tensor->tensor.dtype != MOTE_BOOL;
    if (scales.count == 0 || !integer) return;
    if (zeros.count > 1 && zeros.count != scales.count) {
        tensor_reject(import, tensor, MOTE_ERR_INPUT,
                      mote_arena_printf(import->arena, "it has %u scales but %u zero points", scales.count,
                                        zeros.count));
        return;
    }
    float *scale = MOTE_NEW_ARRAY(import->arena, float, scales.count);
    int64_t *zero = MOTE_NEW_ARRAY(import->arena, int64_t, scales.count);
    if (!scale || !zero) {
        mote_tflite_memory(import);
        return;
    }
    for (uint32_t i = 0; i < scales.count; i++) {
        scale[i] = mote_flatbuffer_f32_at(file, &scales, i);
        if (zeros.count) zero[i] = mote_flatbuffer_i64_at(file, &zeros, zeros.count == 1 ? 0 : i);
    }
    const int32_t axis = mote_flatbuffer_i32(file, &source, QUANTIZATION_DIMENSION, 0);
    const bool per_tensor_axis = scales.count == 1 && (axis < 0 || axis >= tensor->tensor.shape.rank);
    tensor->tensor.quant = (struct mote_quant){
        .count = scales.count, .axis = per_tensor_axis ? 0 : axis, .scales = scale, .zero_points = zero};
}

/* Finds the bytes of a buffer, inside the flatbuffer or, in models over 2 GB, behind it; none: *data is NULL. */
static bool find_buffer(struct mote_tflite *import, uint32_t index, const uint8_t **data, size_t *size_bytes)
{
    struct mote_flatbuffer *file = &import->file;
    const struct mote_flatbuffer_table buffer = mote_flatbuffer_table_at(file, &import->buffers, index);
    const struct mote_flatbuffer_vector inside = mote_flatbuffer_blob(file, &buffer, BUFFER_DATA);
    const uint64_t offset = mote_flatbuffer_u64(file, &buffer, BUFFER_OFFSET, 0);
    const uint64_t size = mote_flatbuffer_u64(file, &buffer, BUFFER_SIZE, 0);
    *data = NULL;
    *size_bytes = 0;
    if (inside.count) {
        *data = file->bytes + inside.position;
        *size_bytes = inside.count;
    } else if (offset > 1 && size > 0) {
        if (offset > file->size_bytes || size > file->size_bytes - offset) return false;
        *data = file->bytes + offset;
        *size_bytes = (size_t)size;
    }
    return true;
}

static void read_data(struct mote_tflite *import, const struct mote_flatbuffer_table *table,
                      struct mote_tflite_tensor *tensor)
{
    const uint32_t index = mote_flatbuffer_u32(&import->file, table, TENSOR_BUFFER, 0);
    const uint8_t *data = NULL;
    size_t size_bytes = 0;
    if (index == 0) return;
    if (index >= import->buffers.count || !find_buffer(import, index, &data, &size_bytes)) {
        tensor_reject(import, tensor, MOTE_ERR_INPUT, "its data lies outside of the file");
        return;
    }
    if (!data || tensor->problem) return;
    const size_t needed = mote_tensor_bytes(&tensor->tensor);
    if (size_bytes != needed) {
        tensor_reject(import, tensor, MOTE_ERR_INPUT,
                      mote_arena_printf(import->arena, "it holds %zu bytes of data, its shape and type need %zu",
                                        size_bytes, needed));
        return;
    }
    const bool aligned = (uintptr_t)data % mote_dtype_bytes(tensor->tensor.dtype) == 0;
    tensor->tensor.data = aligned ? data : mote_arena_copy(import->arena, data, size_bytes);
    if (!tensor->tensor.data) mote_tflite_memory(import);
}

static void read_tensor(struct mote_tflite *import, const struct mote_flatbuffer_table *table,
                        struct mote_tflite_tensor *tensor)
{
    tensor->graph_index = MOTE_NO_TENSOR;
    tensor->tensor.name = string_copy(import, table, TENSOR_NAME);
    if (!tensor->tensor.name) {
        mote_tflite_memory(import);
        return;
    }
    read_type(import, table, tensor);
    read_shape(import, table, tensor);
    read_quant(import, table, tensor);
    if (mote_flatbuffer_u8(&import->file, table, TENSOR_IS_VARIABLE, 0))
        tensor_reject(import, tensor, MOTE_ERR_UNSUPPORTED, "it is a variable that keeps its value between runs");
    if (mote_flatbuffer_table(&import->file, table, TENSOR_SPARSITY).position)
        tensor_reject(import, tensor, MOTE_ERR_UNSUPPORTED, "it is sparse; convert the model with dense weights");
    if (mote_flatbuffer_u32(&import->file, table, TENSOR_EXTERNAL_BUFFER, 0))
        tensor_reject(import, tensor, MOTE_ERR_UNSUPPORTED,
                      "its data is in another file; convert the model to a single file");
    read_data(import, table, tensor);
}

static enum mote_status read_tensors(struct mote_tflite *import, const struct mote_flatbuffer_table *subgraph)
{
    const struct mote_flatbuffer_vector tensors = mote_flatbuffer_vector(&import->file, subgraph, SUBGRAPH_TENSORS, 4);
    import->tensors = MOTE_NEW_ARRAY(import->arena, struct mote_tflite_tensor, tensors.count);
    if (!import->tensors) return mote_tflite_memory(import);
    for (uint32_t i = 0; i < tensors.count; i++) {
        const struct mote_flatbuffer_table table = mote_flatbuffer_table_at(&import->file, &tensors, i);
        read_tensor(import, &table, &import->tensors[i]);
        if (import->status != MOTE_OK || reader_status(import) != MOTE_OK) return import->status;
        import->tensor_count++;
    }
    return reader_status(import);
}

/* Index in the graph of a tensor of the file, which joins the graph on first use; MOTE_NO_TENSOR if it cannot. */
static int32_t use_tensor(struct mote_tflite *import, const struct mote_tflite_op *op, int32_t index)
{
    if (index < 0 || index >= import->tensor_count) {
        mote_tflite_problem(import, op, MOTE_NO_TENSOR, MOTE_ERR_INPUT, "tensor %d does not exist, the model has %d",
                            index, import->tensor_count);
        return MOTE_NO_TENSOR;
    }
    struct mote_tflite_tensor *tensor = &import->tensors[index];
    if (tensor->problem) {
        if (!tensor->reported) mote_tflite_problem(import, op, index, tensor->problem_status, "%s", tensor->problem);
        tensor->reported = true;
        return MOTE_NO_TENSOR;
    }
    if (tensor->graph_index != MOTE_NO_TENSOR) return tensor->graph_index;
    tensor->graph_index = mote_graph_add_tensor(import->graph, tensor->tensor);
    if (tensor->graph_index < 0) mote_tflite_memory(import);
    return tensor->graph_index;
}

/* ---- Operators ---- */

int32_t mote_tflite_input(struct mote_tflite *import, const struct mote_tflite_op *op, uint32_t n)
{
    if (n >= op->inputs.count) return MOTE_NO_TENSOR;
    const int32_t index = mote_flatbuffer_i32_at(&import->file, &op->inputs, n);
    return index >= 0 && index < import->tensor_count ? index : MOTE_NO_TENSOR;
}

static enum mote_status read_op(struct mote_tflite *import, const struct mote_flatbuffer_table *table, int32_t index,
                                struct mote_tflite_op *op)
{
    struct mote_flatbuffer *file = &import->file;
    *op = (struct mote_tflite_op){.index = index};
    const uint32_t code_index = mote_flatbuffer_u32(file, table, OP_CODE_INDEX, 0);
    const struct mote_flatbuffer_table code = mote_flatbuffer_table_at(file, &import->op_codes, code_index);
    /* Old files have only the first field, new ones the second; the larger one is meant. */
    const uint32_t deprecated = mote_flatbuffer_u8(file, &code, CODE_DEPRECATED, 0);
    const uint32_t builtin = mote_flatbuffer_u32(file, &code, CODE_BUILTIN, 0);
    op->code = builtin > deprecated ? builtin : deprecated;
    op->type = mote_tflite_operator_name(op->code);
    if (op->code == BUILTIN_CUSTOM) {
        op->type = string_copy(import, &code, CODE_CUSTOM);
        if (!op->type) return mote_tflite_memory(import);
    }
    if (!op->type) op->type = mote_arena_printf(import->arena, "operator code %u", op->code);
    if (!op->type) return mote_tflite_memory(import);
    op->inputs = mote_flatbuffer_vector(file, table, OP_INPUTS, 4);
    op->outputs = mote_flatbuffer_vector(file, table, OP_OUTPUTS, 4);
    op->options_type = mote_flatbuffer_u8(file, table, OP_OPTIONS_TYPE, 0);
    op->options = mote_flatbuffer_table(file, table, OP_OPTIONS);
    return reader_status(import);
}

/* The file's indices of an operator's data inputs or of its outputs, turned into the graph's; absent trailing inputs
 * are dropped. */
static enum mote_status collect(struct mote_tflite *import, const struct mote_tflite_op *op,
                                const struct mote_flatbuffer_vector *from, const char *picks, int32_t **list,
                                int32_t *count)
{
    const uint32_t most = picks ? (uint32_t)strlen(picks) : from->count;
    enum mote_status status = MOTE_OK;
    *list = MOTE_NEW_ARRAY(import->arena, int32_t, most);
    *count = 0;
    if (!*list) return mote_tflite_memory(import);
    for (uint32_t i = 0; i < most; i++) {
        const uint32_t at = picks ? (uint32_t)(picks[i] - '0') : i;
        const int32_t index = at < from->count ? mote_flatbuffer_i32_at(&import->file, from, at) : MOTE_NO_TENSOR;
        (*list)[i] = index == MOTE_NO_TENSOR ? MOTE_NO_TENSOR : use_tensor(import, op, index);
        if (index == MOTE_NO_TENSOR) continue;
        if ((*list)[i] == MOTE_NO_TENSOR) status = import->status;
        *count = (int32_t)i + 1;
    }
    return status;
}

/* An operator that takes a wider view of its result (a slice with new axes) writes to a tensor of its own; a reshape
 * then gives the shape that the file states. */
static enum mote_status add_op(struct mote_tflite *import, const struct mote_tflite_op *source,
                               const struct mote_op *op, int32_t file_output)
{
    struct mote_op *added =
        mote_graph_add_op(import->graph, op->kind, op->inputs, op->input_count, op->outputs, op->output_count);
    if (!added) return mote_tflite_memory(import);
    added->attrs = op->attrs;
    added->source_index = source->index;
    added->source_type = source->type;
    if (op->output_count != 1 || op->outputs[0] == file_output) return MOTE_OK;
    struct mote_op *reshape =
        mote_graph_add_op(import->graph, MOTE_OP_RESHAPE, op->outputs, 1, &file_output, 1);
    if (!reshape) return mote_tflite_memory(import);
    reshape->source_index = source->index;
    reshape->source_type = source->type;
    return MOTE_OK;
}

static enum mote_status import_op(struct mote_tflite *import, const struct mote_tflite_op *source)
{
    const struct mote_tflite_rule *rule = mote_tflite_rule_find(source->code);
    if (!rule) {
        import->unknown_operator = true;
        int32_t tensor = MOTE_NO_TENSOR;
        if (source->outputs.count) tensor = mote_flatbuffer_i32_at(&import->file, &source->outputs, 0);
        return mote_tflite_problem(import, source, tensor, MOTE_ERR_UNSUPPORTED, "mote has no such operator%s",
                                   source->code == BUILTIN_CUSTOM ? " (it is a custom one)" : "");
    }
    const uint32_t input_count = source->inputs.count;
    if (input_count < rule->least_inputs || (input_count > rule->most_inputs && rule->most_inputs < 255))
        return mote_tflite_problem(import, source, MOTE_NO_TENSOR, MOTE_ERR_INPUT,
                                   "it has %u inputs, expected %d to %d", input_count, rule->least_inputs,
                                   rule->most_inputs);
    if (source->options.position && source->options_type != rule->options_type)
        return mote_tflite_problem(import, source, MOTE_NO_TENSOR, MOTE_ERR_INPUT,
                                   "its options are those of another operator");
    struct mote_op op = {.kind = rule->kind};
    const enum mote_status inputs =
        collect(import, source, &source->inputs, rule->data_inputs, &op.inputs, &op.input_count);
    const enum mote_status outputs = collect(import, source, &source->outputs, NULL, &op.outputs, &op.output_count);
    if (inputs != MOTE_OK || outputs != MOTE_OK) return import->status;
    bool complete = op.input_count > 0 && op.inputs[0] != MOTE_NO_TENSOR && op.output_count > 0;
    for (uint32_t i = 0; i < source->outputs.count; i++) complete = complete && op.outputs[i] != MOTE_NO_TENSOR;
    if (!complete)
        return mote_tflite_problem(import, source, MOTE_NO_TENSOR, MOTE_ERR_INPUT, "its input or output is missing");
    const int32_t file_output = op.outputs[0];
    const enum mote_status filled = rule->fill ? rule->fill(import, source, &op) : MOTE_OK;
    if (filled != MOTE_OK) return filled;
    return reader_status(import) != MOTE_OK ? import->status : add_op(import, source, &op, file_output);
}

/* Imports every operator, so that all problems are reported in one run; stops only when the file itself is damaged. */
static enum mote_status read_ops(struct mote_tflite *import, const struct mote_flatbuffer_table *subgraph)
{
    const struct mote_flatbuffer_vector ops = mote_flatbuffer_vector(&import->file, subgraph, SUBGRAPH_OPERATORS, 4);
    for (uint32_t i = 0; i < ops.count; i++) {
        const struct mote_flatbuffer_table table = mote_flatbuffer_table_at(&import->file, &ops, i);
        struct mote_tflite_op op;
        const enum mote_status read = read_op(import, &table, (int32_t)i, &op);
        if (read != MOTE_OK) return read;
        if (import_op(import, &op) == MOTE_ERR_MEMORY || import->file.error) return import->status;
    }
    return import->status;
}

/* ---- The model ---- */

static enum mote_status read_io(struct mote_tflite *import, const struct mote_flatbuffer_table *subgraph, unsigned slot,
                                int32_t **list, int32_t *count)
{
    const struct mote_flatbuffer_vector from = mote_flatbuffer_vector(&import->file, subgraph, slot, 4);
    *list = MOTE_NEW_ARRAY(import->arena, int32_t, from.count);
    if (!*list) return mote_tflite_memory(import);
    *count = (int32_t)from.count;
    for (uint32_t i = 0; i < from.count; i++)
        (*list)[i] = use_tensor(import, NULL, mote_flatbuffer_i32_at(&import->file, &from, i));
    return import->status;
}

static void list_supported(struct mote_tflite *import)
{
    char text[1024];
    size_t used = 0, count = 0;
    const struct mote_tflite_rule *rules = mote_tflite_rules(&count);
    for (size_t i = 0; i < count && used < sizeof text - 1; i++) {
        const int n = snprintf(text + used, sizeof text - used, "%s%s", i ? ", " : "",
                               mote_tflite_operator_name(rules[i].code));
        if (n > 0) used += (size_t)n;
    }
    mote_note(import->diag, MOTE_NOTE, "mote supports: %s; rebuild the model with these, or cut it before the others",
              text);
}

static enum mote_status read_subgraph(struct mote_tflite *import, const struct mote_flatbuffer_table *subgraph)
{
    enum mote_status status = read_tensors(import, subgraph);
    if (status != MOTE_OK) return status;
    struct mote_graph *graph = import->graph;
    status = read_io(import, subgraph, SUBGRAPH_INPUTS, &graph->inputs, &graph->input_count);
    if (status == MOTE_ERR_MEMORY || reader_status(import) != MOTE_OK) return import->status;
    status = read_ops(import, subgraph);
    if (status == MOTE_ERR_MEMORY || reader_status(import) != MOTE_OK) return import->status;
    status = read_io(import, subgraph, SUBGRAPH_OUTPUTS, &graph->outputs, &graph->output_count);
    if (status == MOTE_ERR_MEMORY || reader_status(import) != MOTE_OK) return import->status;
    if (import->problem_count > MOST_MESSAGES)
        mote_note(import->diag, MOTE_NOTE, "and %ld problems more", import->problem_count - MOST_MESSAGES);
    if (import->unknown_operator) list_supported(import);
    return status;
}

static enum mote_status read_model(struct mote_tflite *import)
{
    struct mote_flatbuffer *file = &import->file;
    const struct mote_flatbuffer_table model = mote_flatbuffer_root(file);
    const uint32_t version = mote_flatbuffer_u32(file, &model, MODEL_VERSION, 0);
    import->op_codes = mote_flatbuffer_vector(file, &model, MODEL_OPERATOR_CODES, 4);
    import->buffers = mote_flatbuffer_vector(file, &model, MODEL_BUFFERS, 4);
    const struct mote_flatbuffer_vector subgraphs = mote_flatbuffer_vector(file, &model, MODEL_SUBGRAPHS, 4);
    if (reader_status(import) != MOTE_OK) return import->status;
    if (version != SCHEMA_VERSION)
        return mote_error(import->diag, MOTE_ERR_UNSUPPORTED, "the file has schema version %u, mote reads version %d",
                          version, SCHEMA_VERSION);
    if (subgraphs.count == 0) return mote_error(import->diag, MOTE_ERR_INPUT, "the model has no subgraph");
    /* Only IF, WHILE, CALL and their like lead from subgraph 0 to others, and those are reported as operators. */
    if (subgraphs.count > 1)
        mote_note(import->diag, MOTE_WARNING, "the model has %u subgraphs; only the first one is used",
                  subgraphs.count);
    const struct mote_flatbuffer_table subgraph = mote_flatbuffer_table_at(file, &subgraphs, 0);
    return read_subgraph(import, &subgraph);
}

enum mote_status mote_import_tflite(const uint8_t *bytes, size_t size_bytes, const char *name,
                                    struct mote_arena *arena, struct mote_graph **graph, struct mote_diag *diag)
{
    struct mote_tflite import = {.arena = arena, .diag = diag, .status = MOTE_OK};
    if (!mote_flatbuffer_open(&import.file, bytes, size_bytes, "TFL3"))
        return mote_error(diag, MOTE_ERR_INPUT, "this is not a TensorFlow Lite model (no \"TFL3\" at byte 4)");
    import.graph = mote_graph_new(arena, name);
    if (!import.graph) return mote_error_memory(diag);
    const enum mote_status status = read_model(&import);
    if (status != MOTE_OK) return status;
    *graph = import.graph;
    return MOTE_OK;
}
