/* verify.c: the structural invariants of a plan; verify_memory.c runs it on tags. Knows nothing of how plans are made. */
#include "stream.h"
#include "verify.h"

#include <inttypes.h>
#include <string.h>

enum { MESSAGE_LIMIT = 50 }; /* errors in all; a plan that is all wrong need not say so a thousand times */

void mote_verify_fail(struct mote_plan_check *check, const char *where, const char *what, int64_t value, int64_t limit)
{
    if (check->error_count++ < MESSAGE_LIMIT)
        (void)mote_error(check->diag, MOTE_ERR_INPUT, "plan: %s: %s (%" PRId64 ", allowed %" PRId64 ")",
                         where ? where : "?", what, value, limit);
}

/* ---- Buffers ---- */

static void check_buffer(struct mote_plan_check *check, int32_t buffer)
{
    const struct mote_plan *plan = check->plan;
    const struct mote_buffer *b = &plan->buffers[buffer];
    const bool in_rows = plan->stream && plan->stream->buffers[buffer].row_count; /* never whole in the arena */
    const int64_t end = in_rows ? 0 : (int64_t)b->offset + b->bytes;
    if (!b->name) mote_verify_fail(check, "buffer", "has no name", 0, 0);
    if (!b->alignment_bytes || (b->alignment_bytes & (b->alignment_bytes - 1)))
        mote_verify_fail(check, b->name, "alignment is not a power of two", b->alignment_bytes, 1);
    else if (b->offset % b->alignment_bytes)
        mote_verify_fail(check, b->name, "offset is not aligned", b->offset, b->alignment_bytes);
    if (b->alignment_bytes > plan->arena_alignment_bytes)
        mote_verify_fail(check, b->name, "needs more alignment than the arena has", b->alignment_bytes,
                         plan->arena_alignment_bytes);
    if (end > plan->arena_bytes) mote_verify_fail(check, b->name, "ends outside the arena", end, plan->arena_bytes);
    if (b->first_step < -1 || b->first_step > plan->step_count)
        mote_verify_fail(check, b->name, "first step does not exist", b->first_step, plan->step_count);
    if (b->last_step < -1 || b->last_step > plan->step_count)
        mote_verify_fail(check, b->name, "last step does not exist", b->last_step, plan->step_count);
}

static bool is_buffer(const struct mote_plan *plan, int32_t buffer)
{
    return buffer >= 0 && buffer < plan->buffer_count;
}

/* The buffer must exist and its stated lifetime hold the step. */
static bool check_use(struct mote_plan_check *check, const char *where, int32_t buffer, int32_t step)
{
    if (!is_buffer(check->plan, buffer)) {
        mote_verify_fail(check, where, "names a buffer that does not exist", buffer, check->plan->buffer_count - 1);
        return false;
    }
    const struct mote_buffer *b = &check->plan->buffers[buffer];
    if (step < b->first_step) mote_verify_fail(check, where, "uses a buffer before its first step", step, b->first_step);
    if (step > b->last_step) mote_verify_fail(check, where, "uses a buffer after its last step", step, b->last_step);
    return true;
}

/* ---- Operands ---- */

bool mote_verify_is_copy(const struct mote_step *step)
{
    return !strcmp(step->kernel->params->name, "mk_copy");
}

static void check_copy_side(struct mote_plan_check *check, const struct mote_step *step, const struct mote_buffer *b,
                            int64_t start, const int32_t stride[5])
{
    const struct mk_copy *p = step->params;
    int64_t low = start, high = start + p->element_bytes;
    for (int k = 0; k < 5; k++) {
        if (!p->size[k]) return; /* nothing is copied */
        const int64_t reach = ((int64_t)p->size[k] - 1) * stride[k];
        if (reach < 0) low += reach;
        if (reach > 0) high += reach;
    }
    if (low < 0) mote_verify_fail(check, step->name, "copies from before a buffer's start", low, 0);
    if (high > b->bytes) mote_verify_fail(check, step->name, "copies past a buffer's end", high, b->bytes);
}

