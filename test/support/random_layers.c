/* random_layers.c: see random_layers.h. */
#include "random_layers.h"

#include "../../src/api/session.h"
#include "../../src/base/rng.h"
#include "../../src/eval/eval.h"
#include "tflite_writer.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST_LAYERS = 14, VECTORS = 4 };

static struct mote_rng rng;
static int kind; /* of the next layer */
static bool for_speed; /* is the network planned for */

static int32_t between(int32_t least, int32_t most)
{
    return least + (int32_t)mote_rng_below(&rng, (uint64_t)(most - least + 1));
}

static bool one_in(int32_t n)
{
    return between(1, n) == 1;
}

/* Small numbers mostly, sometimes up to `most`. */
static int32_t extent(int32_t most)
{
    return between(1, one_in(3) ? most : most < 12 ? most : 12);
}

static int64_t zero_point(void)
{
    return one_in(3) ? between(-128, 127) : one_in(2) ? -128 : between(-20, 20);
}

/* ---- Networks ---- */

struct network {
    struct tflw *w;
    int inputs[MOST_LAYERS], outputs[MOST_LAYERS];
    size_t count;
};

struct layer {
    enum tflw_operator op;
    int32_t in[4], out[4], weights[4]; /* shapes; fully connected has the last two axes only */
    size_t rank, taps;
    struct tflw_options options;
};

static int32_t out_extent(int32_t in, int32_t filter, int32_t stride, enum tflw_padding padding)
{
    return padding == TFLW_SAME ? (in + stride - 1) / stride : (in - filter) / stride + 1;
}

/* Extents common to both kinds of convolutions; the channels are set. */
static void window(struct layer *l, int32_t filter_h, int32_t filter_w)
{
    const bool valid = one_in(2);
    l->rank = 4;
    l->options.padding = valid ? TFLW_VALID : TFLW_SAME;
    l->options.stride_h = between(1, 3);
    l->options.stride_w = one_in(2) ? 1 : between(1, 3);
    l->options.activation = one_in(2) ? TFLW_ACTIVATION_RELU : one_in(3) ? TFLW_ACTIVATION_RELU6 : TFLW_ACTIVATION_NONE;
    l->in[0] = l->out[0] = one_in(5) ? 2 : 1;
    l->in[1] = (valid ? filter_h : 1) + between(0, 6);
    l->in[2] = (valid ? filter_w : 1) + between(0, one_in(6) ? 40 : 9);
    l->weights[1] = filter_h;
    l->weights[2] = filter_w;
    l->out[1] = out_extent(l->in[1], filter_h, l->options.stride_h, l->options.padding);
    l->out[2] = out_extent(l->in[2], filter_w, l->options.stride_w, l->options.padding);
}

static struct layer random_conv(void)
{
    struct layer l = {.op = TFLW_CONV_2D};
    const bool pointwise = one_in(2);
    const int32_t filter_h = pointwise ? 1 : between(1, 5), filter_w = pointwise ? 1 : between(1, 5);
    l.in[3] = l.weights[3] = pointwise ? extent(300) : extent(600 / (filter_h * filter_w));
    l.out[3] = l.weights[0] = extent(40);
    window(&l, filter_h, filter_w);
    if (pointwise && l.in[3] % 2 == 0) { /* rows side by side are one long row to some kernels */
        l.options.stride_h = l.options.stride_w = 1;
        memcpy(l.out, l.in, 3 * sizeof *l.in);
    }
    l.taps = (size_t)(filter_h * filter_w * l.in[3]);
    return l;
}

/* 3x3 with stride 1, channels and rows as Winograd's algorithm wants them. */
static struct layer random_winograd(void)
{
    struct layer l = {.op = TFLW_CONV_2D};
    const bool many = !one_in(4); /* so many weights that they are transformed on the chip */
    l.in[3] = l.weights[3] = many ? 8 * between(6, 8) : one_in(2) ? 8 * between(1, 8) : between(3, 20);
    l.out[3] = l.weights[0] = 4 * (many ? between(10, 14) : between(1, 6));
    window(&l, 3, 3);
    l.options.stride_h = l.options.stride_w = 1;
    l.options.activation = one_in(2) ? TFLW_ACTIVATION_RELU : TFLW_ACTIVATION_NONE;
    l.out[1] = out_extent(l.in[1], 3, 1, l.options.padding);
    l.out[2] = 8 * between(1, 3);
    l.in[2] = l.out[2] + (l.options.padding == TFLW_VALID ? 2 : 0);
    l.taps = (size_t)(9 * l.in[3]);
    return l;
}

