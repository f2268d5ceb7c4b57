#include "digits_net.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TRAINING_SEED = 42, EPOCHS = 120, BATCH = 32 };

static const float learning_rate_start = 3e-3f;
static const float weight_decay = 1e-4f;
static const float shift_max_pixels = 1.0f;

const struct digits_layer digits_layers[DIGITS_LAYERS] = {
    {.in_size = 8, .in_channels = 1, .out_size = 8, .out_channels = 8, .kernel = 3, .stride = 1, .pad = 1, .relu = true,
     .weights_at = 0, .bias_at = 72},
    {.in_size = 8, .in_channels = 8, .out_size = 4, .out_channels = 16, .kernel = 3, .stride = 2, .pad = 0, .relu = true,
     .weights_at = 80, .bias_at = 1232},
    {.in_size = 4, .in_channels = 16, .out_size = 2, .out_channels = 32, .kernel = 3, .stride = 2, .pad = 0, .relu = true,
     .weights_at = 1248, .bias_at = 5856},
    {.in_size = 1, .in_channels = 128, .out_size = 1, .out_channels = 10, .kernel = 1, .stride = 1, .pad = 0, .relu = false,
     .weights_at = 5888, .bias_at = 7168},
};

int digits_layer_filter_size(const struct digits_layer *layer)
{
    return layer->kernel * layer->kernel * layer->in_channels;
}


/*
 * A pixel's taps: for the output pixel (oy, ox), the kernel rows and columns that fall inside the input.
 * Forward and backward walk them alike.
 */
struct window {
    int top, left;           /* input position of tap 0, 0; may be negative */
    int ky_first, ky_end;
    int kx_first, kx_end;
};

static struct window window_at(const struct digits_layer *layer, int oy, int ox)
{
    struct window w = {.top = oy * layer->stride - layer->pad, .left = ox * layer->stride - layer->pad};
    w.ky_first = w.top < 0 ? -w.top : 0;
    w.kx_first = w.left < 0 ? -w.left : 0;
    w.ky_end = w.top + layer->kernel > layer->in_size ? layer->in_size - w.top : layer->kernel;
    w.kx_end = w.left + layer->kernel > layer->in_size ? layer->in_size - w.left : layer->kernel;
    return w;
}

/* y[oy][ox][o] = relu(b[o] + sum over taps and i of w[o][ky][kx][i] * x[oy s + ky - p][ox s + kx - p][i]) */
static void layer_forward(const struct digits_layer *layer, const float *parameters, const float *x, float *y)
{
    int channels = layer->in_channels;
    for (int oy = 0; oy < layer->out_size; oy++) {
        for (int ox = 0; ox < layer->out_size; ox++) {
            struct window at = window_at(layer, oy, ox);
            for (int o = 0; o < layer->out_channels; o++) {
                const float *filter = parameters + layer->weights_at + o * digits_layer_filter_size(layer);
                float sum = parameters[layer->bias_at + o];
                for (int ky = at.ky_first; ky < at.ky_end; ky++) {
                    for (int kx = at.kx_first; kx < at.kx_end; kx++) {
                        const float *w = filter + (ky * layer->kernel + kx) * channels;
                        const float *in = x + ((at.top + ky) * layer->in_size + at.left + kx) * channels;
                        for (int i = 0; i < channels; i++) {
                            sum += w[i] * in[i];
                        }
                    }
                }
                *y++ = layer->relu && sum < 0.0f ? 0.0f : sum;
            }
        }
    }
}

/*
 * The same sum differentiated: with g = dL/dy where the ReLU let y through,
 * dL/db[o] += g, dL/dw[o][ky][kx][i] += g * x, dL/dx += g * w. The gradient dx starts at zero.
 */
static void layer_backward(const struct digits_layer *layer, const float *parameters, const float *x, const float *y,
                           const float *dy, float *dx, float *gradients)
{
    int channels = layer->in_channels;
    for (int oy = 0; oy < layer->out_size; oy++) {
        for (int ox = 0; ox < layer->out_size; ox++) {
            struct window at = window_at(layer, oy, ox);
            for (int o = 0; o < layer->out_channels; o++, y++, dy++) {
                if (layer->relu && *y <= 0.0f) {
                    continue;
                }
                int filter = layer->weights_at + o * digits_layer_filter_size(layer);
                float g = *dy;
                gradients[layer->bias_at + o] += g;
                for (int ky = at.ky_first; ky < at.ky_end; ky++) {
                    for (int kx = at.kx_first; kx < at.kx_end; kx++) {
                        int tap = filter + (ky * layer->kernel + kx) * channels;
                        int from = ((at.top + ky) * layer->in_size + at.left + kx) * channels;
                        for (int i = 0; i < channels; i++) {
                            gradients[tap + i] += g * x[from + i];
                            dx[from + i] += g * parameters[tap + i];
                        }
                    }
                }
            }
        }
    }
}

