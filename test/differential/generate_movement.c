#include "generate.h"

#include <string.h>

static enum tflw_type pick_type(struct model_case *m)
{
    return chance(m, 30) ? TFLW_INT16 : TFLW_INT8;
}

static void generate_reshape(struct model_case *m)
{
    const enum tflw_type type = pick_type(m);
    const struct quantisation q = pick_quantisation(m, type);
    int32_t shape[4];
    pick_shape(m, 4, 5, shape);
    const int32_t flat[2] = {shape[0] * shape[1], shape[2] * shape[3]};
    note(m, "RESHAPE");
    int inputs[2];
    inputs[0] = add_activation(m, "in", type, 4, shape, q);
    inputs[1] = add_ints(m, "shape", flat, 2);
    const int output = add_activation(m, "out", type, 2, flat, q);
    const struct tflw_options options = {.dims = flat, .dims_count = 2};
    finish_model(m, TFLW_RESHAPE, inputs, 2, &output, 1, &options);
    name_io(m, inputs, 1, &output, 1);
}

static void generate_pad(struct model_case *m)
{
    const enum tflw_type type = pick_type(m);
    const struct quantisation q = pick_quantisation(m, type);
    const int rank = pick(m, 1, 4);
    int32_t shape[4], paddings[8], out_shape[4];
    pick_shape(m, rank, 5, shape);
    note(m, "PAD");
    for (int i = 0; i < rank; i++) {
        paddings[2 * i] = chance(m, 50) ? pick(m, 0, 3) : 0;
        paddings[2 * i + 1] = chance(m, 50) ? pick(m, 0, 3) : 0;
        note(m, " %d+%d", (int)paddings[2 * i], (int)paddings[2 * i + 1]);
        out_shape[i] = shape[i] + paddings[2 * i] + paddings[2 * i + 1];
    }
    const int32_t paddings_shape[2] = {rank, 2}, one[1] = {1};
    int inputs[3];
    inputs[0] = add_activation(m, "in", type, rank, shape, q);
    inputs[1] = tflw_tensor(m->writer, "paddings", TFLW_INT32, 2, paddings_shape, NULL, paddings, (size_t)rank * 8);
    const bool has_value = type == TFLW_INT8 && chance(m, 40);
    if (has_value) inputs[2] = add_random_constant(m, "value", type, 1, one, q);
    const int output = add_activation(m, "out", type, rank, out_shape, q);
    finish_model(m, has_value ? TFLW_PADV2 : TFLW_PAD, inputs, has_value ? 3 : 2, &output, 1, NULL);
    name_io(m, inputs, 1, &output, 1);
}

static void generate_concatenation(struct model_case *m)
{
    const enum tflw_type type = pick_type(m);
    const struct quantisation q = pick_quantisation(m, type);
    const int rank = pick(m, 1, 4), axis = pick(m, 0, rank - 1), count = pick(m, 1, 4);
    int32_t shape[4], out_shape[4];
    pick_shape(m, rank, 5, shape);
    memcpy(out_shape, shape, sizeof shape);
    out_shape[axis] = 0;
    const struct tflw_options options = {.axis = chance(m, 30) ? axis - rank : axis};
    note(m, "CONCATENATION axis=%d", (int)options.axis);
    int inputs[4];
    for (int i = 0; i < count; i++) {
        shape[axis] = pick(m, 1, 5);
        out_shape[axis] += shape[axis];
        inputs[i] = add_activation(m, "in", type, rank, shape, q);
    }
    const int output = add_activation(m, "out", type, rank, out_shape, q);
    finish_model(m, TFLW_CONCATENATION, inputs, count, &output, 1, &options);
    name_io(m, inputs, count, &output, 1);
}

