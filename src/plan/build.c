#include "layouts.h"
#include "lower.h"
#include "pack_avr_coded.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Far above any chip listed; keeps sizes in 32 bits, and the host's time and memory in bounds for hostile models. */
enum { LARGEST_TENSOR_BYTES = 32 << 20, LARGEST_ARENA_BYTES = 128 << 20 };

/* ---- Growing the plan's arrays ---- */

static void *grow(struct mote_arena *arena, void *array, int32_t count, int32_t *capacity, size_t size)
{
    if (count < *capacity) return array;
    const int32_t larger = *capacity ? *capacity * 2 : 16;
    void *grown = mote_arena_calloc(arena, (size_t)larger, size);
    if (!grown) return NULL;
    if (count) memcpy(grown, array, (size_t)count * size);
    *capacity = larger;
    return grown;
}

/* Elements of the buffer are of that many bytes. */
static int32_t append_buffer(struct mote_lower *lower, struct mote_buffer buffer, size_t element_bytes)
{
    struct mote_plan *plan = lower->plan;
    struct mote_buffer *grown =
        grow(plan->arena, plan->buffers, plan->buffer_count, &lower->buffer_capacity, sizeof *grown);
    if (!grown) return MOTE_NO_BUFFER;
    plan->buffers = grown;
    const uint32_t strictest = lower->plan->target->alignment_bytes;
    buffer.alignment_bytes = element_bytes < strictest ? (uint32_t)element_bytes : strictest;
    plan->buffers[plan->buffer_count] = buffer;
    return plan->buffer_count++;
}

static int32_t add_buffer(struct mote_lower *lower, int32_t tensor)
{
    const struct mote_tensor *t = &lower->graph->tensors[tensor];
    const struct mote_buffer buffer = {.name = t->name, .tensor = tensor, .bytes = (uint32_t)mote_tensor_bytes(t)};
    const int32_t index = append_buffer(lower, buffer, mote_dtype_bytes(t->dtype));
    if (index != MOTE_NO_BUFFER) lower->plan->tensor_buffers[tensor] = index;
    return index;
}

static struct mote_step *add_step(struct mote_lower *lower, const struct mote_op *op, const struct mote_kernel *kernel,
                                  const char *what)
{
    struct mote_plan *plan = lower->plan;
    struct mote_step *grown = grow(plan->arena, plan->steps, plan->step_count, &lower->step_capacity, sizeof *grown);
    if (!grown) return NULL;
    plan->steps = grown;
    struct mote_step step = {.op = lower->op_index, .kernel = kernel};
    int part = 0; /* of an operator that takes several steps */
    for (int32_t i = plan->step_count - 1; i >= 0 && plan->steps[i].op == lower->op_index; i--) part++;
    char lower_case[48];
    snprintf(lower_case, sizeof lower_case, "%s", what ? what : mote_op_name(op->kind));
    for (char *c = lower_case; *c; c++)
        if (*c >= 'A' && *c <= 'Z') *c = (char)(*c - 'A' + 'a');
    step.name = part ? mote_arena_printf(plan->arena, "op%d_%s_%d", (int)lower->op_index, lower_case, part)
                     : mote_arena_printf(plan->arena, "op%d_%s", (int)lower->op_index, lower_case);
    step.params = mote_arena_calloc(plan->arena, 1, kernel->params->bytes);
    if (!step.name || !step.params) return NULL;
    for (int i = 0; i < MOTE_MAX_CONSTANTS; i++) step.constants[i] = -1;
    step.inputs[0].buffer = step.inputs[1].buffer = step.output.buffer = MOTE_NO_BUFFER;
    plan->steps[plan->step_count] = step;
    return &plan->steps[plan->step_count++];
}

/* ---- Services for lower_*.c ---- */

enum mote_status mote_lower_unsupported(struct mote_lower *lower, const struct mote_op *op, int32_t tensor,
                                        const char *reason)
{
    return mote_error_at(lower->diag, MOTE_ERR_UNSUPPORTED, mote_where_op(lower->graph, op, tensor), "%s", reason);
}

const struct mote_kernel *mote_plan_kernel(const struct mote_plan *plan, const char *base_name)
{
    char plain[96];
    snprintf(plain, sizeof plain, "%s_ref", base_name);
    const struct mote_kernel *kernel =
        plan->plain_kernels ? mote_kernel_find(plain) : mote_kernel_choose(plan->target, base_name);
    return kernel && plan->steady_time && kernel->timing != MOTE_TIMING_STEADY ? NULL : kernel;
}

