/* pack_scalar32.c: convolutions and fully connected layers; see kernel/scalar32/mk_scalar32_tile.h. */
#include "pack_scalar32.h"

#include <stdlib.h>

enum { GROUP = 8, WEIGHT_OFFSET = 129, BYTE_OFFSET = 128, MOST_TAPS = 32, FOUR = 4, MOST_CHANNELS = 256,
       MOST_COPIED = 1024, LEAST_RUN = 8 }; /* as in the kernels */

static bool has_kernel(const struct mote_lower *lower, const char *name)
{
    return mote_plan_takes(lower->plan, name, "mk_conv_scalar32");
}

static void fill_params(const struct mote_pack_conv *conv, const struct mote_scalar32_requant *requant,
                        struct mk_conv_scalar32 *p)
{
    const struct mote_weighted *w = conv->w;
    *p = (struct mk_conv_scalar32){
        MOTE_PACK_CONV_SHAPES(conv, uint16_t),
        .in_zero_point = (int16_t)-w->in_offset, .out_zero_point = w->out_zero_point,
        .act_min = w->act_min, .act_max = w->act_max,
        .way = (uint16_t)requant->way,
        .shift_before = (uint16_t)requant->shift_before, .shift_after = (uint16_t)requant->shift_after,
        .slack = requant->slack,
    };
}

static struct mote_step *add_step(struct mote_lower *lower, const struct mote_pack_conv *conv, const char *name,
                                  const struct mote_scalar32_requant *requant, enum mote_status *status)
{
    struct mote_step *step = mote_pack_conv_step(lower, conv, name, status);
    if (step) fill_params(conv, requant, step->params);
    return step;
}

/* Bounds, requantisation and the step; *step is NULL if the kernels cannot take the layer. */
static enum mote_status begin(struct mote_lower *lower, const struct mote_pack_conv *conv, const char *name,
                              struct mote_armv7em_layer *layer, struct mote_scalar32_requant *requant,
                              struct mote_step **step)
{
    bool possible;
    *step = NULL;
    enum mote_status status = mote_armv7em_bound(lower, layer, &possible);
    if (status != MOTE_OK || !possible) return status;
    if (!mote_scalar32_requantise(lower->plan->target, layer, lower->plan->arena, requant))
        return mote_error_memory(lower->diag);
    *step = add_step(lower, conv, name, requant, &status);
    return status;
}

/* The sums' first values, and the records. */
static enum mote_status bind(struct mote_lower *lower, struct mote_step *step, const struct mote_armv7em_layer *layer,
                             const struct mote_scalar32_requant *requant, const int32_t *starts, size_t start_words)
{
    const enum mote_status status = mote_lower_constant(lower, step, "starts", starts, start_words, false);
    if (status != MOTE_OK) return status;
    const size_t records = (size_t)layer->w->channels * (size_t)requant->record_words;
    return mote_lower_constant(lower, step, "records", requant->records, records, false);
}

/* ---- Pairs of channels ---- */

/* How the kernels for pairs of channels store weights. */
enum pairs { GATHER, DENSE, BYTES, QUADS };

static const char *const pairs_names[] = {"conv_2d_s8_gather", "conv_2d_s8_dense", "conv_2d_s8_bytes", "conv_2d_s8_quads"};

/* Weights of 16 bits each may take what the flash has left when all the network's constants are in it, and code. */
static bool has_flash_for(const struct mote_lower *lower, size_t more_bytes)
{
    enum { CODE_BYTES = 32 * 1024 };
    const struct mote_graph *graph = lower->graph;
    size_t bytes = CODE_BYTES + lower->spread_bytes + more_bytes;
    for (int32_t i = 0; i < graph->op_count; i++)
        for (int32_t k = 0; k < graph->ops[i].input_count; k++) {
            const int32_t tensor = graph->ops[i].inputs[k];
            if (tensor != MOTE_NO_TENSOR && graph->tensors[tensor].data) bytes += mote_tensor_bytes(&graph->tensors[tensor]);
        }
    return bytes <= lower->plan->target->flash_bytes;
}

static size_t padded_channels(const struct mote_armv7em_layer *layer)
{
    return ((size_t)layer->w->channels + GROUP - 1) / GROUP * GROUP;
}

static int32_t pair_word(const struct mote_armv7em_layer *layer, int32_t channel, int32_t tap, bool dense)
{
    const int32_t low = mote_armv7em_weight(layer, channel, tap) + (dense ? 0 : WEIGHT_OFFSET);
    return low + 65536 * mote_armv7em_weight(layer, channel + 1, tap);
}

