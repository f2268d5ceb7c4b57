#include "tflite_writer.h"

#include "flatbuffer.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_RANK = 8, MAX_FIELDS = 12, NO_BUFFER = 0, SCHEMA_VERSION = 3, DATA_ALIGNMENT = 16 };

/* A piece of memory owned by the model; the list of them is freed at the end. */
struct block {
    struct block *next;
    max_align_t bytes[];
};

struct tensor {
    const char *name;
    enum tflw_type type;
    int32_t *dims;
    size_t rank;
    float *scales;
    int64_t *zero_points;
    size_t scale_count;
    int32_t quantized_dimension;
    uint8_t *data;
    size_t data_bytes;
    uint32_t buffer; /* index in the file's table of buffers */
};

struct index_list {
    int32_t *values;
    size_t count;
};

struct op {
    const struct op_row *row;
    uint32_t code_index;
    struct index_list inputs, outputs;
    struct tflw_options options;
};

struct op_code {
    enum tflw_operator code;
    int32_t version;
};

struct tflw {
    struct block *blocks;
    const char *error;
    struct tensor *tensors;
    struct op *ops;
    struct op_code *codes;
    size_t tensor_count, op_count, code_count;
    size_t tensor_capacity, op_capacity, code_capacity;
    struct index_list inputs, outputs;
};

/* ---- operators: one row each ---- */

enum field_kind { FIELD_INT8, FIELD_BOOL, FIELD_INT32, FIELD_FLOAT, FIELD_DIMS };

/* One field of an options table: its number in the schema and where struct tflw_options holds its value. */
struct option_field {
    uint8_t slot;
    uint8_t kind;
    bool zero_means_one;
    uint16_t member;
};

#define I8(slot, member) {slot, FIELD_INT8, false, offsetof(struct tflw_options, member)}
#define BOOL(slot, member) {slot, FIELD_BOOL, false, offsetof(struct tflw_options, member)}
#define I32(slot, member) {slot, FIELD_INT32, false, offsetof(struct tflw_options, member)}
#define SIZE(slot, member) {slot, FIELD_INT32, true, offsetof(struct tflw_options, member)}
#define F32(slot, member, one) {slot, FIELD_FLOAT, one, offsetof(struct tflw_options, member)}
#define DIMS(slot) {slot, FIELD_DIMS, false, offsetof(struct tflw_options, dims)}
#define END {0, 0, false, UINT16_MAX}

static const struct option_field no_fields[] = {END};
static const struct option_field conv_fields[] = {
    I8(0, padding), SIZE(1, stride_w), SIZE(2, stride_h), I8(3, activation), SIZE(4, dilation_w), SIZE(5, dilation_h), END};
static const struct option_field depthwise_fields[] = {
    I8(0, padding),    SIZE(1, stride_w),   SIZE(2, stride_h),   SIZE(3, depth_multiplier),
    I8(4, activation), SIZE(5, dilation_w), SIZE(6, dilation_h), END};
static const struct option_field transpose_conv_fields[] = {
    I8(0, padding), SIZE(1, stride_w), SIZE(2, stride_h), I8(3, activation), END};
static const struct option_field pool_fields[] = {
    I8(0, padding), SIZE(1, stride_w), SIZE(2, stride_h), SIZE(3, filter_w), SIZE(4, filter_h), I8(5, activation), END};
static const struct option_field fully_connected_fields[] = {I8(0, activation), BOOL(2, keep_num_dims), END};
static const struct option_field add_fields[] = {I8(0, activation), BOOL(1, pot_scale_int16), END};
static const struct option_field mul_fields[] = {I8(0, activation), END};
static const struct option_field dims_fields[] = {DIMS(0), END};
static const struct option_field softmax_fields[] = {F32(0, beta, true), END};
static const struct option_field reducer_fields[] = {BOOL(0, keep_dims), END};
static const struct option_field leaky_relu_fields[] = {F32(0, alpha, false), END};
static const struct option_field concatenation_fields[] = {I32(0, axis), I8(1, activation), END};
static const struct option_field split_fields[] = {I32(0, num_splits), END};
static const struct option_field strided_slice_fields[] = {
    I32(0, begin_mask), I32(1, end_mask), I32(2, ellipsis_mask), I32(3, new_axis_mask), I32(4, shrink_axis_mask), END};

