/* lower_weighted.h: what convolutions and fully connected layers have in common on the way to a kernel: types, zero
 * points, multipliers, bias. */
#ifndef MOTE_PLAN_LOWER_WEIGHTED_H
#define MOTE_PLAN_LOWER_WEIGHTED_H

#include "lower.h"

/* The accumulators that the reference uses for int16 activations. */
enum mote_s16_rule {
    MOTE_S16_BY_BIAS,    /* 32 bits with an int32 bias or none, 64 bits with an int64 bias */
    MOTE_S16_ALWAYS_WIDE /* 64 bits: bias int64 or none */
};

/* Filled by the operator. */
struct mote_weighted_rules {
    enum mote_s16_rule s16_rule;
    bool s16_bias_widens;     /* an int16 bias counts as an int64 one */
    bool float_scale_product; /* with per-tensor weights, input scale * weight scale is rounded to float */
    bool per_tensor_once;     /* with per-tensor weights, store one multiplier instead of one per channel */
    bool weight_zero_point;   /* per-tensor weights may have a zero point other than 0 */
    int32_t channel_axis;     /* of the weights */
    enum mote_activation activation;
};

/* Filled by mote_weighted_prepare; arrays live in the plan's arena. */
struct mote_weighted {
    const char *variant; /* "s8", "s16", "s16w": how the kernels' names end */
    bool wide;           /* s16w: 64-bit sums, and a bias of that type */
    const struct mote_tensor *x, *weights, *out;
    int32_t channels, multiplier_count;
    int32_t *multiplier;
    int8_t *shift;
    const void *bias; /* int32_t, or int64_t if wide, one per channel; NULL if there is none */
    int16_t in_offset, weight_offset, out_zero_point, act_min, act_max;
};

/* Checks everything that the weighted kernels trust apart from extents, and computes their constants.
 * MOTE_ERR_UNSUPPORTED names the tensor and says why and what to do. */
MOTE_MUST_CHECK enum mote_status mote_weighted_prepare(struct mote_lower *lower, const struct mote_op *op,
                                                       const struct mote_weighted_rules *rules,
                                                       struct mote_weighted *weighted);

/* Binds weights, bias, multiplier and shift to a step. */
MOTE_MUST_CHECK enum mote_status mote_weighted_bind(struct mote_lower *lower, struct mote_step *step,
                                                    const struct mote_weighted *weighted);

#endif
