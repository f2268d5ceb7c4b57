/* memory_repair.c: lowers the peak of a solution by placing a few buffers anew at a time.
 *
 * The search over orders (memory_search.c) places everything for every trial. Where hundreds of rows come and go, what
 * keeps the peak up is a matter of a short time. So: aim at a height just below the peak; take a buffer that reaches above
 * it and all others that live about then, or some of them, out of the arena; put them back in another order, each at the lowest
 * or at the highest place that is free below the aim; keep that if no more bytes than before lie above the aim. ("Ruin
 * and recreate", Schrimpf et al., Journal of Computational Physics 159, 2000.) */
#include "memory.h"

#include <string.h>

enum { MOST_RUINED = 48, STEPS = 64 /* the aim comes down by so much of what is above the bound */ };

struct repair {
    const struct mote_memory_problem *problem;
    int64_t *offsets; /* -1: taken out */
    struct mote_memory_range *ranges;
    int64_t aim, work, work_limit;
    struct mote_random random;
};

struct ruin {
    int32_t buffers[MOST_RUINED];
    int64_t offsets[MOST_RUINED], keys[MOST_RUINED];
    int32_t count;
};

/* An offset that nothing excludes: the first one upwards from 0, or downwards from the highest at which the buffer ends below
 * the aim, if there is one. */
static int64_t find_place(struct repair *repair, int32_t buffer, bool downwards)
{
    const struct mote_memory_problem *problem = repair->problem;
    const int64_t highest = repair->aim - problem->buffers[buffer].bytes;
    int64_t offset = -1;
    if (downwards) offset = mote_memory_find_free(problem, repair->offsets, buffer, highest, true, repair->ranges, &repair->work);
    if (offset < 0) offset = mote_memory_find_free(problem, repair->offsets, buffer, 0, false, repair->ranges, &repair->work);
    return offset;
}

static int64_t excess_of(const struct repair *repair, int32_t buffer)
{
    const int64_t excess = repair->offsets[buffer] + repair->problem->buffers[buffer].bytes - repair->aim;
    return excess > 0 ? excess : 0;
}

/* Some buffer above the aim, or -1. */
static int32_t find_above(struct repair *repair)
{
    const int32_t n = repair->problem->count;
    repair->work += n / 4 + 1;
    int32_t b = (int32_t)mote_random_below(&repair->random, (uint32_t)n);
    for (int32_t i = 0; i < n; i++, b = b + 1 == n ? 0 : b + 1)
        if (excess_of(repair, b)) return b;
    return -1;
}

/* Takes out the buffer and others that live at one time with it. */
static int64_t take_out(struct repair *repair, int32_t above, struct ruin *ruin)
{
    const struct mote_memory_problem *problem = repair->problem;
    const struct mote_buffer *b = &problem->buffers[above];
    const int32_t at = b->first_step + (int32_t)mote_random_below(&repair->random, (uint32_t)(b->last_step - b->first_step + 1));
    const int32_t reach = (int32_t)mote_random_below(&repair->random, 24);
    const uint32_t most = 3 + mote_random_below(&repair->random, MOST_RUINED - 3);
    int64_t excess = excess_of(repair, above);
    ruin->buffers[0] = above;
    ruin->offsets[0] = repair->offsets[above];
    ruin->count = 1;
    const int32_t begin = problem->first[above], conflicts = problem->first[above + 1] - begin;
    int32_t i = conflicts ? (int32_t)mote_random_below(&repair->random, (uint32_t)conflicts) : 0;
    for (int32_t k = 0; k < conflicts && (uint32_t)ruin->count < most; k++, i = i + 1 == conflicts ? 0 : i + 1) {
        const int32_t other = problem->conflicts[begin + i].other;
        const struct mote_buffer *o = &problem->buffers[other];
        if (o->first_step > at + reach || o->last_step < at - reach) continue;
        excess += excess_of(repair, other);
        ruin->buffers[ruin->count] = other;
        ruin->offsets[ruin->count++] = repair->offsets[other];
    }
    for (int32_t k = 0; k < ruin->count; k++) repair->offsets[ruin->buffers[k]] = -1;
    return excess;
}

