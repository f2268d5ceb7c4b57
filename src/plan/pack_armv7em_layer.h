/* pack_armv7em_layer.h: what the packers of the armv7em and mve kernels share: a weighted layer as their streams see it. */
#ifndef MOTE_PLAN_PACK_ARMV7EM_LAYER_H
#define MOTE_PLAN_PACK_ARMV7EM_LAYER_H

#include "pack_armv7em.h"

/* Output channels of `taps` inputs each. */
struct mote_armv7em_layer {
    const struct mote_weighted *w;
    const int8_t *weights;
    int64_t channel_step, tap_step; /* of `weights` */
    int32_t taps;                   /* as the kernel counts them: runs of `run` weights, rounded up to `padded_run` */
    int32_t run, padded_run;
    int32_t scale;                  /* the kernel's sums are this times the layer's */
    bool is_fine;                   /* and so are its biases */
    struct mote_armv7em_channel *channels;
    struct mote_armv7em_record *records;
    int record_words;
    uint32_t way; /* enum mk_armv7em_way, or mk_mve_way */
};

/* 0 for channels and taps that do not exist. */
int32_t mote_armv7em_weight(const struct mote_armv7em_layer *layer, int32_t channel, int32_t tap);

/* The bias that goes with stored inputs: the zero point's part is in it. 0 for a channel that does not exist. */
int32_t mote_armv7em_bias(const struct mote_armv7em_layer *layer, int32_t channel);

/* What a kernel whose biases are as fine as its sums begins them with, modulo 2^32; 0 for a channel that does not exist. */
int32_t mote_armv7em_fine_bias(const struct mote_armv7em_layer *layer, int32_t channel);

/* Fills in channels. *possible: sums are small enough for the kernels. Fails for want of memory. */
MOTE_MUST_CHECK enum mote_status mote_armv7em_bound(struct mote_lower *lower, struct mote_armv7em_layer *layer,
                                                    bool *possible);

/* The same, and records and way. *possible: sums are small enough for the kernels. Fails for want of memory. */
MOTE_MUST_CHECK enum mote_status mote_armv7em_prepare(struct mote_lower *lower, struct mote_armv7em_layer *layer,
                                                      bool *possible);

/* The records of `count` channels, zeros for those that do not exist; returns the place behind them. */
int32_t *mote_armv7em_put_records(int32_t *to, const struct mote_armv7em_layer *layer, int32_t channel, int32_t count);

/* The step of a convolution without what mote_armv7em_bind adds; NULL on failure, with the reason in *status. */
struct mote_step *mote_armv7em_add_conv(struct mote_lower *lower, const struct mote_pack_conv *conv, const char *name,
                                        enum mote_status *status);

/* Requantisation and stream to the step's parameters; a NULL stream is want of memory. */
MOTE_MUST_CHECK enum mote_status mote_armv7em_bind(struct mote_lower *lower, struct mote_step *step,
                                                   const struct mote_armv7em_layer *layer, const int32_t *stream,
                                                   size_t words);

/* A kernel and the most that it has room for. */
struct mote_armv7em_size {
    const char *name;
    int32_t most;
};

/* The first kernel of the list, which is in ascending order, with room for `need` that the target has, of this family; NULL if none. */
const char *mote_armv7em_choose(const struct mote_lower *lower, const struct mote_armv7em_size *sizes, size_t count,
                                int32_t need);

/* pack_armv7em_winograd.c, pack_armv7em_depthwise.c */
MOTE_MUST_CHECK enum mote_status mote_armv7em_pack_winograd(struct mote_lower *lower, const struct mote_pack_conv *conv,
                                                            bool *taken);
MOTE_MUST_CHECK enum mote_status mote_armv7em_pack_depthwise(struct mote_lower *lower, const struct mote_pack_conv *conv,
                                                             bool *taken);

#endif
