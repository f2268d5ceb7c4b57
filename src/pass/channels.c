/* Exact, by induction over the operators: every channel that stays keeps its values for every input.
 * - Operators that treat channels apart (depthwise convolutions, pools, elementwise ones, moves of data): a channel's
 *   values depend on the same channel of the inputs only; channels stay or go on both sides together.
 * - Convolutions and fully connected layers: a channel of the input may go if each of its weights for outputs that stay
 *   is zero, or multiplies a constant c which the bias takes over: (c - zero point) * weight. A tap that may lie in the
 *   padding contributes only elsewhere, so it allows this only for c = zero point, where it contributes nothing
 *   anywhere. Sums are the same integers; scales of the outputs that stay are untouched.
 * What is needed is the least fixed point: from the graph's outputs backwards, nothing stays without a reader. */
#include "channels.h"

#include "channels_links.h"

#include <string.h>

/* ---- Sets ---- */

size_t mote_channel_root(struct mote_channel_sets *sets, int32_t tensor, int32_t channel)
{
    size_t node = sets->first_node[tensor] + (size_t)channel;
    while (sets->parents[node] != node) {
        sets->parents[node] = sets->parents[sets->parents[node]];
        node = sets->parents[node];
    }
    return node;
}

bool mote_channel_needed(struct mote_channel_sets *sets, int32_t tensor, int32_t channel)
{
    return sets->needed[mote_channel_root(sets, tensor, channel)];
}

static enum mote_status make_sets(struct mote_channel_sets *sets)
{
    const size_t tensors = (size_t)sets->graph->tensor_count;
    sets->channel_counts = MOTE_NEW_ARRAY(sets->arena, int32_t, tensors);
    sets->first_node = MOTE_NEW_ARRAY(sets->arena, size_t, tensors);
    if (!sets->channel_counts || !sets->first_node) return MOTE_ERR_MEMORY;
    sets->node_count = 0;
    for (size_t t = 0; t < tensors; t++) {
        const struct mote_shape *shape = &sets->graph->tensors[t].shape;
        sets->channel_counts[t] = shape->rank ? shape->dims[shape->rank - 1] : 1;
        sets->first_node[t] = sets->node_count;
        sets->node_count += (size_t)sets->channel_counts[t];
    }
    sets->parents = MOTE_NEW_ARRAY(sets->arena, size_t, sets->node_count);
    sets->needed = MOTE_NEW_ARRAY(sets->arena, bool, sets->node_count);
    if (!sets->parents || !sets->needed) return MOTE_ERR_MEMORY;
    for (size_t i = 0; i < sets->node_count; i++) sets->parents[i] = i;
    return MOTE_OK;
}

/* Tensors that no operator reads or writes, left over from other passes or from a round before, stay as they are. */
static enum mote_status pin_idle_tensors(struct mote_channel_sets *sets)
{
    const struct mote_graph *graph = sets->graph;
    bool *busy = MOTE_NEW_ARRAY(sets->arena, bool, (size_t)graph->tensor_count);
    if (!busy) return MOTE_ERR_MEMORY;
    for (int32_t i = 0; i < graph->op_count; i++) {
        const struct mote_op *op = &graph->ops[i];
        for (int32_t k = 0; k < op->input_count; k++)
            if (op->inputs[k] != MOTE_NO_TENSOR) busy[op->inputs[k]] = true;
        for (int32_t k = 0; k < op->output_count; k++) busy[op->outputs[k]] = true;
    }
    for (int32_t t = 0; t < graph->tensor_count; t++)
        if (!busy[t]) mote_channels_pin(sets, t);
    return MOTE_OK;
}

static void link_all(struct mote_channel_sets *sets)
{
    const struct mote_graph *graph = sets->graph;
    for (int32_t i = 0; i < graph->input_count; i++) mote_channels_pin(sets, graph->inputs[i]);
    for (int32_t i = 0; i < graph->output_count; i++) mote_channels_pin(sets, graph->outputs[i]);
    for (int32_t t = 0; t < graph->tensor_count; t++) /* scalars have no channels; scales per channel are not sliced */
        if (graph->tensors[t].shape.rank == 0 || graph->tensors[t].quant.count > 1) mote_channels_pin(sets, t);
    for (int32_t i = 0; i < graph->op_count; i++) mote_channels_link(sets, i);
}

/* ---- Needs ---- */

/* May the bias of output o take over all constants without leaving its type? */
static bool bias_has_room(const struct mote_channel_sets *sets, const struct mote_weights *w, int32_t o)
{
    if (w->wide) return true; /* 64 bits */
    const int64_t bias = mote_weights_bias(w, o), zero_point = mote_tensor_zero_point(w->x);
    int64_t size = bias < 0 ? -bias : bias;
    for (int32_t k = 0; k < w->channels_per_tap; k++) {
        const struct mote_interval x =
            mote_intervals_channel(sets->intervals, w->op->inputs[0], mote_weights_channel(w, o, k));
        if (x.low != x.high) continue;
        const int64_t value = x.low < zero_point ? zero_point - x.low : x.low - zero_point;
        for (int32_t t = 0; t < w->tap_count; t++) {
            const int32_t weight = mote_weights_at(w, o, t, k);
            size += value * (weight < 0 ? -weight : weight);
        }
    }
    return size <= INT32_MAX;
}

