#include "eval.h"

#include <string.h>

static void call_kernel(const struct mote_step *step, void *out, const void *a, const void *b, uint16_t begin,
                        uint16_t end)
{
    (void)a;
    (void)b;
    switch (step->kernel->id) {
#define MK_KERNEL_0(name, params_type, granularity, out_type, source)                                                  \
    case MOTE_KERNEL_##name: mk_##name((out_type *)out, (const struct params_type *)step->params, begin, end); break;
#define MK_KERNEL_1(name, params_type, granularity, out_type, in_type, source)                                         \
    case MOTE_KERNEL_##name:                                                                                           \
        mk_##name((out_type *)out, (const in_type *)a, (const struct params_type *)step->params, begin, end);          \
        break;
#define MK_KERNEL_2(name, params_type, granularity, out_type, a_type, b_type, source)                                  \
    case MOTE_KERNEL_##name:                                                                                           \
        mk_##name((out_type *)out, (const a_type *)a, (const b_type *)b, (const struct params_type *)step->params,     \
                  begin, end);                                                                                         \
        break;
#include "mote_kernels.def"
#undef MK_KERNEL_0
#undef MK_KERNEL_1
#undef MK_KERNEL_2
    case MOTE_KERNEL_COUNT: break;
    }
}

static void run_step(const struct mote_step *step, void *out, const void *a, const void *b)
{
    const uint16_t begin = (uint16_t)step->row_begin, end = (uint16_t)step->row_end;
    if (!step->rows_descend) {
        call_kernel(step, out, a, b, begin, end);
        return;
    }
    for (uint16_t row = end; row-- > begin;) call_kernel(step, out, a, b, row, (uint16_t)(row + 1));
}

static void *buffer_at(const struct mote_plan *plan, uint8_t *memory, int32_t buffer)
{
    return buffer == MOTE_NO_BUFFER ? NULL : memory + plan->buffers[buffer].offset;
}

void mote_eval_run(const struct mote_plan *plan, uint8_t *memory, const uint8_t *input, uint8_t *output,
                   mote_eval_trace *trace, void *context)
{
    for (int32_t i = 0; i < plan->input_count; i++) {
        const struct mote_buffer *buffer = &plan->buffers[plan->inputs[i]];
        memcpy(memory + buffer->offset, input, buffer->bytes);
        input += buffer->bytes;
    }
    for (int32_t i = 0; i < plan->step_count; i++) {
        const struct mote_step *step = &plan->steps[i];
        void *out = buffer_at(plan, memory, step->output.buffer);
        run_step(step, out, buffer_at(plan, memory, step->inputs[0].buffer),
                 buffer_at(plan, memory, step->inputs[1].buffer));
        if (trace && step->completes_tensor) trace(context, i, out, plan->buffers[step->output.buffer].bytes);
    }
    for (int32_t i = 0; i < plan->output_count; i++) {
        const struct mote_buffer *buffer = &plan->buffers[plan->outputs[i]];
        memcpy(output, memory + buffer->offset, buffer->bytes);
        output += buffer->bytes;
    }
}

static size_t buffer_list_bytes(const struct mote_plan *plan, const int32_t *buffers, int32_t count)
{
    size_t bytes = 0;
    for (int32_t i = 0; i < count; i++) bytes += plan->buffers[buffers[i]].bytes;
    return bytes;
}

size_t mote_eval_input_bytes(const struct mote_plan *plan)
{
    return buffer_list_bytes(plan, plan->inputs, plan->input_count);
}

size_t mote_eval_output_bytes(const struct mote_plan *plan)
{
    return buffer_list_bytes(plan, plan->outputs, plan->output_count);
}

enum mote_status mote_eval_op(const struct mote_graph *graph, const struct mote_op *op, struct mote_arena *arena,
                              uint8_t **results, struct mote_diag *diag)
{
    struct mote_graph alone = *graph; /* the same tensors, this operator only */
    struct mote_op copy = *op;
    alone.ops = &copy;
    alone.op_count = 1;
    alone.input_count = 0;
    alone.outputs = op->outputs;
    alone.output_count = op->output_count;
    struct mote_plan *plan = NULL;
    enum mote_status status = mote_plan_build(&alone, mote_target_find("host"), arena, &plan, diag);
    if (status != MOTE_OK) return status;
    uint8_t *memory = mote_arena_calloc(arena, plan->arena_bytes, 1);
    uint8_t *output = mote_arena_calloc(arena, mote_eval_output_bytes(plan), 1);
    if (!memory || !output) return mote_error_memory(diag);
    mote_eval_run(plan, memory, NULL, output, NULL, NULL);
    for (int32_t i = 0; i < plan->output_count; i++) {
        results[i] = output;
        output += plan->buffers[plan->outputs[i]].bytes;
    }
    return MOTE_OK;
}
