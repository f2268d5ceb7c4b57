#include "pack_avr_steady.h"

#include "requant.h"

#include <string.h>

/* As in kernel/avr. */
enum { GROUP = 8, FOUR = 4, RECORD_BYTES = 12, MOST_RUNS = 32, LONGEST_RUN = 255, PAD_BYTES = 32, MOST_TAPS = 64,
       MOST_DEPTHWISE_CHANNELS = 248, ADDEND_ZERO_BITS = 8, MULTIPLIER_BITS = 31, LARGEST_SUM = 1 << 23,
       MOST_POOL_TAPS = 4096 };
static const int shifts[] = {40, 32};

static void put_bytes(uint64_t value, int count, uint8_t **to)
{
    for (int i = 0; i < count; i++) *(*to)++ = (uint8_t)(value >> (8 * i));
}

static void put_record(int32_t bias, int64_t multiplier, int64_t addend, int shift, uint8_t *to)
{
    put_bytes((uint32_t)bias, 3, &to);
    put_bytes((uint64_t)multiplier, 4, &to);
    put_bytes((uint64_t)addend >> ADDEND_ZERO_BITS, 4, &to);
    *to = shift == 40;
}

/* ---- Convolutions ---- */

/* The weight of output channel o for input i under the filter. */
static int32_t weight_at(const struct mote_pack_conv *conv, int64_t taps, int32_t o, int64_t i)
{
    const int8_t *data = (const int8_t *)conv->w->weights->data;
    const bool depthwise = conv->op->kind == MOTE_OP_DEPTHWISE_CONV_2D;
    return depthwise ? data[i * conv->w->channels + o] : data[(int64_t)o * taps + i];
}

/* A proven substitute for one channel's requantisation; what the kernel's record cannot say counts as none. */
static bool find_substitute(const struct mote_weighted *w, int32_t o, const struct mote_interval *sums,
                            struct mote_requant *found)
{
    const int32_t k = w->multiplier_count > 1 ? o : 0;
    const struct mote_requant_reference reference = {w->multiplier[k], w->shift[k], w->out_zero_point, w->act_min, w->act_max};
    if (sums->low <= -LARGEST_SUM || sums->high >= LARGEST_SUM) return false;
    for (size_t i = 0; i < sizeof shifts / sizeof shifts[0]; i++) {
        const struct mote_requant_limits limits = {.multiplier_bits = MULTIPLIER_BITS, .least_shift = shifts[i],
                                                   .most_shift = shifts[i], .addend_zero_bits = ADDEND_ZERO_BITS,
                                                   .accumulator_scale = 1};
        if (mote_requant_search(&reference, (int32_t)sums->low, (int32_t)sums->high, MOTE_REQUANT_SIGN_MAGNITUDE, &limits, found) &&
            found->addend >= 0 && !(found->addend >> 40))
            return true;
    }
    return false;
}

/* NULL: some channel has no substitute. *status tells a lack of memory apart. */
static uint8_t *pack_records(struct mote_lower *lower, const struct mote_pack_conv *conv, int64_t taps, enum mote_status *status)
{
    const struct mote_weighted *w = conv->w;
    const struct mote_interval *sums;
    *status = mote_lower_sums(lower, &sums);
    if (*status != MOTE_OK || !sums) return NULL;
    uint8_t *records = MOTE_NEW_ARRAY(lower->plan->arena, uint8_t, (size_t)w->channels * RECORD_BYTES);
    if (!records) *status = mote_error_memory(lower->diag);
    for (int32_t o = 0; records && o < w->channels; o++) {
        struct mote_requant found;
        int64_t bias = w->bias ? ((const int32_t *)w->bias)[o] : 0;
        for (int64_t i = 0; i < taps; i++) bias -= (128 - w->in_offset) * weight_at(conv, taps, o, i);
        if (!find_substitute(w, o, &sums[o], &found)) return NULL;
        put_record((int32_t)bias, found.multiplier, found.addend, found.shift, records + (size_t)o * RECORD_BYTES);
    }
    return records;
}