/* Does output o depend on its k-th input channel in a way that the bias cannot take over? */
static bool depends(const struct mote_channel_sets *sets, const struct mote_weights *w, int32_t o, int32_t k,
                    bool has_room)
{
    const struct mote_interval x =
        mote_intervals_channel(sets->intervals, w->op->inputs[0], mote_weights_channel(w, o, k));
    if (x.low == x.high && x.low == mote_tensor_zero_point(w->x)) return false;
    for (int32_t t = 0; t < w->tap_count; t++) {
        if (!w->taps[t].ever || mote_weights_at(w, o, t, k) == 0) continue;
        const bool foldable = x.low == x.high && w->taps[t].always && has_room;
        if (!foldable) return true;
    }
    return false;
}

/* What the outputs of one mixing operator that stay need of its input. True if anything was new. */
static bool spread_needs(struct mote_channel_sets *sets, const struct mote_weights *w)
{
    bool changed = false;
    const int32_t x = w->op->inputs[0], out = w->op->outputs[0];
    for (int32_t o = 0; o < w->out_channels; o++) {
        if (!mote_channel_needed(sets, out, o)) continue;
        const bool has_room = bias_has_room(sets, w, o);
        for (int32_t k = 0; k < w->channels_per_tap; k++) {
            const size_t root = mote_channel_root(sets, x, mote_weights_channel(w, o, k));
            if (sets->needed[root] || !depends(sets, w, o, k, has_room)) continue;
            sets->needed[root] = true;
            changed = true;
        }
    }
    return changed;
}

/* No tensor loses all channels. A fully connected layer with scales per channel keeps two: with one scale the
 * reference rounds the product of scales otherwise. */
static bool keep_some(struct mote_channel_sets *sets, int32_t tensor, int32_t least)
{
    int32_t kept = 0;
    for (int32_t c = 0; c < sets->channel_counts[tensor]; c++) kept += mote_channel_needed(sets, tensor, c);
    bool changed = false;
    for (int32_t c = 0; c < sets->channel_counts[tensor] && kept < least; c++) {
        const size_t root = mote_channel_root(sets, tensor, c);
        if (sets->needed[root]) continue;
        sets->needed[root] = changed = true;
        kept++;
    }
    return changed;
}

static bool keep_enough(struct mote_channel_sets *sets)
{
    bool changed = false;
    for (int32_t i = sets->graph->op_count - 1; i >= 0; i--) {
        const struct mote_op *op = &sets->graph->ops[i];
        const struct mote_accumulators *acc = &sets->intervals->accumulators[i];
        const bool two = op->kind == MOTE_OP_FULLY_CONNECTED && acc->channels && acc->weights->weights->quant.count > 1;
        for (int32_t k = 0; k < op->output_count; k++)
            changed = keep_some(sets, op->outputs[k], two ? 2 : 1) || changed;
    }
    for (int32_t t = 0; t < sets->graph->tensor_count; t++) changed = keep_some(sets, t, 1) || changed;
    return changed;
}

static bool mixes_channels(const struct mote_accumulators *acc)
{
    return acc->channels && acc->weights->op->kind != MOTE_OP_DEPTHWISE_CONV_2D && acc->weights->maps_channels;
}

static void find_needs(struct mote_channel_sets *sets)
{
    bool changed;
    do {
        changed = false;
        for (int32_t i = sets->graph->op_count - 1; i >= 0; i--)
            if (mixes_channels(&sets->intervals->accumulators[i]))
                changed = spread_needs(sets, sets->intervals->accumulators[i].weights) || changed;
        if (!changed) changed = keep_enough(sets);
    } while (changed);
}

/* ---- Reporting ---- */

/* One entry per operator with weights, in the graph's order: it does not change during the pass. */
static int64_t nonzero_weights(const struct mote_graph *graph, const struct mote_op *op)
{
    const struct mote_tensor *weights = &graph->tensors[op->inputs[1]];
    const int64_t count = mote_shape_elements(&weights->shape);
    if (!weights->data || weights->dtype != MOTE_S8 || weights->quant.count == 0) return count;
    const int64_t zero_point = weights->quant.zero_points[0];
    int64_t nonzero = 0;
    for (int64_t i = 0; i < count; i++) nonzero += (int8_t)weights->data[i] != zero_point;
    return nonzero;
}

