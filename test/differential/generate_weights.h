/* generate_weights.h: weights and biases of random operators, with dead, constant and unread channels. */
#ifndef GENERATE_WEIGHTS_H
#define GENERATE_WEIGHTS_H

#include "generate.h"

#define MOST_CHANNELS 24

/* What becomes of one output channel. */
enum channel_fate {
    CHANNEL_LIVE,
    CHANNEL_ZERO,     /* all weights are zero: the channel is its bias */
    CHANNEL_NEGATIVE, /* a bias below every sum of products: at the least value after an activation */
    CHANNEL_POSITIVE, /* a bias above every sum of products */
};

struct weights {
    int channels;      /* of the output, at most MOST_CHANNELS */
    int axis;          /* of the weights' shape */
    int64_t taps;      /* products per output element */
    float scales[MOST_CHANNELS];
    bool per_channel;
    enum channel_fate fates[MOST_CHANNELS];
    int zero_percent;       /* of the weights of live channels, besides the silent inputs */
    uint32_t silent_inputs; /* bit i: input channel i (last axis of the weights) is multiplied by zero only */
};

/* Scales and, in one of three models, channels that are not live, zeros and silent inputs; input_channels 0: none of the
 * latter. channels, axis, taps and per_channel are the caller's. */
void pick_weights(struct model_case *m, struct weights *w, int input_channels);

int add_weights(struct model_case *m, const struct weights *w, int rank, const int32_t *shape, int64_t zero_point);

/* A bias of the size of the sums; beyond all sums for channels that are to be constant. */
int add_bias(struct model_case *m, const struct weights *w, enum tflw_type bias_type, enum tflw_type in_type,
             float in_scale);

/* An output scale that sums of random products fill, times a random factor. */
float pick_out_scale(struct model_case *m, const struct weights *w, enum tflw_type type, float in_scale);

/* Filter, stride, dilation and padding such that the output of a convolution or pool over in[4] is not empty. */
void pick_window(struct model_case *m, const int32_t *in, bool dilates, struct tflw_options *options, int32_t *filter,
                 int32_t *out);
int32_t out_extent(enum tflw_padding padding, int32_t in, int32_t filter, int32_t stride, int32_t dilation);

#endif
