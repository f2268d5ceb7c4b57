/* accumulate.c: pools and means over a whole tensor, in two steps: sums that grow with every row, and what is made of
 * them. Integer sums do not depend on their order, so the result is the same to the bit. */
#include "stream.h"

#include <stdio.h>
#include <string.h>

struct global {
    const char *finish; /* base name of the finishing kernel without its types */
    uint32_t taps, channels;
};

bool mote_stream_is_accumulator(const struct mote_step *step)
{
    return !strcmp(step->kernel->params->name, "mk_row_sums");
}

/* Is it a pool over all rows and columns, or a mean over all but the last axis? */
static bool is_global(const struct mote_step *step, struct global *global)
{
    if (step->row_begin != 0 || step->row_end != 1) return false;
    if (!strncmp(step->kernel->name, "average_pool_2d_", 16) && !strcmp(step->kernel->params->name, "mk_pool")) {
        const struct mk_pool *p = step->params;
        const bool covers = !p->pad_top && !p->pad_left && p->filter_h >= p->in_h && p->filter_w >= p->in_w;
        if (!covers || p->out_w != 1 || p->batches != 1) return false;
        *global = (struct global){"average_sums", (uint32_t)p->in_h * p->in_w, p->channels};
        return true;
    }
    if (!strncmp(step->kernel->name, "mean_s", 6) && !strcmp(step->kernel->params->name, "mk_mean")) {
        const struct mk_mean *p = step->params;
        *global = (struct global){"mean_sums", p->reduce, p->inner};
        return true;
    }
    return false;
}

/* Bytes of a row of the buffer as its only producer writes it; 0 if nobody or several write it. The input of the network
 * has the rows that its other readers see; without any it is not worth dividing. */
static uint32_t produced_row_bytes(const struct mote_plan *plan, int32_t buffer)
{
    uint32_t bytes = 0;
    for (int32_t s = 0; s < plan->step_count; s++) {
        if (plan->steps[s].output.buffer != buffer) continue;
        if (bytes || plan->steps[s].kernel->input_count == 0) return 0;
        bytes = plan->steps[s].output.row_bytes;
    }
    return bytes;
}

static const char *type_name(uint32_t bytes)
{
    return bytes == 1 ? "s8" : bytes == 2 ? "s16" : "s32";
}

/* The kernels for a global step, and the width of the sums: 16 bits where none can leave them. */
static bool choose_kernels(const struct mote_plan *plan, const struct mote_step *step, const struct global *global,
                           const struct mote_kernel *kernels[2], uint32_t *sum_bytes)
{
    const bool narrow = !strcmp(step->kernel->out_type, "int8_t");
    if (!narrow && strcmp(step->kernel->out_type, "int16_t") != 0) return false;
    *sum_bytes = narrow && global->taps <= INT16_MAX / 128 ? 2 : 4;
    const char *element = type_name(narrow ? 1 : 2), *sum = type_name(*sum_bytes);
    char name[64];
    snprintf(name, sizeof name, "row_sums_%s_%s", element, sum);
    kernels[0] = mote_plan_kernel(plan, name);
    snprintf(name, sizeof name, "%s_%s_%s", global->finish, sum, element);
    kernels[1] = mote_plan_kernel(plan, name);
    return kernels[0] && kernels[1];
}

/* Makes step `at` the first and the new step `at + 1` the second half. The arrays have room for one more each. */
static enum mote_status divide(struct mote_plan *plan, int32_t at, const struct global *global, uint32_t row_bytes,
                               const struct mote_kernel *const kernels[2], uint32_t sum_bytes, struct mote_diag *diag)
{
    struct mote_step *first = &plan->steps[at], *second = first + 1;
    memmove(second, first, (size_t)(plan->step_count - at) * sizeof *first);
    plan->step_count++;
    const uint32_t element_bytes = sum_bytes == 2 || !strcmp(kernels[1]->out_type, "int8_t") ? 1 : 2;
    const uint32_t rows = plan->buffers[first->inputs[0].buffer].bytes / row_bytes;
    struct mk_row_sums *params = MOTE_NEW(plan->arena, struct mk_row_sums);
    char *name = mote_arena_printf(plan->arena, "%s_sums", second->name);
    if (!params || !name) return mote_error_memory(diag);
    *params = (struct mk_row_sums){(uint16_t)(row_bytes / element_bytes / global->channels), (uint16_t)global->channels,
                                   (uint16_t)rows};
    const int32_t sums = plan->buffer_count++;
    plan->buffers[sums] = (struct mote_buffer){.name = name,
                                               .tensor = second->tensor,
                                               .bytes = global->channels * sum_bytes,
                                               /* also where the chip needs none: the host runs the same plan */
                                               .alignment_bytes = sum_bytes};
    first->name = name;
    first->kernel = kernels[0];
    first->params = params;
    for (int i = 0; i < MOTE_MAX_CONSTANTS; i++) first->constants[i] = -1;
    first->inputs[0].row_bytes = row_bytes;
    first->inputs[0].rows = (struct mote_row_map){rows, rows, 1, 0};
    first->inputs[0].window_rows = 1;
    first->output = (struct mote_operand){.buffer = sums, .row_bytes = global->channels * sum_bytes};
    first->row_end = rows;
    first->completes_tensor = false;

    second->kernel = kernels[1];
    second->inputs[0] = (struct mote_operand){
        .buffer = sums, .row_bytes = global->channels * sum_bytes, .rows = {1, 1, 1, 0}, .window_rows = 1};
    second->macs = 0;
    return MOTE_OK;
}

enum mote_status mote_stream_accumulate(struct mote_plan *plan, struct mote_diag *diag)
{
    int32_t count = 0;
    struct global global;
    for (int32_t s = 0; s < plan->step_count; s++) count += is_global(&plan->steps[s], &global);
    if (!count) return MOTE_OK;
    struct mote_step *steps = MOTE_NEW_ARRAY(plan->arena, struct mote_step, (size_t)(plan->step_count + count));
    struct mote_buffer *buffers = MOTE_NEW_ARRAY(plan->arena, struct mote_buffer, (size_t)(plan->buffer_count + count));
    if (!steps || !buffers) return mote_error_memory(diag);
    memcpy(steps, plan->steps, (size_t)plan->step_count * sizeof *steps);
    memcpy(buffers, plan->buffers, (size_t)plan->buffer_count * sizeof *buffers);
    plan->steps = steps;
    plan->buffers = buffers;
    for (int32_t s = 0; s < plan->step_count; s++) {
        const struct mote_kernel *kernels[2];
        uint32_t sum_bytes;
        const struct mote_step *step = &plan->steps[s];
        if (!is_global(step, &global) || !choose_kernels(plan, step, &global, kernels, &sum_bytes)) continue;
        const uint32_t row_bytes = produced_row_bytes(plan, step->inputs[0].buffer);
        const uint32_t unit = global.channels * (!strcmp(step->kernel->in_types[0], "int8_t") ? 1 : 2);
        if (!row_bytes || row_bytes % unit || plan->buffers[step->inputs[0].buffer].bytes <= row_bytes) continue;
        const enum mote_status status = divide(plan, s, &global, row_bytes, kernels, sum_bytes, diag);
        if (status != MOTE_OK) return status;
        s++;
    }
    return MOTE_OK;
}
