#include "pack_avr.h"
#include "pack_avr_choose.h"
#include "pack_avr_coded.h"
#include "pack_avr_steady.h"

#include <string.h>

/* As in kernel/avr. */
enum { MOST_TAPS = 16, TAPS_GROUP = 4, COLUMN_POSITIONS = 4, HELD_ADDED = 4 << 15, SPARSE_ADDED = 1 << 15 };

/* Where the weights are, by output channel and by input under the filter. */
struct weights {
    const int8_t *data;
    int64_t taps, channel_step, tap_step;
};

static int32_t weight_at(const struct weights *weights, int64_t o, int64_t i)
{
    return weights->data[o * weights->channel_step + i * weights->tap_step];
}

static int32_t bias_at(const struct mote_weighted *w, int32_t o)
{
    return w->bias ? ((const int32_t *)w->bias)[o] : 0;
}

/* The largest size of each channel's sum. */
static void bound_sums(const struct mote_interval *sums, int32_t channels, int64_t *largest)
{
    for (int32_t o = 0; o < channels; o++) largest[o] = -sums[o].low > sums[o].high ? -sums[o].low : sums[o].high;
}

struct packed {
    uint8_t *weights, *records;
    size_t weight_bytes, record_bytes;
};

/* Weights + 128 in groups of channels: for each input the channels' bytes; missing channels repeat 128. */
static void pack_groups(const struct mote_weighted *w, const struct weights *weights, int32_t group, uint8_t *packed)
{
    for (int32_t first = 0; first < w->channels; first += group)
        for (int64_t i = 0; i < weights->taps; i++)
            for (int32_t o = first; o < first + group; o++) {
                *packed++ = (uint8_t)(128 + (o < w->channels ? weight_at(weights, o, i) : 0));
            }
}

/* A channel's record, with the inputs' zero point, as the kernel sees it, moved into the bias: see kernel/avr/mk_avr_tile.h. */
static void pack_record(const struct mote_weighted *w, const struct mote_requant_avr *requant, const struct weights *weights,
                        int32_t o, int32_t zero_point, uint8_t *record)
{
    int32_t sum = 0;
    for (int64_t i = 0; i < weights->taps; i++) sum += weight_at(weights, o, i);
    const struct mote_requant_avr_channel *channel = &requant->channels[w->multiplier_count > 1 ? o : 0];
    mote_requant_avr_record(channel, bias_at(w, o) - zero_point * sum, record);
}

/* Takes from a record's bias what the kernel has in its sum besides. */
static void leave_out(int32_t added, uint8_t *record)
{
    const uint32_t bias = (record[0] | (uint32_t)record[1] << 8 | (uint32_t)record[2] << 16) - (uint32_t)added;
    for (int i = 0; i < 3; i++) record[i] = (uint8_t)(bias >> 8 * i);
}

/* Those of all channels; returns what is behind them. */
static uint8_t *pack_records(const struct mote_weighted *w, const struct mote_requant_avr *requant, const struct weights *weights,
                             int32_t zero_point, uint8_t *records)
{
    for (int32_t o = 0; o < w->channels; o++, records += MOTE_REQUANT_AVR_RECORD_BYTES)
        pack_record(w, requant, weights, o, zero_point, records);
    return records;
}

static void fill_params(const struct mote_pack_conv *conv, const struct mote_requant_avr *requant, struct mk_conv_avr *p)
{
    const struct mote_weighted *w = conv->w;
    *p = (struct mk_conv_avr){
        MOTE_PACK_CONV_SHAPES(conv, uint8_t),
        .pad_value = (uint8_t)(128 - w->in_offset), .ambiguous_from = (uint8_t)requant->ambiguous_from,
        .range = (uint8_t)requant->range, .act_min = (int8_t)requant->act_min, .below = (uint8_t)requant->below,
        .exact_step = w->multiplier_count > 1 ? MOTE_REQUANT_AVR_EXACT_BYTES : 0,
    };
}