/*
 * The operators this writer knows. options_type is the number of the options table in the schema's union
 * (0: none). The versions are what TensorFlow's converter writes when data_input is float, int8, int16.
 */
struct op_row {
    uint8_t code;
    uint8_t options_type;
    uint8_t data_input;
    uint8_t version_float, version_int8, version_int16;
    const struct option_field *fields;
};

static const struct op_row op_rows[] = {
    {TFLW_ADD, 11, 0, 1, 2, 3, add_fields},
    {TFLW_AVERAGE_POOL_2D, 5, 0, 1, 2, 3, pool_fields},
    {TFLW_CONCATENATION, 10, 0, 1, 2, 3, concatenation_fields},
    {TFLW_CONV_2D, 1, 0, 1, 3, 4, conv_fields},
    {TFLW_DEPTHWISE_CONV_2D, 2, 0, 1, 3, 5, depthwise_fields},
    {TFLW_DEQUANTIZE, 38, 0, 1, 2, 3, no_fields},
    {TFLW_FULLY_CONNECTED, 8, 0, 1, 5, 7, fully_connected_fields},
    {TFLW_LOGISTIC, 0, 0, 1, 2, 3, no_fields},
    {TFLW_MAX_POOL_2D, 5, 0, 1, 2, 3, pool_fields},
    {TFLW_MUL, 21, 0, 1, 2, 4, mul_fields},
    {TFLW_RELU, 0, 0, 1, 2, 3, no_fields},
    {TFLW_RELU6, 0, 0, 1, 2, 3, no_fields},
    {TFLW_RESHAPE, 17, 0, 1, 1, 1, dims_fields},
    {TFLW_SOFTMAX, 9, 0, 1, 2, 3, softmax_fields},
    {TFLW_TANH, 0, 0, 1, 2, 3, no_fields},
    {TFLW_PAD, 22, 0, 1, 2, 3, no_fields},
    {TFLW_TRANSPOSE, 26, 0, 1, 2, 5, no_fields},
    {TFLW_MEAN, 27, 0, 1, 2, 3, reducer_fields},
    {TFLW_SUB, 28, 0, 1, 2, 5, add_fields},
    {TFLW_SQUEEZE, 30, 0, 1, 1, 1, dims_fields},
    {TFLW_STRIDED_SLICE, 32, 0, 1, 2, 4, strided_slice_fields},
    {TFLW_SPLIT, 35, 1, 1, 2, 4, split_fields},
    {TFLW_PRELU, 0, 0, 1, 1, 1, no_fields},
    {TFLW_MAXIMUM, 39, 0, 1, 2, 4, no_fields},
    {TFLW_MINIMUM, 39, 0, 1, 2, 4, no_fields},
    {TFLW_PADV2, 43, 0, 1, 2, 3, no_fields},
    {TFLW_TRANSPOSE_CONV, 49, 2, 3, 3, 3, transpose_conv_fields},
    {TFLW_EXPAND_DIMS, 52, 0, 1, 1, 1, no_fields},
    {TFLW_REDUCE_MAX, 27, 0, 1, 2, 3, reducer_fields},
    {TFLW_LEAKY_RELU, 75, 0, 1, 2, 2, leaky_relu_fields},
    {TFLW_QUANTIZE, 89, 0, 1, 2, 3, no_fields},
    {TFLW_HARD_SWISH, 91, 0, 1, 1, 1, no_fields},
};

static const struct op_row *op_row_find(enum tflw_operator code)
{
    for (size_t i = 0; i < sizeof op_rows / sizeof op_rows[0]; i++) {
        if (op_rows[i].code == code) {
            return &op_rows[i];
        }
    }
    return NULL;
}

/* ---- the model in memory ---- */

static void fail(struct tflw *w, const char *error)
{
    if (w->error == NULL) {
        w->error = error;
    }
}

static bool usable(const struct tflw *w)
{
    return w != NULL && w->error == NULL;
}

/* Gives `bytes` zeroed bytes that live as long as the model; NULL, with the failure kept, if out of memory. */
static void *model_alloc(struct tflw *w, size_t bytes)
{
    struct block *block = calloc(1, sizeof *block + bytes);
    if (block == NULL) {
        fail(w, "out of memory");
        return NULL;
    }
    block->next = w->blocks;
    w->blocks = block;
    return block->bytes;
}

