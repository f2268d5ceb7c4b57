#include "intervals.h"

#include "../ir/quant.h"
#include "intervals_rules.h"

/* ---- Lookups ---- */

static const struct mote_interval everything = {INT64_MIN, INT64_MAX};

struct mote_interval mote_intervals_channel(const struct mote_intervals *intervals, int32_t tensor, int32_t channel)
{
    if (tensor < 0 || channel < 0 || channel >= intervals->channel_counts[tensor]) return everything;
    return intervals->channels[tensor][channel];
}

struct mote_interval mote_intervals_tensor(const struct mote_intervals *intervals, int32_t tensor)
{
    if (tensor < 0 || intervals->channel_counts[tensor] == 0) return everything;
    struct mote_interval hull = intervals->channels[tensor][0];
    for (int32_t c = 1; c < intervals->channel_counts[tensor]; c++)
        hull = mote_interval_hull(hull, intervals->channels[tensor][c]);
    return hull;
}

int mote_interval_bits(struct mote_interval interval)
{
    for (int bits = 1; bits < 64; bits++) {
        const int64_t half = (int64_t)1 << (bits - 1);
        if (interval.low >= -half && interval.high < half) return bits;
    }
    return 64;
}

int mote_interval_unsigned_bits(struct mote_interval interval)
{
    if (interval.low < 0) return 65;
    int bits = 1;
    while (bits < 63 && interval.high >> bits) bits++;
    return bits;
}

/* ---- Sums ---- */

static struct mote_interval scaled(struct mote_interval x, int64_t factor)
{
    const int64_t a = x.low * factor, b = x.high * factor;
    return a < b ? (struct mote_interval){a, b} : (struct mote_interval){b, a};
}

/* Stored values of what weight (o, t, k) multiplies; `whole` holds those of all channels. */
static struct mote_interval operand(const struct mote_intervals *intervals, const struct mote_weights *w, int32_t o,
                                    int32_t k, struct mote_interval whole)
{
    const int32_t channel = mote_weights_channel(w, o, k);
    return channel < 0 ? whole : mote_intervals_channel(intervals, w->op->inputs[0], channel);
}

/* The products of one tap, were it inside the input. */
static struct mote_interval tap_products(const struct mote_intervals *intervals, const struct mote_weights *w,
                                         int32_t o, int32_t t, struct mote_interval whole)
{
    struct mote_interval sum = {0, 0};
    const int32_t zero_point = mote_tensor_zero_point(w->x);
    for (int32_t k = 0; k < w->channels_per_tap; k++) {
        const struct mote_interval x = operand(intervals, w, o, k, whole);
        const struct mote_interval centred = {x.low - zero_point, x.high - zero_point};
        const struct mote_interval product = scaled(centred, mote_weights_at(w, o, t, k));
        sum.low += product.low;
        sum.high += product.high;
    }
    return sum;
}

/* The hull over all sets of taps that are inside the input together. */
static struct mote_interval sum_of_sets(const struct mote_weights *w, const struct mote_interval *taps)
{
    struct mote_interval hull = {0, 0};
    for (int32_t i = 0; i < w->inside_count; i++) {
        struct mote_interval sum = {0, 0};
        for (int32_t t = 0; t < w->tap_count; t++) {
            if (!(w->inside[i] >> t & 1)) continue;
            sum.low += taps[t].low;
            sum.high += taps[t].high;
        }
        hull = i ? mote_interval_hull(hull, sum) : sum;
    }
    return hull;
}

/* Bias and products. Where the sets of taps are not listed, each tap that may lie in the padding is taken for itself:
 * its interval then holds 0, too. */
static struct mote_interval sum_of_products(const struct mote_intervals *intervals, const struct mote_weights *w,
                                            int32_t o, struct mote_interval whole)
{
    struct mote_interval taps[MOTE_MOST_LISTED_TAPS] = {{0, 0}}, sum = {0, 0};
    for (int32_t t = 0; t < w->tap_count; t++) {
        if (!w->taps[t].ever) continue;
        struct mote_interval products = tap_products(intervals, w, o, t, whole);
        if (w->inside_count) taps[t] = products;
        if (!w->taps[t].always) products = mote_interval_hull(products, (struct mote_interval){0, 0});
        sum.low += products.low;
        sum.high += products.high;
    }
    if (w->inside_count) sum = sum_of_sets(w, taps);
    const int64_t bias = mote_weights_bias(w, o);
    return (struct mote_interval){sum.low + bias, sum.high + bias};
}

bool mote_intervals_partial_sums(const struct mote_intervals *intervals, int32_t op_index, int32_t channel,
                                 int32_t input_offset, int32_t weight_offset, struct mote_interval *sums)
{
    const struct mote_accumulators *acc = &intervals->accumulators[op_index];
    if (channel < 0 || channel >= acc->channels) return false;
    const struct mote_weights *w = acc->weights;
    const struct mote_interval whole = mote_intervals_tensor(intervals, w->op->inputs[0]);
    struct mote_interval total = {0, 0};
    for (int32_t k = 0; k < w->channels_per_tap; k++) {
        const struct mote_interval x = operand(intervals, w, channel, k, whole);
        const struct mote_interval shifted = {x.low + input_offset, x.high + input_offset};
        for (int32_t t = 0; t < w->tap_count; t++) {
            if (!w->taps[t].ever) continue;
            const int64_t stored = (int64_t)mote_weights_at(w, channel, t, k) + w->weight_zero_point;
            const struct mote_interval product = scaled(shifted, stored + weight_offset);
            if (product.low < 0) total.low += product.low;
            if (product.high > 0) total.high += product.high;
        }
    }
    *sums = total;
    return true;
}

