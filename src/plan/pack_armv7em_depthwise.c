/* pack_armv7em_depthwise.c: depthwise convolutions; see kernel/armv7em/mk_armv7em_depthwise.h. */
#include "pack_armv7em_layer.h"

enum {
    GROUP = 4,
    MOST_TAPS = 32,
    MOST_CHANNELS = 256
};

/* The first channel of a group: the last one overlaps the one before if channels are left over. */
static int32_t group_channel(const struct mote_armv7em_layer *layer, int32_t group)
{
    const int32_t last = layer->w->channels - GROUP;
    return group * GROUP < last ? group * GROUP : last;
}

static int32_t group_count(const struct mote_armv7em_layer *layer)
{
    return (layer->w->channels + GROUP - 1) / GROUP;
}

/* Weights, 256 times, of two taps, the first one in the low half. */
static int32_t weights_of(const struct mote_armv7em_layer *layer, int32_t channel, int32_t first, int32_t second)
{
    const uint32_t low = (uint32_t)(256 * mote_armv7em_weight(layer, channel, first));
    const uint32_t high = (uint32_t)(256 * mote_armv7em_weight(layer, channel, second));
    return (int32_t)((low & 0xffffu) | high << 16);
}

/* ---- Any filter ---- */

static int32_t *make_taps_stream(struct mote_lower *lower, const struct mote_armv7em_layer *layer, size_t *words)
{
    const int32_t pairs = (layer->taps + 1) / 2;
    *words = (size_t)group_count(layer) * (size_t)(1 + GROUP * (1 + pairs + layer->record_words));
    int32_t *const stream = MOTE_NEW_ARRAY(lower->plan->arena, int32_t, *words);
    int32_t *to = stream;
    for (int32_t g = 0; stream && g < group_count(layer); g++) {
        const int32_t first = group_channel(layer, g);
        for (int32_t i = 0; i < GROUP; i++) *to++ = mote_armv7em_fine_bias(layer, first + i);
        *to++ = first;
        for (int32_t pair = 0; pair < pairs; pair++)
            for (int32_t i = 0; i < GROUP; i++) *to++ = weights_of(layer, first + i, 2 * pair, 2 * pair + 1);
        to = mote_armv7em_put_records(to, layer, first, GROUP);
    }
    return stream;
}

/* ---- 3x3 ---- */

static int32_t *make_3x3_stream(struct mote_lower *lower, const struct mote_armv7em_layer *layer, size_t *words)
{
    const int32_t channels = layer->w->channels;
    *words = (size_t)channels * (size_t)(7 + layer->record_words);
    int32_t *const stream = MOTE_NEW_ARRAY(lower->plan->arena, int32_t, *words);
    int32_t *to = stream;
    for (int32_t o = 0; stream && o < channels; o++) {
        const int32_t addend = layer->way == MK_ARMV7EM_SMALL ? layer->records[o].words[1] : 0;
        *to++ = (int32_t)((uint32_t)mote_armv7em_fine_bias(layer, o) + (uint32_t)addend);
        for (int32_t tap = 0; tap < 9; tap += 3) {
            *to++ = weights_of(layer, o, tap, tap + 1);
            *to++ = weights_of(layer, o, tap + 1, tap + 2);
        }
        to = mote_armv7em_put_records(to, layer, o, 1);
    }
    return stream;
}

