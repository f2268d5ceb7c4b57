/* pack_avr_choose.c: see pack_avr_choose.h. */
#include "pack_avr_choose.h"

/* As in kernel/avr. */
enum { GROUP = 8, PAIR = 2, THREE = 3, LIST_TAPS = 64, MOST_RUNS = 24, LONGEST_RUN = 255, PAD_BYTES = 16,
       NARROW_CHANNELS = 6, NARROW_TAPS = 144, MOST_COLUMNS = 8, COLUMN_TAPS = 255, DENSE_TAPS = 144, SPARSE_TAPS = 144,
       CACHE_BYTES = 16 * 144, CACHE_POSITIONS = 10, SINGLE_INPUTS = 1020, HELD_TAPS_OF_ONE = 8, HELD_TAPS = 9,
       HELD_ROWS = 3, HELD_COLUMNS = 64, HELD_PADDED = 2, HELD_ROW_BYTES = 384, DIFFERENCES = 144, CHUNK_HEAD_BYTES = 152 };

/* Outputs that lie side by side, so that the dense tile takes several at a time: a row's, or a column of single positions. */
static bool has_neighbours(const struct mote_lower *lower, const struct mote_pack_conv *conv)
{
    const bool column = conv->in.w == 1 && conv->filter_h == 1 && conv->filter_w == 1 && conv->attrs->pad_top == 0 &&
                        conv->out.n == 1 && conv->out.h > 1 && conv->in.h * conv->in.c <= INT16_MAX;
    return conv->out.w > 1 || (column && !lower->plan->row_by_row);
}

/* Neighbouring positions' filters overlap, so that lists of columns serve several. */
static bool shares_columns(const struct mote_pack_conv *conv)
{
    return conv->attrs->stride_w < conv->filter_w;
}

/* Of the sparse tile, cycles for an input that is not zero and 8 products: 65, and 32 where a chunk ends, whose x' add up to 255 or less. */
static double sparse_cycles(const struct mote_lower *lower, const struct mote_pack_conv *conv, int64_t taps, double zero)
{
    const double x = mote_plan_mean_nonzero(lower->graph, conv->op->inputs[0]), entries = (1 - zero) * (double)taps;
    const double chunks = x / (256 - x / 2) + (entries > 1 ? 0.5 / entries : 0.5);
    return 65 + 32 * (chunks < 1 ? chunks : 1);
}

/* So few inputs are x' = 0 that skipping them does not pay: the dense tile takes 43.5 cycles for 6 products, the sparse one some 70
 * for 8 of each input that is not zero, columns 72.5. Gathering costs 12, and 12.5 or, of a zero, 9.5, once for all channels; lists of
 * columns, 14 and 10, serve several positions. */
static bool is_dense(const struct mote_lower *lower, const struct mote_pack_conv *conv, int64_t taps)
{
    bool is_measured;
    const double zero = mote_plan_zero_share(lower->graph, conv->op->inputs[0], &is_measured);
    const double channels = conv->w->channels, dense = 43.5 / 6 + 12 / channels;
    const bool by_columns = taps > LIST_TAPS && shares_columns(conv);
    const double listing = by_columns ? (14 - 4 * zero) * conv->attrs->stride_w / conv->filter_w : 12.5 - 3 * zero;
    return dense < (1 - zero) * (by_columns ? 72.5 : sparse_cycles(lower, conv, taps, zero)) / 8 + listing / channels;
}

/* Positions of a row under whose filter is padding. */
static int32_t padded_positions(const struct mote_pack_conv *conv)
{
    int32_t count = 0;
    for (int32_t x = 0; x < conv->out.w; x++) {
        const int32_t column = x * conv->attrs->stride_w - conv->attrs->pad_left;
        count += column < 0 || column + conv->filter_w > conv->in.w;
    }
    return count;
}

static bool has_least_weight(const struct mote_pack_conv *conv, int64_t taps)
{
    const int8_t *const weights = (const int8_t *)conv->w->weights->data;
    for (int64_t i = 0; i < conv->w->channels * taps; i++)
        if (weights[i] == INT8_MIN) return true;
    return false;
}

