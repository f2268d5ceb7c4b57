/* What else could have been chosen: every schedule that the model allows, with its RAM and its work. */
#include "info.h"

#include "../plan/stream.h"

struct list {
    struct mote *mote;
    struct mote_plan_alternative *items;
    size_t count;
};

static enum mote_status plan_as(struct mote *mote, enum mote_schedule schedule, uint32_t strips, uint32_t below_bytes,
                                struct mote_arena *arena, struct mote_plan **plan)
{
    const struct mote_plan_wishes wishes = {.steady_time = mote->plan->steady_time,
                                            .plain_kernels = mote->plan->plain_kernels};
    const struct mote_strips_wanted wanted = {.count = strips, .below_bytes = below_bytes};
    const struct mote_target *target = mote->plan->target;
    if (schedule == MOTE_SCHEDULE_SLIDE) return mote_plan_build_slide_with(mote->graph, target, wishes, arena, plan, NULL);
    if (schedule == MOTE_SCHEDULE_STREAM) return mote_plan_build_stream_with(mote->graph, target, wishes, arena, plan, NULL);
    if (schedule == MOTE_SCHEDULE_STRIPS)
        return mote_plan_build_strips_with(mote->graph, target, wishes, &wanted, arena, plan, NULL);
    return mote_plan_build_with(mote->graph, target, wishes, arena, plan, NULL);
}

static uint32_t left_bytes(const struct mote_plan *plan)
{
    const struct mote_target *const target = plan->target;
    return target->simulator == MOTE_SIM_HOST || plan->arena_bytes > target->ram_bytes ? 0 : target->ram_bytes - plan->arena_bytes;
}

static struct mote_plan_alternative describe(const struct mote *mote, const struct mote_plan *plan,
                                             enum mote_schedule schedule, uint32_t strips)
{
    return (struct mote_plan_alternative){
        .schedule = schedule,
        .strips = strips,
        .arena_bytes = plan->arena_bytes,
        .lower_bound_bytes = plan->lower_bound_bytes,
        .macs = plan->macs,
        .table_bytes = plan->stream ? mote_stream_table_bytes(plan) : 0,
        .fits = mote_plan_check_fit(plan, NULL) == MOTE_OK,
        .missing_bytes = mote_plan_missing_ram(plan),
        .left_bytes = left_bytes(plan),
        .is_chosen = schedule == mote->plan_info->schedule && strips == mote->plan_info->strips,
    };
}

/* Adds the schedule; MOTE_ERR_UNSUPPORTED if the model does not allow it. The chosen plan stands for itself. */
static enum mote_status add(struct list *list, enum mote_schedule schedule, uint32_t strips, uint32_t below_bytes)
{
    struct mote *mote = list->mote;
    struct mote_arena scratch;
    struct mote_plan *plan = mote->plan;
    enum mote_status status = MOTE_OK;
    mote_arena_init(&scratch, MOTE_ARENA_DEFAULT_LIMIT);
    if (schedule != mote->plan_info->schedule || strips != mote->plan_info->strips)
        status = plan_as(mote, schedule, strips, below_bytes, &scratch, &plan);
    if (status == MOTE_OK) list->items[list->count++] = describe(mote, plan, schedule, strips);
    mote_arena_free(&scratch);
    return status;
}

static uint32_t least_bytes(const struct list *list)
{
    uint32_t least = UINT32_MAX;
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].schedule != MOTE_SCHEDULE_SLIDE && list->items[i].arena_bytes < least) least = list->items[i].arena_bytes;
    return least;
}

/* Numbers of strips that save RAM, and the chosen one. */
static enum mote_status add_strips(struct list *list)
{
    uint32_t in_vain = 0; /* numbers in a row */
    for (uint32_t n = 2; n <= MOTE_MOST_STRIPS && list->count < MOTE_PLAN_ALTERNATIVES; n++) {
        if (in_vain == 2 && n > list->mote->plan_info->strips) break;
        const uint32_t before = least_bytes(list);
        const enum mote_status status = add(list, MOTE_SCHEDULE_STRIPS, n, before);
        in_vain++;
        if (status == MOTE_ERR_UNSUPPORTED) continue;
        if (status != MOTE_OK) return status;
        const struct mote_plan_alternative *last = &list->items[list->count - 1];
        if (last->arena_bytes < before) in_vain = 0;
        else if (!last->is_chosen) list->count--;
    }
    return MOTE_OK;
}

enum mote_status mote_plan_alternatives(struct mote *mote, bool with_strips,
                                        struct mote_plan_alternative alternatives[MOTE_PLAN_ALTERNATIVES], size_t *count)
{
    enum mote_status needs = mote_session_needs_plan(mote);
    if (needs == MOTE_OK) needs = mote_session_needs_model(mote, "comparing schedules");
    if (needs != MOTE_OK) return needs;
    struct list list = {.mote = mote, .items = alternatives};
    const bool may_stream = mote->graph->input_count == 1;
    const uint32_t chosen_strips = mote->plan_info->strips;
    enum mote_status status = add(&list, MOTE_SCHEDULE_WHOLE, 0, 0);
    if (status != MOTE_ERR_MEMORY && mote->plan_info->schedule == MOTE_SCHEDULE_FUSED)
        status = add(&list, MOTE_SCHEDULE_FUSED, 0, 0);
    if (may_stream && status != MOTE_ERR_MEMORY) status = add(&list, MOTE_SCHEDULE_STREAM, 0, 0);
    if (may_stream && status != MOTE_ERR_MEMORY && with_strips) status = add_strips(&list);
    else if (status != MOTE_ERR_MEMORY && chosen_strips) status = add(&list, MOTE_SCHEDULE_STRIPS, chosen_strips, 0);
    if (may_stream && status != MOTE_ERR_MEMORY && list.count < MOTE_PLAN_ALTERNATIVES) status = add(&list, MOTE_SCHEDULE_SLIDE, 0, 0);
    if (status == MOTE_ERR_MEMORY) return mote_error_memory(&mote->diag);
    *count = list.count;
    return MOTE_OK;
}
