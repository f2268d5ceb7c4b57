/* make_corpus.c: writes the seeds of the fuzz targets: one small model per operator and type, as files, graph texts and
 * plan texts, blobs. Every model must import and verify, so that the search starts deep in the code.
 *
 *     make_corpus test/fuzz/corpus */
#include "base/file.h"
#include "blob/blob.h"
#include "import/tflite.h"
#include "ir/text.h"
#include "plan/plan.h"
#include "plan/text.h"
#include "tflite_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *folder;
static int failures;

/* ---- One seed ---- */

static void write_seed(const char *target, const char *name, const char *extension, const void *bytes, size_t size)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", folder, target);
    mkdir(path, 0777);
    snprintf(path, sizeof path, "%s/%s/%s.%s", folder, target, name, extension);
    if (mote_file_write(path, bytes, size, NULL) == MOTE_OK) return;
    fprintf(stderr, "cannot write %s\n", path);
    failures++;
}

static void print_messages(const char *name, const struct mote_diag *diag)
{
    for (size_t i = 0; i < diag->count; i++) fprintf(stderr, "%s: %s\n", name, diag->messages[i].text);
}

/* The plan for the first chip in the list; a model that has no plan there gives no seed. */
static void write_plan(const char *name, const struct mote_graph *graph, struct mote_arena *arena)
{
    size_t count = 0;
    struct mote_plan *plan = NULL;
    const struct mote_plan_wishes plain = {.plain_kernels = true}; /* what runs in the fuzz target of blobs */
    if (mote_plan_build_with(graph, mote_target_all(&count)[0], plain, arena, &plan, NULL) != MOTE_OK) return;
    struct mote_text text = {0};
    mote_plan_print(plan, &text);
    if (!text.failed) write_seed("fuzz_plan_text", name, "txt", text.bytes, text.length);
    mote_text_free(&text);
    struct mote_text blob = {0};
    if (mote_blob_write(plan, NULL, &blob, NULL) == MOTE_OK) write_seed("fuzz_blob", name, "mote", blob.bytes, blob.length);
    else failures++;
    mote_text_free(&blob);
    if (mote_plan_build_stream(graph, mote_target_all(&count)[0], arena, &plan, NULL) != MOTE_OK) return;
    char stream_name[80];
    blob = (struct mote_text){0};
    snprintf(stream_name, sizeof stream_name, "%s_stream", name);
    if (mote_blob_write(plan, NULL, &blob, NULL) == MOTE_OK) write_seed("fuzz_blob", stream_name, "mote", blob.bytes, blob.length);
    mote_text_free(&blob);
}

static void write_model(const char *name, struct tflw *w)
{
    struct mote_arena arena;
    struct mote_diag diag;
    struct mote_graph *graph = NULL;
    size_t size = 0;
    uint8_t *bytes = tflw_finish(w, &size);
    mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
    mote_diag_init(&diag, "");
    if (!bytes) {
        fprintf(stderr, "%s: %s\n", name, tflw_error(w));
        failures++;
    } else if (mote_import_tflite(bytes, size, name, &arena, &graph, &diag) != MOTE_OK ||
               mote_graph_verify(graph, &diag) != MOTE_OK) {
        print_messages(name, &diag);
        failures++;
    } else {
        struct mote_text text = {0};
        mote_graph_print(graph, &text);
        write_seed("fuzz_tflite", name, "tflite", bytes, size);
        if (!text.failed) write_seed("fuzz_graph_text", name, "txt", text.bytes, text.length);
        mote_text_free(&text);
        write_plan(name, graph, &arena);
    }
    free(bytes);
    tflw_free(w);
    mote_diag_free(&diag);
    mote_arena_free(&arena);
}

/* ---- Tensors ---- */

#define DIMS(...) (sizeof((int32_t[]){__VA_ARGS__}) / sizeof(int32_t)), (const int32_t[]){__VA_ARGS__}

static int activation(struct tflw *w, enum tflw_type type, float scale, int64_t zero, size_t rank, const int32_t *dims)
{
    const struct tflw_quant quant = {&scale, &zero, 1, 0};
    return tflw_tensor(w, "t", type, rank, dims, type == TFLW_FLOAT32 ? NULL : &quant, NULL, 0);
}

