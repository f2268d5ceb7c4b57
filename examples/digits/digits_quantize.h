/*
 * The trained network in 8 bits, as TensorFlow Lite does it: symmetric int8 weights with a scale per output channel
 * (the dense layer: one scale), asymmetric int8 activations with one scale, int32 biases with scale s_input * s_weight.
 */
#ifndef DIGITS_QUANTIZE_H
#define DIGITS_QUANTIZE_H

#include "digits_net.h"

enum { DIGITS_MAX_WEIGHTS = 32 * 144 };

struct digits_quantized_layer {
    float input_scale, output_scale;
    int32_t input_zero_point, output_zero_point;
    float weight_scales[DIGITS_MAX_CHANNELS]; /* the dense layer's are all equal */
    float bias_scales[DIGITS_MAX_CHANNELS];
    int8_t weights[DIGITS_MAX_WEIGHTS]; /* -127..127 */
    int32_t bias[DIGITS_MAX_CHANNELS];
    int32_t multiplier_q31[DIGITS_MAX_CHANNELS]; /* s_input s_weight / s_output = multiplier_q31 2^(shift - 31) */
    int shift[DIGITS_MAX_CHANNELS];
};

struct digits_quantized_net {
    struct digits_quantized_layer layers[DIGITS_LAYERS];
};

/* Quantises the network; activation ranges are the smallest and largest values that the given rows reach. */
void digits_quantize(struct digits_quantized_net *net, const float *parameters, const struct digits_data *data,
                     const struct digits_rows *calibration);

/* Runs the integer network on one digit up to its quantised logits. */
void digits_quantized_forward(const struct digits_quantized_net *net, const uint8_t *pixels, int8_t *logits);

/* The rows whose largest quantised logit (the first of equals) is their label. */
size_t digits_quantized_count_correct(const struct digits_quantized_net *net, const struct digits_data *data,
                                      const struct digits_rows *rows);

/* Writes the integer network, with a softmax at its end, as a TensorFlow Lite file. */
bool digits_quantized_export(const struct digits_quantized_net *net, const char *path);

#endif