bool mote_pack_avr_is_plain(const struct mote_pack_conv *conv)
{
    const struct mote_attrs_conv *a = conv->attrs;
    return mote_pack_conv_is_plain(conv) && conv->filter_w <= 64 && conv->in.h < 16384 && conv->in.w < 16384 &&
           a->pad_top < 64 && a->pad_left < 64 && a->stride_h < 64 && a->stride_w < 64;
}

/* What the exact way needs. */
static enum mote_status bind_exact(struct mote_lower *lower, struct mote_step *step, const struct mote_weighted *w,
                                   const struct mote_requant_avr *requant)
{
    const size_t bytes = (size_t)w->multiplier_count * MOTE_REQUANT_AVR_EXACT_BYTES;
    uint8_t *records = MOTE_NEW_ARRAY(lower->plan->arena, uint8_t, bytes), *record = records;
    if (!records) return mote_error_memory(lower->diag);
    for (int32_t i = 0; i < w->multiplier_count; i++, record += MOTE_REQUANT_AVR_EXACT_BYTES)
        mote_requant_avr_exact_record(&requant->channels[i], w->multiplier[i], w->shift[i], record);
    return mote_lower_constant(lower, step, "exact", records, bytes, false);
}

/* Step and parameters, and the constants: the packed weights, records unless they are NULL, and what the exact way needs. */
static enum mote_status add_step(struct mote_lower *lower, const struct mote_pack_conv *conv, const char *name,
                                 const struct mote_requant_avr *requant, const struct packed *packed)
{
    enum mote_status status;
    struct mote_step *step = mote_pack_conv_step(lower, conv, name, &status);
    if (!step) return status;
    fill_params(conv, requant, step->params);
    status = mote_lower_constant(lower, step, "weights", packed->weights, packed->weight_bytes, true);
    if (status != MOTE_OK) return status;
    status = mote_lower_constant(lower, step, "records", packed->records, packed->record_bytes, false);
    if (status != MOTE_OK) return status;
    return bind_exact(lower, step, conv->w, requant);
}

/* Before the packing: how sums become bytes. *possible: the kernels can. */
static enum mote_status prepare(struct mote_lower *lower, const struct mote_weighted *w,
                                struct mote_requant_avr *requant, bool *possible)
{
    const struct mote_interval *sums;
    *possible = false;
    const enum mote_status status = mote_lower_sums(lower, &sums);
    if (status != MOTE_OK || !sums) return status;
    int64_t *largest = MOTE_NEW_ARRAY(lower->plan->arena, int64_t, (size_t)w->channels);
    requant->channels = MOTE_NEW_ARRAY(lower->plan->arena, struct mote_requant_avr_channel, (size_t)w->multiplier_count);
    if (!largest || !requant->channels) return mote_error_memory(lower->diag);
    bound_sums(sums, w->channels, largest);
    *possible = mote_requant_avr_prepare(w, largest, requant);
    return MOTE_OK;
}

static bool begins_with(const char *name, const char *begin)
{
    return !strncmp(name, begin, strlen(begin));
}

/* Replaces packed->weights by coded ones, and the kernel's name, where flash is worth more than the cycles. */
static enum mote_status code_weights(struct mote_lower *lower, const struct mote_pack_conv *conv,
                                     const struct weights *weights, const struct mote_requant_avr *requant, const char **name,
                                     struct packed *packed)
{
    struct mk_conv_avr p;
    struct mote_coded coded;
    fill_params(conv, requant, &p);
    if (!mote_code_is_pointwise(&p)) return MOTE_OK;
    const struct mote_code_layer layer = {.weights = weights->data, .channels = conv->w->channels,
                                          .taps = (int32_t)weights->taps,
                                          .positions = (double)conv->out.n * conv->out.h * conv->out.w,
                                          .uncoded_cycles = mote_code_uncoded_cycles(*name)};
    const enum mote_status status =
        mote_code_weights(&layer, lower->most_cycles_per_byte, lower->plan->arena, &coded, lower->diag);
    if (status != MOTE_OK || !coded.bytes) return status;
    *name = "conv_2d_s8_coded";
    packed->weights = coded.bytes;
    packed->weight_bytes = coded.byte_count;
    return MOTE_OK;
}

