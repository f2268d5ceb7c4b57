#include "lower.h"

#include <math.h>
#include <stdio.h>

/* The tensor seen as [outer][reduce][inner]. */
struct split {
    int64_t outer, reduce, inner;
};

/* Splits the shape around the reduced axes; false if axes that stay lie between them. Axes of extent 1 are either. */
static bool split_axes(const struct mote_shape *shape, int32_t axes, struct split *split)
{
    int32_t first = -1, last = -1;
    for (int32_t i = 0; i < shape->rank; i++) {
        if (shape->dims[i] == 1 || !(axes >> i & 1)) continue;
        if (first < 0) first = i;
        last = i;
    }
    *split = (struct split){1, 1, 1};
    if (first < 0) { /* nothing to add up: only the scale may change */
        split->inner = shape->rank ? shape->dims[shape->rank - 1] : 1;
        split->outer = mote_shape_elements(shape) / split->inner;
        return true;
    }
    for (int32_t i = 0; i < shape->rank; i++) {
        const bool stays = shape->dims[i] != 1 && !(axes >> i & 1);
        if (i > first && i < last && stays) return false;
        if (i < first) split->outer *= shape->dims[i];
        else if (i <= last) split->reduce *= shape->dims[i];
        else split->inner *= shape->dims[i];
    }
    return true;
}

static enum mote_status check_tensor(struct mote_lower *lower, const struct mote_op *op, int32_t tensor)
{
    const struct mote_tensor *t = &lower->graph->tensors[tensor];
    if (t->dtype != MOTE_S8 && t->dtype != MOTE_S16)
        return mote_lower_unsupported(lower, op, tensor,
                                      "must be int8 or int16; convert the model with full integer quantisation");
    if (t->quant.count != 1 || !(isfinite(t->quant.scales[0]) && t->quant.scales[0] > 0.0f))
        return mote_lower_unsupported(lower, op, tensor,
                                      "must have one scale, finite and above 0; quantise it per tensor");
    const int64_t most = t->dtype == MOTE_S8 ? INT8_MAX : INT16_MAX, least = -most - 1;
    if (t->quant.zero_points[0] < least || t->quant.zero_points[0] > most)
        return mote_lower_unsupported(lower, op, tensor, "has a zero point outside the range of its type");
    return MOTE_OK;
}

/* Input scale / output scale / count as one multiplier: 1 / count is divided into the significand, which is first moved
 * up by floor(log2(count)) bits so that it stays precise. Source: TensorFlow Lite, QuantizedMeanOrSum. */
static void mean_multiplier(double scale_ratio, int64_t count, int32_t *multiplier, int *shift)
{
    mote_quantize_multiplier(scale_ratio, multiplier, shift);
    int up = 0;
    while (count >> (up + 1)) up++;
    if (up > 32) up = 32;
    if (up > 31 + *shift) up = 31 + *shift;
    *multiplier = (int32_t)(((int64_t)*multiplier << up) / count);
    *shift -= up;
}

enum mote_status mote_lower_mean(struct mote_lower *lower, const struct mote_op *op)
{
    const struct mote_tensor *x = &lower->graph->tensors[op->inputs[0]], *y = &lower->graph->tensors[op->outputs[0]];
    enum mote_status status;
    if ((status = check_tensor(lower, op, op->inputs[0])) != MOTE_OK) return status;
    if ((status = check_tensor(lower, op, op->outputs[0])) != MOTE_OK) return status;
    if (x->dtype != y->dtype)
        return mote_lower_unsupported(lower, op, op->outputs[0], "must have the type of the input");
    struct split split;
    if (!split_axes(&x->shape, op->attrs.reduce.axes, &split))
        return mote_lower_unsupported(lower, op, op->inputs[0],
                                      "the reduced axes must be neighbours; transpose the model");
    if (split.outer > UINT16_MAX || split.reduce > UINT16_MAX || split.inner > UINT16_MAX)
        return mote_lower_unsupported(lower, op, op->inputs[0],
                                      "has more than 65535 rows, reduced or remaining elements");
    int32_t multiplier;
    int shift;
    const double ratio = (double)mote_tensor_scale(x) / (double)mote_tensor_scale(y);
    mean_multiplier(ratio, split.reduce, &multiplier, &shift);
    if (shift > 30) return mote_lower_unsupported(lower, op, op->outputs[0], "input scale / output scale is too large");
    char base_name[64];
    snprintf(base_name, sizeof base_name, "mean_%s", mote_dtype_name(x->dtype));
    const int inputs[2] = {0, -1};
    struct mote_step *step = mote_lower_step(lower, op, base_name, inputs, 0, (uint32_t)split.outer, &status);
    if (!step) return status;
    *(struct mk_mean *)step->params = (struct mk_mean){
        .reduce = (uint16_t)split.reduce, .inner = (uint16_t)split.inner,
        .in_ring = (uint16_t)split.outer, .out_ring = (uint16_t)split.outer,
        .in_zero_point = mote_tensor_zero_point(x), .out_zero_point = mote_tensor_zero_point(y),
        .multiplier = multiplier, .shift = (int16_t)shift,
    };
    const int64_t element_bytes = (int64_t)mote_dtype_bytes(x->dtype);
    step->inputs[0].row_bytes = (uint32_t)(split.reduce * split.inner * element_bytes);
    step->inputs[0].rows = (struct mote_row_map){(uint32_t)split.outer, (uint32_t)split.outer, 1, 0};
    step->inputs[0].window_rows = 1;
    step->output.row_bytes = (uint32_t)(split.inner * element_bytes);
    return MOTE_OK;
}
