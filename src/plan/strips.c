/* strips.c: streamed plans in vertical strips. The first layers run once per strip of columns, from the input on, and
 * leave behind one tensor that the strips fill together. Each strip computes what its columns of that tensor need, so
 * columns near an edge between strips are computed more than once, and the input is delivered once per strip; but rows
 * are shorter by the number of strips. Padding is applied at the image's own edges only: elsewhere a strip's input holds
 * the neighbouring columns. */
#include "stream.h"

#include "lower.h"

#include <stdlib.h>
#include <string.h>

enum {
    PLACEMENTS = 4, /* divisions for which places are searched, at most */
    BALANCED = 12,  /* divisions whose strips are made unequal where that helps: those with the least bounds, */
    MOST_BALANCED_STRIPS = 6 /* if they have no more: the pairs of strips grow with the square */
};

/* ---- How a step's columns depend on its inputs' ---- */

/* Output column x reads the input's columns from x * stride - pad on, `reach` of them; those outside it are padding. */
struct column_map {
    uint32_t in_columns, out_columns;
    int64_t stride, pad, reach;
};

struct columns {
    uint32_t begin, end;
};

static void set_field(struct mote_step *step, const char *name, int64_t value)
{
    mote_params_set(step->kernel->params, step->params, name, value);
}

static bool is_one_of(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(name, list[i])) return true;
    return false;
}

/* In every family, as kernels of these operators are told the width of their input and of their output. */
static bool is_window(const struct mote_step *step)
{
    static const char *const operators[] = {"conv_2d_", "depthwise_conv_2d_", "average_pool_2d_", "max_pool_2d_"};
    const struct mote_params_type *type = step->kernel->params;
    if (!mote_params_find(type, "in_w") || !mote_params_find(type, "out_w") || !mote_params_find(type, "pad_left")) return false;
    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++)
        if (!strncmp(step->kernel->name, operators[i], strlen(operators[i]))) return true;
    return false;
}

static bool is_elementwise(const struct mote_step *step)
{
    static const char *const types[] = {"mk_sum_tables", "mk_lut", "mk_scale", "mk_affine"};
    return is_one_of(step->kernel->params->name, types, sizeof types / sizeof types[0]);
}

static bool is_binary(const struct mote_step *step)
{
    return !strcmp(step->kernel->params->name, "mk_binary");
}

/* Columns of an image that is held in rows; 0 if the buffer is none. */
static uint32_t columns_of(const struct mote_plan *plan, const struct mote_stream *stream, int32_t buffer)
{
    const struct mote_stream_buffer *b = &stream->buffers[buffer];
    const struct mote_shape *shape = &plan->graph->tensors[plan->buffers[buffer].tensor].shape;
    struct mote_nhwc size;
    if (!b->row_count || shape->rank != 4 || !mote_lower_nhwc(shape, &size)) return 0;
    return size.n == 1 && size.h == b->row_count && b->row_bytes % size.w == 0 ? size.w : 0;
}

static uint32_t column_bytes_of(const struct mote_plan *plan, const struct mote_stream *stream, int32_t buffer)
{
    return stream->buffers[buffer].row_bytes / columns_of(plan, stream, buffer);
}

/* False if the step cannot run on a part of its columns. */
static bool map_columns(const struct mote_plan *plan, const struct mote_stream *stream, const struct mote_step *step,
                        int input, struct column_map *map)
{
    const uint32_t in = columns_of(plan, stream, step->inputs[input].buffer);
    const uint32_t out = columns_of(plan, stream, step->output.buffer);
    if (!in || !out) return false;
    *map = (struct column_map){in, out, 1, 0, 1};
    if (is_window(step)) {
        map->stride = mote_stream_field(step, "stride_w", 1);
        map->pad = mote_stream_field(step, "pad_left", 0);
        map->reach = (mote_stream_field(step, "filter_w", 1) - 1) * mote_stream_field(step, "dilation_w", 1) + 1;
        return mote_stream_field(step, "in_w", 0) == in && mote_stream_field(step, "out_w", 0) == out && map->pad >= 0;
    }
    if (in != out) return false;
    if (is_elementwise(step)) return true;
    const int64_t channels = mote_stream_field(step, "channels", 0);
    return is_binary(step) && mote_stream_field(step, "width", 0) == out &&
           mote_stream_field(step, input ? "b_step_w" : "a_step_w", 0) == channels &&
           mote_stream_field(step, input ? "b_row_elements" : "a_row_elements", 0) == out * channels;
}