/* Copies the weights in the order of kernel/avr/mk_avr_columns.h: column of the filter, row, input channel. False for want
 * of memory. */
static bool order_by_column(const struct mote_pack_conv *conv, struct mote_arena *arena, struct weights *weights)
{
    const int32_t h = conv->filter_h, w = conv->filter_w, c = conv->filter_c;
    int8_t *const ordered = MOTE_NEW_ARRAY(arena, int8_t, (size_t)(conv->w->channels * weights->taps));
    if (!ordered) return false;
    int8_t *to = ordered;
    for (int32_t o = 0; o < conv->w->channels; o++)
        for (int32_t fx = 0; fx < w; fx++)
            for (int32_t fy = 0; fy < h; fy++)
                for (int32_t i = 0; i < c; i++) *to++ = (int8_t)weight_at(weights, o, ((int64_t)fy * w + fx) * c + i);
    *weights = (struct weights){ordered, weights->taps, weights->taps, 1};
    return true;
}

/* Moves each group's records behind its weights; of several sets those of the first, then those of the second. The last group may
 * have fewer than group_records bytes of them in each set: of several sets, each is filled up. */
static enum mote_status interleave(struct mote_lower *lower, size_t group_weights, size_t group_records, size_t sets,
                                   struct packed *packed)
{
    const size_t groups = packed->weight_bytes / group_weights, set_bytes = packed->record_bytes / sets;
    uint8_t *to = MOTE_NEW_ARRAY(lower->plan->arena, uint8_t, packed->weight_bytes + sets * groups * group_records);
    if (!to) return mote_error_memory(lower->diag);
    const struct packed from = *packed;
    *packed = (struct packed){.weights = to};
    for (size_t g = 0; g < groups; g++) {
        memcpy(to, from.weights + g * group_weights, group_weights);
        to += group_weights;
        const size_t rest = set_bytes - g * group_records, bytes = rest < group_records ? rest : group_records;
        for (size_t set = 0; set < sets; set++) {
            memcpy(to, from.records + set * set_bytes + g * group_records, bytes);
            to += sets > 1 ? group_records : bytes;
        }
    }
    packed->weight_bytes = (size_t)(to - packed->weights);
    return MOTE_OK;
}

/* As the narrow kernel and those of chunks take them. */
static void make_signed(struct packed *packed)
{
    for (size_t i = 0; i < packed->weight_bytes; i++) packed->weights[i] ^= 0x80;
}

/* Of so many channels at a time the biases, for each tap the weights, and the multipliers. */
static enum mote_status pack_together(struct mote_lower *lower, const struct mote_weighted *w,
                                      const struct mote_requant_avr *requant, const struct weights *weights, int32_t group,
                                      struct packed *packed)
{
    uint8_t record[MOTE_REQUANT_AVR_RECORD_BYTES];
    const size_t bias_bytes = 3, multiplier_bytes = sizeof record - bias_bytes, taps = (size_t)weights->taps, lanes = (size_t)group;
    packed->weight_bytes = ((size_t)w->channels + lanes - 1) / lanes * lanes * (taps + sizeof record);
    uint8_t *to = packed->weights = MOTE_NEW_ARRAY(lower->plan->arena, uint8_t, packed->weight_bytes);
    if (!to) return mote_error_memory(lower->diag);
    for (int32_t o = 0; o < w->channels; o++) {
        const size_t lane = (size_t)o % lanes;
        pack_record(w, requant, weights, o, -w->in_offset, record);
        memcpy(to + bias_bytes * lane, record, bias_bytes);
        for (size_t i = 0; i < taps; i++) to[(bias_bytes + i) * lanes + lane] = (uint8_t)weight_at(weights, o, (int64_t)i);
        memcpy(to + (bias_bytes + taps) * lanes + multiplier_bytes * lane, record + bias_bytes, multiplier_bytes);
        if (lane == lanes - 1) to += lanes * (taps + sizeof record);
    }
    return MOTE_OK;
}

