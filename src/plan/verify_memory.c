/* verify_memory.c: a plan, run on tags. Every arena byte is tagged with the buffer and the byte of it that was written
 * there last. Steps are walked row by row (elementwise kernels element by element) with the freedom that the kernels'
 * contract gives them: while an output row is being written, any input row it may still need is read, early or late. */
#include "verify.h"

#include <inttypes.h>

#define NOBODY (-1)

struct tags {
    struct mote_plan_check *check;
    int32_t *owners;   /* per arena byte: a buffer or NOBODY */
    uint32_t *indices; /* which byte of that buffer */
};

struct range { /* of arena addresses */
    int64_t begin, end;
};

static bool intersect(struct range a, struct range b)
{
    return a.begin < b.end && b.begin < a.end;
}

static int64_t clamp(int64_t x, int64_t low, int64_t high)
{
    return x < low ? low : x > high ? high : x;
}

/* Where byte `index` of a buffer lies. The one place to change when a buffer becomes a ring of fewer rows than its
 * tensor: the address wraps, the index (and so the tag) does not. */
static int64_t address_of(const struct tags *tags, int32_t buffer, int64_t index)
{
    return tags->check->plan->buffers[buffer].offset + index;
}

static void write_bytes(struct tags *tags, int32_t buffer, int64_t begin, int64_t end)
{
    for (int64_t i = begin; i < end; i++) {
        const int64_t address = address_of(tags, buffer, i);
        tags->owners[address] = buffer;
        tags->indices[address] = (uint32_t)i;
    }
}

/* Reports the first byte that is not what the reader expects; false if there is one. */
static bool read_bytes(struct tags *tags, const char *reader, int32_t buffer, int64_t begin, int64_t end)
{
    const struct mote_plan *plan = tags->check->plan;
    for (int64_t i = begin; i < end; i++) {
        const int64_t address = address_of(tags, buffer, i);
        if (tags->owners[address] == buffer && tags->indices[address] == i) continue;
        tags->check->error_count++;
        const int32_t owner = tags->owners[address];
        const char *name = plan->buffers[buffer].name;
        if (owner == NOBODY)
            (void)mote_error(tags->check->diag, MOTE_ERR_INPUT,
                             "plan: %s reads byte %" PRId64 " of \"%s\", which nothing has written", reader, i, name);
        else
            (void)mote_error(tags->check->diag, MOTE_ERR_INPUT,
                             "plan: %s reads byte %" PRId64 " of \"%s\", but \"%s\" has been written there", reader, i,
                             name, plan->buffers[owner].name);
        return false;
    }
    return true;
}

/* An output about to be written over input bytes that are still needed. */
static bool fail_overlap(struct tags *tags, const struct mote_step *step, int input, int64_t row)
{
    const struct mote_plan *plan = tags->check->plan;
    tags->check->error_count++;
    (void)mote_error(tags->check->diag, MOTE_ERR_INPUT,
                     "plan: %s writes row %" PRId64 " of \"%s\" over bytes of \"%s\" that it still needs", step->name, row,
                     plan->buffers[step->output.buffer].name, plan->buffers[step->inputs[input].buffer].name);
    return false;
}

/* ---- Kernels that work row by row ---- */

/* The bytes of the input that must be whole while output row r is being written: those that r and the rows after it in
 * the step's direction may read. */
static struct range needed_in_row(const struct mote_plan *plan, const struct mote_step *step, int input, int64_t r)
{
    const struct mote_operand *in = &step->inputs[input];
    struct range needed = {0, plan->buffers[in->buffer].bytes};
    if (in->rows.stride == 0) return needed;
    const int64_t batch = r / in->rows.out_rows * in->rows.in_rows;
    const int64_t y = r % in->rows.out_rows * in->rows.stride - in->rows.pad;
    if (!step->rows_descend)
        needed.begin = (batch + clamp(y, 0, in->rows.in_rows)) * in->row_bytes;
    else if (in->window_rows)
        needed.end = (batch + clamp(y + in->window_rows, 0, in->rows.in_rows)) * in->row_bytes;
    return needed;
}

static struct range to_addresses(const struct tags *tags, int32_t buffer, struct range bytes)
{
    return (struct range){address_of(tags, buffer, bytes.begin), address_of(tags, buffer, bytes.end)};
}