static struct columns columns_read(const struct column_map *map, struct columns out)
{
    const int64_t begin = out.begin * map->stride - map->pad, end = (out.end - INT64_C(1)) * map->stride - map->pad + map->reach;
    const int64_t in = map->in_columns;
    return (struct columns){(uint32_t)(begin < 0 ? 0 : begin < in ? begin : in), (uint32_t)(end < 0 ? 0 : end < in ? end : in)};
}

/* ---- Divisions ---- */

/* Steps before `end` run in `count` strips and leave the buffer `joint` behind. Those from `late` on may run when all
 * strips are there: then these need not leave behind what is larger than what it is made of. */
struct division {
    int32_t late, end, joint;
    uint32_t count;
    uint32_t widths[MOTE_MOST_STRIPS]; /* columns of the joint that each strip computes */
    int64_t macs;
    int64_t bound; /* bytes at once, of the best order that was looked at */
};

static bool is_input(const struct mote_plan *plan, int32_t buffer)
{
    return plan->inputs[0] == buffer;
}

static bool is_output(const struct mote_plan *plan, int32_t buffer)
{
    for (int32_t i = 0; i < plan->output_count; i++)
        if (plan->outputs[i] == buffer) return true;
    return false;
}

static bool reads(const struct mote_step *step, int32_t buffer)
{
    for (int i = 0; i < step->kernel->input_count; i++)
        if (step->inputs[i].buffer == buffer) return true;
    return false;
}

/* Is the buffer written by the steps before `end` and wanted behind them? */
static bool crosses(const struct mote_plan *plan, int32_t end, int32_t buffer)
{
    for (int32_t s = end; s < plan->step_count; s++)
        if (reads(&plan->steps[s], buffer)) return true;
    return is_output(plan, buffer);
}

/* What the steps before `end` leave behind, if it is a single image that they do not read themselves; -1 if not. */
static int32_t find_joint(const struct mote_plan *plan, const struct mote_stream *stream, int32_t end)
{
    int32_t joint = -1;
    if (crosses(plan, end, plan->inputs[0])) return -1;
    for (int32_t s = 0; s < end; s++) {
        const int32_t out = plan->steps[s].output.buffer;
        if (!crosses(plan, end, out)) continue;
        if (joint >= 0) return -1;
        joint = out;
    }
    if (plan->steps[end - 1].output.buffer != joint) return -1;
    return joint >= 0 && columns_of(plan, stream, joint) > 1 ? joint : -1;
}

/* Equal numbers of columns for every strip, one more for the outer strips first, which have one neighbour less. */
static void share_equally(struct division *division, uint32_t columns)
{
    const uint32_t n = division->count;
    for (uint32_t k = 0; k < n; k++) {
        const uint32_t order = 2 * k < n ? 2 * k : 2 * (n - 1 - k) + 1; /* 0 2 4 ... 5 3 1 */
        division->widths[k] = columns / n + (order < columns % n);
    }
}

/* Columns of the joint that strip k computes. */
static struct columns share_of(const struct division *division, uint32_t k)
{
    struct columns share = {0, 0};
    for (uint32_t i = 0; i <= k; i++) {
        share.begin = share.end;
        share.end += division->widths[i];
    }
    return share;
}

/* The kernel must be able to compute so many columns: what the compiler has checked of the whole width must hold of the
 * part, too. */
static bool suits_kernel(const struct mote_step *step, const struct column_map *map, struct columns out, struct columns in)
{
    if (in.begin >= in.end || out.end - out.begin < step->least_columns) return false;
    if (strstr(step->kernel->name, "winograd") && (out.end - out.begin) % 8) return false;
    return in.end - in.begin >= map->reach || in.end - in.begin == map->in_columns || !is_window(step);
}