bool mote_plan_takes(const struct mote_plan *plan, const char *base_name, const char *params_name)
{
    const struct mote_kernel *kernel = mote_plan_kernel(plan, base_name);
    return kernel && !strcmp(kernel->params->name, params_name);
}

/* Brings a constant tensor into RAM, because kernels take their operands there. */
static enum mote_status load_constant(struct mote_lower *lower, const struct mote_op *op, int32_t tensor)
{
    const struct mote_tensor *t = &lower->graph->tensors[tensor];
    uint16_t rows, row_elements;
    if (!mote_lower_rows(&t->shape, &rows, &row_elements) || row_elements * mote_dtype_bytes(t->dtype) > UINT16_MAX)
        return mote_lower_unsupported(lower, op, tensor, "constant operand is too large for this operator");
    const struct mote_kernel *kernel = mote_plan_kernel(lower->plan, "load");
    const int32_t buffer = add_buffer(lower, tensor);
    struct mote_step *step = buffer < 0 ? NULL : add_step(lower, op, kernel, "load");
    if (!step) return mote_error_memory(lower->diag);
    const uint32_t row_bytes = (uint32_t)(row_elements * mote_dtype_bytes(t->dtype));
    ((struct mk_load *)step->params)->row_bytes = (uint16_t)row_bytes;
    step->output = (struct mote_operand){.buffer = buffer, .row_bytes = row_bytes};
    step->row_end = rows;
    step->tensor = tensor;
    step->completes_tensor = true;
    return mote_lower_constant(lower, step, "data", t->data, mote_tensor_bytes(t), false);
}

struct mote_step *mote_lower_step(struct mote_lower *lower, const struct mote_op *op, const char *base_name,
                                  const int input_indices[2], int output, uint32_t row_end, enum mote_status *status)
{
    struct mote_plan *plan = lower->plan;
    const struct mote_kernel *kernel = mote_plan_kernel(plan, base_name);
    if (!kernel) {
        char reason[160];
        const bool exists = mote_kernel_choose(plan->target, base_name) != NULL;
        snprintf(reason, sizeof reason,
                 exists ? "no kernel %s for %s takes constant time; leave out --constant-time, or use another operator or target"
                        : "no kernel %s for target %s; use another type or target",
                 base_name, plan->target->name);
        *status = mote_lower_unsupported(lower, op, op->outputs[output], reason);
        return NULL;
    }
    if (row_end > UINT16_MAX) {
        *status = mote_lower_unsupported(lower, op, op->outputs[output], "more than 65535 rows (N x H)");
        return NULL;
    }
    for (int i = 0; i < 2; i++) {
        if (input_indices[i] < 0) continue;
        const int32_t tensor = op->inputs[input_indices[i]];
        if (plan->tensor_buffers[tensor] != MOTE_NO_BUFFER) continue;
        if (!lower->graph->tensors[tensor].data) {
            *status = mote_error_at(lower->diag, MOTE_ERR_INPUT, mote_where_op(lower->graph, op, tensor),
                                    "is read before anything writes it");
            return NULL;
        }
        if ((*status = load_constant(lower, op, tensor)) != MOTE_OK) return NULL;
    }
    const int32_t out = op->outputs[output];
    if (plan->tensor_buffers[out] == MOTE_NO_BUFFER && add_buffer(lower, out) < 0) {
        *status = mote_error_memory(lower->diag);
        return NULL;
    }
    struct mote_step *step = add_step(lower, op, kernel, NULL);
    if (!step) {
        *status = mote_error_memory(lower->diag);
        return NULL;
    }
    for (int i = 0; i < 2; i++)
        if (input_indices[i] >= 0) step->inputs[i].buffer = plan->tensor_buffers[op->inputs[input_indices[i]]];
    step->output.buffer = plan->tensor_buffers[out];
    step->tensor = out;
    step->row_end = row_end;
    step->completes_tensor = true;
    *status = MOTE_OK;
    return step;
}

enum mote_status mote_lower_scratch(struct mote_lower *lower, struct mote_step *step, uint32_t bytes)
{
    struct mote_plan *plan = lower->plan;
    const char *name = mote_arena_printf(plan->arena, "%s_scratch", step->name);
    const struct mote_buffer buffer = {.name = name, .tensor = MOTE_NO_TENSOR, .bytes = bytes};
    step->scratch = name ? append_buffer(lower, buffer, sizeof(int32_t)) : MOTE_NO_BUFFER;
    if (step->scratch == MOTE_NO_BUFFER) return mote_error_memory(lower->diag);
    if (bytes > plan->kernel_stack_bytes) plan->kernel_stack_bytes = bytes;
    return MOTE_OK;
}