static void generate_split(struct model_case *m)
{
    const enum tflw_type type = pick_type(m);
    const struct quantisation q = pick_quantisation(m, type);
    const int rank = pick(m, 1, 4), axis = pick(m, 0, rank - 1), count = pick(m, 1, 3);
    int32_t shape[4], part[4];
    pick_shape(m, rank, 5, part);
    memcpy(shape, part, sizeof shape);
    shape[axis] *= count;
    const int32_t axis_value = chance(m, 30) ? axis - rank : axis;
    note(m, "SPLIT axis=%d", (int)axis_value);
    int inputs[2], outputs[3];
    inputs[0] = tflw_tensor(m->writer, "axis", TFLW_INT32, 0, NULL, NULL, &axis_value, sizeof axis_value);
    inputs[1] = add_activation(m, "in", type, rank, shape, q);
    for (int i = 0; i < count; i++) outputs[i] = add_activation(m, "out", type, rank, part, q);
    const struct tflw_options options = {.num_splits = count};
    finish_model(m, TFLW_SPLIT, inputs, 2, outputs, count, &options);
    name_io(m, &inputs[1], 1, outputs, count);
}

/* begin, end and stride of one axis with at least one element, with bounds that may be negative, out of range or masked. */
static int32_t pick_range(struct model_case *m, int32_t extent, int32_t *begin, int32_t *end, int32_t *stride,
                          int32_t bit, struct tflw_options *options)
{
    const int32_t step = pick(m, 1, 3), sign = chance(m, 30) ? -1 : 1;
    int32_t first = pick(m, 0, extent - 1);
    const int32_t room = sign > 0 ? extent - first : first + 1;
    const int32_t size = pick(m, 1, (room + step - 1) / step);
    *stride = sign * step;
    *begin = chance(m, 40) ? first - extent : first;
    const int32_t past = first + sign * ((size - 1) * step + 1);
    *end = past;
    if (past < 0) *end = past - extent; /* before the first element: below -extent */
    else if (past < extent && chance(m, 40)) *end = past - extent;
    const int32_t masked_size = (room + step - 1) / step;
    if (size == masked_size && chance(m, 40)) options->end_mask |= bit;
    if ((sign > 0 ? first == 0 : first == extent - 1) && chance(m, 40)) options->begin_mask |= bit;
    if (size == 1 && sign > 0 && chance(m, 25)) options->shrink_axis_mask |= bit;
    return size;
}

static void generate_slice(struct model_case *m)
{
    const enum tflw_type type = pick_type(m);
    const struct quantisation q = pick_quantisation(m, type);
    const int rank = pick(m, 1, 4);
    int32_t shape[4], begin[4], end[4], stride[4], out_shape[4];
    int out_rank = 0;
    struct tflw_options options = {0};
    pick_shape(m, rank, 7, shape);
    note(m, "STRIDED_SLICE");
    for (int i = 0; i < rank; i++) {
        const int32_t bit = (int32_t)1 << i;
        const int32_t size = pick_range(m, shape[i], &begin[i], &end[i], &stride[i], bit, &options);
        /* A dropped axis takes the element at begin; a mask on it would take another. */
        if (options.shrink_axis_mask & bit) {
            options.begin_mask &= ~bit;
            options.end_mask &= ~bit;
            stride[i] = 1;
        } else {
            out_shape[out_rank++] = size;
        }
        note(m, " %d:%d:%d", (int)begin[i], (int)end[i], (int)stride[i]);
    }
    note(m, " masks=%d,%d,%d", (int)options.begin_mask, (int)options.end_mask, (int)options.shrink_axis_mask);
    int inputs[4];
    inputs[0] = add_activation(m, "in", type, rank, shape, q);
    inputs[1] = add_ints(m, "begin", begin, rank);
    inputs[2] = add_ints(m, "end", end, rank);
    inputs[3] = add_ints(m, "strides", stride, rank);
    const int output = add_activation(m, "out", type, out_rank, out_shape, q);
    finish_model(m, TFLW_STRIDED_SLICE, inputs, 4, &output, 1, &options);
    name_io(m, inputs, 1, &output, 1);
}

void generate_movement(struct model_case *m)
{
    static void (*const kinds[])(struct model_case *) = {generate_pad, generate_concatenation, generate_slice,
                                                         generate_split, generate_slice, generate_reshape};
    kinds[pick(m, 0, 5)](m);
}
