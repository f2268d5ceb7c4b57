#include "plan_maker.h"

#include <string.h>

struct mote_plan *plan_maker_new(struct mote_arena *arena, int32_t buffers, int32_t steps, int32_t constants)
{
    struct mote_plan *plan = MOTE_NEW(arena, struct mote_plan);
    if (!plan) return NULL;
    plan->arena = arena;
    plan->arena_alignment_bytes = 1;
    plan->buffers = MOTE_NEW_ARRAY(arena, struct mote_buffer, (size_t)buffers);
    plan->steps = MOTE_NEW_ARRAY(arena, struct mote_step, (size_t)steps);
    plan->constants = MOTE_NEW_ARRAY(arena, struct mote_constant, (size_t)constants);
    plan->inputs = MOTE_NEW_ARRAY(arena, int32_t, (size_t)buffers);
    plan->outputs = MOTE_NEW_ARRAY(arena, int32_t, (size_t)buffers);
    const bool ready = plan->buffers && plan->steps && plan->constants && plan->inputs && plan->outputs;
    return ready ? plan : NULL;
}

int32_t plan_maker_buffer(struct mote_plan *plan, uint32_t bytes, uint32_t alignment_bytes)
{
    const int32_t index = plan->buffer_count++;
    plan->buffers[index] = (struct mote_buffer){.name = mote_arena_printf(plan->arena, "t%d", (int)index),
                                                .tensor = index,
                                                .bytes = bytes,
                                                .alignment_bytes = alignment_bytes};
    if (alignment_bytes > plan->arena_alignment_bytes) plan->arena_alignment_bytes = alignment_bytes;
    return index;
}

void plan_maker_input(struct mote_plan *plan, int32_t buffer)
{
    plan->inputs[plan->input_count++] = buffer;
}

void plan_maker_output(struct mote_plan *plan, int32_t buffer)
{
    plan->outputs[plan->output_count++] = buffer;
}

struct mote_step *plan_maker_step(struct mote_plan *plan, const char *kernel, int32_t out, uint32_t rows,
                                  uint32_t row_bytes)
{
    const int32_t index = plan->step_count++;
    struct mote_step *step = &plan->steps[index];
    *step = (struct mote_step){.op = index, .kernel = mote_kernel_find(kernel), .row_end = rows, .tensor = out};
    step->name = mote_arena_printf(plan->arena, "op%d_%.*s", (int)index, (int)(strlen(kernel) - 4), kernel);
    step->params = mote_arena_calloc(plan->arena, 1, step->kernel->params->bytes);
    step->output = (struct mote_operand){.buffer = out, .row_bytes = row_bytes};
    step->inputs[0].buffer = step->inputs[1].buffer = MOTE_NO_BUFFER;
    step->completes_tensor = true;
    for (int i = 0; i < MOTE_MAX_CONSTANTS; i++) step->constants[i] = -1;
    return step;
}

void plan_maker_reads(struct mote_step *step, int32_t buffer, uint32_t row_bytes, struct mote_row_map map,
                      uint32_t window_rows)
{
    struct mote_operand *operand = &step->inputs[step->inputs[0].buffer == MOTE_NO_BUFFER ? 0 : 1];
    *operand =
        (struct mote_operand){.buffer = buffer, .row_bytes = row_bytes, .rows = map, .window_rows = window_rows};
}

void plan_maker_scratch(struct mote_plan *plan, struct mote_step *step, uint32_t bytes)
{
    step->scratch = plan_maker_buffer(plan, bytes, sizeof(int32_t));
    plan->buffers[step->scratch].tensor = MOTE_NO_TENSOR;
}

int32_t plan_maker_same(struct mote_plan *plan, const char *kernel, int32_t in, uint32_t rows, uint32_t in_row_bytes,
                        uint32_t out_row_bytes, uint32_t filter)
{
    const int32_t out = plan_maker_buffer(plan, rows * out_row_bytes, 1);
    struct mote_step *step = plan_maker_step(plan, kernel, out, rows, out_row_bytes);
    const struct mote_row_map map = {.out_rows = rows, .in_rows = rows, .stride = 1, .pad = (int32_t)(filter - 1) / 2};
    plan_maker_reads(step, in, in_row_bytes, map, filter);
    return out;
}

/* A step that reads all of its input for its one row. */
static int32_t reduce(struct mote_plan *plan, const char *kernel, int32_t in, uint32_t bytes)
{
    const int32_t out = plan_maker_buffer(plan, bytes, 1);
    struct mote_step *step = plan_maker_step(plan, kernel, out, 1, bytes);
    const uint32_t in_bytes = plan->buffers[in].bytes;
    plan_maker_reads(step, in, in_bytes, (struct mote_row_map){1, 1, 1, 0}, 1);
    return out;
}

struct mote_plan *plan_maker_keyword_spotting(struct mote_arena *arena)
{
    struct mote_plan *plan = plan_maker_new(arena, 16, 16, 4);
    if (!plan) return NULL;
    const int32_t in = plan_maker_buffer(plan, 49 * 10, 1);
    plan_maker_input(plan, in);
    int32_t x = plan_maker_buffer(plan, 25 * 5 * 64, 1);
    struct mote_step *first = plan_maker_step(plan, "conv_2d_s8_ref", x, 25, 5 * 64);
    plan_maker_reads(first, in, 10, (struct mote_row_map){.out_rows = 25, .in_rows = 49, .stride = 2, .pad = 4}, 10);
    for (int i = 0; i < 4; i++) {
        x = plan_maker_same(plan, "depthwise_conv_2d_s8_ref", x, 25, 5 * 64, 5 * 64, 3);
        x = plan_maker_same(plan, "conv_2d_s8_ref", x, 25, 5 * 64, 5 * 64, 1);
    }
    x = reduce(plan, "average_pool_2d_s8_ref", x, 64);
    x = reduce(plan, "fully_connected_s8_ref", x, 12);
    x = reduce(plan, "softmax_s8_ref", x, 12);
    plan_maker_output(plan, x);
    return plan;
}
