#include "channels.h"

#include <string.h>

/* ---- Kept channels ---- */

/* The channels of the tensor that stay, ascending, in the scratch arena; NULL when memory is out. */
static int32_t *kept_of(struct mote_channel_sets *sets, int32_t tensor, int32_t *count)
{
    const int32_t channels = sets->channel_counts[tensor];
    int32_t *kept = MOTE_NEW_ARRAY(sets->arena, int32_t, (size_t)channels);
    *count = 0;
    for (int32_t c = 0; kept && c < channels; c++)
        if (mote_channel_needed(sets, tensor, c)) kept[(*count)++] = c;
    return kept;
}

static bool loses_channels(struct mote_channel_sets *sets, int32_t tensor)
{
    for (int32_t c = 0; c < sets->channel_counts[tensor]; c++)
        if (!mote_channel_needed(sets, tensor, c)) return true;
    return false;
}

/* ---- Weighted operators ---- */

struct slicer {
    struct mote_channel_sets *sets;
    const struct mote_weights *w;
    int32_t *ins, *outs; /* kept channels */
    int32_t in_count, out_count;
    bool slices_inputs;  /* weights have an axis of x's channels, and x loses some */
};

static enum mote_status slice_weights(const struct slicer *s, struct mote_tensor *sliced)
{
    const struct mote_weights *w = s->w;
    const bool depthwise = w->op->kind == MOTE_OP_DEPTHWISE_CONV_2D;
    const int32_t per_tap = s->slices_inputs ? s->in_count : w->channels_per_tap;
    const size_t count = (size_t)s->out_count * (size_t)w->tap_count * (size_t)per_tap;
    uint8_t *data = mote_arena_calloc(s->sets->graph->arena, count, 1);
    if (!data) return MOTE_ERR_MEMORY;
    for (int32_t o = 0; o < s->out_count; o++)
        for (int32_t t = 0; t < w->tap_count; t++)
            for (int32_t k = 0; k < per_tap; k++) {
                const size_t row = depthwise ? (size_t)t : (size_t)o * (size_t)w->tap_count + (size_t)t;
                const size_t to = depthwise ? row * (size_t)s->out_count + (size_t)o : row * (size_t)per_tap + (size_t)k;
                data[to] = w->weights->data[mote_weights_index(w, s->outs[o], t, s->slices_inputs ? s->ins[k] : k)];
            }
    *sliced = *w->weights;
    sliced->data = data;
    sliced->shape.dims[w->channel_axis] = s->out_count;
    if (w->op->kind == MOTE_OP_FULLY_CONNECTED) sliced->shape.dims[1] = w->tap_count * per_tap;
    else if (!depthwise) sliced->shape.dims[3] = per_tap;
    return MOTE_OK;
}

/* Scales and zero points of the kept output channels. */
static enum mote_status slice_quant(const struct slicer *s, struct mote_quant *quant)
{
    if (quant->count <= 1) return MOTE_OK;
    float *scales = MOTE_NEW_ARRAY(s->sets->graph->arena, float, (size_t)s->out_count);
    int64_t *zero_points = MOTE_NEW_ARRAY(s->sets->graph->arena, int64_t, (size_t)s->out_count);
    if (!scales || !zero_points) return MOTE_ERR_MEMORY;
    for (int32_t o = 0; o < s->out_count; o++) {
        scales[o] = quant->scales[s->outs[o]];
        zero_points[o] = quant->zero_points[s->outs[o]];
    }
    quant->count = (uint32_t)s->out_count;
    quant->scales = scales;
    quant->zero_points = zero_points;
    return MOTE_OK;
}

/* What the channels that go have always contributed to output o. Taps that may lie in the padding come only with the
 * zero point or a weight of zero: they contribute 0. */
static int64_t folded(const struct slicer *s, int32_t o)
{
    const struct mote_weights *w = s->w;
    const int32_t x = w->op->inputs[0];
    const int64_t zero_point = mote_tensor_zero_point(w->x);
    int64_t sum = 0;
    if (!s->slices_inputs) return 0;
    for (int32_t k = 0; k < w->channels_per_tap; k++) {
        if (mote_channel_needed(s->sets, x, k)) continue;
        const struct mote_interval value = mote_intervals_channel(s->sets->intervals, x, k);
        if (value.low != value.high) continue; /* not constant: all its weights are zero */
        for (int32_t t = 0; t < w->tap_count; t++)
            if (w->taps[t].always) sum += (value.low - zero_point) * mote_weights_at(w, o, t, k);
    }
    return sum;
}

/* *bias receives the new tensor, or stays MOTE_NO_TENSOR where there was none and none is needed. */
static enum mote_status slice_bias(const struct slicer *s, int32_t *bias)
{
    const struct mote_weights *w = s->w;
    struct mote_graph *graph = s->sets->graph;
    struct mote_tensor t = {.name = "bias", .dtype = w->wide ? MOTE_S64 : MOTE_S32};
    if (w->bias) t = *w->bias;
    if (w->bias && slice_quant(s, &t.quant) != MOTE_OK) return MOTE_ERR_MEMORY;
    if (t.dtype == MOTE_S16) t.dtype = MOTE_S64; /* the other type that the same sums take */
    const size_t bytes = mote_dtype_bytes(t.dtype);
    uint8_t *data = mote_arena_calloc(graph->arena, (size_t)s->out_count, bytes);
    if (!data) return MOTE_ERR_MEMORY;
    bool any = w->bias != NULL;
    for (int32_t o = 0; o < s->out_count; o++) {
        const int64_t value = mote_weights_bias(w, s->outs[o]) + folded(s, s->outs[o]);
        memcpy(data + (size_t)o * bytes, &value, bytes); /* little-endian host; it fits: see bias_has_room */
        any = any || value != 0;
    }
    if (!any) return MOTE_OK;
    t.data = data;
    t.shape = (struct mote_shape){1, {s->out_count}};
    if (t.quant.count > 1) t.quant.axis = 0;
    *bias = mote_graph_add_tensor(graph, t);
    return *bias < 0 ? MOTE_ERR_MEMORY : MOTE_OK;
}

