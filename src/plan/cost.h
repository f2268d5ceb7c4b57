/* cost.h: how long a plan takes, roughly: for the choice between schedules before anything is built or simulated. */
#ifndef MOTE_PLAN_COST_H
#define MOTE_PLAN_COST_H

#include "stream.h"

/* Instructions of one call of the step for `rows` rows of outputs. */
double mote_cost_call(const struct mote_plan *plan, const struct mote_step *step, uint32_t rows);
/* Instructions of one inference by the stream's events; of whole tensors if `stream` is NULL. Estimates, good to compare
 * schedules of one model on one chip. */
double mote_cost_plan(const struct mote_plan *plan, const struct mote_stream *stream);

#endif
