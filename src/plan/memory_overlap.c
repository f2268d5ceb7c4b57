/* memory_overlap.c: how far an output must lie from an input that dies in the same step, so that the step may write the
 * one over the other. The rule is explained in doc/MEMORY.md. */
#include "memory.h"

#include <string.h>

/* What the computation of one output row touches, in bytes from the start of each buffer. */
struct row_use {
    int64_t written_begin, written_end;
    int64_t read_begin, read_end; /* of the input: read by this row; rows after it read nothing below read_begin, rows
                                   * before it nothing from read_end on */
};

uint32_t mote_memory_type_bytes(const char *c_type)
{
    if (strstr(c_type, "64")) return 8;
    if (strstr(c_type, "32") || !strcmp(c_type, "float")) return 4;
    return strstr(c_type, "16") ? 2 : 1;
}

static bool is_copy(const struct mote_step *step)
{
    return !strcmp(step->kernel->params->name, "mk_copy");
}

/* First byte and one past the last byte of row r of one side of a copy. */
static void copy_row(const struct mk_copy *p, uint32_t r, int32_t start, const int32_t stride[5], int64_t *begin,
                     int64_t *end)
{
    int64_t low = start + (int64_t)r * stride[0], high = low;
    for (int k = 1; k < 5; k++) {
        const int64_t reach = ((int64_t)p->size[k] - 1) * stride[k];
        if (reach < 0) low += reach;
        if (reach > 0) high += reach;
    }
    *begin = low;
    *end = high + p->element_bytes;
}

static struct row_use copy_row_use(const struct mk_copy *p, uint32_t r)
{
    struct row_use use;
    copy_row(p, r, p->out_start, p->out_stride, &use.written_begin, &use.written_end);
    copy_row(p, r, p->in_start, p->in_stride, &use.read_begin, &use.read_end);
    return use;
}

static int64_t clamp(int64_t x, int64_t low, int64_t high)
{
    return x < low ? low : x > high ? high : x;
}

/* Rows of a window that slides over padding lie outside the batch entry; they are not read. */
static struct row_use window_row_use(const struct mote_plan *plan, const struct mote_step *step,
                                     const struct mote_operand *in, uint32_t r)
{
    const struct mote_row_map *map = &in->rows;
    const int64_t bytes = plan->buffers[in->buffer].bytes;
    struct row_use use = {.written_begin = (int64_t)r * step->output.row_bytes,
                          .written_end = ((int64_t)r + 1) * step->output.row_bytes,
                          .read_end = bytes};
    if (map->stride <= 0 || !map->out_rows) return use;
    const int64_t batch = (int64_t)(r / map->out_rows) * map->in_rows;
    const int64_t first = (int64_t)(r % map->out_rows) * map->stride - map->pad;
    use.read_begin = (batch + clamp(first, 0, map->in_rows)) * in->row_bytes;
    if (in->window_rows)
        use.read_end = clamp((batch + clamp(first + in->window_rows, 0, map->in_rows)) * in->row_bytes, 0, bytes);
    return use;
}

static struct row_use step_row_use(const struct mote_plan *plan, const struct mote_step *step,
                                   const struct mote_operand *in, uint32_t r)
{
    return is_copy(step) ? copy_row_use(step->params, r) : window_row_use(plan, step, in, r);
}

/* Does the output come to life and the input die in this step, and does each row write and read above the one before? */
static bool may_share(const struct mote_plan *plan, const struct mote_step *step, const struct mote_operand *in)
{
    const int32_t s = (int32_t)(step - plan->steps);
    if (in->buffer == MOTE_NO_BUFFER || in->buffer == step->output.buffer) return false;
    if (plan->buffers[in->buffer].last_step != s || plan->buffers[step->output.buffer].first_step != s) return false;
    /* In planes a row lies all over the tensor, and channels are done one after the other. */
    if (plan->buffers[in->buffer].planes.plane_words || plan->buffers[step->output.buffer].planes.plane_words) return false;
    if (!is_copy(step)) return true;
    const struct mk_copy *p = step->params;
    return p->in_stride[0] >= 0 && p->out_stride[0] >= 0;
}

/* Row r and all later ones read nothing below read_begin(r), and by the end of row r everything up to written_end(r) may
 * be overwritten: out + written_end(r) <= in + read_begin(r) for every row. */
static int64_t row_distance(const struct mote_plan *plan, const struct mote_step *step, const struct mote_operand *in)
{
    int64_t distance = INT64_MIN;
    for (uint32_t r = step->row_begin; r < step->row_end; r++) {
        const struct row_use use = step_row_use(plan, step, in, r);
        if (use.written_end - use.read_begin > distance) distance = use.written_end - use.read_begin;
    }
    return distance == INT64_MIN ? INT64_MAX : distance;
}

/* Rows below r read nothing from read_end(r) on, and by the end of row r, counted from the last, everything from
 * written_begin(r) on may be overwritten: out + written_begin(r) >= in + read_end(r) for every row. */
static int64_t row_distance_descending(const struct mote_plan *plan, const struct mote_step *step,
                                       const struct mote_operand *in)
{
    int64_t distance = INT64_MIN;
    for (uint32_t r = step->row_begin; r < step->row_end; r++) {
        const struct row_use use = step_row_use(plan, step, in, r);
        if (use.read_end - use.written_begin > distance) distance = use.read_end - use.written_begin;
    }
    return distance == INT64_MIN ? INT64_MAX : distance;
}

/* Element i is read before element i is written, so after writing i the elements from i + 1 on must be whole:
 * out + (i + 1) * out_bytes <= in + (i + 1) * in_bytes for i + 1 < count. An operand of another element count is
 * broadcast. Values of different widths share only if one is a byte: C lets the compiler assume that stores to one wider
 * type do not change another, and reorder them. */
static int64_t element_distance(const struct mote_plan *plan, const struct mote_step *step, int input)
{
    const int64_t out_bytes = mote_memory_type_bytes(step->kernel->out_type);
    const int64_t in_bytes = mote_memory_type_bytes(step->kernel->in_types[input]);
    const int64_t count = plan->buffers[step->output.buffer].bytes / out_bytes;
    if (plan->buffers[step->inputs[input].buffer].bytes != count * in_bytes) return INT64_MAX;
    if (out_bytes == in_bytes) return 0;
    if (out_bytes != 1 && in_bytes != 1) return INT64_MAX;
    return out_bytes < in_bytes ? out_bytes - in_bytes : (count - 1) * (out_bytes - in_bytes);
}

int64_t mote_plan_overlap_distance(const struct mote_plan *plan, const struct mote_step *step, int input)
{
    if (!may_share(plan, step, &step->inputs[input])) return INT64_MAX;
    int64_t distance = INT64_MIN; /* a buffer may be read by both operands: both must be content */
    for (int i = 0; i < 2; i++) {
        if (step->inputs[i].buffer != step->inputs[input].buffer) continue;
        const int64_t d = step->kernel->granularity == MOTE_GRANULARITY_ELEMENT
                              ? element_distance(plan, step, i)
                              : row_distance(plan, step, &step->inputs[i]);
        if (d > distance) distance = d;
    }
    return distance;
}

int64_t mote_plan_overlap_distance_descending(const struct mote_plan *plan, const struct mote_step *step, int input)
{
    /* Elementwise work overlaps exactly in ascending order, and two operands would have to agree on the direction. */
    if (step->kernel->granularity == MOTE_GRANULARITY_ELEMENT || step->kernel->input_count != 1) return INT64_MAX;
    if (!may_share(plan, step, &step->inputs[input])) return INT64_MAX;
    return row_distance_descending(plan, step, &step->inputs[input]);
}
