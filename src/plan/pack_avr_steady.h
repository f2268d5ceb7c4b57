/* pack_avr_steady.h: lowering to the AVR kernels whose running time does not depend on data (kernel/avr/mk_avr_steady.h), for
 * plans of steady time. */
#ifndef MOTE_PLAN_PACK_AVR_STEADY_H
#define MOTE_PLAN_PACK_AVR_STEADY_H

#include "pack_avr.h"

/* A convolution or fully connected layer that mote_pack_avr_is_plain. *taken: a step was added; false: a channel has no proven
 * requantisation, or it has too many inputs or channels. Fails only for want of memory. */
MOTE_MUST_CHECK enum mote_status mote_pack_conv_avr_steady(struct mote_lower *lower, const struct mote_pack_conv *conv,
                                                           bool *taken);

/* An int8 average pool; act_min and act_max are its bounds. */
MOTE_MUST_CHECK enum mote_status mote_pack_pool_avr_steady(struct mote_lower *lower, const struct mote_op *op,
                                                           const struct mote_nhwc *in, const struct mote_nhwc *out,
                                                           int32_t act_min, int32_t act_max, bool *taken);

#endif
