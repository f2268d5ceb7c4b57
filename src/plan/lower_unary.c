/* Activations and changes of type; doc/SPEC.md, "Tables", "LOGISTIC and TANH", "QUANTIZE and DEQUANTIZE". */
#include "lower_util.h"
#include "tables.h"

#include <math.h>
#include <stdio.h>

/* ---- int8 to int8: always a table ---- */

static const char *fill_table(const struct mote_op *op, const struct mote_table_quant *quant, int8_t *table)
{
    switch (op->kind) {
    case MOTE_OP_RELU: return mote_table_relu(quant, table);
    case MOTE_OP_RELU6: return mote_table_relu6(quant, table);
    case MOTE_OP_LEAKY_RELU: return mote_table_leaky_relu(quant, op->attrs.leaky_relu.alpha, table);
    case MOTE_OP_LOGISTIC: return mote_table_logistic(quant, table);
    case MOTE_OP_TANH: return mote_table_tanh(quant, table);
    case MOTE_OP_HARD_SWISH: return mote_table_hard_swish(quant, table);
    default: return mote_table_requantize(quant, table);
    }
}

static enum mote_status lower_table(struct mote_lower *lower, const struct mote_op *op)
{
    const struct mote_tensor *in = &lower->graph->tensors[op->inputs[0]], *out = &lower->graph->tensors[op->outputs[0]];
    const struct mote_table_quant quant = {mote_tensor_scale(in), mote_tensor_scale(out), mote_tensor_zero_point(in),
                                           mote_tensor_zero_point(out)};
    int8_t table[MOTE_TABLE_S8];
    const char *reason = fill_table(op, &quant, table);
    if (reason) return mote_lower_unsupported(lower, op, op->outputs[0], reason);
    uint16_t rows, row_elements;
    enum mote_status status;
    struct mote_step *step = mote_lower_elementwise(lower, op, "lut_s8", &rows, &row_elements, &status);
    if (!step) return status;
    struct mk_lut *p = step->params;
    p->row_elements = row_elements;
    p->in_ring = p->out_ring = rows;
    return mote_lower_constant(lower, step, "table", table, MOTE_TABLE_S8, false);
}

/* ---- Other types: struct mk_scale ---- */

static enum mote_status lower_scale(struct mote_lower *lower, const struct mote_op *op, const char *base_name,
                                    const struct mk_scale *params)
{
    uint16_t rows, row_elements;
    enum mote_status status;
    struct mote_step *step = mote_lower_elementwise(lower, op, base_name, &rows, &row_elements, &status);
    if (!step) return status;
    struct mk_scale *p = step->params;
    *p = *params;
    p->row_elements = row_elements;
    p->in_ring = p->out_ring = rows;
    return MOTE_OK;
}

static enum mote_status too_far_apart(struct mote_lower *lower, const struct mote_op *op)
{
    return mote_lower_unsupported(lower, op, op->outputs[0], "scale is smaller than the input's by more than 2^30");
}

static bool set_multiplier(double ratio, int32_t *multiplier, int16_t *shift)
{
    int wide_shift;
    mote_quantize_multiplier(ratio, multiplier, &wide_shift);
    *shift = (int16_t)wide_shift;
    return isfinite(ratio) && wide_shift <= 30;
}

/* Zero points, and the output type's range as bounds. */
static struct mk_scale start_scale(const struct mote_tensor *in, const struct mote_tensor *out)
{
    struct mk_scale p = {.in_offset = -mote_tensor_zero_point(in), .out_zero_point = mote_tensor_zero_point(out)};
    mote_activation_range(MOTE_ACT_NONE, out, &p.act_min, &p.act_max);
    return p;
}

static enum mote_status lower_relu_s16(struct mote_lower *lower, const struct mote_op *op)
{
    const struct mote_tensor *in = &lower->graph->tensors[op->inputs[0]], *out = &lower->graph->tensors[op->outputs[0]];
    struct mk_scale p = start_scale(in, out);
    if (p.in_offset != 0 || p.out_zero_point != 0)
        return mote_lower_unsupported(lower, op, op->inputs[0], "int16 needs zero point 0 in and out");
    if (!set_multiplier((double)mote_tensor_scale(in) / (double)mote_tensor_scale(out), &p.multiplier, &p.in_shift))
        return too_far_apart(lower, op);
    p.act_min = 0;
    return lower_scale(lower, op, "relu_s16", &p);
}