/* In planes a row lies all over the tensor. */
static struct range written_in_row(const struct mote_plan *plan, const struct mote_step *step, int64_t r)
{
    const struct mote_buffer *out = &plan->buffers[step->output.buffer];
    if (out->planes.plane_words) return (struct range){0, out->bytes};
    return (struct range){r * step->output.row_bytes, (r + 1) * step->output.row_bytes};
}

static bool run_row(struct tags *tags, const struct mote_step *step, int64_t r)
{
    const struct range written = written_in_row(tags->check->plan, step, r);
    for (int i = 0; i < step->kernel->input_count; i++) {
        const struct range needed = needed_in_row(tags->check->plan, step, i, r);
        if (needed.begin < needed.end && intersect(to_addresses(tags, step->output.buffer, written),
                                                   to_addresses(tags, step->inputs[i].buffer, needed)))
            return fail_overlap(tags, step, i, r);
    }
    write_bytes(tags, step->output.buffer, written.begin, written.end);
    return true;
}

/* The kernel may write all of its scratch memory at any time: before it reads, and between two rows of outputs. */
static bool use_scratch(struct tags *tags, const struct mote_step *step)
{
    const struct mote_plan *plan = tags->check->plan;
    const struct range all = {0, plan->buffers[step->scratch].bytes};
    const struct range written = {(int64_t)step->row_begin * step->output.row_bytes,
                                  (int64_t)step->row_end * step->output.row_bytes};
    write_bytes(tags, step->scratch, all.begin, all.end);
    if (!intersect(to_addresses(tags, step->scratch, all), to_addresses(tags, step->output.buffer, written))) return true;
    tags->check->error_count++;
    (void)mote_error(tags->check->diag, MOTE_ERR_INPUT, "plan: %s has scratch memory that overlaps its output", step->name);
    return false;
}

static bool run_rows(struct tags *tags, const struct mote_step *step)
{
    const int64_t count = (int64_t)step->row_end - step->row_begin;
    if (step->kernel->takes_scratch && !use_scratch(tags, step)) return false;
    for (int i = 0; count && i < step->kernel->input_count; i++) {
        const int64_t r = step->rows_descend ? step->row_end - 1 : step->row_begin;
        const struct range needed = needed_in_row(tags->check->plan, step, i, r);
        if (!read_bytes(tags, step->name, step->inputs[i].buffer, needed.begin, needed.end)) return false;
    }
    for (int64_t k = 0; k < count; k++)
        if (!run_row(tags, step, step->rows_descend ? step->row_end - 1 - k : step->row_begin + k)) return false;
    return true;
}

/* ---- Elementwise kernels ---- */

static int64_t type_bytes(const char *c_type)
{
    static const struct {
        const char *name;
        int64_t bytes;
    } types[] = {{"int8_t", 1},   {"uint8_t", 1},  {"int16_t", 2}, {"uint16_t", 2},
                 {"int32_t", 4},  {"uint32_t", 4}, {"float", 4},   {"int64_t", 8}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        const char *a = types[i].name, *b = c_type;
        while (*a && *a == *b) a++, b++;
        if (*a == *b) return types[i].bytes;
    }
    return 1;
}

/* How many leading elements of the input may be gone once element i has been written: i + 1 where the elements
 * correspond, none where the input is broadcast or where C forbids the two types to share memory. */
static int64_t elements_released(const struct mote_plan *plan, const struct mote_step *step, int input, int64_t i)
{
    const int64_t out_bytes = type_bytes(step->kernel->out_type), in_bytes = type_bytes(step->kernel->in_types[input]);
    const int64_t out_all = plan->buffers[step->output.buffer].bytes;
    const int64_t in_all = plan->buffers[step->inputs[input].buffer].bytes;
    if (out_all / out_bytes * in_bytes != in_all) return 0;
    if (in_bytes != out_bytes && in_bytes != 1 && out_bytes != 1) return 0;
    return i + 1;
}

