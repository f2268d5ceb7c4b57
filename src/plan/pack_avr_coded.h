/* pack_avr_coded.h: weights of 1x1 convolutions and fully connected layers in fewer bytes, without loss, for the kernel
 * conv_2d_s8_coded_avr; kernel/avr/mk_avr_coded.h has the format.
 *
 * Groups of eight channels are coded one by one. What a group saves and costs is known beforehand, so one number says
 * which groups are coded: how many cycles per inference a byte of flash is worth. */
#ifndef MOTE_PLAN_PACK_AVR_CODED_H
#define MOTE_PLAN_PACK_AVR_CODED_H

#include "plan.h"

#define MOTE_CODE_NOTHING (-1.0) /* as most_cycles_per_byte; INFINITY codes all that gets smaller */

/* Weights [channels][taps]. */
struct mote_code_layer {
    const int8_t *weights;
    int32_t channels, taps;
    double positions;     /* output positions per inference */
    double uncoded_cycles; /* per input and group of eight channels, in the kernel that it would go to otherwise */
};

struct mote_coded {
    uint8_t *bytes; /* NULL: not worth it */
    size_t byte_count;
};

/* The kernel takes such a convolution: one tap, which never lies outside of the input. */
bool mote_code_is_pointwise(const struct mk_conv_avr *p);

/* Codes each group for which the price is right; `coded` is in the arena. Fails only for want of memory. */
MOTE_MUST_CHECK enum mote_status mote_code_weights(const struct mote_code_layer *layer, double most_cycles_per_byte,
                                                   struct mote_arena *arena, struct mote_coded *coded,
                                                   struct mote_diag *diag);

/* The least price at which the plan, built without coded weights, would fit its target's flash; INFINITY if none does,
 * MOTE_CODE_NOTHING if it fits as it is or the target has no such kernel. Fails only for want of memory. */
MOTE_MUST_CHECK enum mote_status mote_code_choose_price(const struct mote_plan *plan, double *most_cycles_per_byte,
                                                        struct mote_diag *diag);

/* What the kernel named `base_name` ("conv_2d_s8_runs") takes: layer.uncoded_cycles. */
double mote_code_uncoded_cycles(const char *base_name);

#endif
