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
    int64_t *spent;   /* on each buffer */
    bool *anew;       /* buffers to place anew */
    struct mote_memory_range *ranges;
    int64_t work, work_limit;
    struct mote_random random;
};

struct candidate {
    int32_t *order;
    int64_t *offsets, *spent; /* per buffer; spent: the work to place it */
    int64_t peak;
};

static uint32_t random_below(struct search *search, uint32_t limit)
{
    return mote_random_below(&search->random, limit);
}

static void place_neighbours_anew(struct search *search, int32_t buffer)
{
    const struct mote_memory_problem *problem = search->problem;
    for (int32_t i = problem->first[buffer]; i < problem->first[buffer + 1]; i++) search->anew[problem->conflicts[i].other] = true;
}

static void place_one(struct search *search, int32_t buffer, const struct candidate *known)
{
    if (known && !search->anew[buffer]) {
        search->offsets[buffer] = known->offsets[buffer];
        search->spent[buffer] = known->spent[buffer];
    } else {
        search->spent[buffer] = 0;
        search->offsets[buffer] =
            mote_memory_find_free(search->problem, search->offsets, buffer, 0, false, search->ranges, &search->spent[buffer]);
        if (known && search->offsets[buffer] != known->offsets[buffer]) place_neighbours_anew(search, buffer);
    }
    search->work += search->spent[buffer];
}

/* Places the buffers in this order, each as low as those before it allow; returns the peak, or any value >= give_up once the
 * peak reaches it. Buffers need not be placed anew if neither they nor a neighbour have moved since `known` (may be NULL). What was
 * spent on them counts all the same: how far a search comes must not depend on what it is spared. */
static int64_t place(struct search *search, const int32_t *order, const struct candidate *known, int64_t give_up)
{
    const struct mote_memory_problem *problem = search->problem;
    int64_t peak = 0;
    for (int32_t i = 0; i < problem->count; i++) search->offsets[i] = -1;
    for (int32_t i = 0; i < problem->count && peak < give_up; i++) {
        place_one(search, order[i], known);
        const int64_t end = search->offsets[order[i]] + problem->buffers[order[i]].bytes;
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

static void move_to(struct search *search, int32_t *order, int32_t from, int32_t to)
{
    const int32_t b = order[from];
    search->anew[b] = true;
    place_neighbours_anew(search, b);
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
        move_to(search, order, (int32_t)from, (int32_t)random_below(search, from + 1));
    } else {
        move_to(search, order, (int32_t)from, (int32_t)random_below(search, n));
    }
}

static void copy(struct candidate *to, const struct candidate *from, int32_t count)
{
    const size_t n = (size_t)count;
    memcpy(to->order, from->order, n * sizeof *to->order);
    memcpy(to->offsets, from->offsets, n * sizeof *to->offsets);
    memcpy(to->spent, from->spent, n * sizeof *to->spent);
    to->peak = from->peak;
}

/* What was placed last, in this order. */
static void keep(struct search *search, struct candidate *candidate, int32_t *order, int64_t peak)
{
    const struct candidate placed = {order, search->offsets, search->spent, peak};
    copy(candidate, &placed, search->problem->count);
}

/* From `now`, until STALE_LIMIT changes in a row bring nothing. trial is scratch. */
static void descend(struct search *search, struct candidate *now, int32_t *trial)
{
    const size_t n = (size_t)search->problem->count;
    for (int stale = 0; stale < STALE_LIMIT && search->work < search->work_limit && now->peak > search->problem->bound; stale++) {
        memcpy(trial, now->order, n * sizeof *trial);
        memset(search->anew, 0, n * sizeof *search->anew);
        for (uint32_t k = random_below(search, 3) + 1; k > 0; k--) change(search, trial, now->offsets, now->peak);
        const int64_t peak = place(search, trial, now, now->peak + 1);
        if (peak > now->peak) continue;
        if (peak < now->peak) stale = 0;
        keep(search, now, trial, peak);
    }
}

static bool allocate(const struct mote_memory_problem *problem, struct mote_arena *arena, struct candidate *candidate)
{
    candidate->order = MOTE_NEW_ARRAY(arena, int32_t, (size_t)problem->count);
    candidate->offsets = MOTE_NEW_ARRAY(arena, int64_t, (size_t)problem->count);
    candidate->spent = MOTE_NEW_ARRAY(arena, int64_t, (size_t)problem->count);
    candidate->peak = INT64_MAX;
    return candidate->order && candidate->offsets && candidate->spent;
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
    search.spent = MOTE_NEW_ARRAY(arena, int64_t, n);
    search.anew = MOTE_NEW_ARRAY(arena, bool, n);
    search.ranges = mote_memory_new_ranges(problem, arena);
    if (!ranked || !trial || !search.offsets || !search.spent || !search.anew || !search.ranges)
        return mote_error_memory(diag);
    if (!allocate(problem, arena, &best) || !allocate(problem, arena, &now)) return mote_error_memory(diag);
    for (enum start start = 0; start < START_COUNT && best.peak > problem->bound; start++) {
        start_order(problem, start, ranked, trial);
        const int64_t reached = place(&search, trial, NULL, best.peak);
        if (reached < best.peak) keep(&search, &best, trial, reached);
    }
    for (int round = 0; n > 1 && best.peak > problem->bound && search.work < search.work_limit; round++) {
        if (round % 2 == 0) { /* from the best so far, then from a standard order */
            copy(&now, &best, problem->count);
        } else {
            start_order(problem, (enum start)((round / 2) % START_COUNT), ranked, trial);
            keep(&search, &now, trial, place(&search, trial, NULL, INT64_MAX));
        }
        descend(&search, &now, trial);
        if (now.peak < best.peak) copy(&best, &now, problem->count);
    }
    memcpy(offsets, best.offsets, n * sizeof *offsets);
    *peak = best.peak == INT64_MAX ? 0 : best.peak;
    return mote_memory_repair(problem, search.work_limit / 2, arena, offsets, peak, diag);
}