/* Channel by channel the bias, the weights and the multiplier. */
static enum mote_status pack_by_channel(struct mote_lower *lower, const struct mote_weighted *w,
                                        const struct mote_requant_avr *requant, const struct weights *weights,
                                        struct packed *packed)
{
    return pack_together(lower, w, requant, weights, 1, packed);
}

/* The weights in rows as long as the kernel takes them, which zeros fill up. */
static enum mote_status pack_held(struct mote_lower *lower, const struct mote_pack_conv *conv,
                                  const struct mote_requant_avr *requant, const struct weights *weights, struct packed *packed)
{
    const int64_t row = (int64_t)conv->filter_w * conv->filter_c, held = mote_pack_avr_held_taps(conv), taps = conv->filter_h * held;
    int8_t *const filled = MOTE_NEW_ARRAY(lower->plan->arena, int8_t, (size_t)(conv->w->channels * taps)); /* zero */
    if (!filled) return mote_error_memory(lower->diag);
    for (int32_t o = 0; o < conv->w->channels; o++)
        for (int64_t i = 0; i < weights->taps; i++)
            filled[o * taps + i / row * held + i % row] = (int8_t)weight_at(weights, o, i);
    const enum mote_status status = pack_by_channel(lower, conv->w, requant, &(struct weights){filled, taps, taps, 1}, packed);
    if (status != MOTE_OK) return status;
    const uint8_t *const end = packed->weights + packed->weight_bytes;
    for (uint8_t *bias = packed->weights; bias < end; bias += taps + MOTE_REQUANT_AVR_RECORD_BYTES)
        leave_out((conv->filter_h - 1) * HELD_ADDED, bias);
    return MOTE_OK;
}

/* In groups of channels, in the order in which the chosen kernel takes them; or coded, by another one, whose name *name is then. */
static enum mote_status pack_grouped(struct mote_lower *lower, const struct mote_pack_conv *conv,
                                     const struct mote_requant_avr *requant, struct weights *weights, int32_t group,
                                     const char **name, struct packed *packed)
{
    if (begins_with(*name, "conv_2d_s8_columns") && !order_by_column(conv, lower->plan->arena, weights)) return mote_error_memory(lower->diag);
    const struct mote_weighted *w = conv->w;
    const size_t channels = (size_t)w->channels, taps = (size_t)weights->taps;
    *packed = (struct packed){.weight_bytes = (channels + (size_t)group - 1) / (size_t)group * (size_t)group * taps};
    packed->weights = MOTE_NEW_ARRAY(lower->plan->arena, uint8_t, packed->weight_bytes);
    if (!packed->weights) return mote_error_memory(lower->diag);
    pack_groups(w, weights, group, packed->weights);
    if (!strcmp(*name, "conv_2d_s8_narrow") || begins_with(*name, "conv_2d_s8_chunks") ||
        begins_with(*name, "conv_2d_s8_differences") || begins_with(*name, "conv_2d_s8_sparse"))
        make_signed(packed);
    const enum mote_status status = code_weights(lower, conv, weights, requant, name, packed);
    if (status != MOTE_OK) return status;
    const bool chunks = begins_with(*name, "conv_2d_s8_chunks"), differences = chunks || begins_with(*name, "conv_2d_s8_differences");
    const size_t sets = differences ? 2 : 1; /* the other one for the rare inputs that are taken as they are */
    packed->record_bytes = channels * sets * MOTE_REQUANT_AVR_RECORD_BYTES;
    uint8_t *records = packed->records = MOTE_NEW_ARRAY(lower->plan->arena, uint8_t, packed->record_bytes);
    if (!records) return mote_error_memory(lower->diag);
    if (differences) records = pack_records(w, requant, weights, 0, records);
    const uint8_t *const end = pack_records(w, requant, weights, (differences ? 0 : 128) - w->in_offset, records);
    if (begins_with(*name, "conv_2d_s8_sparse"))
        for (; records < end; records += MOTE_REQUANT_AVR_RECORD_BYTES) leave_out(SPARSE_ADDED, records);
    if (!begins_with(*name, "conv_2d_s8_dense") && !chunks) return MOTE_OK;
    return interleave(lower, taps * (size_t)group, (size_t)group * MOTE_REQUANT_AVR_RECORD_BYTES, sets, packed);
}

