/* pack_mve.c: convolutions and fully connected layers by vectors of 16 bytes; see kernel/mve/mk_mve_tile.h. */
#include "pack_mve_layer.h"

#include <string.h>

enum { GROUP = 8, LANES = 4 };

bool mote_mve_prepare(struct mote_lower *lower, struct mote_mve_layer *layer, enum mote_status *status)
{
    const struct mote_weighted *w = layer->base.w;
    bool possible;
    *status = mote_armv7em_bound(lower, &layer->base, &possible);
    if (*status != MOTE_OK || !possible) return false;
    layer->records = MOTE_NEW_ARRAY(lower->plan->arena, struct mote_mve_record, (size_t)w->channels);
    if (!layer->records) {
        *status = mote_error_memory(lower->diag);
        return false;
    }
    layer->requant = mote_mve_requantise(w, layer->base.channels, w->channels, layer->records);
    layer->base.way = layer->requant.way;
    return true;
}

int32_t mote_mve_field(const struct mote_mve_layer *layer, int32_t channel, int field)
{
    if (channel >= layer->base.w->channels) return 0;
    const uint32_t word = (uint32_t)layer->records[channel].words[field];
    if (field > 0) return (int32_t)word;
    return (int32_t)(word + (uint32_t)layer->requant.scale * (uint32_t)mote_armv7em_bias(&layer->base, channel));
}

/* Where the weight is that meets byte `tap` of a position's inputs: filter columns, then rows, then channels. */
static int32_t tap_of(const struct mote_mve_layer *layer, int32_t tap)
{
    const int32_t column_bytes = layer->filter_h * layer->in_c;
    const int32_t x = tap / column_bytes, y = tap % column_bytes / layer->in_c, c = tap % layer->in_c;
    return (y * layer->filter_w + x) * layer->in_c + c;
}

/* 16 weights of a channel. */
static void put_block(int8_t *to, const struct mote_mve_layer *layer, int32_t channel, int32_t first_tap)
{
    for (int32_t i = 0; i < 16; i++) {
        const int32_t tap = first_tap + i;
        to[i] = tap < layer->base.taps ? (int8_t)mote_armv7em_weight(&layer->base, channel, tap_of(layer, tap)) : 0;
    }
}

/* Of every second channel of a group, from `channel` on, field by field. */
static int32_t *put_records(int32_t *to, const struct mote_mve_layer *layer, int32_t channel)
{
    for (int field = 0; field < layer->requant.fields; field++)
        for (int32_t lane = 0; lane < LANES; lane++) *to++ = mote_mve_field(layer, channel + 2 * lane, field);
    return to;
}

/* Every second channel of a group, from channel + half on; the second half's blocks the last one first. */
static int32_t *put_half(int32_t *to, const struct mote_mve_layer *layer, int32_t group_channel, int half)
{
    const int32_t blocks = (layer->base.taps + 15) / 16, channel = group_channel + half;
    for (int32_t i = 0; i < blocks; i++)
        for (int32_t lane = 0; lane < LANES; lane++, to += 4)
            put_block((int8_t *)(void *)to, layer, channel + 2 * lane, 16 * (half ? blocks - 1 - i : i));
    return put_records(to, layer, channel);
}

/* Eight channels from `channel` on, of one position (kernel/mve/mk_mve_vector.h). */
static int32_t *put_vector_group(int32_t *to, const struct mote_mve_layer *layer, int32_t channel)
{
    const int32_t blocks = (layer->base.taps + 15) / 16;
    for (int32_t i = 0; i < blocks; i++)
        for (int32_t lane = 0; lane < GROUP; lane++, to += 4)
            put_block((int8_t *)(void *)to, layer, channel + 2 * (lane % LANES) + lane / LANES, 16 * i);
    for (int half = 0; half < 2; half++) to = put_records(to, layer, channel + half);
    return to;
}

/* The layer's stream; NULL when memory is out. */
static int32_t *make_stream(struct mote_lower *lower, const struct mote_mve_layer *layer, bool one_position, size_t *words)
{
    const int32_t groups = (layer->base.w->channels + GROUP - 1) / GROUP, blocks = (layer->base.taps + 15) / 16;
    *words = 1 + (size_t)groups * GROUP * (size_t)(4 * blocks + layer->requant.fields);
    int32_t *const stream = MOTE_NEW_ARRAY(lower->plan->arena, int32_t, *words);
    if (!stream) return NULL;
    int32_t *to = stream;
    *to++ = layer->requant.scale;
    for (int32_t channel = 0; channel < groups * GROUP; channel += GROUP) {
        if (one_position) to = put_vector_group(to, layer, channel);
        else
            for (int half = 0; half < 2; half++) to = put_half(to, layer, channel, half);
    }
    return stream;
}

