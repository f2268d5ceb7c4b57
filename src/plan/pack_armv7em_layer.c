#include "pack_armv7em_layer.h"

#include <string.h>

enum { LARGEST_SUM = 1 << 23 };

int32_t mote_armv7em_weight(const struct mote_armv7em_layer *layer, int32_t channel, int32_t tap)
{
    const int32_t row = tap / layer->padded_run, in_run = tap % layer->padded_run;
    if (channel >= layer->w->channels || tap >= layer->taps || in_run >= layer->run) return 0;
    return layer->weights[channel * layer->channel_step + (row * layer->run + in_run) * layer->tap_step];
}

static int64_t stated_bias(const struct mote_weighted *w, int32_t channel)
{
    return w->bias ? ((const int32_t *)w->bias)[channel] : 0;
}

int32_t mote_armv7em_bias(const struct mote_armv7em_layer *layer, int32_t channel)
{
    if (channel >= layer->w->channels) return 0;
    int64_t bias = stated_bias(layer->w, channel);
    for (int32_t i = 0; i < layer->taps; i++)
        bias += (int64_t)layer->w->in_offset * mote_armv7em_weight(layer, channel, i);
    return (int32_t)bias;
}

int32_t mote_armv7em_fine_bias(const struct mote_armv7em_layer *layer, int32_t channel)
{
    if (channel >= layer->w->channels) return 0;
    return (int32_t)((uint32_t)layer->scale * (uint32_t)mote_armv7em_bias(layer, channel) +
                     (uint32_t)layer->records[channel].bias);
}

enum mote_status mote_armv7em_bound(struct mote_lower *lower, struct mote_armv7em_layer *layer, bool *possible)
{
    const struct mote_weighted *w = layer->w;
    const struct mote_interval *sums;
    *possible = false;
    const enum mote_status status = mote_lower_sums(lower, &sums);
    if (status != MOTE_OK || !sums) return status;
    layer->channels = MOTE_NEW_ARRAY(lower->plan->arena, struct mote_armv7em_channel, (size_t)w->channels);
    if (!layer->channels) return mote_error_memory(lower->diag);
    for (int32_t o = 0; o < w->channels; o++) {
        struct mote_armv7em_channel *c = &layer->channels[o];
        c->multiplier = w->multiplier[w->multiplier_count > 1 ? o : 0];
        c->shift = w->shift[w->multiplier_count > 1 ? o : 0];
        c->low = sums[o].low;
        c->high = sums[o].high;
        if (c->low <= -LARGEST_SUM || c->high >= LARGEST_SUM) return MOTE_OK;
    }
    *possible = true;
    return MOTE_OK;
}

enum mote_status mote_armv7em_prepare(struct mote_lower *lower, struct mote_armv7em_layer *layer, bool *possible)
{
    const struct mote_weighted *w = layer->w;
    const enum mote_status status = mote_armv7em_bound(lower, layer, possible);
    if (status != MOTE_OK || !*possible) return status;
    layer->records = MOTE_NEW_ARRAY(lower->plan->arena, struct mote_armv7em_record, (size_t)w->channels);
    if (!layer->records) return mote_error_memory(lower->diag);
    layer->way = mote_armv7em_requantise(w, layer->channels, w->channels, layer->scale, layer->is_fine, layer->records,
                                         &layer->record_words);
    return MOTE_OK;
}

int32_t *mote_armv7em_put_records(int32_t *to, const struct mote_armv7em_layer *layer, int32_t channel, int32_t count)
{
    for (int32_t o = channel; o < channel + count; o++)
        for (int i = 0; i < layer->record_words; i++) *to++ = o < layer->w->channels ? layer->records[o].words[i] : 0;
    return to;
}

struct mote_step *mote_armv7em_add_conv(struct mote_lower *lower, const struct mote_pack_conv *conv, const char *name,
                                        enum mote_status *status)
{
    struct mote_step *step = mote_pack_conv_step(lower, conv, name, status);
    if (step) *(struct mk_conv_armv7em *)step->params = (struct mk_conv_armv7em){MOTE_PACK_CONV_SHAPES(conv, uint16_t)};
    return step;
}

enum mote_status mote_armv7em_bind(struct mote_lower *lower, struct mote_step *step,
                                   const struct mote_armv7em_layer *layer, const int32_t *stream, size_t words)
{
    if (!stream) return mote_error_memory(lower->diag);
    const struct mote_weighted *w = layer->w;
    struct mk_conv_armv7em *p = step->params;
    p->pad_value = (int16_t)-w->in_offset;
    p->out_zero_point = w->out_zero_point;
    p->act_min = w->act_min;
    p->act_max = w->act_max;
    p->way = (uint16_t)layer->way;
    p->stream_words = (int32_t)words;
    return mote_lower_constant(lower, step, "stream", stream, words, true);
}

const char *mote_armv7em_choose(const struct mote_lower *lower, const struct mote_armv7em_size *sizes, size_t count,
                                int32_t need)
{
    for (size_t i = 0; i < count; i++)
        if (need <= sizes[i].most && mote_plan_takes(lower->plan, sizes[i].name, "mk_conv_armv7em")) return sizes[i].name;
    return NULL;
}
