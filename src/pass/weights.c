#include "weights.h"

#include "../ir/quant.h"

#include <math.h>

int64_t mote_tensor_integer(const struct mote_tensor *tensor, size_t i)
{
    const size_t bytes = mote_dtype_bytes(tensor->dtype);
    uint64_t value = 0;
    for (size_t k = bytes; k-- > 0;) value = value << 8 | tensor->data[i * bytes + k];
    if (tensor->dtype == MOTE_U8 || tensor->dtype == MOTE_BOOL) return (int64_t)value;
    const uint64_t sign = (uint64_t)1 << (8 * bytes - 1);
    return (int64_t)((value ^ sign) - sign);
}

/* ---- Taps ---- */

static int64_t floor_divide(int64_t a, int64_t b)
{
    return a >= 0 ? a / b : -((-a + b - 1) / b);
}

/* Output o of `out_size` reads o * stride + offset of `in_size`. */
static struct mote_tap tap_on_axis(int64_t out_size, int64_t in_size, int64_t stride, int64_t offset)
{
    const int64_t first = -floor_divide(offset, stride); /* ceil(-offset / stride) */
    const int64_t last = floor_divide(in_size - 1 - offset, stride);
    const int64_t from = first > 0 ? first : 0, to = last < out_size - 1 ? last : out_size - 1;
    return (struct mote_tap){.ever = from <= to, .always = first <= 0 && last >= out_size - 1};
}

static const struct mote_tap *conv_taps(const struct mote_weights *w, int32_t filter_h, int32_t filter_w,
                                        struct mote_arena *arena)
{
    struct mote_tap *taps = MOTE_NEW_ARRAY(arena, struct mote_tap, (size_t)w->tap_count);
    if (!taps) return NULL;
    const struct mote_attrs_conv *a = &w->op->attrs.conv;
    const int32_t *in = w->x->shape.dims, *out = w->out->shape.dims;
    for (int32_t y = 0; y < filter_h; y++)
        for (int32_t x = 0; x < filter_w; x++) {
            const struct mote_tap v = tap_on_axis(out[1], in[1], a->stride_h, (int64_t)y * a->dilation_h - a->pad_top);
            const struct mote_tap h = tap_on_axis(out[2], in[2], a->stride_w, (int64_t)x * a->dilation_w - a->pad_left);
            struct mote_tap both = {v.ever && h.ever, v.always && h.always};
            /* A transposed convolution reaches an output through some taps only. */
            if (w->op->kind == MOTE_OP_TRANSPOSE_CONV) both = (struct mote_tap){true, false};
            taps[y * filter_w + x] = both;
        }
    return taps;
}

/* ---- Sets of taps ---- */

enum { MOST_LISTED_POSITIONS = 4096, MOST_SETS = 4 * MOTE_MOST_LISTED_TAPS };

struct tap_sets {
    uint64_t list[MOST_SETS]; /* an axis of n taps has at most 2 n + 1 sets, or one per phase of the stride */
    int32_t count;
};

/* False if the list is full. */
static bool add_set(struct tap_sets *sets, uint64_t set)
{
    for (int32_t i = 0; i < sets->count; i++)
        if (sets->list[i] == set) return true;
    if (sets->count == MOST_SETS) return false;
    sets->list[sets->count++] = set;
    return true;
}

struct axis {
    int64_t in, out, taps, stride, dilation, pad;
    bool transposed;
};

static bool tap_is_inside(const struct axis *a, int64_t position, int64_t tap)
{
    if (!a->transposed) {
        const int64_t from = position * a->stride + tap * a->dilation - a->pad;
        return from >= 0 && from < a->in;
    }
    const int64_t scattered = position + a->pad - tap;
    return scattered >= 0 && scattered % a->stride == 0 && scattered / a->stride < a->in;
}

static bool list_axis(const struct axis *a, struct tap_sets *sets)
{
    sets->count = 0;
    for (int64_t position = 0; position < a->out; position++) {
        uint64_t set = 0;
        for (int64_t tap = 0; tap < a->taps; tap++)
            if (tap_is_inside(a, position, tap)) set |= (uint64_t)1 << tap;
        if (!add_set(sets, set)) return false;
    }
    return true;
}

