/* memory.h: between the parts of memory planning: overlap rules, bounds, and the search for offsets. */
#ifndef MOTE_PLAN_MEMORY_H
#define MOTE_PLAN_MEMORY_H

#include "plan.h"

/* Where two buffers may not lie: offset(buffer) - offset(other) must not be in the open interval (low, high). */
struct mote_memory_conflict {
    int32_t other;
    int64_t low, high;
};

struct mote_memory_problem {
    const struct mote_buffer *buffers;
    int32_t count;
    struct mote_memory_conflict *conflicts; /* those of buffer b are [first[b], first[b + 1]); listed both ways */
    int32_t *first;                         /* count + 1 entries */
    int64_t bound;                          /* no solution has a smaller peak */
    int64_t work_limit;                     /* conflicts to look at, at most; 0: enough for whole tensors */
};

/* Fills offsets (count entries) with the best solution found and *peak with its height. Deterministic; the work is
 * bounded. All memory comes from the arena. */
MOTE_MUST_CHECK enum mote_status mote_memory_search(const struct mote_memory_problem *problem, struct mote_arena *arena,
                                                    int64_t *offsets, int64_t *peak, struct mote_diag *diag);

/* Lowers the peak of a solution by placing a few buffers anew at a time; the same, but that offsets and *peak are given. */
MOTE_MUST_CHECK enum mote_status mote_memory_repair(const struct mote_memory_problem *problem, int64_t work_limit,
                                                    struct mote_arena *arena, int64_t *offsets, int64_t *peak,
                                                    struct mote_diag *diag);

/* Offsets from low to high, both excluded, that a placed buffer forbids. */
struct mote_memory_range {
    int64_t low, high;
};

/* As many as mote_memory_find_free needs for any buffer of the problem; NULL when memory is out. */
struct mote_memory_range *mote_memory_new_ranges(const struct mote_memory_problem *problem, struct mote_arena *arena);

/* The first offset from `start` on, upwards or downwards, that no placed buffer (offsets[] >= 0) forbids; below 0 if there is
 * none downwards. Adds the conflicts looked at to *work. ranges is scratch. */
int64_t mote_memory_find_free(const struct mote_memory_problem *problem, const int64_t *offsets, int32_t buffer, int64_t start,
                              bool downwards, struct mote_memory_range *ranges, int64_t *work);

/* xorshift64* (Vigna 2016) from a fixed seed: plans must be the same on every run and machine. */
struct mote_random {
    uint64_t state;
};
#define MOTE_RANDOM_SEED {UINT64_C(0x6d6f7465)}

static inline uint32_t mote_random_below(struct mote_random *random, uint32_t limit)
{
    random->state ^= random->state >> 12;
    random->state ^= random->state << 25;
    random->state ^= random->state >> 27;
    const uint32_t bits = (uint32_t)((random->state * UINT64_C(2685821657736338717)) >> 32);
    return (uint32_t)(((uint64_t)bits * limit) >> 32);
}

/* Bytes of one value of a kernel operand's C type: "int16_t" is 2. */
uint32_t mote_memory_type_bytes(const char *c_type);

#endif
