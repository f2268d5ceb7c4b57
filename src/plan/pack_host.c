/* pack_host.c: see pack_host.h; the packed form is described in kernel/host/mk_host_lanes.h. */
#include "pack_host.h"

#include "pack_scalar32.h"

#include <stdlib.h>

enum kind { CONV, DEPTHWISE, FULLY_CONNECTED };
static const char *const kernels[] = {"conv_2d_s8_lanes", "depthwise_conv_2d_s8_lanes", "fully_connected_s8_lanes"};

struct packer {
    struct mote_lower *lower;
    enum kind kind;
    struct mote_armv7em_layer layer;
    struct mote_scalar32_requant requant;
    size_t channels; /* whole groups */
};

static int64_t inputs_under_a_row(const struct mote_pack_conv *conv)
{
    const int64_t columns = (int64_t)(conv->out.w - 1) * conv->attrs->stride_w + conv->filter_w;
    return columns * conv->in.c * conv->filter_h;
}

/* Sums of floats are exact while they stay below 2^24, in whatever order: any part of the products, and the start. */
static bool sums_as_floats(const struct mote_armv7em_layer *layer)
{
    for (int32_t o = 0; o < layer->w->channels; o++) {
        int64_t most = llabs((long long)mote_armv7em_bias(layer, o));
        for (int32_t i = 0; i < layer->taps; i++) most += 128 * (int64_t)abs(mote_armv7em_weight(layer, o, i));
        if (most >= 1 << 24) return false;
    }
    return true;
}

/* One word of each channel of a group, then the next word: vectors load a row at a time. */
static int32_t *make_records(const struct packer *p)
{
    const struct mote_scalar32_requant *const r = &p->requant;
    const int words = r->record_words;
    int32_t *const records = MOTE_NEW_ARRAY(p->lower->plan->arena, int32_t, p->channels * (size_t)words);
    int32_t *to = records;
    for (size_t first = 0; records && first < p->channels; first += MK_HOST_GROUP)
        for (int word = 0; word < words; word++)
            for (size_t o = first; o < first + MK_HOST_GROUP; o++) {
                const bool exists = o < (size_t)p->layer.w->channels;
                *to++ = exists ? r->records[o * (size_t)words + (size_t)word] : 0;
            }
    return records;
}

static int32_t *make_weights(const struct packer *p)
{
    int32_t *const weights = MOTE_NEW_ARRAY(p->lower->plan->arena, int32_t, p->channels * (size_t)p->layer.taps);
    int32_t *to = weights;
    for (int32_t first = 0; weights && first < (int32_t)p->channels; first += MK_HOST_GROUP)
        for (int32_t tap = 0; tap < p->layer.taps; tap++)
            for (int32_t o = first; o < first + MK_HOST_GROUP; o++) *to++ = mote_armv7em_weight(&p->layer, o, tap);
    return weights;
}

/* With the zero point's part, as inputs are taken as they are stored. */
static int32_t *make_starts(const struct packer *p)
{
    int32_t *const starts = MOTE_NEW_ARRAY(p->lower->plan->arena, int32_t, p->channels);
    for (int32_t o = 0; starts && o < (int32_t)p->channels; o++) starts[o] = mote_armv7em_bias(&p->layer, o);
    return starts;
}

static enum mote_status bind(const struct packer *p, struct mote_step *step)
{
    const int32_t *const records = make_records(p), *const starts = make_starts(p);
    const bool as_they_are = p->kind == FULLY_CONNECTED;
    const int32_t *const weights = as_they_are ? NULL : make_weights(p);
    if (!records || !starts || (!as_they_are && !weights)) return mote_error_memory(p->lower->diag);
    const size_t taps = (size_t)p->layer.taps;
    enum mote_status status =
        as_they_are ? mote_lower_constant(p->lower, step, "taps", p->layer.weights, (size_t)p->layer.w->channels * taps, true)
                    : mote_lower_constant(p->lower, step, "weights", weights, p->channels * taps, true);
    if (status == MOTE_OK) status = mote_lower_constant(p->lower, step, "starts", starts, p->channels, false);
    const size_t words = p->channels * (size_t)p->requant.record_words;
    if (status == MOTE_OK) status = mote_lower_constant(p->lower, step, "records", records, words, false);
    return status;
}