/* Each element of the output is written at most once, so a copy never has more elements than its output. This also
 * bounds the simulation's work. */
static void check_copy(struct mote_plan_check *check, const struct mote_step *step)
{
    const struct mk_copy *p = step->params;
    const struct mote_buffer *out = &check->plan->buffers[step->output.buffer];
    int64_t bytes = p->element_bytes;
    for (int k = 0; k < 5 && bytes <= out->bytes; k++) bytes *= p->size[k];
    if (bytes > out->bytes) mote_verify_fail(check, step->name, "copies more than its output holds", bytes, out->bytes);
    if (!p->element_bytes) mote_verify_fail(check, step->name, "copies elements of no bytes", 0, 1);
    if (step->row_end > p->size[0]) mote_verify_fail(check, step->name, "rows end late", step->row_end, p->size[0]);
    check_copy_side(check, step, out, p->out_start, p->out_stride);
    check_copy_side(check, step, &check->plan->buffers[step->inputs[0].buffer], p->in_start, p->in_stride);
}

static void check_row_map(struct mote_plan_check *check, const struct mote_step *step, const struct mote_operand *in)
{
    const struct mote_row_map *map = &in->rows;
    const int64_t bytes = check->plan->buffers[in->buffer].bytes;
    if (map->stride < 0) mote_verify_fail(check, step->name, "row stride is negative", map->stride, 0);
    if (map->stride <= 0) return;
    if (!map->out_rows || !in->row_bytes) {
        mote_verify_fail(check, step->name, "row map without rows", map->out_rows, 1);
        return;
    }
    const int64_t batches = ((int64_t)step->row_end + map->out_rows - 1) / map->out_rows;
    const int64_t rows = batches * map->in_rows;
    if (rows > bytes / in->row_bytes)
        mote_verify_fail(check, step->name, "reads rows past an input's end", rows, bytes / in->row_bytes);
}

static void check_rows(struct mote_plan_check *check, const struct mote_step *step)
{
    const bool is_element = step->kernel->granularity == MOTE_GRANULARITY_ELEMENT;
    const int64_t bytes = check->plan->buffers[step->output.buffer].bytes;
    if (step->row_begin > step->row_end || step->row_end > UINT16_MAX)
        mote_verify_fail(check, step->name, "rows out of order or too many", step->row_end, UINT16_MAX);
    else if (!step->output.row_bytes)
        mote_verify_fail(check, step->name, "writes rows of no bytes", 0, 1);
    else if ((int64_t)step->row_end * step->output.row_bytes > bytes && !mote_stream_is_accumulator(step))
        mote_verify_fail(check, step->name, "writes past its output's end",
                         (int64_t)step->row_end * step->output.row_bytes, bytes);
    if (is_element && step->rows_descend)
        mote_verify_fail(check, step->name, "elementwise steps run their rows upwards", 1, 0);
    for (int i = 0; i < step->kernel->input_count && !is_element; i++) check_row_map(check, step, &step->inputs[i]);
}

/* ---- Constants ---- */

static void check_flash_field(struct mote_plan_check *check, const struct mote_step *step, const struct mote_field *field,
                              int32_t constant)
{
    const struct mote_plan *plan = check->plan;
    const void *pointer;
    memcpy(&pointer, (const char *)step->params + field->offset, sizeof pointer);
    if (constant < -1 || constant >= plan->constant_count) {
        mote_verify_fail(check, step->name, "names a constant that does not exist", constant, plan->constant_count - 1);
    } else if (constant < 0) {
        if (pointer) mote_verify_fail(check, step->name, "points to data that is no constant of the plan", -1, 0);
    } else {
        const struct mote_constant *c = &plan->constants[constant];
        if (c->kind != field->kind) mote_verify_fail(check, step->name, "constant has another type", c->kind, field->kind);
        if (pointer != c->data) mote_verify_fail(check, step->name, "points elsewhere than its constant", constant, 0);
    }
}