static bool has_weights(const struct mote_op *op)
{
    return op->kind == MOTE_OP_CONV_2D || op->kind == MOTE_OP_DEPTHWISE_CONV_2D || op->kind == MOTE_OP_TRANSPOSE_CONV ||
           op->kind == MOTE_OP_FULLY_CONNECTED;
}

static struct mote_channel_totals op_totals(const struct mote_graph *graph, const struct mote_op *op)
{
    const struct mote_shape *out = &graph->tensors[op->outputs[0]].shape;
    struct mote_channel_totals t = {.channels = out->dims[out->rank - 1], .macs = mote_op_macs(graph, op)};
    t.weights = mote_shape_elements(&graph->tensors[op->inputs[1]].shape);
    t.nonzero_weights = nonzero_weights(graph, op);
    t.nonzero_macs = t.macs / t.weights * t.nonzero_weights; /* every weight is used equally often */
    return t;
}

static void add_totals(struct mote_channel_totals *sum, const struct mote_channel_totals *t)
{
    sum->channels += t->channels;
    sum->weights += t->weights;
    sum->nonzero_weights += t->nonzero_weights;
    sum->macs += t->macs;
    sum->nonzero_macs += t->nonzero_macs;
}

/* Fills `before` of every entry, or `after`. */
static void measure(const struct mote_graph *graph, struct mote_channel_report *report, bool after)
{
    int32_t n = 0;
    for (int32_t i = 0; i < graph->op_count; i++) {
        if (!has_weights(&graph->ops[i])) continue;
        struct mote_channel_change *change = &report->changes[n++];
        const struct mote_channel_totals totals = op_totals(graph, &graph->ops[i]);
        change->op_index = i;
        if (after) change->after = totals;
        else change->before = totals;
        add_totals(after ? &report->after : &report->before, &totals);
    }
    report->change_count = n;
}

static void count_reasons_of(struct mote_channel_sets *sets, int32_t out, struct mote_channel_change *change)
{
    const int32_t zero_point = mote_tensor_zero_point(&sets->graph->tensors[out]);
    for (int32_t c = 0; c < sets->channel_counts[out]; c++) {
        const struct mote_interval x = mote_intervals_channel(sets->intervals, out, c);
        if (mote_channel_needed(sets, out, c)) continue;
        if (x.low != x.high) change->unread_channels++;
        else if (x.low == zero_point) change->zero_channels++;
        else change->constant_channels++;
    }
}

static void count_reasons(struct mote_channel_sets *sets, struct mote_channel_report *report)
{
    int32_t n = 0;
    for (int32_t i = 0; i < sets->graph->op_count; i++)
        if (has_weights(&sets->graph->ops[i]))
            count_reasons_of(sets, sets->graph->ops[i].outputs[0], &report->changes[n++]);
}

static void sum_reasons(struct mote_channel_report *report)
{
    for (int32_t i = 0; i < report->change_count; i++) {
        report->constant_channels += report->changes[i].zero_channels + report->changes[i].constant_channels;
        report->unread_channels += report->changes[i].unread_channels;
    }
}

/* ---- The pass ---- */

static enum mote_status run_once(struct mote_graph *graph, struct mote_arena *scratch,
                                 struct mote_channel_report *report, int32_t *removed, struct mote_diag *diag)
{
    struct mote_intervals *intervals = NULL;
    enum mote_status status = mote_intervals_build(graph, scratch, &intervals, diag);
    if (status != MOTE_OK) return status;
    struct mote_channel_sets sets = {.graph = graph, .arena = scratch, .intervals = intervals};
    if (make_sets(&sets) != MOTE_OK || pin_idle_tensors(&sets) != MOTE_OK) return mote_error_memory(diag);
    link_all(&sets);
    find_needs(&sets);
    count_reasons(&sets, report);
    return mote_channels_slice(&sets, removed, diag);
}

enum mote_status mote_pass_remove_channels(struct mote_graph *graph, struct mote_channel_report *report,
                                           int32_t *changes, struct mote_diag *diag)
{
    enum { MOST_ROUNDS = 16 };
    struct mote_channel_report filled = {0};
    filled.changes = MOTE_NEW_ARRAY(graph->arena, struct mote_channel_change, (size_t)graph->op_count);
    if (!filled.changes) return mote_error_memory(diag);
    measure(graph, &filled, false);
    int32_t removed = 1;
    for (int round = 0; round < MOST_ROUNDS && removed > 0; round++) {
        struct mote_arena scratch;
        mote_arena_init(&scratch, graph->arena->limit_bytes); /* a small file cannot ask for much */
        const enum mote_status status = run_once(graph, &scratch, &filled, &removed, diag);
        mote_arena_free(&scratch);
        if (status != MOTE_OK) return status;
    }
    measure(graph, &filled, true);
    sum_reasons(&filled);
    *changes = filled.constant_channels + filled.unread_channels;
    if (report) *report = filled;
    return MOTE_OK;
}
