#include "random_plan.h"

#include <stdlib.h>
#include <string.h>

uint32_t test_random_below(struct test_random *random, uint32_t limit)
{
    random->state = random->state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return limit ? (uint32_t)((random->state >> 33) % limit) : 0;
}

/* ---- Random plans ---- */

enum { BUFFER_LIMIT = 128 };

struct view { /* a buffer as rows */
    uint32_t batches, rows, row_bytes;
};

struct maker {
    struct mote_plan *plan;
    struct test_random *random;
    struct view views[BUFFER_LIMIT];
};

static uint32_t pick(struct maker *m, uint32_t least, uint32_t most)
{
    return least + test_random_below(m->random, most - least + 1);
}

static int32_t new_buffer(struct maker *m, struct view view)
{
    const uint32_t alignment = UINT32_C(1) << pick(m, 0, 2);
    const int32_t buffer = plan_maker_buffer(m->plan, view.batches * view.rows * view.row_bytes, alignment);
    m->views[buffer] = view;
    return buffer;
}

/* Scratch memory is not. */
static bool is_tensor(const struct maker *m, int32_t buffer)
{
    return m->plan->buffers[buffer].tensor != MOTE_NO_TENSOR;
}

/* Mostly the latest buffer, so that chains are long. */
static int32_t pick_buffer(struct maker *m)
{
    const uint32_t count = (uint32_t)m->plan->buffer_count;
    int32_t buffer;
    do buffer = (int32_t)(pick(m, 0, 2) ? count - 1 - pick(m, 0, count > 2 ? 1 : 0) : pick(m, 0, count - 1));
    while (!is_tensor(m, buffer));
    return buffer;
}

static uint32_t all_bytes(const struct maker *m, int32_t buffer)
{
    return m->plan->buffers[buffer].bytes;
}

static void add_window(struct maker *m)
{
    static const char *const kernels[] = {"conv_2d_s8_ref", "max_pool_2d_s8_ref", "conv_2d_s8_winograd_expand_armv7em"};
    const int32_t in = pick_buffer(m);
    const struct view v = m->views[in];
    const uint32_t stride = pick(m, 1, 3), filter = pick(m, 1, 5), pad = pick(m, 0, filter - 1);
    const uint32_t out_rows = 1 + (v.rows + pad - 1) / stride + pick(m, 0, 1); /* the last may lie in the padding */
    const int32_t out = new_buffer(m, (struct view){v.batches, out_rows, pick(m, 1, 2 * v.row_bytes)});
    struct mote_step *step =
        plan_maker_step(m->plan, kernels[pick(m, 0, 2)], out, v.batches * out_rows, m->views[out].row_bytes);
    const struct mote_row_map map = {out_rows, v.rows, (int32_t)stride, (int32_t)pad};
    plan_maker_reads(step, in, v.row_bytes, map, pick(m, 0, 3) ? filter : 0);
    if (step->kernel->takes_scratch) plan_maker_scratch(m->plan, step, pick(m, 1, 200));
}

static void add_reduction(struct maker *m)
{
    const int32_t in = pick_buffer(m);
    const int32_t out = new_buffer(m, (struct view){1, pick(m, 1, 3), pick(m, 1, 20)});
    struct mote_step *step =
        plan_maker_step(m->plan, "fully_connected_s8_ref", out, m->views[out].rows, m->views[out].row_bytes);
    plan_maker_reads(step, in, all_bytes(m, in), (struct mote_row_map){1, 1, 0, 0}, 0);
}

static void add_unary(struct maker *m)
{
    static const struct {
        const char *kernel;
        uint32_t in_bytes, out_bytes;
    } kinds[] = {{"lut_s8_ref", 1, 1},           {"tanh_s16_ref", 2, 2},          {"requantize_s8_s16_ref", 1, 2},
                 {"requantize_s16_s8_ref", 2, 1}, {"requantize_s16_s32_ref", 2, 4}, {"quantize_f32_s8_ref", 4, 1}};
    const int32_t in = pick_buffer(m);
    const uint32_t k = pick(m, 0, sizeof kinds / sizeof kinds[0] - 1);
    const struct view v = m->views[in];
    if (v.row_bytes % kinds[k].in_bytes) return;
    const uint32_t row_bytes = v.row_bytes / kinds[k].in_bytes * kinds[k].out_bytes;
    const int32_t out = new_buffer(m, (struct view){v.batches, v.rows, row_bytes});
    const uint32_t rows = v.batches * v.rows;
    struct mote_step *step = plan_maker_step(m->plan, kinds[k].kernel, out, rows, row_bytes);
    plan_maker_reads(step, in, v.row_bytes, (struct mote_row_map){rows, rows, 1, 0}, 1);
}