/* Weights with one scale per index of `axis` (one in all if axis < 0) and data that are all different. */
static int weights(struct tflw *w, enum tflw_type type, int axis, size_t rank, const int32_t *dims)
{
    static const float scales[] = {0.02f, 0.015f, 0.01f, 0.025f, 0.03f, 0.005f, 0.02f, 0.01f};
    uint8_t data[4096];
    size_t count = 1;
    for (size_t i = 0; i < rank; i++) count *= (size_t)dims[i];
    const float step = 0.125f;
    for (size_t i = 0; i < count; i++) {
        const float real = step * (float)((int)(i % 17) - 8);
        if (type == TFLW_FLOAT32) memcpy(data + 4 * i, &real, 4);
        else data[i] = (uint8_t)(i * 37 + 11);
    }
    const struct tflw_quant quant = {scales, NULL, axis < 0 ? 1 : (size_t)dims[axis], axis < 0 ? 0 : axis};
    return tflw_tensor(w, "w", type, rank, dims, type == TFLW_FLOAT32 ? NULL : &quant, data,
                       count * (type == TFLW_FLOAT32 ? 4 : 1));
}

static int bias(struct tflw *w, enum tflw_type type, int32_t count)
{
    static const float scales[] = {0.002f, 0.0015f, 0.001f, 0.0025f, 0.003f, 0.0005f, 0.002f, 0.001f};
    static const int64_t wide[8] = {100, -100, 3000, 0, 7, -1, 50, 60};
    static const int32_t narrow[8] = {100, -100, 3000, 0, 7, -1, 50, 60};
    static const float real[8] = {1.0f, -1.0f, 0.5f};
    const struct tflw_quant quant = {scales, NULL, (size_t)count, 0};
    if (type == TFLW_FLOAT32) return tflw_tensor(w, "b", type, 1, &count, NULL, real, (size_t)count * 4);
    if (type == TFLW_INT16) return tflw_tensor(w, "b", TFLW_INT64, 1, &count, &quant, wide, (size_t)count * 8);
    return tflw_tensor(w, "b", TFLW_INT32, 1, &count, &quant, narrow, (size_t)count * 4);
}

static int integers(struct tflw *w, size_t count, const int32_t *values)
{
    const int32_t length = (int32_t)count;
    return tflw_tensor(w, "i", TFLW_INT32, 1, &length, NULL, values, count * sizeof *values);
}

static enum tflw_type weight_type(enum tflw_type type)
{
    return type == TFLW_INT16 ? TFLW_INT8 : type;
}

/* ---- Operators ---- */

static const enum tflw_type types[] = {TFLW_INT8, TFLW_INT16, TFLW_FLOAT32};
static const char *const type_names[] = {"s8", "s16", "f32"};

static void finish(struct tflw *w, const char *base, const char *type, const int *inputs, size_t input_count,
                   const int *outputs, size_t output_count)
{
    char name[64];
    snprintf(name, sizeof name, "%s_%s", base, type);
    tflw_io(w, inputs, input_count, outputs, output_count);
    write_model(name, w);
}