static void put_back(struct repair *repair, const struct ruin *ruin)
{
    for (int32_t k = 0; k < ruin->count; k++) repair->offsets[ruin->buffers[k]] = ruin->offsets[k];
}

/* By size, by life or by both, more or less. */
static void sort_ruined(struct repair *repair, struct ruin *ruin)
{
    const uint32_t way = mote_random_below(&repair->random, 4);
    for (int32_t k = 0; k < ruin->count; k++) {
        const struct mote_buffer *b = &repair->problem->buffers[ruin->buffers[k]];
        const int64_t life = (int64_t)b->last_step - b->first_step + 1;
        const int64_t key = way == 0 ? b->bytes : way == 1 ? life : way == 2 ? life * b->bytes : 1;
        ruin->keys[k] = key * (64 + mote_random_below(&repair->random, 128));
    }
    for (int32_t k = 1; k < ruin->count; k++)
        for (int32_t j = k; j > 0 && ruin->keys[j] > ruin->keys[j - 1]; j--) {
            const int64_t key = ruin->keys[j], offset = ruin->offsets[j];
            const int32_t buffer = ruin->buffers[j];
            ruin->keys[j] = ruin->keys[j - 1], ruin->offsets[j] = ruin->offsets[j - 1], ruin->buffers[j] = ruin->buffers[j - 1];
            ruin->keys[j - 1] = key, ruin->offsets[j - 1] = offset, ruin->buffers[j - 1] = buffer;
        }
}

/* One trial. */
static void rearrange(struct repair *repair, int32_t above)
{
    struct ruin ruin;
    const int64_t before = take_out(repair, above, &ruin);
    sort_ruined(repair, &ruin);
    const uint32_t highs = mote_random_below(&repair->random, 3);
    int64_t excess = 0;
    for (int32_t k = 0; k < ruin.count && excess <= before; k++) {
        const bool high = highs == 1 ? mote_random_below(&repair->random, 2) : highs == 2 && k > ruin.count / 2;
        repair->offsets[ruin.buffers[k]] = find_place(repair, ruin.buffers[k], high);
        excess += excess_of(repair, ruin.buffers[k]);
    }
    if (excess > before) put_back(repair, &ruin);
}

static int64_t find_peak(const struct repair *repair)
{
    int64_t peak = 0;
    for (int32_t b = 0; b < repair->problem->count; b++) {
        const int64_t end = repair->offsets[b] + repair->problem->buffers[b].bytes;
        if (end > peak) peak = end;
    }
    return peak;
}

enum mote_status mote_memory_repair(const struct mote_memory_problem *problem, int64_t work_limit, struct mote_arena *arena,
                                    int64_t *offsets, int64_t *peak, struct mote_diag *diag)
{
    const size_t n = (size_t)problem->count;
    struct repair repair = {.problem = problem, .work_limit = work_limit, .random = MOTE_RANDOM_SEED};
    repair.offsets = MOTE_NEW_ARRAY(arena, int64_t, n);
    repair.ranges = mote_memory_new_ranges(problem, arena);
    if (!repair.offsets || !repair.ranges) return mote_error_memory(diag);
    memcpy(repair.offsets, offsets, n * sizeof *offsets);
    while (*peak > problem->bound && repair.work < work_limit) {
        repair.aim = *peak - 1 - (*peak - problem->bound) / STEPS;
        int32_t above;
        while ((above = find_above(&repair)) >= 0 && repair.work < work_limit) rearrange(&repair, above);
        if (above >= 0) break;
        *peak = find_peak(&repair);
        memcpy(offsets, repair.offsets, n * sizeof *offsets);
    }
    return MOTE_OK;
}
