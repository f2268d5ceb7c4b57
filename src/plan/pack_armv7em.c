#include "pack_armv7em.h"

#include <stdio.h>

enum { MOST_FILTER_ROWS = 16, LARGEST_SUM = 1 << 23 };

/* A layer as the kernels' streams see it: channels of `taps` inputs each. */
struct layer {
    const struct mote_weighted *w;
    const int8_t *weights; /* [channel][tap] */
    int32_t taps, groups;
    struct mote_armv7em_channel *channels;
    struct mote_armv7em_record *records;
    int record_words;
    uint32_t way;
};

static int32_t weight_at(const struct layer *layer, int32_t channel, int32_t tap)
{
    if (channel >= layer->w->channels || tap >= layer->taps) return 0;
    return layer->weights[(int64_t)channel * layer->taps + tap];
}

/* The bias that goes with stored inputs: the zero point's part is in it. */
static int32_t bias_at(const struct layer *layer, int32_t channel)
{
    if (channel >= layer->w->channels) return 0;
    int64_t bias = layer->w->bias ? ((const int32_t *)layer->w->bias)[channel] : 0;
    for (int32_t i = 0; i < layer->taps; i++) bias += (int64_t)layer->w->in_offset * weight_at(layer, channel, i);
    return (int32_t)bias;
}

/* All sums of a channel, for any inputs, with the reference's bias. */
static void bound_sums(const struct layer *layer, int32_t channel, struct mote_armv7em_channel *c)
{
    const struct mote_weighted *w = layer->w;
    const int64_t lowest = INT8_MIN + w->in_offset, highest = INT8_MAX + w->in_offset;
    c->low = c->high = w->bias ? ((const int32_t *)w->bias)[channel] : 0;
    for (int32_t i = 0; i < layer->taps; i++) {
        const int64_t weight = weight_at(layer, channel, i);
        c->low += weight > 0 ? weight * lowest : weight * highest;
        c->high += weight > 0 ? weight * highest : weight * lowest;
    }
}

/* Do two weights fit one 16-bit half, whatever the low one's sign? */
static bool weights_fit(const struct layer *layer)
{
    for (int32_t o = 0; o + 1 < layer->w->channels; o += 2)
        for (int32_t i = 0; i < layer->taps; i++)
            if (weight_at(layer, o, i) + 256 * weight_at(layer, o + 1, i) < INT16_MIN) return false;
    return true;
}

/* Bounds, checks and records of all channels. *possible: the kernels can. */
static enum mote_status prepare(struct mote_lower *lower, struct layer *layer, bool *possible)
{
    const struct mote_weighted *w = layer->w;
    *possible = false;
    layer->groups = (layer->taps + 3) / 4;
    layer->channels = MOTE_NEW_ARRAY(lower->plan->arena, struct mote_armv7em_channel, (size_t)w->channels);
    layer->records = MOTE_NEW_ARRAY(lower->plan->arena, struct mote_armv7em_record, (size_t)w->channels);
    if (!layer->channels || !layer->records) return mote_error_memory(lower->diag);
    for (int32_t o = 0; o < w->channels; o++) {
        struct mote_armv7em_channel *c = &layer->channels[o];
        c->multiplier = w->multiplier[w->multiplier_count > 1 ? o : 0];
        c->shift = w->shift[w->multiplier_count > 1 ? o : 0];
        bound_sums(layer, o, c);
        if (c->low <= -LARGEST_SUM || c->high >= LARGEST_SUM) return MOTE_OK;
    }
    if (!weights_fit(layer)) return MOTE_OK;
    layer->way = mote_armv7em_requantise(w, layer->channels, w->channels, layer->records, &layer->record_words);
    *possible = true;
    return MOTE_OK;
}

static int32_t *put_biases(int32_t *to, const struct layer *layer, int32_t channel)
{
    const uint32_t a = (uint32_t)bias_at(layer, channel), b = (uint32_t)bias_at(layer, channel + 1);
    *to++ = (int32_t)a;
    *to++ = (int32_t)(a + 256 * b); /* modulo 2^32, as the kernels' sums */
    return to;
}

