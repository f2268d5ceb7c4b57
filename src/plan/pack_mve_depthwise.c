/* pack_mve_depthwise.c: depthwise convolutions; see kernel/mve/mk_mve_windows.h and mk_mve_depthwise.h. */
#include "pack_mve_layer.h"

enum { VECTOR = 16, MOST_OUTPUTS = 5, MOST_SUMS = 256, HEADER_WORDS = 4 };

/* What one vector of inputs holds, and which outputs come of it. */
struct window {
    int32_t outputs_h, outputs_w, cells_h, cells_w;
    bool narrow; /* cells span the input's rows, and outputs theirs */
};

static int32_t outputs_of(const struct window *w)
{
    return w->outputs_h * w->outputs_w;
}

/* A window of so many outputs. */
static struct window window_of(const struct mote_pack_conv *conv, int32_t outputs_h, int32_t outputs_w, bool narrow)
{
    const struct mote_attrs_conv *a = &conv->op->attrs.conv;
    return (struct window){outputs_h, outputs_w, (outputs_h - 1) * a->stride_h + conv->filter_h,
                           narrow ? conv->in.w : (outputs_w - 1) * a->stride_w + conv->filter_w, narrow};
}

/* Is it within what the kernel can do? The room is another matter. */
static bool is_possible(const struct mote_pack_conv *conv, const struct window *w)
{
    const struct mote_attrs_conv *a = &conv->op->attrs.conv;
    const int32_t pattern = (conv->filter_w - 1) * w->cells_h + conv->filter_h;
    const int32_t windows = w->narrow ? 1 : (conv->out.w + w->outputs_w - 1) / w->outputs_w;
    const int32_t last_column = (w->outputs_w - 1) * a->stride_w - (w->narrow ? a->pad_left : 0);
    return w->cells_h * w->cells_w <= VECTOR && pattern <= VECTOR && outputs_of(w) <= MOST_OUTPUTS &&
           windows * outputs_of(w) <= MOST_SUMS && w->outputs_w <= conv->out.w &&
           (!w->narrow || a->pad_left * w->cells_h <= VECTOR) &&
           last_column * w->cells_h + (w->outputs_h - 1) * a->stride_h <= VECTOR;
}

/* Bytes that the inputs of one row of windows take. */
static int64_t least_room(const struct mote_pack_conv *conv, const struct window *w)
{
    const int64_t columns =
        w->narrow ? conv->in.w : (int64_t)(conv->out.w - 1) * conv->op->attrs.conv.stride_w + conv->filter_w;
    return (int64_t)w->cells_h * columns * ((conv->in.c + VECTOR - 1) / VECTOR * VECTOR);
}

static const char *kernel_for(const struct mote_lower *lower, const struct mote_pack_conv *conv, const struct window *w)
{
    static const struct mote_armv7em_size sizes[] = {{"depthwise_conv_2d_s8_windows_5k", 5120},
                                                     {"depthwise_conv_2d_s8_windows_8k", 8192}};
    const int64_t room = least_room(conv, w);
    if (!is_possible(conv, w) || room > sizes[1].most) return NULL;
    return mote_armv7em_choose(lower, sizes, sizeof sizes / sizeof sizes[0], (int32_t)room);
}

/* Narrow windows where rows are that short, else those with the most outputs; of these those of most rows, for which the
 * fewest inputs are copied twice. */
static const char *choose_window(const struct mote_lower *lower, const struct mote_pack_conv *conv, struct window *best)
{
    const char *name = NULL;
    for (int narrow = 1; narrow >= 0 && !name; narrow--)
        for (int32_t h = 1; h <= MOST_OUTPUTS; h++)
            for (int32_t w = narrow ? conv->out.w : 1; w <= MOST_OUTPUTS; w++) {
                const struct window window = window_of(conv, h, w, narrow);
                const char *kernel = kernel_for(lower, conv, &window);
                if (!kernel || (name && outputs_of(&window) < outputs_of(best))) continue;
                name = kernel;
                *best = window;
            }
    return name;
}