/* `by_channel`: the channels' weights of a tap lie side by side, as in depthwise layers. */
static enum mote_status pack(struct mote_lower *lower, const struct mote_pack_conv *conv, enum kind kind, bool by_channel,
                             bool *taken)
{
    const struct mote_weighted *const w = conv->w;
    const int64_t taps = (int64_t)conv->filter_h * conv->filter_w * (kind == DEPTHWISE ? 1 : conv->filter_c);
    if (!mote_plan_takes(lower->plan, kernels[kind], "mk_conv_scalar32") || taps > MK_HOST_MOST_INPUTS) return MOTE_OK;
    struct packer p = {.lower = lower, .kind = kind,
                       .channels = ((size_t)w->channels + MK_HOST_GROUP - 1) / MK_HOST_GROUP * MK_HOST_GROUP,
                       .layer = {.w = w, .weights = (const int8_t *)w->weights->data,
                                 .channel_step = by_channel ? 1 : taps, .tap_step = by_channel ? w->channels : 1,
                                 .taps = (int32_t)taps, .run = (int32_t)taps, .padded_run = (int32_t)taps, .scale = 256}};
    bool possible;
    enum mote_status status = mote_armv7em_bound(lower, &p.layer, &possible);
    if (status != MOTE_OK || !possible || (kind != FULLY_CONNECTED && !sums_as_floats(&p.layer))) return status;
    if (!mote_scalar32_requantise(lower->plan->target, &p.layer, lower->plan->arena, &p.requant)) return mote_error_memory(lower->diag);
    struct mote_step *const step = mote_pack_conv_step(lower, conv, kernels[kind], &status);
    if (!step) return status;
    *(struct mk_conv_scalar32 *)step->params = (struct mk_conv_scalar32){
        MOTE_PACK_CONV_SHAPES(conv, uint16_t),
        .in_zero_point = (int16_t)-w->in_offset, .out_zero_point = w->out_zero_point,
        .act_min = w->act_min, .act_max = w->act_max,
        .way = (uint16_t)p.requant.way, .shift_before = (uint16_t)p.requant.shift_before,
        .shift_after = (uint16_t)p.requant.shift_after, .slack = p.requant.slack,
    };
    status = bind(&p, step);
    *taken = status == MOTE_OK;
    return status;
}

enum mote_status mote_pack_conv_host(struct mote_lower *lower, const struct mote_pack_conv *conv, bool *taken)
{
    *taken = false;
    if (!mote_pack_conv_is_plain(conv)) return MOTE_OK;
    const bool by_channel = conv->op->kind == MOTE_OP_DEPTHWISE_CONV_2D;
    if (conv->op->kind == MOTE_OP_TRANSPOSE_CONV || inputs_under_a_row(conv) > MK_HOST_MOST_INPUTS) return MOTE_OK;
    if (by_channel && conv->in.c == conv->out.c) return pack(lower, conv, DEPTHWISE, true, taken);
    return conv->filter_c == conv->in.c ? pack(lower, conv, CONV, by_channel, taken) : MOTE_OK;
}

enum mote_status mote_pack_fully_connected_host(struct mote_lower *lower, const struct mote_op *op,
                                                const struct mote_weighted *w, int32_t in_features, uint16_t rows, bool *taken)
{
    *taken = false;
    const struct mote_pack_conv conv = mote_pack_fully_connected(op, w, in_features, rows);
    return w->weight_offset == 0 && mote_pack_conv_is_plain(&conv) ? pack(lower, &conv, FULLY_CONNECTED, false, taken) : MOTE_OK;
}
