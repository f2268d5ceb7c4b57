#include "lower_weighted.h"

#include <math.h>

static bool scale_is_usable(float scale)
{
    return isfinite(scale) && scale > 0.0f;
}

/* Activations: one scale, and a zero point that the kernels can take: any int8 for int8, 0 for int16. */
static enum mote_status check_activation_tensor(struct mote_lower *lower, const struct mote_op *op, int32_t tensor)
{
    const struct mote_tensor *t = &lower->graph->tensors[tensor];
    if (t->dtype != MOTE_S8 && t->dtype != MOTE_S16)
        return mote_lower_unsupported(lower, op, tensor,
                                      "must be int8 or int16; convert the model with full integer quantisation");
    if (t->quant.count != 1 || !scale_is_usable(t->quant.scales[0]))
        return mote_lower_unsupported(lower, op, tensor,
                                      "must have one scale, finite and above 0; quantise it per tensor");
    const int64_t zero_point = t->quant.zero_points[0];
    if (t->dtype == MOTE_S8 && (zero_point < INT8_MIN || zero_point > INT8_MAX))
        return mote_lower_unsupported(lower, op, tensor, "has a zero point outside [-128, 127]");
    if (t->dtype == MOTE_S16 && zero_point != 0)
        return mote_lower_unsupported(lower, op, tensor,
                                      "is int16 and has a zero point other than 0; quantise it symmetrically");
    return MOTE_OK;
}

static enum mote_status check_weights(struct mote_lower *lower, const struct mote_op *op,
                                      const struct mote_weighted_rules *rules, struct mote_weighted *w)
{
    const int32_t index = op->inputs[1];
    const struct mote_quant *quant = &w->weights->quant;
    if (!w->weights->data)
        return mote_lower_unsupported(lower, op, index, "weights must be constant; they are computed here");
    if (w->weights->dtype != MOTE_S8)
        return mote_lower_unsupported(lower, op, index,
                                      "weights must be int8; convert the model with full integer quantisation");
    if (quant->count != 1 && (quant->count != (uint32_t)w->channels || quant->axis != rules->channel_axis))
        return mote_lower_unsupported(lower, op, index, "weights need one scale, or one per output channel");
    for (uint32_t i = 0; i < quant->count; i++) {
        const bool may_have_zero_point = rules->weight_zero_point && quant->count == 1;
        const int64_t zero_point = quant->zero_points[i];
        if (!scale_is_usable(quant->scales[i]))
            return mote_lower_unsupported(lower, op, index, "has a weight scale that is not finite and above 0");
        if (zero_point != 0 && !may_have_zero_point)
            return mote_lower_unsupported(lower, op, index,
                                          "weights must have zero point 0; quantise them symmetrically");
        if (zero_point < INT8_MIN || zero_point > INT8_MAX)
            return mote_lower_unsupported(lower, op, index, "has a zero point outside [-128, 127]");
    }
    w->weight_offset = (int16_t)-quant->zero_points[0];
    return MOTE_OK;
}

static enum mote_status compute_multipliers(struct mote_lower *lower, const struct mote_op *op,
                                            const struct mote_weighted_rules *rules, struct mote_weighted *w)
{
    const bool per_channel = w->weights->quant.count > 1;
    /* More is a shift that the kernels cannot do: the 64-bit form multiplies by 15 bits and shifts right by 8 or more. */
    const int most = w->wide ? 7 : 30;
    w->multiplier_count = rules->per_tensor_once && !per_channel ? 1 : w->channels;
    w->multiplier = MOTE_NEW_ARRAY(lower->plan->arena, int32_t, (size_t)w->multiplier_count);
    w->shift = MOTE_NEW_ARRAY(lower->plan->arena, int8_t, (size_t)w->multiplier_count);
    if (!w->multiplier || !w->shift) return mote_error_memory(lower->diag);
    for (int32_t i = 0; i < w->multiplier_count; i++) {
        int shift;
        const float scale = w->weights->quant.scales[per_channel ? i : 0];
        const double real = mote_accumulator_scale(mote_tensor_scale(w->x), scale, mote_tensor_scale(w->out),
                                                   rules->float_scale_product && !per_channel);
        mote_quantize_multiplier(real, &w->multiplier[i], &shift);
        if (shift > most)
            return mote_lower_unsupported(lower, op, op->inputs[1],
                                          "input scale * weight scale / output scale is too large to compute with");
        w->shift[i] = (int8_t)shift;
    }
    return MOTE_OK;
}

/* Element i of a little-endian integer tensor. */
static int64_t read_integer(const struct mote_tensor *tensor, size_t i)
{
    const size_t bytes = mote_dtype_bytes(tensor->dtype);
    uint64_t value = 0;
    for (size_t k = bytes; k-- > 0;) value = value << 8 | tensor->data[i * bytes + k];
    const uint64_t sign = (uint64_t)1 << (8 * bytes - 1);
    return (int64_t)((value ^ sign) - sign);
}

/* The 64-bit form is exact only below 2^47: taps * 2^15 * 2^7 for the products, and the bias. */
static enum mote_status check_wide_range(struct mote_lower *lower, const struct mote_op *op,
                                         const struct mote_weighted *w, int32_t bias_index, const int64_t *bias)
{
    const int64_t taps = mote_shape_elements(&w->weights->shape) / w->channels;
    const int64_t products = taps << 22, limit = (int64_t)1 << 47;
    for (int32_t i = 0; bias && i < w->channels; i++)
        if (bias[i] >= limit - products || bias[i] <= products - limit)
            return mote_lower_unsupported(lower, op, bias_index, "has a bias so large that sums may pass 47 bits");
    return MOTE_OK;
}