static int32_t find_constant(const struct mote_plan *plan, enum mote_field_kind kind, const void *data, size_t count)
{
    const size_t bytes = count * mote_field_value_bytes(kind);
    for (int32_t i = 0; i < plan->constant_count; i++) {
        const struct mote_constant *c = &plan->constants[i];
        if (c->kind == kind && c->count == count && !memcmp(c->data, data, bytes)) return i;
    }
    return -1;
}

static int32_t add_constant(struct mote_lower *lower, const struct mote_step *step, const struct mote_field *field,
                            const void *data, size_t count, bool is_weight)
{
    struct mote_plan *plan = lower->plan;
    struct mote_constant *grown =
        grow(plan->arena, plan->constants, plan->constant_count, &lower->constant_capacity, sizeof *grown);
    if (!grown) return -1;
    plan->constants = grown;
    const size_t bytes = count * mote_field_value_bytes(field->kind);
    const char *name = mote_arena_printf(plan->arena, "%s_%s", step->name, field->name);
    void *copy = mote_arena_copy(plan->arena, data, bytes);
    if (!name || !copy) return -1;
    plan->constants[plan->constant_count] =
        (struct mote_constant){.name = name, .kind = field->kind, .count = count, .data = copy};
    plan->constant_bytes += bytes;
    if (is_weight) plan->weight_bytes += bytes;
    return plan->constant_count++;
}

enum mote_status mote_lower_constant(struct mote_lower *lower, struct mote_step *step, const char *field,
                                     const void *data, size_t count, bool is_weight)
{
    const struct mote_params_type *type = step->kernel->params;
    int slot = 0;
    for (size_t i = 0; i < type->field_count; i++) {
        const struct mote_field *f = &type->fields[i];
        if (!mote_field_is_flash(f->kind)) continue;
        if (strcmp(f->name, field) != 0) {
            slot++;
            continue;
        }
        if (!data) return MOTE_OK;
        int32_t constant = find_constant(lower->plan, f->kind, data, count);
        if (constant < 0) constant = add_constant(lower, step, f, data, count, is_weight);
        if (constant < 0) return mote_error_memory(lower->diag);
        step->constants[slot] = constant;
        memcpy((char *)step->params + f->offset, &lower->plan->constants[constant].data, sizeof(void *));
        return MOTE_OK;
    }
    return mote_error(lower->diag, MOTE_ERR_UNSUPPORTED, "%s: parameters %s have no flash field %s", step->name,
                      type->name, field);
}

enum mote_status mote_lower_sums(struct mote_lower *lower, const struct mote_interval **sums)
{
    if (!lower->intervals) {
        const enum mote_status status =
            mote_intervals_build(lower->graph, lower->plan->arena, &lower->intervals, lower->diag);
        if (status != MOTE_OK) return status;
    }
    const struct mote_accumulators *accumulators = &lower->intervals->accumulators[lower->op_index];
    *sums = accumulators->channels ? accumulators->sums : NULL;
    return MOTE_OK;
}

enum mote_status mote_lower_alias(struct mote_lower *lower, const struct mote_op *op)
{
    struct mote_plan *plan = lower->plan;
    const int32_t in = op->inputs[0];
    if (plan->tensor_buffers[in] == MOTE_NO_BUFFER) {
        if (!lower->graph->tensors[in].data) return mote_lower_unsupported(lower, op, in, "is never written");
        const enum mote_status status = load_constant(lower, op, in);
        if (status != MOTE_OK) return status;
    }
    plan->tensor_buffers[op->outputs[0]] = plan->tensor_buffers[in];
    return MOTE_OK;
}

bool mote_lower_nhwc(const struct mote_shape *shape, struct mote_nhwc *nhwc)
{
    int64_t dims[4] = {1, 1, 1, 1};
    for (int32_t i = 0; i < shape->rank; i++) {
        const int32_t to = i + 4 - shape->rank; /* aligned to the last axis; ranks above 4 fold into n */
        dims[to < 0 ? 0 : to] *= shape->dims[i];
        if (dims[to < 0 ? 0 : to] > UINT16_MAX) return false;
    }
    if (dims[2] * dims[3] > UINT16_MAX) return false;
    *nhwc = (struct mote_nhwc){(uint16_t)dims[0], (uint16_t)dims[1], (uint16_t)dims[2], (uint16_t)dims[3]};
    return true;
}