/* Two words: inputs k and k + 2, k + 1 and k + 3 of the group; channel in the low bytes, channel + 1 in the high ones. */
static int32_t *put_group(int32_t *to, const struct layer *layer, int32_t channel, int32_t group)
{
    for (int32_t word = 0; word < 2; word++) {
        uint32_t halves[2];
        for (int32_t half = 0; half < 2; half++) {
            const int32_t tap = 4 * group + word + 2 * half;
            halves[half] = (uint32_t)(weight_at(layer, channel, tap) + 256 * weight_at(layer, channel + 1, tap));
        }
        *to++ = (int32_t)((halves[0] & 0xffffu) | halves[1] << 16);
    }
    return to;
}

static int32_t *put_records(int32_t *to, const struct layer *layer, int32_t channel, int32_t count)
{
    for (int32_t o = channel; o < channel + count; o++)
        for (int i = 0; i < layer->record_words; i++) *to++ = o < layer->w->channels ? layer->records[o].words[i] : 0;
    return to;
}

/* The layer's stream for tiles of `width` channels, 2 or 4; see kernel/armv7em/mk_armv7em_tile.h. */
static int32_t *make_stream(struct mote_lower *lower, const struct layer *layer, int32_t width, size_t *words)
{
    const int32_t tiles = (layer->w->channels + width - 1) / width;
    *words = (size_t)tiles * (size_t)width * (size_t)(1 + layer->groups + layer->record_words);
    int32_t *const stream = MOTE_NEW_ARRAY(lower->plan->arena, int32_t, *words);
    int32_t *to = stream;
    for (int32_t tile = 0; stream && tile < tiles; tile++) {
        const int32_t first = tile * width;
        for (int32_t o = first; o < first + width; o += 2) to = put_biases(to, layer, o);
        for (int32_t g = 0; g < layer->groups; g++)
            for (int32_t o = first; o < first + width; o += 2) to = put_group(to, layer, o, g);
        to = put_records(to, layer, first, width);
    }
    return stream;
}

/* The smallest kernel of a list that has room for all inputs and that the target has; NULL if there is none. */
struct size {
    const char *name;
    int32_t taps;
};

static const char *choose_size(const struct mote_lower *lower, const struct size *sizes, size_t count, int32_t taps)
{
    for (size_t i = 0; i < count; i++)
        if (taps <= sizes[i].taps && mote_kernel_choose(lower->plan->target, sizes[i].name)) return sizes[i].name;
    return NULL;
}

static void fill_requantisation(const struct layer *layer, struct mk_conv_armv7em *p)
{
    const struct mote_weighted *w = layer->w;
    p->pad_value = (int16_t)-w->in_offset;
    p->out_zero_point = w->out_zero_point;
    p->act_min = w->act_min;
    p->act_max = w->act_max;
    p->way = (uint16_t)layer->way;
}

static enum mote_status add_stream(struct mote_lower *lower, struct mote_step *step, const struct layer *layer,
                                   int32_t width)
{
    size_t words;
    const int32_t *stream = make_stream(lower, layer, width, &words);
    if (!stream) return mote_error_memory(lower->diag);
    fill_requantisation(layer, step->params);
    return mote_lower_constant(lower, step, "stream", stream, words, true);
}

/* ---- Fully connected ---- */

static const char *fully_connected_kernel(const struct mote_lower *lower, int32_t taps)
{
    static const struct size sizes[] = {{"fully_connected_s8_k256", 256}, {"fully_connected_s8_k1024", 1024}};
    return choose_size(lower, sizes, sizeof sizes / sizeof sizes[0], taps);
}

enum mote_status mote_pack_fully_connected_armv7em(struct mote_lower *lower, const struct mote_op *op,
                                                   const struct mote_weighted *w, int32_t in_features, uint32_t rows,
                                                   bool *taken)
{
    *taken = false;
    const char *name = fully_connected_kernel(lower, in_features);
    if (!name || w->x->dtype != MOTE_S8 || w->weight_offset != 0) return MOTE_OK;
    struct layer layer = {.w = w, .weights = (const int8_t *)w->weights->data, .taps = in_features};
    bool possible;
    enum mote_status status = prepare(lower, &layer, &possible);
    if (status != MOTE_OK || !possible) return status;
    const int inputs[2] = {0, -1};
    struct mote_step *step = mote_lower_step(lower, op, name, inputs, 0, rows, &status);
    if (!step) return status;
    *(struct mk_conv_armv7em *)step->params = (struct mk_conv_armv7em){
        .in_h = (uint16_t)rows, .in_w = 1, .in_c = (uint16_t)in_features,
        .out_h = (uint16_t)rows, .out_w = 1, .out_c = (uint16_t)w->channels,
        .filter_h = 1, .filter_w = 1, .stride_h = 1, .stride_w = 1,
        .in_ring = (uint16_t)rows, .out_ring = (uint16_t)rows,
    };
    step->inputs[0].row_bytes = (uint32_t)in_features;
    step->inputs[0].rows = (struct mote_row_map){rows, rows, 1, 0};
    step->inputs[0].window_rows = 1;
    step->output.row_bytes = (uint32_t)w->channels;
    step->macs = mote_op_macs(lower->graph, op);
    if ((status = add_stream(lower, step, &layer, 4)) != MOTE_OK) return status;
    *taken = true;
    return MOTE_OK;
}