static void *model_copy(struct tflw *w, const void *from, size_t bytes)
{
    void *to = model_alloc(w, bytes);
    if (to != NULL && bytes != 0) {
        memcpy(to, from, bytes);
    }
    return to;
}

/* Makes room for one more item in a growing array; false, with the failure kept, if out of memory. */
static bool array_grow(struct tflw *w, void **items, size_t count, size_t *capacity, size_t item_bytes)
{
    if (count < *capacity) {
        return true;
    }
    size_t wanted = *capacity == 0 ? 16 : 2 * *capacity;
    void *grown = realloc(*items, wanted * item_bytes);
    if (grown == NULL) {
        fail(w, "out of memory");
        return false;
    }
    *items = grown;
    *capacity = wanted;
    return true;
}

struct tflw *tflw_new(void)
{
    return calloc(1, sizeof(struct tflw));
}

void tflw_free(struct tflw *w)
{
    if (w == NULL) {
        return;
    }
    while (w->blocks != NULL) {
        struct block *next = w->blocks->next;
        free(w->blocks);
        w->blocks = next;
    }
    free(w->tensors);
    free(w->ops);
    free(w->codes);
    free(w);
}

const char *tflw_error(const struct tflw *w)
{
    return w == NULL ? "out of memory" : w->error;
}

static size_t type_bytes(enum tflw_type type)
{
    switch (type) {
    case TFLW_FLOAT32:
    case TFLW_INT32:
        return 4;
    case TFLW_INT64:
        return 8;
    case TFLW_INT16:
        return 2;
    case TFLW_UINT8:
    case TFLW_BOOL:
    case TFLW_INT8:
        return 1;
    }
    return 0;
}

static bool data_size_fits(enum tflw_type type, size_t rank, const int32_t *dims, size_t data_bytes)
{
    size_t bytes = type_bytes(type);
    for (size_t i = 0; i < rank; i++) {
        if (dims[i] < 0 || (dims[i] > 0 && bytes > SIZE_MAX / (size_t)dims[i])) {
            return false;
        }
        bytes *= (size_t)dims[i];
    }
    return bytes == data_bytes;
}

static void tensor_set_quant(struct tflw *w, struct tensor *t, const struct tflw_quant *quant)
{
    t->scales = model_copy(w, quant->scales, quant->count * sizeof *quant->scales);
    t->zero_points = quant->zero_points != NULL
                         ? model_copy(w, quant->zero_points, quant->count * sizeof *quant->zero_points)
                         : model_alloc(w, quant->count * sizeof *quant->zero_points);
    t->scale_count = quant->count;
    t->quantized_dimension = quant->dimension;
}

int tflw_tensor(struct tflw *w, const char *name, enum tflw_type type, size_t rank, const int32_t *dims,
                const struct tflw_quant *quant, const void *data, size_t data_bytes)
{
    if (!usable(w)) {
        return -1;
    }
    if (type_bytes(type) == 0 || rank > MAX_RANK) {
        fail(w, "tensor: unknown type or rank over 8");
        return -1;
    }
    if (data != NULL && !data_size_fits(type, rank, dims, data_bytes)) {
        fail(w, "tensor: data size differs from what type and dims ask for");
        return -1;
    }
    if (!array_grow(w, (void **)&w->tensors, w->tensor_count, &w->tensor_capacity, sizeof *w->tensors)) {
        return -1;
    }
    struct tensor *t = &w->tensors[w->tensor_count];
    *t = (struct tensor){.type = type, .rank = rank, .data_bytes = data_bytes, .buffer = NO_BUFFER};
    t->name = model_copy(w, name, strlen(name) + 1);
    t->dims = model_copy(w, dims, rank * sizeof *dims);
    if (quant != NULL && quant->count != 0) {
        tensor_set_quant(w, t, quant);
    }
    if (data != NULL) {
        t->data = model_copy(w, data, data_bytes);
    }
    return usable(w) ? (int)w->tensor_count++ : -1;
}

/* Copies tensor indices after checking that each names a tensor, or is -1 where that is allowed. */
static struct index_list index_list_copy(struct tflw *w, const int *indices, size_t count, bool optional)
{
    struct index_list list = {model_alloc(w, count * sizeof(int32_t)), count};
    for (size_t i = 0; i < count && list.values != NULL; i++) {
        bool absent = optional && indices[i] == -1;
        if (!absent && (indices[i] < 0 || (size_t)indices[i] >= w->tensor_count)) {
            fail(w, "operator or model names a tensor that does not exist");
        }
        list.values[i] = indices[i];
    }
    return list;
}