int64_t mote_pack_avr_held_taps(const struct mote_pack_conv *conv)
{
    return conv->filter_h > 1 ? HELD_TAPS : HELD_TAPS_OF_ONE;
}

/* What kernel/avr/mk_avr_held.h asks for. */
static bool can_hold(const struct mote_pack_conv *conv)
{
    const int64_t taps = mote_pack_avr_held_taps(conv);
    const bool one_column = conv->filter_w == 1; /* outputs may lie on their inputs */
    return conv->filter_h <= HELD_ROWS && (int64_t)conv->filter_w * conv->filter_c <= taps &&
           (int64_t)conv->attrs->stride_w * conv->in.c <= taps && conv->out.w <= HELD_COLUMNS && conv->out.c <= 255 &&
           (!one_column || (conv->filter_h == 1 && conv->in.w * conv->in.c <= HELD_ROW_BYTES)) &&
           padded_positions(conv) <= HELD_PADDED && conv->w->act_max - conv->w->act_min == 255;
}

/* By cycles per output, all in, holding the weights is a good deal faster than the dense tile or the sparse one: worth a
 * kernel of its own. */
static bool is_held(const struct mote_lower *lower, const struct mote_pack_conv *conv, int64_t taps)
{
    if (!can_hold(conv) || (conv->filter_h > 1 && has_least_weight(conv, taps))) return false;
    bool is_measured;
    const double zero = mote_plan_zero_share(lower->graph, conv->op->inputs[0], &is_measured);
    const double n = (double)taps, channels = conv->w->channels, rows = conv->filter_h, columns = conv->out.w;
    const double dense = 43.5 / 6 * n + 86 + (12 * n + 180) / channels;
    const double sparse = (1 - zero) * sparse_cycles(lower, conv, taps, zero) / 8 * n + 75 + ((12.5 - 3 * zero) * n + 205) / channels;
    const double held = 8.0 * (double)mote_pack_avr_held_taps(conv) * rows + (rows > 1 ? 18 * rows + 34 : 46) + (150 + 70 * rows) / columns;
    return 1.05 * held < (dense < sparse ? dense : sparse);
}

/* What kernel/avr/mk_avr_single.h asks for. */
static bool fits_single(const struct mote_pack_conv *conv, int64_t taps)
{
    const struct mote_attrs_conv *a = conv->attrs;
    const bool lies_inside = a->pad_top == 0 && a->pad_left == 0 && (conv->out.h - 1) * a->stride_h < conv->in.h &&
                             (conv->out.w - 1) * a->stride_w + conv->filter_w <= conv->in.w;
    return conv->filter_h == 1 && lies_inside && taps <= SINGLE_INPUTS;
}

/* So few inputs are zero that this is the faster way to compute a position by itself: it takes 68 cycles for 8 products and 8
 * for an input's share of the sum, once for all channels. */
static bool is_single(const struct mote_lower *lower, const struct mote_pack_conv *conv, int64_t taps)
{
    if (!fits_single(conv, taps)) return false;
    bool is_measured;
    const double zero = mote_plan_zero_share(lower->graph, conv->op->inputs[0], &is_measured);
    const double channels = conv->w->channels;
    return 68.0 / 8 + 8 / channels < (1 - zero) * sparse_cycles(lower, conv, taps, zero) / 8 + (12.5 - 3 * zero) / channels;
}

/* What kernel/avr/mk_avr_differences.h asks for. */
static bool fits_differences(const struct mote_pack_conv *conv, int64_t taps)
{
    return fits_single(conv, taps) && taps <= DIFFERENCES && !has_least_weight(conv, taps);
}

/* Of what fits: so many inputs are small or at their zero point that this is faster than to take them all as they are. It
 * takes 61 cycles for 8 products and 35 at the end of a chunk, against 68. How many are at the zero point is not known; of
 * three tensors of streaming wake word behind depthwise layers 0.16 to 0.30, of one that reads the model's input none. */
