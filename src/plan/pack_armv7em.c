/* pack_armv7em.c: convolutions and fully connected layers by dual multiplication; see kernel/armv7em/mk_armv7em_tile.h. */
#include "pack_armv7em_layer.h"

enum {
    FLASH_SHARE = 8,                   /* the part of the flash that all convolutions' weights may take in 16 bits */
    MOST_WIDE_BYTES = 64 * 1024        /* and no more than this, however large the flash */
};

/* How a stream's weights are packed: kernel/armv7em/mk_armv7em_tile.h. */
enum form {
    PAIRS, /* two channels at a time, weights of 8 bits */
    QUADS, /* two pairs side by side */
    WIDE   /* two channels at a time, weights of 16 bits */
};

/* Do the weights of two channels fit one 16-bit half everywhere, if they must? */
static bool weights_fit(const struct mote_armv7em_layer *layer, enum form form)
{
    for (int32_t o = 0; form != WIDE && o + 1 < layer->w->channels; o += 2)
        for (int32_t i = 0; i < layer->taps; i++)
            if (mote_armv7em_weight(layer, o, i) + 256 * mote_armv7em_weight(layer, o + 1, i) < INT16_MIN) return false;
    return true;
}

/* ---- Stream ---- */

static int32_t *put_biases(int32_t *to, const struct mote_armv7em_layer *layer, int32_t channel, enum form form)
{
    const int32_t first = mote_armv7em_bias(layer, channel), second = mote_armv7em_bias(layer, channel + 1);
    *to++ = form == WIDE ? mote_armv7em_fine_bias(layer, channel) : first;
    *to++ = form == WIDE ? mote_armv7em_fine_bias(layer, channel + 1)
                         : (int32_t)((uint32_t)first + 256 * (uint32_t)second); /* modulo 2^32, as the kernels' sums */
    return to;
}

/* The tap that the kernel counts as `index`: of each filter row whole groups of four, then the rests of all rows. */
static int32_t tap_at(const struct mote_armv7em_layer *layer, int32_t index)
{
    const int32_t head = layer->run / 4 * 4, rest = layer->run - head, heads = layer->taps / layer->run * head;
    if (index >= layer->taps) return index;
    if (index < heads) return index / head * layer->run + index % head;
    return (index - heads) / rest * layer->run + head + (index - heads) % rest;
}

/* `factors` times the weights of two channels for inputs k and k + 2 (word 0) or k + 1 and k + 3 (word 1) of the group. */
static int32_t weights_word(const struct mote_armv7em_layer *layer, int32_t channel, int32_t group, int32_t word,
                            const int32_t factors[2])
{
    uint32_t halves[2];
    for (int32_t half = 0; half < 2; half++) {
        const int32_t tap = tap_at(layer, 4 * group + word + 2 * half);
        halves[half] = (uint32_t)(factors[0] * mote_armv7em_weight(layer, channel, tap) +
                                  factors[1] * mote_armv7em_weight(layer, channel + 1, tap));
    }
    return (int32_t)((halves[0] & 0xffffu) | halves[1] << 16);
}

/* The words of a pair of channels: both in one half, `channel` in the low byte, or each in a word of its own. */
static int32_t *put_group(int32_t *to, const struct mote_armv7em_layer *layer, int32_t channel, int32_t group, enum form form)
{
    static const int32_t both[2] = {1, 256}, first[2] = {256, 0}, second[2] = {0, 256};
    for (int32_t word = 0; word < 2; word++) {
        *to++ = weights_word(layer, channel, group, word, form == WIDE ? first : both);
        if (form == WIDE) *to++ = weights_word(layer, channel, group, word, second);
    }
    return to;
}

/* The layer's stream; NULL when memory is out. */
static int32_t *make_stream(struct mote_lower *lower, const struct mote_armv7em_layer *layer, enum form form, size_t *words)
{
    const int32_t width = form == QUADS ? 4 : 2, groups = (layer->taps + 3) / 4;
    const int32_t tiles = (layer->w->channels + width - 1) / width, weight_words = form == WIDE ? 2 * groups : groups;
    *words = (size_t)tiles * (size_t)width * (size_t)(1 + weight_words + layer->record_words);
    int32_t *const stream = MOTE_NEW_ARRAY(lower->plan->arena, int32_t, *words);
    int32_t *to = stream;
    for (int32_t tile = 0; stream && tile < tiles; tile++) {
        const int32_t first = tile * width;
        for (int32_t o = first; o < first + width; o += 2) to = put_biases(to, layer, o, form);
        for (int32_t g = 0; g < groups; g++)
            for (int32_t o = first; o < first + width; o += 2) to = put_group(to, layer, o, g, form);
        to = mote_armv7em_put_records(to, layer, first, width);
    }
    return stream;
}

/* ---- Convolutions ---- */

/* Weights in 16 bits: for all of the model's convolutions or for none, as two kernels are more code than the flash is worth; none
 * where the least flash is asked for, and for speed as many as the flash has room for. */
static bool are_wide(const struct mote_lower *lower)
{
    const struct mote_graph *graph = lower->graph;
    int64_t bytes = 0;
    for (int32_t i = 0; i < graph->op_count; i++)
        if (graph->ops[i].kind == MOTE_OP_CONV_2D)
            bytes += 2 * mote_shape_elements(&graph->tensors[graph->ops[i].inputs[1]].shape);
    if (lower->plan->optimize == MOTE_PLAN_SIZE) return false;
    return (bytes <= MOST_WIDE_BYTES || lower->plan->optimize == MOTE_PLAN_SPEED) && bytes <= lower->plan->target->flash_bytes / FLASH_SHARE;
}