/* 3x3 with columns that move by two. */
static struct layer random_stride_2(void)
{
    struct layer l = {.op = TFLW_CONV_2D};
    l.in[3] = l.weights[3] = between(12, 32);
    l.out[3] = l.weights[0] = 4 * between(1, 4);
    window(&l, 3, 3);
    l.options.stride_w = 2;
    l.options.activation = one_in(2) ? TFLW_ACTIVATION_RELU : TFLW_ACTIVATION_NONE;
    l.out[2] = 4 * between(1, 5);
    l.in[2] = 2 * l.out[2] + (l.options.padding == TFLW_VALID ? between(1, 2) : -between(0, 1));
    l.taps = (size_t)(9 * l.in[3]);
    return l;
}

static struct layer random_depthwise(void)
{
    struct layer l = {.op = TFLW_DEPTHWISE_CONV_2D};
    const bool is_3x3 = one_in(2);
    const int32_t filter_h = is_3x3 ? 3 : between(1, 8), filter_w = is_3x3 ? 3 : one_in(2) ? 1 : between(1, 5);
    l.in[3] = l.out[3] = l.weights[3] = extent(one_in(4) ? 300 : 20);
    l.weights[0] = 1;
    window(&l, filter_h, filter_w);
    if (is_3x3 && !one_in(3)) { /* as most are */
        l.options.stride_h = l.options.stride_w = between(1, 2);
        l.in[2] += between(0, 8);
        l.out[1] = out_extent(l.in[1], 3, l.options.stride_h, l.options.padding);
        l.out[2] = out_extent(l.in[2], 3, l.options.stride_w, l.options.padding);
    }
    l.taps = (size_t)(filter_h * filter_w);
    return l;
}

static struct layer random_fully_connected(void)
{
    struct layer l = {.op = TFLW_FULLY_CONNECTED, .rank = 2};
    l.in[2] = l.out[2] = one_in(4) ? between(2, 3) : 1;
    l.in[3] = l.weights[3] = extent(1100);
    l.out[3] = l.weights[2] = extent(40);
    l.taps = (size_t)l.in[3];
    l.options.activation = one_in(2) ? TFLW_ACTIVATION_RELU : TFLW_ACTIVATION_NONE;
    return l;
}

static struct layer random_pool(void)
{
    struct layer l = {.op = TFLW_AVERAGE_POOL_2D};
    const int32_t filter_h = between(1, one_in(3) ? 20 : 5), filter_w = between(1, one_in(3) ? 20 : 5);
    l.in[3] = l.out[3] = extent(70);
    window(&l, filter_h, filter_w);
    l.options.filter_h = filter_h;
    l.options.filter_w = filter_w;
    return l;
}

/* As quantisers choose it. */
static int64_t activation_zero_point(const struct layer *l, const int32_t *dims)
{
    const bool clamped = dims == l->out && l->options.activation != TFLW_ACTIVATION_NONE;
    return clamped && !one_in(4) ? -128 : zero_point();
}

static int activation_tensor(struct tflw *w, const char *name, const struct layer *l, const int32_t *dims, float scale,
                             int64_t zero)
{
    const struct tflw_quant quant = {&scale, &zero, 1, 0};
    return tflw_tensor(w, name, TFLW_INT8, l->rank, dims + 4 - l->rank, &quant, NULL, 0);
}

