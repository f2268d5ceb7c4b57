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
    struct mote_memory_conflict *conflicts; /* those of buffer b are [first[b], first[b + 1]) */
    int32_t *first;                         /* count + 1 entries */
    int64_t bound;                          /* no solution has a smaller peak */
    int64_t work_limit;                     /* conflicts to look at, at most; 0: enough for whole tensors */
};

/* Fills offsets (count entries) with the best solution found and *peak with its height. Deterministic; the work is
 * bounded. All memory comes from the arena. */
MOTE_MUST_CHECK enum mote_status mote_memory_search(const struct mote_memory_problem *problem, struct mote_arena *arena,
                                                    int64_t *offsets, int64_t *peak, struct mote_diag *diag);

/* Bytes of one value of a kernel operand's C type: "int16_t" is 2. */
uint32_t mote_memory_type_bytes(const char *c_type);

#endif
