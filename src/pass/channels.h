/* channels.h: which channels go (channels.c), and the graph without them (channels_slice.c). */
#ifndef MOTE_PASS_CHANNELS_H
#define MOTE_PASS_CHANNELS_H

#include "intervals.h"
#include "pass.h"

/* Channels that can only stay or go together form a set: union-find over (tensor, channel). */
struct mote_channel_sets {
    struct mote_graph *graph;
    struct mote_arena *arena;  /* scratch */
    const struct mote_intervals *intervals;
    int32_t *channel_counts;   /* per tensor: its last axis, 1 for a scalar */
    size_t *first_node;        /* per tensor: the node of its channel 0 */
    size_t node_count;
    size_t *parents;
    bool *needed;              /* of a set's root */
};

/* The set's root. */
size_t mote_channel_root(struct mote_channel_sets *sets, int32_t tensor, int32_t channel);
bool mote_channel_needed(struct mote_channel_sets *sets, int32_t tensor, int32_t channel);

/* Takes the channels that are not needed out of every tensor, constant and operator; folds what the constant ones
 * contribute into biases. The graph's arena grows. `removed` receives how many channels went. */
MOTE_MUST_CHECK enum mote_status mote_channels_slice(struct mote_channel_sets *sets, int32_t *removed,
                                                     struct mote_diag *diag);

#endif