/* Stored values between the input's 0 and 6, not rescaled, as the reference does it: 2^30 with a left shift of 1 is one. */
static enum mote_status lower_relu6_s16(struct mote_lower *lower, const struct mote_op *op)
{
    const struct mote_tensor *in = &lower->graph->tensors[op->inputs[0]];
    const int32_t zero_point = mote_tensor_zero_point(in);
    const struct mk_scale p = {
        .in_offset = -zero_point,
        .out_zero_point = zero_point,
        .act_min = zero_point,
        .act_max = mote_table_quantized_six(mote_tensor_scale(in), zero_point, INT16_MIN, INT16_MAX),
        .multiplier = (int32_t)1 << 30,
        .in_shift = 1,
    };
    return lower_scale(lower, op, "relu_s16", &p);
}

/* The ratios are formed in single precision: so are the reference's. */
static enum mote_status lower_leaky_relu_s16(struct mote_lower *lower, const struct mote_op *op)
{
    const struct mote_tensor *in = &lower->graph->tensors[op->inputs[0]], *out = &lower->graph->tensors[op->outputs[0]];
    const float in_scale = mote_tensor_scale(in), out_scale = mote_tensor_scale(out);
    struct mk_scale p = start_scale(in, out);
    if (!set_multiplier((double)(in_scale / out_scale), &p.multiplier, &p.in_shift) ||
        !set_multiplier((double)(in_scale * op->attrs.leaky_relu.alpha / out_scale), &p.alt_multiplier, &p.alt_shift))
        return too_far_apart(lower, op);
    return lower_scale(lower, op, "leaky_relu_s16", &p);
}

/* True if x is within 0.1 % (in log2 steps of 1e-3) of a power of two. Source: TensorFlow Lite, CheckedLog2. */
static bool near_power_of_two(float x, int *log2)
{
    const float exact = (float)log((double)x) * (1.0f / (float)log(2.0));
    const float rounded = roundf(exact);
    *log2 = (int)rounded;
    return fabsf(exact - rounded) < 1e-3f;
}

/* Scales of the table of logistic and tanh: x in steps of 1/12288. Where the input's scale is the power of two that the
 * table is made for, the factor is an integer; else it has 15 bits and a right shift. */
static enum mote_status lower_sigmoid_s16(struct mote_lower *lower, const struct mote_op *op, const char *base_name,
                                          int most_left_shift)
{
    const struct mote_tensor *in = &lower->graph->tensors[op->inputs[0]], *out = &lower->graph->tensors[op->outputs[0]];
    int in_log2, out_log2;
    if (mote_tensor_zero_point(in) != 0 || mote_tensor_zero_point(out) != 0)
        return mote_lower_unsupported(lower, op, op->inputs[0], "int16 needs zero point 0 in and out");
    if (!near_power_of_two(mote_tensor_scale(out), &out_log2) || out_log2 != -15)
        return mote_lower_unsupported(lower, op, op->outputs[0], "int16 needs the scale 1/32768");
    struct mk_scale p = {.act_min = INT16_MIN, .act_max = INT16_MAX};
    const bool power_of_two = near_power_of_two(mote_tensor_scale(in), &in_log2);
    if (power_of_two && in_log2 >= -12 && in_log2 + 12 <= most_left_shift) {
        p.multiplier = 3 << (in_log2 + 12);
        return lower_scale(lower, op, base_name, &p);
    }
    double factor = (double)mote_tensor_scale(in) * 4096.0 * 3.0;
    if (factor >= 32768.0)
        return mote_lower_unsupported(lower, op, op->inputs[0], "scale must be below 2.66, as the reference requires");
    for (; factor <= 32767.0 / 2.0 && p.in_shift <= 30; p.in_shift++) factor *= 2.0;
    p.multiplier = (int32_t)factor;
    return lower_scale(lower, op, base_name, &p);
}

