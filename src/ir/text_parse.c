#include "text.h"

#include "text_fields.h"

#include <stdlib.h>
#include <string.h>

/* ---- Tokens ---- */

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_STRING, TOKEN_MARK };

struct token {
    enum token_kind kind;
    const char *start;
    size_t length; /* of a string: without the quotes */
};

struct parser {
    const char *text;
    size_t length, position;
    long line;
    struct token token; /* the one that comes next */
    struct mote_arena *arena;
    struct mote_graph *graph;
    struct mote_diag *diag;
    enum mote_status status; /* the first error sticks */
};

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_mark(char c)
{
    return c == '{' || c == '}' || c == '[' || c == ']' || c == ':';
}

/* Only the first error is reported: what follows it would be guesswork. */
static bool fail(struct parser *parser, const char *expected)
{
    if (parser->status != MOTE_OK) return false;
    char found[41] = "";
    for (size_t i = 0; i < parser->token.length && i < sizeof found - 1; i++) {
        const unsigned char c = (unsigned char)parser->token.start[i];
        found[i] = c < 32 || c > 126 ? '?' : (char)c;
    }
    const bool ended = parser->token.kind == TOKEN_END;
    parser->status = mote_error(parser->diag, MOTE_ERR_INPUT, "line %ld: expected %s, found %s%s%s", parser->line,
                                expected, ended ? "the end of the text" : "\"", found, ended ? "" : "\"");
    return false;
}

static bool fail_memory(struct parser *parser)
{
    if (parser->status == MOTE_OK) parser->status = mote_error_memory(parser->diag);
    return false;
}

static void skip_space(struct parser *parser)
{
    bool comment = false;
    for (; parser->position < parser->length; parser->position++) {
        const char c = parser->text[parser->position];
        if (c == '#') comment = true;
        if (c == '\n') {
            comment = false;
            parser->line++;
        } else if (!comment && !is_space(c)) {
            return;
        }
    }
}

/* Reads the next token; a string that does not end is a token of kind TOKEN_END. */
static void advance(struct parser *parser)
{
    skip_space(parser);
    const char *start = parser->text + parser->position;
    const size_t left = parser->length - parser->position;
    size_t length = 0;
    parser->token = (struct token){.kind = TOKEN_END, .start = start};
    if (left == 0) return;
    if (*start == '"') {
        for (length = 1; length < left && start[length] != '"' && start[length] != '\n'; length++) continue;
        if (length == left || start[length] != '"') return;
        parser->token = (struct token){TOKEN_STRING, start + 1, length - 1};
        length++;
    } else if (is_mark(*start)) {
        length = 1;
        parser->token = (struct token){TOKEN_MARK, start, length};
    } else {
        while (length < left && !is_space(start[length]) && !is_mark(start[length]) && start[length] != '"') length++;
        parser->token = (struct token){TOKEN_WORD, start, length};
    }
    parser->position += length;
}

static bool token_is(const struct token *token, enum token_kind kind, const char *text)
{
    return token->kind == kind && token->length == strlen(text) && memcmp(token->start, text, token->length) == 0;
}

static bool next_is_word(const struct parser *parser, const char *word)
{
    return parser->status == MOTE_OK && token_is(&parser->token, TOKEN_WORD, word);
}

static bool next_is_mark(const struct parser *parser, char mark)
{
    return parser->status == MOTE_OK && parser->token.kind == TOKEN_MARK && *parser->token.start == mark;
}

static bool expect_word(struct parser *parser, const char *word)
{
    if (!next_is_word(parser, word)) return fail(parser, word);
    advance(parser);
    return true;
}

static bool expect_mark(struct parser *parser, char mark)
{
    const char expected[] = {'"', mark, '"', 0};
    if (!next_is_mark(parser, mark)) return fail(parser, expected);
    advance(parser);
    return true;
}

/* ---- Values ---- */

/* Copies the next word, which must be short, so that the C library can read it. */
static bool take_short_word(struct parser *parser, char word[48], const char *expected)
{
    const struct token *token = &parser->token;
    if (parser->status != MOTE_OK || token->kind != TOKEN_WORD || token->length >= 48) return fail(parser, expected);
    memcpy(word, token->start, token->length);
    word[token->length] = 0;
    return true;
}

