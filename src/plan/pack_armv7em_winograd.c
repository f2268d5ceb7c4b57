/* pack_armv7em_winograd.c: 3x3 convolutions by Winograd's algorithm; see kernel/armv7em/mk_armv7em_winograd.h. */
#include "pack_armv7em_layer.h"

enum {
    TAPS = 9,
    PASSES = 6,
    QUAD = 4,           /* output channels of a tile */
    TILE_WIDTH = 8,
    LEAST_INPUTS = 3,   /* channels: of fewer, rounded up to four, the direct tile is faster */
    SCALE = 192,
    FLASH_SHARE_FOR_SPEED = 4, /* with --optimize speed */
    FLASH_SHARE = 8,    /* a layer's transformed weights, four times the plain ones, may take this part of the flash */
    MOST_WEIGHT_BYTES = 64 * 1024, /* and no more than this, however large the flash */
    RAM_SHARE = 8,      /* scratch memory for weights that are transformed on the chip may take this part of the RAM */
    MOST_SCRATCH_BYTES = 20 * 1024,
    MOST_EXPANDED_INPUTS = 64, /* channels that the kernel takes */
    LEAST_TILES = 3,    /* that must share weights transformed on the chip, or it does not pay */
    STRIDE_2_PASSES = 4,
    STRIDE_2_WIDTH = 4,
    STRIDE_2_SCALE = 128,
    STRIDE_2_LEAST_INPUTS = 12, /* of fewer channels transforming the inputs takes more than it saves */
    MOST_STRIDE_2_BYTES = 16 * 1024 /* 2.7 times the plain weights for a fifth of the time: only small layers */
};

/* How a layer's weights are packed. */
enum form {
    TRANSFORMED, /* for mk_armv7em_winograd.h */
    PLAIN,       /* for mk_armv7em_winograd_expand.h */
    STRIDE_2     /* for mk_armv7em_winograd_stride_2.h */
};

/* U_j of a filter row's weights, with the factors that belong to them. */
static int32_t transformed(const int32_t g[3], enum form form, int j)
{
    const int32_t v[STRIDE_2_PASSES] = {STRIDE_2_SCALE * (g[0] + g[2]), STRIDE_2_SCALE * g[0], STRIDE_2_SCALE * g[1],
                                        STRIDE_2_SCALE * g[2]};
    if (form == STRIDE_2) return v[j];
    const int32_t u[PASSES] = {48 * g[0],
                               -32 * (g[0] + g[1] + g[2]),
                               -32 * (g[0] - g[1] + g[2]),
                               g[0] + 2 * g[1] + 4 * g[2],
                               g[0] - 2 * g[1] + 4 * g[2],
                               192 * g[2]};
    return u[j];
}

static int32_t inputs_of(const struct mote_armv7em_layer *layer)
{
    return layer->taps / TAPS;
}

/* Rounded up to whole words. */
static int32_t padded(int32_t inputs)
{
    return (inputs + 3) / 4 * 4;
}

/* A weight; 0 for an input that does not exist. */
static int32_t weight_at(const struct mote_armv7em_layer *layer, int32_t channel, int32_t row, int32_t x, int32_t input)
{
    const int32_t inputs = inputs_of(layer);
    return input < inputs ? mote_armv7em_weight(layer, channel, (row * 3 + x) * inputs + input) : 0;
}

static int32_t transformed_at(const struct mote_armv7em_layer *layer, int32_t channel, int32_t row, int32_t input,
                              enum form form, int j)
{
    int32_t g[3];
    for (int32_t x = 0; x < 3; x++) g[x] = weight_at(layer, channel, row, x, input);
    return transformed(g, form, j);
}

/* One pass's weights of four output channels: per filter row and pair of inputs (c, c + 2), (c + 1, c + 3), one word each. */
static int32_t *put_pass(int32_t *to, const struct mote_armv7em_layer *layer, int32_t channel, enum form form, int j)
{
    for (int32_t row = 0; row < 3; row++)
        for (int32_t pair = 0; pair < padded(inputs_of(layer)) / 2; pair++) {
            const int32_t input = pair / 2 * 4 + pair % 2;
            for (int32_t o = channel; o < channel + QUAD; o++) {
                const uint32_t low = (uint32_t)transformed_at(layer, o, row, input, form, j);
                const uint32_t high = (uint32_t)transformed_at(layer, o, row, input + 2, form, j);
                *to++ = (int32_t)((low & 0xffffu) | high << 16);
            }
        }
    return to;
}