/* Finds or adds the pair of operator and version in the model's table of codes. */
static uint32_t code_index(struct tflw *w, enum tflw_operator code, int32_t version)
{
    for (size_t i = 0; i < w->code_count; i++) {
        if (w->codes[i].code == code && w->codes[i].version == version) {
            return (uint32_t)i;
        }
    }
    if (!array_grow(w, (void **)&w->codes, w->code_count, &w->code_capacity, sizeof *w->codes)) {
        return 0;
    }
    w->codes[w->code_count] = (struct op_code){code, version};
    return (uint32_t)w->code_count++;
}

static int32_t default_version(const struct tflw *w, const struct op_row *row, const struct index_list *inputs)
{
    size_t at = row->data_input < inputs->count ? row->data_input : 0;
    if (inputs->count == 0 || inputs->values[at] < 0) {
        return row->version_float;
    }
    switch (w->tensors[inputs->values[at]].type) {
    case TFLW_INT8:
        return row->version_int8;
    case TFLW_INT16:
        return row->version_int16;
    default:
        return row->version_float;
    }
}

int tflw_op(struct tflw *w, enum tflw_operator code, int32_t version, const int *inputs, size_t input_count,
            const int *outputs, size_t output_count, const struct tflw_options *options)
{
    if (!usable(w)) {
        return -1;
    }
    const struct op_row *row = op_row_find(code);
    if (row == NULL) {
        fail(w, "operator: not one this writer knows");
        return -1;
    }
    if (!array_grow(w, (void **)&w->ops, w->op_count, &w->op_capacity, sizeof *w->ops)) {
        return -1;
    }
    struct op *op = &w->ops[w->op_count];
    *op = (struct op){.row = row};
    op->inputs = index_list_copy(w, inputs, input_count, true);
    op->outputs = index_list_copy(w, outputs, output_count, false);
    if (options != NULL) {
        op->options = *options;
        op->options.dims = model_copy(w, options->dims, options->dims_count * sizeof *options->dims);
    }
    if (!usable(w)) {
        return -1;
    }
    op->code_index = code_index(w, code, version != 0 ? version : default_version(w, row, &op->inputs));
    return usable(w) ? (int)w->op_count++ : -1;
}

void tflw_io(struct tflw *w, const int *inputs, size_t input_count, const int *outputs, size_t output_count)
{
    if (usable(w)) {
        w->inputs = index_list_copy(w, inputs, input_count, false);
        w->outputs = index_list_copy(w, outputs, output_count, false);
    }
}

/* ---- the schema's tables ---- */

static size_t quantization_put(struct flatbuffer *o, const struct tensor *t)
{
    enum { SCALE = 2, ZERO_POINT = 3, QUANTIZED_DIMENSION = 6 };
    struct flatbuffer_field fields[] = {{SCALE, 4, 0}, {ZERO_POINT, 4, 0}, {QUANTIZED_DIMENSION, 4, (uint32_t)t->quantized_dimension}};
    size_t table = flatbuffer_table(o, fields, 3);
    flatbuffer_table_refer(o, table, SCALE, flatbuffer_vector_f32(o, t->scales, t->scale_count));
    flatbuffer_table_refer(o, table, ZERO_POINT, flatbuffer_vector_i64(o, t->zero_points, t->scale_count));
    return table;
}

static size_t tensor_put(struct flatbuffer *o, const struct tensor *t)
{
    enum { SHAPE = 0, TYPE = 1, BUFFER = 2, NAME = 3, QUANTIZATION = 4, HAS_RANK = 8 };
    struct flatbuffer_field fields[] = {{SHAPE, 4, 0}, {TYPE, 1, t->type},       {BUFFER, 4, t->buffer},
                             {NAME, 4, 0},  {HAS_RANK, 1, true},      {QUANTIZATION, 4, 0}};
    size_t table = flatbuffer_table(o, fields, t->scale_count != 0 ? 6 : 5);
    flatbuffer_table_refer(o, table, SHAPE, flatbuffer_vector_i32(o, t->dims, t->rank));
    flatbuffer_table_refer(o, table, NAME, flatbuffer_string(o, t->name));
    if (t->scale_count != 0) {
        flatbuffer_table_refer(o, table, QUANTIZATION, quantization_put(o, t));
    }
    return table;
}

