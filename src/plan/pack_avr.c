#include "pack_avr.h"

#include <string.h>

enum { GROUP = 8, LIST_TAPS = 64, MOST_FILTER_ROWS = 16 };

/* Weights as output channel by input: element i of channel o. */
static int32_t weight_at(const struct mote_weighted *w, int64_t taps, int64_t o, int64_t i)
{
    return ((const int8_t *)w->weights->data)[o * taps + i];
}

static int32_t bias_at(const struct mote_weighted *w, int32_t o)
{
    return w->bias ? ((const int32_t *)w->bias)[o] : 0;
}

/* Multiplier and shift of every channel, also where the layer has but one. */
static enum mote_status spread_multipliers(struct mote_lower *lower, struct mote_weighted *w)
{
    if (w->multiplier_count == w->channels) return MOTE_OK;
    int32_t *multiplier = MOTE_NEW_ARRAY(lower->plan->arena, int32_t, (size_t)w->channels);
    int8_t *shift = MOTE_NEW_ARRAY(lower->plan->arena, int8_t, (size_t)w->channels);
    if (!multiplier || !shift) return mote_error_memory(lower->diag);
    for (int32_t i = 0; i < w->channels; i++) {
        multiplier[i] = w->multiplier[0];
        shift[i] = w->shift[0];
    }
    w->multiplier = multiplier;
    w->shift = shift;
    w->multiplier_count = w->channels;
    return MOTE_OK;
}

/* The largest size of each channel's sum over any inputs, bias included. */
static void bound_sums(const struct mote_weighted *w, int64_t taps, int64_t *largest)
{
    const int64_t lowest = -128 + w->in_offset, highest = 127 + w->in_offset;
    for (int32_t o = 0; o < w->channels; o++) {
        int64_t low = bias_at(w, o), high = low;
        for (int64_t i = 0; i < taps; i++) {
            const int64_t weight = weight_at(w, taps, o, i);
            low += weight > 0 ? weight * lowest : weight * highest;
            high += weight > 0 ? weight * highest : weight * lowest;
        }
        largest[o] = -low > high ? -low : high;
    }
}

/* Weights + 128 in groups of eight channels: for each input the eight channels' bytes; missing channels repeat 128. */
static void pack_groups(const struct mote_weighted *w, int64_t taps, uint8_t *packed)
{
    const int32_t groups = (w->channels + GROUP - 1) / GROUP;
    for (int32_t g = 0; g < groups; g++)
        for (int64_t i = 0; i < taps; i++)
            for (int32_t k = 0; k < GROUP; k++) {
                const int32_t o = g * GROUP + k;
                *packed++ = (uint8_t)(128 + (o < w->channels ? weight_at(w, taps, o, i) : 0));
            }
}

/* Records with the inputs' zero point moved into the bias: see kernel/avr/mk_avr_tile.h. */
static void pack_records(const struct mote_weighted *w, int64_t taps, uint8_t *records)
{
    for (int32_t o = 0; o < w->channels; o++, records += MOTE_REQUANT_AVR_RECORD_BYTES) {
        int32_t sum = 0;
        for (int64_t i = 0; i < taps; i++) sum += weight_at(w, taps, o, i);
        const int32_t bias = bias_at(w, o) - (128 - w->in_offset) * sum;
        mote_requant_avr_record(bias, w->multiplier[o], w->shift[o], records);
    }
}

static void fill_params(const struct mote_pack_conv *conv, const struct mote_requant_avr *requant, struct mk_conv_avr *p)
{
    const struct mote_attrs_conv *a = &conv->op->attrs.conv;
    const struct mote_weighted *w = conv->w;
    *p = (struct mk_conv_avr){
        .in_h = conv->in.h, .in_w = conv->in.w, .in_c = conv->in.c,
        .out_h = conv->out.h, .out_w = conv->out.w, .out_c = conv->out.c,
        .filter_h = (uint16_t)conv->filter_h, .filter_w = (uint16_t)conv->filter_w,
        .stride_h = (uint16_t)a->stride_h, .stride_w = (uint16_t)a->stride_w,
        .pad_top = (int16_t)a->pad_top, .pad_left = (int16_t)a->pad_left,
        .in_ring = (uint16_t)(conv->in.n * conv->in.h), .out_ring = (uint16_t)(conv->out.n * conv->out.h),
        .pad_value = (uint16_t)(128 - w->in_offset), .out_zero_point = w->out_zero_point,
        .half = (uint16_t)requant->half, .ambiguous_from = (uint16_t)requant->ambiguous_from,
        .most_above = (uint16_t)requant->most_above, .most_below = (uint16_t)requant->most_below,
    };
}