/* Operands of the same size, the same operand twice, or one that is a single broadcast row. */
static void add_binary(struct maker *m)
{
    const int32_t a = pick_buffer(m);
    const struct view v = m->views[a];
    const uint32_t rows = v.batches * v.rows, bytes = all_bytes(m, a);
    int32_t b = a;
    for (int32_t i = 0; i < m->plan->buffer_count; i++)
        if (i != a && is_tensor(m, i) && (all_bytes(m, i) == bytes || all_bytes(m, i) == v.row_bytes) && pick(m, 0, 1)) b = i;
    const int32_t out = new_buffer(m, v);
    struct mote_step *step = plan_maker_step(m->plan, "add_s8_ref", out, rows, v.row_bytes);
    const struct mote_row_map same = {rows, rows, 1, 0}, broadcast = {rows, 1, 0, 0};
    const bool b_first = pick(m, 0, 1);
    for (int i = 0; i < 2; i++) {
        const int32_t operand = (i == 0) == b_first ? b : a;
        plan_maker_reads(step, operand, v.row_bytes, all_bytes(m, operand) == bytes ? same : broadcast, 0);
    }
}

/* Writes `in` into the output from out_start on, a row of it every out_stride bytes; sometimes the last row first. */
static void add_copy(struct maker *m, int32_t in, int32_t out, uint32_t out_start, uint32_t out_stride, bool completes)
{
    const struct view v = m->views[in];
    const uint32_t rows = v.batches * v.rows;
    struct mote_step *step = plan_maker_step(m->plan, "copy_ref", out, rows, out_stride);
    struct mk_copy *p = step->params;
    *p = (struct mk_copy){.size = {(uint16_t)rows, 1, 1, 1, (uint16_t)v.row_bytes},
                          .element_bytes = 1,
                          .in_stride = {(int32_t)v.row_bytes, 0, 0, 0, 1},
                          .out_start = (int32_t)out_start,
                          .out_stride = {(int32_t)out_stride, 0, 0, 0, 1}};
    if (!pick(m, 0, 5)) {
        p->in_start += (int32_t)((rows - 1) * v.row_bytes);
        p->out_start += (int32_t)((rows - 1) * out_stride);
        p->in_stride[0] = -p->in_stride[0];
        p->out_stride[0] = -p->out_stride[0];
    }
    step->completes_tensor = completes;
    plan_maker_reads(step, in, v.row_bytes, (struct mote_row_map){rows, rows, 1, 0}, 1);
}

/* Along rows each part is a block of the output; within rows, parts alternate. */
static void add_concatenation(struct maker *m)
{
    int32_t parts[3];
    const int count = (int)pick(m, 2, 3);
    parts[0] = pick_buffer(m);
    const struct view v = m->views[parts[0]];
    const uint32_t rows = v.batches * v.rows;
    const bool within = pick(m, 0, 1);
    uint32_t total_row = v.row_bytes, total = all_bytes(m, parts[0]);
    for (int k = 1; k < count; k++) {
        parts[k] = parts[0];
        for (int32_t i = 0; i < m->plan->buffer_count; i++)
            if (is_tensor(m, i) && m->views[i].batches * m->views[i].rows == rows && pick(m, 0, 1)) parts[k] = i;
        total_row += m->views[parts[k]].row_bytes;
        total += all_bytes(m, parts[k]);
    }
    const int32_t out = new_buffer(m, within ? (struct view){1, rows, total_row} : (struct view){1, 1, total});
    uint32_t at = 0;
    for (int k = 0; k < count; k++) {
        const uint32_t row_bytes = m->views[parts[k]].row_bytes;
        add_copy(m, parts[k], out, at, within ? total_row : row_bytes, k == count - 1);
        at += within ? row_bytes : all_bytes(m, parts[k]);
    }
}