static bool run_elements(struct tags *tags, const struct mote_step *step)
{
    const struct mote_plan *plan = tags->check->plan;
    const int64_t out_bytes = type_bytes(step->kernel->out_type);
    const int64_t begin = (int64_t)step->row_begin * step->output.row_bytes / out_bytes;
    const int64_t end = (int64_t)step->row_end * step->output.row_bytes / out_bytes;
    for (int k = 0; k < step->kernel->input_count; k++)
        if (!read_bytes(tags, step->name, step->inputs[k].buffer, 0, plan->buffers[step->inputs[k].buffer].bytes))
            return false;
    for (int k = 0; k < step->kernel->input_count; k++) {
        const int64_t in_bytes = type_bytes(step->kernel->in_types[k]);
        const int64_t in_all = plan->buffers[step->inputs[k].buffer].bytes;
        for (int64_t i = begin; i < end; i++) {
            const struct range needed = {elements_released(plan, step, k, i) * in_bytes, in_all};
            const struct range written = {i * out_bytes, (i + 1) * out_bytes};
            if (needed.begin < needed.end && intersect(to_addresses(tags, step->output.buffer, written),
                                                       to_addresses(tags, step->inputs[k].buffer, needed)))
                return fail_overlap(tags, step, k, i * out_bytes / step->output.row_bytes);
        }
    }
    write_bytes(tags, step->output.buffer, begin * out_bytes, end * out_bytes);
    return true;
}

/* ---- Copies ---- */

/* One row of a copy: writes its elements' tags, or reads and checks them. */
static bool touch_copy_row(struct tags *tags, const struct mote_step *step, int64_t row, bool is_write)
{
    const struct mk_copy *p = step->params;
    const int32_t *stride = is_write ? p->out_stride : p->in_stride;
    const int64_t start = (is_write ? p->out_start : p->in_start) + row * stride[0];
    const int32_t buffer = is_write ? step->output.buffer : step->inputs[0].buffer;
    for (int64_t a = 0; a < p->size[1]; a++)
        for (int64_t b = 0; b < p->size[2]; b++)
            for (int64_t c = 0; c < p->size[3]; c++)
                for (int64_t d = 0; d < p->size[4]; d++) {
                    const int64_t at = start + a * stride[1] + b * stride[2] + c * stride[3] + d * stride[4];
                    if (is_write) write_bytes(tags, buffer, at, at + p->element_bytes);
                    else if (!read_bytes(tags, step->name, buffer, at, at + p->element_bytes)) return false;
                }
    return true;
}

/* A row may be written before all of it has been read, so its reads are checked after its writes. */
static bool run_copy(struct tags *tags, const struct mote_step *step)
{
    const int64_t count = (int64_t)step->row_end - step->row_begin;
    for (int64_t k = 0; k < count; k++) {
        const int64_t row = step->rows_descend ? step->row_end - 1 - k : step->row_begin + k;
        (void)touch_copy_row(tags, step, row, true);
        if (!touch_copy_row(tags, step, row, false)) return false;
    }
    return true;
}

/* ---- The whole run ---- */

static void run_plan(struct tags *tags)
{
    const struct mote_plan *plan = tags->check->plan;
    for (int64_t i = 0; i < plan->arena_bytes; i++) tags->owners[i] = NOBODY;
    for (int32_t i = 0; i < plan->input_count; i++)
        write_bytes(tags, plan->inputs[i], 0, plan->buffers[plan->inputs[i]].bytes);
    for (int32_t s = 0; s < plan->step_count; s++) {
        const struct mote_step *step = &plan->steps[s];
        const bool is_right = mote_verify_is_copy(step)                                   ? run_copy(tags, step)
                              : step->kernel->granularity == MOTE_GRANULARITY_ELEMENT ? run_elements(tags, step)
                                                                                      : run_rows(tags, step);
        if (!is_right) return; /* what follows would only repeat it */
    }
    for (int32_t i = 0; i < plan->output_count; i++)
        (void)read_bytes(tags, "the application", plan->outputs[i], 0, plan->buffers[plan->outputs[i]].bytes);
}

enum mote_status mote_verify_memory(struct mote_plan_check *check)
{
    const size_t bytes = check->plan->arena_bytes;
    struct mote_arena scratch;
    mote_arena_init(&scratch, MOTE_ARENA_DEFAULT_LIMIT);
    struct tags tags = {.check = check};
    tags.owners = MOTE_NEW_ARRAY(&scratch, int32_t, bytes);
    tags.indices = MOTE_NEW_ARRAY(&scratch, uint32_t, bytes);
    const bool ready = tags.owners && tags.indices;
    if (ready) run_plan(&tags);
    mote_arena_free(&scratch);
    if (!ready) return mote_error_memory(check->diag);
    return check->error_count ? MOTE_ERR_INPUT : MOTE_OK;
}
