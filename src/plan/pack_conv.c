#include "pack_conv.h"

enum { MOST_FILTER_ROWS = 16 }; /* as in the kernels */

bool mote_pack_conv_is_plain(const struct mote_pack_conv *conv)
{
    const struct mote_attrs_conv *a = conv->attrs;
    return conv->w->x->dtype == MOTE_S8 && (a->dilation_h == 1 || conv->filter_h == 1) &&
           (a->dilation_w == 1 || conv->filter_w == 1) && conv->filter_h <= MOST_FILTER_ROWS;
}

struct mote_step *mote_pack_conv_step(struct mote_lower *lower, const struct mote_pack_conv *conv, const char *kernel,
                                      enum mote_status *status)
{
    struct mote_step *step =
        mote_lower_step(lower, conv->op, kernel, (const int[2]){0, -1}, 0, (uint32_t)conv->out.n * conv->out.h, status);
    if (!step) return NULL;
    step->inputs[0].row_bytes = (uint32_t)conv->in.w * conv->in.c;
    step->inputs[0].rows = conv->rows;
    step->inputs[0].window_rows = conv->window_rows;
    step->output.row_bytes = (uint32_t)conv->out.w * conv->out.c;
    step->macs = mote_op_macs(lower->graph, conv->op);
    return step;
}

struct mote_pack_conv mote_pack_fully_connected(const struct mote_op *op, const struct mote_weighted *w, int32_t in_features,
                                                uint16_t rows)
{
    static const struct mote_attrs_conv attrs = {.stride_h = 1, .stride_w = 1, .dilation_h = 1, .dilation_w = 1};
    return (struct mote_pack_conv){
        .op = op, .attrs = &attrs, .w = w,
        .in = {1, rows, 1, (uint16_t)in_features}, .out = {1, rows, 1, (uint16_t)w->channels},
        .filter_h = 1, .filter_w = 1, .filter_c = in_features,
        .rows = {rows, rows, 1, 0}, .window_rows = 1,
    };
}

bool mote_pack_is_minor(const struct mote_lower *lower, const struct mote_op *op)
{
    int64_t all = 0;
    for (int32_t i = 0; i < lower->graph->op_count; i++) all += mote_op_macs(lower->graph, &lower->graph->ops[i]);
    return mote_op_macs(lower->graph, op) < all / 50;
}
