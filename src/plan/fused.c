/* fused.c: plans whose inputs are handed over whole, as those of whole tensors are, but some of whose steps run as streams
 * do: depth first, some rows per call, so that no tensor between them is ever whole. The steps before and behind them run
 * whole, one after the other. Which steps these are, and how many rows a call computes, trades RAM for time. */
#include "cost.h"

#include <math.h>
#include <stdlib.h>

/* Positions per call that are tried where the caller leaves them open: one row each, then what fills tiles and makes calls
 * rare. */
static const uint32_t any_positions[] = {1, 15, 20, 30, 48, 64, 96};
enum {
    MOST_POSITIONS = sizeof any_positions / sizeof any_positions[0],
    MOST_CANDIDATES = 2000,
    PLACEMENTS = 5 /* candidates that are placed, at most, before the budget is taken to be smaller */
};

struct candidate {
    uint32_t positions;
    int32_t fused_from, whole_from;
    int64_t bound;
    double cost, score;
};

/* How good a plan is; less is better. Balanced: a tenth more time must save an eighth of the RAM. */
double mote_plan_score(enum mote_plan_aim aim, double cost, double bytes)
{
    const double time_weight = 1.5;
    switch (aim) {
    case MOTE_AIM_TIME: return cost;
    case MOTE_AIM_RAM: return bytes + 1e-6 * cost / (1 + cost);
    case MOTE_AIM_BALANCE: break;
    }
    return time_weight * log(cost > 1 ? cost : 1) + log(bytes > 1 ? bytes : 1);
}

static int by_score(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? -1 : 1;
    if (x->bound != y->bound) return x->bound < y->bound ? -1 : 1;
    if (x->fused_from != y->fused_from) return x->fused_from > y->fused_from ? -1 : 1;
    if (x->whole_from != y->whole_from) return x->whole_from < y->whole_from ? -1 : 1;
    return x->positions < y->positions ? -1 : x->positions > y->positions;
}

static struct mote_stream stream_of(const struct mote_plan *plan, const struct candidate *c)
{
    const bool takes_bands = plan->target->simulator != MOTE_SIM_SIMAVR; /* mote_kernel.h: tables serve one row there */
    return (struct mote_stream){.whole_input = true, .band_positions = takes_bands ? c->positions : 0,
                                .fused_from = c->fused_from, .whole_from = c->whole_from};
}

static enum mote_status weigh(const struct mote_plan *plan, enum mote_plan_aim aim, struct candidate *c, struct mote_diag *diag)
{
    struct mote_arena scratch;
    mote_arena_init(&scratch, MOTE_ARENA_DEFAULT_LIMIT);
    struct mote_stream stream = stream_of(plan, c);
    enum mote_status status = mote_stream_divide_buffers(plan, &stream, &scratch, diag);
    if (status == MOTE_OK) status = mote_stream_weigh(plan, &stream, c->whole_from, &c->bound, &c->cost);
    if (status == MOTE_OK) c->score = mote_plan_score(aim, c->cost, (double)c->bound);
    mote_arena_free(&scratch);
    return status;
}

/* What the steps that are not fused need at least. */
static uint32_t outside_bytes(const struct mote_plan *plan, int32_t fused_from, int32_t whole_from)
{
    uint32_t most = 0;
    for (int32_t s = 0; s < plan->step_count; s++) {
        if (fused_from <= s && s < whole_from) continue;
        const uint32_t bytes = mote_plan_step_bytes(plan, s);
        if (bytes > most) most = bytes;
    }
    return most;
}

static enum mote_status add_candidates(const struct mote_plan *plan, const struct mote_fused_wanted *wanted,
                                       int32_t fused_from, int32_t whole_from, struct candidate *list, int32_t *count,
                                       struct mote_diag *diag)
{
    const bool one = wanted->positions || plan->target->simulator == MOTE_SIM_SIMAVR;
    for (int p = 0; p < (one ? 1 : MOST_POSITIONS) && *count < MOST_CANDIDATES; p++) {
        struct candidate *c = &list[*count];
        *c = (struct candidate){.positions = wanted->positions ? wanted->positions : any_positions[p],
                                .fused_from = fused_from, .whole_from = whole_from};
        const enum mote_status status = weigh(plan, wanted->aim, c, diag);
        if (status == MOTE_ERR_MEMORY) return mote_error_memory(diag);
        if (status != MOTE_OK || (wanted->most_cost > 0 && c->cost > wanted->most_cost)) continue;
        if (!wanted->budget_bytes || c->bound <= wanted->budget_bytes) (*count)++;
    }
    return MOTE_OK;
}

/* Candidates whose bound is within the budget, the best first: all that may need less than whole tensors do. */
static enum mote_status find_candidates(const struct mote_plan *plan, const struct mote_fused_wanted *wanted,
                                        struct candidate *list, int32_t *count, struct mote_diag *diag)
{
    const uint32_t budget = wanted->budget_bytes ? wanted->budget_bytes : UINT32_MAX;
    *count = 0;
    for (int32_t from = 0; from < plan->step_count; from++)
        for (int32_t to = from + 1; to <= plan->step_count; to++) {
            const uint32_t outside = outside_bytes(plan, from, to);
            const bool all = from == 0 && to == plan->step_count;
            if (outside > budget || (!all && outside >= plan->arena_bytes)) continue;
            const enum mote_status status = add_candidates(plan, wanted, from, to, list, count, diag);
            if (status != MOTE_OK) return status;
        }
    qsort(list, (size_t)*count, sizeof *list, by_score);
    return MOTE_OK;
}

