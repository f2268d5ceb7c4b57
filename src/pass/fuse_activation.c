/* Exact: with equal scale and zero point, RELU's requantisation is the identity (its multiplier is 1), so it is the clamp
 * that the producer would apply itself. */
#include "pass.h"

/* A transposed convolution has the attribute, but the reference kernels ignore it. */
static enum mote_activation *activation_of(struct mote_op *op)
{
    switch (op->kind) {
    case MOTE_OP_CONV_2D:
    case MOTE_OP_DEPTHWISE_CONV_2D: return &op->attrs.conv.activation;
    case MOTE_OP_FULLY_CONNECTED: return &op->attrs.fully_connected.activation;
    case MOTE_OP_ADD:
    case MOTE_OP_SUB:
    case MOTE_OP_MUL: return &op->attrs.binary.activation;
    case MOTE_OP_AVERAGE_POOL_2D:
    case MOTE_OP_MAX_POOL_2D: return &op->attrs.pool.activation;
    default: return NULL;
    }
}

enum mote_status mote_pass_fuse_activation(struct mote_graph *graph, int32_t *changes, struct mote_diag *diag)
{
    (void)diag;
    int32_t fused = 0;
    for (int32_t i = 0; i < graph->op_count;) {
        const struct mote_op *relu = &graph->ops[i++];
        if (relu->kind != MOTE_OP_RELU && relu->kind != MOTE_OP_RELU6) continue;
        const int32_t in = relu->inputs[0], out = relu->outputs[0];
        const int32_t producer = mote_graph_producer(graph, in);
        if (producer < 0 || mote_pass_single_consumer(graph, in) != relu ||
            !mote_pass_same_quantisation(&graph->tensors[in], &graph->tensors[out]))
            continue;
        enum mote_activation *activation = activation_of(&graph->ops[producer]);
        if (!activation || *activation != MOTE_ACT_NONE) continue;
        *activation = relu->kind == MOTE_OP_RELU ? MOTE_ACT_RELU : MOTE_ACT_RELU6;
        graph->ops[producer].outputs[0] = out;
        mote_pass_remove_op(graph, --i);
        fused++;
    }
    *changes = fused;
    return MOTE_OK;
}