/* The columns of every buffer (`needed`, one per buffer) that strip k holds. False if some step cannot. */
static bool find_needed(const struct mote_plan *plan, const struct mote_stream *stream, const struct division *division,
                        uint32_t k, struct columns *needed)
{
    for (int32_t i = 0; i < plan->buffer_count; i++) needed[i] = (struct columns){0, 0};
    needed[division->joint] = share_of(division, k);
    for (int32_t s = division->end - 1; s >= 0; s--) {
        const struct mote_step *step = &plan->steps[s];
        const struct columns out = needed[step->output.buffer];
        if (out.begin >= out.end || !step->kernel->input_count) return false;
        for (int i = 0; i < step->kernel->input_count; i++) {
            struct column_map map;
            struct columns *in = &needed[step->inputs[i].buffer];
            if (!map_columns(plan, stream, step, i, &map)) return false;
            const struct columns more = columns_read(&map, out);
            if (!suits_kernel(step, &map, out, more)) return false;
            if (in->begin >= in->end) *in = more;
            if (more.begin < in->begin) in->begin = more.begin;
            if (more.end > in->end) in->end = more.end;
        }
    }
    return true;
}

/* ---- The plan of a division ---- */

struct builder {
    const struct mote_plan *from;
    const struct mote_stream *from_stream;
    const struct division *division;
    struct mote_plan *plan;
    struct mote_stream *stream;
    struct columns *needed; /* of the current strip, per buffer of `from` */
    int32_t *numbers;       /* per buffer of `from`: its number in `plan`; of what strips hold, in the current one */
    int32_t *strip_numbers; /* per strip and buffer of `from`, if strips hold it */
};

/* Buffers that every strip has its own of: the input, and what the strips' steps write but for the joint. */
static bool is_of_strip(const struct builder *b, int32_t buffer)
{
    if (buffer == b->division->joint) return false;
    if (is_input(b->from, buffer)) return true;
    for (int32_t s = 0; s < b->division->end; s++)
        if (b->from->steps[s].output.buffer == buffer) return true;
    return false;
}

static int32_t add_buffer(struct builder *b, int32_t buffer)
{
    struct mote_plan *plan = b->plan;
    const int32_t number = plan->buffer_count++;
    plan->buffers[number] = b->from->buffers[buffer];
    b->stream->buffers[number] = b->from_stream->buffers[buffer];
    return number;
}

static int32_t add_strip_buffer(struct builder *b, int32_t buffer)
{
    const int32_t number = add_buffer(b, buffer);
    const struct columns columns = b->needed[buffer];
    struct mote_stream_buffer *rows = &b->stream->buffers[number];
    rows->first_column = columns.begin;
    rows->column_count = columns.end - columns.begin;
    rows->row_bytes = rows->column_count * column_bytes_of(b->from, b->from_stream, buffer);
    b->plan->buffers[number].bytes = rows->row_count * rows->row_bytes;
    return number;
}

/* The part `columns` of the rows of a buffer of `from`. */
static void set_operand(const struct builder *b, struct mote_operand *operand, struct columns columns)
{
    const uint32_t column_bytes = column_bytes_of(b->from, b->from_stream, operand->buffer);
    const int32_t number = b->numbers[operand->buffer];
    operand->buffer = number;
    operand->row_bytes = (columns.end - columns.begin) * column_bytes;
    operand->offset_bytes = (columns.begin - b->stream->buffers[number].first_column) * column_bytes;
}

static void set_columns(struct mote_step *step, const struct column_map *map, struct columns in, struct columns out)
{
    const int64_t in_columns = in.end - in.begin, out_columns = out.end - out.begin;
    if (is_window(step)) {
        set_field(step, "in_w", in_columns);
        set_field(step, "out_w", out_columns);
        set_field(step, "pad_left", in.begin + map->pad - out.begin * map->stride);
    } else if (is_binary(step)) {
        const int64_t elements = out_columns * mote_stream_field(step, "channels", 0);
        set_field(step, "width", out_columns);
        set_field(step, "a_row_elements", elements);
        set_field(step, "b_row_elements", elements);
    } else {
        set_field(step, "row_elements", mote_stream_field(step, "row_elements", 0) / map->out_columns * out_columns);
    }
}