/* Rows and columns are inside independently of each other. */
static bool list_sets(struct mote_weights *w, int32_t filter_h, int32_t filter_w, struct mote_arena *arena)
{
    const struct mote_attrs_conv *a = &w->op->attrs.conv;
    const int32_t *in = w->x->shape.dims, *out = w->out->shape.dims;
    const bool transposed = w->op->kind == MOTE_OP_TRANSPOSE_CONV;
    const struct axis v = {in[1], out[1], filter_h, a->stride_h, a->dilation_h, a->pad_top, transposed};
    const struct axis h = {in[2], out[2], filter_w, a->stride_w, a->dilation_w, a->pad_left, transposed};
    struct tap_sets rows, columns;
    if (w->tap_count > MOTE_MOST_LISTED_TAPS || out[1] > MOST_LISTED_POSITIONS || out[2] > MOST_LISTED_POSITIONS ||
        !list_axis(&v, &rows) || !list_axis(&h, &columns))
        return true;
    uint64_t *inside = MOTE_NEW_ARRAY(arena, uint64_t, (size_t)rows.count * (size_t)columns.count);
    if (!inside) return false;
    for (int32_t i = 0; i < rows.count; i++)
        for (int32_t k = 0; k < columns.count; k++) {
            uint64_t *set = &inside[w->inside_count++];
            for (int32_t y = 0; y < filter_h; y++)
                if (rows.list[i] >> y & 1) *set |= columns.list[k] << (y * filter_w);
        }
    w->inside = inside;
    return true;
}

static const struct mote_tap *features_taps(const struct mote_weights *w, struct mote_arena *arena)
{
    struct mote_tap *taps = MOTE_NEW_ARRAY(arena, struct mote_tap, (size_t)w->tap_count);
    for (int32_t i = 0; taps && i < w->tap_count; i++) taps[i] = (struct mote_tap){true, true};
    return taps;
}

/* ---- What the kernels take ---- */

static bool activation_is_plain(const struct mote_tensor *t)
{
    if ((t->dtype != MOTE_S8 && t->dtype != MOTE_S16) || t->quant.count != 1) return false;
    const int64_t zero_point = t->quant.zero_points[0];
    if (t->dtype == MOTE_S16 ? zero_point != 0 : zero_point < INT8_MIN || zero_point > INT8_MAX) return false;
    return isfinite(t->quant.scales[0]) && t->quant.scales[0] > 0.0f;
}

static bool weights_are_plain(const struct mote_weights *w)
{
    const struct mote_quant *quant = &w->weights->quant;
    if (!w->weights->data || w->weights->dtype != MOTE_S8) return false;
    if (quant->count != 1 && (quant->count != (uint32_t)w->out_channels || quant->axis != w->channel_axis))
        return false;
    for (uint32_t i = 0; i < quant->count; i++) {
        const bool may_be_offset = w->op->kind == MOTE_OP_FULLY_CONNECTED && quant->count == 1;
        if (!isfinite(quant->scales[i]) || quant->scales[i] <= 0.0f) return false;
        if (quant->zero_points[i] != 0 && !may_be_offset) return false;
        if (quant->zero_points[i] < INT8_MIN || quant->zero_points[i] > INT8_MAX) return false;
    }
    return true;
}

/* The kernels take sums below 2^47; so far no sum here overflows. */
static bool bias_is_small(const struct mote_tensor *bias)
{
    const int64_t limit = (int64_t)1 << 47;
    for (int64_t i = 0; i < mote_shape_elements(&bias->shape); i++) {
        const int64_t value = mote_tensor_integer(bias, (size_t)i);
        if (value < -limit || value > limit) return false;
    }
    return true;
}

/* Also finds out whether the reference's sums have 64 bits. */
static bool bias_is_plain(struct mote_weights *w)
{
    const enum mote_op_kind kind = w->op->kind;
    const bool always_wide = kind == MOTE_OP_DEPTHWISE_CONV_2D || kind == MOTE_OP_TRANSPOSE_CONV;
    w->wide = w->x->dtype == MOTE_S16 && always_wide;
    if (!w->bias) return true;
    if (!w->bias->data || mote_shape_elements(&w->bias->shape) != w->out_channels) return false;
    if (w->x->dtype == MOTE_S8) return w->bias->dtype == MOTE_S32;
    if (w->bias->dtype == MOTE_S16) return kind == MOTE_OP_TRANSPOSE_CONV;
    w->wide = w->wide || w->bias->dtype == MOTE_S64;
    if (w->bias->dtype == MOTE_S64) return bias_is_small(w->bias);
    return w->bias->dtype == MOTE_S32 && !always_wide;
}

static bool describe_conv(struct mote_weights *w, struct mote_arena *arena, enum mote_status *status)
{
    const int32_t *dims = w->weights->shape.dims;
    const bool depthwise = w->op->kind == MOTE_OP_DEPTHWISE_CONV_2D;
    w->channel_axis = depthwise ? 3 : 0;
    w->out_channels = dims[w->channel_axis];
    w->channels_per_tap = depthwise ? 1 : dims[3];
    w->tap_count = dims[1] * dims[2];
    w->maps_channels = true;
    w->taps = conv_taps(w, dims[1], dims[2], arena);
    if (w->taps && list_sets(w, dims[1], dims[2], arena)) return true;
    *status = MOTE_ERR_MEMORY;
    return false;
}

