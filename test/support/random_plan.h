/* random_plan.h: random plans, and a slow, literal run of any plan on tags, against which planner and verifier are tested. */
#ifndef TEST_SUPPORT_RANDOM_PLAN_H
#define TEST_SUPPORT_RANDOM_PLAN_H

#include "plan_maker.h"

struct test_random {
    uint64_t state; /* any seed */
};
uint32_t test_random_below(struct test_random *random, uint32_t limit);

/* A chain with branches: sliding windows of random strides and pads, elementwise steps with equal, broadcast and repeated
 * operands and changes of width, reductions, concatenations of several steps along rows or within them, reshapes. Sizes
 * up to some hundred bytes; lifetimes filled in, offsets not. */
struct mote_plan *random_plan(struct mote_arena *arena, struct test_random *random, int32_t step_limit);

/* Runs the plan as a kernel out to break it would, within the contract of mote_kernel.h: every row is written before
 * anything that it and the rows after it may read is read. True if every read finds what was written for it and the
 * outputs are whole at the end. Offsets must lie within the arena. */
bool plan_oracle_accepts(const struct mote_plan *plan);

#endif