/* Gives op new weights and bias. */
static enum mote_status replace_constants(const struct slicer *s, struct mote_op *op)
{
    struct mote_graph *graph = s->sets->graph;
    struct mote_tensor sliced;
    enum mote_status status = slice_weights(s, &sliced);
    if (status == MOTE_OK) status = slice_quant(s, &sliced.quant);
    if (status != MOTE_OK) return status;
    int32_t bias = MOTE_NO_TENSOR;
    if ((status = slice_bias(s, &bias)) != MOTE_OK) return status;
    int32_t *inputs = MOTE_NEW_ARRAY(graph->arena, int32_t, 3);
    const int32_t weights = mote_graph_add_tensor(graph, sliced);
    if (!inputs || weights < 0) return MOTE_ERR_MEMORY;
    inputs[0] = op->inputs[0];
    inputs[1] = weights;
    inputs[2] = bias;
    op->inputs = inputs;
    op->input_count = bias == MOTE_NO_TENSOR ? 2 : 3;
    return MOTE_OK;
}

static enum mote_status slice_op(struct mote_channel_sets *sets, int32_t op_index)
{
    struct mote_op *op = &sets->graph->ops[op_index];
    const struct mote_weights *w = sets->intervals->accumulators[op_index].weights;
    const int32_t x = op->inputs[0], out = op->outputs[0];
    struct slicer s = {.sets = sets, .w = w};
    s.slices_inputs = op->kind != MOTE_OP_DEPTHWISE_CONV_2D && w->maps_channels && loses_channels(sets, x);
    if (!s.slices_inputs && !loses_channels(sets, out)) return MOTE_OK;
    s.ins = kept_of(sets, x, &s.in_count);
    s.outs = kept_of(sets, out, &s.out_count);
    return s.ins && s.outs ? replace_constants(&s, op) : MOTE_ERR_MEMORY;
}

/* ---- Tensors ---- */

/* The data of a constant without the channels that go. */
static const uint8_t *slice_data(struct mote_graph *graph, const struct mote_tensor *t, int32_t channels,
                                 const int32_t *kept, int32_t kept_count)
{
    const size_t bytes = mote_dtype_bytes(t->dtype);
    const size_t pixels = (size_t)mote_shape_elements(&t->shape) / (size_t)channels;
    uint8_t *data = mote_arena_calloc(graph->arena, pixels * (size_t)kept_count, bytes);
    for (size_t p = 0; data && p < pixels; p++)
        for (int32_t k = 0; k < kept_count; k++)
            memcpy(data + (p * (size_t)kept_count + (size_t)k) * bytes,
                   t->data + (p * (size_t)channels + (size_t)kept[k]) * bytes, bytes);
    return data;
}

static enum mote_status slice_tensor(struct mote_channel_sets *sets, int32_t tensor, int32_t *removed)
{
    struct mote_graph *graph = sets->graph;
    struct mote_tensor *t = &graph->tensors[tensor];
    const int32_t channels = sets->channel_counts[tensor];
    int32_t count;
    const int32_t *kept = kept_of(sets, tensor, &count);
    int32_t *source = MOTE_NEW_ARRAY(graph->arena, int32_t, (size_t)count);
    if (!kept || !source) return MOTE_ERR_MEMORY;
    for (int32_t i = 0; i < count; i++) source[i] = t->kept_channels ? t->kept_channels[kept[i]] : kept[i];
    if (t->data) {
        const uint8_t *data = slice_data(graph, t, channels, kept, count);
        if (!data) return MOTE_ERR_MEMORY;
        t->data = data;
    }
    t->kept_channels = source;
    t->shape.dims[t->shape.rank - 1] = count;
    *removed += channels - count;
    return MOTE_OK;
}

enum mote_status mote_channels_slice(struct mote_channel_sets *sets, int32_t *removed, struct mote_diag *diag)
{
    struct mote_graph *graph = sets->graph;
    const int32_t tensor_count = graph->tensor_count; /* those added below are sliced already */
    int32_t total = 0;
    enum mote_status status = MOTE_OK;
    for (int32_t i = 0; i < graph->op_count && status == MOTE_OK; i++)
        if (sets->intervals->accumulators[i].channels) status = slice_op(sets, i);
    for (int32_t i = 0; i < graph->op_count; i++) {
        struct mote_op *op = &graph->ops[i];
        if (op->kind != MOTE_OP_STRIDED_SLICE || !loses_channels(sets, op->inputs[0])) continue;
        const int32_t last = graph->tensors[op->inputs[0]].shape.rank - 1;
        int32_t count = 0;
        for (int32_t c = 0; c < sets->channel_counts[op->inputs[0]]; c++)
            count += mote_channel_needed(sets, op->inputs[0], c);
        op->attrs.strided_slice.size[last] = count;
    }
    for (int32_t t = 0; t < tensor_count && status == MOTE_OK; t++)
        if (loses_channels(sets, t)) status = slice_tensor(sets, t, &total);
    if (status != MOTE_OK) return mote_error_memory(diag);
    *removed = total;
    return MOTE_OK;
}