/* Reads one option out of the struct as the bits to be written. */
static struct flatbuffer_field option_value(const struct tflw_options *options, const struct option_field *from)
{
    const unsigned char *member = (const unsigned char *)options + from->member;
    struct flatbuffer_field field = {.slot = from->slot, .size = 4};
    if (from->kind == FIELD_BOOL) {
        bool value;
        memcpy(&value, member, sizeof value);
        field.size = 1;
        field.value = value;
    } else if (from->kind != FIELD_DIMS) {
        memcpy(&field.value, member, 4); /* enumerations, int32 and float all have 4 bytes */
        field.size = from->kind == FIELD_INT8 ? 1 : 4;
    }
    if (from->zero_means_one && field.value == 0) {
        field.value = from->kind == FIELD_FLOAT ? flatbuffer_float_bits(1.0f) : 1;
    }
    return field;
}

_Static_assert(sizeof(enum tflw_padding) == 4 && sizeof(enum tflw_activation) == 4, "option_value copies 4 bytes");

static size_t options_put(struct flatbuffer *o, const struct op *op)
{
    struct flatbuffer_field fields[MAX_FIELDS];
    size_t count = 0;
    bool has_dims = false;
    for (const struct option_field *f = op->row->fields; f->member != UINT16_MAX; f++) {
        if (f->kind == FIELD_DIMS && op->options.dims_count == 0) {
            continue;
        }
        has_dims = has_dims || f->kind == FIELD_DIMS;
        fields[count++] = option_value(&op->options, f);
    }
    size_t table = flatbuffer_table(o, fields, count);
    if (has_dims) {
        flatbuffer_table_refer(o, table, 0, flatbuffer_vector_i32(o, op->options.dims, op->options.dims_count));
    }
    return table;
}

static size_t op_put(struct flatbuffer *o, const struct op *op)
{
    enum { OPCODE_INDEX = 0, INPUTS = 1, OUTPUTS = 2, OPTIONS_TYPE = 3, OPTIONS = 4 };
    struct flatbuffer_field fields[] = {
        {OPCODE_INDEX, 4, op->code_index}, {INPUTS, 4, 0}, {OUTPUTS, 4, 0},
        {OPTIONS_TYPE, 1, op->row->options_type}, {OPTIONS, 4, 0}};
    bool has_options = op->row->options_type != 0;
    size_t table = flatbuffer_table(o, fields, has_options ? 5 : 3);
    flatbuffer_table_refer(o, table, INPUTS, flatbuffer_vector_i32(o, op->inputs.values, op->inputs.count));
    flatbuffer_table_refer(o, table, OUTPUTS, flatbuffer_vector_i32(o, op->outputs.values, op->outputs.count));
    if (has_options) {
        flatbuffer_table_refer(o, table, OPTIONS, options_put(o, op));
    }
    return table;
}

static size_t op_codes_put(struct flatbuffer *o, const struct tflw *w)
{
    enum { DEPRECATED_CODE = 0, VERSION = 2, CODE = 3, LAST_DEPRECATED_CODE = 127 };
    size_t vector = flatbuffer_vector(o, w->code_count, 4, 4);
    for (size_t i = 0; i < w->code_count; i++) {
        uint32_t code = w->codes[i].code;
        struct flatbuffer_field fields[] = {
            {DEPRECATED_CODE, 1, code < LAST_DEPRECATED_CODE ? code : LAST_DEPRECATED_CODE},
            {VERSION, 4, (uint32_t)w->codes[i].version},
            {CODE, 4, code},
        };
        flatbuffer_vector_refer(o, vector, i, flatbuffer_table(o, fields, 3));
    }
    return vector;
}