static int weight_tensor(struct tflw *w, const struct layer *l, size_t channels, const float *scales)
{
    const size_t count = l->taps * channels;
    int8_t *data = malloc(count);
    assert_non_null(data);
    const int32_t zeros = between(1, 4);
    const int32_t most = l->taps > 400 && one_in(2) ? 40 : 127; /* some kernels want small sums */
    const int32_t least = most == 127 && one_in(20) ? -128 : -most;
    for (size_t i = 0; i < count; i++) data[i] = (int8_t)(one_in(zeros + 1) ? 0 : between(least, most));
    const bool per_channel = l->op != TFLW_FULLY_CONNECTED;
    const struct tflw_quant quant = {scales, NULL, per_channel ? channels : 1,
                                     l->op == TFLW_DEPTHWISE_CONV_2D ? 3 : 0};
    const int tensor = tflw_tensor(w, "weights", TFLW_INT8, l->rank, l->weights + 4 - l->rank, &quant, data, count);
    free(data);
    return tensor;
}

static int bias_tensor(struct tflw *w, size_t channels, float in_scale, const float *scales, bool per_channel)
{
    int32_t *data = malloc(channels * sizeof *data);
    float *products = malloc(channels * sizeof *products);
    assert_true(data && products);
    const int32_t most = one_in(10) ? 4000000 : 3000, dims = (int32_t)channels;
    for (size_t i = 0; i < channels; i++) {
        data[i] = between(-most, most);
        products[i] = in_scale * scales[i];
    }
    const struct tflw_quant quant = {products, NULL, per_channel ? channels : 1, 0};
    const int tensor = tflw_tensor(w, "bias", TFLW_INT32, 1, &dims, &quant, data, channels * sizeof *data);
    free(data);
    free(products);
    return tensor;
}

/* What a layer reads or writes. */
struct activation {
    int tensor; /* -1: none yet */
    float scale;
    int64_t zero;
};

/* An input of the network, so that `in` has a tensor. */
static void add_input(struct network *n, const struct layer *l, struct activation *in)
{
    in->tensor = activation_tensor(n->w, "in", l, l->in, in->scale, in->zero);
    n->inputs[n->count] = in->tensor;
    if (n->count % 2) { /* not from outside itself: kernels are chosen by that, too */
        n->inputs[n->count] = activation_tensor(n->w, "outside", l, l->in, in->scale, in->zero);
        tflw_op(n->w, TFLW_RESHAPE, 0, &n->inputs[n->count], 1, &in->tensor, 1, NULL);
    }
}

/* Outputs that fill the range of int8 for the most part; now and then far too large or too small scales. Reads `at`, or an input
 * of the network if that has no tensor, and makes it what it writes. */
static void add_layer(struct network *n, const struct layer *l, struct activation *at)
{
    const size_t channels = (size_t)l->out[3];
    struct activation in = *at;
    if (in.tensor < 0) in.scale = ldexpf(1.0f + (float)between(0, 999) / 1000.0f, -6);
    float *scales = malloc(channels * sizeof *scales);
    assert_non_null(scales);
    const int32_t spread = one_in(5) ? 9 : 2;
    for (size_t i = 0; i < channels; i++) {
        const float fraction = (float)between(0, 999) / 1000.0f; /* drawn first, whatever the compiler */
        scales[i] = ldexpf(1.0f + fraction, -7 - between(0, spread));
    }
    const int32_t odd = one_in(6) ? between(-6, 6) : 0;
    *at = (struct activation){.scale = ldexpf(in.scale / 128.0f * sqrtf((float)l->taps) * 40.0f, odd)};
    if (in.tensor < 0) {
        in.zero = activation_zero_point(l, l->in);
        add_input(n, l, &in);
    }
    const int weights = weight_tensor(n->w, l, channels, scales);
    const int bias = one_in(5) ? -1 : bias_tensor(n->w, channels, in.scale, scales, l->op != TFLW_FULLY_CONNECTED);
    at->zero = activation_zero_point(l, l->out);
    at->tensor = activation_tensor(n->w, "out", l, l->out, at->scale, at->zero);
    const int inputs[] = {in.tensor, weights, bias};
    free(scales);
    tflw_op(n->w, l->op, 0, inputs, 3, &at->tensor, 1, &l->options);
}