static bool add_strip_step(struct builder *b, uint32_t k, int32_t s)
{
    struct mote_arena *arena = b->plan->arena;
    const struct mote_step *from = &b->from->steps[s];
    struct mote_step *step = &b->plan->steps[b->plan->step_count++];
    *step = *from;
    step->name = mote_arena_printf(arena, "%s_strip%u", from->name, (unsigned)k);
    step->params = mote_arena_copy(arena, from->params, from->kernel->params->bytes);
    if (!step->name || !step->params) return false;
    const struct columns out = b->needed[from->output.buffer];
    struct column_map map = {0};
    struct columns in = {0, 0};
    for (int i = 0; i < from->kernel->input_count; i++) {
        (void)map_columns(b->from, b->from_stream, from, i, &map); /* it was possible before */
        in = columns_read(&map, out);
        set_operand(b, &step->inputs[i], in);
    }
    set_operand(b, &step->output, out);
    set_columns(step, &map, in, out);
    step->macs = from->macs / map.out_columns * (out.end - out.begin);
    return true;
}

/* The steps [begin, end) of strip k. */
static bool add_strip_steps(struct builder *b, uint32_t k, int32_t begin, int32_t end)
{
    if (!find_needed(b->from, b->from_stream, b->division, k, b->needed)) return false;
    for (int32_t i = 0; i < b->from->buffer_count; i++)
        if (is_of_strip(b, i)) b->numbers[i] = b->strip_numbers[k * (uint32_t)b->from->buffer_count + (uint32_t)i];
    for (int32_t s = begin; s < end; s++) {
        b->stream->step_strips[b->plan->step_count] = (int32_t)k;
        if (!add_strip_step(b, k, s)) return false;
    }
    return true;
}

static bool allocate(struct builder *b)
{
    const size_t buffers = (size_t)b->from->buffer_count * b->division->count;
    const size_t steps = (size_t)b->from->step_count + (size_t)b->division->end * b->division->count;
    struct mote_arena *arena = b->plan->arena;
    b->plan->buffers = MOTE_NEW_ARRAY(arena, struct mote_buffer, buffers);
    b->plan->steps = MOTE_NEW_ARRAY(arena, struct mote_step, steps);
    b->plan->inputs = MOTE_NEW_ARRAY(arena, int32_t, b->division->count);
    b->plan->outputs = MOTE_NEW_ARRAY(arena, int32_t, (size_t)b->from->output_count);
    b->plan->tensor_buffers = MOTE_NEW_ARRAY(arena, int32_t, (size_t)b->from->graph->tensor_count);
    b->stream->buffers = MOTE_NEW_ARRAY(arena, struct mote_stream_buffer, buffers);
    b->stream->step_strips = MOTE_NEW_ARRAY(arena, int32_t, steps);
    b->needed = MOTE_NEW_ARRAY(arena, struct columns, (size_t)b->from->buffer_count);
    b->numbers = MOTE_NEW_ARRAY(arena, int32_t, (size_t)b->from->buffer_count);
    b->strip_numbers = MOTE_NEW_ARRAY(arena, int32_t, buffers);
    return b->strip_numbers && b->plan->buffers && b->plan->steps && b->plan->inputs && b->plan->outputs && b->plan->tensor_buffers &&
           b->stream->buffers && b->stream->step_strips && b->needed && b->numbers;
}

/* First the inputs of all strips, so that their rows are numbered one after the other. */
static bool add_buffers(struct builder *b)
{
    const uint32_t all = (uint32_t)b->from->buffer_count;
    for (int pass = 0; pass < 2; pass++)
        for (uint32_t k = 0; k < b->division->count; k++) {
            if (!find_needed(b->from, b->from_stream, b->division, k, b->needed)) return false;
            for (uint32_t i = 0; i < all; i++)
                if (is_of_strip(b, (int32_t)i) && is_input(b->from, (int32_t)i) == (pass == 0))
                    b->strip_numbers[k * all + i] = add_strip_buffer(b, (int32_t)i);
        }
    for (uint32_t k = 0; k < b->division->count; k++)
        b->plan->inputs[b->plan->input_count++] = b->strip_numbers[k * all + (uint32_t)b->from->inputs[0]];
    for (int32_t i = 0; i < b->from->buffer_count; i++)
        if (!is_of_strip(b, i)) b->numbers[i] = add_buffer(b, i);
    return true;
}

