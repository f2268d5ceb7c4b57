/* conv_2d, depthwise_conv_2d, transpose_conv */
#include "lower_util.h"
#include "lower_weighted.h"
#include "pack_armv7em.h"
#include "pack_avr.h"
#include "pack_host.h"
#include "pack_mve.h"
#include "pack_scalar32.h"

#include <stdio.h>

/* The fields that do not depend on the type of the bias. */
#define FILL_CONV(p)                                                                                                   \
    do {                                                                                                               \
        (p)->batches = in.n, (p)->in_h = in.h, (p)->in_w = in.w, (p)->in_c = in.c;                                     \
        (p)->out_h = out.h, (p)->out_w = out.w, (p)->out_c = out.c;                                                    \
        (p)->filter_h = (uint16_t)filter->filter_h, (p)->filter_w = (uint16_t)filter->filter_w;                        \
        (p)->filter_c = (uint16_t)filter->filter_c;                                                                    \
        (p)->stride_h = (uint16_t)a->stride_h, (p)->stride_w = (uint16_t)a->stride_w;                                  \
        (p)->dilation_h = (uint16_t)a->dilation_h, (p)->dilation_w = (uint16_t)a->dilation_w;                          \
        (p)->pad_top = (int16_t)a->pad_top, (p)->pad_left = (int16_t)a->pad_left;                                      \
        (p)->in_ring = (uint16_t)(in.n * in.h), (p)->out_ring = (uint16_t)(out.n * out.h);                             \
        (p)->in_offset = w->in_offset, (p)->out_zero_point = w->out_zero_point;                                        \
        (p)->act_min = w->act_min, (p)->act_max = w->act_max;                                                          \
    } while (0)

struct filter {
    int32_t filter_h, filter_w, filter_c;
};

static bool in_range(int32_t value, int32_t min, int32_t max)
{
    return value >= min && value <= max;
}

/* Extents that the kernels count in 16 bits. */
static enum mote_status check_extents(struct mote_lower *lower, const struct mote_op *op, const struct mote_weighted *w,
                                      const struct filter *filter, struct mote_nhwc *in, struct mote_nhwc *out)
{
    const struct mote_attrs_conv *a = &op->attrs.conv;
    if (!mote_lower_nhwc(&w->x->shape, in) || (int32_t)in->n * in->h > UINT16_MAX)
        return mote_lower_unsupported(lower, op, op->inputs[0], "has more than 65535 rows or row elements");
    if (!mote_lower_nhwc(&w->out->shape, out) || (int32_t)out->n * out->h > UINT16_MAX)
        return mote_lower_unsupported(lower, op, op->outputs[0], "has more than 65535 rows or row elements");
    if (!in_range(filter->filter_h, 1, UINT16_MAX) || !in_range(filter->filter_w, 1, UINT16_MAX) ||
        (int64_t)filter->filter_w * filter->filter_c > UINT16_MAX)
        return mote_lower_unsupported(lower, op, op->inputs[1], "has more than 65535 taps or elements in a filter row");
    if (!in_range(a->stride_h, 1, UINT16_MAX) || !in_range(a->stride_w, 1, UINT16_MAX) ||
        !in_range(a->dilation_h, 1, UINT16_MAX) || !in_range(a->dilation_w, 1, UINT16_MAX) ||
        !in_range(a->pad_top, 0, INT16_MAX) || !in_range(a->pad_left, 0, INT16_MAX))
        return mote_lower_unsupported(lower, op, MOTE_NO_TENSOR,
                                      "strides and dilations must lie in [1, 65535], padding in [0, 32767]");
    return MOTE_OK;
}

static enum mote_status lower_any_conv(struct mote_lower *lower, const struct mote_op *op, const char *name,
                                       const struct mote_weighted *w, const struct filter *filter,
                                       struct mote_row_map rows, uint32_t window_rows)
{
    const struct mote_attrs_conv *a = &op->attrs.conv;
    struct mote_nhwc in, out;
    enum mote_status status = check_extents(lower, op, w, filter, &in, &out);
    if (status != MOTE_OK) return status;
    const struct mote_pack_conv conv = {op, a, w, in, out, filter->filter_h, filter->filter_w, filter->filter_c,
                                        rows, window_rows};
    bool taken;
    status = mote_pack_conv_avr(lower, &conv, &taken);
    if (status != MOTE_OK || taken) return status;
    status = mote_pack_conv_mve(lower, &conv, &taken);
    if (status != MOTE_OK || taken) return status;
    status = mote_pack_conv_armv7em(lower, &conv, &taken);
    if (status != MOTE_OK || taken) return status;
    status = mote_pack_conv_host(lower, &conv, &taken);
    if (status != MOTE_OK || taken) return status;
    status = mote_pack_conv_scalar32(lower, &conv, &taken);
    if (status != MOTE_OK || taken) return status;
    char base_name[64];
    snprintf(base_name, sizeof base_name, "%s_%s", name, w->variant);
    const int inputs[2] = {0, -1};
    struct mote_step *step = mote_lower_step(lower, op, base_name, inputs, 0, (uint32_t)out.n * out.h, &status);
    if (!step) return status;
    if (w->wide) FILL_CONV((struct mk_conv_wide *)step->params);
    else FILL_CONV((struct mk_conv *)step->params);
    const uint32_t element_bytes = (uint32_t)mote_dtype_bytes(w->x->dtype);
    step->inputs[0].row_bytes = (uint32_t)in.w * in.c * element_bytes;
    step->inputs[0].rows = rows;
    step->inputs[0].window_rows = window_rows;
    step->output.row_bytes = (uint32_t)out.w * out.c * element_bytes;
    step->macs = mote_op_macs(lower->graph, op);
    return mote_weighted_bind(lower, step, w);
}

