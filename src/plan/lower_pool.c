/* average_pool_2d, max_pool_2d */
#include "lower.h"
#include "pack_avr_steady.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Pools keep values: input and output must be quantised alike, to within 1e-6 of scale as in the reference. */
static enum mote_status check_types(struct mote_lower *lower, const struct mote_op *op)
{
    const int32_t in = op->inputs[0], out = op->outputs[0];
    const struct mote_tensor *x = &lower->graph->tensors[in], *y = &lower->graph->tensors[out];
    if (x->dtype != MOTE_S8 && x->dtype != MOTE_S16)
        return mote_lower_unsupported(lower, op, in,
                                      "must be int8 or int16; convert the model with full integer quantisation");
    if (y->dtype != x->dtype) return mote_lower_unsupported(lower, op, out, "must have the type of the input");
    if (x->quant.count > 1 || y->quant.count > 1)
        return mote_lower_unsupported(lower, op, in, "must be quantised per tensor");
    const double difference = fabs((double)mote_tensor_scale(x) - (double)mote_tensor_scale(y));
    if (!(difference <= 1.0e-6) || mote_tensor_zero_point(x) != mote_tensor_zero_point(y))
        return mote_lower_unsupported(lower, op, out, "must have the scale and zero point of the input");
    if (op->attrs.pool.activation != MOTE_ACT_NONE && !(mote_tensor_scale(y) > 0.0f && isfinite(mote_tensor_scale(y))))
        return mote_lower_unsupported(lower, op, out, "needs a scale for the fused activation");
    return MOTE_OK;
}

static enum mote_status check_extents(struct mote_lower *lower, const struct mote_op *op, struct mote_nhwc *in,
                                      struct mote_nhwc *out)
{
    const struct mote_attrs_pool *a = &op->attrs.pool;
    const struct mote_shape *x = &lower->graph->tensors[op->inputs[0]].shape;
    const struct mote_shape *y = &lower->graph->tensors[op->outputs[0]].shape;
    if (!mote_lower_nhwc(x, in) || (int32_t)in->n * in->h > UINT16_MAX)
        return mote_lower_unsupported(lower, op, op->inputs[0], "has more than 65535 rows or row elements");
    if (!mote_lower_nhwc(y, out) || (int32_t)out->n * out->h > UINT16_MAX)
        return mote_lower_unsupported(lower, op, op->outputs[0], "has more than 65535 rows or row elements");
    if (a->filter_h < 1 || a->filter_w < 1 || (int64_t)a->filter_h * a->filter_w > UINT16_MAX)
        return mote_lower_unsupported(lower, op, MOTE_NO_TENSOR, "the window has more than 65535 taps");
    if (a->stride_h < 1 || a->stride_h > UINT16_MAX || a->stride_w < 1 || a->stride_w > UINT16_MAX || a->pad_top < 0 ||
        a->pad_top > INT16_MAX || a->pad_left < 0 || a->pad_left > INT16_MAX)
        return mote_lower_unsupported(lower, op, MOTE_NO_TENSOR,
                                      "strides must lie in [1, 65535], padding in [0, 32767]");
    return MOTE_OK;
}

/* The tuned kernel for averages of any shape, if the target has it and it can take this one; else the plain one. */
static const char *choose_name(const struct mote_lower *lower, const struct mote_attrs_pool *a, const char *plain,
                               int32_t channels)
{
    static const char quads[] = "average_pool_2d_s8_quads";
    const bool fits = !strcmp(plain, "average_pool_2d_s8") && channels >= 4 && (int64_t)a->filter_h * a->filter_w <= 255;
    return fits && mote_plan_kernel(lower->plan, quads) ? quads : plain;
}

static enum mote_status lower_pool(struct mote_lower *lower, const struct mote_op *op, const char *name)
{
    const struct mote_attrs_pool *a = &op->attrs.pool;
    struct mote_nhwc in, out;
    enum mote_status status = check_types(lower, op);
    if (status != MOTE_OK || (status = check_extents(lower, op, &in, &out)) != MOTE_OK) return status;
    const struct mote_tensor *y = &lower->graph->tensors[op->outputs[0]];
    int32_t act_min, act_max;
    mote_activation_range(a->activation, y, &act_min, &act_max);
    if (lower->plan->steady_time && op->kind == MOTE_OP_AVERAGE_POOL_2D && y->dtype == MOTE_S8) {
        bool taken;
        status = mote_pack_pool_avr_steady(lower, op, &in, &out, act_min, act_max, &taken);
        if (status != MOTE_OK || taken) return status;
    }
    char base_name[64];
    snprintf(base_name, sizeof base_name, "%s_%s", name, mote_dtype_name(y->dtype));
    const int inputs[2] = {0, -1};
    struct mote_step *step = mote_lower_step(lower, op, choose_name(lower, a, base_name, in.c), inputs, 0,
                                             (uint32_t)out.n * out.h, &status);
    if (!step) return status;
    *(struct mk_pool *)step->params = (struct mk_pool){
        .batches = in.n, .in_h = in.h, .in_w = in.w, .channels = in.c, .out_h = out.h, .out_w = out.w,
        .filter_h = (uint16_t)a->filter_h, .filter_w = (uint16_t)a->filter_w,
        .stride_h = (uint16_t)a->stride_h, .stride_w = (uint16_t)a->stride_w,
        .pad_top = (int16_t)a->pad_top, .pad_left = (int16_t)a->pad_left,
        .in_ring = (uint16_t)(in.n * in.h), .out_ring = (uint16_t)(out.n * out.h),
        .act_min = (int16_t)act_min, .act_max = (int16_t)act_max,
    };
    const uint32_t element_bytes = (uint32_t)mote_dtype_bytes(y->dtype);
    step->inputs[0].row_bytes = (uint32_t)in.w * in.c * element_bytes;
    step->inputs[0].rows = (struct mote_row_map){out.h, in.h, a->stride_h, a->pad_top};
    step->inputs[0].window_rows = (uint32_t)a->filter_h;
    step->output.row_bytes = (uint32_t)out.w * out.c * element_bytes;
    step->macs = mote_op_macs(lower->graph, op);
    return MOTE_OK;
}

enum mote_status mote_lower_average_pool_2d(struct mote_lower *lower, const struct mote_op *op)
{
    return lower_pool(lower, op, "average_pool_2d");
}

enum mote_status mote_lower_max_pool_2d(struct mote_lower *lower, const struct mote_op *op)
{
    return lower_pool(lower, op, "max_pool_2d");
}