/* ---- Building ---- */

static enum mote_status analyse_weights(struct mote_intervals *intervals, int32_t op_index,
                                        const struct mote_weights *w, struct mote_arena *arena)
{
    struct mote_accumulators *acc = &intervals->accumulators[op_index];
    const size_t channels = (size_t)w->out_channels;
    struct mote_interval *sums = MOTE_NEW_ARRAY(arena, struct mote_interval, channels);
    int32_t *multiplier = MOTE_NEW_ARRAY(arena, int32_t, channels);
    int8_t *shifts = MOTE_NEW_ARRAY(arena, int8_t, channels);
    struct mote_weights *kept = mote_arena_copy(arena, w, sizeof *w);
    if (!sums || !multiplier || !shifts || !kept) return MOTE_ERR_MEMORY;
    const struct mote_interval whole = mote_intervals_tensor(intervals, w->op->inputs[0]);
    for (int32_t o = 0; o < w->out_channels; o++) {
        int shift;
        mote_weights_multiplier(w, o, &multiplier[o], &shift);
        if (shift > (w->wide ? 7 : 30)) return MOTE_OK; /* lowering refuses it: nothing is known */
        shifts[o] = (int8_t)shift;
        sums[o] = sum_of_products(intervals, w, o, whole);
    }
    *acc = (struct mote_accumulators){.channels = w->out_channels,
                                      .weights = kept,
                                      .sums = sums,
                                      .multiplier = multiplier,
                                      .shift = shifts,
                                      .wide = w->wide};
    acc->out_zero_point = mote_tensor_zero_point(w->out);
    mote_activation_range(mote_weights_activation(w), w->out, &acc->act_min, &acc->act_max);
    struct mote_interval *out = intervals->channels[w->op->outputs[0]];
    for (int32_t o = 0; o < w->out_channels; o++) out[o] = mote_interval_requantise(acc, o);
    return MOTE_OK;
}

static enum mote_status analyse_op(struct mote_intervals *intervals, int32_t op_index, struct mote_arena *arena)
{
    const struct mote_op *op = &intervals->graph->ops[op_index];
    struct mote_weights weights;
    enum mote_status status;
    if (mote_weights_of(intervals->graph, op, arena, &weights, &status))
        return analyse_weights(intervals, op_index, &weights, arena);
    if (status != MOTE_OK) return status;
    for (int32_t i = 0; i < op->output_count; i++) {
        const int32_t tensor = op->outputs[i];
        const struct mote_channels out = {intervals->channel_counts[tensor], intervals->channels[tensor]};
        if (out.count) mote_intervals_apply_rule(intervals, op, i, out);
    }
    return MOTE_OK;
}

/* The values of a constant, or the range of the type. */
static void fill_start(const struct mote_tensor *tensor, int32_t count, struct mote_interval range,
                       struct mote_interval *channels)
{
    for (int32_t c = 0; c < count; c++) channels[c] = range;
    if (!tensor->data) return;
    const size_t elements = (size_t)mote_shape_elements(&tensor->shape);
    for (size_t i = 0; i < elements; i++) {
        const int64_t value = mote_tensor_integer(tensor, i);
        struct mote_interval *channel = &channels[i % (size_t)count];
        const struct mote_interval point = {value, value};
        *channel = i < (size_t)count ? point : mote_interval_hull(*channel, point);
    }
}

static enum mote_status start_tensor(struct mote_intervals *intervals, int32_t tensor, struct mote_arena *arena)
{
    const struct mote_tensor *t = &intervals->graph->tensors[tensor];
    struct mote_interval range;
    if (!mote_interval_of_type(t->dtype, &range)) return MOTE_OK;
    const int32_t count = t->shape.rank ? t->shape.dims[t->shape.rank - 1] : 1;
    struct mote_interval *channels = MOTE_NEW_ARRAY(arena, struct mote_interval, (size_t)count);
    if (!channels) return MOTE_ERR_MEMORY;
    fill_start(t, count, range, channels);
    intervals->channel_counts[tensor] = count;
    intervals->channels[tensor] = channels;
    return MOTE_OK;
}

enum mote_status mote_intervals_build(const struct mote_graph *graph, struct mote_arena *arena,
                                      struct mote_intervals **result, struct mote_diag *diag)
{
    struct mote_intervals *intervals = MOTE_NEW(arena, struct mote_intervals);
    if (!intervals) return mote_error_memory(diag);
    intervals->graph = graph;
    intervals->channel_counts = MOTE_NEW_ARRAY(arena, int32_t, (size_t)graph->tensor_count);
    intervals->channels = MOTE_NEW_ARRAY(arena, struct mote_interval *, (size_t)graph->tensor_count);
    intervals->accumulators = MOTE_NEW_ARRAY(arena, struct mote_accumulators, (size_t)graph->op_count);
    if (!intervals->channel_counts || !intervals->channels || !intervals->accumulators) return mote_error_memory(diag);
    enum mote_status status = MOTE_OK;
    for (int32_t i = 0; i < graph->tensor_count && status == MOTE_OK; i++) status = start_tensor(intervals, i, arena);
    for (int32_t i = 0; i < graph->op_count && status == MOTE_OK; i++) status = analyse_op(intervals, i, arena);
    if (status != MOTE_OK) return mote_error_memory(diag);
    *result = intervals;
    return MOTE_OK;
}
