/* verify.h: between the two halves of the plan's verifier. */
#ifndef MOTE_PLAN_VERIFY_H
#define MOTE_PLAN_VERIFY_H

#include "plan.h"

struct mote_plan_check {
    const struct mote_plan *plan;
    struct mote_diag *diag;
    int64_t error_count;
};

/* Records what is wrong where (the name of a step or buffer, may be NULL): a value and the greatest or only one allowed. */
void mote_verify_fail(struct mote_plan_check *check, const char *where, const char *what, int64_t value, int64_t limit);

/* That steps which share a buffer agree on how it lies there (verify_layouts.c); all buffers that steps name exist. */
void mote_verify_layouts(struct mote_plan_check *check);

bool mote_verify_is_copy(const struct mote_step *step);

/* Runs a structurally sound plan on tags instead of values: MOTE_ERR_INPUT if any byte is read that does not hold what
 * the reader expects. */
MOTE_MUST_CHECK enum mote_status mote_verify_memory(struct mote_plan_check *check);

/* That the steps of strips read the columns that their operators ask for (verify_strips.c). */
void mote_stream_verify_strips(struct mote_plan_check *check);

/* The same for a streamed plan, event by event (verify_stream.c). */
MOTE_MUST_CHECK enum mote_status mote_stream_verify(struct mote_plan_check *check);

#endif