bool mote_lower_rows(const struct mote_shape *shape, uint16_t *rows, uint16_t *row_elements)
{
    const int64_t elements = mote_shape_elements(shape);
    struct mote_nhwc v;
    int64_t n = 0, per_row = 0;
    if (mote_lower_nhwc(shape, &v)) {
        n = (int64_t)v.n * v.h;
        per_row = (int64_t)v.w * v.c;
    }
    if (!n || n > UINT16_MAX) { /* any split does for elementwise work */
        for (per_row = elements < UINT16_MAX ? elements : UINT16_MAX; per_row > 1 && elements % per_row; per_row--) {
        }
        n = per_row ? elements / per_row : 0;
    }
    if (n < 1 || n > UINT16_MAX || per_row < 1) return false;
    *rows = (uint16_t)n;
    *row_elements = (uint16_t)per_row;
    return true;
}

/* ---- Building ---- */

static enum mote_status lower_op(struct mote_lower *lower, const struct mote_op *op)
{
    switch (op->kind) {
#define MOTE_OP(KIND, name, ...)                                                                                       \
    case MOTE_OP_##KIND: return mote_lower_##name(lower, op);
#include "../ir/ops.def"
#undef MOTE_OP
    case MOTE_OP_COUNT: break;
    }
    return mote_lower_unsupported(lower, op, MOTE_NO_TENSOR, "unknown operator");
}

static enum mote_status allocate_plan(const struct mote_graph *graph, const struct mote_target *target,
                                      struct mote_plan_wishes wishes, struct mote_arena *arena, struct mote_plan **result,
                                      struct mote_diag *diag)
{
    struct mote_plan *plan = MOTE_NEW(arena, struct mote_plan);
    if (!plan) return mote_error_memory(diag);
    *plan = (struct mote_plan){.arena = arena, .graph = graph, .target = target, .arena_alignment_bytes = 1,
                               .rows_may_descend = true, .steady_time = wishes.steady_time, .row_by_row = wishes.row_by_row,
                               .least_stack = wishes.least_stack, .plain_kernels = wishes.plain_kernels,
                               .no_scratch = wishes.no_scratch, .optimize = wishes.optimize, .layout_bytes = wishes.layout_bytes};
    plan->tensor_buffers = MOTE_NEW_ARRAY(arena, int32_t, (size_t)graph->tensor_count);
    plan->inputs = MOTE_NEW_ARRAY(arena, int32_t, (size_t)graph->input_count);
    plan->outputs = MOTE_NEW_ARRAY(arena, int32_t, (size_t)graph->output_count);
    if (!plan->tensor_buffers || !plan->inputs || !plan->outputs) return mote_error_memory(diag);
    for (int32_t i = 0; i < graph->tensor_count; i++) plan->tensor_buffers[i] = MOTE_NO_BUFFER;
    *result = plan;
    return MOTE_OK;
}

static enum mote_status bind_inputs(struct mote_lower *lower)
{
    const struct mote_graph *graph = lower->graph;
    for (int32_t i = 0; i < graph->input_count; i++) {
        const int32_t tensor = graph->inputs[i];
        int32_t buffer = lower->plan->tensor_buffers[tensor];
        if (buffer == MOTE_NO_BUFFER) buffer = add_buffer(lower, tensor);
        if (buffer == MOTE_NO_BUFFER) return mote_error_memory(lower->diag);
        lower->plan->inputs[lower->plan->input_count++] = buffer;
    }
    return MOTE_OK;
}

static enum mote_status bind_outputs(struct mote_lower *lower)
{
    const struct mote_graph *graph = lower->graph;
    for (int32_t i = 0; i < graph->output_count; i++) {
        const int32_t buffer = lower->plan->tensor_buffers[graph->outputs[i]];
        if (buffer == MOTE_NO_BUFFER)
            return mote_error_at(lower->diag, MOTE_ERR_UNSUPPORTED,
                                 (struct mote_where){-1, NULL, graph->tensors[graph->outputs[i]].name},
                                 "graph output is a constant: there is nothing to compute");
        lower->plan->outputs[lower->plan->output_count++] = buffer;
    }
    return MOTE_OK;
}

static enum mote_status check_sizes(const struct mote_graph *graph, struct mote_diag *diag)
{
    for (int32_t i = 0; i < graph->tensor_count; i++)
        if (!graph->tensors[i].data && mote_tensor_bytes(&graph->tensors[i]) > LARGEST_TENSOR_BYTES)
            return mote_error_at(diag, MOTE_ERR_UNSUPPORTED, (struct mote_where){-1, NULL, graph->tensors[i].name},
                                 "needs %zu bytes; mote plans tensors of up to %d", mote_tensor_bytes(&graph->tensors[i]),
                                 LARGEST_TENSOR_BYTES);
    return MOTE_OK;
}

