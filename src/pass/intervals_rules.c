#include "intervals_rules.h"

#include "../ir/quant.h"

#include <math.h>

bool mote_interval_of_type(enum mote_dtype dtype, struct mote_interval *range)
{
    switch (dtype) {
    case MOTE_S8: *range = (struct mote_interval){INT8_MIN, INT8_MAX}; return true;
    case MOTE_U8: *range = (struct mote_interval){0, UINT8_MAX}; return true;
    case MOTE_S16: *range = (struct mote_interval){INT16_MIN, INT16_MAX}; return true;
    default: return false;
    }
}

struct mote_interval mote_interval_hull(struct mote_interval a, struct mote_interval b)
{
    return (struct mote_interval){a.low < b.low ? a.low : b.low, a.high > b.high ? a.high : b.high};
}

/* As kernels clamp: the lower bound first. */
static int64_t clamp(int64_t x, int64_t min, int64_t max)
{
    return x < min ? min : x > max ? max : x;
}

static struct mote_interval clamp_interval(struct mote_interval x, int64_t min, int64_t max)
{
    if (min > max) return (struct mote_interval){max, min}; /* whatever comes in, one of the two comes out */
    return (struct mote_interval){clamp(x.low, min, max), clamp(x.high, min, max)};
}

/* ---- Requantisation ---- */

/* x * multiplier * 2^(shift - 31) + zero_point in the kernels' 32 bits; false if something wraps. */
static bool rescale_32(int64_t x, int32_t multiplier, int shift, int32_t zero_point, int64_t *result)
{
    const int64_t unit = (int64_t)1 << (shift > 0 ? shift : 0);
    if (x < INT32_MIN / unit || x > INT32_MAX / unit) return false;
    *result = (int64_t)mote_multiply_by_quantized_multiplier((int32_t)x, multiplier, shift) + zero_point;
    return *result >= INT32_MIN && *result <= INT32_MAX;
}

/* The 64-bit form: multiplier rounded to 15 bits, one rounding, the low 32 bits kept. */
static bool rescale_wide(int64_t x, int32_t multiplier, int shift, int32_t zero_point, int64_t *result)
{
    const int64_t limit = (int64_t)1 << 47;
    if (x <= -limit || x >= limit) return false;
    const int64_t multiplier_15 = multiplier < 0x7fff0000 ? (multiplier + 0x8000) >> 16 : 0x7fff;
    const int bits = 15 - shift;
    const int64_t scaled = (x * multiplier_15 + ((int64_t)1 << (bits - 1))) >> bits;
    *result = scaled + zero_point;
    return scaled >= INT32_MIN && scaled <= INT32_MAX && *result >= INT32_MIN && *result <= INT32_MAX;
}

/* Multiplication by a multiplier >= 0, both roundings, the zero point and the clamp do not decrease: the ends of the
 * sums give the ends of the outputs, unless something wraps. */
struct mote_interval mote_interval_requantise(const struct mote_accumulators *acc, int32_t channel)
{
    bool (*rescale)(int64_t, int32_t, int, int32_t, int64_t *) = acc->wide ? rescale_wide : rescale_32;
    const struct mote_interval sum = acc->sums[channel];
    const int32_t multiplier = acc->multiplier[channel];
    const int shift = acc->shift[channel];
    struct mote_interval out = {INT64_MIN, INT64_MAX};
    if (multiplier < 0 || !rescale(sum.low, multiplier, shift, acc->out_zero_point, &out.low) ||
        !rescale(sum.high, multiplier, shift, acc->out_zero_point, &out.high))
        out = (struct mote_interval){INT64_MIN, INT64_MAX};
    return clamp_interval(out, acc->act_min, acc->act_max);
}

/* ---- Helpers of the rules ---- */

struct rule {
    const struct mote_intervals *intervals;
    const struct mote_op *op;
    const struct mote_tensor *out;
    int32_t output; /* which of the op's */
    struct mote_channels channels;
};

static const struct mote_tensor *input(const struct rule *r, int32_t n)
{
    return &r->intervals->graph->tensors[r->op->inputs[n]];
}

/* The channel of input n that lies under output channel c where shapes broadcast or agree. */
static struct mote_interval under(const struct rule *r, int32_t n, int32_t c)
{
    const int32_t tensor = r->op->inputs[n], count = r->intervals->channel_counts[tensor];
    if (count == r->channels.count) return mote_intervals_channel(r->intervals, tensor, c);
    return mote_intervals_tensor(r->intervals, tensor);
}

static bool quantised_alike(const struct rule *r, int32_t inputs)
{
    if (r->out->quant.count != 1) return false;
    for (int32_t i = 0; i < inputs; i++)
        if (input(r, i)->quant.count != 1 || r->intervals->channel_counts[r->op->inputs[i]] == 0) return false;
    return true;
}