static bool is_differences(const struct mote_lower *lower, const struct mote_pack_conv *conv, int64_t taps)
{
    const double chunks = 1.0 / (double)taps + 1.1 * mote_plan_mean_size(lower->graph, conv->op->inputs[0]) / 256, zero = 0.1;
    return (1 - zero) * 61 + 35 * chunks < 68;
}

/* The runs of one position do not pass MOST_RUNS: see kernel/avr/mk_conv_2d_s8_runs_avr.c. */
static bool has_few_runs(const struct mote_pack_conv *conv)
{
    const int64_t row = (int64_t)conv->filter_w * conv->filter_c;
    const bool padded = conv->attrs->pad_top > 0 || conv->attrs->pad_left > 0 ||
                        (conv->out.h - 1) * conv->attrs->stride_h - conv->attrs->pad_top + conv->filter_h > conv->in.h ||
                        (conv->out.w - 1) * conv->attrs->stride_w - conv->attrs->pad_left + conv->filter_w > conv->in.w;
    const int64_t part = padded && conv->w->in_offset != 128 ? PAD_BYTES : LONGEST_RUN;
    const int64_t sides = !padded ? 0 : conv->in.w >= conv->filter_w ? 1 : 2; /* of a row that padding can begin at once */
    return conv->filter_h * ((row + part - 1) / part + sides) <= MOST_RUNS;
}

/* Kernels that could run a convolution, fastest first. */
struct candidates {
    struct mote_pack_avr_kernel list[12];
    int count;
};

static void offer(const struct mote_lower *lower, const char *name, int32_t group, int64_t stack_bytes,
                  struct candidates *candidates)
{
    const struct mote_plan *const plan = lower->plan;
    if (!mote_plan_takes(plan, name, "mk_conv_avr")) return;
    if (stack_bytes > 0 && (plan->least_stack || stack_bytes > plan->target->ram_bytes / 6)) return;
    candidates->list[candidates->count++] = (struct mote_pack_avr_kernel){name, group, stack_bytes};
}

/* What kernel/avr/mk_avr_chunks.h asks for, and inputs so small, by the mean of their sizes, that it is faster than the dense
 * tile: 52 cycles for 9 products, 88 at the end of a chunk. Sizes add up to 256 in a chunk; the largest sum of three positions
 * counts, and the rest of what there is room for is lost. */
static bool is_chunked(const struct mote_lower *lower, const struct mote_pack_conv *conv, int64_t taps)
{
    const int64_t positions = conv->out.w > 1 ? conv->out.w : conv->out.h, threes = (positions + 2) / 3;
    const double chunks = 1.0 / (double)taps + 1.25 * mote_plan_mean_size(lower->graph, conv->op->inputs[0]) / 256;
    if ((52 + 88 * chunks) / 9 * (double)(3 * threes) >= 43.5 / 6 * (double)positions) return false;
    return !has_least_weight(conv, taps);
}

static void offer_dense(const struct mote_lower *lower, const struct mote_pack_conv *conv, int64_t taps,
                        struct candidates *candidates)
{
    if (taps <= DENSE_TAPS && is_chunked(lower, conv, taps))
        offer(lower, "conv_2d_s8_chunks_k144", THREE, 3 * DENSE_TAPS + CHUNK_HEAD_BYTES, candidates);
    if (taps <= LIST_TAPS) offer(lower, "conv_2d_s8_dense", PAIR, 0, candidates);
    else if (taps <= DENSE_TAPS) offer(lower, "conv_2d_s8_dense_k144", PAIR, 3 * DENSE_TAPS, candidates);
}

static void offer_columns(const struct mote_lower *lower, const struct mote_pack_conv *conv, int64_t taps,
                          struct candidates *candidates)
{
    if (conv->filter_w > MOST_COLUMNS || taps / conv->filter_w > COLUMN_TAPS) return;
    if (taps <= 144) offer(lower, "conv_2d_s8_columns_k144", GROUP, 2 * 144, candidates);
    else if (taps <= 288) offer(lower, "conv_2d_s8_columns_k288", GROUP, 2 * 288, candidates);
    else if (taps <= 576) offer(lower, "conv_2d_s8_columns_k576", GROUP, 2 * 576, candidates);
}