/* The weights of a tap of four channels as bytes: channels 0, 2, 1, 3. */
static int32_t bytes_word(const struct mote_armv7em_layer *layer, int32_t channel, int32_t tap)
{
    static const int order[] = {0, 2, 1, 3};
    uint32_t word = 0;
    for (int i = 0; i < 4; i++)
        word |= (uint32_t)(mote_armv7em_weight(layer, channel + order[i], tap) + BYTE_OFFSET) << 8 * i;
    return (int32_t)word;
}

/* Per group and input four words, each of two channels; dense: per pair of inputs and of channels two words, but for one that is left at
 * the end of a filter row; bytes: two words per group and input, each of four channels. */
static int32_t *make_weights(struct mote_lower *lower, const struct mote_armv7em_layer *layer, enum pairs pairs, size_t *words)
{
    const int32_t run = layer->run < LEAST_RUN && layer->taps <= MOST_COPIED ? layer->taps : layer->run; /* side by side, of the dense tile */
    *words = padded_channels(layer) / (pairs == BYTES ? 4 : 2) * (size_t)layer->taps;
    int32_t *const weights = MOTE_NEW_ARRAY(lower->plan->arena, int32_t, *words);
    int32_t *to = weights;
    for (int32_t first = 0; weights && first < layer->w->channels; first += GROUP)
        for (int32_t tap = 0, step; tap < layer->taps; tap += step) {
            step = pairs == DENSE && tap % run + 1 < run ? 2 : 1;
            for (int32_t o = first; pairs == BYTES && o < first + GROUP; o += 4) *to++ = bytes_word(layer, o, tap);
            for (int32_t o = first; pairs != BYTES && o < first + GROUP; o += 2)
                for (int32_t i = tap; i < tap + step; i++) *to++ = pair_word(layer, o, i, pairs == DENSE);
        }
    return weights;
}

static int32_t stated_bias(const struct mote_weighted *w, int32_t channel)
{
    return w->bias && channel < w->channels ? ((const int32_t *)w->bias)[channel] : 0;
}

/* With gathered inputs the zero point is not in the biases. */
static int32_t *make_pair_starts(struct mote_lower *lower, const struct mote_armv7em_layer *layer, bool dense)
{
    int32_t *const starts = MOTE_NEW_ARRAY(lower->plan->arena, int32_t, padded_channels(layer));
    for (int32_t o = 0; starts && o < (int32_t)padded_channels(layer); o += 2) {
        uint32_t bias[2];
        for (int32_t i = 0; i < 2; i++)
            bias[i] = (uint32_t)(dense ? mote_armv7em_bias(layer, o + i) : stated_bias(layer->w, o + i));
        starts[o] = (int32_t)(bias[0] + (bias[1] << 16)); /* modulo 2^32, as the kernels' sums */
        starts[o + 1] = (int32_t)bias[1];
    }
    return starts;
}

/* -128, for which the tiles that take inputs of both signs have no room. */
static bool has_least_weight(const struct mote_armv7em_layer *layer)
{
    for (int32_t o = 0; o < layer->w->channels; o++)
        for (int32_t i = 0; i < layer->taps; i++)
            if (mote_armv7em_weight(layer, o, i) < -127) return true;
    return false;
}

/* Does the kernel for all inputs have room for those of filters that reach into the padding? */
static bool has_room_for_padding(const struct mote_pack_conv *conv, int32_t taps)
{
    const struct mote_attrs_conv *a = conv->attrs;
    const int64_t bottom = (int64_t)(conv->out.h - 1) * a->stride_h - a->pad_top + conv->filter_h;
    const int64_t right = (int64_t)(conv->out.w - 1) * a->stride_w - a->pad_left + conv->filter_w;
    return taps <= MOST_COPIED || (a->pad_top == 0 && a->pad_left == 0 && bottom <= conv->in.h && right <= conv->in.w);
}

/* Is multiplying all inputs cheaper than looking for those that are not zero? What comes from outside hardly ever is, and may
 * be too large for two of them to share a chunk; else it is where there are few channels to spare multiplications for, or few inputs:
 * listing takes so many instructions per position and per input, a product that is left out saves two. Filters of one tap are listed
 * several positions in a call; with many registers, all inputs are multiplied two positions at a time. */