static enum mote_status bind(struct mote_lower *lower, struct mote_step *step, const struct mote_mve_layer *layer,
                             bool one_position)
{
    size_t words;
    const int32_t *stream = make_stream(lower, layer, one_position, &words);
    return mote_armv7em_bind(lower, step, &layer->base, stream, words);
}

static struct mote_mve_layer layer_of(const struct mote_weighted *w, int32_t filter_h, int32_t filter_w, int32_t in_c)
{
    const int32_t taps = filter_h * filter_w * in_c;
    return (struct mote_mve_layer){.base = {.w = w,
                                            .weights = (const int8_t *)w->weights->data,
                                            .channel_step = taps,
                                            .tap_step = 1,
                                            .taps = taps,
                                            .run = taps,
                                            .padded_run = taps},
                                   .filter_h = filter_h,
                                   .filter_w = filter_w,
                                   .in_c = in_c};
}

/* ---- Convolutions ---- */

static enum mote_status pack_conv_2d(struct mote_lower *lower, const struct mote_pack_conv *conv, bool *taken)
{
    static const struct mote_armv7em_size sizes[] = {{"conv_2d_s8_strip_2k", 2016}, {"conv_2d_s8_strip_8k", 8160}};
    const int64_t taps = (int64_t)conv->filter_h * conv->filter_w * conv->filter_c;
    if (conv->filter_c != conv->in.c || taps > UINT16_MAX) return MOTE_OK;
    const char *name = mote_armv7em_choose(lower, sizes, sizeof sizes / sizeof sizes[0], (int32_t)taps);
    if (!name) return MOTE_OK;
    struct mote_mve_layer layer = layer_of(conv->w, conv->filter_h, conv->filter_w, conv->filter_c);
    enum mote_status status;
    if (!mote_mve_prepare(lower, &layer, &status)) return status;
    struct mote_step *step = mote_armv7em_add_conv(lower, conv, name, &status);
    if (!step) return status;
    *taken = true;
    return bind(lower, step, &layer, false);
}

enum mote_status mote_pack_conv_mve(struct mote_lower *lower, const struct mote_pack_conv *conv, bool *taken)
{
    *taken = false;
    if (!mote_pack_conv_is_plain(conv)) return MOTE_OK;
    switch (conv->op->kind) {
    case MOTE_OP_CONV_2D: return pack_conv_2d(lower, conv, taken);
    case MOTE_OP_DEPTHWISE_CONV_2D: return mote_mve_pack_depthwise(lower, conv, taken);
    default: return MOTE_OK;
    }
}

/* ---- Fully connected ---- */

/* A small layer among convolutions is one of those: no code of its own. */
static bool is_minor_among_convolutions(const struct mote_lower *lower, const struct mote_op *op)
{
    if (!mote_pack_is_minor(lower, op)) return false;
    for (int32_t i = 0; i < lower->graph->op_count; i++)
        if (lower->graph->ops[i].kind == MOTE_OP_CONV_2D) return true;
    return false;
}

enum mote_status mote_pack_fully_connected_mve(struct mote_lower *lower, const struct mote_op *op,
                                               const struct mote_weighted *w, int32_t in_features, uint32_t rows,
                                               bool *taken)
{
    enum { MOST_FEATURES = 992 };
    static const struct mote_armv7em_size any = {"fully_connected_s8_vectors", MOST_FEATURES};
    *taken = false;
    if (w->x->dtype != MOTE_S8 || w->weight_offset != 0) return MOTE_OK;
    const struct mote_pack_conv conv = mote_pack_fully_connected(op, w, in_features, (uint16_t)rows);
    if (is_minor_among_convolutions(lower, op)) return pack_conv_2d(lower, &conv, taken);
    const char *name = mote_armv7em_choose(lower, &any, 1, in_features % 16 ? in_features : 0);
    if (!name) return MOTE_OK;
    struct mote_mve_layer layer = layer_of(w, 1, 1, in_features);
    enum mote_status status;
    if (!mote_mve_prepare(lower, &layer, &status)) return status;
    struct mote_step *step = mote_armv7em_add_conv(lower, &conv, name, &status);
    if (!step) return status;
    *taken = true;
    return bind(lower, step, &layer, true);
}