static enum mote_status pack_conv_2d(struct mote_lower *lower, const struct mote_pack_conv *conv, bool *taken)
{
    const int64_t taps = (int64_t)conv->filter_h * conv->filter_w * conv->filter_c;
    const struct mote_pack_avr_kernel chosen = mote_pack_avr_choose(lower, conv, taps);
    const char *name = chosen.name;
    if (!name || conv->filter_c != conv->in.c) return MOTE_OK;
    const struct mote_weighted *w = conv->w;
    struct weights weights = {(const int8_t *)w->weights->data, taps, taps, 1};
    if (conv->op->kind == MOTE_OP_DEPTHWISE_CONV_2D) weights = (struct weights){weights.data, taps, 1, w->channels};
    struct mote_requant_avr requant;
    bool possible;
    enum mote_status status = prepare(lower, w, &requant, &possible);
    if (status != MOTE_OK || !possible) return status;
    struct packed packed = {0};
    status = !strcmp(name, "conv_2d_s8_held") ? pack_held(lower, conv, &requant, &weights, &packed)
                                              : pack_grouped(lower, conv, &requant, &weights, chosen.group, &name, &packed);
    if (status != MOTE_OK || (status = add_step(lower, conv, name, &requant, &packed)) != MOTE_OK) return status;
    *taken = true;
    return MOTE_OK;
}

/* What kernel/avr/mk_avr_depthwise.h asks for. */
static bool is_depthwise_3x3(const struct mote_pack_conv *conv)
{
    const struct mote_attrs_conv *a = conv->attrs;
    const struct mote_nhwc *in = &conv->in, *out = &conv->out;
    const int32_t last_x = (out->w - 1) * a->stride_w - a->pad_left, last_y = (out->h - 1) * a->stride_h - a->pad_top;
    const bool padded = a->pad_top > 0 || a->pad_left > 0 || last_x + 3 > in->w || last_y + 3 > in->h;
    return conv->filter_h == 3 && conv->filter_w == 3 && out->c == in->c && in->c <= 255 && in->w <= 64 && a->stride_w <= 2 &&
           a->pad_top <= 2 && a->pad_left <= 3 - a->stride_w && last_x + 2 <= in->w && last_y + 1 <= in->h &&
           (!padded || conv->w->in_offset == 128);
}

/* What kernel/avr/mk_avr_taps.h asks for. */
static bool is_depthwise_taps(const struct mote_pack_conv *conv)
{
    return conv->filter_h * conv->filter_w <= MOST_TAPS && conv->out.c == conv->in.c && conv->in.c <= 255;
}

/* What kernel/avr/mk_avr_column.h asks for. */
static bool is_depthwise_column(const struct mote_lower *lower, const struct mote_pack_conv *conv)
{
    return conv->in.w == 1 && conv->filter_w == 1 && conv->attrs->pad_top == 0 && conv->attrs->stride_h == 1 &&
           conv->out.n == 1 && conv->out.h >= COLUMN_POSITIONS && conv->out.h + conv->filter_h - 1 <= conv->in.h &&
           conv->out.c == conv->in.c && conv->in.c <= 255 && !lower->plan->row_by_row;
}

static int32_t record_bias(const uint8_t *record)
{
    return (int32_t)(record[0] | (uint32_t)record[1] << 8 | (uint32_t)(record[2] ^ 0x80) << 16) - 0x800000;
}