/* ---- One operator each ---- */

/* For operators whose input and output have one quantised type: their tables or their int16 lowering. */
static enum mote_status lower_activation(struct mote_lower *lower, const struct mote_op *op,
                                         enum mote_status (*lower_s16)(struct mote_lower *, const struct mote_op *))
{
    const struct mote_tensor *in = &lower->graph->tensors[op->inputs[0]], *out = &lower->graph->tensors[op->outputs[0]];
    if (in->dtype != out->dtype || !(in->dtype == MOTE_S8 || (in->dtype == MOTE_S16 && lower_s16)))
        return mote_lower_unsupported_because(lower, op, op->inputs[0], "types %s to %s; supported: int8%s",
                                              mote_dtype_name(in->dtype), mote_dtype_name(out->dtype),
                                              lower_s16 ? " and int16, the same in and out" : "");
    enum mote_status status = mote_lower_check_per_tensor(lower, op, op->inputs[0]);
    if (status == MOTE_OK) status = mote_lower_check_per_tensor(lower, op, op->outputs[0]);
    if (status != MOTE_OK) return status;
    return in->dtype == MOTE_S8 ? lower_table(lower, op) : lower_s16(lower, op);
}

enum mote_status mote_lower_relu(struct mote_lower *lower, const struct mote_op *op)
{
    return lower_activation(lower, op, lower_relu_s16);
}

enum mote_status mote_lower_relu6(struct mote_lower *lower, const struct mote_op *op)
{
    mote_lower_warn_requantised(lower, op, op->inputs[0], op->outputs[0]);
    return lower_activation(lower, op, lower_relu6_s16);
}

enum mote_status mote_lower_leaky_relu(struct mote_lower *lower, const struct mote_op *op)
{
    return lower_activation(lower, op, lower_leaky_relu_s16);
}

/* int8 results have a fixed meaning, whatever the model says: `scale` and `zero_point`. */
static void warn_fixed_quant(struct mote_lower *lower, const struct mote_op *op, float scale, int32_t zero_point)
{
    const struct mote_tensor *out = &lower->graph->tensors[op->outputs[0]];
    if (out->dtype != MOTE_S8 || out->quant.count != 1) return;
    if (mote_tensor_scale(out) == scale && mote_tensor_zero_point(out) == zero_point) return;
    char text[128];
    snprintf(text, sizeof text, "quantisation is ignored, as the reference does; results have scale 1/%d, zero point %d",
             (int)(1.0f / scale), (int)zero_point);
    mote_lower_warn(lower, op, op->outputs[0], text);
}

static enum mote_status lower_logistic_s16(struct mote_lower *lower, const struct mote_op *op)
{
    return lower_sigmoid_s16(lower, op, "logistic_s16", 0);
}

enum mote_status mote_lower_logistic(struct mote_lower *lower, const struct mote_op *op)
{
    const struct mote_tensor *out = &lower->graph->tensors[op->outputs[0]];
    if (out->dtype == MOTE_S8 && out->quant.count == 1 && mote_tensor_zero_point(out) != INT8_MIN)
        return mote_lower_unsupported(lower, op, op->outputs[0], "int8 needs zero point -128 (and scale 1/256)");
    warn_fixed_quant(lower, op, 1.0f / 256.0f, -128);
    return lower_activation(lower, op, lower_logistic_s16);
}

static enum mote_status lower_tanh_s16(struct mote_lower *lower, const struct mote_op *op)
{
    return lower_sigmoid_s16(lower, op, "tanh_s16", 1);
}

enum mote_status mote_lower_tanh(struct mote_lower *lower, const struct mote_op *op)
{
    warn_fixed_quant(lower, op, 1.0f / 128.0f, 0);
    return lower_activation(lower, op, lower_tanh_s16);
}

enum mote_status mote_lower_hard_swish(struct mote_lower *lower, const struct mote_op *op)
{
    return lower_activation(lower, op, NULL);
}

