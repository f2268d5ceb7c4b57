/* memory.c: lifetimes of buffers, the conflicts between them, bounds on the peak, and the offsets themselves. */
#include "memory.h"

#include <inttypes.h>

/* ---- Lifetimes ---- */

static void extend_life(struct mote_plan *plan, int32_t buffer, int32_t step)
{
    if (buffer == MOTE_NO_BUFFER) return;
    struct mote_buffer *b = &plan->buffers[buffer];
    if (step < b->first_step) b->first_step = step;
    if (step > b->last_step) b->last_step = step;
}

void mote_plan_lifetimes(struct mote_plan *plan)
{
    for (int32_t i = 0; i < plan->buffer_count; i++) {
        plan->buffers[i].first_step = plan->step_count;
        plan->buffers[i].last_step = -1;
    }
    for (int32_t i = 0; i < plan->input_count; i++) extend_life(plan, plan->inputs[i], -1);
    for (int32_t s = 0; s < plan->step_count; s++) {
        extend_life(plan, plan->steps[s].output.buffer, s);
        for (int i = 0; i < 2; i++) extend_life(plan, plan->steps[s].inputs[i].buffer, s);
        if (plan->steps[s].kernel->takes_scratch) extend_life(plan, plan->steps[s].scratch, s);
    }
    for (int32_t i = 0; i < plan->output_count; i++) extend_life(plan, plan->outputs[i], plan->step_count);
}

static bool is_live(const struct mote_buffer *b, int32_t step)
{
    return b->first_step <= step && step <= b->last_step;
}

/* ---- Bounds ---- */

static int64_t round_up(int64_t x, int64_t alignment)
{
    const int64_t rest = ((x % alignment) + alignment) % alignment;
    return rest ? x + alignment - rest : x;
}