static void reshape(struct maker *m)
{
    const int32_t buffer = pick_buffer(m);
    const uint32_t bytes = all_bytes(m, buffer), rows = pick(m, 1, 12);
    if (bytes % rows == 0) m->views[buffer] = (struct view){1, rows, bytes / rows};
}

static void mark_outputs(struct maker *m)
{
    bool read[BUFFER_LIMIT] = {false};
    for (int32_t s = 0; s < m->plan->step_count; s++)
        for (int i = 0; i < 2; i++)
            if (m->plan->steps[s].inputs[i].buffer >= 0) read[m->plan->steps[s].inputs[i].buffer] = true;
    for (int32_t i = 0; i < m->plan->buffer_count; i++)
        if (is_tensor(m, i) && (!read[i] ? pick(m, 0, 3) : !pick(m, 0, 9))) plan_maker_output(m->plan, i);
}

struct mote_plan *random_plan(struct mote_arena *arena, struct test_random *random, int32_t step_limit)
{
    struct maker m = {.plan = plan_maker_new(arena, BUFFER_LIMIT, 3 * BUFFER_LIMIT, 1), .random = random};
    if (!m.plan) return NULL;
    m.plan->rows_may_descend = pick(&m, 0, 1);
    const int32_t inputs = (int32_t)pick(&m, 1, 2);
    for (int32_t i = 0; i < inputs; i++)
        plan_maker_input(m.plan, new_buffer(&m, (struct view){pick(&m, 1, 2), pick(&m, 1, 12), 4 * pick(&m, 1, 8)}));
    while (m.plan->step_count < step_limit && m.plan->buffer_count < BUFFER_LIMIT - 2) {
        if (all_bytes(&m, m.plan->buffer_count - 1) > 600) {
            add_reduction(&m);
            continue;
        }
        switch (pick(&m, 0, 8)) {
        case 0: add_reduction(&m); break;
        case 1: add_unary(&m); break;
        case 2: add_binary(&m); break;
        case 3: add_concatenation(&m); break;
        case 4: reshape(&m); break;
        default: add_window(&m);
        }
    }
    mark_outputs(&m);
    mote_plan_lifetimes(m.plan);
    return m.plan;
}

/* ---- The oracle ---- */

struct tag {
    int32_t buffer;
    uint32_t index;
};

struct memory {
    const struct mote_plan *plan;
    struct tag *tags;
    bool intact;
};

static void store(struct memory *m, int32_t buffer, int64_t index)
{
    m->tags[m->plan->buffers[buffer].offset + index] = (struct tag){buffer, (uint32_t)index};
}

static void load(struct memory *m, int32_t buffer, int64_t index)
{
    const struct tag tag = m->tags[m->plan->buffers[buffer].offset + index];
    if (tag.buffer != buffer || tag.index != (uint32_t)index) m->intact = false;
}

static void load_range(struct memory *m, int32_t buffer, int64_t begin, int64_t end)
{
    for (int64_t i = begin; i < end; i++) load(m, buffer, i);
}

/* Everything that row r, and the rows that run after it, may read: row by row, as plan.h words it. */
static void load_window(struct memory *m, const struct mote_step *step, int input, uint32_t r)
{
    const struct mote_operand *in = &step->inputs[input];
    const int64_t bytes = m->plan->buffers[in->buffer].bytes;
    if (in->rows.stride == 0) {
        load_range(m, in->buffer, 0, bytes);
        return;
    }
    const int64_t n = r / in->rows.out_rows, y = r % in->rows.out_rows;
    const int64_t batch_end = (n + 1) * in->rows.in_rows;
    const int64_t top = y * in->rows.stride - in->rows.pad;
    int64_t first = n * in->rows.in_rows + (top > 0 ? top : 0);
    int64_t last = n * in->rows.in_rows + top + in->window_rows;
    if (first > batch_end) first = batch_end;
    if (last > batch_end) last = batch_end;
    if (!step->rows_descend) load_range(m, in->buffer, first * in->row_bytes, bytes);
    else load_range(m, in->buffer, 0, in->window_rows ? last * in->row_bytes : bytes);
}

