/* memory_place.c: a place for one buffer among those that are placed already: the inner loop of the search (memory_search.c) and
 * of the repair (memory_repair.c), where planning spends most of its time. */
#include "memory.h"

static int64_t align_up(int64_t offset, uint32_t alignment)
{
    const int64_t rest = offset % alignment;
    return rest ? offset + alignment - rest : offset;
}

static int64_t align_down(int64_t offset, uint32_t alignment)
{
    return offset - offset % alignment;
}

/* Without a branch that would be taken at random. */
static int32_t list_ranges(const struct mote_memory_problem *problem, const int64_t *offsets, int32_t buffer,
                           struct mote_memory_range *ranges)
{
    int32_t count = 0;
    for (int32_t i = problem->first[buffer]; i < problem->first[buffer + 1]; i++) {
        const struct mote_memory_conflict *c = &problem->conflicts[i];
        const int64_t other = offsets[c->other];
        ranges[count] = (struct mote_memory_range){other + c->low, other + c->high};
        count += other >= 0;
    }
    return count;
}

/* One pass over the ranges: moves the offset on where it lies in one, and keeps the ranges that are still ahead. */
static int32_t pass_ranges(struct mote_memory_range *ranges, int32_t count, uint32_t alignment, bool downwards, int64_t *offset)
{
    int32_t ahead = 0;
    for (int32_t i = 0; i < count && *offset >= 0; i++) {
        const struct mote_memory_range r = ranges[i];
        const bool is_below = *offset <= r.low, is_above = *offset >= r.high;
        ranges[ahead] = r;
        ahead += downwards ? is_above : is_below;
        if (is_below || is_above) continue;
        *offset = downwards ? (r.low < 0 ? -1 : align_down(r.low, alignment)) : align_up(r.high, alignment);
    }
    return ahead;
}

int64_t mote_memory_find_free(const struct mote_memory_problem *problem, const int64_t *offsets, int32_t buffer, int64_t start,
                              bool downwards, struct mote_memory_range *ranges, int64_t *work)
{
    const int32_t conflicts = problem->first[buffer + 1] - problem->first[buffer];
    const uint32_t alignment = problem->buffers[buffer].alignment_bytes;
    int32_t count = list_ranges(problem, offsets, buffer, ranges);
    int64_t offset = downwards ? align_down(start, alignment) : align_up(start, alignment), before = -1;
    while (offset >= 0 && offset != before) {
        before = offset;
        count = pass_ranges(ranges, count, alignment, downwards, &offset);
        *work += conflicts + 1;
    }
    return offset;
}

struct mote_memory_range *mote_memory_new_ranges(const struct mote_memory_problem *problem, struct mote_arena *arena)
{
    int32_t most = 1;
    for (int32_t b = 0; b < problem->count; b++) {
        const int32_t conflicts = problem->first[b + 1] - problem->first[b];
        if (conflicts > most) most = conflicts;
    }
    return MOTE_NEW_ARRAY(arena, struct mote_memory_range, (size_t)most);
}
