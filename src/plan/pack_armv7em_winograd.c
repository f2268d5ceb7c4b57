/* pack_armv7em_winograd.c: 3x3 convolutions by Winograd's algorithm; see kernel/armv7em/mk_armv7em_winograd.h. */
#include "pack_armv7em_layer.h"

enum {
    TAPS = 9,
    PASSES = 6,
    QUAD = 4,           /* output channels of a tile */
    TILE_WIDTH = 8,
    SCALE = 192,
    WEIGHT_SCALE = 8,   /* of the transformed weights; the transforms bring another 24 */
    FLASH_SHARE = 8,    /* a layer's transformed weights, four times the plain ones, may take this part of the flash */
    MOST_WEIGHT_BYTES = 64 * 1024 /* and no more than this, however large the flash */
};

/* 8 U_j of a filter row's weights. */
static int32_t transformed(const int32_t g[3], int j)
{
    const int32_t u[PASSES] = {6 * g[0],
                               -4 * (g[0] + g[1] + g[2]),
                               -4 * (g[0] - g[1] + g[2]),
                               g[0] + 2 * g[1] + 4 * g[2],
                               g[0] - 2 * g[1] + 4 * g[2],
                               24 * g[2]};
    return WEIGHT_SCALE * u[j];
}

static int32_t weight_at(const struct mote_armv7em_layer *layer, int32_t channel, int32_t row, int32_t input, int j)
{
    const int32_t inputs = layer->taps / TAPS;
    int32_t g[3];
    for (int32_t x = 0; x < 3; x++) g[x] = mote_armv7em_weight(layer, channel, (row * 3 + x) * inputs + input);
    return transformed(g, j);
}

/* One pass's weights of four output channels: per filter row and pair of inputs (c, c + 2), (c + 1, c + 3), one word each. */
static int32_t *put_pass(int32_t *to, const struct mote_armv7em_layer *layer, int32_t channel, int j)
{
    const int32_t inputs = layer->taps / TAPS;
    for (int32_t row = 0; row < 3; row++)
        for (int32_t pair = 0; pair < inputs / 2; pair++) {
            const int32_t input = pair / 2 * 4 + pair % 2;
            for (int32_t o = channel; o < channel + QUAD; o++) {
                const uint32_t low = (uint32_t)weight_at(layer, o, row, input, j);
                const uint32_t high = (uint32_t)weight_at(layer, o, row, input + 2, j);
                *to++ = (int32_t)((low & 0xffffu) | high << 16);
            }
        }
    return to;
}

static size_t stream_words(const struct mote_armv7em_layer *layer)
{
    const size_t pairs = (size_t)layer->taps / 6;
    return (size_t)layer->w->channels * (1 + PASSES * pairs + (size_t)layer->record_words);
}

static int32_t *make_stream(struct mote_lower *lower, const struct mote_armv7em_layer *layer)
{
    static const int order[PASSES] = {1, 2, 3, 4, 0, 5};
    int32_t *const stream = MOTE_NEW_ARRAY(lower->plan->arena, int32_t, stream_words(layer));
    int32_t *to = stream;
    for (int32_t channel = 0; stream && channel < layer->w->channels; channel += QUAD) {
        for (int32_t o = channel; o < channel + QUAD; o++)
            *to++ = (int32_t)((uint32_t)SCALE * (uint32_t)mote_armv7em_bias(layer, o));
        for (int i = 0; i < PASSES; i++) to = put_pass(to, layer, channel, order[i]);
        to = mote_armv7em_put_records(to, layer, channel, QUAD);
    }
    return stream;
}

static bool is_suitable(const struct mote_pack_conv *conv)
{
    const struct mote_attrs_conv *a = &conv->op->attrs.conv;
    return conv->filter_h == 3 && conv->filter_w == 3 && a->stride_h == 1 && a->stride_w == 1 &&
           conv->filter_c == conv->in.c && conv->in.c % 8 == 0 && conv->out.c % QUAD == 0 && conv->out.w % TILE_WIDTH == 0;
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
                             : mote_armv7em_choose(lower, sizes, count, conv->in.c * (conv->out.w / TILE_WIDTH));
    if (!of_row) return mote_armv7em_choose(lower, sizes, count, conv->in.c);
    const uint32_t stack_bytes = 9 * (uint32_t)conv->in.c * (uint32_t)conv->out.w;
    if (stack_bytes > plan->kernel_stack_bytes) plan->kernel_stack_bytes = stack_bytes;
    return of_row;
}

enum mote_status mote_armv7em_pack_winograd(struct mote_lower *lower, const struct mote_pack_conv *conv, bool *taken)
{
    const char *name = is_suitable(conv) ? kernel_for(lower, conv) : NULL;
    if (!name) return MOTE_OK;
    const int32_t taps = TAPS * conv->in.c;
    struct mote_armv7em_layer layer = {.w = conv->w,
                                       .weights = (const int8_t *)conv->w->weights->data,
                                       .channel_step = taps,
                                       .tap_step = 1,
                                       .taps = taps,
                                       .run = taps,
                                       .padded_run = taps,
                                       .scale = SCALE};
    bool possible;
    enum mote_status status = mote_armv7em_prepare(lower, &layer, &possible);
    const bool fits = status == MOTE_OK && possible && layer.way != MK_ARMV7EM_EXACT &&
                      4 * stream_words(&layer) <= lower->plan->target->flash_bytes / FLASH_SHARE &&
                      4 * stream_words(&layer) <= MOST_WEIGHT_BYTES;
    if (!fits) return status;
    struct mote_step *step = mote_armv7em_add_conv(lower, conv, name, &status);
    if (!step) return status;
    if ((status = mote_armv7em_bind(lower, step, &layer, make_stream(lower, &layer), stream_words(&layer))) != MOTE_OK)
        return status;
    *taken = true;
    return MOTE_OK;
}