/* ---- Stream ---- */

/* Weights, numbered as cells are. */
static void put_pattern(int8_t *to, const struct mote_mve_layer *layer, const struct window *w, int32_t channel)
{
    for (int32_t i = 0; i < VECTOR; i++) {
        const int32_t x = i / w->cells_h, y = i % w->cells_h;
        const bool exists = x < layer->filter_w && y < layer->filter_h;
        to[i] = exists ? (int8_t)mote_armv7em_weight(&layer->base, channel, y * layer->filter_w + x) : 0;
    }
}

/* What the columns of padding contribute to the outputs at column x: inputs there are the zero point. */
static int32_t start_of(const struct mote_mve_layer *layer, const struct mote_pack_conv *conv, int32_t channel, int32_t x)
{
    const struct mote_attrs_conv *a = &conv->op->attrs.conv;
    int32_t sum = 0;
    for (int32_t tap = 0; tap < layer->base.taps; tap++) {
        const int32_t column = x * a->stride_w - a->pad_left + tap % layer->filter_w;
        if (column < 0 || column >= conv->in.w) sum -= layer->base.w->in_offset * mote_armv7em_weight(&layer->base, channel, tap);
    }
    return sum;
}

static int32_t *make_stream(struct mote_lower *lower, const struct mote_mve_layer *layer, const struct mote_pack_conv *conv,
                            const struct window *w, size_t *words)
{
    const int32_t channels = layer->base.w->channels, starts = w->narrow ? outputs_of(w) : 0;
    *words = HEADER_WORDS + (size_t)channels * (size_t)(VECTOR / 4 + layer->requant.fields + starts);
    int32_t *const stream = MOTE_NEW_ARRAY(lower->plan->arena, int32_t, *words);
    if (!stream) return NULL;
    const int32_t header[HEADER_WORDS] = {layer->requant.scale, w->outputs_h, w->outputs_w, w->narrow};
    int32_t *to = stream;
    for (int i = 0; i < HEADER_WORDS; i++) *to++ = header[i];
    for (int32_t channel = 0; channel < channels; channel++) {
        put_pattern((int8_t *)(void *)to, layer, w, channel);
        to += VECTOR / 4;
        for (int field = 0; field < layer->requant.fields; field++) *to++ = mote_mve_field(layer, channel, field);
        for (int32_t i = 0; i < starts; i++) *to++ = start_of(layer, conv, channel, i % w->outputs_w);
    }
    return stream;
}

enum mote_status mote_mve_pack_depthwise(struct mote_lower *lower, const struct mote_pack_conv *conv, bool *taken)
{
    struct window window = {0};
    if (conv->in.c != conv->out.c || conv->filter_h > VECTOR || conv->filter_w > VECTOR) return MOTE_OK;
    const char *name = choose_window(lower, conv, &window);
    if (!name) return MOTE_OK;
    const int32_t taps = conv->filter_h * conv->filter_w;
    struct mote_mve_layer layer = {.base = {.w = conv->w,
                                            .weights = (const int8_t *)conv->w->weights->data,
                                            .channel_step = 1,
                                            .tap_step = conv->w->channels,
                                            .taps = taps,
                                            .run = taps,
                                            .padded_run = taps},
                                   .filter_h = conv->filter_h,
                                   .filter_w = conv->filter_w,
                                   .in_c = 1};
    enum mote_status status;
    if (!mote_mve_prepare(lower, &layer, &status)) return status;
    struct mote_step *step = mote_armv7em_add_conv(lower, conv, name, &status);
    if (!step) return status;
    /* A row of outputs is at least a window wide, and the starts of a narrow window know the column that they are of. */
    step->least_columns = (uint16_t)(window.narrow ? conv->out.w : window.outputs_w);
    size_t words;
    const int32_t *stream = make_stream(lower, &layer, conv, &window, &words);
    *taken = true;
    return mote_armv7em_bind(lower, step, &layer.base, stream, words);
}
