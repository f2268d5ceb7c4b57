/* pass.h: rewrites of the graph. Every pass here is exact: the outputs stay identical for every input; each says why.
 * A pass changes the graph in place, counts its changes, and leaves a graph that verifies. */
#ifndef MOTE_PASS_PASS_H
#define MOTE_PASS_PASS_H

#include "../ir/graph.h"

/* Computes one operator whose inputs are constant; handed in by the caller, because evaluation is not a pass's
 * business. results[i] receives the bytes of output i. */
typedef enum mote_status mote_pass_evaluate(const struct mote_graph *graph, const struct mote_op *op,
                                            struct mote_arena *arena, uint8_t **results, struct mote_diag *diag);

/* Operators whose inputs are all constant become constants. */
MOTE_MUST_CHECK enum mote_status mote_pass_fold_constants(struct mote_graph *graph, mote_pass_evaluate *evaluate,
                                                          int32_t *changes, struct mote_diag *diag);

/* A PAD that only CONV_2D or DEPTHWISE_CONV_2D reads, and that pads rows and columns with the zero point, becomes the
 * convolutions' own padding. */
MOTE_MUST_CHECK enum mote_status mote_pass_fuse_pad(struct mote_graph *graph, int32_t *changes, struct mote_diag *diag);

/* RELU and RELU6 with the scale of their input become the activation of the operator that alone feeds them. */
MOTE_MUST_CHECK enum mote_status mote_pass_fuse_activation(struct mote_graph *graph, int32_t *changes,
                                                           struct mote_diag *diag);

/* Operators whose outputs nobody reads go. */
MOTE_MUST_CHECK enum mote_status mote_pass_remove_dead(struct mote_graph *graph, int32_t *changes,
                                                       struct mote_diag *diag);

/* Channels go that nobody reads, or that always hold the same value, which the biases of their readers take over.
 * Tensors that lose channels get smaller shapes and say in kept_channels which are left; the graph's inputs and outputs stay as
 * they are. report (may be NULL) says what went where; its lists are in the graph's arena. changes counts output
 * channels of operators with weights. */
struct mote_channel_totals {
    int64_t channels;                      /* output channels */
    int64_t weights, nonzero_weights;
    int64_t macs, nonzero_macs;            /* all; those with a weight other than zero */
};
struct mote_channel_change {
    int32_t op_index; /* in the graph */
    struct mote_channel_totals before, after;
    /* Output channels that went: intervals prove that they always hold the zero point, or always another value, which
     * the biases of their readers took over; or all that reads them multiplies them by zero or is not needed. */
    int32_t zero_channels, constant_channels, unread_channels;
};
struct mote_channel_report {
    struct mote_channel_totals before, after;       /* sums over the operators with weights */
    int32_t constant_channels, unread_channels;     /* why output channels went */
    struct mote_channel_change *changes;            /* one per operator with weights */
    int32_t change_count;
};
MOTE_MUST_CHECK enum mote_status mote_pass_remove_channels(struct mote_graph *graph, struct mote_channel_report *report,
                                                           int32_t *changes, struct mote_diag *diag);

/* ---- For passes ---- */
/* Removes the op at that index; the order of the others stays. */
void mote_pass_remove_op(struct mote_graph *graph, int32_t index);
/* The only op that reads the tensor, or NULL if there are more, none, or it is a graph output. */
struct mote_op *mote_pass_single_consumer(struct mote_graph *graph, int32_t tensor);
/* Same type, scale and zero point, both quantised per tensor. */
int mote_pass_same_quantisation(const struct mote_tensor *a, const struct mote_tensor *b);

#endif