/* By how much, in units of 256, a channel's sums are to be raised so that those of x' up to `most`, the bias included, have 16
 * signed bits; false if nothing does, or if a sum exceeds 65535, more than what is requantised as 16 bits. */
static bool raise_sums(const struct weights *weights, int32_t o, int32_t bias, int32_t most, int32_t *raised)
{
    enum { LOW = -32768, HIGH = 32767 };
    int32_t low = bias, high = bias;
    for (int64_t i = 0; i < weights->taps; i++) {
        const int32_t weight = weight_at(weights, o, i);
        *(weight > 0 ? &high : &low) += most * weight;
    }
    *raised = high < HIGH - 256 * INT8_MAX ? INT8_MAX : (HIGH + 65536 - high) / 256 - 256;
    return high <= 65535 && *raised >= INT8_MIN && low + 256 * *raised >= LOW;
}

/* A channel as kernel/avr/mk_avr_depthwise.h says, for x' up to `most`, or as far as its sums allow, -1: for none; `to` begins with its
 * record. */
static void pack_limit(const struct weights *weights, int32_t o, int32_t most, uint8_t *to)
{
    uint8_t record[MOTE_REQUANT_AVR_RECORD_BYTES];
    int32_t raised = 0;
    memcpy(record, to, sizeof record);
    const int32_t bias = record_bias(record);
    while (most >= 0 && !raise_sums(weights, o, bias, most, &raised)) most--;
    if (most >= 0) {
        record[1] = (uint8_t)(record[1] + raised);
        record[2] = (uint8_t)raised;
    }
    to[0] = (uint8_t)(most + 1);
    memcpy(to + 1, record, sizeof record);
}

/* Up to which x' a row is tried in 16 bits: as far as signed bytes go; -1, not at all, where they are larger on average, as in pictures, for
 * then most rows would be done once more in 24 bits. */
static int32_t most_in_16_bits(const struct mote_lower *lower, const struct mote_pack_conv *conv)
{
    return mote_plan_mean_nonzero(lower->graph, conv->op->inputs[0]) > INT8_MAX ? -1 : INT8_MAX;
}

/* Nine weights, the limit and the record, channel by channel. */
static enum mote_status pack_depthwise_3x3(struct mote_lower *lower, const struct mote_pack_conv *conv,
                                           const struct mote_requant_avr *requant, const struct weights *weights,
                                           struct packed *packed)
{
    const struct mote_weighted *w = conv->w;
    const size_t channels = (size_t)w->channels;
    packed->weight_bytes = channels * ((size_t)weights->taps + 1 + MOTE_REQUANT_AVR_RECORD_BYTES);
    uint8_t *to = packed->weights = MOTE_NEW_ARRAY(lower->plan->arena, uint8_t, packed->weight_bytes);
    const int32_t most = most_in_16_bits(lower, conv);
    if (!to) return mote_error_memory(lower->diag);
    for (int32_t o = 0; o < w->channels; o++, to += MOTE_REQUANT_AVR_RECORD_BYTES) {
        for (int64_t i = 0; i < weights->taps; i++) *to++ = (uint8_t)weight_at(weights, o, i);
        pack_record(w, requant, weights, o, 128 - w->in_offset, to);
        pack_limit(weights, o, most, to++);
    }
    return MOTE_OK;
}

static enum mote_status pack_depthwise_taps(struct mote_lower *lower, const struct mote_pack_conv *conv,
                                            const struct mote_requant_avr *requant, const struct weights *weights,
                                            struct packed *packed)
{
    return pack_together(lower, conv->w, requant, weights, TAPS_GROUP, packed);
}

static enum mote_status pack_depthwise_column(struct mote_lower *lower, const struct mote_pack_conv *conv,
                                              const struct mote_requant_avr *requant, const struct weights *weights,
                                              struct packed *packed)
{
    return pack_by_channel(lower, conv->w, requant, weights, packed);
}