/* What all AVR convolutions ask of a convolution. */
static bool is_plain(const struct mote_pack_conv *conv)
{
    const struct mote_attrs_conv *a = &conv->op->attrs.conv;
    return conv->w->x->dtype == MOTE_S8 && (a->dilation_h == 1 || conv->filter_h == 1) &&
           (a->dilation_w == 1 || conv->filter_w == 1) && conv->filter_h <= MOST_FILTER_ROWS && conv->filter_w <= 64 &&
           conv->in.c <= 255 && conv->in.h < 16384 && conv->in.w < 16384 && a->pad_top < 64 && a->pad_left < 64 &&
           a->stride_h < 64 && a->stride_w < 64;
}

static enum mote_status add_step(struct mote_lower *lower, const struct mote_pack_conv *conv, const char *name,
                                 const struct mote_requant_avr *requant, int64_t taps)
{
    const struct mote_weighted *w = conv->w;
    enum mote_status status;
    const size_t channels = (size_t)w->channels;
    const size_t weight_bytes = (channels + GROUP - 1) / GROUP * GROUP * (size_t)taps;
    const size_t record_bytes = channels * MOTE_REQUANT_AVR_RECORD_BYTES;
    uint8_t *weights = MOTE_NEW_ARRAY(lower->plan->arena, uint8_t, weight_bytes);
    uint8_t *records = MOTE_NEW_ARRAY(lower->plan->arena, uint8_t, record_bytes);
    if (!weights || !records) return mote_error_memory(lower->diag);
    pack_groups(w, taps, weights);
    pack_records(w, taps, records);
    const int inputs[2] = {0, -1};
    struct mote_step *step =
        mote_lower_step(lower, conv->op, name, inputs, 0, (uint32_t)conv->out.n * conv->out.h, &status);
    if (!step) return status;
    fill_params(conv, requant, step->params);
    step->inputs[0].row_bytes = (uint32_t)conv->in.w * conv->in.c;
    step->inputs[0].rows = conv->rows;
    step->inputs[0].window_rows = conv->window_rows;
    step->output.row_bytes = (uint32_t)conv->out.w * conv->out.c;
    step->macs = mote_op_macs(lower->graph, conv->op);
    if ((status = mote_lower_constant(lower, step, "weights", weights, weight_bytes, true)) != MOTE_OK) return status;
    if ((status = mote_lower_constant(lower, step, "records", records, record_bytes, false)) != MOTE_OK) return status;
    if ((status = mote_lower_constant(lower, step, "multiplier", w->multiplier, channels, false)) != MOTE_OK) return status;
    return mote_lower_constant(lower, step, "shift", w->shift, channels, false);
}

enum mote_status mote_pack_conv_2d_avr(struct mote_lower *lower, const struct mote_pack_conv *conv, bool *taken)
{
    *taken = false;
    const char *name = "conv_2d_s8_sparse";
    const int64_t taps = (int64_t)conv->filter_h * conv->filter_w * conv->filter_c;
    if (!mote_kernel_choose(lower->plan->target, name) || !is_plain(conv) || conv->filter_c != conv->in.c ||
        taps > LIST_TAPS)
        return MOTE_OK;
    struct mote_weighted w = *conv->w;
    struct mote_pack_conv packed = *conv;
    packed.w = &w;
    int64_t *largest = MOTE_NEW_ARRAY(lower->plan->arena, int64_t, (size_t)w.channels);
    if (!largest) return mote_error_memory(lower->diag);
    enum mote_status status = spread_multipliers(lower, &w);
    if (status != MOTE_OK) return status;
    struct mote_requant_avr requant;
    bound_sums(&w, taps, largest);
    if (!mote_requant_avr_prepare(&w, largest, &requant)) return MOTE_OK;
    if ((status = add_step(lower, &packed, name, &requant, taps)) != MOTE_OK) return status;
    *taken = true;
    return MOTE_OK;
}
