/* text_parse.c: reads what text.c prints. Words are separated by white space; line ends mean nothing but the number in an
 * error. The first error ends the reading. */
#include "text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { WORD_BYTES = 96, NAME_BYTES = 1024 };

struct reader {
    const char *text;
    size_t bytes, at;
    long line;
    struct mote_arena *arena;
    struct mote_diag *diag;
    enum mote_status status; /* the first failure */
    struct mote_plan *plan;
};

/* ---- Failing. All return false, for `return fail(...)`. ---- */

static bool fail(struct reader *r, const char *expected, const char *found)
{
    if (r->status == MOTE_OK)
        r->status = mote_error(r->diag, MOTE_ERR_INPUT, "plan text, line %ld: expected %s, found \"%.60s\"", r->line,
                               expected, found);
    return false;
}

static bool fail_memory(struct reader *r)
{
    if (r->status == MOTE_OK) r->status = mote_error_memory(r->diag);
    return false;
}

/* ---- Words ---- */

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static void skip_space(struct reader *r)
{
    for (; r->at < r->bytes && is_space(r->text[r->at]); r->at++)
        if (r->text[r->at] == '\n') r->line++;
}

/* The next word, cut to what fits; empty at the end of the text. */
static void read_word(struct reader *r, char word[WORD_BYTES])
{
    size_t length = 0;
    skip_space(r);
    for (; r->at < r->bytes && !is_space(r->text[r->at]); r->at++)
        if (length + 1 < WORD_BYTES) word[length++] = r->text[r->at] ? r->text[r->at] : '?';
    word[length] = 0;
}

static bool expect(struct reader *r, const char *keyword)
{
    char word[WORD_BYTES];
    read_word(r, word);
    return !strcmp(word, keyword) || fail(r, keyword, word);
}

/* A decimal number in [least, most]. */
static bool read_number(struct reader *r, int64_t least, int64_t most, int64_t *value)
{
    char word[WORD_BYTES], expected[80];
    read_word(r, word);
    const bool is_negative = word[0] == '-';
    const char *c = word + is_negative;
    uint64_t magnitude = 0;
    bool is_valid = *c != 0;
    for (; *c && is_valid; c++) {
        is_valid = *c >= '0' && *c <= '9' && magnitude <= (uint64_t)INT64_MAX / 10;
        if (is_valid) magnitude = magnitude * 10 + (uint64_t)(*c - '0');
    }
    is_valid = is_valid && magnitude <= (uint64_t)INT64_MAX;
    const int64_t number = is_negative ? -(int64_t)magnitude : (int64_t)magnitude;
    if (!is_valid || number < least || number > most) {
        snprintf(expected, sizeof expected, "a number from %" PRId64 " to %" PRId64, least, most);
        return fail(r, expected, word);
    }
    *value = number;
    return true;
}

static bool read_i32(struct reader *r, int32_t least, int32_t most, int32_t *value)
{
    int64_t number;
    if (!read_number(r, least, most, &number)) return false;
    *value = (int32_t)number;
    return true;
}

static bool read_u32(struct reader *r, uint32_t *value)
{
    int64_t number;
    if (!read_number(r, 0, UINT32_MAX, &number)) return false;
    *value = (uint32_t)number;
    return true;
}

static bool read_size(struct reader *r, size_t *value)
{
    int64_t number;
    if (!read_number(r, 0, PTRDIFF_MAX, &number)) return false;
    *value = (size_t)number;
    return true;
}