static void add_pool(struct network *n, const struct layer *l)
{
    const float scale = 0.1f;
    const int64_t zero = zero_point();
    const struct tflw_quant quant = {&scale, &zero, 1, 0};
    const int in = tflw_tensor(n->w, "in", TFLW_INT8, 4, l->in, &quant, NULL, 0);
    const int out = tflw_tensor(n->w, "out", TFLW_INT8, 4, l->out, &quant, NULL, 0);
    tflw_op(n->w, l->op, 0, &in, 1, &out, 1, &l->options);
    n->inputs[n->count] = in;
    n->outputs[n->count++] = out;
}

static void add_layers(struct network *n, int layers)
{
    for (int i = 0; i < layers; i++) {
        struct layer l;
        switch (kind++ % 7) {
        case 0: l = random_pool(); break;
        case 1:
        case 2: l = random_fully_connected(); break;
        case 3:
        case 4: l = random_depthwise(); break;
        default: l = one_in(3) ? random_conv() : one_in(5) ? random_stride_2() : random_winograd(); break;
        }
        struct activation at = {.tensor = -1};
        if (l.op == TFLW_AVERAGE_POOL_2D) {
            add_pool(n, &l);
        } else {
            add_layer(n, &l, &at);
            n->outputs[n->count++] = at.tensor;
        }
    }
}

/* Each layer reads what the one before has written: plans lay outputs over inputs then. Maps of few columns, for there outputs of
 * a row lie over inputs of its neighbours. */
static void add_chain(struct network *n, int layers)
{
    struct layer l = {.rank = 4, .out = {1, between(5, 20), one_in(2) ? 1 : between(2, 7), 8 * between(1, 6)}};
    struct activation at = {.tensor = -1};
    l.options = (struct tflw_options){.stride_h = 1, .stride_w = 1, .padding = TFLW_SAME};
    for (int i = 0; i < layers; i++) {
        const bool depthwise = one_in(4);
        const int32_t filter = depthwise ? 3 : 1;
        memcpy(l.in, l.out, sizeof l.in);
        if (!depthwise) l.out[3] = one_in(2) ? l.in[3] : one_in(4) ? extent(40) : 8 * between(1, 6); /* the same: most of it overlaps */
        l.op = depthwise ? TFLW_DEPTHWISE_CONV_2D : TFLW_CONV_2D;
        l.taps = (size_t)(depthwise ? filter * filter : l.in[3]);
        const int32_t weights[4] = {depthwise ? 1 : l.out[3], filter, filter, l.in[3]};
        memcpy(l.weights, weights, sizeof weights);
        l.options.activation = one_in(2) ? TFLW_ACTIVATION_RELU : TFLW_ACTIVATION_NONE;
        add_layer(n, &l, &at);
    }
    n->outputs[n->count++] = at.tensor;
}

static enum mote_optimize optimize;

void random_layers_optimize(enum mote_optimize what)
{
    optimize = what;
}

/* A convolution whose outputs fill the range of int8, as a rule with the zero point at its end. */
static void add_conv_before(struct network *n, struct layer *l, struct activation *at, int32_t filter)
{
    memcpy(l->in, l->out, sizeof l->in);
    l->op = TFLW_CONV_2D;
    l->options = (struct tflw_options){.stride_h = one_in(5) ? 2 : 1, .stride_w = one_in(5) ? 2 : 1, .padding = TFLW_SAME};
    l->options.activation = one_in(8) ? TFLW_ACTIVATION_NONE : TFLW_ACTIVATION_RELU;
    l->out[1] = out_extent(l->in[1], filter, l->options.stride_h, TFLW_SAME);
    l->out[2] = out_extent(l->in[2], filter, l->options.stride_w, TFLW_SAME);
    l->out[3] = one_in(2) ? 4 * between(1, 8) : between(4, 33);
    const int32_t weights[4] = {l->out[3], filter, filter, l->in[3]};
    memcpy(l->weights, weights, sizeof weights);
    l->taps = (size_t)(filter * filter * l->in[3]);
    add_layer(n, l, at);
}

