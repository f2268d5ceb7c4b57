/* memory_search.c: offsets for buffers that exclude each other from intervals, with the least peak we can find.
 *
 * A solution is an order of the buffers: each in turn takes the lowest offset that those before it leave free. For
 * disjoint buffers some order gives the optimum (the optimum's own order by offset). The search tries some orders that
 * suit networks, then changes the best one at random, keeping changes that do no harm, until it meets the bound or has
 * used up its work. */
#include "memory.h"

#include <stdlib.h>
#include <string.h>

enum {
    WORK_LIMIT = 8000000, /* conflicts looked at: some tens of milliseconds */
    WORK_PER_BUFFER = 40000,
    STALE_LIMIT = 400     /* changes in a row without progress before the search starts anew */
};

struct search {
    const struct mote_memory_problem *problem;
    int64_t *offsets; /* of the order being tried; -1: not placed yet */
    int64_t work, work_limit;
    struct mote_random random;
};

static uint32_t random_below(struct search *search, uint32_t limit)
{
    return mote_random_below(&search->random, limit);
}

static int64_t align_up(int64_t offset, uint32_t alignment)
{
    const int64_t rest = offset % alignment;
    return rest ? offset + alignment - rest : offset;
}

/* The lowest offset that no placed buffer excludes. */
static int64_t lowest_offset(struct search *search, int32_t buffer)
{
    const struct mote_memory_problem *problem = search->problem;
    const struct mote_memory_conflict *begin = problem->conflicts + problem->first[buffer];
    const struct mote_memory_conflict *end = problem->conflicts + problem->first[buffer + 1];
    int64_t offset = 0;
    for (bool moved = true; moved;) {
        moved = false;
        for (const struct mote_memory_conflict *c = begin; c < end; c++) {
            const int64_t other = search->offsets[c->other];
            if (other < 0 || offset <= other + c->low || offset >= other + c->high) continue;
            offset = align_up(other + c->high, problem->buffers[buffer].alignment_bytes);
            moved = true;
        }
        search->work += end - begin + 1;
    }
    return offset;
}

/* Places the buffers in this order; returns the peak, or any value >= give_up once the peak reaches it. */
static int64_t place(struct search *search, const int32_t *order, int64_t give_up)
{
    const struct mote_memory_problem *problem = search->problem;
    int64_t peak = 0;
    for (int32_t i = 0; i < problem->count; i++) search->offsets[i] = -1;
    for (int32_t i = 0; i < problem->count && peak < give_up; i++) {
        const int32_t b = order[i];
        search->offsets[b] = lowest_offset(search, b);
        const int64_t end = search->offsets[b] + problem->buffers[b].bytes;
        if (end > peak) peak = end;
    }
    return peak;
}

/* ---- Orders to start from ---- */

enum start { BY_SIZE, BY_TIME, BY_TIME_BACKWARDS, BY_LIFE, BY_AREA, START_COUNT };

static int64_t rank_of(const struct mote_buffer *b, enum start start)
{
    const int64_t life = b->last_step < b->first_step ? 0 : (int64_t)b->last_step - b->first_step + 1;
    switch (start) {
    case BY_SIZE: return -(int64_t)b->bytes;
    case BY_TIME: return b->first_step;
    case BY_TIME_BACKWARDS: return -(int64_t)b->first_step;
    case BY_LIFE: return -life;
    case BY_AREA: return -life * b->bytes;
    case START_COUNT: break;
    }
    return 0;
}

struct ranked {
    int64_t rank;
    int32_t buffer;
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    if (x->rank != y->rank) return x->rank < y->rank ? -1 : 1;
    return x->buffer < y->buffer ? -1 : x->buffer > y->buffer;
}

static void start_order(const struct mote_memory_problem *problem, enum start start, struct ranked *ranked,
                        int32_t *order)
{
    for (int32_t i = 0; i < problem->count; i++)
        ranked[i] = (struct ranked){rank_of(&problem->buffers[i], start), i};
    qsort(ranked, (size_t)problem->count, sizeof *ranked, compare_ranked);
    for (int32_t i = 0; i < problem->count; i++) order[i] = ranked[i].buffer;
}

/* ---- Local search ---- */

static void move_to(int32_t *order, int32_t from, int32_t to)
{
    const int32_t b = order[from];
    if (from > to) memmove(order + to + 1, order + to, (size_t)(from - to) * sizeof *order);
    else memmove(order + from, order + from + 1, (size_t)(to - from) * sizeof *order);
    order[to] = b;
}