static int64_t max_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t min_of(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* How many bytes the step's output and one input can have in common, in one direction of rows. With the input t >=
 * distance bytes above the output and the two overlapping, their union is one run of max(out, t + in) - min(0, t) bytes,
 * least at the t nearest to 0: max(out, in, distance + in). Descending: the same with the roles exchanged. */
static int64_t most_common_bytes(int64_t out_bytes, int64_t in_bytes, int64_t distance, bool descending)
{
    if (distance == INT64_MAX) return 0;
    const int64_t spread = distance + (descending ? out_bytes : in_bytes);
    const int64_t least_union = max_of(max_of(out_bytes, in_bytes), spread);
    return max_of(0, out_bytes + in_bytes - least_union);
}

/* The most bytes that the step's output can have in common with the inputs that die in it. Its inputs are disjoint, so
 * the shared parts add up, to at most all of the output. */
static int64_t step_saving(const struct mote_plan *plan, int32_t s, bool descending, int64_t alignment)
{
    const struct mote_step *step = &plan->steps[s];
    const int64_t out_bytes = plan->buffers[step->output.buffer].bytes;
    int64_t saving = 0;
    for (int i = 0; i < 2; i++) {
        if (i == 1 && step->inputs[1].buffer == step->inputs[0].buffer) break;
        int64_t distance = descending ? mote_plan_overlap_distance_descending(plan, step, i)
                                      : mote_plan_overlap_distance(plan, step, i);
        if (distance == INT64_MAX) continue;
        distance = round_up(distance, alignment); /* offsets differ by multiples of it */
        saving += most_common_bytes(out_bytes, plan->buffers[step->inputs[i].buffer].bytes, distance, descending);
    }
    return min_of(saving, out_bytes);
}

/* No assignment of offsets can do with fewer bytes during the step: all live buffers are pairwise disjoint but for the
 * output and the inputs that die, whose union has at least the sum of their sizes less the saving above. All offsets are
 * multiples of the least alignment g, so each disjoint part, the union being one, takes whole units of g, except that
 * the topmost part may end within its last unit: the most that this can leave out is the largest remainder. */
static int64_t step_bound(const struct mote_plan *plan, int32_t s)
{
    int64_t alignment = INT64_MAX;
    for (int32_t i = 0; i < plan->buffer_count; i++)
        if (is_live(&plan->buffers[i], s)) alignment = min_of(alignment, plan->buffers[i].alignment_bytes);
    if (alignment == INT64_MAX) return 0;
    int64_t total = 0, united = 0, largest_rest = 0, saving = 0;
    const struct mote_step *step = s >= 0 && s < plan->step_count ? &plan->steps[s] : NULL;
    if (step) {
        saving = step_saving(plan, s, false, alignment);
        if (plan->rows_may_descend) saving = max_of(saving, step_saving(plan, s, true, alignment));
    }
    for (int32_t i = 0; i < plan->buffer_count; i++) {
        const struct mote_buffer *b = &plan->buffers[i];
        if (!is_live(b, s)) continue;
        const bool in_union = saving && (i == step->output.buffer || i == step->inputs[0].buffer ||
                                         i == step->inputs[1].buffer);
        if (in_union) {
            united += b->bytes;
        } else {
            total += round_up(b->bytes, alignment);
            largest_rest = max_of(largest_rest, round_up(b->bytes, alignment) - b->bytes);
        }
    }
    united -= saving;
    total += round_up(united, alignment);
    return total - max_of(largest_rest, round_up(united, alignment) - united);
}

static int64_t live_bytes(const struct mote_plan *plan, int32_t s)
{
    int64_t bytes = 0;
    for (int32_t i = 0; i < plan->buffer_count; i++)
        if (is_live(&plan->buffers[i], s)) bytes += plan->buffers[i].bytes;
    return bytes;
}

static uint32_t saturate(int64_t bytes)
{
    return bytes > UINT32_MAX ? UINT32_MAX : (uint32_t)bytes;
}

uint32_t mote_plan_step_bytes(const struct mote_plan *plan, int32_t step)
{
    return saturate(step_bound(plan, step));
}

/* ---- Conflicts ---- */

/* The step in which `in` is read for the last time to write `out` for the first time; NULL if there is none. *input is
 * the operand. */
static const struct mote_step *step_between(const struct mote_plan *plan, int32_t in, int32_t out, int *input)
{
    const int32_t s = plan->buffers[in].last_step;
    if (s != plan->buffers[out].first_step || s < 0 || s >= plan->step_count) return NULL;
    const struct mote_step *step = &plan->steps[s];
    if (step->output.buffer != out) return NULL;
    *input = step->inputs[0].buffer == in ? 0 : 1;
    return step->inputs[*input].buffer == in ? step : NULL;
}

/* The open interval in which offset(a) - offset(b) must not lie; false if a and b may lie anywhere. */
static bool conflict_interval(const struct mote_plan *plan, int32_t a, int32_t b, bool descending, int64_t *low,
                              int64_t *high)
{
    const struct mote_buffer *x = &plan->buffers[a], *y = &plan->buffers[b];
    if (x->first_step > y->last_step || y->first_step > x->last_step) return false;
    *low = -(int64_t)x->bytes;
    *high = y->bytes;
    int input = 0;
    const struct mote_step *step = step_between(plan, a, b, &input); /* a is the input, b the output */
    const bool a_is_input = step != NULL;
    if (!step) step = step_between(plan, b, a, &input);
    if (!step) return true;
    const int64_t below = mote_plan_overlap_distance(plan, step, input);
    const int64_t above = descending ? mote_plan_overlap_distance_descending(plan, step, input) : INT64_MAX;
    if (a_is_input) {
        *high = min_of(*high, below);
        if (above != INT64_MAX) *low = max_of(*low, -above);
    } else {
        if (below != INT64_MAX) *low = max_of(*low, -below);
        *high = min_of(*high, above);
    }
    return *low < *high;
}

static enum mote_status make_problem(const struct mote_plan *plan, bool descending, struct mote_arena *arena,
                                     struct mote_memory_problem *problem, struct mote_diag *diag)
{
    const int32_t n = plan->buffer_count;
    int64_t low, high;
    *problem = (struct mote_memory_problem){.buffers = plan->buffers, .count = n};
    problem->first = MOTE_NEW_ARRAY(arena, int32_t, (size_t)n + 1);
    if (!problem->first) return mote_error_memory(diag);
    int64_t count = 0;
    for (int32_t a = 0; a < n; a++)
        for (int32_t b = 0; b < n; b++)
            if (a != b && conflict_interval(plan, a, b, descending, &low, &high)) count++;
    problem->conflicts = count > INT32_MAX ? NULL : MOTE_NEW_ARRAY(arena, struct mote_memory_conflict, (size_t)count);
    if (!problem->conflicts) return mote_error_memory(diag);
    int32_t next = 0;
    for (int32_t a = 0; a < n; a++) {
        problem->first[a] = next;
        for (int32_t b = 0; b < n; b++)
            if (a != b && conflict_interval(plan, a, b, descending, &low, &high))
                problem->conflicts[next++] = (struct mote_memory_conflict){b, low, high};
    }
    problem->first[n] = next;
    return MOTE_OK;
}

/* ---- Assignment ---- */

/* A step runs its rows from the last to the first only where the offsets ask for it. */
static void choose_directions(struct mote_plan *plan)
{
    for (int32_t s = 0; s < plan->step_count; s++) {
        struct mote_step *step = &plan->steps[s];
        step->rows_descend = false;
        const struct mote_buffer *out = &plan->buffers[step->output.buffer];
        for (int i = 0; i < 2; i++) {
            const int32_t buffer = step->inputs[i].buffer;
            if (buffer == MOTE_NO_BUFFER) continue;
            const struct mote_buffer *in = &plan->buffers[buffer];
            const int64_t in_begin = in->offset, out_begin = out->offset;
            const bool disjoint = in_begin + in->bytes <= out_begin || out_begin + out->bytes <= in_begin;
            if (disjoint || mote_plan_overlap_distance(plan, step, i) <= in_begin - out_begin) continue;
            step->rows_descend = true;
        }
    }
}

static enum mote_status search(struct mote_plan *plan, bool descending, int64_t bound, struct mote_arena *arena,
                               int64_t *offsets, int64_t *peak, struct mote_diag *diag)
{
    struct mote_memory_problem problem;
    const enum mote_status status = make_problem(plan, descending, arena, &problem, diag);
    if (status != MOTE_OK) return status;
    problem.bound = bound;
    return mote_memory_search(&problem, arena, offsets, peak, diag);
}

static enum mote_status assign_in(struct mote_plan *plan, int64_t bound, struct mote_arena *scratch,
                                  struct mote_diag *diag)
{
    const size_t n = (size_t)plan->buffer_count;
    int64_t *offsets = MOTE_NEW_ARRAY(scratch, int64_t, n), *others = MOTE_NEW_ARRAY(scratch, int64_t, n);
    if (!offsets || !others) return mote_error_memory(diag);
    int64_t peak, other_peak;
    enum mote_status status = search(plan, false, bound, scratch, offsets, &peak, diag);
    if (status != MOTE_OK) return status;
    if (peak > bound && plan->rows_may_descend) {
        if ((status = search(plan, true, bound, scratch, others, &other_peak, diag)) != MOTE_OK) return status;
        if (other_peak < peak) {
            peak = other_peak;
            offsets = others;
        }
    }
    if (peak > UINT32_MAX)
        return mote_error(diag, MOTE_ERR_NO_FIT, "the tensors need %" PRId64 " bytes at once; no chip has so much", peak);
    for (size_t i = 0; i < n; i++) plan->buffers[i].offset = (uint32_t)offsets[i];
    plan->arena_bytes = (uint32_t)peak;
    return MOTE_OK;
}

enum mote_status mote_plan_assign(struct mote_plan *plan, struct mote_diag *diag)
{
    int64_t bound = 0, naive = 0;
    for (int32_t s = -1; s <= plan->step_count; s++) {
        bound = max_of(bound, step_bound(plan, s));
        naive = max_of(naive, live_bytes(plan, s)); /* of whole, disjoint tensors: itself a bound, rarely out of reach */
    }
    struct mote_arena scratch;
    mote_arena_init(&scratch, MOTE_ARENA_DEFAULT_LIMIT);
    const enum mote_status status = assign_in(plan, bound, &scratch, diag);
    mote_arena_free(&scratch);
    if (status != MOTE_OK) return status;
    plan->lower_bound_bytes = saturate(bound);
    plan->naive_bytes = saturate(naive);
    choose_directions(plan);
    return MOTE_OK;
}