/* Weights of four output channels as they are: per channel, filter row and four inputs three words, one per filter column. */
static int32_t *put_plain(int32_t *to, const struct mote_armv7em_layer *layer, int32_t channel)
{
    for (int32_t o = channel; o < channel + QUAD; o++)
        for (int32_t row = 0; row < 3; row++)
            for (int32_t input = 0; input < inputs_of(layer); input += 4)
                for (int32_t x = 0; x < 3; x++) {
                    uint32_t word = 0;
                    for (int32_t i = 0; i < 4; i++)
                        word |= (uint32_t)(weight_at(layer, o, row, x, input + i) & 0xff) << (8 * i);
                    *to++ = (int32_t)word;
                }
    return to;
}

static size_t stream_words(const struct mote_armv7em_layer *layer, enum form form)
{
    const size_t taps = TAPS * (size_t)padded(inputs_of(layer));
    const size_t weight_words = form == PLAIN ? taps / 4 : (form == STRIDE_2 ? STRIDE_2_PASSES : PASSES) * taps / 6;
    return (size_t)layer->w->channels * (1 + weight_words + (size_t)layer->record_words);
}

static int32_t *make_stream(struct mote_lower *lower, const struct mote_armv7em_layer *layer, enum form form)
{
    static const int order[PASSES] = {1, 2, 3, 4, 0, 5};
    int32_t *const stream = MOTE_NEW_ARRAY(lower->plan->arena, int32_t, stream_words(layer, form));
    int32_t *to = stream;
    for (int32_t channel = 0; stream && channel < layer->w->channels; channel += QUAD) {
        for (int32_t o = channel; o < channel + QUAD; o++)
            *to++ = mote_armv7em_fine_bias(layer, o);
        if (form == PLAIN) to = put_plain(to, layer, channel);
        for (int i = 0; form == TRANSFORMED && i < PASSES; i++) to = put_pass(to, layer, channel, form, order[i]);
        for (int i = 0; form == STRIDE_2 && i < STRIDE_2_PASSES; i++) to = put_pass(to, layer, channel, form, i);
        to = mote_armv7em_put_records(to, layer, channel, QUAD);
    }
    return stream;
}

/* stride: of columns; of rows, too, if it is 1. */
static bool is_suitable(const struct mote_pack_conv *conv, int32_t stride, int32_t width)
{
    const struct mote_attrs_conv *a = &conv->op->attrs.conv;
    return conv->filter_h == 3 && conv->filter_w == 3 && a->stride_w == stride && (stride > 1 || a->stride_h == 1) &&
           conv->filter_c == conv->in.c && conv->in.c >= (stride > 1 ? STRIDE_2_LEAST_INPUTS : LEAST_INPUTS) &&
           conv->out.c % QUAD == 0 && conv->out.w % width == 0;
}

/* The kernel with room for the transformed inputs of a whole row, where the rows of a call share them; or for those of one
 * tile. */
static const char *kernel_for(const struct mote_lower *lower, const struct mote_pack_conv *conv)
{
    static const struct mote_armv7em_size sizes[] = {
        {"conv_2d_s8_winograd_c16", 16}, {"conv_2d_s8_winograd_c32", 32}, {"conv_2d_s8_winograd_c64", 64}};
    const size_t count = sizeof sizes / sizeof sizes[0];
    struct mote_plan *plan = lower->plan;
    const char *of_row = plan->row_by_row || plan->least_stack
                             ? NULL
                             : mote_armv7em_choose(lower, sizes, count, padded(conv->in.c) * (conv->out.w / TILE_WIDTH));
    if (!of_row) return mote_armv7em_choose(lower, sizes, count, padded(conv->in.c));
    const uint32_t stack_bytes = 9 * (uint32_t)padded(conv->in.c) * (uint32_t)conv->out.w;
    if (stack_bytes > plan->kernel_stack_bytes) plan->kernel_stack_bytes = stack_bytes;
    return of_row;
}

/* ---- Weights transformed on the chip ---- */

/* Bytes of scratch memory for blocks of so many rows: mk_armv7em_winograd_expand.h. */
static int64_t scratch_bytes(const struct mote_pack_conv *conv, int64_t rows)
{
    const int64_t inputs = padded(conv->in.c);
    return 24 * inputs * (conv->out.w / TILE_WIDTH) * (rows + 2) + 9 * 16 * inputs + 64;
}

/* Rows per block: with the weights transformed anew for each block, as few blocks as scratch memory allows; 0 if that does
 * not pay. */