static void seed_weighted(enum tflw_type type, const char *type_name)
{
    const int64_t zero = type == TFLW_INT8 ? -5 : 0;
    struct tflw *w = tflw_new();
    int in[4] = {activation(w, type, 0.1f, zero, DIMS(1, 5, 4, 2)), weights(w, weight_type(type), 0, DIMS(3, 3, 2, 2)),
                 bias(w, type, 3)};
    int out = activation(w, type, 0.1f, zero, DIMS(1, 3, 4, 3));
    tflw_op(w, TFLW_CONV_2D, 0, in, 3, &out, 1,
            &(struct tflw_options){.stride_h = 2, .activation = TFLW_ACTIVATION_RELU6});
    finish(w, "conv", type_name, in, 1, &out, 1);

    w = tflw_new();
    in[0] = activation(w, type, 0.1f, zero, DIMS(1, 5, 4, 2));
    in[1] = weights(w, weight_type(type), 3, DIMS(1, 3, 3, 4));
    in[2] = bias(w, type, 4);
    out = activation(w, type, 0.1f, zero, DIMS(1, 3, 2, 4));
    tflw_op(w, TFLW_DEPTHWISE_CONV_2D, 0, in, 3, &out, 1,
            &(struct tflw_options){.padding = TFLW_VALID, .depth_multiplier = 2});
    finish(w, "depthwise", type_name, in, 1, &out, 1);

    w = tflw_new();
    in[0] = activation(w, type, 0.1f, zero, DIMS(1, 6));
    in[1] = weights(w, weight_type(type), -1, DIMS(4, 6));
    in[2] = type == TFLW_INT8 ? -1 : bias(w, type, 4);
    out = activation(w, type, 0.1f, zero, DIMS(1, 4));
    tflw_op(w, TFLW_FULLY_CONNECTED, 0, in, 3, &out, 1, &(struct tflw_options){.activation = TFLW_ACTIVATION_RELU});
    finish(w, "fully_connected", type_name, in, 1, &out, 1);

    w = tflw_new();
    in[0] = integers(w, DIMS(1, 7, 7, 2));
    in[1] = weights(w, weight_type(type), 0, DIMS(2, 3, 3, 3));
    in[2] = activation(w, type, 0.1f, zero, DIMS(1, 3, 3, 3));
    out = activation(w, type, 0.1f, zero, DIMS(1, 7, 7, 2));
    tflw_op(w, TFLW_TRANSPOSE_CONV, 0, in, 3, &out, 1,
            &(struct tflw_options){.padding = TFLW_VALID, .stride_h = 2, .stride_w = 2});
    finish(w, "transpose_conv", type_name, &in[2], 1, &out, 1);
}

static void seed_pools(enum tflw_type type, const char *type_name)
{
    static const enum tflw_operator codes[] = {TFLW_AVERAGE_POOL_2D, TFLW_MAX_POOL_2D};
    static const char *const names[] = {"average_pool", "max_pool"};
    for (int i = 0; i < 2; i++) {
        struct tflw *w = tflw_new();
        const int in = activation(w, type, 0.1f, 0, DIMS(1, 5, 4, 3));
        const int out = activation(w, type, 0.1f, 0, DIMS(1, 3, 2, 3));
        tflw_op(w, codes[i], 0, &in, 1, &out, 1,
                &(struct tflw_options){.stride_h = 2, .stride_w = 2, .filter_h = 3, .filter_w = 2});
        finish(w, names[i], type_name, &in, 1, &out, 1);
    }
    struct tflw *w = tflw_new();
    const int in[] = {activation(w, type, 0.1f, 0, DIMS(1, 3, 2, 3)), integers(w, DIMS(1, 2))};
    const int out = activation(w, type, 0.05f, 0, DIMS(1, 3));
    tflw_op(w, TFLW_MEAN, 0, in, 2, &out, 1, NULL);
    finish(w, "mean", type_name, in, 1, &out, 1);
}

static void seed_binary(enum tflw_type type, const char *type_name)
{
    static const enum tflw_operator codes[] = {TFLW_ADD, TFLW_SUB, TFLW_MUL, TFLW_MAXIMUM, TFLW_MINIMUM};
    static const char *const names[] = {"add", "sub", "mul", "maximum", "minimum"};
    for (int i = 0; i < 5; i++) {
        struct tflw *w = tflw_new();
        const float scale = i < 3 ? 0.2f : 0.1f;
        const int in[] = {activation(w, type, 0.1f, 0, DIMS(1, 2, 3, 2)),
                          activation(w, type, scale, 0, DIMS(1, 1, 1, 2))};
        const int out = activation(w, type, 0.1f, 0, DIMS(1, 2, 3, 2));
        tflw_op(w, codes[i], 0, in, 2, &out, 1, NULL);
        finish(w, names[i], type_name, in, 2, &out, 1);
    }
}