static void add_depthwise_behind(struct network *n, struct layer *l, struct activation *at)
{
    memcpy(l->in, l->out, sizeof l->in);
    const bool valid = one_in(3) && l->in[1] >= 3 && l->in[2] >= 3;
    l->op = TFLW_DEPTHWISE_CONV_2D;
    l->options = (struct tflw_options){.stride_h = one_in(3) ? between(1, 3) : 1, .stride_w = one_in(3) ? 2 : 1,
                                       .padding = valid ? TFLW_VALID : TFLW_SAME};
    l->options.activation = one_in(2) ? TFLW_ACTIVATION_RELU : TFLW_ACTIVATION_NONE;
    l->out[1] = out_extent(l->in[1], 3, l->options.stride_h, l->options.padding);
    l->out[2] = out_extent(l->in[2], 3, l->options.stride_w, l->options.padding);
    const int32_t weights[4] = {1, 3, 3, l->in[3]};
    memcpy(l->weights, weights, sizeof weights);
    l->taps = 9;
    add_layer(n, l, at);
}

/* So many weights that none of the model's are stored in 16 bits unless for speed, and so large a tensor that planes next to it
 * need no more memory. */
static void add_large_layer(struct network *n)
{
    struct activation at = {.tensor = -1};
    struct layer l = {.op = TFLW_CONV_2D, .rank = 4, .in = {1, 6, 6, 300}, .out = {1, 6, 6, 128}, .weights = {128, 1, 1, 300}, .taps = 300};
    l.options = (struct tflw_options){.stride_h = 1, .stride_w = 1, .padding = TFLW_SAME};
    add_layer(n, &l, &at);
    n->outputs[n->count++] = at.tensor;
}

static void add_pairs(struct network *n, int chains)
{
    for_speed = one_in(2);
    if (!for_speed) add_large_layer(n);
    for (int i = 0; i < chains; i++) {
        struct activation at = {.tensor = -1};
        struct layer l = {.rank = 4, .out = {1, between(1, 14), one_in(3) ? 5 : between(1, 26), between(1, 20)}};
        for (int pairs = between(1, 2); pairs > 0; pairs--) {
            add_conv_before(n, &l, &at, one_in(2) ? 1 : between(2, 4));
            add_depthwise_behind(n, &l, &at);
        }
        n->outputs[n->count++] = at.tensor;
    }
}

/* As many layers by `add`; *file, which the session reads from, is the caller's to free after it. NULL if the chip is too small. */
static struct mote *try_network(const char *target, void (*add)(struct network *n, int layers), int layers, uint8_t **file)
{
    struct network n = {.w = tflw_new()};
    for_speed = false;
    add(&n, layers);
    tflw_io(n.w, n.inputs, n.count, n.outputs, n.count);
    size_t bytes = 0;
    *file = tflw_finish(n.w, &bytes);
    if (!*file) fail_msg("%s", tflw_error(n.w));
    tflw_free(n.w);
    struct mote *mote = mote_new();
    assert_non_null(mote);
    enum mote_status status = mote_load_memory(mote, "layers.tflite", *file, bytes);
    /* layers as whole tensors: kernels with scratch memory are for these alone */
    const struct mote_plan_options options = {.unfused = true, .optimize = for_speed ? MOTE_OPTIMIZE_SPEED : optimize,
                                              .ram_limit_bytes = for_speed ? 1u << 18 : 0};
    if (status == MOTE_OK) status = mote_plan_with(mote, target, &options);
    if (status == MOTE_ERR_NO_FIT) {
        mote_free(mote);
        free(*file);
        return NULL;
    }
    for (size_t i = 0; status != MOTE_OK && i < mote_message_count(mote); i++)
        print_error("%s\n", mote_message(mote, i)->text);
    assert_int_equal(status, MOTE_OK);
    return mote;
}

static struct mote *random_network(const char *target, void (*add)(struct network *n, int layers), int layers, uint8_t **file)
{
    for (int tries = 0; tries < 100; tries++) {
        struct mote *const mote = try_network(target, add, layers, file);
        if (mote) return mote;
    }
    fail_msg("no network of %d layers fits %s", layers, target);
    return NULL;
}