void digits_net_forward(const float *parameters, struct digits_activations *activations)
{
    for (int l = 0; l < DIGITS_LAYERS; l++) {
        layer_forward(&digits_layers[l], parameters, activations->at[l], activations->at[l + 1]);
    }
}

static void net_backward(const float *parameters, const struct digits_activations *activations,
                         struct digits_activations *slopes, float *gradients)
{
    for (int l = DIGITS_LAYERS - 1; l >= 0; l--) {
        memset(slopes->at[l], 0, sizeof slopes->at[l]);
        layer_backward(&digits_layers[l], parameters, activations->at[l], activations->at[l + 1], slopes->at[l + 1],
                       slopes->at[l], gradients);
    }
}

/* Turns logits into the gradient of the cross-entropy loss, softmax(logits) - one_hot(label); returns the loss. */
static float loss_backward(const float *logits, int label, float *slope)
{
    float largest = logits[0];
    for (int c = 1; c < DIGITS_CLASSES; c++) {
        largest = logits[c] > largest ? logits[c] : largest;
    }
    float sum = 0.0f;
    for (int c = 0; c < DIGITS_CLASSES; c++) {
        slope[c] = expf(logits[c] - largest);
        sum += slope[c];
    }
    for (int c = 0; c < DIGITS_CLASSES; c++) {
        slope[c] = slope[c] / sum - (c == label ? 1.0f : 0.0f);
    }
    return logf(sum) - (logits[label] - largest);
}

/* One step of Adam with decoupled weight decay (Kingma and Ba, 2015; Loshchilov and Hutter, 2019). */
struct adam {
    float mean[DIGITS_PARAMETERS];
    float square[DIGITS_PARAMETERS];
    int steps;
};

static void adam_step(struct adam *adam, float *parameters, const float *gradients, float learning_rate)
{
    const float beta1 = 0.9f;
    const float beta2 = 0.999f;
    adam->steps++;
    float correction1 = 1.0f - powf(beta1, (float)adam->steps);
    float correction2 = 1.0f - powf(beta2, (float)adam->steps);
    for (int i = 0; i < DIGITS_PARAMETERS; i++) {
        float g = gradients[i];
        adam->mean[i] = beta1 * adam->mean[i] + (1.0f - beta1) * g;
        adam->square[i] = beta2 * adam->square[i] + (1.0f - beta2) * g * g;
        float step = adam->mean[i] / correction1 / (sqrtf(adam->square[i] / correction2) + 1e-8f);
        parameters[i] -= learning_rate * (step + weight_decay * parameters[i]);
    }
}

/* Weights uniform with variance 2 / fan-in (He et al., 2015), biases zero. */
static void parameters_init(float *parameters, struct digits_random *random)
{
    memset(parameters, 0, DIGITS_PARAMETERS * sizeof *parameters);
    for (int l = 0; l < DIGITS_LAYERS; l++) {
        const struct digits_layer *layer = &digits_layers[l];
        int fan_in = digits_layer_filter_size(layer);
        float bound = sqrtf(6.0f / (float)fan_in);
        for (int i = 0; i < fan_in * layer->out_channels; i++) {
            parameters[layer->weights_at + i] = bound * (2.0f * digits_random_unit(random) - 1.0f);
        }
    }
}

static float pixel_or_zero(const uint8_t *pixels, int y, int x)
{
    bool inside = y >= 0 && y < DIGITS_SIZE && x >= 0 && x < DIGITS_SIZE;
    return inside ? (float)pixels[y * DIGITS_SIZE + x] : 0.0f;
}

