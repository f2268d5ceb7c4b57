/* pack_conv.h: what the tuned kernels of all families have in common on the way to a convolution's step. */
#ifndef MOTE_PLAN_PACK_CONV_H
#define MOTE_PLAN_PACK_CONV_H

#include "lower_weighted.h"

/* A convolution, checked, on its way to a kernel. */
struct mote_pack_conv {
    const struct mote_op *op;
    const struct mote_attrs_conv *attrs;
    const struct mote_weighted *w;
    struct mote_nhwc in, out;
    int32_t filter_h, filter_w, filter_c;
    struct mote_row_map rows;
    uint32_t window_rows;
};

/* Initialisers of the parameters that the struct mk_conv_* of all families have; `count`: the type of filter and stride. */
#define MOTE_PACK_CONV_SHAPES(conv, count)                                                                              \
    .in_h = (conv)->in.h, .in_w = (conv)->in.w, .in_c = (conv)->in.c,                                                   \
    .out_h = (conv)->out.h, .out_w = (conv)->out.w, .out_c = (conv)->out.c,                                             \
    .filter_h = (count)(conv)->filter_h, .filter_w = (count)(conv)->filter_w,                                           \
    .stride_h = (count)(conv)->attrs->stride_h, .stride_w = (count)(conv)->attrs->stride_w,                             \
    .pad_top = (int16_t)(conv)->attrs->pad_top, .pad_left = (int16_t)(conv)->attrs->pad_left,                           \
    .in_ring = (uint16_t)((conv)->in.n * (conv)->in.h), .out_ring = (uint16_t)((conv)->out.n * (conv)->out.h)

/* What every tuned convolution asks: int8, no dilation, at most 16 filter rows. */
bool mote_pack_conv_is_plain(const struct mote_pack_conv *conv);

/* The step with its rows and multiply-accumulates, its parameters zero; NULL on failure, with the reason in *status. */
struct mote_step *mote_pack_conv_step(struct mote_lower *lower, const struct mote_pack_conv *conv, const char *kernel,
                                      enum mote_status *status);

/* A fully connected layer of `rows` rows as a 1x1 convolution over a column of as many. */
struct mote_pack_conv mote_pack_fully_connected(const struct mote_op *op, const struct mote_weighted *w, int32_t in_features,
                                                uint16_t rows);

/* Less than a fiftieth of the model's work: not worth the code of a kernel of its own. */
bool mote_pack_is_minor(const struct mote_lower *lower, const struct mote_op *op);

#endif
