#include "lower_weighted.h"
#include "pack_armv7em.h"
#include "pack_avr.h"
#include "pack_host.h"
#include "pack_mve.h"
#include "pack_scalar32.h"

#include <math.h>
#include <stdio.h>

#define FILL_FULLY_CONNECTED(p)                                                                                        \
    do {                                                                                                               \
        (p)->in_features = (uint16_t)in_features, (p)->out_features = (uint16_t)w.channels;                            \
        (p)->in_ring = (p)->out_ring = (uint16_t)rows;                                                                 \
        (p)->in_offset = w.in_offset, (p)->weight_offset = w.weight_offset, (p)->out_zero_point = w.out_zero_point;    \
        (p)->act_min = w.act_min, (p)->act_max = w.act_max;                                                            \
        (p)->per_channel = w.multiplier_count > 1;                                                                     \
    } while (0)

/* The reference refuses per-tensor layers whose stated bias scale is not that of the products: the error per bias unit,
 * in output units, must not pass 0.02. */
static enum mote_status check_bias_scale(struct mote_lower *lower, const struct mote_op *op,
                                         const struct mote_weighted *w)
{
    if (op->input_count < 3 || op->inputs[2] == MOTE_NO_TENSOR || w->weights->quant.count != 1) return MOTE_OK;
    const struct mote_tensor *bias = &lower->graph->tensors[op->inputs[2]];
    if (bias->quant.count == 0) return MOTE_OK;
    const double products = (double)mote_tensor_scale(w->x) * (double)mote_tensor_scale(w->weights);
    const double difference = fabs(products - (double)mote_tensor_scale(bias)) / (double)mote_tensor_scale(w->out);
    if (difference <= 0.02) return MOTE_OK;
    return mote_lower_unsupported(lower, op, op->inputs[2], "the bias must have the scale of input times weights");
}

enum mote_status mote_lower_fully_connected(struct mote_lower *lower, const struct mote_op *op)
{
    const struct mote_weighted_rules rules = {.s16_rule = MOTE_S16_BY_BIAS,
                                              .float_scale_product = true,
                                              .per_tensor_once = true,
                                              .weight_zero_point = true,
                                              .channel_axis = 0,
                                              .activation = op->attrs.fully_connected.activation};
    struct mote_weighted w;
    enum mote_status status = mote_weighted_prepare(lower, op, &rules, &w);
    if (status != MOTE_OK || (status = check_bias_scale(lower, op, &w)) != MOTE_OK) return status;
    const int32_t in_features = w.weights->shape.dims[1];
    const int64_t rows = mote_shape_elements(&w.x->shape) / in_features;
    if (in_features > UINT16_MAX || w.channels > UINT16_MAX || rows > UINT16_MAX)
        return mote_lower_unsupported(lower, op, op->inputs[0], "more than 65535 features or rows");
    bool taken;
    status = mote_pack_fully_connected_avr(lower, op, &w, (int32_t)rows, &taken);
    if (status != MOTE_OK || taken) return status;
    status = mote_pack_fully_connected_mve(lower, op, &w, in_features, (uint32_t)rows, &taken);
    if (status != MOTE_OK || taken) return status;
    status = mote_pack_fully_connected_armv7em(lower, op, &w, in_features, (uint32_t)rows, &taken);
    if (status != MOTE_OK || taken) return status;
    status = mote_pack_fully_connected_host(lower, op, &w, in_features, (uint16_t)rows, &taken);
    if (status != MOTE_OK || taken) return status;
    status = mote_pack_fully_connected_scalar32(lower, op, &w, in_features, (uint16_t)rows, &taken);
    if (status != MOTE_OK || taken) return status;
    char base_name[64];
    snprintf(base_name, sizeof base_name, "fully_connected_%s", w.variant);
    const int inputs[2] = {0, -1};
    struct mote_step *step = mote_lower_step(lower, op, base_name, inputs, 0, (uint32_t)rows, &status);
    if (!step) return status;
    if (w.wide) FILL_FULLY_CONNECTED((struct mk_fully_connected_wide *)step->params);
    else FILL_FULLY_CONNECTED((struct mk_fully_connected *)step->params);
    const uint32_t element_bytes = (uint32_t)mote_dtype_bytes(w.x->dtype);
    step->inputs[0].row_bytes = (uint32_t)in_features * element_bytes;
    step->inputs[0].rows = (struct mote_row_map){(uint32_t)rows, (uint32_t)rows, 1, 0};
    step->inputs[0].window_rows = 1;
    step->output.row_bytes = (uint32_t)w.channels * element_bytes;
    step->macs = mote_op_macs(lower->graph, op);
    return mote_weighted_bind(lower, step, &w);
}