/* Shifts the image by a random fraction of a pixel (bilinear), and scales pixels to 0..1 for training. */
static void input_augment(float *input, const uint8_t *pixels, struct digits_random *random)
{
    float shift_y = shift_max_pixels * (2.0f * digits_random_unit(random) - 1.0f);
    float shift_x = shift_max_pixels * (2.0f * digits_random_unit(random) - 1.0f);
    int whole_y = (int)floorf(shift_y);
    int whole_x = (int)floorf(shift_x);
    float fy = shift_y - (float)whole_y;
    float fx = shift_x - (float)whole_x;
    for (int y = 0; y < DIGITS_SIZE; y++) {
        for (int x = 0; x < DIGITS_SIZE; x++) {
            int sy = y + whole_y;
            int sx = x + whole_x;
            float upper = (1.0f - fx) * pixel_or_zero(pixels, sy, sx) + fx * pixel_or_zero(pixels, sy, sx + 1);
            float lower = (1.0f - fx) * pixel_or_zero(pixels, sy + 1, sx) + fx * pixel_or_zero(pixels, sy + 1, sx + 1);
            input[y * DIGITS_SIZE + x] = ((1.0f - fy) * upper + fy * lower) / (float)DIGITS_PIXEL_MAX;
        }
    }
}

/* Training saw pixels as 0..1; dividing the first layer's weights lets the network take 0..16 (exact: a power of two). */
static void fold_input_scale(float *parameters)
{
    const struct digits_layer *first = &digits_layers[0];
    for (int i = 0; i < digits_layer_filter_size(first) * first->out_channels; i++) {
        parameters[first->weights_at + i] /= (float)DIGITS_PIXEL_MAX;
    }
}

/* Adds the gradient of one batch's mean loss into `gradients`; returns the summed loss. */
static float batch_gradient(const float *parameters, const struct digits_data *data, const uint16_t *rows, size_t count,
                            struct digits_random *random, float *gradients)
{
    static struct digits_activations activations, slopes;
    float loss = 0.0f;
    for (size_t i = 0; i < count; i++) {
        input_augment(activations.at[0], data->pixels[rows[i]], random);
        digits_net_forward(parameters, &activations);
        loss += loss_backward(activations.at[DIGITS_LAYERS], data->labels[rows[i]], slopes.at[DIGITS_LAYERS]);
        for (int c = 0; c < DIGITS_CLASSES; c++) {
            slopes.at[DIGITS_LAYERS][c] /= (float)count;
        }
        net_backward(parameters, &activations, &slopes, gradients);
    }
    return loss;
}

void digits_net_train(float *parameters, const struct digits_data *data, const struct digits_rows *rows)
{
    static struct adam adam;
    static float gradients[DIGITS_PARAMETERS];
    const float pi = 3.14159265f;
    struct digits_random random = {TRAINING_SEED};
    struct digits_rows order = *rows;
    memset(&adam, 0, sizeof adam);
    parameters_init(parameters, &random);
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        float learning_rate = 0.5f * learning_rate_start * (1.0f + cosf(pi * (float)epoch / (float)EPOCHS));
        float loss = 0.0f;
        digits_rows_shuffle(&order, &random);
        for (size_t i = 0; i < order.count; i += BATCH) {
            size_t count = order.count - i < BATCH ? order.count - i : BATCH;
            memset(gradients, 0, sizeof gradients);
            loss += batch_gradient(parameters, data, order.index + i, count, &random, gradients);
            adam_step(&adam, parameters, gradients, learning_rate);
        }
        if ((epoch + 1) % 20 == 0) {
            printf("epoch %3d: training loss %.4f\n", epoch + 1, (double)(loss / (float)order.count));
        }
    }
    fold_input_scale(parameters);
}

void digits_net_set_input(struct digits_activations *activations, const uint8_t *pixels)
{
    for (int p = 0; p < DIGITS_PIXELS; p++) {
        activations->at[0][p] = (float)pixels[p];
    }
}

size_t digits_net_count_correct(const float *parameters, const struct digits_data *data, const struct digits_rows *rows)
{
    static struct digits_activations activations;
    size_t correct = 0;
    for (size_t i = 0; i < rows->count; i++) {
        digits_net_set_input(&activations, data->pixels[rows->index[i]]);
        digits_net_forward(parameters, &activations);
        const float *logits = activations.at[DIGITS_LAYERS];
        int best = 0;
        for (int c = 1; c < DIGITS_CLASSES; c++) {
            best = logits[c] > logits[best] ? c : best;
        }
        correct += best == data->labels[rows->index[i]];
    }
    return correct;
}
