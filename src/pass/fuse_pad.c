/* Exact: a convolution's own padding adds nothing to the accumulator; a padded zero point adds
 * (zero point - zero point) * weight = 0. Where both pad, the sums of the paddings pad. */
#include "pass.h"

#include <string.h>

static bool pads_plane_with_zero(const struct mote_graph *graph, const struct mote_op *pad)
{
    const struct mote_tensor *in = &graph->tensors[pad->inputs[0]];
    const struct mote_tensor *out = &graph->tensors[pad->outputs[0]];
    const struct mote_attrs_pad *attrs = &pad->attrs.pad;
    return out->shape.rank == 4 && mote_pass_same_quantisation(in, out) && !attrs->before[0] && !attrs->after[0] &&
           !attrs->before[3] && !attrs->after[3] && attrs->value == mote_tensor_zero_point(out);
}

/* Every reader is a convolution that reads the tensor as its data. */
static bool only_convolutions_read(const struct mote_graph *graph, int32_t tensor)
{
    if (mote_graph_is_output(graph, tensor)) return false;
    for (int32_t i = 0; i < graph->op_count; i++) {
        const struct mote_op *op = &graph->ops[i];
        for (int32_t k = 0; k < op->input_count; k++) {
            if (op->inputs[k] != tensor) continue;
            if (k != 0 || (op->kind != MOTE_OP_CONV_2D && op->kind != MOTE_OP_DEPTHWISE_CONV_2D)) return false;
        }
    }
    return true;
}

enum mote_status mote_pass_fuse_pad(struct mote_graph *graph, int32_t *changes, struct mote_diag *diag)
{
    (void)diag;
    int32_t fused = 0;
    for (int32_t i = graph->op_count - 1; i >= 0; i--) {
        const struct mote_op pad = graph->ops[i];
        if (pad.kind != MOTE_OP_PAD || !pads_plane_with_zero(graph, &pad) ||
            !only_convolutions_read(graph, pad.outputs[0]))
            continue;
        for (int32_t k = 0; k < graph->op_count; k++) {
            struct mote_op *conv = &graph->ops[k];
            if (k == i || conv->input_count == 0 || conv->inputs[0] != pad.outputs[0]) continue;
            conv->inputs[0] = pad.inputs[0];
            conv->attrs.conv.pad_top += pad.attrs.pad.before[1];
            conv->attrs.conv.pad_bottom += pad.attrs.pad.after[1];
            conv->attrs.conv.pad_left += pad.attrs.pad.before[2];
            conv->attrs.conv.pad_right += pad.attrs.pad.after[2];
        }
        mote_pass_remove_op(graph, i);
        fused++;
    }
    *changes = fused;
    return MOTE_OK;
}