/* Every kernel clamps at least to its type's range, which the list holds at first. */
static void set(struct rule *r, int32_t c, struct mote_interval value)
{
    r->channels.list[c] = clamp_interval(value, r->channels.list[c].low, r->channels.list[c].high);
}

/* Real bounds of an exact result that the kernel computes with relative errors far below 1e-5 of `magnitude` and
 * roundings of less than 2 in all. */
static struct mote_interval around(double low, double high, double magnitude)
{
    const double slack = 2.0 + 1e-5 * magnitude, limit = 1e15;
    const double from = floor(low - slack), to = ceil(high + slack);
    return (struct mote_interval){from < -limit ? INT64_MIN : (int64_t)(from > limit ? limit : from),
                                  to > limit ? INT64_MAX : (int64_t)(to < -limit ? -limit : to)};
}

struct real_interval {
    double low, high;
};

/* Input n in units of the output: scale * (q - zero point). */
static struct real_interval centred(const struct rule *r, int32_t n, int32_t c, double scale)
{
    const struct mote_interval x = under(r, n, c);
    const double zero_point = mote_tensor_zero_point(input(r, n));
    return (struct real_interval){scale * ((double)x.low - zero_point), scale * ((double)x.high - zero_point)};
}

static double ratio(const struct rule *r, int32_t n)
{
    return (double)mote_tensor_scale(input(r, n)) / (double)mote_tensor_scale(r->out);
}

static double magnitude(struct real_interval x)
{
    return fmax(fabs(x.low), fabs(x.high));
}

static void clamp_to_activation(struct rule *r, int32_t c, struct mote_interval value, enum mote_activation activation)
{
    int32_t min, max;
    mote_activation_range(activation, r->out, &min, &max);
    set(r, c, clamp_interval(value, min, max));
}

/* ---- Operators of two inputs ---- */

static void rule_sum(struct rule *r, int sign)
{
    if (!quantised_alike(r, 2)) return;
    const double zero_point = mote_tensor_zero_point(r->out);
    for (int32_t c = 0; c < r->channels.count; c++) {
        const struct real_interval a = centred(r, 0, c, ratio(r, 0));
        struct real_interval b = centred(r, 1, c, ratio(r, 1));
        if (sign < 0) b = (struct real_interval){-b.high, -b.low};
        const struct mote_interval sum =
            around(zero_point + a.low + b.low, zero_point + a.high + b.high, magnitude(a) + magnitude(b));
        clamp_to_activation(r, c, sum, r->op->attrs.binary.activation);
    }
}

static void rule_product(struct rule *r)
{
    if (!quantised_alike(r, 2)) return;
    const double scale = ratio(r, 0) * (double)mote_tensor_scale(input(r, 1));
    /* A left shift of the product must not wrap: 16 bits of int8 factors leave 14, those of int16 factors none. */
    const bool may_wrap = !(scale < (r->out->dtype == MOTE_S8 ? 0x1p13 : 0.5));
    for (int32_t c = 0; c < r->channels.count; c++) {
        const struct real_interval a = centred(r, 0, c, 1.0), b = centred(r, 1, c, scale);
        const double corners[4] = {a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high};
        struct real_interval p = {corners[0], corners[0]};
        for (int i = 1; i < 4; i++) p = (struct real_interval){fmin(p.low, corners[i]), fmax(p.high, corners[i])};
        const double zero_point = mote_tensor_zero_point(r->out);
        struct mote_interval value = around(zero_point + p.low, zero_point + p.high, magnitude(p));
        if (may_wrap) value = (struct mote_interval){INT64_MIN, INT64_MAX};
        clamp_to_activation(r, c, value, r->op->attrs.binary.activation);
    }
}

/* MAXIMUM and MINIMUM compare stored values. */
static void rule_extremum(struct rule *r, bool maximum)
{
    for (int32_t c = 0; c < r->channels.count; c++) {
        const struct mote_interval a = under(r, 0, c), b = under(r, 1, c);
        const struct mote_interval least = {a.low < b.low ? a.low : b.low, a.high < b.high ? a.high : b.high};
        const struct mote_interval greatest = {a.low > b.low ? a.low : b.low, a.high > b.high ? a.high : b.high};
        set(r, c, maximum ? greatest : least);
    }
}

/* ---- Operators of one input, element by element ---- */