/* ---- Comparison ---- */

void random_layers_seed(uint64_t seed)
{
    mote_rng_seed(&rng, seed);
    kind = 0;
    optimize = MOTE_OPTIMIZE_BALANCED;
}

static uint8_t *run(const struct mote_plan *plan, const uint8_t *input)
{
    uint8_t *memory = aligned_alloc(16, (plan->arena_bytes + 31u) & ~15u), *output = malloc(mote_eval_output_bytes(plan));
    assert_true(memory && output);
    mote_eval_run(plan, memory, input, output, NULL, NULL);
    free(memory);
    return output;
}

static void compare(struct mote *mote, const struct mote_plan *reference)
{
    const size_t in_bytes = mote_eval_input_bytes(reference), out_bytes = mote_eval_output_bytes(reference);
    uint8_t *input = malloc(in_bytes);
    assert_non_null(input);
    for (int v = 0; v < VECTORS; v++) {
        for (size_t i = 0; i < in_bytes; i++)
            input[i] = v == 0 ? 127 : v == 1 ? 128 : (uint8_t)mote_rng_below(&rng, 256);
        uint8_t *expected = run(reference, input), *got = run(mote->plan, input);
        assert_memory_equal(got, expected, out_bytes);
        free(expected);
        free(got);
    }
    free(input);
}

static void visit_layers(const struct mote_plan *plan, random_layers_visitor *visit, void *context)
{
    for (int32_t i = 0; i < plan->step_count; i++)
        if (strcmp(plan->steps[i].kernel->params->name, "mk_pool") != 0) visit(plan, &plan->steps[i], context);
}

static void on_host(const char *target, int networks, void (*add)(struct network *n, int layers), int layers,
                    random_layers_visitor *visit, void *context)
{
    for (int i = 0; i < networks; i++) {
        uint8_t *file;
        struct mote *mote = random_network(target, add, layers, &file);
        struct mote_arena arena;
        struct mote_plan *reference;
        mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
        assert_int_equal(mote_session_reference(mote, mote->source, &arena, &reference), MOTE_OK);
        visit_layers(mote->plan, visit, context);
        compare(mote, reference);
        mote_arena_free(&arena);
        mote_free(mote);
        free(file);
    }
}

void random_layers_on_host(const char *target, int networks, int layers, random_layers_visitor *visit, void *context)
{
    on_host(target, networks, add_layers, layers, visit, context);
}

void random_pairs_on_host(const char *target, int networks, int chains, random_layers_visitor *visit, void *context)
{
    on_host(target, networks, add_pairs, chains, visit, context);
}

static bool is_available(const char *target)
{
    for (size_t i = 0; i < mote_target_count(); i++) {
        const struct mote_target_info info = mote_target_info(i);
        if (strcmp(info.name, target) != 0) continue;
        if (!info.available) print_message("    left out: %s is missing\n", info.missing);
        return info.available;
    }
    return false;
}

static void verify(struct mote *mote)
{
    struct mote_verify_report report;
    const enum mote_status status = mote_verify(mote, &(struct mote_verify_options){.vectors = 2}, &report);
    for (size_t k = 0; status != MOTE_OK && k < mote_message_count(mote); k++)
        print_error("%s\n", mote_message(mote, k)->text);
    assert_int_equal(status, MOTE_OK);
}

static void on_chip(const char *target, int networks, void (*add)(struct network *n, int layers), int layers)
{
    for (int i = 0; is_available(target) && i < networks; i++) {
        uint8_t *file;
        struct mote *mote = random_network(target, add, layers, &file);
        verify(mote);
        mote_free(mote);
        free(file);
    }
}

void random_layers_on_chip(const char *target, int networks, int layers)
{
    on_chip(target, networks, add_layers, layers);
}

void random_pairs_on_chip(const char *target, int networks, int chains)
{
    on_chip(target, networks, add_pairs, chains);
}

void random_layers_chained_on_chip(const char *target, int networks, int layers)
{
    on_chip(target, networks, add_chain, layers);
}