static bool is_dense(const struct mote_lower *lower, const struct mote_pack_conv *conv, const struct mote_armv7em_layer *layer)
{
    enum { PER_POSITION = 110, PER_LISTED_POSITION = 40, PER_INPUT = 9, PER_PRODUCT = 2 };
    const struct mote_graph *graph = lower->graph;
    bool is_measured, from_outside = false;
    const double zero = mote_plan_zero_share(graph, conv->op->inputs[0], &is_measured);
    for (int32_t i = 0; i < graph->input_count; i++) from_outside |= graph->inputs[i] == conv->op->inputs[0];
    if (has_least_weight(layer) || !has_room_for_padding(conv, layer->taps)) return false;
    if (conv->w->in_offset != 128) return from_outside || layer->w->channels <= 2 * GROUP;
    if (is_measured ? zero < 0.125 : from_outside) return true;
    const double products = zero * layer->taps * (double)padded_channels(layer);
    const bool is_listed = layer->taps == conv->filter_c && !lower->plan->target->many_registers;
    return PER_PRODUCT * products < (is_listed ? PER_LISTED_POSITION : PER_POSITION) + PER_INPUT * layer->taps;
}

/* ---- Squares, where there is no multiplication ---- */

/* Per group of four channels and tap four bytes; 0 for channels that do not exist. */
static int8_t *make_square_weights(struct mote_lower *lower, const struct mote_armv7em_layer *layer, size_t channels)
{
    int8_t *const weights = MOTE_NEW_ARRAY(lower->plan->arena, int8_t, channels * (size_t)layer->taps);
    int8_t *to = weights;
    for (int32_t first = 0; weights && first < (int32_t)channels; first += FOUR)
        for (int32_t tap = 0; tap < layer->taps; tap++)
            for (int32_t o = first; o < first + FOUR; o++) *to++ = (int8_t)mote_armv7em_weight(layer, o, tap);
    return weights;
}

/* Twice the biases less the squares of the weights. */
static int32_t *make_square_starts(struct mote_lower *lower, const struct mote_armv7em_layer *layer, size_t channels)
{
    int32_t *const starts = MOTE_NEW_ARRAY(lower->plan->arena, int32_t, channels);
    for (int32_t o = 0; starts && o < (int32_t)channels; o++) {
        uint32_t squares = 0;
        for (int32_t tap = 0; tap < layer->taps; tap++) {
            const int32_t weight = mote_armv7em_weight(layer, o, tap);
            squares += (uint32_t)(weight * weight);
        }
        starts[o] = (int32_t)(2 * (uint32_t)mote_armv7em_bias(layer, o) - squares);
    }
    return starts;
}

static enum mote_status pack_squares(struct mote_lower *lower, const struct mote_pack_conv *conv,
                                     struct mote_armv7em_layer *layer, bool *taken)
{
    static const char name[] = "conv_2d_s8_squares";
    if (!has_kernel(lower, name) || has_least_weight(layer)) return MOTE_OK;
    struct mote_scalar32_requant requant;
    struct mote_step *step;
    enum mote_status status = begin(lower, conv, name, layer, &requant, &step);
    if (status != MOTE_OK || !step) return status;
    const size_t channels = ((size_t)conv->w->channels + FOUR - 1) / FOUR * FOUR;
    const int8_t *const weights = make_square_weights(lower, layer, channels);
    const int32_t *const starts = make_square_starts(lower, layer, channels);
    if (!weights || !starts) return mote_error_memory(lower->diag);
    status = mote_lower_constant(lower, step, "taps", weights, channels * (size_t)layer->taps, true);
    if (status == MOTE_OK) status = bind(lower, step, layer, &requant, starts, channels);
    *taken = status == MOTE_OK;
    return status;
}

/* ---- Choice among them ---- */

/* Are inputs so small that four of them mostly share a chunk? Their distance from the zero point counts, which is no more on
 * average than their size and its size together. Four are cheaper where more than 3.6 of them fit: 132 instructions for 64
 * products instead of 74 for 32. */
static bool is_small(const struct mote_graph *graph, const struct mote_op *op)
{
    enum { MOST_DISTANCE = 36 };
    const int32_t input = op->inputs[0];
    return mote_plan_mean_size(graph, input) + abs(mote_tensor_zero_point(&graph->tensors[input])) <= MOST_DISTANCE;
}

/* Both kernels would take twice the code for little: where inputs are not small, quads cost a percent or two. So all layers get
 * what most of the work wants. */