/* In groups of `group` channels, whole groups of eight: for each input a byte per channel, plus `offset`. */
static uint8_t *pack_weights(struct mote_lower *lower, const struct mote_pack_conv *conv, int64_t taps, int32_t group,
                             int32_t offset, size_t *bytes)
{
    const int32_t channels = (conv->w->channels + GROUP - 1) / GROUP * GROUP;
    *bytes = (size_t)channels * (size_t)taps;
    uint8_t *packed = MOTE_NEW_ARRAY(lower->plan->arena, uint8_t, *bytes), *to = packed;
    for (int32_t first = 0; packed && first < channels; first += group)
        for (int64_t i = 0; i < taps; i++)
            for (int32_t o = first; o < first + group; o++)
                *to++ = (uint8_t)(offset + (o < conv->w->channels ? weight_at(conv, taps, o, i) : 0));
    return packed;
}

/* The list of runs of one position, at worst, has room. */
static bool has_few_runs(const struct mote_pack_conv *conv)
{
    const struct mote_attrs_conv *a = conv->attrs;
    const int64_t row = (int64_t)conv->filter_w * conv->filter_c;
    const bool padded = a->pad_top > 0 || a->pad_left > 0 ||
                        (conv->out.h - 1) * a->stride_h - a->pad_top + conv->filter_h > conv->in.h ||
                        (conv->out.w - 1) * a->stride_w - a->pad_left + conv->filter_w > conv->in.w;
    const int64_t runs = padded ? (row + PAD_BYTES - 1) / PAD_BYTES + 2 : (row + LONGEST_RUN - 1) / LONGEST_RUN;
    return conv->filter_h * runs <= MOST_RUNS;
}

static void fill_params(const struct mote_pack_conv *conv, struct mk_conv_avr *p)
{
    const struct mote_weighted *w = conv->w;
    *p = (struct mk_conv_avr){
        MOTE_PACK_CONV_SHAPES(conv, uint8_t),
        .pad_value = (uint8_t)(128 - w->in_offset), .range = (uint8_t)(w->act_max - w->act_min),
        .act_min = (int8_t)w->act_min, .below = (uint8_t)(w->out_zero_point - w->act_min),
    };
}

static enum mote_status add_step(struct mote_lower *lower, const struct mote_pack_conv *conv, const char *name,
                                 const uint8_t *weights, size_t weight_bytes, const uint8_t *records)
{
    enum mote_status status;
    struct mote_step *step = mote_pack_conv_step(lower, conv, name, &status);
    if (!step) return status;
    fill_params(conv, step->params);
    status = mote_lower_constant(lower, step, "weights", weights, weight_bytes, true);
    if (status != MOTE_OK) return status;
    return mote_lower_constant(lower, step, "records", records, (size_t)conv->w->channels * RECORD_BYTES, false);
}

enum mote_status mote_pack_conv_avr_steady(struct mote_lower *lower, const struct mote_pack_conv *conv, bool *taken)
{
    /* Of one input channel, a depthwise layer is a convolution with its weights in another order. */
    const bool depthwise = conv->op->kind == MOTE_OP_DEPTHWISE_CONV_2D && !(conv->in.c == 1 && conv->out.c > 1);
    const char *name = depthwise ? "depthwise_conv_2d_s8_steady" : "conv_2d_s8_steady";
    const int64_t taps = (int64_t)conv->filter_h * conv->filter_w * (depthwise ? 1 : conv->filter_c);
    const struct mote_weighted *w = conv->w;
    const bool fits = depthwise ? taps <= MOST_TAPS && conv->out.c == conv->in.c && conv->in.c <= MOST_DEPTHWISE_CHANNELS
                                : taps * GROUP <= UINT16_MAX && has_few_runs(conv) && conv->filter_c == conv->in.c;
    *taken = false;
    if (!fits || !mote_plan_kernel(lower->plan, name) || w->act_min > w->out_zero_point || w->act_max < w->out_zero_point)
        return MOTE_OK;
    enum mote_status status;
    size_t weight_bytes;
    const uint8_t *records = pack_records(lower, conv, taps, &status);
    if (status != MOTE_OK || !records) return status;
    const uint8_t *weights = pack_weights(lower, conv, taps, depthwise ? FOUR : GROUP, depthwise ? 0 : 128, &weight_bytes);
    if (!weights) return mote_error_memory(lower->diag);
    *taken = true;
    return add_step(lower, conv, name, weights, weight_bytes, records);
}