static void add_shared_steps(struct builder *b)
{
    for (int32_t s = b->division->end; s < b->from->step_count; s++) {
        struct mote_step *step = &b->plan->steps[b->plan->step_count];
        b->stream->step_strips[b->plan->step_count++] = -1;
        *step = b->from->steps[s];
        for (int i = 0; i < step->kernel->input_count; i++) step->inputs[i].buffer = b->numbers[step->inputs[i].buffer];
        step->output.buffer = b->numbers[step->output.buffer];
    }
    for (int32_t i = 0; i < b->from->output_count; i++)
        b->plan->outputs[b->plan->output_count++] = b->numbers[b->from->outputs[i]];
    for (int32_t i = 0; i < b->from->graph->tensor_count; i++) {
        const int32_t buffer = b->from->tensor_buffers[i];
        b->plan->tensor_buffers[i] = buffer == MOTE_NO_BUFFER ? buffer : b->numbers[buffer];
    }
}

/* A divided plan (not yet ordered) in the arena; NULL when memory is out, or if the division is not possible. */
static struct mote_plan *build_division(const struct mote_plan *from, const struct mote_stream *from_stream,
                                        const struct division *division, struct mote_arena *arena,
                                        struct mote_stream *stream)
{
    struct mote_plan *plan = MOTE_NEW(arena, struct mote_plan);
    if (!plan) return NULL;
    struct builder b = {.from = from, .from_stream = from_stream, .division = division, .plan = plan, .stream = stream};
    *plan = *from;
    plan->arena = arena;
    plan->buffer_count = plan->step_count = plan->input_count = plan->output_count = 0;
    *stream = *from_stream;
    stream->strip_count = division->count;
    stream->input_columns = columns_of(from, from_stream, from->inputs[0]);
    if (!allocate(&b) || !add_buffers(&b)) return NULL;
    for (uint32_t k = 0; k < division->count; k++)
        if (!add_strip_steps(&b, k, 0, division->late)) return NULL;
    for (uint32_t k = 0; k < division->count; k++)
        if (!add_strip_steps(&b, k, division->late, division->end)) return NULL;
    add_shared_steps(&b);
    plan->macs = 0;
    for (int32_t s = 0; s < plan->step_count; s++) plan->macs += plan->steps[s].macs;
    mote_plan_lifetimes(plan);
    return plan;
}

/* ---- The search ---- */

/* The bound with the rest layer by layer, and with the rest streamed as well: most splits lie between. The division must
 * be possible. MOTE_ERR_UNSUPPORTED: it has too many rows. */
static enum mote_status look_at(const struct mote_plan *from, const struct mote_stream *from_stream, struct division *division)
{
    struct mote_arena scratch;
    struct mote_stream stream;
    int64_t by_layers = 0, by_rows = 0;
    mote_arena_init(&scratch, MOTE_ARENA_DEFAULT_LIMIT);
    const struct mote_plan *plan = build_division(from, from_stream, division, &scratch, &stream);
    enum mote_status status = plan ? MOTE_OK : MOTE_ERR_MEMORY;
    if (status == MOTE_OK) status = mote_stream_bound(plan, &stream, division->late * (int32_t)division->count, &by_layers);
    if (status == MOTE_OK) status = mote_stream_bound(plan, &stream, plan->step_count, &by_rows);
    if (status == MOTE_OK) {
        division->bound = by_layers < by_rows ? by_layers : by_rows;
        division->macs = plan->macs;
    }
    mote_arena_free(&scratch);
    return status;
}

static bool is_possible(const struct mote_plan *from, const struct mote_stream *stream, const struct division *division,
                        struct columns *needed)
{
    for (uint32_t k = 0; k < division->count; k++)
        if (!find_needed(from, stream, division, k, needed)) return false;
    return true;
}

