/* pack_armv7em_depthwise.c: depthwise convolutions; see kernel/armv7em/mk_armv7em_depthwise.h. */
#include "pack_armv7em_layer.h"

enum {
    GROUP = 4,
    MOST_TAPS = 32,
    MOST_CHANNELS = 256,
    MOST_ROW_BYTES = 1024 /* of an input row, where there is padding above or below */
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

static int32_t bias_of(const struct mote_armv7em_layer *layer, int32_t channel)
{
    return (int32_t)(256u * (uint32_t)mote_armv7em_bias(layer, channel));
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
        for (int32_t i = 0; i < GROUP; i++) *to++ = bias_of(layer, first + i);
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
    enum { NONE = 9 }; /* a tap that does not exist */
    *words = (size_t)group_count(layer) * (size_t)(1 + GROUP * (6 + layer->record_words));
    int32_t *const stream = MOTE_NEW_ARRAY(lower->plan->arena, int32_t, *words);
    int32_t *to = stream;
    for (int32_t g = 0; stream && g < group_count(layer); g++) {
        const int32_t first = group_channel(layer, g);
        *to++ = first;
        for (int32_t o = first; o < first + GROUP; o++) {
            for (int32_t x = 0; x < 3; x++) *to++ = weights_of(layer, o, x, 3 + x);
            *to++ = weights_of(layer, o, 6, 7);
            *to++ = weights_of(layer, o, 8, NONE);
            *to++ = bias_of(layer, o);
            to = mote_armv7em_put_records(to, layer, o, 1);
        }
    }
    return stream;
}

static const char *kernel_3x3(const struct mote_lower *lower, const struct mote_pack_conv *conv,
                              const struct mote_armv7em_layer *layer)
{
    static const struct mote_armv7em_size sizes[] = {{"depthwise_conv_2d_s8_3x3_w16", 16},
                                                     {"depthwise_conv_2d_s8_3x3_w64", 64}};
    const struct mote_attrs_conv *a = &conv->op->attrs.conv;
    const bool padded = a->pad_top > 0 || (conv->out.h - 1) * a->stride_h - a->pad_top + 3 > conv->in.h;
    if (conv->filter_h != 3 || conv->filter_w != 3 || a->stride_w > 2 || a->pad_left > 2 ||
        layer->way == MK_ARMV7EM_EXACT || (padded && conv->in.w * conv->in.c > MOST_ROW_BYTES))
        return NULL;
    return mote_armv7em_choose(lower, sizes, sizeof sizes / sizeof sizes[0],
                               (conv->out.w - 1) * a->stride_w + 1);
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
                                       .scale = 256};
    bool possible;
    enum mote_status status = mote_armv7em_prepare(lower, &layer, &possible);
    if (status != MOTE_OK || !possible) return status;
    const char *of_3x3 = kernel_3x3(lower, conv, &layer);
    struct mote_step *step = mote_armv7em_add_conv(lower, conv, of_3x3 ? of_3x3 : any, &status);
    if (!step) return status;
    size_t words;
    const int32_t *stream =
        of_3x3 ? make_3x3_stream(lower, &layer, &words) : make_taps_stream(lower, &layer, &words);
    if ((status = mote_armv7em_bind(lower, step, &layer, stream, words)) != MOTE_OK) return status;
    *taken = true;
    return MOTE_OK;
}
