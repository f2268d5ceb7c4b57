#include "stream.h"

#include <inttypes.h>
#include <stdio.h>

/* What a compiled model needs besides tensors and constants, at least: RAM for the stack and flash for start-up and
 * kernels. Deliberately low, since this check must not refuse what would fit; the exact check follows when the
 * image is built. */
enum { LEAST_STACK_BYTES = 96, LEAST_CODE_BYTES = 1024 };

bool mote_plan_takes_scratch(const struct mote_plan *plan)
{
    for (int32_t s = 0; s < plan->step_count; s++)
        if (plan->steps[s].kernel->takes_scratch) return true;
    return false;
}

bool mote_plan_is_tight(const struct mote_plan *plan)
{
    enum { USUAL_STACK_BYTES = 768 }; /* of everything else */
    const uint64_t arena = plan->arena_bytes, ram = plan->target->ram_bytes;
    return plan->kernel_stack_bytes > 0 && (arena + LEAST_STACK_BYTES <= ram || mote_plan_takes_scratch(plan)) &&
           arena + plan->kernel_stack_bytes + USUAL_STACK_BYTES > ram;
}

uint32_t mote_plan_live_bytes(const struct mote_plan *plan, int32_t step)
{
    uint32_t top = 0;
    for (int32_t i = 0; i < plan->buffer_count; i++) {
        const struct mote_buffer *b = &plan->buffers[i];
        if (b->first_step <= step && b->last_step >= step && b->offset + b->bytes > top) top = b->offset + b->bytes;
    }
    return top;
}

int32_t mote_plan_peak_step(const struct mote_plan *plan)
{
    int32_t peak = 0;
    uint32_t most = 0;
    if (plan->stream) return mote_stream_peak_step(plan);
    for (int32_t i = 0; i < plan->step_count; i++) {
        const uint32_t needed = mote_plan_step_bytes(plan, i);
        if (needed > most) {
            most = needed;
            peak = i;
        }
    }
    return peak;
}

void mote_plan_spread(struct mote_plan *plan)
{
    uint32_t offset = 0;
    for (int32_t i = 0; i < plan->buffer_count; i++) {
        plan->buffers[i].offset = offset;
        offset += (plan->buffers[i].bytes + 15) & ~UINT32_C(15);
    }
    plan->arena_bytes = offset;
}

size_t mote_plan_step_constant_bytes(const struct mote_plan *plan, const struct mote_step *step)
{
    size_t bytes = 0;
    for (int i = 0; i < MOTE_MAX_CONSTANTS; i++)
        if (step->constants[i] >= 0) {
            const struct mote_constant *c = &plan->constants[step->constants[i]];
            bytes += c->count * mote_field_value_bytes(c->kind);
        }
    return bytes;
}

static bool holds(const struct mote_target *target, const struct mote_plan *plan)
{
    return (uint64_t)plan->arena_bytes + LEAST_STACK_BYTES <= target->ram_bytes &&
           (uint64_t)plan->constant_bytes + LEAST_CODE_BYTES <= target->flash_bytes;
}

/* The target with the least RAM, then flash, among those that hold the plan; arena and constants hardly depend on it. */
static const struct mote_target *smallest_that_holds(const struct mote_plan *plan)
{
    size_t count;
    const struct mote_target *const *all = mote_target_all(&count);
    const struct mote_target *best = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct mote_target *t = all[i];
        if (t->simulator == MOTE_SIM_HOST || !holds(t, plan)) continue;
        if (!best || t->ram_bytes < best->ram_bytes ||
            (t->ram_bytes == best->ram_bytes && t->flash_bytes < best->flash_bytes))
            best = t;
    }
    return best;
}

uint32_t mote_plan_missing_ram(const struct mote_plan *plan)
{
    const uint64_t needed = (uint64_t)plan->arena_bytes + LEAST_STACK_BYTES, there = plan->target->ram_bytes;
    return plan->target->simulator == MOTE_SIM_HOST || needed <= there ? 0 : (uint32_t)(needed - there);
}

uint32_t mote_plan_missing_flash(const struct mote_plan *plan)
{
    const uint64_t needed = (uint64_t)plan->constant_bytes + LEAST_CODE_BYTES, there = plan->target->flash_bytes;
    return plan->target->simulator == MOTE_SIM_HOST || needed <= there ? 0 : (uint32_t)(needed - there);
}

enum mote_status mote_plan_check_fit(const struct mote_plan *plan, struct mote_diag *diag)
{
    const struct mote_target *target = plan->target;
    if (target->simulator == MOTE_SIM_HOST || holds(target, plan)) return MOTE_OK;
    const struct mote_target *larger = smallest_that_holds(plan);
    char advice[160];
    if (larger)
        snprintf(advice, sizeof advice, "the smallest listed target that would do is %s (%" PRIu32 " bytes of RAM, %" PRIu32 " of flash)",
                 larger->name, larger->ram_bytes, larger->flash_bytes);
    else
        snprintf(advice, sizeof advice, "no listed target is large enough");

    if ((uint64_t)plan->arena_bytes + LEAST_STACK_BYTES > target->ram_bytes) {
        const struct mote_step *step = &plan->steps[mote_plan_peak_step(plan)];
        struct mote_where where = {-1, NULL, NULL};
        if (plan->graph) where = mote_where_op(plan->graph, &plan->graph->ops[step->op], step->tensor);
        return mote_error_at(diag, MOTE_ERR_NO_FIT, where,
                             "does not fit %s: this layer needs %" PRIu32 " bytes of RAM for tensors (and at least %d for "
                             "the stack), the chip has %" PRIu32 ", %" PRIu32 " too few; %s",
                             target->name, plan->arena_bytes, LEAST_STACK_BYTES, target->ram_bytes,
                             plan->arena_bytes + LEAST_STACK_BYTES - target->ram_bytes, advice);
    }
    int32_t largest = 0;
    for (int32_t i = 1; i < plan->step_count; i++)
        if (mote_plan_step_constant_bytes(plan, &plan->steps[i]) > mote_plan_step_constant_bytes(plan, &plan->steps[largest])) largest = i;
    const struct mote_step *step = &plan->steps[largest];
    struct mote_where where = {-1, NULL, NULL};
    if (plan->graph) where = mote_where_op(plan->graph, &plan->graph->ops[step->op], step->tensor);
    return mote_error_at(diag, MOTE_ERR_NO_FIT, where,
                         "does not fit %s: weights and tables need %zu bytes of flash (this layer, the largest, %zu) "
                         "besides code, the chip has %" PRIu32 "; %s",
                         target->name, plan->constant_bytes, mote_plan_step_constant_bytes(plan, step), target->flash_bytes, advice);
}
