/* intervals_rules.h: one rule per kind of operator, from the channels of its inputs to those of an output. */
#ifndef MOTE_PASS_INTERVALS_RULES_H
#define MOTE_PASS_INTERVALS_RULES_H

#include "intervals.h"

struct mote_channels {
    int32_t count;
    struct mote_interval *list;
};

/* All values that the tensor's type can hold; false for other than integers of at most 16 bits. */
bool mote_interval_of_type(enum mote_dtype dtype, struct mote_interval *range);
struct mote_interval mote_interval_hull(struct mote_interval a, struct mote_interval b);

/* clamp(zero point + scaled sum) of a sum in `sums` under the accumulator's requantisation. */
struct mote_interval mote_interval_requantise(const struct mote_accumulators *accumulators, int32_t channel);

/* Fills `out`, which holds the type's range for each channel of the op's output, with something narrower where the
 * operator allows. For operators without weights. */
void mote_intervals_apply_rule(const struct mote_intervals *intervals, const struct mote_op *op, int32_t output,
                               struct mote_channels out);

#endif