static bool read_flag(struct reader *r, bool *value)
{
    int64_t number;
    if (!read_number(r, 0, 1, &number)) return false;
    *value = number == 1;
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Exactly `digits` hexadecimal digits; white space between values, not within, is the caller's. */
static bool read_hex(struct reader *r, size_t digits, uint64_t *bits)
{
    *bits = 0;
    for (size_t i = 0; i < digits; i++, r->at++) {
        const int digit = r->at < r->bytes ? hex_digit(r->text[r->at]) : -1;
        if (digit < 0) return fail(r, "hexadecimal digits", r->at < r->bytes ? "another character" : "the end");
        *bits = *bits << 4 | (uint64_t)digit;
    }
    return true;
}

/* A quoted name, copied into the arena. */
static bool read_name(struct reader *r, const char **name)
{
    char copy[NAME_BYTES];
    size_t length = 0;
    skip_space(r);
    if (r->at >= r->bytes || r->text[r->at] != '"') return fail(r, "a quoted name", "no quote");
    for (r->at++; r->at < r->bytes && r->text[r->at] != '"'; length++) {
        uint64_t c = (unsigned char)r->text[r->at++];
        if (c == '\\') {
            if (r->at >= r->bytes || r->text[r->at++] != 'x') return fail(r, "\\xNN", "another escape");
            if (!read_hex(r, 2, &c)) return false;
        } else if (c < ' ' || c > '~') {
            return fail(r, "a printable character", "another");
        }
        if (!c || length + 1 >= sizeof copy) return fail(r, "a name of at most 1023 characters, none of them zero", "");
        copy[length] = (char)c;
    }
    if (r->at >= r->bytes) return fail(r, "a closing quote", "the end");
    r->at++;
    copy[length] = 0;
    *name = mote_arena_string(r->arena, copy);
    return *name || fail_memory(r);
}

/* ---- Parts of the plan ---- */

static void store_bits(void *at, uint64_t bits, size_t bytes)
{
    const uint8_t u8 = (uint8_t)bits;
    const uint16_t u16 = (uint16_t)bits;
    const uint32_t u32 = (uint32_t)bits;
    switch (bytes) {
    case 1: memcpy(at, &u8, 1); break;
    case 2: memcpy(at, &u16, 2); break;
    case 4: memcpy(at, &u32, 4); break;
    default: memcpy(at, &bits, 8);
    }
}

static bool read_kind(struct reader *r, enum mote_field_kind *kind)
{
    char word[WORD_BYTES];
    read_word(r, word);
    for (enum mote_field_kind k = MOTE_FIELD_FLASH_U8; k <= MOTE_FIELD_FLASH_S64; k++)
        if (!strcmp(word, mote_plan_constant_type(k))) {
            *kind = k;
            return true;
        }
    return fail(r, "an element type (u8, s8, s16, s32, s64)", word);
}

static bool read_constant(struct reader *r, int32_t index, struct mote_constant *c)
{
    int32_t number;
    if (!expect(r, "constant") || !read_i32(r, index, index, &number) || !read_name(r, &c->name) ||
        !read_kind(r, &c->kind) || !read_size(r, &c->count))
        return false;
    const size_t bytes = mote_field_value_bytes(c->kind);
    if (c->count > (r->bytes - r->at) / (2 * bytes)) return fail(r, "as much data as announced", "a shorter text");
    char *data = mote_arena_calloc(r->arena, c->count, bytes);
    if (!data) return fail_memory(r);
    for (size_t i = 0; i < c->count; i++) {
        uint64_t bits;
        skip_space(r);
        if (!read_hex(r, 2 * bytes, &bits)) return false;
        store_bits(data + i * bytes, bits, bytes);
    }
    c->data = data;
    return true;
}

/* Rows of NHWC where the text has nothing of it. */
static bool read_planes(struct reader *r, struct mote_planes *planes)
{
    static const char keyword[] = "planes";
    int32_t numbers[4];
    skip_space(r);
    if (r->bytes - r->at < sizeof keyword || strncmp(r->text + r->at, keyword, sizeof keyword - 1) != 0) return true;
    if (!expect(r, keyword)) return false;
    for (int i = 0; i < 4; i++)
        if (!read_i32(r, i < 2, UINT16_MAX, &numbers[i])) return false;
    *planes = (struct mote_planes){(uint16_t)numbers[0], (uint16_t)numbers[1], (uint16_t)numbers[2], (uint16_t)numbers[3]};
    return true;
}

static bool read_buffer(struct reader *r, int32_t index, struct mote_buffer *b)
{
    int32_t number;
    return expect(r, "buffer") && read_i32(r, index, index, &number) && read_name(r, &b->name) && expect(r, "tensor") &&
           read_i32(r, -1, INT32_MAX, &b->tensor) && expect(r, "bytes") && read_u32(r, &b->bytes) &&
           expect(r, "align") && read_u32(r, &b->alignment_bytes) && expect(r, "steps") &&
           read_i32(r, -1, INT32_MAX, &b->first_step) && read_i32(r, -1, INT32_MAX, &b->last_step) &&
           expect(r, "at") && read_u32(r, &b->offset) && read_planes(r, &b->planes);
}

static bool read_kernel(struct reader *r, const struct mote_kernel **kernel)
{
    char word[WORD_BYTES];
    read_word(r, word);
    *kernel = mote_kernel_find(word);
    return *kernel || fail(r, "the name of a kernel", word);
}

static bool read_value(struct reader *r, enum mote_field_kind kind, void *at)
{
    static const struct {
        int64_t least, most;
    } ranges[] = {[MOTE_FIELD_U16] = {0, UINT16_MAX},
                  [MOTE_FIELD_S16] = {INT16_MIN, INT16_MAX},
                  [MOTE_FIELD_S32] = {INT32_MIN, INT32_MAX},
                  [MOTE_FIELD_U8] = {0, UINT8_MAX},
                  [MOTE_FIELD_S8] = {INT8_MIN, INT8_MAX}};
    uint64_t bits;
    int64_t number;
    if (kind == MOTE_FIELD_F32) {
        skip_space(r);
        if (r->bytes - r->at < 2 || memcmp(r->text + r->at, "0x", 2) != 0) return fail(r, "0x and eight digits", "");
        r->at += 2;
        if (!read_hex(r, 8, &bits)) return false;
    } else {
        if (!read_number(r, ranges[kind].least, ranges[kind].most, &number)) return false;
        bits = (uint64_t)number;
    }
    store_bits(at, bits, mote_field_value_bytes(kind));
    return true;
}

/* "none", or the constant's number and, for people, its name. */
static bool read_reference(struct reader *r, enum mote_field_kind kind, struct mote_step *step, int slot, void *at)
{
    char word[WORD_BYTES];
    const char *name;
    skip_space(r);
    if (r->at < r->bytes && r->text[r->at] == 'n') return expect(r, "none");
    if (r->at >= r->bytes || r->text[r->at] != '#') {
        read_word(r, word);
        return fail(r, "none or #<constant>", word);
    }
    r->at++;
    if (!read_i32(r, 0, r->plan->constant_count - 1, &step->constants[slot]) || !read_name(r, &name)) return false;
    const struct mote_constant *c = &r->plan->constants[step->constants[slot]];
    if (strcmp(c->name, name) != 0) return fail(r, c->name, name);
    if (c->kind != kind) return fail(r, "a constant of the field's type", name);
    memcpy(at, &c->data, sizeof c->data);
    return true;
}

static bool read_params(struct reader *r, struct mote_step *step)
{
    const struct mote_params_type *type = step->kernel->params;
    int slot = 0;
    step->params = mote_arena_calloc(r->arena, 1, type->bytes);
    if (!step->params) return fail_memory(r);
    for (size_t i = 0; i < type->field_count; i++) {
        const struct mote_field *field = &type->fields[i];
        char *at = (char *)step->params + field->offset;
        if (!expect(r, field->name)) return false;
        if (mote_field_is_flash(field->kind)) {
            if (!read_reference(r, field->kind, step, slot++, at)) return false;
            continue;
        }
        for (size_t k = 0; k < field->array_length; k++)
            if (!read_value(r, field->kind, at + k * mote_field_value_bytes(field->kind))) return false;
    }
    return true;
}

static bool read_buffer_index(struct reader *r, int32_t *buffer)
{
    return read_i32(r, 0, r->plan->buffer_count - 1, buffer);
}

static bool read_operands(struct reader *r, struct mote_step *step)
{
    step->inputs[0].buffer = step->inputs[1].buffer = MOTE_NO_BUFFER;
    for (int i = 0; i < step->kernel->input_count; i++) {
        struct mote_operand *in = &step->inputs[i];
        if (!expect(r, "in") || !read_buffer_index(r, &in->buffer) || !expect(r, "row") ||
            !read_u32(r, &in->row_bytes) || !expect(r, "map") || !read_u32(r, &in->rows.out_rows) ||
            !read_u32(r, &in->rows.in_rows) || !read_i32(r, INT32_MIN, INT32_MAX, &in->rows.stride) ||
            !read_i32(r, INT32_MIN, INT32_MAX, &in->rows.pad) || !expect(r, "window") || !read_u32(r, &in->window_rows))
            return false;
    }
    if (step->kernel->takes_scratch && (!expect(r, "scratch") || !read_buffer_index(r, &step->scratch))) return false;
    return expect(r, "out") && read_buffer_index(r, &step->output.buffer) && expect(r, "row") &&
           read_u32(r, &step->output.row_bytes);
}

static bool read_step(struct reader *r, int32_t index, struct mote_step *step)
{
    int32_t number;
    for (int i = 0; i < MOTE_MAX_CONSTANTS; i++) step->constants[i] = -1;
    return expect(r, "step") && read_i32(r, index, index, &number) && read_name(r, &step->name) && expect(r, "op") &&
           read_i32(r, -1, INT32_MAX, &step->op) && expect(r, "kernel") && read_kernel(r, &step->kernel) &&
           expect(r, "tensor") && read_i32(r, -1, INT32_MAX, &step->tensor) && expect(r, "rows") &&
           read_u32(r, &step->row_begin) && read_u32(r, &step->row_end) && expect(r, "descend") &&
           read_flag(r, &step->rows_descend) && expect(r, "completes") && read_flag(r, &step->completes_tensor) &&
           expect(r, "macs") && read_number(r, 0, INT64_MAX, &step->macs) && read_operands(r, step) &&
           read_params(r, step);
}

static bool read_list(struct reader *r, const char *what, int32_t least, int32_t count, int32_t *list)
{
    if (!expect(r, what)) return false;
    for (int32_t i = 0; i < count; i++)
        if (!read_i32(r, least, r->plan->buffer_count - 1, &list[i])) return false;
    return true;
}

/* ---- The whole ---- */

static bool read_target(struct reader *r)
{
    const char *name;
    if (!expect(r, "plan") || !expect(r, "1") || !expect(r, "target") || !read_name(r, &name)) return false;
    r->plan->target = *name ? mote_target_find(name) : NULL;
    return !*name || r->plan->target || fail(r, "the name of a target", name);
}

static bool read_totals(struct reader *r)
{
    struct mote_plan *plan = r->plan;
    return expect(r, "arena") && read_u32(r, &plan->arena_bytes) && expect(r, "align") &&
           read_u32(r, &plan->arena_alignment_bytes) && expect(r, "bound") && read_u32(r, &plan->lower_bound_bytes) &&
           expect(r, "naive") && read_u32(r, &plan->naive_bytes) && expect(r, "descend") &&
           read_flag(r, &plan->rows_may_descend) && expect(r, "flash") && read_size(r, &plan->constant_bytes) &&
           expect(r, "weights") && read_size(r, &plan->weight_bytes) && expect(r, "macs") &&
           read_number(r, 0, INT64_MAX, &plan->macs);
}

/* Each counted thing takes at least some characters of the text that follows, so a short text cannot ask for much. */
static bool read_count(struct reader *r, const char *what, size_t least_characters, int32_t *count)
{
    if (!expect(r, what) || !read_i32(r, 0, INT32_MAX, count)) return false;
    return (size_t)*count <= (r->bytes - r->at) / least_characters || fail(r, "a count that the text can hold", what);
}

static bool allocate(struct reader *r)
{
    struct mote_plan *plan = r->plan;
    plan->constants = MOTE_NEW_ARRAY(r->arena, struct mote_constant, (size_t)plan->constant_count);
    plan->buffers = MOTE_NEW_ARRAY(r->arena, struct mote_buffer, (size_t)plan->buffer_count);
    plan->steps = MOTE_NEW_ARRAY(r->arena, struct mote_step, (size_t)plan->step_count);
    plan->inputs = MOTE_NEW_ARRAY(r->arena, int32_t, (size_t)plan->input_count);
    plan->outputs = MOTE_NEW_ARRAY(r->arena, int32_t, (size_t)plan->output_count);
    plan->tensor_buffers = MOTE_NEW_ARRAY(r->arena, int32_t, (size_t)plan->tensor_count);
    return (plan->constants && plan->buffers && plan->steps && plan->inputs && plan->outputs && plan->tensor_buffers) ||
           fail_memory(r);
}

static bool read_plan(struct reader *r)
{
    struct mote_plan *plan = r->plan;
    if (!read_target(r) || !read_totals(r) || !read_count(r, "constants", 16, &plan->constant_count) ||
        !read_count(r, "buffers", 40, &plan->buffer_count) || !read_count(r, "steps", 80, &plan->step_count) ||
        !read_count(r, "inputs", 2, &plan->input_count) || !read_count(r, "outputs", 2, &plan->output_count) ||
        !read_count(r, "tensors", 2, &plan->tensor_count) || !allocate(r))
        return false;
    for (int32_t i = 0; i < plan->constant_count; i++)
        if (!read_constant(r, i, &plan->constants[i])) return false;
    for (int32_t i = 0; i < plan->buffer_count; i++)
        if (!read_buffer(r, i, &plan->buffers[i])) return false;
    for (int32_t i = 0; i < plan->step_count; i++)
        if (!read_step(r, i, &plan->steps[i])) return false;
    if (!read_list(r, "inputs", 0, plan->input_count, plan->inputs) ||
        !read_list(r, "outputs", 0, plan->output_count, plan->outputs) ||
        !read_list(r, "tensors", MOTE_NO_BUFFER, plan->tensor_count, plan->tensor_buffers) || !expect(r, "end"))
        return false;
    skip_space(r);
    return r->at == r->bytes || fail(r, "nothing", "more text");
}

enum mote_status mote_plan_parse(const char *text, size_t bytes, struct mote_arena *arena, struct mote_plan **plan,
                                 struct mote_diag *diag)
{
    struct reader r = {.text = text, .bytes = bytes, .line = 1, .arena = arena, .diag = diag, .status = MOTE_OK};
    r.plan = MOTE_NEW(arena, struct mote_plan);
    if (!r.plan) return mote_error_memory(diag);
    r.plan->arena = arena;
    if (!read_plan(&r)) return r.status;
    *plan = r.plan;
    return MOTE_OK;
}