static void seed_unary(enum tflw_type type, const char *type_name)
{
    static const enum tflw_operator codes[] = {TFLW_RELU, TFLW_RELU6,      TFLW_LOGISTIC,
                                               TFLW_TANH, TFLW_HARD_SWISH, TFLW_LEAKY_RELU};
    static const char *const names[] = {"relu", "relu6", "logistic", "tanh", "hard_swish", "leaky_relu"};
    for (int i = 0; i < 6; i++) {
        struct tflw *w = tflw_new();
        const bool wide = type == TFLW_INT16, squash = i == 2 || i == 3;
        const float scale = !squash ? 0.1f : wide ? 1.0f / 32768 : i == 2 ? 1.0f / 256 : 1.0f / 128;
        const int64_t zero = i == 2 && !wide ? -128 : 0;
        const int in = activation(w, type, 0.1f, 0, DIMS(1, 2, 3));
        const int out = activation(w, type, scale, zero, DIMS(1, 2, 3));
        tflw_op(w, codes[i], 0, &in, 1, &out, 1, &(struct tflw_options){.alpha = 0.3f});
        finish(w, names[i], type_name, &in, 1, &out, 1);
    }
    struct tflw *w = tflw_new();
    const float scale = type == TFLW_INT16 ? 1.0f / 32768 : 1.0f / 256;
    const int in = activation(w, type, 0.1f, 0, DIMS(2, 5));
    const int out = activation(w, type, scale, type == TFLW_INT8 ? -128 : 0, DIMS(2, 5));
    tflw_op(w, TFLW_SOFTMAX, 0, &in, 1, &out, 1, NULL);
    finish(w, "softmax", type_name, &in, 1, &out, 1);
}

static void seed_moves(enum tflw_type type, const char *type_name)
{
    struct tflw *w = tflw_new();
    int in[4] = {activation(w, type, 0.1f, 0, DIMS(1, 2, 3, 1)), integers(w, DIMS(2, -1))};
    int out[3] = {activation(w, type, 0.1f, 0, DIMS(2, 3)), activation(w, type, 0.1f, 0, DIMS(1, 2, 3)),
                  activation(w, type, 0.1f, 0, DIMS(1, 2, 1, 3))};
    tflw_op(w, TFLW_RESHAPE, 0, in, 2, &out[0], 1, NULL);
    tflw_op(w, TFLW_SQUEEZE, 0, in, 1, &out[1], 1, &(struct tflw_options){.dims = (int32_t[]){3}, .dims_count = 1});
    tflw_op(w, TFLW_EXPAND_DIMS, 0, (int[]){out[1], integers(w, DIMS(2))}, 2, &out[2], 1, NULL);
    finish(w, "reshape", type_name, in, 1, (int[]){out[0], out[2]}, 2);

    w = tflw_new();
    in[0] = activation(w, type, 0.1f, 0, DIMS(1, 2, 3));
    in[1] = tflw_tensor(w, "p", TFLW_INT32, DIMS(3, 2), NULL, (const int32_t[]){0, 0, 1, 0, 0, 2}, 24);
    out[0] = activation(w, type, 0.1f, 0, DIMS(1, 3, 5));
    tflw_op(w, TFLW_PAD, 0, in, 2, out, 1, NULL);
    finish(w, "pad", type_name, in, 1, out, 1);

    w = tflw_new();
    in[0] = activation(w, type, 0.1f, 0, DIMS(1, 2, 3));
    in[1] = activation(w, type, 0.1f, 0, DIMS(1, 2, 2));
    out[0] = activation(w, type, 0.1f, 0, DIMS(1, 2, 5));
    tflw_op(w, TFLW_CONCATENATION, 0, in, 2, out, 1, &(struct tflw_options){.axis = -1});
    finish(w, "concatenation", type_name, in, 2, out, 1);

    w = tflw_new();
    in[0] = activation(w, type, 0.1f, 0, DIMS(1, 4, 6));
    in[1] = integers(w, DIMS(0, -3, 5));
    in[2] = integers(w, DIMS(0, 0, 0));
    in[3] = integers(w, DIMS(1, 1, -2));
    out[0] = activation(w, type, 0.1f, 0, DIMS(3, 3));
    tflw_op(w, TFLW_STRIDED_SLICE, 0, in, 4, out, 1,
            &(struct tflw_options){.end_mask = 6, .shrink_axis_mask = 1});
    finish(w, "strided_slice", type_name, in, 1, out, 1);

    w = tflw_new();
    in[0] = integers(w, DIMS(1));
    in[1] = activation(w, type, 0.1f, 0, DIMS(1, 6, 2));
    for (int i = 0; i < 3; i++) out[i] = activation(w, type, 0.1f, 0, DIMS(1, 2, 2));
    tflw_op(w, TFLW_SPLIT, 0, in, 2, out, 3, &(struct tflw_options){.num_splits = 3});
    finish(w, "split", type_name, &in[1], 1, out, 3);
}