/* From the first to the last row that one output row of a forward convolution reads. */
static uint32_t forward_window(const struct mote_op *op, int32_t filter_h)
{
    const int64_t reach = ((int64_t)filter_h - 1) * op->attrs.conv.dilation_h + 1;
    return reach > 0 && reach < INT32_MAX ? (uint32_t)reach : 0;
}

/* Rows that a forward convolution reads. */
static struct mote_row_map forward_rows(const struct mote_op *op, const struct mote_weighted *w)
{
    return (struct mote_row_map){(uint32_t)w->out->shape.dims[1], (uint32_t)w->x->shape.dims[1],
                                 op->attrs.conv.stride_h, op->attrs.conv.pad_top};
}

enum mote_status mote_lower_conv_2d(struct mote_lower *lower, const struct mote_op *op)
{
    const struct mote_weighted_rules rules = {.s16_rule = MOTE_S16_BY_BIAS,
                                              .channel_axis = 0,
                                              .activation = op->attrs.conv.activation};
    struct mote_weighted w;
    const enum mote_status status = mote_weighted_prepare(lower, op, &rules, &w);
    if (status != MOTE_OK) return status;
    const int32_t *dims = w.weights->shape.dims;
    return lower_any_conv(lower, op, "conv_2d", &w, &(struct filter){dims[1], dims[2], dims[3]}, forward_rows(op, &w),
                          forward_window(op, dims[1]));
}

enum mote_status mote_lower_depthwise_conv_2d(struct mote_lower *lower, const struct mote_op *op)
{
    const struct mote_weighted_rules rules = {.s16_rule = MOTE_S16_ALWAYS_WIDE,
                                              .channel_axis = 3,
                                              .activation = op->attrs.conv.activation};
    struct mote_weighted w;
    const enum mote_status status = mote_weighted_prepare(lower, op, &rules, &w);
    if (status != MOTE_OK) return status;
    const int32_t *dims = w.weights->shape.dims;
    return lower_any_conv(lower, op, "depthwise_conv_2d", &w, &(struct filter){dims[1], dims[2], 1},
                          forward_rows(op, &w), forward_window(op, dims[1]));
}

/* Output row y reads input rows from (y + pad_top - (filter_h - 1)) / stride_h on, rounded up: with a stride of 1 a row
 * map says that; with a larger one the input advances more slowly than any whole number of rows per row. */
static struct mote_row_map transposed_rows(const struct mote_op *op, const struct mote_weighted *w)
{
    struct mote_row_map rows = {(uint32_t)w->out->shape.dims[1], (uint32_t)w->x->shape.dims[1], 0, 0};
    const int32_t reach = w->weights->shape.dims[1] - 1 - op->attrs.conv.pad_top;
    if (op->attrs.conv.stride_h == 1 && reach >= 0) {
        rows.stride = 1;
        rows.pad = reach;
    }
    return rows;
}

enum mote_status mote_lower_transpose_conv(struct mote_lower *lower, const struct mote_op *op)
{
    if (op->attrs.conv.activation != MOTE_ACT_NONE)
        mote_lower_warn(lower, op, op->outputs[0],
                        "the activation fused into a transposed convolution is ignored, as TensorFlow Lite Micro does; "
                        "export it as an operator of its own");
    if (op->attrs.conv.dilation_h != 1 || op->attrs.conv.dilation_w != 1)
        return mote_lower_unsupported(lower, op, MOTE_NO_TENSOR, "a transposed convolution cannot be dilated");
    const struct mote_weighted_rules rules = {.s16_rule = MOTE_S16_ALWAYS_WIDE,
                                              .s16_bias_widens = true,
                                              .channel_axis = 0,
                                              .activation = MOTE_ACT_NONE};
    struct mote_weighted w;
    const enum mote_status status = mote_weighted_prepare(lower, op, &rules, &w);
    if (status != MOTE_OK) return status;
    const int32_t *dims = w.weights->shape.dims;
    return lower_any_conv(lower, op, "transpose_conv", &w, &(struct filter){dims[1], dims[2], dims[3]},
                          transposed_rows(op, &w), 0);
}
