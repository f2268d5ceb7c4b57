/* channels_links.c: which channels of an operator's tensors are one thing, and which must stay. */
#include "channels_links.h"

static void join(struct mote_channel_sets *sets, size_t a, size_t b)
{
    if (a == b) return;
    sets->parents[b] = a;
    sets->needed[a] = sets->needed[a] || sets->needed[b];
}

static void link_channels(struct mote_channel_sets *sets, int32_t tensor_a, int32_t a, int32_t tensor_b, int32_t b)
{
    join(sets, mote_channel_root(sets, tensor_a, a), mote_channel_root(sets, tensor_b, b));
}

void mote_channels_pin(struct mote_channel_sets *sets, int32_t tensor)
{
    if (tensor == MOTE_NO_TENSOR) return;
    for (int32_t c = 0; c < sets->channel_counts[tensor]; c++) sets->needed[mote_channel_root(sets, tensor, c)] = true;
}

static void pin_op(struct mote_channel_sets *sets, const struct mote_op *op)
{
    for (int32_t i = 0; i < op->input_count; i++) mote_channels_pin(sets, op->inputs[i]);
    for (int32_t i = 0; i < op->output_count; i++) mote_channels_pin(sets, op->outputs[i]);
}

/* Channel c of one is channel c of the other. */
static void link_same(struct mote_channel_sets *sets, int32_t a, int32_t b)
{
    for (int32_t c = 0; c < sets->channel_counts[a]; c++) link_channels(sets, a, c, b, c);
}

static void link_binary(struct mote_channel_sets *sets, const struct mote_op *op)
{
    for (int32_t i = 0; i < op->input_count; i++) {
        if (sets->channel_counts[op->inputs[i]] == sets->channel_counts[op->outputs[0]])
            link_same(sets, op->inputs[i], op->outputs[0]);
        else mote_channels_pin(sets, op->inputs[i]); /* one channel, read by all */
    }
}

/* Output channels are whole multiples of input channels: with every channel that goes, as many go from each row of the
 * output as it repeats there. */
static void link_reshape(struct mote_channel_sets *sets, const struct mote_op *op)
{
    const int32_t x = op->inputs[0], y = op->outputs[0];
    const int32_t from = sets->channel_counts[x], to = sets->channel_counts[y];
    if (to % from != 0) {
        pin_op(sets, op);
        return;
    }
    for (int32_t c = 0; c < to; c++) link_channels(sets, x, c % from, y, c);
}

static void link_concatenation(struct mote_channel_sets *sets, const struct mote_op *op)
{
    const int32_t y = op->outputs[0];
    const bool by_channel = op->attrs.concatenation.axis == sets->graph->tensors[y].shape.rank - 1;
    int32_t begin = 0;
    for (int32_t i = 0; i < op->input_count; i++) {
        const int32_t x = op->inputs[i], count = sets->channel_counts[x];
        for (int32_t c = 0; c < count; c++) link_channels(sets, y, begin + c, x, c);
        if (by_channel) begin += count;
    }
}

static bool keeps_channels(const struct mote_channel_sets *sets, const struct mote_op *op)
{
    const int32_t last = sets->graph->tensors[op->inputs[0]].shape.rank - 1;
    switch (op->kind) {
    case MOTE_OP_PAD: return op->attrs.pad.before[last] == 0 && op->attrs.pad.after[last] == 0;
    case MOTE_OP_MEAN: return !(op->attrs.reduce.axes >> last & 1);
    case MOTE_OP_SPLIT: return op->attrs.split.axis != last;
    case MOTE_OP_STRIDED_SLICE: {
        const struct mote_attrs_strided_slice *s = &op->attrs.strided_slice;
        return s->begin[last] == 0 && s->stride[last] == 1 && s->size[last] == sets->channel_counts[op->inputs[0]] &&
               !(s->shrink >> last & 1);
    }
    default: return true;
    }
}

static void link_weighted(struct mote_channel_sets *sets, const struct mote_op *op, const struct mote_weights *w)
{
    if (op->kind == MOTE_OP_DEPTHWISE_CONV_2D) {
        for (int32_t o = 0; o < w->out_channels; o++)
            link_channels(sets, op->inputs[0], mote_weights_channel(w, o, 0), op->outputs[0], o);
        return;
    }
    if (!w->maps_channels) mote_channels_pin(sets, op->inputs[0]);
    if (w->maps_channels && w->channels_per_tap != w->in_channels) { /* groups, all of one size */
        mote_channels_pin(sets, op->inputs[0]);
        mote_channels_pin(sets, op->outputs[0]);
    }
}

void mote_channels_link(struct mote_channel_sets *sets, int32_t op_index)
{
    const struct mote_op *op = &sets->graph->ops[op_index];
    const struct mote_accumulators *acc = &sets->intervals->accumulators[op_index];
    switch (op->kind) {
    case MOTE_OP_CONV_2D:
    case MOTE_OP_DEPTHWISE_CONV_2D:
    case MOTE_OP_TRANSPOSE_CONV:
    case MOTE_OP_FULLY_CONNECTED:
        for (int32_t i = 1; i < op->input_count; i++) mote_channels_pin(sets, op->inputs[i]);
        if (acc->channels) link_weighted(sets, op, acc->weights);
        else pin_op(sets, op);
        return;
    case MOTE_OP_ADD:
    case MOTE_OP_SUB:
    case MOTE_OP_MUL:
    case MOTE_OP_MAXIMUM:
    case MOTE_OP_MINIMUM: link_binary(sets, op); return;
    case MOTE_OP_RESHAPE: link_reshape(sets, op); return;
    case MOTE_OP_CONCATENATION: link_concatenation(sets, op); return;
    case MOTE_OP_AVERAGE_POOL_2D:
    case MOTE_OP_MAX_POOL_2D:
    case MOTE_OP_RELU:
    case MOTE_OP_RELU6:
    case MOTE_OP_LEAKY_RELU:
    case MOTE_OP_LOGISTIC:
    case MOTE_OP_TANH:
    case MOTE_OP_HARD_SWISH:
    case MOTE_OP_QUANTIZE:
    case MOTE_OP_DEQUANTIZE:
    case MOTE_OP_PAD:
    case MOTE_OP_MEAN:
    case MOTE_OP_SPLIT:
    case MOTE_OP_STRIDED_SLICE:
        if (sets->graph->tensors[op->inputs[0]].shape.rank < 1 || !keeps_channels(sets, op)) break;
        for (int32_t i = 0; i < op->output_count; i++) link_same(sets, op->inputs[0], op->outputs[i]);
        return;
    case MOTE_OP_SOFTMAX:
    case MOTE_OP_COUNT: break;
    }
    pin_op(sets, op);
}