static void seed_quantize(enum tflw_type type, const char *type_name)
{
    struct tflw *w = tflw_new();
    const int in = activation(w, TFLW_FLOAT32, 0, 0, DIMS(1, 6)), middle = activation(w, type, 0.1f, 0, DIMS(1, 6));
    const int again = activation(w, type, 0.07f, 0, DIMS(1, 6)), out = activation(w, TFLW_FLOAT32, 0, 0, DIMS(1, 6));
    tflw_op(w, TFLW_QUANTIZE, 0, &in, 1, &middle, 1, NULL);
    tflw_op(w, TFLW_QUANTIZE, 0, &middle, 1, &again, 1, NULL);
    tflw_op(w, TFLW_DEQUANTIZE, 0, &again, 1, &out, 1, NULL);
    finish(w, "quantize", type_name, &in, 1, &out, 1);
}

/* A chain with a branch, so that memory planning has something to do. */
static void seed_network(void)
{
    struct tflw *w = tflw_new();
    const int in = activation(w, TFLW_INT8, 0.1f, -5, DIMS(1, 6, 6, 1));
    const int a = activation(w, TFLW_INT8, 0.1f, -128, DIMS(1, 6, 6, 4));
    const int b = activation(w, TFLW_INT8, 0.1f, 0, DIMS(1, 6, 6, 4));
    const int c = activation(w, TFLW_INT8, 0.1f, 0, DIMS(1, 6, 6, 4));
    const int d = activation(w, TFLW_INT8, 0.1f, 0, DIMS(1, 1, 1, 4));
    const int e = activation(w, TFLW_INT8, 0.1f, 0, DIMS(1, 4));
    const int f = activation(w, TFLW_INT8, 0.1f, 0, DIMS(1, 3));
    const int out = activation(w, TFLW_INT8, 1.0f / 256, -128, DIMS(1, 3));
    const int dense = weights(w, TFLW_INT8, 0, DIMS(4, 3, 3, 1));
    const int depthwise = weights(w, TFLW_INT8, 3, DIMS(1, 3, 3, 4));
    tflw_op(w, TFLW_CONV_2D, 0, (int[]){in, dense, bias(w, TFLW_INT8, 4)}, 3, &a, 1,
            &(struct tflw_options){.activation = TFLW_ACTIVATION_RELU});
    tflw_op(w, TFLW_DEPTHWISE_CONV_2D, 0, (int[]){a, depthwise, bias(w, TFLW_INT8, 4)}, 3, &b, 1, NULL);
    tflw_op(w, TFLW_ADD, 0, (int[]){a, b}, 2, &c, 1, NULL);
    tflw_op(w, TFLW_AVERAGE_POOL_2D, 0, &c, 1, &d, 1,
            &(struct tflw_options){.padding = TFLW_VALID, .filter_h = 6, .filter_w = 6});
    tflw_op(w, TFLW_RESHAPE, 0, &d, 1, &e, 1, NULL);
    tflw_op(w, TFLW_FULLY_CONNECTED, 0, (int[]){e, weights(w, TFLW_INT8, -1, DIMS(3, 4)), -1}, 3, &f, 1, NULL);
    tflw_op(w, TFLW_SOFTMAX, 0, &f, 1, &out, 1, NULL);
    finish(w, "network", "s8", &in, 1, &out, 1);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: make_corpus FOLDER\n");
        return 2;
    }
    folder = argv[1];
    for (int i = 0; i < 3; i++) {
        seed_weighted(types[i], type_names[i]);
        seed_pools(types[i], type_names[i]);
        seed_binary(types[i], type_names[i]);
        seed_unary(types[i], type_names[i]);
        seed_moves(types[i], type_names[i]);
        if (types[i] != TFLW_FLOAT32) seed_quantize(types[i], type_names[i]);
    }
    seed_network();
    return failures ? 1 : 0;
}