/* ---- Convolutions ---- */

static const char *conv_2d_kernel(const struct mote_lower *lower, int32_t taps)
{
    static const struct size sizes[] = {
        {"conv_2d_s8_k64", 64}, {"conv_2d_s8_k192", 192}, {"conv_2d_s8_k576", 576}};
    return choose_size(lower, sizes, sizeof sizes / sizeof sizes[0], taps);
}

/* What all convolutions of this family ask of a convolution. */
static bool is_plain(const struct mote_pack_conv *conv)
{
    const struct mote_attrs_conv *a = &conv->op->attrs.conv;
    return conv->w->x->dtype == MOTE_S8 && (a->dilation_h == 1 || conv->filter_h == 1) &&
           (a->dilation_w == 1 || conv->filter_w == 1) && conv->filter_h <= MOST_FILTER_ROWS;
}

static void fill_params(const struct mote_pack_conv *conv, struct mk_conv_armv7em *p)
{
    const struct mote_attrs_conv *a = &conv->op->attrs.conv;
    *p = (struct mk_conv_armv7em){
        .in_h = conv->in.h, .in_w = conv->in.w, .in_c = conv->in.c,
        .out_h = conv->out.h, .out_w = conv->out.w, .out_c = conv->out.c,
        .filter_h = (uint16_t)conv->filter_h, .filter_w = (uint16_t)conv->filter_w,
        .stride_h = (uint16_t)a->stride_h, .stride_w = (uint16_t)a->stride_w,
        .pad_top = (int16_t)a->pad_top, .pad_left = (int16_t)a->pad_left,
        .in_ring = (uint16_t)(conv->in.n * conv->in.h), .out_ring = (uint16_t)(conv->out.n * conv->out.h),
    };
}

static struct mote_step *add_conv_step(struct mote_lower *lower, const struct mote_pack_conv *conv, const char *name,
                                       enum mote_status *status)
{
    const int inputs[2] = {0, -1};
    struct mote_step *step =
        mote_lower_step(lower, conv->op, name, inputs, 0, (uint32_t)conv->out.n * conv->out.h, status);
    if (!step) return NULL;
    fill_params(conv, step->params);
    step->inputs[0].row_bytes = (uint32_t)conv->in.w * conv->in.c;
    step->inputs[0].rows = conv->rows;
    step->inputs[0].window_rows = conv->window_rows;
    step->output.row_bytes = (uint32_t)conv->out.w * conv->out.c;
    step->macs = mote_op_macs(lower->graph, conv->op);
    return step;
}

static enum mote_status pack_conv_2d(struct mote_lower *lower, const struct mote_pack_conv *conv, bool *taken)
{
    const int64_t taps = (int64_t)conv->filter_h * conv->filter_w * conv->filter_c;
    if (conv->filter_c != conv->in.c || taps > UINT16_MAX) return MOTE_OK;
    const char *name = conv_2d_kernel(lower, (int32_t)taps);
    if (!name) return MOTE_OK;
    struct layer layer = {
        .w = conv->w, .weights = (const int8_t *)conv->w->weights->data, .taps = (int32_t)taps};
    bool possible;
    enum mote_status status = prepare(lower, &layer, &possible);
    if (status != MOTE_OK || !possible) return status;
    struct mote_step *step = add_conv_step(lower, conv, name, &status);
    if (!step || (status = add_stream(lower, step, &layer, 2)) != MOTE_OK) return status;
    *taken = true;
    return MOTE_OK;
}

enum mote_status mote_pack_conv_armv7em(struct mote_lower *lower, const struct mote_pack_conv *conv, bool *taken)
{
    *taken = false;
    if (!is_plain(conv)) return MOTE_OK;
    switch (conv->op->kind) {
    case MOTE_OP_CONV_2D: return pack_conv_2d(lower, conv, taken);
    default: return MOTE_OK;
    }
}