/* ---- Average pools ---- */

/* m and c by which (size * m + c) >> 32 is (size + taps / 2) / taps for every size of a sum of taps int8: tried for all. */
static bool find_division(int32_t taps, int64_t *multiplier, int64_t *addend)
{
    *multiplier = (((int64_t)1 << 32) + taps - 1) / taps;
    const int64_t unit = (int64_t)1 << ADDEND_ZERO_BITS; /* rounded up: the next integer is far enough */
    *addend = (taps / 2 * *multiplier + unit - 1) / unit * unit;
    for (int64_t size = 0; size <= (int64_t)128 * taps; size++)
        if ((size * *multiplier + *addend) >> 32 != (size + taps / 2) / taps) return false;
    return true;
}

static bool is_inside(const struct mote_attrs_pool *a, const struct mote_nhwc *in, const struct mote_nhwc *out)
{
    return a->pad_top == 0 && a->pad_left == 0 && (out->h - 1) * a->stride_h + a->filter_h <= in->h &&
           (out->w - 1) * a->stride_w + a->filter_w <= in->w;
}

enum mote_status mote_pack_pool_avr_steady(struct mote_lower *lower, const struct mote_op *op, const struct mote_nhwc *in,
                                           const struct mote_nhwc *out, int32_t act_min, int32_t act_max, bool *taken)
{
    static const char name[] = "average_pool_2d_s8_steady";
    const struct mote_attrs_pool *a = &op->attrs.pool;
    const int64_t taps = (int64_t)a->filter_h * a->filter_w;
    int64_t multiplier, addend;
    uint8_t records[GROUP * RECORD_BYTES];
    *taken = false;
    if (!mote_plan_kernel(lower->plan, name) || !is_inside(a, in, out) || a->filter_h > 255 || a->filter_w > 255 ||
        a->stride_h > 255 || a->stride_w > 255 || taps > MOST_POOL_TAPS || taps < 2 || act_min > 0 || act_max < 0 || !find_division((int32_t)taps, &multiplier, &addend))
        return MOTE_OK;
    for (int i = 0; i < GROUP; i++) put_record(0, multiplier, addend, 32, records + i * RECORD_BYTES);
    enum mote_status status;
    struct mote_step *step = mote_lower_step(lower, op, name, (const int[2]){0, -1}, 0, (uint32_t)out->n * out->h, &status);
    if (!step) return status;
    *(struct mk_conv_avr *)step->params = (struct mk_conv_avr){
        .in_h = in->h, .in_w = in->w, .in_c = in->c, .out_h = out->h, .out_w = out->w, .out_c = out->c,
        .filter_h = (uint8_t)a->filter_h, .filter_w = (uint8_t)a->filter_w,
        .stride_h = (uint8_t)a->stride_h, .stride_w = (uint8_t)a->stride_w,
        .in_ring = (uint16_t)(in->n * in->h), .out_ring = (uint16_t)(out->n * out->h),
        .range = (uint8_t)(act_max - act_min), .act_min = (int8_t)act_min, .below = (uint8_t)-act_min,
    };
    step->inputs[0].row_bytes = (uint32_t)in->w * in->c;
    step->inputs[0].rows = (struct mote_row_map){out->h, in->h, a->stride_h, 0};
    step->inputs[0].window_rows = (uint32_t)a->filter_h;
    step->output.row_bytes = (uint32_t)out->w * out->c;
    step->macs = mote_op_macs(lower->graph, op);
    *taken = true;
    return mote_lower_constant(lower, step, "records", records, sizeof records, false);
}
