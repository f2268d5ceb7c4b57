/* weights.h: convolutions of all kinds and fully connected layers seen alike: output channel o sums, over taps t and
 * over k, (input channel c(o, k) at tap t  +  input offset) * weight(o, t, k), and adds a bias. */
#ifndef MOTE_PASS_WEIGHTS_H
#define MOTE_PASS_WEIGHTS_H

#include "../ir/graph.h"

/* Where a tap lies inside the input, over all output positions. Outside it contributes nothing. */
struct mote_tap {
    bool ever, always;
};

enum { MOTE_MOST_LISTED_TAPS = 64 };

struct mote_weights {
    const struct mote_op *op;
    const struct mote_tensor *x, *weights, *out;
    const struct mote_tensor *bias; /* or NULL */
    int32_t out_channels, in_channels;
    int32_t tap_count;       /* filter positions; of a fully connected layer: pixels of a flattened plane */
    int32_t channels_per_tap; /* input channels that one output channel sums at each tap */
    int32_t channel_axis;    /* of the weights: the axis of output channels */
    int32_t weight_zero_point;
    bool maps_channels;      /* false: an input feature is no particular channel of x */
    bool wide;               /* the reference sums in 64 bits and rounds otherwise */
    const struct mote_tap *taps;
    /* Which taps lie inside the input together, at one output position or another: bit t for tap t, no set twice.
     * Count 0: not listed, there are more than MOTE_MOST_LISTED_TAPS or very many positions. */
    const uint64_t *inside;
    int32_t inside_count;
};

/* False if op has no weights, or anything about them is not as the kernels take it (types, quantisation, weights or
 * bias that are not constant): then nothing may be concluded. `status` tells a lack of memory apart. */
bool mote_weights_of(const struct mote_graph *graph, const struct mote_op *op, struct mote_arena *arena,
                     struct mote_weights *weights, enum mote_status *status);

/* o < out_channels, t < tap_count, k < channels_per_tap */
size_t mote_weights_index(const struct mote_weights *w, int32_t o, int32_t t, int32_t k);
/* The weight less its zero point. */
int32_t mote_weights_at(const struct mote_weights *w, int32_t o, int32_t t, int32_t k);
/* The channel of x that it multiplies; -1 if !maps_channels. */
int32_t mote_weights_channel(const struct mote_weights *w, int32_t o, int32_t k);
/* The bias of output channel o; 0 without one. */
int64_t mote_weights_bias(const struct mote_weights *w, int32_t o);
/* Multiplier and shift of output channel o, as lowering computes them. */
void mote_weights_multiplier(const struct mote_weights *w, int32_t o, int32_t *multiplier, int *shift);
enum mote_activation mote_weights_activation(const struct mote_weights *w);

/* Element i of a little-endian integer tensor. */
int64_t mote_tensor_integer(const struct mote_tensor *tensor, size_t i);

#endif