static uint16_t rows_of_block(const struct mote_lower *lower, const struct mote_pack_conv *conv)
{
    const struct mote_plan *plan = lower->plan;
    const uint32_t share = plan->target->ram_bytes / RAM_SHARE;
    const int64_t limit = share < MOST_SCRATCH_BYTES ? share : MOST_SCRATCH_BYTES;
    if (plan->row_by_row || plan->least_stack || plan->no_scratch || conv->in.c > MOST_EXPANDED_INPUTS) return 0;
    if (!mote_plan_takes(plan, "conv_2d_s8_winograd_expand", "mk_conv_armv7em")) return 0;
    int32_t most = conv->out.h;
    while (most > 0 && scratch_bytes(conv, most) > limit) most--;
    if (most * (conv->out.w / TILE_WIDTH) < LEAST_TILES) return 0;
    const int32_t blocks = (conv->out.h + most - 1) / most;
    return (uint16_t)((conv->out.h + blocks - 1) / blocks);
}

/* ---- Choice ---- */

static bool fits_flash(const struct mote_lower *lower, const struct mote_armv7em_layer *layer, enum form form)
{
    const size_t bytes = 4 * stream_words(layer, form);
    if (lower->plan->optimize == MOTE_PLAN_SPEED) return bytes <= lower->plan->target->flash_bytes / FLASH_SHARE_FOR_SPEED;
    return bytes <= lower->plan->target->flash_bytes / FLASH_SHARE &&
           bytes <= (form == STRIDE_2 ? MOST_STRIDE_2_BYTES : MOST_WEIGHT_BYTES);
}

/* *possible: it can be requantised fast. */
static enum mote_status prepare(struct mote_lower *lower, const struct mote_pack_conv *conv, int32_t scale,
                                struct mote_armv7em_layer *layer, bool *possible)
{
    const int32_t taps = TAPS * conv->in.c;
    *layer = (struct mote_armv7em_layer){.w = conv->w,
                                         .weights = (const int8_t *)conv->w->weights->data,
                                         .channel_step = taps,
                                         .tap_step = 1,
                                         .taps = taps,
                                         .run = taps,
                                         .padded_run = taps,
                                         .scale = scale,
                                         .is_fine = true};
    const enum mote_status status = mote_armv7em_prepare(lower, layer, possible);
    *possible = *possible && layer->way != MK_ARMV7EM_EXACT;
    return status;
}

static enum mote_status add_step(struct mote_lower *lower, const struct mote_pack_conv *conv,
                                 const struct mote_armv7em_layer *layer, const char *name, enum form form,
                                 uint16_t block_rows)
{
    enum mote_status status;
    struct mote_step *step = mote_armv7em_add_conv(lower, conv, name, &status);
    if (!step) return status;
    ((struct mk_conv_armv7em *)step->params)->block_rows = block_rows;
    status = mote_armv7em_bind(lower, step, layer, make_stream(lower, layer, form), stream_words(layer, form));
    if (status != MOTE_OK || form != PLAIN) return status;
    return mote_lower_scratch(lower, step, (uint32_t)scratch_bytes(conv, block_rows));
}

static enum mote_status pack_stride_2(struct mote_lower *lower, const struct mote_pack_conv *conv, bool *taken)
{
    static const struct mote_armv7em_size sizes[] = {{"conv_2d_s8_winograd_stride_2_c32", 32}};
    const char *name = is_suitable(conv, 2, STRIDE_2_WIDTH) ? mote_armv7em_choose(lower, sizes, 1, conv->in.c) : NULL;
    struct mote_armv7em_layer layer;
    bool possible;
    if (!name) return MOTE_OK;
    enum mote_status status = prepare(lower, conv, STRIDE_2_SCALE, &layer, &possible);
    if (status != MOTE_OK || !possible || !fits_flash(lower, &layer, STRIDE_2)) return status;
    status = add_step(lower, conv, &layer, name, STRIDE_2, 0);
    *taken = status == MOTE_OK;
    return status;
}

enum mote_status mote_armv7em_pack_winograd(struct mote_lower *lower, const struct mote_pack_conv *conv, bool *taken)
{
    if (lower->plan->optimize == MOTE_PLAN_SIZE) return MOTE_OK; /* their code and weights are large */
    const char *name = is_suitable(conv, 1, TILE_WIDTH) ? kernel_for(lower, conv) : NULL;
    struct mote_armv7em_layer layer;
    bool possible;
    if (!name) return pack_stride_2(lower, conv, taken);
    enum mote_status status = prepare(lower, conv, SCALE, &layer, &possible);
    if (status != MOTE_OK || !possible) return status;
    uint16_t block_rows = 0;
    enum form form = TRANSFORMED;
    if (!fits_flash(lower, &layer, TRANSFORMED)) {
        block_rows = rows_of_block(lower, conv);
        if (!block_rows) return MOTE_OK;
        form = PLAIN;
        name = "conv_2d_s8_winograd_expand";
    }
    status = add_step(lower, conv, &layer, name, form, block_rows);
    *taken = status == MOTE_OK;
    return status;
}