static bool describe_fully_connected(struct mote_weights *w, struct mote_arena *arena, enum mote_status *status)
{
    const int32_t features = w->weights->shape.dims[1];
    w->channel_axis = 0;
    w->out_channels = w->weights->shape.dims[0];
    w->maps_channels = features % w->in_channels == 0;
    w->tap_count = w->maps_channels ? features / w->in_channels : 1;
    w->channels_per_tap = w->maps_channels ? w->in_channels : features;
    w->taps = features_taps(w, arena);
    if (!w->taps) *status = MOTE_ERR_MEMORY;
    return w->taps != NULL;
}

bool mote_weights_of(const struct mote_graph *graph, const struct mote_op *op, struct mote_arena *arena,
                     struct mote_weights *weights, enum mote_status *status)
{
    *status = MOTE_OK;
    const bool conv = op->kind == MOTE_OP_CONV_2D || op->kind == MOTE_OP_DEPTHWISE_CONV_2D ||
                      op->kind == MOTE_OP_TRANSPOSE_CONV;
    if (!conv && op->kind != MOTE_OP_FULLY_CONNECTED) return false;
    struct mote_weights w = {.op = op};
    w.x = &graph->tensors[op->inputs[0]];
    w.weights = &graph->tensors[op->inputs[1]];
    w.out = &graph->tensors[op->outputs[0]];
    if (op->input_count > 2 && op->inputs[2] != MOTE_NO_TENSOR) w.bias = &graph->tensors[op->inputs[2]];
    if (w.x->shape.rank < 1 || w.x->dtype != w.out->dtype || !activation_is_plain(w.x) || !activation_is_plain(w.out))
        return false;
    w.in_channels = w.x->shape.dims[w.x->shape.rank - 1];
    if (!(conv ? describe_conv(&w, arena, status) : describe_fully_connected(&w, arena, status))) return false;
    if (!weights_are_plain(&w) || !bias_is_plain(&w)) return false;
    w.weight_zero_point = mote_tensor_zero_point(w.weights);
    *weights = w;
    return true;
}

/* ---- Access ---- */

size_t mote_weights_index(const struct mote_weights *w, int32_t o, int32_t t, int32_t k)
{
    if (w->op->kind == MOTE_OP_DEPTHWISE_CONV_2D) return (size_t)t * (size_t)w->out_channels + (size_t)o;
    return ((size_t)o * (size_t)w->tap_count + (size_t)t) * (size_t)w->channels_per_tap + (size_t)k;
}

int32_t mote_weights_at(const struct mote_weights *w, int32_t o, int32_t t, int32_t k)
{
    return (int8_t)w->weights->data[mote_weights_index(w, o, t, k)] - w->weight_zero_point;
}

int32_t mote_weights_channel(const struct mote_weights *w, int32_t o, int32_t k)
{
    if (!w->maps_channels) return -1;
    if (w->op->kind == MOTE_OP_DEPTHWISE_CONV_2D) return o / (w->out_channels / w->in_channels);
    if (w->channels_per_tap == w->in_channels) return k;
    const int32_t groups = w->in_channels / w->channels_per_tap;
    return o / (w->out_channels / groups) * w->channels_per_tap + k;
}

int64_t mote_weights_bias(const struct mote_weights *w, int32_t o)
{
    return w->bias ? mote_tensor_integer(w->bias, (size_t)o) : 0;
}

void mote_weights_multiplier(const struct mote_weights *w, int32_t o, int32_t *multiplier, int *shift)
{
    const bool per_channel = w->weights->quant.count > 1;
    const float scale = w->weights->quant.scales[per_channel ? o : 0];
    const bool float_product = w->op->kind == MOTE_OP_FULLY_CONNECTED && !per_channel;
    mote_quantize_multiplier(
        mote_accumulator_scale(mote_tensor_scale(w->x), scale, mote_tensor_scale(w->out), float_product), multiplier,
        shift);
}

/* The reference computes transposed convolutions without the activation that a file may fuse into them. */
enum mote_activation mote_weights_activation(const struct mote_weights *w)
{
    if (w->op->kind == MOTE_OP_TRANSPOSE_CONV) return MOTE_ACT_NONE;
    return w->op->kind == MOTE_OP_FULLY_CONNECTED ? w->op->attrs.fully_connected.activation
                                                  : w->op->attrs.conv.activation;
}