/* A copy of the weights in RAM pays for itself. */
static bool is_cached(const struct mote_lower *lower, const struct mote_pack_conv *conv, int64_t taps)
{
    bool is_measured;
    const double nonzero = 1 - mote_plan_zero_share(lower->graph, conv->op->inputs[0], &is_measured);
    const int32_t calls_positions = conv->out.w * (lower->plan->row_by_row ? 1 : conv->out.h);
    return conv->filter_w <= MOST_COLUMNS && taps <= 144 && calls_positions * nonzero > CACHE_POSITIONS;
}

static void list_candidates(const struct mote_lower *lower, const struct mote_pack_conv *conv, int64_t taps,
                            struct candidates *candidates)
{
    const int32_t channels = conv->w->channels;
    const bool has_dense = has_neighbours(lower, conv), dense = has_dense && is_dense(lower, conv, taps);
    const bool shares = shares_columns(conv);
    if (channels <= NARROW_CHANNELS && taps <= NARROW_TAPS) offer(lower, "conv_2d_s8_narrow", channels, 0, candidates);
    if (is_held(lower, conv, taps)) offer(lower, "conv_2d_s8_held", 1, HELD_ROW_BYTES, candidates);
    if (dense) offer_dense(lower, conv, taps, candidates);
    const bool single = is_single(lower, conv, taps), differences = fits_differences(conv, taps);
    const bool differ_first = single && differences && is_differences(lower, conv, taps);
    if (differ_first) offer(lower, "conv_2d_s8_differences_k144", GROUP, 2 * DIFFERENCES, candidates);
    if (single) offer(lower, "conv_2d_s8_single", GROUP, 0, candidates);
    if (taps <= LIST_TAPS) {
        offer(lower, "conv_2d_s8_sparse", GROUP, 0, candidates);
    } else {
        if (is_cached(lower, conv, taps))
            offer(lower, "conv_2d_s8_columns_k144_cached", GROUP, 2 * 144 + CACHE_BYTES, candidates);
        if (taps <= SPARSE_TAPS && !shares) offer(lower, "conv_2d_s8_sparse_k144", GROUP, 2 * SPARSE_TAPS, candidates);
        offer_columns(lower, conv, taps, candidates);
        if (taps * GROUP <= UINT16_MAX && has_few_runs(conv)) offer(lower, "conv_2d_s8_runs", GROUP, 0, candidates);
    }
    if (taps <= LIST_TAPS || (taps <= SPARSE_TAPS && shares))
        offer(lower, "conv_2d_s8_sparse_k144", GROUP, 2 * SPARSE_TAPS, candidates);
    if (taps <= LIST_TAPS) offer_columns(lower, conv, taps, candidates);
    if (has_dense && !dense) offer_dense(lower, conv, taps, candidates);
    if (!single && fits_single(conv, taps)) offer(lower, "conv_2d_s8_single", GROUP, 0, candidates);
    if (!differ_first && differences) offer(lower, "conv_2d_s8_differences_k144", GROUP, 2 * DIFFERENCES, candidates);
}

static bool uses_kernel(const struct mote_plan *plan, const char *name)
{
    const struct mote_kernel *const kernel = mote_plan_kernel(plan, name);
    for (int32_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].kernel == kernel) return true;
    return false;
}

struct mote_pack_avr_kernel mote_pack_avr_choose(const struct mote_lower *lower, const struct mote_pack_conv *conv, int64_t taps)
{
    struct candidates candidates = {0};
    list_candidates(lower, conv, taps, &candidates);
    struct mote_pack_avr_kernel chosen = candidates.list[0];
    if (candidates.count > 1 && !uses_kernel(lower->plan, chosen.name) && mote_pack_is_minor(lower, conv->op)) {
        for (int i = candidates.count - 1; i > 0; i--)
            if (uses_kernel(lower->plan, candidates.list[i].name)) chosen = candidates.list[i];
    }
    if (chosen.stack_bytes > lower->plan->kernel_stack_bytes) lower->plan->kernel_stack_bytes = (uint32_t)chosen.stack_bytes;
    return chosen;
}
