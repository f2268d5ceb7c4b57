/* intervals.h: which values each channel of each tensor can take, for any input of the graph; and which sums each
 * channel of a weighted operator can reach. Sound, never exact: no reachable value lies outside, some inside may be
 * unreachable. A channel is an index of a tensor's last axis.
 *
 * Starts from the types of the graph's inputs and goes forward operator by operator; the rules are in intervals.c and
 * intervals_rules.c, their reasons in doc/EXACT.md. */
#ifndef MOTE_PASS_INTERVALS_H
#define MOTE_PASS_INTERVALS_H

#include "weights.h"

struct mote_interval {
    int64_t low, high; /* both included */
};

/* A weighted operator (conv_2d, depthwise_conv_2d, transpose_conv, fully_connected) as the reference computes it. */
struct mote_accumulators {
    int32_t channels;                 /* output channels; 0: not a weighted operator, or nothing is known of it */
    const struct mote_weights *weights;
    const struct mote_interval *sums; /* per channel: the products of (x - zero point) and (w - zero point), plus bias */
    const int32_t *multiplier;        /* per channel, also where the kernel keeps one for all */
    const int8_t *shift;
    int32_t out_zero_point, act_min, act_max;
    bool wide;                        /* the 64-bit form: int16 activations with 64-bit bias */
};

struct mote_intervals {
    const struct mote_graph *graph;
    int32_t *channel_counts;          /* per tensor: its last axis (1 for a scalar); 0: no integers of 16 bits or less */
    struct mote_interval **channels;  /* per tensor: channel_counts intervals of stored (quantised) values */
    struct mote_accumulators *accumulators; /* per op of the graph, in its order */
};

/* Analyses a graph that the verifier has passed. Everything is in the arena; the graph must not change meanwhile. */
MOTE_MUST_CHECK enum mote_status mote_intervals_build(const struct mote_graph *graph, struct mote_arena *arena,
                                                      struct mote_intervals **intervals, struct mote_diag *diag);

/* The values of one channel; the range of int64 if nothing is known. */
struct mote_interval mote_intervals_channel(const struct mote_intervals *intervals, int32_t tensor, int32_t channel);
/* The values of the whole tensor. */
struct mote_interval mote_intervals_tensor(const struct mote_intervals *intervals, int32_t tensor);

/* ---- For packers: how wide accumulators must be ----
 * A sum that is kept modulo 2^n is right at the end if the end value fits: mote_interval_bits(sums[channel]) <= n,
 * whatever happens on the way, also with offset operands whose correction is added at last. Where a partial sum must not wrap
 * (saturating arithmetic, carries dropped, two sums in one register), use mote_intervals_partial_sums. */

/* Bits of the shortest two's complement number that holds every value; at least 1. */
int mote_interval_bits(struct mote_interval interval);
/* The same for an unsigned number; 65 if the interval reaches below 0. */
int mote_interval_unsigned_bits(struct mote_interval interval);

/* All values that a sum of any of the products (x + input_offset) * (w + weight_offset) of one output channel can have,
 * over taps in any order and number, without bias. x and w are stored values: the centred form has input_offset = minus
 * x's zero point and weight_offset = minus the weights'; unsigned bytes have 128. False if the op has no accumulators. */
bool mote_intervals_partial_sums(const struct mote_intervals *intervals, int32_t op_index, int32_t channel,
                                 int32_t input_offset, int32_t weight_offset, struct mote_interval *sums);

#endif