/* Of the kernels that take a depthwise convolution the fastest; name: NULL if none does. */
struct depthwise_kernel {
    const char *name;
    enum mote_status (*pack)(struct mote_lower *lower, const struct mote_pack_conv *conv, const struct mote_requant_avr *requant,
                             const struct weights *weights, struct packed *packed);
};

static struct depthwise_kernel choose_depthwise(const struct mote_lower *lower, const struct mote_pack_conv *conv)
{
    if (is_depthwise_column(lower, conv)) return (struct depthwise_kernel){"depthwise_conv_2d_s8_column", pack_depthwise_column};
    if (is_depthwise_3x3(conv)) return (struct depthwise_kernel){"depthwise_conv_2d_s8_3x3", pack_depthwise_3x3};
    if (is_depthwise_taps(conv)) return (struct depthwise_kernel){"depthwise_conv_2d_s8_taps", pack_depthwise_taps};
    return (struct depthwise_kernel){NULL, NULL};
}

static enum mote_status pack_depthwise_conv_2d(struct mote_lower *lower, const struct mote_pack_conv *conv, bool *taken)
{
    const int64_t taps = (int64_t)conv->filter_h * conv->filter_w;
    const struct depthwise_kernel kernel = choose_depthwise(lower, conv);
    if (!kernel.name || !mote_plan_takes(lower->plan, kernel.name, "mk_conv_avr")) return MOTE_OK;
    const struct mote_weighted *w = conv->w;
    const struct weights weights = {(const int8_t *)w->weights->data, taps, 1, w->channels};
    struct mote_requant_avr requant;
    bool possible;
    enum mote_status status = prepare(lower, w, &requant, &possible);
    if (status != MOTE_OK || !possible) return status;
    struct packed packed = {0};
    status = kernel.pack(lower, conv, &requant, &weights, &packed);
    if (status != MOTE_OK) return status;
    if ((status = add_step(lower, conv, kernel.name, &requant, &packed)) != MOTE_OK) return status;
    *taken = true;
    return MOTE_OK;
}

/* From one channel to one, a convolution is depthwise. */
static enum mote_status pack_any_conv_2d(struct mote_lower *lower, const struct mote_pack_conv *conv, bool *taken)
{
    if (conv->in.c == 1 && conv->out.c == 1 && is_depthwise_3x3(conv)) {
        const enum mote_status status = pack_depthwise_conv_2d(lower, conv, taken);
        if (status != MOTE_OK || *taken) return status;
    }
    return pack_conv_2d(lower, conv, taken);
}

enum mote_status mote_pack_conv_avr(struct mote_lower *lower, const struct mote_pack_conv *conv, bool *taken)
{
    *taken = false;
    if (!mote_pack_avr_is_plain(conv) || conv->op->kind == MOTE_OP_TRANSPOSE_CONV) return MOTE_OK;
    if (lower->plan->steady_time) return mote_pack_conv_avr_steady(lower, conv, taken);
    switch (conv->op->kind) {
    case MOTE_OP_CONV_2D: return pack_any_conv_2d(lower, conv, taken);
    case MOTE_OP_DEPTHWISE_CONV_2D: /* of one input channel: a convolution with its weights in another order */
        if (conv->in.c == 1 && conv->out.c > 1) return pack_conv_2d(lower, conv, taken);
        return pack_depthwise_conv_2d(lower, conv, taken);
    default: return MOTE_OK;
    }
}

enum mote_status mote_pack_fully_connected_avr(struct mote_lower *lower, const struct mote_op *op,
                                               const struct mote_weighted *w, int32_t rows, bool *taken)
{
    *taken = false;
    const int32_t in_features = w->weights->shape.dims[1];
    if (w->weight_offset != 0 || rows >= 16384) return MOTE_OK;
    const struct mote_pack_conv conv = mote_pack_fully_connected(op, w, in_features, (uint16_t)rows);
    if (!mote_pack_avr_is_plain(&conv)) return MOTE_OK;
    return lower->plan->steady_time ? mote_pack_conv_avr_steady(lower, &conv, taken) : pack_conv_2d(lower, &conv, taken);
}