/* Scratch memory may be written before anything is read, and after some of the outputs have been written. */
static void run_window_row(struct memory *m, const struct mote_step *step, uint32_t r)
{
    const int64_t begin = (int64_t)r * step->output.row_bytes, end = begin + step->output.row_bytes;
    for (int64_t i = begin; i < end; i++) store(m, step->output.buffer, i);
    if (step->kernel->takes_scratch) {
        for (int64_t i = 0; i < m->plan->buffers[step->scratch].bytes; i++) store(m, step->scratch, i);
        const int64_t all = (int64_t)step->row_end * step->output.row_bytes;
        load_range(m, step->output.buffer, step->rows_descend ? begin : 0, step->rows_descend ? all : end);
    }
    for (int i = 0; i < step->kernel->input_count; i++) load_window(m, step, i, r);
}

static void copy_row(struct memory *m, const struct mote_step *step, uint32_t r, bool is_store)
{
    const struct mk_copy *p = step->params;
    for (int32_t i = 0; i < p->size[4]; i++) {
        if (is_store)
            store(m, step->output.buffer, p->out_start + (int64_t)r * p->out_stride[0] + (int64_t)i * p->out_stride[4]);
        else load(m, step->inputs[0].buffer, p->in_start + (int64_t)r * p->in_stride[0] + (int64_t)i * p->in_stride[4]);
    }
}

static int64_t width(const char *c_type)
{
    return strstr(c_type, "32") || !strcmp(c_type, "float") ? 4 : strstr(c_type, "16") ? 2 : 1;
}

/* Reads element i of every corresponding operand, then writes element i; a broadcast operand, or one whose type the
 * compiler may take for unrelated, is read throughout. */
static void run_elements(struct memory *m, const struct mote_step *step)
{
    const int64_t out_width = width(step->kernel->out_type);
    const int64_t count = m->plan->buffers[step->output.buffer].bytes / out_width;
    for (int64_t i = 0; i < count; i++) {
        bool everything[2] = {false, false};
        for (int k = 0; k < step->kernel->input_count; k++) {
            const int64_t in_width = width(step->kernel->in_types[k]);
            const int64_t bytes = m->plan->buffers[step->inputs[k].buffer].bytes;
            everything[k] = bytes != count * in_width || (in_width != out_width && in_width > 1 && out_width > 1);
            if (!everything[k])
                load_range(m, step->inputs[k].buffer, i * in_width, (i + 1) * in_width);
        }
        for (int64_t b = 0; b < out_width; b++) store(m, step->output.buffer, i * out_width + b);
        for (int k = 0; k < step->kernel->input_count; k++)
            if (everything[k])
                load_range(m, step->inputs[k].buffer, 0, m->plan->buffers[step->inputs[k].buffer].bytes);
    }
}

static void run_step(struct memory *m, const struct mote_step *step)
{
    const bool is_copy = !strcmp(step->kernel->params->name, "mk_copy");
    if (step->kernel->granularity == MOTE_GRANULARITY_ELEMENT) {
        run_elements(m, step);
        return;
    }
    for (uint32_t k = 0; k < step->row_end; k++) {
        const uint32_t r = step->rows_descend ? step->row_end - 1 - k : k;
        if (!is_copy) {
            run_window_row(m, step, r);
            continue;
        }
        copy_row(m, step, r, true);
        for (uint32_t later = k; later < step->row_end; later++)
            copy_row(m, step, step->rows_descend ? step->row_end - 1 - later : later, false);
    }
}

bool plan_oracle_accepts(const struct mote_plan *plan)
{
    struct memory m = {.plan = plan, .intact = true};
    m.tags = calloc((size_t)plan->arena_bytes + 1, sizeof *m.tags);
    if (!m.tags) abort();
    for (uint32_t i = 0; i < plan->arena_bytes; i++) m.tags[i].buffer = MOTE_NO_BUFFER;
    for (int32_t i = 0; i < plan->input_count; i++)
        for (int64_t b = 0; b < plan->buffers[plan->inputs[i]].bytes; b++) store(&m, plan->inputs[i], b);
    for (int32_t s = 0; s < plan->step_count; s++) run_step(&m, &plan->steps[s]);
    for (int32_t i = 0; i < plan->output_count; i++)
        load_range(&m, plan->outputs[i], 0, plan->buffers[plan->outputs[i]].bytes);
    free(m.tags);
    return m.intact;
}
