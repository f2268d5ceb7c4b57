/*
 * The network and its training in float: four layers, each of which is a convolution. A fully connected layer
 * is a 1x1 convolution over one pixel that holds the flattened input, which NHWC order gives for nothing.
 *
 *     8x8x1 -> conv 3x3 -> 8x8x8 -> conv 3x3 /2 -> 4x4x16 -> conv 3x3 /2 -> 2x2x32 -> flatten -> dense -> 10
 */
#ifndef DIGITS_NET_H
#define DIGITS_NET_H

#include "digits_data.h"

enum {
    DIGITS_LAYERS = 4,
    DIGITS_MAX_ACTIVATION = 8 * 8 * 8,
    DIGITS_MAX_CHANNELS = 32,
    DIGITS_PARAMETERS = 8 * 9 + 8 + 16 * 72 + 16 + 32 * 144 + 32 + 10 * 128 + 10,
};

/* One layer's shape; images are square. Weights are stored as [output channel][row][column][input channel]. */
struct digits_layer {
    int in_size, in_channels;
    int out_size, out_channels;
    int kernel, stride;
    int pad;  /* rows above and columns to the left, as padding SAME gives */
    bool relu;
    int weights_at, bias_at; /* where in the array of parameters */
};

extern const struct digits_layer digits_layers[DIGITS_LAYERS];

/* The input and every layer's output, in NHWC order. */
struct digits_activations {
    float at[DIGITS_LAYERS + 1][DIGITS_MAX_ACTIVATION];
};

/* Weights in one filter of the layer. */
int digits_layer_filter_size(const struct digits_layer *layer);

/* Trains from random weights with a fixed seed; the trained network takes pixels as 0..16. */
void digits_net_train(float *parameters, const struct digits_data *data, const struct digits_rows *rows);

/* Runs the network on what stands in activations->at[0]; the last activations are the logits. */
void digits_net_forward(const float *parameters, struct digits_activations *activations);

/* Copies one row's pixels into the network's input. */
void digits_net_set_input(struct digits_activations *activations, const uint8_t *pixels);

/* The rows whose largest logit is their label. */
size_t digits_net_count_correct(const float *parameters, const struct digits_data *data, const struct digits_rows *rows);

#endif
