#include "digits_quantize.h"

#include "tflite_writer.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const weight_names[DIGITS_LAYERS] = {"conv1/weights", "conv2/weights", "conv3/weights", "dense/weights"};
static const char *const bias_names[DIGITS_LAYERS] = {"conv1/bias", "conv2/bias", "conv3/bias", "dense/bias"};
static const char *const output_names[DIGITS_LAYERS] = {"conv1", "conv2", "conv3", "logits"};

static int activation_add(struct tflw *w, const char *name, size_t rank, const int32_t *dims, float scale, int64_t zero_point)
{
    struct tflw_quant quant = {.scales = &scale, .zero_points = &zero_point, .count = 1};
    return tflw_tensor(w, name, TFLW_INT8, rank, dims, &quant, NULL, 0);
}

static int weights_add(struct tflw *w, int l, const struct digits_quantized_layer *q)
{
    const struct digits_layer *layer = &digits_layers[l];
    bool dense = layer->in_size == 1;
    int32_t conv_dims[] = {layer->out_channels, layer->kernel, layer->kernel, layer->in_channels};
    int32_t dense_dims[] = {layer->out_channels, layer->in_channels};
    size_t bytes = (size_t)(layer->out_channels * digits_layer_filter_size(layer));
    struct tflw_quant quant = {.scales = q->weight_scales, .count = dense ? 1 : (size_t)layer->out_channels};
    return tflw_tensor(w, weight_names[l], TFLW_INT8, dense ? 2 : 4, dense ? dense_dims : conv_dims, &quant, q->weights, bytes);
}

static int bias_add(struct tflw *w, int l, const struct digits_quantized_layer *q)
{
    const struct digits_layer *layer = &digits_layers[l];
    int32_t dims[] = {layer->out_channels};
    struct tflw_quant quant = {.scales = q->bias_scales, .count = layer->in_size == 1 ? 1 : (size_t)layer->out_channels};
    return tflw_tensor(w, bias_names[l], TFLW_INT32, 1, dims, &quant, q->bias, (size_t)layer->out_channels * sizeof q->bias[0]);
}

static int conv_add(struct tflw *w, int l, const struct digits_quantized_layer *q, int input)
{
    const struct digits_layer *layer = &digits_layers[l];
    int32_t dims[] = {1, layer->out_size, layer->out_size, layer->out_channels};
    int inputs[] = {input, weights_add(w, l, q), bias_add(w, l, q)};
    int output = activation_add(w, output_names[l], 4, dims, q->output_scale, q->output_zero_point);
    struct tflw_options options = {
        .padding = TFLW_SAME, .stride_w = layer->stride, .stride_h = layer->stride, .activation = TFLW_ACTIVATION_RELU};
    tflw_op(w, TFLW_CONV_2D, 0, inputs, 3, &output, 1, &options);
    return output;
}

static int flatten_add(struct tflw *w, const struct digits_quantized_layer *q, int input, int32_t count)
{
    int32_t dims[] = {1, count};
    int32_t one_vector[] = {2};
    int inputs[] = {input, tflw_tensor(w, "flatten/shape", TFLW_INT32, 1, one_vector, NULL, dims, sizeof dims)};
    int output = activation_add(w, "flatten", 2, dims, q->input_scale, q->input_zero_point);
    struct tflw_options options = {.dims = dims, .dims_count = 2};
    tflw_op(w, TFLW_RESHAPE, 0, inputs, 2, &output, 1, &options);
    return output;
}

static int dense_add(struct tflw *w, int l, const struct digits_quantized_layer *q, int input)
{
    int32_t dims[] = {1, digits_layers[l].out_channels};
    int inputs[] = {input, weights_add(w, l, q), bias_add(w, l, q)};
    int output = activation_add(w, output_names[l], 2, dims, q->output_scale, q->output_zero_point);
    struct tflw_options options = {.activation = TFLW_ACTIVATION_NONE};
    tflw_op(w, TFLW_FULLY_CONNECTED, 0, inputs, 3, &output, 1, &options);
    return output;
}

static void model_build(struct tflw *w, const struct digits_quantized_net *net)
{
    int32_t input_dims[] = {1, DIGITS_SIZE, DIGITS_SIZE, 1};
    int32_t output_dims[] = {1, DIGITS_CLASSES};
    int last = DIGITS_LAYERS - 1;
    int input = activation_add(w, "pixels", 4, input_dims, DIGITS_INPUT_SCALE, DIGITS_INPUT_ZERO_POINT);
    int at = input;
    for (int l = 0; l < last; l++) {
        at = conv_add(w, l, &net->layers[l], at);
    }
    at = flatten_add(w, &net->layers[last], at, digits_layers[last].in_channels);
    at = dense_add(w, last, &net->layers[last], at);
    /* TensorFlow Lite demands this scale and zero point of an int8 softmax. */
    int output = activation_add(w, "probabilities", 2, output_dims, 1.0f / 256.0f, -128);
    tflw_op(w, TFLW_SOFTMAX, 0, &at, 1, &output, 1, NULL);
    tflw_io(w, &input, 1, &output, 1);
}

static bool file_write(const char *path, const uint8_t *bytes, size_t count)
{
    FILE *file = fopen(path, "wb");
    bool good = file != NULL && fwrite(bytes, 1, count, file) == count;
    return file != NULL && fclose(file) == 0 && good;
}

bool digits_quantized_export(const struct digits_quantized_net *net, const char *path)
{
    struct tflw *w = tflw_new();
    model_build(w, net);
    size_t count = 0;
    uint8_t *bytes = tflw_finish(w, &count);
    bool good = bytes != NULL && file_write(path, bytes, count);
    if (!good) {
        fprintf(stderr, "%s: %s\n", path, tflw_error(w) != NULL ? tflw_error(w) : "cannot write");
    }
    free(bytes);
    tflw_free(w);
    return good;
}