/* Lowers all operators, going on after an unsupported one so that all of them are reported at once. */
static enum mote_status lower_all(struct mote_lower *lower, const int32_t *order)
{
    enum mote_status worst = MOTE_OK;
    for (int32_t i = 0; i < lower->graph->op_count; i++) {
        const struct mote_op *op = &lower->graph->ops[order[i]];
        lower->op_index = order[i];
        const enum mote_status status = lower_op(lower, op);
        if (status == MOTE_OK) continue;
        if (status != MOTE_ERR_UNSUPPORTED) return status;
        worst = status;
        for (int32_t k = 0; k < op->output_count; k++)
            if (lower->plan->tensor_buffers[op->outputs[k]] == MOTE_NO_BUFFER && add_buffer(lower, op->outputs[k]) < 0)
                return mote_error_memory(lower->diag);
    }
    return worst;
}

/* Streams and fused plans hand over rows of NHWC. */
static bool takes_layouts(const struct mote_plan *plan)
{
    return !plan->row_by_row && !plan->no_scratch && !plan->least_stack && !plan->plain_kernels && !plan->steady_time;
}

static enum mote_status build(const struct mote_graph *graph, const struct mote_target *target,
                              struct mote_plan_wishes wishes, double most_cycles_per_byte, struct mote_arena *arena,
                              struct mote_plan **result, struct mote_diag *diag)
{
    struct mote_plan *plan = NULL;
    enum mote_status status = check_sizes(graph, diag);
    if (status != MOTE_OK) return status;
    status = allocate_plan(graph, target, wishes, arena, &plan, diag);
    if (status != MOTE_OK) return status;
    int32_t *order = MOTE_NEW_ARRAY(arena, int32_t, (size_t)graph->op_count);
    if (!order) return mote_error_memory(diag);
    struct mote_lower lower = {.plan = plan, .graph = graph, .diag = diag, .most_cycles_per_byte = most_cycles_per_byte};
    if ((status = mote_plan_order(graph, arena, order, diag)) != MOTE_OK) return status;
    if ((status = bind_inputs(&lower)) != MOTE_OK) return status;
    if ((status = lower_all(&lower, order)) != MOTE_OK) return status;
    if ((status = bind_outputs(&lower)) != MOTE_OK) return status;
    for (int32_t i = 0; i < plan->step_count; i++) plan->macs += plan->steps[i].macs;
    mote_plan_lifetimes(plan);
    if (takes_layouts(plan) && (status = mote_plan_choose_layouts(plan, diag)) != MOTE_OK) return status;
    for (int32_t i = 0; i < plan->buffer_count; i++)
        if (plan->buffers[i].alignment_bytes > plan->arena_alignment_bytes)
            plan->arena_alignment_bytes = plan->buffers[i].alignment_bytes;
    if ((status = mote_plan_assign(plan, diag)) != MOTE_OK) return status;
    if (plan->arena_bytes > LARGEST_ARENA_BYTES)
        return mote_error(diag, MOTE_ERR_UNSUPPORTED, "needs %u bytes for tensors; mote plans up to %d",
                          (unsigned)plan->arena_bytes, LARGEST_ARENA_BYTES);
    *result = plan;
    return MOTE_OK;
}

enum mote_status mote_plan_build_with(const struct mote_graph *graph, const struct mote_target *target,
                                      struct mote_plan_wishes wishes, struct mote_arena *arena, struct mote_plan **result,
                                      struct mote_diag *diag)
{
    struct mote_plan *plan = NULL;
    double price = wishes.coding == MOTE_CODING_ALWAYS ? INFINITY : MOTE_CODE_NOTHING;
    enum mote_status status = build(graph, target, wishes, price, arena, &plan, diag);
    if (status == MOTE_OK && wishes.coding == MOTE_CODING_AUTO) status = mote_code_choose_price(plan, &price, diag);
    if (status == MOTE_OK && wishes.coding == MOTE_CODING_AUTO && price >= 0) {
        /* The same operators again: warnings have been given. */
        status = build(graph, target, wishes, price, arena, &plan, NULL);
        if (status == MOTE_ERR_MEMORY) status = mote_error_memory(diag);
    }
    if (status == MOTE_OK && mote_plan_is_tight(plan)) {
        wishes.least_stack = true;
        status = build(graph, target, wishes, price, arena, &plan, NULL);
        if (status == MOTE_ERR_MEMORY) status = mote_error_memory(diag);
    }
    if (status == MOTE_OK) *result = plan;
    return status;
}

enum mote_status mote_plan_build(const struct mote_graph *graph, const struct mote_target *target,
                                 struct mote_arena *arena, struct mote_plan **result, struct mote_diag *diag)
{
    return mote_plan_build_with(graph, target, (struct mote_plan_wishes){0}, arena, result, diag);
}