/* Half of the changes bring a buffer that reaches the peak forward, since only such a change can lower it. */
static void change(struct search *search, int32_t *order, const int64_t *offsets, int64_t peak)
{
    const uint32_t n = (uint32_t)search->problem->count;
    uint32_t from = random_below(search, n);
    if (random_below(search, 2)) {
        for (uint32_t i = 0; i < n; i++, from = (from + 1) % n)
            if (offsets[order[from]] + search->problem->buffers[order[from]].bytes == peak) break;
        move_to(order, (int32_t)from, (int32_t)random_below(search, from + 1));
    } else {
        move_to(order, (int32_t)from, (int32_t)random_below(search, n));
    }
}

struct candidate {
    int32_t *order;
    int64_t *offsets;
    int64_t peak;
};

static void keep(struct search *search, struct candidate *candidate, const int32_t *order, int64_t peak)
{
    const size_t n = (size_t)search->problem->count;
    memcpy(candidate->order, order, n * sizeof *order);
    memcpy(candidate->offsets, search->offsets, n * sizeof *search->offsets);
    candidate->peak = peak;
}

/* From `now`, until STALE_LIMIT changes in a row bring nothing. trial is scratch. */
static void descend(struct search *search, struct candidate *now, int32_t *trial)
{
    const size_t n = (size_t)search->problem->count;
    for (int stale = 0; stale < STALE_LIMIT && search->work < search->work_limit && now->peak > search->problem->bound; stale++) {
        memcpy(trial, now->order, n * sizeof *trial);
        for (uint32_t k = random_below(search, 3) + 1; k > 0; k--) change(search, trial, now->offsets, now->peak);
        const int64_t peak = place(search, trial, now->peak + 1);
        if (peak > now->peak) continue;
        if (peak < now->peak) stale = 0;
        keep(search, now, trial, peak);
    }
}

static bool allocate(const struct mote_memory_problem *problem, struct mote_arena *arena, struct candidate *candidate)
{
    candidate->order = MOTE_NEW_ARRAY(arena, int32_t, (size_t)problem->count);
    candidate->offsets = MOTE_NEW_ARRAY(arena, int64_t, (size_t)problem->count);
    candidate->peak = INT64_MAX;
    return candidate->order && candidate->offsets;
}

enum mote_status mote_memory_search(const struct mote_memory_problem *problem, struct mote_arena *arena,
                                    int64_t *offsets, int64_t *peak, struct mote_diag *diag)
{
    const size_t n = (size_t)problem->count;
    struct search search = {.problem = problem, .random = MOTE_RANDOM_SEED};
    search.work_limit = problem->count < WORK_LIMIT / WORK_PER_BUFFER ? problem->count * WORK_PER_BUFFER : WORK_LIMIT;
    if (problem->work_limit) search.work_limit = problem->work_limit;
    struct candidate best, now;
    struct ranked *ranked = MOTE_NEW_ARRAY(arena, struct ranked, n);
    int32_t *trial = MOTE_NEW_ARRAY(arena, int32_t, n);
    search.offsets = MOTE_NEW_ARRAY(arena, int64_t, n);
    if (!ranked || !trial || !search.offsets || !allocate(problem, arena, &best) || !allocate(problem, arena, &now))
        return mote_error_memory(diag);
    for (enum start start = 0; start < START_COUNT && best.peak > problem->bound; start++) {
        start_order(problem, start, ranked, trial);
        const int64_t reached = place(&search, trial, best.peak);
        if (reached < best.peak) keep(&search, &best, trial, reached);
    }
    for (int round = 0; n > 1 && best.peak > problem->bound && search.work < search.work_limit; round++) {
        if (round % 2 == 0) { /* from the best so far, then from a standard order */
            memcpy(search.offsets, best.offsets, n * sizeof *best.offsets);
            keep(&search, &now, best.order, best.peak);
        } else {
            start_order(problem, (enum start)((round / 2) % START_COUNT), ranked, trial);
            keep(&search, &now, trial, place(&search, trial, INT64_MAX));
        }
        descend(&search, &now, trial);
        memcpy(search.offsets, now.offsets, n * sizeof *now.offsets);
        if (now.peak < best.peak) keep(&search, &best, now.order, now.peak);
    }
    memcpy(offsets, best.offsets, n * sizeof *offsets);
    *peak = best.peak == INT64_MAX ? 0 : best.peak;
    return mote_memory_repair(problem, search.work_limit / 2, arena, offsets, peak, diag);
}