static size_t subgraph_put(struct flatbuffer *o, const struct tflw *w)
{
    enum { TENSORS = 0, INPUTS = 1, OUTPUTS = 2, OPERATORS = 3, NAME = 4 };
    struct flatbuffer_field fields[] = {{TENSORS, 4, 0}, {INPUTS, 4, 0}, {OUTPUTS, 4, 0}, {OPERATORS, 4, 0}, {NAME, 4, 0}};
    size_t table = flatbuffer_table(o, fields, 5);
    size_t tensors = flatbuffer_vector(o, w->tensor_count, 4, 4);
    flatbuffer_table_refer(o, table, TENSORS, tensors);
    for (size_t i = 0; i < w->tensor_count; i++) {
        flatbuffer_vector_refer(o, tensors, i, tensor_put(o, &w->tensors[i]));
    }
    flatbuffer_table_refer(o, table, INPUTS, flatbuffer_vector_i32(o, w->inputs.values, w->inputs.count));
    flatbuffer_table_refer(o, table, OUTPUTS, flatbuffer_vector_i32(o, w->outputs.values, w->outputs.count));
    size_t ops = flatbuffer_vector(o, w->op_count, 4, 4);
    flatbuffer_table_refer(o, table, OPERATORS, ops);
    for (size_t i = 0; i < w->op_count; i++) {
        flatbuffer_vector_refer(o, ops, i, op_put(o, &w->ops[i]));
    }
    flatbuffer_table_refer(o, table, NAME, flatbuffer_string(o, "main"));
    return table;
}

/* Writes the buffers in the order of the tensors that own them; the first is empty, as the schema demands. */
static size_t buffers_put(struct flatbuffer *o, const struct tflw *w, size_t buffer_count)
{
    enum { DATA = 0 };
    size_t vector = flatbuffer_vector(o, buffer_count, 4, 4);
    flatbuffer_vector_refer(o, vector, NO_BUFFER, flatbuffer_table(o, NULL, 0));
    for (size_t i = 0; i < w->tensor_count; i++) {
        const struct tensor *t = &w->tensors[i];
        if (t->data != NULL) {
            struct flatbuffer_field field = {DATA, 4, 0};
            size_t table = flatbuffer_table(o, &field, 1);
            flatbuffer_vector_refer(o, vector, t->buffer, table);
            flatbuffer_table_refer(o, table, DATA, flatbuffer_vector_bytes(o, t->data, t->data_bytes, DATA_ALIGNMENT));
        }
    }
    return vector;
}

static void model_put(struct flatbuffer *o, const struct tflw *w, size_t buffer_count)
{
    enum { VERSION = 0, OPERATOR_CODES = 1, SUBGRAPHS = 2, DESCRIPTION = 3, BUFFERS = 4 };
    size_t root = flatbuffer_reserve(o, 8);
    if (!o->failed) {
        memcpy(o->bytes + root + 4, "TFL3", 4);
    }
    struct flatbuffer_field fields[] = {
        {VERSION, 4, SCHEMA_VERSION}, {OPERATOR_CODES, 4, 0}, {SUBGRAPHS, 4, 0}, {DESCRIPTION, 4, 0}, {BUFFERS, 4, 0}};
    size_t table = flatbuffer_table(o, fields, 5);
    flatbuffer_refer(o, root, table);
    flatbuffer_table_refer(o, table, OPERATOR_CODES, op_codes_put(o, w));
    size_t subgraphs = flatbuffer_vector(o, 1, 4, 4);
    flatbuffer_table_refer(o, table, SUBGRAPHS, subgraphs);
    flatbuffer_vector_refer(o, subgraphs, 0, subgraph_put(o, w));
    flatbuffer_table_refer(o, table, DESCRIPTION, flatbuffer_string(o, "mote"));
    flatbuffer_table_refer(o, table, BUFFERS, buffers_put(o, w, buffer_count));
    flatbuffer_align(o, DATA_ALIGNMENT, 0);
}

uint8_t *tflw_finish(struct tflw *w, size_t *bytes)
{
    if (!usable(w)) {
        return NULL;
    }
    if (w->outputs.count == 0) {
        fail(w, "model: tflw_io was not called, or names no output");
        return NULL;
    }
    uint32_t buffer_count = 1;
    for (size_t i = 0; i < w->tensor_count; i++) {
        w->tensors[i].buffer = w->tensors[i].data != NULL ? buffer_count++ : NO_BUFFER;
    }
    struct flatbuffer out = {0};
    model_put(&out, w, buffer_count);
    if (out.failed) {
        free(out.bytes);
        fail(w, "out of memory, or a model over 2 GB");
        return NULL;
    }
    *bytes = out.size;
    return out.bytes;
}
