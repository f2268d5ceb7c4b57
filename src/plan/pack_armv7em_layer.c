#include "pack_armv7em_layer.h"

#include <string.h>

enum { LARGEST_SUM = 1 << 23, MOST_FILTER_ROWS = 16 };

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
    layer->way = mote_armv7em_requantise(w, layer->channels, w->channels, layer->scale, layer->records,
                                         &layer->record_words);
    return MOTE_OK;
}

int32_t *mote_armv7em_put_records(int32_t *to, const struct mote_armv7em_layer *layer, int32_t channel, int32_t count)
{
    for (int32_t o = channel; o < channel + count; o++)
        for (int i = 0; i < layer->record_words; i++) *to++ = o < layer->w->channels ? layer->records[o].words[i] : 0;
    return to;
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

struct mote_step *mote_armv7em_add_conv(struct mote_lower *lower, const struct mote_pack_conv *conv, const char *name,
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

struct mote_step *mote_armv7em_add_fully_connected(struct mote_lower *lower, const struct mote_op *op, const char *name,
                                                   const struct mote_weighted *w, int32_t in_features, uint32_t rows,
                                                   enum mote_status *status)
{
    const int inputs[2] = {0, -1};
    struct mote_step *step = mote_lower_step(lower, op, name, inputs, 0, rows, status);
    if (!step) return NULL;
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
    return step;
}

bool mote_armv7em_is_plain(const struct mote_pack_conv *conv)
{
    const struct mote_attrs_conv *a = &conv->op->attrs.conv;
    return conv->w->x->dtype == MOTE_S8 && (a->dilation_h == 1 || conv->filter_h == 1) &&
           (a->dilation_w == 1 || conv->filter_w == 1) && conv->filter_h <= MOST_FILTER_ROWS;
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