/* RELU and changes of integer type or scale: the kernels' own arithmetic on both ends. */
static void rule_rescale(struct rule *r, bool relu)
{
    if (!quantised_alike(r, 1)) return;
    int32_t multiplier, min, max;
    int shift;
    const int32_t out_zero_point = mote_tensor_zero_point(r->out), in_zero_point = mote_tensor_zero_point(input(r, 0));
    mote_quantize_multiplier(ratio(r, 0), &multiplier, &shift);
    mote_activation_range(MOTE_ACT_NONE, r->out, &min, &max);
    if (relu) min = (int32_t)clamp(out_zero_point, min, max);
    for (int32_t c = 0; c < r->channels.count; c++) {
        const struct mote_interval x = under(r, 0, c);
        struct mote_interval y;
        if (shift > 30 || !rescale_32(x.low - in_zero_point, multiplier, shift, out_zero_point, &y.low) ||
            !rescale_32(x.high - in_zero_point, multiplier, shift, out_zero_point, &y.high))
            y = (struct mote_interval){INT64_MIN, INT64_MAX};
        set(r, c, clamp_interval(y, min, max));
    }
}

/* The reference clamps stored values between the input's 0 and 6 and does not rescale. */
static void rule_relu6(struct rule *r)
{
    if (!quantised_alike(r, 1)) return;
    int32_t min, max;
    mote_activation_range(MOTE_ACT_RELU6, input(r, 0), &min, &max);
    for (int32_t c = 0; c < r->channels.count; c++) set(r, c, clamp_interval(under(r, 0, c), min, max));
}

static void rule_leaky_relu(struct rule *r)
{
    const double alpha = (double)r->op->attrs.leaky_relu.alpha;
    if (!quantised_alike(r, 1) || !(alpha >= 0) || !(ratio(r, 0) * fmax(alpha, 1.0) < 0x1p12)) return;
    const double zero_point = mote_tensor_zero_point(r->out);
    for (int32_t c = 0; c < r->channels.count; c++) {
        const struct real_interval x = centred(r, 0, c, ratio(r, 0));
        const double low = x.low < 0 ? x.low * alpha : x.low, high = x.high < 0 ? x.high * alpha : x.high;
        set(r, c, around(zero_point + low, zero_point + high, magnitude((struct real_interval){low, high})));
    }
}

/* ---- Pools and means ---- */

/* The largest and the rounded mean of values in an interval lie in it. */
static void rule_pool(struct rule *r)
{
    for (int32_t c = 0; c < r->channels.count; c++)
        clamp_to_activation(r, c, under(r, 0, c), r->op->attrs.pool.activation);
}

static void rule_mean(struct rule *r)
{
    /* int16 sums may wrap, and so may those that are shifted left far */
    if (!quantised_alike(r, 1) || r->out->dtype != MOTE_S8 || input(r, 0)->dtype != MOTE_S8 || !(ratio(r, 0) < 32.0))
        return;
    const struct mote_shape *shape = &input(r, 0)->shape;
    const bool keeps_channels = !(r->op->attrs.reduce.axes >> (shape->rank - 1) & 1);
    const double zero_point = mote_tensor_zero_point(r->out);
    const double in_zero_point = mote_tensor_zero_point(input(r, 0));
    const struct mote_interval whole = mote_intervals_tensor(r->intervals, r->op->inputs[0]);
    for (int32_t c = 0; c < r->channels.count; c++) {
        const struct mote_interval x = keeps_channels ? under(r, 0, c) : whole;
        const double low = ratio(r, 0) * ((double)x.low - in_zero_point);
        const double high = ratio(r, 0) * ((double)x.high - in_zero_point);
        set(r, c, around(zero_point + low, zero_point + high, magnitude((struct real_interval){low, high})));
    }
}

/* ---- Operators that move stored values ---- */

/* Channel c of the output holds elements i with i % channels = c, and so does each channel of the input. */
static void rule_reshape(struct rule *r)
{
    const int32_t tensor = r->op->inputs[0], from = r->intervals->channel_counts[tensor], to = r->channels.count;
    const struct mote_interval whole = mote_intervals_tensor(r->intervals, tensor);
    for (int32_t c = 0; from && c < to; c++) {
        if (to % from == 0) {
            set(r, c, mote_intervals_channel(r->intervals, tensor, c % from));
        } else if (from % to == 0) {
            struct mote_interval hull = mote_intervals_channel(r->intervals, tensor, c);
            for (int32_t k = c + to; k < from; k += to)
                hull = mote_interval_hull(hull, mote_intervals_channel(r->intervals, tensor, k));
            set(r, c, hull);
        } else {
            set(r, c, whole);
        }
    }
}