static bool has_quads(const struct mote_lower *lower)
{
    const struct mote_graph *const graph = lower->graph;
    int64_t small = 0, all = 0;
    if (!lower->plan->target->many_registers) return false;
    for (int32_t i = 0; i < graph->op_count; i++) {
        const struct mote_op *const op = &graph->ops[i];
        if (op->kind != MOTE_OP_CONV_2D && op->kind != MOTE_OP_FULLY_CONNECTED) continue;
        all += mote_op_macs(graph, op);
        if (is_small(graph, op)) small += mote_op_macs(graph, op);
    }
    return 2 * small > all;
}

static enum mote_status pack_pairs(struct mote_lower *lower, const struct mote_pack_conv *conv, bool *taken)
{
    const int64_t taps = (int64_t)conv->filter_h * conv->filter_w * conv->filter_c;
    if (conv->filter_c != conv->in.c || taps > UINT16_MAX) return MOTE_OK;
    const bool by_channel = conv->op->kind == MOTE_OP_DEPTHWISE_CONV_2D; /* the channel's weights are not side by side */
    struct mote_armv7em_layer layer = {.w = conv->w,
                                       .weights = (const int8_t *)conv->w->weights->data,
                                       .channel_step = by_channel ? 1 : taps,
                                       .tap_step = by_channel ? conv->w->channels : 1,
                                       .taps = (int32_t)taps,
                                       .run = (int32_t)conv->filter_w * conv->filter_c,
                                       .padded_run = (int32_t)conv->filter_w * conv->filter_c,
                                       .scale = 256};
    if (lower->plan->target->lacks_multiplication) {
        const enum mote_status status = pack_squares(lower, conv, &layer, taken);
        if (status != MOTE_OK || *taken) return status;
    }
    enum pairs pairs = is_dense(lower, conv, &layer) ? DENSE : has_quads(lower) ? QUADS : GATHER;
    const size_t plain_bytes = (size_t)conv->w->channels * (size_t)taps;
    size_t more_bytes = 2 * padded_channels(&layer) * (size_t)taps - plain_bytes;
    if (!has_flash_for(lower, more_bytes)) {
        pairs = BYTES;
        more_bytes = padded_channels(&layer) * (size_t)taps - plain_bytes;
        if (conv->w->in_offset != 128 && has_least_weight(&layer)) return MOTE_OK;
    }
    const char *const name = pairs_names[pairs];
    if (!has_kernel(lower, name) || !has_flash_for(lower, more_bytes)) return MOTE_OK;
    struct mote_scalar32_requant requant;
    struct mote_step *step;
    enum mote_status status = begin(lower, conv, name, &layer, &requant, &step);
    if (status != MOTE_OK || !step) return status;
    lower->spread_bytes += more_bytes;
    size_t words;
    const int32_t *const weights = make_weights(lower, &layer, pairs, &words);
    const int32_t *const starts = make_pair_starts(lower, &layer, pairs == DENSE);
    if (!weights || !starts) return mote_error_memory(lower->diag);
    status = mote_lower_constant(lower, step, "weights", weights, words, true);
    if (status == MOTE_OK) status = bind(lower, step, &layer, &requant, starts, padded_channels(&layer));
    *taken = status == MOTE_OK;
    return status;
}

/* ---- Depthwise ---- */

/* What the kernel for 3x3 filters asks for: at most one column of padding on either side, at least one row of inputs. */
static bool is_depthwise_3x3(const struct mote_pack_conv *conv)
{
    const struct mote_attrs_conv *a = conv->attrs;
    const int64_t last_y = (int64_t)(conv->out.h - 1) * a->stride_h - a->pad_top;
    const int64_t last_x = (int64_t)(conv->out.w - 1) * a->stride_w - a->pad_left;
    return conv->filter_h == 3 && conv->filter_w == 3 && a->stride_w <= 2 && a->pad_top <= 2 && a->pad_left <= 1 &&
           last_y < conv->in.h && last_x + 2 <= conv->in.w;
}

static bool is_depthwise_taps(const struct mote_pack_conv *conv)
{
    return (int64_t)conv->filter_h * conv->filter_w <= MOST_TAPS && conv->in.c >= FOUR && conv->in.c <= MOST_CHANNELS;
}

static int32_t *make_starts(struct mote_lower *lower, const struct mote_armv7em_layer *layer)
{
    int32_t *const starts = MOTE_NEW_ARRAY(lower->plan->arena, int32_t, (size_t)layer->w->channels);
    for (int32_t o = 0; starts && o < layer->w->channels; o++) starts[o] = mote_armv7em_bias(layer, o);
    return starts;
}