static enum mote_status lower_affine(struct mote_lower *lower, const struct mote_op *op, const char *base_name,
                                     int32_t quantised)
{
    const struct mote_tensor *tensor = &lower->graph->tensors[quantised];
    uint16_t rows, row_elements;
    enum mote_status status = mote_lower_check_per_tensor(lower, op, quantised);
    if (status != MOTE_OK) return status;
    struct mote_step *step = mote_lower_elementwise(lower, op, base_name, &rows, &row_elements, &status);
    if (!step) return status;
    struct mk_affine *p = step->params;
    p->row_elements = row_elements;
    p->in_ring = p->out_ring = rows;
    p->scale = mote_tensor_scale(tensor);
    p->zero_point = mote_tensor_zero_point(tensor);
    return MOTE_OK;
}

static bool can_requantize(enum mote_dtype in, enum mote_dtype out)
{
    static const enum mote_dtype pairs[][2] = {
        {MOTE_S8, MOTE_S8},   {MOTE_S8, MOTE_U8},   {MOTE_U8, MOTE_S8},  {MOTE_S8, MOTE_S16},  {MOTE_S8, MOTE_S32},
        {MOTE_S16, MOTE_S8},  {MOTE_S16, MOTE_S16}, {MOTE_S16, MOTE_S32}, {MOTE_S32, MOTE_S8}, {MOTE_S32, MOTE_S16},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (pairs[i][0] == in && pairs[i][1] == out) return true;
    return false;
}

static enum mote_status lower_requantize(struct mote_lower *lower, const struct mote_op *op)
{
    const struct mote_tensor *in = &lower->graph->tensors[op->inputs[0]], *out = &lower->graph->tensors[op->outputs[0]];
    enum mote_status status = mote_lower_check_per_tensor(lower, op, op->inputs[0]);
    if (status == MOTE_OK) status = mote_lower_check_per_tensor(lower, op, op->outputs[0]);
    if (status != MOTE_OK) return status;
    if (in->dtype == MOTE_S8 && out->dtype == MOTE_S8) return lower_table(lower, op);
    struct mk_scale p = start_scale(in, out);
    if (!set_multiplier((double)mote_tensor_scale(in) / (double)mote_tensor_scale(out), &p.multiplier, &p.in_shift))
        return too_far_apart(lower, op);
    char base_name[48];
    snprintf(base_name, sizeof base_name, "requantize_%s_%s", mote_dtype_name(in->dtype), mote_dtype_name(out->dtype));
    return lower_scale(lower, op, base_name, &p);
}

enum mote_status mote_lower_quantize(struct mote_lower *lower, const struct mote_op *op)
{
    const enum mote_dtype in = lower->graph->tensors[op->inputs[0]].dtype;
    const enum mote_dtype out = lower->graph->tensors[op->outputs[0]].dtype;
    if (in == MOTE_F32 && out == MOTE_S8) return lower_affine(lower, op, "quantize_f32_s8", op->outputs[0]);
    if (in == MOTE_F32 && out == MOTE_S16) return lower_affine(lower, op, "quantize_f32_s16", op->outputs[0]);
    if (can_requantize(in, out)) return lower_requantize(lower, op);
    return mote_lower_unsupported_because(lower, op, op->inputs[0], "no conversion from %s to %s", mote_dtype_name(in),
                                          mote_dtype_name(out));
}

enum mote_status mote_lower_dequantize(struct mote_lower *lower, const struct mote_op *op)
{
    const enum mote_dtype in = lower->graph->tensors[op->inputs[0]].dtype;
    const enum mote_dtype out = lower->graph->tensors[op->outputs[0]].dtype;
    if (in == MOTE_S8 && out == MOTE_F32) return lower_affine(lower, op, "dequantize_s8_f32", op->inputs[0]);
    if (in == MOTE_S16 && out == MOTE_F32) return lower_affine(lower, op, "dequantize_s16_f32", op->inputs[0]);
    return mote_lower_unsupported_because(lower, op, op->inputs[0], "no conversion from %s to %s", mote_dtype_name(in),
                                          mote_dtype_name(out));
}
