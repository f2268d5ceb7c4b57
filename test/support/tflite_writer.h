/*
 * A writer of TensorFlow Lite flatbuffers (schema version 3, identifier "TFL3") for tests and for
 * the examples that train their own network.
 *
 * A model is built up by calls, in any order in which an operator follows the tensors it names, then
 * serialised once. The first mistake is kept: every later call does nothing, tflw_finish gives NULL and
 * tflw_error says what was wrong, so a caller may check once, at the end.
 *
 *     struct tflw *w = tflw_new();
 *     int32_t dims[] = {1, 4};
 *     float scale = 0.5f;
 *     struct tflw_quant quant = {.scales = &scale, .count = 1};
 *     int in = tflw_tensor(w, "in", TFLW_INT8, 2, dims, &quant, NULL, 0);
 *     int out = tflw_tensor(w, "out", TFLW_INT8, 2, dims, &quant, NULL, 0);
 *     tflw_op(w, TFLW_RELU, 0, &in, 1, &out, 1, NULL);
 *     tflw_io(w, &in, 1, &out, 1);
 *     size_t bytes;
 *     uint8_t *file = tflw_finish(w, &bytes);
 *     ...
 *     free(file);
 *     tflw_free(w);
 *
 * Enumeration values and field numbers are those of TensorFlow Lite's schema.fbs.
 */
#ifndef TFLITE_WRITER_H
#define TFLITE_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tflw_type {
    TFLW_FLOAT32 = 0,
    TFLW_INT32 = 2,
    TFLW_UINT8 = 3,
    TFLW_INT64 = 4,
    TFLW_BOOL = 6,
    TFLW_INT16 = 7,
    TFLW_INT8 = 9,
};

enum tflw_operator {
    TFLW_ADD = 0,
    TFLW_AVERAGE_POOL_2D = 1,
    TFLW_CONCATENATION = 2,
    TFLW_CONV_2D = 3,
    TFLW_DEPTHWISE_CONV_2D = 4,
    TFLW_DEQUANTIZE = 6,
    TFLW_FULLY_CONNECTED = 9,
    TFLW_LOGISTIC = 14,
    TFLW_MAX_POOL_2D = 17,
    TFLW_MUL = 18,
    TFLW_RELU = 19,
    TFLW_RELU6 = 21,
    TFLW_RESHAPE = 22,
    TFLW_SOFTMAX = 25,
    TFLW_TANH = 28,
    TFLW_PAD = 34,
    TFLW_TRANSPOSE = 39,
    TFLW_MEAN = 40,
    TFLW_SUB = 41,
    TFLW_SQUEEZE = 43,
    TFLW_STRIDED_SLICE = 45,
    TFLW_SPLIT = 49,
    TFLW_PRELU = 54,
    TFLW_MAXIMUM = 55,
    TFLW_MINIMUM = 57,
    TFLW_PADV2 = 60,
    TFLW_TRANSPOSE_CONV = 67,
    TFLW_EXPAND_DIMS = 70,
    TFLW_REDUCE_MAX = 82,
    TFLW_LEAKY_RELU = 98,
    TFLW_QUANTIZE = 114,
    TFLW_HARD_SWISH = 117,
};

enum tflw_padding { TFLW_SAME = 0, TFLW_VALID = 1 };

enum tflw_activation {
    TFLW_ACTIVATION_NONE = 0,
    TFLW_ACTIVATION_RELU = 1,
    TFLW_ACTIVATION_RELU_N1_TO_1 = 2,
    TFLW_ACTIVATION_RELU6 = 3,
};

/* Quantisation of one tensor: `count` scales, one per index of `dimension` (count 1: the whole tensor). */
struct tflw_quant {
    const float *scales;
    const int64_t *zero_points; /* NULL: all zero */
    size_t count;
    int32_t dimension;
};

/*
 * The options of every operator in one struct; an operator reads only those named in its comment.
 * Fields left 0 have the meaning given: strides, dilations, filter sizes, depth multiplier and beta are 1.
 */
struct tflw_options {
    enum tflw_padding padding;       /* convolutions, pools */
    enum tflw_activation activation; /* convolutions, pools, fully connected, add, sub, mul, concatenation */
    int32_t stride_w, stride_h;      /* convolutions, pools */
    int32_t dilation_w, dilation_h;  /* conv, depthwise conv */
    int32_t depth_multiplier;        /* depthwise conv */
    int32_t filter_w, filter_h;      /* pools */
    bool keep_num_dims;              /* fully connected */
    bool pot_scale_int16;            /* add, sub: the old int16 form with power-of-two scales */
    bool keep_dims;                  /* mean, reduce max */
    float beta;                      /* softmax */
    float alpha;                     /* leaky relu; 0 stays 0 */
    int32_t axis;                    /* concatenation */
    int32_t num_splits;              /* split */
    int32_t begin_mask, end_mask;    /* strided slice */
    int32_t ellipsis_mask, new_axis_mask, shrink_axis_mask; /* strided slice */
    const int32_t *dims;             /* reshape: new shape; squeeze: dimensions to drop */
    size_t dims_count;
};

struct tflw;

/* Starts an empty model; NULL if out of memory, which every other function accepts as a failed model. */
struct tflw *tflw_new(void);

/* Releases the model; buffers given out by tflw_finish stay valid. */
void tflw_free(struct tflw *w);

/*
 * Adds a tensor and returns its index, or -1 on failure; everything passed is copied.
 * `quant` may be NULL. `data` is NULL for an activation; for a constant, `data_bytes` must be what type
 * and dims ask for, in little-endian order (the data is stored as it is, so on a little-endian host).
 */
int tflw_tensor(struct tflw *w, const char *name, enum tflw_type type, size_t rank, const int32_t *dims,
                const struct tflw_quant *quant, const void *data, size_t data_bytes);

/*
 * Adds an operator and returns its index, or -1 on failure; operators run in the order of the calls.
 * An input of -1 is an absent optional tensor. `version` 0 chooses the one that TensorFlow's converter would
 * write for the data types. `options` may be NULL where the operator needs none.
 */
int tflw_op(struct tflw *w, enum tflw_operator code, int32_t version, const int *inputs, size_t input_count,
            const int *outputs, size_t output_count, const struct tflw_options *options);

/* Names the model's inputs and outputs; required, once. */
void tflw_io(struct tflw *w, const int *inputs, size_t input_count, const int *outputs, size_t output_count);

/*
 * Serialises the model into a buffer from malloc that the caller frees; NULL on failure, with *bytes untouched.
 * Constant data lies at multiples of 16 bytes from the buffer's start.
 */
uint8_t *tflw_finish(struct tflw *w, size_t *bytes);

/* Says what went wrong first, as a constant text, or NULL if all is well. */
const char *tflw_error(const struct tflw *w);

#endif