/* The kernel with room for the rows under `most` rows of outputs, if there is one, else for those under one. */
static const char *kernel_3x3(const struct mote_lower *lower, const struct mote_pack_conv *conv)
{
    enum { PREFERRED_ROWS = 4, FILTER = 3 };
    static const struct mote_armv7em_size sizes[] = {{"depthwise_conv_2d_s8_3x3_1k", 1024},
                                                     {"depthwise_conv_2d_s8_3x3_2k", 2048}};
    const struct mote_attrs_conv *a = &conv->op->attrs.conv;
    if (lower->plan->optimize == MOTE_PLAN_SIZE) return NULL; /* twice as fast, for twice the code */
    if (conv->filter_h != FILTER || conv->filter_w != FILTER || a->stride_w > 2 || a->pad_left > 2)
        return NULL;
    const int32_t columns = (conv->out.w - 1) * a->stride_w + FILTER, row_bytes = (columns + 1) / 2 * 16;
    const char *name = NULL;
    for (int32_t rows = conv->out.h < PREFERRED_ROWS ? conv->out.h : PREFERRED_ROWS; rows > 0 && !name; rows--) {
        const int64_t bytes = (int64_t)row_bytes * ((int64_t)(rows - 1) * a->stride_h + FILTER);
        name = mote_armv7em_choose(lower, sizes, sizeof sizes / sizeof sizes[0], bytes > INT32_MAX ? INT32_MAX : (int32_t)bytes);
    }
    return name;
}

/* Fails for want of memory. */
static enum mote_status pack_3x3(struct mote_lower *lower, const struct mote_pack_conv *conv,
                                 struct mote_armv7em_layer *layer, bool *taken)
{
    const char *const name = kernel_3x3(lower, conv);
    if (!name) return MOTE_OK;
    layer->way = mote_armv7em_requantise_planes(layer->w, layer->channels, layer->w->channels, layer->scale,
                                                layer->records, &layer->record_words);
    if (layer->way == MK_ARMV7EM_EXACT) return MOTE_OK;
    enum mote_status status;
    struct mote_step *step = mote_armv7em_add_conv(lower, conv, name, &status);
    if (!step) return status;
    size_t words;
    const int32_t *stream = make_3x3_stream(lower, layer, &words);
    status = mote_armv7em_bind(lower, step, layer, stream, words);
    *taken = status == MOTE_OK;
    return status;
}

/* ---- Choice ---- */

enum mote_status mote_armv7em_pack_depthwise(struct mote_lower *lower, const struct mote_pack_conv *conv, bool *taken)
{
    const int64_t taps = (int64_t)conv->filter_h * conv->filter_w;
    const struct mote_weighted *w = conv->w;
    static const struct mote_armv7em_size sizes[] = {{"depthwise_conv_2d_s8_quads", MOST_TAPS}};
    const char *const any = mote_armv7em_choose(lower, sizes, 1, (int32_t)(taps <= MOST_TAPS ? taps : INT32_MAX));
    if (!any || conv->in.c != conv->out.c || w->channels < GROUP || w->channels > MOST_CHANNELS) return MOTE_OK;
    struct mote_armv7em_layer layer = {.w = w,
                                       .weights = (const int8_t *)w->weights->data,
                                       .channel_step = 1,
                                       .tap_step = w->channels,
                                       .taps = (int32_t)taps,
                                       .run = (int32_t)taps,
                                       .padded_run = (int32_t)taps,
                                       .scale = 256,
                                       .is_fine = true};
    bool possible;
    enum mote_status status = mote_armv7em_bound(lower, &layer, &possible);
    if (status != MOTE_OK || !possible) return status;
    layer.records = MOTE_NEW_ARRAY(lower->plan->arena, struct mote_armv7em_record, (size_t)w->channels);
    if (!layer.records) return mote_error_memory(lower->diag);
    status = pack_3x3(lower, conv, &layer, taken);
    if (status != MOTE_OK || *taken) return status;
    layer.way = mote_armv7em_requantise(w, layer.channels, w->channels, layer.scale, layer.is_fine, layer.records,
                                        &layer.record_words);
    struct mote_step *step = mote_armv7em_add_conv(lower, conv, any, &status);
    if (!step) return status;
    size_t words;
    const int32_t *stream = make_taps_stream(lower, &layer, &words);
    if ((status = mote_armv7em_bind(lower, step, &layer, stream, words)) != MOTE_OK) return status;
    *taken = true;
    return MOTE_OK;
}