/* Gives columns from one strip to another as long as that lowers the bound: strips in the middle have two neighbours, and
 * the first ones find the joint empty. Fails only for want of memory. */
static enum mote_status balance(const struct mote_plan *from, const struct mote_stream *stream, struct division *division,
                    struct columns *needed)
{
    bool better = true;
    while (better) {
        better = false;
        for (uint32_t i = 0; i < division->count * division->count; i++) {
            struct division other = *division;
            const uint32_t to = i % division->count, source = i / division->count;
            if (to == source || other.widths[source] < 2) continue;
            other.widths[source]--;
            other.widths[to]++;
            if (!is_possible(from, stream, &other, needed)) continue;
            const enum mote_status status = look_at(from, stream, &other);
            if (status == MOTE_ERR_MEMORY) return status;
            if (status != MOTE_OK || other.bound >= division->bound) continue;
            *division = other;
            better = true;
        }
    }
    return MOTE_OK;
}

static int by_macs(const void *a, const void *b)
{
    const struct division *x = a, *y = b;
    if (x->macs != y->macs) return x->macs < y->macs ? -1 : 1;
    return x->bound < y->bound ? -1 : x->bound > y->bound;
}

static int by_bound(const void *a, const void *b)
{
    const struct division *x = a, *y = b;
    if (x->bound != y->bound) return x->bound < y->bound ? -1 : 1;
    return x->macs < y->macs ? -1 : x->macs > y->macs;
}

/* Computes the step a column of its output from that column of its inputs? */
static bool is_pointwise(const struct mote_plan *plan, const struct mote_stream *stream, int32_t s)
{
    struct column_map map;
    const struct mote_step *step = &plan->steps[s];
    for (int i = 0; i < step->kernel->input_count; i++)
        if (!map_columns(plan, stream, step, i, &map) || map.stride != 1 || map.reach != 1 || map.pad != 0) return false;
    return step->kernel->input_count > 0;
}

/* All divisions that are possible, with work and bound; NULL when memory is out. */
static struct division *list_divisions(const struct mote_plan *from, const struct mote_stream *stream,
                                       const struct mote_strips_wanted *wanted, size_t *count)
{
    const size_t most = (size_t)from->step_count * MOTE_MOST_STRIPS * 2;
    struct division *list = MOTE_NEW_ARRAY(from->arena, struct division, most);
    struct columns *needed = MOTE_NEW_ARRAY(from->arena, struct columns, (size_t)from->buffer_count);
    *count = 0;
    if (!list || !needed) return NULL;
    for (int32_t end = 1; end < from->step_count; end++) {
        const int32_t joint = find_joint(from, stream, end);
        const uint32_t columns = joint < 0 ? 0 : columns_of(from, stream, joint);
        for (uint32_t n = 2; n <= MOTE_MOST_STRIPS && n <= columns; n++) {
            struct division *division = &list[*count];
            *division = (struct division){.late = end, .end = end, .joint = joint, .count = n};
            if (wanted->count && n != wanted->count) continue;
            share_equally(division, columns);
            if (!is_possible(from, stream, division, needed)) continue;
            enum mote_status status = look_at(from, stream, division);
            if (status == MOTE_ERR_MEMORY) return NULL;
            if (status != MOTE_OK) continue;
            (*count)++;
            if (end < 2 || !is_pointwise(from, stream, end - 1)) continue;
            list[*count] = *division;
            list[*count].late--;
            status = look_at(from, stream, &list[*count]);
            if (status == MOTE_ERR_MEMORY) return NULL;
            *count += status == MOTE_OK;
        }
    }
    return list;
}