static void check_constants(struct mote_plan_check *check, const struct mote_step *step)
{
    const struct mote_params_type *type = step->kernel->params;
    int slot = 0;
    for (size_t i = 0; i < type->field_count && slot < MOTE_MAX_CONSTANTS; i++)
        if (mote_field_is_flash(type->fields[i].kind))
            check_flash_field(check, step, &type->fields[i], step->constants[slot++]);
    for (; slot < MOTE_MAX_CONSTANTS; slot++)
        if (step->constants[slot] != -1)
            mote_verify_fail(check, step->name, "has more constants than its kernel takes", slot, slot - 1);
}

/* ---- Steps and the whole ---- */

/* Scratch memory is the step's own; streams have none. */
static bool check_scratch(struct mote_plan_check *check, const struct mote_step *step, int32_t s)
{
    const struct mote_plan *plan = check->plan;
    if (!check_use(check, step->name, step->scratch, s)) return false;
    const struct mote_buffer *b = &plan->buffers[step->scratch];
    if (b->first_step != s || b->last_step != s)
        mote_verify_fail(check, step->name, "shares its scratch memory with other steps", b->first_step, s);
    if (b->tensor != MOTE_NO_TENSOR) mote_verify_fail(check, step->name, "has a tensor for scratch memory", b->tensor, -1);
    if (plan->stream) mote_verify_fail(check, step->name, "takes scratch memory in a stream", s, -1);
    return true;
}

static void check_step(struct mote_plan_check *check, int32_t s)
{
    const struct mote_step *step = &check->plan->steps[s];
    if (!step->name || !step->kernel || !step->params) {
        mote_verify_fail(check, step->name, "step lacks a name, a kernel or parameters", s, 0);
        return;
    }
    bool valid = check_use(check, step->name, step->output.buffer, s);
    for (int i = 0; i < 2; i++) {
        const int32_t buffer = step->inputs[i].buffer;
        if (i >= step->kernel->input_count) {
            if (buffer != MOTE_NO_BUFFER) mote_verify_fail(check, step->name, "has too many inputs", i + 1, i);
            continue;
        }
        if (!check_use(check, step->name, buffer, s)) valid = false;
        if (buffer == step->output.buffer) mote_verify_fail(check, step->name, "reads the buffer it writes", buffer, -1);
    }
    if (step->kernel->takes_scratch) valid = check_scratch(check, step, s) && valid;
    check_constants(check, step);
    if (!valid) return;
    if (mote_verify_is_copy(step)) check_copy(check, step);
    else check_rows(check, step);
}

static void check_ends(struct mote_plan_check *check)
{
    const struct mote_plan *plan = check->plan;
    for (int32_t i = 0; i < plan->input_count; i++) check_use(check, "graph input", plan->inputs[i], -1);
    for (int32_t i = 0; i < plan->output_count; i++)
        check_use(check, "graph output", plan->outputs[i], plan->step_count);
    const int32_t tensor_count = plan->graph ? plan->graph->tensor_count : plan->tensor_count;
    for (int32_t i = 0; i < tensor_count; i++)
        if (plan->tensor_buffers[i] != MOTE_NO_BUFFER && !is_buffer(plan, plan->tensor_buffers[i]))
            mote_verify_fail(check, "tensor", "lies in a buffer that does not exist", plan->tensor_buffers[i],
                             plan->buffer_count - 1);
}

enum mote_status mote_plan_verify(const struct mote_plan *plan, struct mote_diag *diag)
{
    struct mote_plan_check check = {.plan = plan, .diag = diag};
    for (int32_t i = 0; i < plan->buffer_count; i++) check_buffer(&check, i);
    for (int32_t s = 0; s < plan->step_count; s++) check_step(&check, s);
    check_ends(&check);
    if (!check.error_count) mote_verify_layouts(&check);
    if (check.error_count) return MOTE_ERR_INPUT;
    return plan->stream ? mote_stream_verify(&check) : mote_verify_memory(&check);
}