static bool parse_integer(struct parser *parser, int64_t low, int64_t high, int64_t *value)
{
    char word[48], *end;
    if (!take_short_word(parser, word, "an integer")) return false;
    const long long parsed = strtoll(word, &end, 10); /* out of range: the nearest limit, which is refused too */
    const bool extreme = parsed == INT64_MIN || parsed == INT64_MAX;
    if (*end || end == word || extreme || parsed < low || parsed > high) return fail(parser, "an integer in range");
    *value = parsed;
    advance(parser);
    return true;
}

static bool parse_i32(struct parser *parser, int32_t *value)
{
    int64_t wide = 0;
    if (!parse_integer(parser, INT32_MIN, INT32_MAX, &wide)) return false;
    *value = (int32_t)wide;
    return true;
}

static bool parse_float(struct parser *parser, float *value)
{
    char word[48], *end;
    if (!take_short_word(parser, word, "a number")) return false;
    const float parsed = strtof(word, &end);
    if (*end || end == word) return fail(parser, "a number");
    *value = parsed;
    advance(parser);
    return true;
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

/* A string with escapes \xx (two hexadecimal digits) into the arena. */
static bool parse_string(struct parser *parser, const char **string)
{
    const struct token token = parser->token;
    if (parser->status != MOTE_OK || token.kind != TOKEN_STRING) return fail(parser, "a string");
    char *copy = mote_arena_calloc(parser->arena, token.length + 1, 1);
    if (!copy) return fail_memory(parser);
    size_t length = 0;
    for (size_t i = 0; i < token.length; i++) {
        copy[length] = token.start[i];
        if (copy[length++] != '\\') continue;
        const int high = i + 2 < token.length ? hex_value(token.start[i + 1]) : -1;
        const int low = i + 2 < token.length ? hex_value(token.start[i + 2]) : -1;
        if (high < 0 || low < 0 || high + low == 0) return fail(parser, "a string with valid escapes");
        copy[length - 1] = (char)(16 * high + low);
        i += 2;
    }
    *string = copy;
    advance(parser);
    return true;
}

/* How many items stand between here and the next "]"; an item is a word, with what ":" joins to it. */
static bool count_items(struct parser *parser, int32_t *count)
{
    struct parser ahead = *parser;
    int64_t items = 0;
    for (; ahead.token.kind == TOKEN_WORD || next_is_mark(&ahead, ':'); advance(&ahead)) {
        if (ahead.token.kind != TOKEN_WORD) items -= 2;
        items++;
    }
    if (items < 0 || items > INT32_MAX / 2) return fail(parser, "a list of sane length");
    *count = (int32_t)items;
    return true;
}

static bool parse_list(struct parser *parser, int32_t **list, int32_t *count)
{
    if (!expect_mark(parser, '[') || !count_items(parser, count)) return false;
    *list = MOTE_NEW_ARRAY(parser->arena, int32_t, (size_t)*count);
    if (!*list) return fail_memory(parser);
    for (int32_t i = 0; i < *count; i++)
        if (!parse_i32(parser, &(*list)[i])) return false;
    return expect_mark(parser, ']');
}

static bool parse_fixed_list(struct parser *parser, int32_t *values, int32_t count)
{
    if (!expect_mark(parser, '[')) return false;
    for (int32_t i = 0; i < count; i++)
        if (!parse_i32(parser, &values[i])) return false;
    return expect_mark(parser, ']');
}

/* The value whose name is the next word, among name_of(0) ... name_of(count - 1). */
static bool parse_name(struct parser *parser, const char *(*name_of)(int32_t), int32_t count, const char *expected,
                       int32_t *value)
{
    for (int32_t i = 0; i < count; i++) {
        if (!next_is_word(parser, name_of(i))) continue;
        *value = i;
        advance(parser);
        return true;
    }
    return fail(parser, expected);
}

static const char *name_of_dtype(int32_t value)
{
    return mote_dtype_name((enum mote_dtype)value);
}

static const char *name_of_op(int32_t value)
{
    return mote_op_name((enum mote_op_kind)value);
}

/* ---- Tensors ---- */

static bool parse_shape(struct parser *parser, struct mote_shape *shape)
{
    if (!expect_mark(parser, '[')) return false;
    for (shape->rank = 0; !next_is_mark(parser, ']'); shape->rank++) {
        if (shape->rank == MOTE_MAX_RANK) return fail(parser, "at most 6 dimensions");
        if (!parse_i32(parser, &shape->dims[shape->rank])) return false;
        if (shape->dims[shape->rank] < 1) return fail(parser, "dimensions of at least 1");
    }
    if (mote_shape_elements(shape) > INT32_MAX) return fail(parser, "a shape of fewer than 2^31 elements");
    return expect_mark(parser, ']');
}

static bool parse_quant(struct parser *parser, struct mote_quant *quant)
{
    int32_t count = 0;
    if (!next_is_word(parser, "quant")) return parser->status == MOTE_OK;
    advance(parser);
    if (!expect_word(parser, "axis") || !parse_i32(parser, &quant->axis) || !expect_mark(parser, '[') ||
        !count_items(parser, &count))
        return false;
    float *scales = MOTE_NEW_ARRAY(parser->arena, float, (size_t)count);
    int64_t *zero_points = MOTE_NEW_ARRAY(parser->arena, int64_t, (size_t)count);
    if (!scales || !zero_points) return fail_memory(parser);
    for (int32_t i = 0; i < count; i++)
        if (!parse_float(parser, &scales[i]) || !expect_mark(parser, ':') ||
            !parse_integer(parser, INT64_MIN, INT64_MAX, &zero_points[i]))
            return false;
    quant->count = (uint32_t)count;
    quant->scales = scales;
    quant->zero_points = zero_points;
    return expect_mark(parser, ']');
}

/* Appends the bytes of one word of hexadecimal digits. */
static bool parse_hex(struct parser *parser, uint8_t *data, size_t bytes, size_t *used)
{
    const struct token token = parser->token;
    if (token.kind != TOKEN_WORD || token.length % 2 || token.length / 2 > bytes - *used)
        return fail(parser, "as many hexadecimal bytes as type and shape ask for");
    for (size_t i = 0; i < token.length; i += 2) {
        const int high = hex_value(token.start[i]), low = hex_value(token.start[i + 1]);
        if (high < 0 || low < 0) return fail(parser, "hexadecimal digits");
        data[(*used)++] = (uint8_t)(16 * high + low);
    }
    advance(parser);
    return true;
}

static bool parse_data(struct parser *parser, struct mote_tensor *tensor)
{
    if (!next_is_word(parser, "data")) return parser->status == MOTE_OK;
    advance(parser);
    if (!expect_mark(parser, '[')) return false;
    const size_t bytes = mote_tensor_bytes(tensor);
    if (bytes > parser->length / 2) return fail(parser, "as much data as type and shape ask for");
    uint8_t *data = mote_arena_calloc(parser->arena, bytes, 1);
    if (!data) return fail_memory(parser);
    for (size_t used = 0; used < bytes;)
        if (!parse_hex(parser, data, bytes, &used)) return false;
    tensor->data = data;
    return expect_mark(parser, ']');
}

static bool parse_index(struct parser *parser, int32_t expected)
{
    int64_t index = 0;
    return parse_integer(parser, expected, expected, &index);
}

static bool parse_tensor(struct parser *parser)
{
    struct mote_tensor tensor = {0};
    int32_t dtype = 0;
    if (!parse_index(parser, parser->graph->tensor_count) ||
        !parse_name(parser, name_of_dtype, MOTE_DTYPE_COUNT, "an element type", &dtype))
        return false;
    tensor.dtype = (enum mote_dtype)dtype;
    if (!parse_shape(parser, &tensor.shape) || !parse_string(parser, &tensor.name) ||
        !parse_quant(parser, &tensor.quant) || !parse_data(parser, &tensor))
        return false;
    return mote_graph_add_tensor(parser->graph, tensor) >= 0 || fail_memory(parser);
}

/* ---- Operators ---- */

static bool parse_field(struct parser *parser, const struct mote_attr_field *field, struct mote_op *op)
{
    int32_t values[MOTE_MAX_RANK] = {0};
    float real = 0.0f;
    bool parsed = expect_word(parser, field->name);
    if (field->is_array) {
        parsed = parsed && parse_fixed_list(parser, values, field->length);
    } else if (field->kind == MOTE_ATTR_FLOAT) {
        parsed = parsed && parse_float(parser, &real);
        memcpy(values, &real, sizeof real);
    } else if (field->kind == MOTE_ATTR_ENUM) {
        parsed = parsed && parse_name(parser, field->name_of, field->name_count, "a known name", &values[0]);
    } else {
        parsed = parsed && parse_i32(parser, &values[0]);
    }
    memcpy((char *)&op->attrs + field->offset, values, (size_t)field->length * sizeof values[0]);
    return parsed;
}

static bool parse_op(struct parser *parser)
{
    struct mote_op op = {.source_index = -1};
    int32_t kind = 0, field_count = 0;
    if (!parse_index(parser, parser->graph->op_count) ||
        !parse_name(parser, name_of_op, MOTE_OP_COUNT, "an operator", &kind))
        return false;
    op.kind = (enum mote_op_kind)kind;
    if (next_is_word(parser, "source")) {
        advance(parser);
        if (!parse_i32(parser, &op.source_index) || !parse_string(parser, &op.source_type)) return false;
    }
    if (!expect_word(parser, "inputs") || !parse_list(parser, &op.inputs, &op.input_count) ||
        !expect_word(parser, "outputs") || !parse_list(parser, &op.outputs, &op.output_count) ||
        !expect_mark(parser, '{'))
        return false;
    const struct mote_attr_field *fields = mote_attr_fields(op.kind, &field_count);
    for (int32_t i = 0; i < field_count; i++)
        if (!parse_field(parser, &fields[i], &op)) return false;
    if (!expect_mark(parser, '}')) return false;
    struct mote_op *added =
        mote_graph_add_op(parser->graph, op.kind, op.inputs, op.input_count, op.outputs, op.output_count);
    if (!added) return fail_memory(parser);
    added->source_index = op.source_index;
    added->source_type = op.source_type;
    added->attrs = op.attrs;
    return true;
}

/* ---- Graphs ---- */

static bool parse_statement(struct parser *parser)
{
    struct mote_graph *graph = parser->graph;
    if (next_is_word(parser, "tensor")) {
        advance(parser);
        return parse_tensor(parser);
    }
    if (next_is_word(parser, "op")) {
        advance(parser);
        return parse_op(parser);
    }
    if (!graph->inputs && next_is_word(parser, "inputs")) {
        advance(parser);
        return parse_list(parser, &graph->inputs, &graph->input_count);
    }
    if (!graph->outputs && next_is_word(parser, "outputs")) {
        advance(parser);
        return parse_list(parser, &graph->outputs, &graph->output_count);
    }
    return fail(parser, "tensor, op, inputs or outputs (each of these two once)");
}

static bool parse_graph(struct parser *parser)
{
    advance(parser);
    if (!expect_word(parser, "graph") || !parse_string(parser, &parser->graph->name) || !expect_mark(parser, '{'))
        return false;
    while (!next_is_mark(parser, '}'))
        if (!parse_statement(parser)) return false;
    advance(parser);
    return (parser->token.kind == TOKEN_END && parser->position == parser->length) || fail(parser, "the end");
}

enum mote_status mote_graph_parse(const char *text, size_t bytes, struct mote_arena *arena, struct mote_graph **graph,
                                  struct mote_diag *diag)
{
    struct parser parser = {
        .text = text, .length = bytes, .line = 1, .arena = arena, .diag = diag, .status = MOTE_OK};
    parser.graph = mote_graph_new(arena, "");
    if (!parser.graph) return mote_error_memory(diag);
    if (!parse_graph(&parser)) return parser.status;
    *graph = parser.graph;
    return MOTE_OK;
}