/* Places the divisions in turn until one is within the budget; the best so far if none is. */
static enum mote_status place(const struct mote_plan *from, const struct mote_stream *from_stream,
                              const struct division *divisions, size_t count, const struct mote_strips_wanted *wanted,
                              struct mote_plan **best, struct mote_diag *diag)
{
    for (size_t i = 0; i < count && i < PLACEMENTS; i++) {
        struct mote_stream stream;
        struct mote_plan *plan = build_division(from, from_stream, &divisions[i], from->arena, &stream);
        if (!plan) return mote_error_memory(diag);
        const int32_t split = divisions[i].late * (int32_t)divisions[i].count;
        const enum mote_status status = mote_stream_finish(plan, &stream, split, diag);
        if (status != MOTE_OK) return status;
        if (!*best || plan->arena_bytes < (*best)->arena_bytes) *best = plan;
        if (!wanted->budget_bytes || plan->arena_bytes <= wanted->budget_bytes) break;
    }
    return MOTE_OK;
}

static enum mote_status choose(const struct mote_plan *from, const struct mote_stream *stream,
                               const struct mote_strips_wanted *wanted, struct mote_plan **best, struct mote_diag *diag)
{
    size_t count, within = 0;
    struct division *list = list_divisions(from, stream, wanted, &count);
    if (!list) return mote_error_memory(diag);
    if (!count)
        return wanted->count ? mote_error(diag, MOTE_ERR_UNSUPPORTED, "the model's first layers cannot be computed in %u strips",
                                          (unsigned)wanted->count)
                             : mote_error(diag, MOTE_ERR_UNSUPPORTED, "the model's first layers cannot be computed in strips");
    qsort(list, count, sizeof *list, by_bound);
    struct columns *needed = MOTE_NEW_ARRAY(from->arena, struct columns, (size_t)from->buffer_count);
    if (!needed) return mote_error_memory(diag);
    if (wanted->below_bytes && list[0].bound >= wanted->below_bytes)
        return mote_error(diag, MOTE_ERR_UNSUPPORTED, "%u strips save no RAM", (unsigned)wanted->count);
    for (size_t i = 0; i < count && i < BALANCED; i++)
        if (list[i].count <= MOST_BALANCED_STRIPS && balance(from, stream, &list[i], needed) != MOTE_OK)
            return mote_error_memory(diag);
    qsort(list, count, sizeof *list, by_bound);
    while (within < count && list[within].bound <= wanted->budget_bytes) within++;
    if (within) qsort(list, within, sizeof *list, by_macs);
    return place(from, stream, list, within ? within : count, wanted, best, diag);
}

enum mote_status mote_plan_build_strips_with(const struct mote_graph *graph, const struct mote_target *target,
                                             struct mote_plan_wishes wishes, const struct mote_strips_wanted *wanted,
                                             struct mote_arena *arena, struct mote_plan **result, struct mote_diag *diag)
{
    struct mote_plan *plan = NULL, *best = NULL;
    if (graph->input_count != 1)
        return mote_error(diag, MOTE_ERR_UNSUPPORTED, "the model has %d inputs: only one can be divided into strips",
                          (int)graph->input_count);
    if (wanted->count == 1 || wanted->count > MOTE_MOST_STRIPS)
        return mote_error(diag, MOTE_ERR_UNSUPPORTED, "%u strips are not possible: from 2 to %d", (unsigned)wanted->count,
                          MOTE_MOST_STRIPS);
    struct mote_stream divided = {0};
    enum mote_status status = mote_stream_prepare(graph, target, wishes, arena, &plan, &divided, diag);
    if (status == MOTE_OK) status = choose(plan, &divided, wanted, &best, diag);
    if (status == MOTE_OK && mote_plan_is_tight(best)) {
        wishes.least_stack = true;
        status = mote_plan_build_strips_with(graph, target, wishes, wanted, arena, result, NULL); /* warnings have been given */
        return status == MOTE_ERR_MEMORY ? mote_error_memory(diag) : status;
    }
    if (status == MOTE_OK) *result = best;
    return status;
}

/* ---- Questions ---- */

int32_t mote_stream_strip_of(const struct mote_stream *stream, int32_t step)
{
    return stream->strip_count ? stream->step_strips[step] : -1;
}

size_t mote_stream_strips_input_bytes(const struct mote_plan *plan)
{
    const struct mote_stream_buffer *b = &plan->stream->buffers[plan->inputs[0]];
    return (size_t)b->row_count * plan->stream->input_columns * (b->row_bytes / b->column_count);
}