static void rule_pad(struct rule *r)
{
    const struct mote_attrs_pad *a = &r->op->attrs.pad;
    const int32_t last = input(r, 0)->shape.rank - 1, count = r->intervals->channel_counts[r->op->inputs[0]];
    const struct mote_interval value = {a->value, a->value};
    struct mote_interval range;
    if (!mote_interval_of_type(r->out->dtype, &range) || a->value < range.low || a->value > range.high) return;
    bool elsewhere = false;
    for (int32_t i = 0; i < last; i++) elsewhere = elsewhere || a->before[i] || a->after[i];
    for (int32_t c = 0; last >= 0 && c < r->channels.count; c++) {
        const int32_t from = c - a->before[last];
        const bool inside = from >= 0 && from < count;
        if (!inside) set(r, c, value);
        else {
            const struct mote_interval x = mote_intervals_channel(r->intervals, r->op->inputs[0], from);
            set(r, c, elsewhere ? mote_interval_hull(x, value) : x);
        }
    }
}

static void rule_concatenation(struct rule *r)
{
    const bool by_channel = r->op->attrs.concatenation.axis == r->out->shape.rank - 1;
    if (r->op->attrs.concatenation.activation != MOTE_ACT_NONE) return;
    if (by_channel) {
        int32_t begin = 0;
        for (int32_t n = 0; n < r->op->input_count; n++) {
            const int32_t count = input(r, n)->shape.dims[r->out->shape.rank - 1];
            for (int32_t c = 0; c < count; c++)
                set(r, begin + c, mote_intervals_channel(r->intervals, r->op->inputs[n], c));
            begin += count;
        }
        return;
    }
    for (int32_t c = 0; c < r->channels.count; c++) {
        struct mote_interval hull = under(r, 0, c);
        for (int32_t n = 1; n < r->op->input_count; n++) hull = mote_interval_hull(hull, under(r, n, c));
        set(r, c, hull);
    }
}

static void rule_strided_slice(struct rule *r)
{
    const struct mote_attrs_strided_slice *a = &r->op->attrs.strided_slice;
    const int32_t last = input(r, 0)->shape.rank - 1, tensor = r->op->inputs[0];
    const bool drops_channels = last < 0 || a->shrink >> last & 1;
    const struct mote_interval whole = mote_intervals_tensor(r->intervals, tensor);
    for (int32_t c = 0; c < r->channels.count; c++)
        set(r, c, drops_channels ? whole
                                 : mote_intervals_channel(r->intervals, tensor, a->begin[last] + c * a->stride[last]));
}

static void rule_split(struct rule *r)
{
    const bool channels = r->op->attrs.split.axis == r->out->shape.rank - 1;
    const int32_t begin = channels ? r->output * r->channels.count : 0;
    for (int32_t c = 0; c < r->channels.count; c++)
        set(r, c, mote_intervals_channel(r->intervals, r->op->inputs[0], begin + c));
}

void mote_intervals_apply_rule(const struct mote_intervals *intervals, const struct mote_op *op, int32_t output,
                               struct mote_channels out)
{
    struct rule r = {intervals, op, &intervals->graph->tensors[op->outputs[output]], output, out};
    switch (op->kind) {
    case MOTE_OP_ADD: rule_sum(&r, 1); break;
    case MOTE_OP_SUB: rule_sum(&r, -1); break;
    case MOTE_OP_MUL: rule_product(&r); break;
    case MOTE_OP_MAXIMUM: rule_extremum(&r, true); break;
    case MOTE_OP_MINIMUM: rule_extremum(&r, false); break;
    case MOTE_OP_RELU: rule_rescale(&r, true); break;
    case MOTE_OP_QUANTIZE: rule_rescale(&r, false); break;
    case MOTE_OP_RELU6: rule_relu6(&r); break;
    case MOTE_OP_LEAKY_RELU: rule_leaky_relu(&r); break;
    case MOTE_OP_AVERAGE_POOL_2D:
    case MOTE_OP_MAX_POOL_2D: rule_pool(&r); break;
    case MOTE_OP_MEAN: rule_mean(&r); break;
    case MOTE_OP_RESHAPE: rule_reshape(&r); break;
    case MOTE_OP_PAD: rule_pad(&r); break;
    case MOTE_OP_CONCATENATION: rule_concatenation(&r); break;
    case MOTE_OP_STRIDED_SLICE: rule_strided_slice(&r); break;
    case MOTE_OP_SPLIT: rule_split(&r); break;
    case MOTE_OP_CONV_2D:
    case MOTE_OP_DEPTHWISE_CONV_2D:
    case MOTE_OP_TRANSPOSE_CONV:
    case MOTE_OP_FULLY_CONNECTED: /* not as the kernels take them */
    case MOTE_OP_SOFTMAX:
    case MOTE_OP_LOGISTIC:
    case MOTE_OP_TANH:
    case MOTE_OP_HARD_SWISH:
    case MOTE_OP_DEQUANTIZE:
    case MOTE_OP_COUNT: break;
    }
}