/* Steps as they were lowered; the stream's rings are set in the parameters. */
static enum mote_status prepare(const struct mote_graph *graph, const struct mote_target *target,
                                struct mote_plan_wishes wishes, struct mote_arena *arena, struct mote_plan **plan,
                                struct mote_diag *diag)
{
    wishes.row_by_row = target->simulator == MOTE_SIM_SIMAVR;
    wishes.no_scratch = true;
    enum mote_status status = mote_plan_build_with(graph, target, wishes, arena, plan, diag);
    if (status != MOTE_OK) return status;
    if ((status = mote_stream_accumulate(*plan, diag)) != MOTE_OK) return status;
    for (int32_t s = 0; s < (*plan)->step_count; s++) (*plan)->steps[s].rows_descend = false;
    mote_plan_lifetimes(*plan);
    return MOTE_OK;
}

static enum mote_status build_as(const struct mote_graph *graph, const struct mote_target *target,
                                 struct mote_plan_wishes wishes, const struct candidate *c, struct mote_arena *arena,
                                 struct mote_plan **result, struct mote_diag *diag)
{
    struct mote_plan *plan = NULL;
    enum mote_status status = prepare(graph, target, wishes, arena, &plan, diag);
    if (status != MOTE_OK) return status;
    struct mote_stream divided = stream_of(plan, c);
    if ((status = mote_stream_divide(plan, &divided, diag)) != MOTE_OK) return status;
    if ((status = mote_stream_finish_at(plan, &divided, c->whole_from, diag)) != MOTE_OK) return status;
    *result = plan;
    return MOTE_OK;
}

/* Plans that differ only in what makes no difference: steps that run whole or in one call, wider bands than there are rows. */
static bool are_alike(const struct candidate *a, const struct candidate *b)
{
    const double little = 0.01 * a->cost;
    return a->bound == b->bound && b->cost - a->cost < little && a->cost - b->cost < little;
}

/* The best of the candidates with a bound of at most `bound` that are placed within the budget; NULL: none of those tried. */
static enum mote_status build_best(const struct mote_graph *graph, const struct mote_target *target,
                                   struct mote_plan_wishes wishes, const struct mote_fused_wanted *wanted,
                                   const struct candidate *list, int32_t count, int64_t bound, struct mote_arena *arena,
                                   struct mote_plan **best)
{
    double least = wanted->score_to_beat > 0 ? wanted->score_to_beat : INFINITY;
    double growth = 1; /* half of that of what was placed last over its bound: rows that die apart leave holes everywhere */
    struct mote_plan *other;
    for (int32_t i = 0, last = -1, tried = 0; i < count && tried < PLACEMENTS && list[i].score < least; i++) {
        if (list[i].bound > bound || (last >= 0 && are_alike(&list[last], &list[i]))) continue;
        if (mote_plan_score(wanted->aim, list[i].cost, growth * (double)list[i].bound) >= least) continue;
        last = i;
        const enum mote_status status = build_as(graph, target, wishes, &list[i], arena, &other, NULL); /* warnings have been given */
        if (status == MOTE_ERR_MEMORY) return status;
        tried++;
        if (status == MOTE_OK && other->arena_bytes > list[i].bound) growth = 1 + 0.5 * (other->arena_bytes / (double)list[i].bound - 1);
        if (status != MOTE_OK || (wanted->budget_bytes && other->arena_bytes > wanted->budget_bytes)) continue;
        const double score = mote_plan_score(wanted->aim, list[i].cost, other->arena_bytes);
        if (score >= least) continue;
        least = score;
        *best = other;
    }
    return MOTE_OK;
}

enum mote_status mote_plan_build_fused_with(const struct mote_graph *graph, const struct mote_target *target,
                                            struct mote_plan_wishes wishes, const struct mote_fused_wanted *wanted,
                                            struct mote_arena *arena, struct mote_plan **result, struct mote_diag *diag)
{
    static const int64_t percent[] = {100, 92, 80, 60}; /* of the budget: places are not always found at the bound */
    struct mote_plan *plan = NULL, *best = NULL;
    enum mote_status status = prepare(graph, target, wishes, arena, &plan, diag);
    if (status != MOTE_OK) return status;
    struct candidate *list = MOTE_NEW_ARRAY(arena, struct candidate, MOST_CANDIDATES + 1);
    if (!list) return mote_error_memory(diag);
    int32_t count;
    if ((status = find_candidates(plan, wanted, list, &count, diag)) != MOTE_OK) return status;
    const size_t tries = wanted->score_to_beat > 0 ? 1 : sizeof percent / sizeof percent[0]; /* there is a plan that fits */
    for (size_t i = 0; i < tries && !best; i++) {
        const int64_t bound = wanted->budget_bytes ? wanted->budget_bytes * percent[i] / 100 : INT64_MAX;
        status = build_best(graph, target, wishes, wanted, list, count, bound, arena, &best);
        if (status != MOTE_OK) return mote_error_memory(diag);
    }
    if (!best) return mote_error(diag, MOTE_ERR_UNSUPPORTED, "no fused plan needs so little RAM");
    *result = best;
    return MOTE_OK;
}