/* Per channel: the start, and what a column of padding adds in place of the first and of the last filter column; the record;
 * the weights, a word per filter row. */
static int32_t *make_columns(struct mote_lower *lower, const struct mote_armv7em_layer *layer,
                             const struct mote_scalar32_requant *requant, size_t *words)
{
    const int32_t channels = layer->w->channels, zero_point = -layer->w->in_offset;
    *words = (size_t)channels * (size_t)(6 + requant->record_words);
    int32_t *const stream = MOTE_NEW_ARRAY(lower->plan->arena, int32_t, *words);
    int32_t *to = stream;
    const int32_t *record = requant->records;
    for (int32_t o = 0; stream && o < channels; o++) {
        int32_t sums[3] = {0, 0, 0};
        uint32_t rows[3] = {0, 0, 0};
        for (int32_t i = 0; i < 9; i++) {
            const int32_t weight = mote_armv7em_weight(layer, o, i);
            sums[i % 3] += weight;
            rows[i / 3] |= (uint32_t)(weight & 0xFF) << 8 * (i % 3);
        }
        *to++ = mote_armv7em_bias(layer, o);
        *to++ = zero_point * sums[0];
        *to++ = zero_point * sums[2];
        for (int k = 0; k < requant->record_words; k++) *to++ = *record++;
        for (int k = 0; k < 3; k++) *to++ = (int32_t)rows[k];
    }
    return stream;
}

static enum mote_status pack_depthwise(struct mote_lower *lower, const struct mote_pack_conv *conv, bool *taken)
{
    const bool by_squares = lower->plan->target->lacks_multiplication, is_3x3 = is_depthwise_3x3(conv) && !by_squares;
    const char *const name = is_3x3 ? "depthwise_conv_2d_s8_3x3" : "depthwise_conv_2d_s8_taps";
    if (!has_kernel(lower, name) || conv->in.c != conv->out.c || (!is_3x3 && !is_depthwise_taps(conv))) return MOTE_OK;
    const int32_t taps = conv->filter_h * conv->filter_w;
    struct mote_armv7em_layer layer = {.w = conv->w,
                                       .weights = (const int8_t *)conv->w->weights->data,
                                       .channel_step = 1,
                                       .tap_step = conv->w->channels,
                                       .taps = taps,
                                       .run = taps,
                                       .padded_run = taps,
                                       .scale = 256};
    if (by_squares && has_least_weight(&layer)) return MOTE_OK;
    struct mote_scalar32_requant requant;
    struct mote_step *step;
    enum mote_status status = begin(lower, conv, name, &layer, &requant, &step);
    if (status != MOTE_OK || !step) return status;
    const size_t channels = (size_t)conv->w->channels;
    if (is_3x3) {
        size_t words;
        const int32_t *const stream = make_columns(lower, &layer, &requant, &words);
        status = stream ? mote_lower_constant(lower, step, "weights", stream, words, false) : mote_error_memory(lower->diag);
    } else {
        const int32_t *const starts = make_starts(lower, &layer);
        if (!starts) return mote_error_memory(lower->diag);
        status = mote_lower_constant(lower, step, "taps", layer.weights, channels * (size_t)taps, true);
        if (status == MOTE_OK) status = bind(lower, step, &layer, &requant, starts, channels);
    }
    *taken = status == MOTE_OK;
    return status;
}

/* ---- Choice ---- */

enum mote_status mote_pack_conv_scalar32(struct mote_lower *lower, const struct mote_pack_conv *conv, bool *taken)
{
    *taken = false;
    if (!mote_pack_conv_is_plain(conv)) return MOTE_OK;
    switch (conv->op->kind) {
    case MOTE_OP_CONV_2D: return pack_pairs(lower, conv, taken);
    case MOTE_OP_DEPTHWISE_CONV_2D: /* of one input channel: a convolution with its weights in another order */
        if (conv->in.c == 1 && conv->out.c > 1) return pack_pairs(lower, conv, taken);
        return pack_depthwise(lower, conv, taken);
    default: return MOTE_OK;
    }
}

enum mote_status mote_pack_fully_connected_scalar32(struct mote_lower *lower, const struct mote_op *op,
                                                    const struct mote_weighted *w, int32_t in_features, uint16_t rows,
                                                    bool *taken)
{
    *taken = false;
    const struct mote_pack_conv conv = mote_pack_fully_connected(op, w, in_features, rows);
    return w->weight_offset == 0 && mote_pack_conv_is_plain(&conv) ? pack_pairs(lower, &conv, taken) : MOTE_OK;
}