/* A kernel for as many taps, of the form that suits the model; or NULL. */
static const char *conv_2d_kernel(const struct mote_lower *lower, int32_t taps, enum form *form)
{
    static const struct mote_armv7em_size
        sizes[] = {{"conv_2d_s8_k64", 64}, {"conv_2d_s8_k192", 192}, {"conv_2d_s8_k576", 576}},
        wide[] = {{"conv_2d_s8_wide_k64", 64}, {"conv_2d_s8_wide_k192", 192}, {"conv_2d_s8_wide_k576", 576}};
    const size_t count = sizeof sizes / sizeof sizes[0];
    const int32_t whole_groups = (taps + 3) / 4 * 4;
    *form = are_wide(lower) ? WIDE : PAIRS;
    return mote_armv7em_choose(lower, *form == WIDE ? wide : sizes, count, whole_groups);
}

static enum mote_status pack_conv_2d(struct mote_lower *lower, const struct mote_pack_conv *conv, bool *taken)
{
    const int32_t run = conv->filter_w * conv->filter_c;
    const int64_t taps = (int64_t)conv->filter_h * run;
    if (conv->filter_c != conv->in.c || taps > UINT16_MAX) return MOTE_OK;
    enum form form;
    const char *name = conv_2d_kernel(lower, (int32_t)taps, &form);
    if (!name) return MOTE_OK;
    struct mote_armv7em_layer layer = {.w = conv->w,
                                       .weights = (const int8_t *)conv->w->weights->data,
                                       .channel_step = taps,
                                       .tap_step = 1,
                                       .taps = (int32_t)taps,
                                       .run = run,
                                       .padded_run = run,
                                       .scale = 256,
                                       .is_fine = form == WIDE};
    bool possible;
    enum mote_status status = mote_armv7em_prepare(lower, &layer, &possible);
    if (status != MOTE_OK || !possible || !weights_fit(&layer, form)) return status;
    struct mote_step *step = mote_armv7em_add_conv(lower, conv, name, &status);
    if (!step) return status;
    size_t words;
    const int32_t *stream = make_stream(lower, &layer, form, &words);
    if ((status = mote_armv7em_bind(lower, step, &layer, stream, words)) != MOTE_OK) return status;
    *taken = true;
    return MOTE_OK;
}

/* ---- Fully connected ---- */

static const char *fully_connected_kernel(const struct mote_lower *lower, int32_t taps)
{
    static const struct mote_armv7em_size sizes[] = {{"fully_connected_s8_k256", 256}, {"fully_connected_s8_k1024", 1024}};
    return mote_armv7em_choose(lower, sizes, sizeof sizes / sizeof sizes[0], taps);
}

/* So little of the model's work that a kernel of its own is not worth its code: that of the convolutions takes it, slowly. */
static bool is_minor(const struct mote_lower *lower, const struct mote_op *op)
{
    enum { SHARE = 256 };
    const struct mote_graph *graph = lower->graph;
    int64_t others = 0;
    for (int32_t i = 0; i < graph->op_count; i++)
        if (graph->ops[i].kind == MOTE_OP_CONV_2D) others += mote_op_macs(graph, &graph->ops[i]);
    return mote_op_macs(graph, op) <= others / SHARE;
}

enum mote_status mote_pack_fully_connected_armv7em(struct mote_lower *lower, const struct mote_op *op,
                                                   const struct mote_weighted *w, int32_t in_features, uint32_t rows,
                                                   bool *taken)
{
    *taken = false;
    enum form form;
    const char *const of_conv = is_minor(lower, op) ? conv_2d_kernel(lower, in_features, &form) : NULL;
    const char *const name = of_conv ? of_conv : fully_connected_kernel(lower, in_features);
    if (!of_conv) form = QUADS;
    if (!name || w->x->dtype != MOTE_S8 || w->weight_offset != 0) return MOTE_OK;
    struct mote_armv7em_layer layer = {.w = w,
                                       .weights = (const int8_t *)w->weights->data,
                                       .channel_step = in_features,
                                       .tap_step = 1,
                                       .taps = in_features,
                                       .run = in_features,
                                       .padded_run = in_features,
                                       .scale = 256,
                                       .is_fine = form == WIDE};
    bool possible;
    enum mote_status status = mote_armv7em_prepare(lower, &layer, &possible);
    if (status != MOTE_OK || !possible || !weights_fit(&layer, form)) return status;
    const struct mote_pack_conv conv = mote_pack_fully_connected(op, w, in_features, (uint16_t)rows);
    struct mote_step *step = mote_armv7em_add_conv(lower, &conv, name, &status);
    if (!step) return status;
    size_t words;
    const int32_t *stream = make_stream(lower, &layer, form, &words);
    if ((status = mote_armv7em_bind(lower, step, &layer, stream, words)) != MOTE_OK) return status;
    *taken = true;
    return MOTE_OK;
}

enum mote_status mote_pack_conv_armv7em(struct mote_lower *lower, const struct mote_pack_conv *conv, bool *taken)
{
    *taken = false;
    if (!mote_pack_conv_is_plain(conv)) return MOTE_OK;
    switch (conv->op->kind) {
    case MOTE_OP_CONV_2D: {
        const enum mote_status status = mote_armv7em_pack_winograd(lower, conv, taken);
        return status != MOTE_OK || *taken ? status : pack_conv_2d(lower, conv, taken);
    }
    case MOTE_OP_DEPTHWISE_CONV_2D: return mote_armv7em_pack_depthwise(lower, conv, taken);
    default: return MOTE_OK;
    }
}
