#include "generate_weights.h"

#include <math.h>
#include <stdlib.h>

void pick_weights(struct model_case *m, struct weights *w, int input_channels)
{
    const float base = pick_scale(m, false);
    for (int i = 0; i < w->channels; i++)
        w->scales[i] = w->per_channel ? base * (float)(0.05 + mote_rng_unit(&m->rng)) : base;
    note(m, " weights*%.9g%s", (double)base, w->per_channel ? " per channel" : "");
    if (!chance(m, 35)) return;
    w->zero_percent = chance(m, 50) ? pick(m, 10, 95) : 0;
    note(m, " zeros=%d%% fates=", w->zero_percent);
    for (int i = 0; i < w->channels; i++) {
        if (chance(m, 40)) w->fates[i] = (enum channel_fate)pick(m, CHANNEL_ZERO, CHANNEL_POSITIVE);
        note(m, "%d", (int)w->fates[i]);
    }
    for (int i = 0; i < input_channels && i < 32; i++)
        if (chance(m, 25)) w->silent_inputs |= (uint32_t)1 << i;
    note(m, " silent=%x", (unsigned)w->silent_inputs);
}

int add_weights(struct model_case *m, const struct weights *w, int rank, const int32_t *shape, int64_t zero_point)
{
    size_t count = 1, behind_axis = 1;
    note(m, " [");
    for (int i = 0; i < rank; i++) {
        count *= (size_t)shape[i];
        if (i > w->axis) behind_axis *= (size_t)shape[i];
        note(m, "%s%d", i ? "," : "", (int)shape[i]);
    }
    note(m, "]%+d", (int)zero_point);
    int8_t *data = malloc(count);
    if (!data) abort();
    for (size_t i = 0; i < count; i++) {
        const size_t channel = i / behind_axis % (size_t)w->channels, input = i % (size_t)shape[rank - 1];
        const int value = pick(m, -127, 127);
        const bool silent = input < 32 && (w->silent_inputs >> input & 1);
        const bool zero = silent || w->fates[channel] == CHANNEL_ZERO || chance(m, w->zero_percent);
        data[i] = (int8_t)(zero ? zero_point : value);
    }
    const int64_t zero_points[MOST_CHANNELS] = {zero_point};
    const struct tflw_quant quant = {
        .scales = w->scales,
        .zero_points = zero_points,
        .count = w->per_channel ? (size_t)w->channels : 1,
        .dimension = w->per_channel ? w->axis : 0,
    };
    const int tensor = tflw_tensor(m->writer, "weights", TFLW_INT8, (size_t)rank, shape, &quant, data, count);
    free(data);
    return tensor;
}

static double pick_bias(struct model_case *m, const struct weights *w, enum channel_fate fate, enum tflw_type bias_type,
                        enum tflw_type in_type)
{
    const double span = in_type == TFLW_INT16 ? 32768.0 : 255.0, taps = (double)w->taps;
    const double usual = span * 40.0 * sqrt(taps) * (2.0 * mote_rng_unit(&m->rng) - 1.0);
    const double beyond = span * 150.0 * taps * (1.0 + mote_rng_unit(&m->rng));
    const double value = fate == CHANNEL_NEGATIVE ? -beyond : fate == CHANNEL_POSITIVE ? beyond : usual;
    const double limit = bias_type == TFLW_INT16 ? 32767.0 : 1e9;
    return fmax(-limit, fmin(value, limit));
}

int add_bias(struct model_case *m, const struct weights *w, enum tflw_type bias_type, enum tflw_type in_type,
             float in_scale)
{
    int16_t narrow[MOST_CHANNELS];
    int32_t usual[MOST_CHANNELS];
    int64_t wide[MOST_CHANNELS];
    float scales[MOST_CHANNELS];
    for (int i = 0; i < w->channels; i++) {
        wide[i] = (int64_t)pick_bias(m, w, w->fates[i], bias_type, in_type);
        usual[i] = (int32_t)wide[i];
        narrow[i] = (int16_t)wide[i];
        scales[i] = in_scale * w->scales[w->per_channel ? i : 0];
    }
    note(m, " bias=%s", type_name(bias_type));
    const int64_t zero_points[MOST_CHANNELS] = {0};
    const struct tflw_quant quant = {
        .scales = scales, .zero_points = zero_points, .count = w->per_channel ? (size_t)w->channels : 1};
    const int32_t shape[1] = {w->channels};
    const void *data = bias_type == TFLW_INT64 ? (const void *)wide : bias_type == TFLW_INT32 ? (const void *)usual : narrow;
    return tflw_tensor(m->writer, "bias", bias_type, 1, shape, &quant, data, (size_t)w->channels * type_bytes(bias_type));
}

float pick_out_scale(struct model_case *m, const struct weights *w, enum tflw_type type, float in_scale)
{
    const double in_deviation = type == TFLW_INT16 ? 19000.0 : 74.0, levels = type == TFLW_INT16 ? 19000.0 : 74.0;
    const double sum = (double)in_scale * (double)w->scales[0] * in_deviation * 73.0 * sqrt((double)w->taps);
    return (float)(sum / levels * ldexp(1.0 + mote_rng_unit(&m->rng), pick(m, -2, 1)));
}

/* ---- Windows ---- */

int32_t out_extent(enum tflw_padding padding, int32_t in, int32_t filter, int32_t stride, int32_t dilation)
{
    const int32_t effective = (filter - 1) * dilation + 1;
    return padding == TFLW_SAME ? (in + stride - 1) / stride : (in - effective) / stride + 1;
}

void pick_window(struct model_case *m, const int32_t *in, bool dilates, struct tflw_options *o, int32_t *filter,
                 int32_t *out)
{
    o->padding = chance(m, 50) ? TFLW_SAME : TFLW_VALID;
    o->stride_h = pick(m, 1, 3);
    o->stride_w = pick(m, 1, 3);
    o->dilation_h = dilates && chance(m, 30) ? pick(m, 2, 3) : 1;
    o->dilation_w = dilates && chance(m, 30) ? pick(m, 2, 3) : 1;
    filter[0] = pick(m, 1, 4);
    filter[1] = pick(m, 1, 4);
    if (o->padding == TFLW_VALID) {
        if ((filter[0] - 1) * o->dilation_h + 1 > in[1]) filter[0] = 1;
        if ((filter[1] - 1) * o->dilation_w + 1 > in[2]) filter[1] = 1;
    }
    out[0] = out_extent(o->padding, in[1], filter[0], o->stride_h, o->dilation_h);
    out[1] = out_extent(o->padding, in[2], filter[1], o->stride_w, o->dilation_w);
    note(m, " %s filter=%dx%d stride=%dx%d dilation=%dx%d", o->padding == TFLW_SAME ? "SAME" : "VALID", (int)filter[0],
         (int)filter[1], (int)o->stride_h, (int)o->stride_w, (int)o->dilation_h, (int)o->dilation_w);
}