static enum mote_status convert_bias(struct mote_lower *lower, const struct mote_op *op, int32_t index,
                                     struct mote_weighted *w)
{
    if (index == MOTE_NO_TENSOR) return MOTE_OK;
    const struct mote_tensor *bias = &lower->graph->tensors[index];
    int32_t *narrow = MOTE_NEW_ARRAY(lower->plan->arena, int32_t, (size_t)w->channels);
    int64_t *wide = MOTE_NEW_ARRAY(lower->plan->arena, int64_t, (size_t)w->channels);
    if (!narrow || !wide) return mote_error_memory(lower->diag);
    for (int32_t i = 0; i < w->channels; i++) {
        wide[i] = read_integer(bias, (size_t)i);
        narrow[i] = (int32_t)wide[i];
    }
    if (!w->wide) {
        w->bias = narrow;
        return MOTE_OK;
    }
    w->bias = wide;
    return check_wide_range(lower, op, w, index, wide);
}

/* Chooses the kernels' variant from the types of input and bias. */
static enum mote_status choose_variant(struct mote_lower *lower, const struct mote_op *op,
                                       const struct mote_weighted_rules *rules, int32_t bias_index,
                                       struct mote_weighted *w)
{
    const struct mote_tensor *bias = bias_index == MOTE_NO_TENSOR ? NULL : &lower->graph->tensors[bias_index];
    if (bias && !bias->data)
        return mote_lower_unsupported(lower, op, bias_index, "the bias must be constant; it is computed here");
    if (bias && mote_shape_elements(&bias->shape) != w->channels)
        return mote_lower_unsupported(lower, op, bias_index, "the bias must have one element per output channel");
    if (w->x->dtype == MOTE_S8) {
        w->variant = "s8";
        if (!bias || bias->dtype == MOTE_S32) return MOTE_OK;
        return mote_lower_unsupported(lower, op, bias_index, "the bias of an int8 operator must be int32");
    }
    const bool wide_bias = bias && (bias->dtype == MOTE_S64 || (rules->s16_bias_widens && bias->dtype == MOTE_S16));
    w->wide = wide_bias || rules->s16_rule == MOTE_S16_ALWAYS_WIDE;
    w->variant = w->wide ? "s16w" : "s16";
    if (!bias || wide_bias) return MOTE_OK;
    if (rules->s16_rule == MOTE_S16_BY_BIAS && bias->dtype == MOTE_S32) return MOTE_OK;
    return mote_lower_unsupported(lower, op, bias_index,
                                  rules->s16_rule == MOTE_S16_BY_BIAS
                                      ? "the bias of an int16 operator must be int32 or int64"
                                      : "the bias of this int16 operator must be int64");
}

enum mote_status mote_weighted_prepare(struct mote_lower *lower, const struct mote_op *op,
                                       const struct mote_weighted_rules *rules, struct mote_weighted *w)
{
    const struct mote_tensor *tensors = lower->graph->tensors;
    const int32_t x = op->inputs[0], out = op->outputs[0];
    const int32_t bias = op->input_count > 2 ? op->inputs[2] : MOTE_NO_TENSOR;
    *w = (struct mote_weighted){.x = &tensors[x], .weights = &tensors[op->inputs[1]], .out = &tensors[out]};
    w->channels = w->weights->shape.dims[rules->channel_axis];
    enum mote_status status;
    if ((status = check_activation_tensor(lower, op, x)) != MOTE_OK) return status;
    if ((status = check_activation_tensor(lower, op, out)) != MOTE_OK) return status;
    if (w->x->dtype != w->out->dtype)
        return mote_lower_unsupported(lower, op, out, "must have the type of the input");
    if ((status = check_weights(lower, op, rules, w)) != MOTE_OK) return status;
    if ((status = choose_variant(lower, op, rules, bias, w)) != MOTE_OK) return status;
    if ((status = compute_multipliers(lower, op, rules, w)) != MOTE_OK) return status;
    if ((status = convert_bias(lower, op, bias, w)) != MOTE_OK) return status;
    int32_t act_min, act_max;
    mote_activation_range(rules->activation, w->out, &act_min, &act_max);
    w->in_offset = (int16_t)-mote_tensor_zero_point(w->x);
    w->out_zero_point = (int16_t)mote_tensor_zero_point(w->out);
    w->act_min = (int16_t)act_min;
    w->act_max = (int16_t)act_max;
    return MOTE_OK;
}

enum mote_status mote_weighted_bind(struct mote_lower *lower, struct mote_step *step, const struct mote_weighted *w)
{
    const size_t weights = (size_t)mote_shape_elements(&w->weights->shape);
    const size_t channels = (size_t)w->channels, multipliers = (size_t)w->multiplier_count;
    enum mote_status status = mote_lower_constant(lower, step, "weights", w->weights->data, weights, true);
    if (status != MOTE_OK) return status;
    status = mote_lower_constant(lower, step, "bias", w->bias, channels, false);
    if (status != MOTE_OK) return status;
    status = mote_lower_constant(lower, step, "multiplier", w->multiplier, multipliers, false);
    if (status != MOTE_OK) return status;
    return mote_lower_constant(lower, step, "shift", w->shift, multipliers, false);
}
