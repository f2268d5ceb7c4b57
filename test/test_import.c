/* test_import.c: TensorFlow Lite files become the graphs that they describe, or errors that say why not. */
#include "../src/import/flatbuffer.h"
#include "../src/import/tflite.h"
#include "../src/ir/text.h"
#include "shared_models.h"
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

/* One import and all that it needs. */
struct bench {
    struct mote_arena arena;
    struct mote_diag diag;
    struct mote_graph *graph;
    uint8_t *bytes; /* of a model made by tflite_writer */
    size_t size_bytes;
};

static void bench_open(struct bench *bench)
{
    *bench = (struct bench){0};
    mote_arena_init(&bench->arena, MOTE_ARENA_DEFAULT_LIMIT);
    mote_diag_init(&bench->diag, "");
}

static void bench_close(struct bench *bench)
{
    mote_diag_free(&bench->diag);
    mote_arena_free(&bench->arena);
    free(bench->bytes);
}

static enum mote_status bench_import(struct bench *bench, const uint8_t *bytes, size_t size_bytes)
{
    const enum mote_status status =
        mote_import_tflite(bytes, size_bytes, "model", &bench->arena, &bench->graph, &bench->diag);
    return status != MOTE_OK ? status : mote_graph_verify(bench->graph, &bench->diag);
}

/* Finishes, imports and frees a model; on a status other than the wanted one the messages are printed. */
static void expect_import(struct bench *bench, struct tflw *w, enum mote_status wanted)
{
    bench->bytes = tflw_finish(w, &bench->size_bytes);
    if (!bench->bytes) fail_msg("the writer says: %s", tflw_error(w));
    tflw_free(w);
    const enum mote_status status = bench_import(bench, bench->bytes, bench->size_bytes);
    for (size_t i = 0; status != wanted && i < bench->diag.count; i++)
        print_error("%s\n", bench->diag.messages[i].text);
    assert_int_equal(status, wanted);
}

static bool says(const struct bench *bench, const char *text)
{
    for (size_t i = 0; i < bench->diag.count; i++)
        if (strstr(bench->diag.messages[i].text, text)) return true;
    return false;
}

static int tensor_s8(struct tflw *w, const char *name, size_t rank, const int32_t *dims)
{
    const float scale = 0.5f;
    const int64_t zero = -3;
    return tflw_tensor(w, name, TFLW_INT8, rank, dims, &(struct tflw_quant){&scale, &zero, 1, 0}, NULL, 0);
}

static int constant_s32(struct tflw *w, const char *name, const int32_t *values, int32_t count)
{
    return tflw_tensor(w, name, TFLW_INT32, 1, &count, NULL, values, (size_t)count * sizeof *values);
}

/* ---- Real models ---- */

struct golden_layer {
    int op, zero_point;
    long bytes;
    float scale;
    char name[64], type[16], shape[128];
};

static bool parse_golden(const char *line, struct golden_layer *layer)
{
    *layer = (struct golden_layer){0};
    return sscanf(line,
                  "{\"op\":%d,\"name\":\"%63[^\"]\",\"tensor\":%*d,\"type\":\"%15[^\"]\",\"shape\":[%127[^]]],"
                  "\"bytes\":%ld,\"offset\":%*d,\"scale\":%f,\"zero_point\":%d",
                  &layer->op, layer->name, layer->type, layer->shape, &layer->bytes, &layer->scale,
                  &layer->zero_point) >= 5;
}

static const struct mote_op *find_source_op(const struct mote_graph *graph, int index)
{
    const struct mote_op *found = NULL; /* the last one that came from the file's operator */
    for (int32_t i = 0; i < graph->op_count; i++)
        if (graph->ops[i].source_index == index) found = &graph->ops[i];
    return found;
}

static void expect_layer(const struct mote_graph *graph, const struct golden_layer *layer)
{
    const struct mote_op *op = find_source_op(graph, layer->op);
    assert_non_null(op);
    assert_string_equal(op->source_type, layer->name);
    const struct mote_tensor *tensor = &graph->tensors[op->outputs[0]];
    char shape[128] = "";
    for (int32_t i = 0; i < tensor->shape.rank; i++)
        snprintf(shape + strlen(shape), sizeof shape - strlen(shape), "%s%d", i ? "," : "", tensor->shape.dims[i]);
    assert_string_equal(shape, layer->shape);
    assert_int_equal(mote_tensor_bytes(tensor), layer->bytes);
    if (tensor->dtype == MOTE_F32) return;
    assert_true(fabsf(mote_tensor_scale(tensor) - layer->scale) <= 1e-6f * layer->scale);
    assert_int_equal(mote_tensor_zero_point(tensor), layer->zero_point);
}

/* Compares the graph with what the reference interpreter knew of each operator's output; 0 if it has no such file. */
static int compare_golden(const struct mote_graph *graph, const char *name)
{
    char path[256], line[1024];
    snprintf(path, sizeof path, "../shared/golden/layers/%s.layers.json", name);
    FILE *file = fopen(path, "r");
    int layers = 0;
    struct golden_layer layer;
    while (file && fgets(line, sizeof line, file)) {
        if (!parse_golden(line, &layer)) continue;
        expect_layer(graph, &layer);
        layers++;
    }
    if (file) fclose(file);
    return layers;
}

static void real_models_become_graphs_with_the_reference_shapes(void **state)
{
    (void)state;
    size_t count;
    struct shared_model *models = shared_models_read(SIZE_MAX, &count);
    if (!models) skip();
    int imported = 0, compared = 0;
    for (size_t i = 0; i < count; i++) {
        struct bench bench;
        char name[128];
        bench_open(&bench);
        shared_model_name(&models[i], name);
        const enum mote_status status = bench_import(&bench, models[i].bytes, models[i].size_bytes);
        if (status == MOTE_OK) {
            imported++;
            compared += compare_golden(bench.graph, name);
        } else { /* networks with state */
            assert_int_equal(status, MOTE_ERR_UNSUPPORTED);
            assert_true(says(&bench, "UNIDIRECTIONAL_SEQUENCE_LSTM"));
            assert_true(says(&bench, "mote supports: ADD, "));
        }
        bench_close(&bench);
    }
    shared_models_free(models, count);
    assert_true(imported >= 70);
    assert_true(compared >= 100);
}

static void constants_are_the_same_wherever_the_file_lies_in_memory(void **state)
{
    (void)state;
    size_t count;
    struct shared_model *models = shared_models_read(8192, &count);
    if (!models) skip();
    for (size_t i = 0; i < count; i++) {
        struct mote_text expected = {0};
        for (size_t shift = 0; shift < 9; shift++) {
            struct bench bench;
            struct mote_text text = {0};
            uint8_t *moved = malloc(models[i].size_bytes + shift);
            bench_open(&bench);
            memcpy(moved + shift, models[i].bytes, models[i].size_bytes);
            if (bench_import(&bench, moved + shift, models[i].size_bytes) == MOTE_OK)
                mote_graph_print(bench.graph, shift ? &text : &expected);
            if (shift && expected.bytes) assert_string_equal(text.bytes, expected.bytes);
            mote_text_free(&text);
            bench_close(&bench);
            free(moved);
        }
        mote_text_free(&expected);
    }
    shared_models_free(models, count);
}

/* ---- Padding ---- */

/* The operator applied to a 1 x in x in x 2 input; out is the extent that the model states. */
static void import_window_op(struct bench *bench, enum tflw_operator code, int32_t in, int32_t out, int32_t filter,
                             struct tflw_options options)
{
    struct tflw *w = tflw_new();
    int8_t data[2 * 9 * 9 * 2] = {0};
    const int32_t x_dims[] = {1, in, in, 2}, out_dims[] = {1, out, out, 2};
    const int32_t dense_dims[] = {2, filter, filter, 2}, depthwise_dims[] = {1, filter, filter, 2};
    const bool depthwise = code == TFLW_DEPTHWISE_CONV_2D, pool = code == TFLW_MAX_POOL_2D;
    const float scale = 0.25f;
    const struct tflw_quant quant = {&scale, NULL, 1, 0};
    int inputs[2] = {tensor_s8(w, "x", 4, x_dims), -1};
    if (!pool)
        inputs[1] = tflw_tensor(w, "w", TFLW_INT8, 4, depthwise ? depthwise_dims : dense_dims, &quant, data,
                                (size_t)(filter * filter) * (depthwise ? 2 : 4));
    const int y = tensor_s8(w, "y", 4, out_dims);
    tflw_op(w, code, 0, inputs, pool ? 1 : 2, &y, 1, &options);
    tflw_io(w, inputs, 1, &y, 1);
    expect_import(bench, w, MOTE_OK);
}

static void same_padding_is_resolved_with_the_odd_cell_at_the_end(void **state)
{
    (void)state;
    /* total = max((out - 1) * stride + (filter - 1) * dilation + 1 - in, 0), out = ceil(in / stride), by hand */
    static const struct {
        int32_t in, filter, stride, dilation, out, before, after;
    } cases[] = {
        {10, 3, 1, 1, 10, 1, 1}, {10, 3, 2, 1, 5, 0, 1}, {9, 3, 2, 1, 5, 1, 1},  {10, 4, 1, 1, 10, 1, 2},
        {10, 3, 1, 2, 10, 2, 2}, {10, 1, 3, 1, 4, 0, 0}, {5, 5, 4, 1, 2, 2, 2},  {49, 7, 2, 1, 25, 3, 3},
        {50, 8, 2, 1, 25, 3, 3}, {1, 3, 1, 1, 1, 1, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench bench;
        struct tflw_options options = {.padding = TFLW_SAME, .stride_h = cases[i].stride, .stride_w = cases[i].stride,
                                       .dilation_h = cases[i].dilation, .dilation_w = cases[i].dilation};
        for (int depthwise = 0; depthwise < 2; depthwise++) {
            bench_open(&bench);
            import_window_op(&bench, depthwise ? TFLW_DEPTHWISE_CONV_2D : TFLW_CONV_2D, cases[i].in, cases[i].out,
                             cases[i].filter, options);
            const struct mote_attrs_conv *conv = &bench.graph->ops[0].attrs.conv;
            assert_int_equal(conv->pad_top, cases[i].before);
            assert_int_equal(conv->pad_bottom, cases[i].after);
            assert_int_equal(conv->pad_left, cases[i].before);
            assert_int_equal(conv->pad_right, cases[i].after);
            bench_close(&bench);
        }
        if (cases[i].dilation != 1) continue;
        options.filter_h = options.filter_w = cases[i].filter;
        bench_open(&bench);
        import_window_op(&bench, TFLW_MAX_POOL_2D, cases[i].in, cases[i].out, 1, options);
        const struct mote_attrs_pool *pool = &bench.graph->ops[0].attrs.pool;
        assert_int_equal(pool->pad_top, cases[i].before);
        assert_int_equal(pool->pad_right, cases[i].after);
        assert_int_equal(pool->filter_w, cases[i].filter);
        bench_close(&bench);
    }
}

static void valid_padding_is_zero(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    import_window_op(&bench, TFLW_CONV_2D, 10, 4, 3,
                     (struct tflw_options){.padding = TFLW_VALID, .stride_h = 2, .stride_w = 2,
                                           .activation = TFLW_ACTIVATION_RELU6});
    const struct mote_attrs_conv expected = {
        .stride_h = 2, .stride_w = 2, .dilation_h = 1, .dilation_w = 1, .activation = MOTE_ACT_RELU6};
    assert_memory_equal(&bench.graph->ops[0].attrs.conv, &expected, sizeof expected);
    bench_close(&bench);
}

static void transposed_convolutions_take_their_padding_from_the_output(void **state)
{
    (void)state;
    static const struct {
        int32_t in, filter, stride, out, before, after;
        enum tflw_padding padding;
    } cases[] = {
        {5, 3, 2, 10, 0, 1, TFLW_SAME},   {5, 3, 2, 9, 1, 1, TFLW_SAME},   {5, 2, 2, 10, 0, 0, TFLW_SAME},
        {5, 4, 2, 12, 0, 0, TFLW_VALID},  {5, 2, 3, 15, 0, -1, TFLW_SAME}, {5, 2, 3, 16, 0, -2, TFLW_VALID},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench bench;
        bench_open(&bench);
        struct tflw *w = tflw_new();
        const int8_t data[2 * 16 * 2] = {0};
        const int32_t n = cases[i].filter;
        const int32_t x_dims[] = {1, cases[i].in, cases[i].in, 2}, w_dims[] = {2, n, n, 2};
        const int32_t out_dims[] = {1, cases[i].out, cases[i].out, 2};
        const float scale = 0.25f;
        const int inputs[] = {
            constant_s32(w, "shape", out_dims, 4),
            tflw_tensor(w, "w", TFLW_INT8, 4, w_dims, &(struct tflw_quant){&scale, NULL, 1, 0}, data,
                        (size_t)(4 * n * n)),
            tensor_s8(w, "x", 4, x_dims),
        };
        const int y = tensor_s8(w, "y", 4, out_dims);
        tflw_op(w, TFLW_TRANSPOSE_CONV, 0, inputs, 3, &y, 1,
                &(struct tflw_options){.padding = cases[i].padding, .stride_h = cases[i].stride,
                                       .stride_w = cases[i].stride});
        tflw_io(w, &inputs[2], 1, &y, 1);
        expect_import(&bench, w, MOTE_OK);
        const struct mote_op *op = &bench.graph->ops[0];
        assert_int_equal(op->input_count, 2);
        assert_string_equal(bench.graph->tensors[op->inputs[0]].name, "x");
        assert_string_equal(bench.graph->tensors[op->inputs[1]].name, "w");
        assert_int_equal(op->attrs.conv.pad_top, cases[i].before);
        assert_int_equal(op->attrs.conv.pad_bottom, cases[i].after);
        bench_close(&bench);
    }
}

/* ---- Slices ---- */

struct slice_case {
    int32_t rank, dims[4], count, begin[4], end[4], stride[4];
    int32_t begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_mask;
    int32_t out_rank, out_dims[6];
    int32_t from[4], size[4], step[4]; /* expected; from NumPy's rules, by hand */
};

static const struct slice_case slice_cases[] = {
    {1, {8}, 1, {2}, {6}, {1}, 0, 0, 0, 0, 0, 1, {4}, {2}, {4}, {1}},
    {1, {8}, 1, {-3}, {-1}, {1}, 0, 0, 0, 0, 0, 1, {2}, {5}, {2}, {1}},
    {1, {8}, 1, {7}, {0}, {-2}, 0, 0, 0, 0, 0, 1, {4}, {7}, {4}, {-2}},
    {1, {8}, 1, {5}, {5}, {-1}, 1, 1, 0, 0, 0, 1, {8}, {7}, {8}, {-1}},
    {1, {8}, 1, {1}, {99}, {3}, 0, 0, 0, 0, 0, 1, {3}, {1}, {3}, {3}},
    {2, {4, 6}, 2, {1, 2}, {0, 5}, {1, 1}, 0, 0, 0, 0, 1, 1, {3}, {1, 2}, {1, 3}, {1, 1}},
    {2, {4, 6}, 1, {-1}, {0}, {1}, 0, 0, 0, 0, 1, 1, {6}, {3, 0}, {1, 6}, {1, 1}},
    {3, {2, 3, 5}, 2, {0, 1}, {0, 4}, {1, 1}, 0, 0, 1, 0, 0, 3, {2, 3, 3}, {0, 0, 1}, {2, 3, 3}, {1, 1, 1}},
    {2, {4, 6}, 3, {1, 0, 2}, {3, 0, 4}, {1, 1, 1}, 0, 0, 0, 2, 0, 3, {2, 1, 2}, {1, 2}, {2, 2}, {1, 1}},
};

static void slice_bounds_and_masks_are_resolved_as_numpy_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof slice_cases / sizeof slice_cases[0]; i++) {
        const struct slice_case *c = &slice_cases[i];
        struct bench bench;
        bench_open(&bench);
        struct tflw *w = tflw_new();
        const int inputs[] = {tensor_s8(w, "x", (size_t)c->rank, c->dims), constant_s32(w, "begin", c->begin, c->count),
                              constant_s32(w, "end", c->end, c->count), constant_s32(w, "stride", c->stride, c->count)};
        const int y = tensor_s8(w, "y", (size_t)c->out_rank, c->out_dims);
        tflw_op(w, TFLW_STRIDED_SLICE, 0, inputs, 4, &y, 1,
                &(struct tflw_options){.begin_mask = c->begin_mask, .end_mask = c->end_mask,
                                       .ellipsis_mask = c->ellipsis_mask, .new_axis_mask = c->new_axis_mask,
                                       .shrink_axis_mask = c->shrink_mask});
        tflw_io(w, inputs, 1, &y, 1);
        expect_import(&bench, w, MOTE_OK);
        const struct mote_attrs_strided_slice *attrs = &bench.graph->ops[0].attrs.strided_slice;
        assert_memory_equal(attrs->begin, c->from, (size_t)c->rank * sizeof(int32_t));
        assert_memory_equal(attrs->size, c->size, (size_t)c->rank * sizeof(int32_t));
        assert_memory_equal(attrs->stride, c->step, (size_t)c->rank * sizeof(int32_t));
        assert_int_equal(attrs->shrink, c->shrink_mask);
        assert_int_equal(bench.graph->op_count, c->new_axis_mask ? 2 : 1);
        bench_close(&bench);
    }
}

/* ---- Other operators ---- */

/* One operator on an int8 input x; `extra` constants follow it. */
static void import_simple(struct bench *bench, enum tflw_operator code, const struct tflw_options *options,
                          const int32_t x_dims[4], size_t y_rank, const int32_t *y_dims, const int32_t *constant,
                          int32_t constant_count, enum mote_status wanted)
{
    struct tflw *w = tflw_new();
    int inputs[2] = {tensor_s8(w, "x", 4, x_dims), -1};
    if (constant_count) inputs[1] = constant_s32(w, "constant", constant, constant_count);
    const int y = tensor_s8(w, "y", y_rank, y_dims);
    tflw_op(w, code, 0, inputs, constant_count ? 2 : 1, &y, 1, options);
    tflw_io(w, inputs, 1, &y, 1);
    expect_import(bench, w, wanted);
}

static void padding_takes_the_zero_point_of_its_output(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    const int32_t x[] = {1, 4, 5, 2}, y[] = {1, 7, 6, 2}, paddings[] = {0, 0, 1, 2, 0, 1, 0, 0};
    import_simple(&bench, TFLW_PAD, NULL, x, 4, y, paddings, 8, MOTE_OK);
    const struct mote_attrs_pad expected = {.before = {0, 1}, .after = {0, 2, 1}, .value = -3};
    assert_memory_equal(&bench.graph->ops[0].attrs.pad, &expected, sizeof expected);
    bench_close(&bench);
}

static void mean_axes_become_bits(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    const int32_t x[] = {1, 4, 5, 2}, y[] = {1, 1, 1, 2}, axes[] = {-2, 1};
    import_simple(&bench, TFLW_MEAN, &(struct tflw_options){.keep_dims = true}, x, 4, y, axes, 2, MOTE_OK);
    assert_int_equal(bench.graph->ops[0].attrs.reduce.axes, 6);
    assert_int_equal(bench.graph->ops[0].attrs.reduce.keep_dims, 1);
    bench_close(&bench);
}

static void squeeze_and_expand_dims_become_reshapes_that_know_their_origin(void **state)
{
    (void)state;
    static const enum tflw_operator codes[] = {TFLW_SQUEEZE, TFLW_EXPAND_DIMS};
    static const char *const types[] = {"SQUEEZE", "EXPAND_DIMS"};
    static const int32_t x[] = {1, 4, 1, 2}, y[] = {4, 2}, expanded[] = {1, 4, 1, 1, 2}, axis[] = {2};
    for (int i = 0; i < 2; i++) {
        struct bench bench;
        bench_open(&bench);
        import_simple(&bench, codes[i], NULL, x, i ? 5 : 2, i ? expanded : y, axis, i, MOTE_OK);
        assert_int_equal(bench.graph->ops[0].kind, MOTE_OP_RESHAPE);
        assert_string_equal(bench.graph->ops[0].source_type, types[i]);
        assert_int_equal(bench.graph->ops[0].input_count, 1);
        bench_close(&bench);
    }
}

static void padv2_takes_its_constant(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    struct tflw *w = tflw_new();
    const int32_t x_dims[] = {1, 4}, y_dims[] = {1, 6}, paddings[] = {0, 0, 1, 1}, pairs[] = {2, 2}, one = 1;
    const float scale = 0.5f;
    const int64_t zero = -3;
    const int8_t value = -77;
    const int inputs[] = {
        tensor_s8(w, "x", 2, x_dims),
        tflw_tensor(w, "paddings", TFLW_INT32, 2, pairs, NULL, paddings, sizeof paddings),
        tflw_tensor(w, "value", TFLW_INT8, 1, &one, &(struct tflw_quant){&scale, &zero, 1, 0}, &value, 1),
    };
    const int y = tensor_s8(w, "y", 2, y_dims);
    tflw_op(w, TFLW_PADV2, 0, inputs, 3, &y, 1, NULL);
    tflw_io(w, inputs, 1, &y, 1);
    expect_import(&bench, w, MOTE_OK);
    assert_int_equal(bench.graph->ops[0].attrs.pad.value, -77);
    bench_close(&bench);
}

static void split_reads_its_axis_first(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    struct tflw *w = tflw_new();
    const int32_t x_dims[] = {1, 6}, part[] = {1, 3}, axis = -1;
    const int inputs[] = {tflw_tensor(w, "axis", TFLW_INT32, 0, NULL, NULL, &axis, sizeof axis),
                          tensor_s8(w, "x", 2, x_dims)};
    const int outputs[] = {tensor_s8(w, "a", 2, part), tensor_s8(w, "b", 2, part)};
    tflw_op(w, TFLW_SPLIT, 0, inputs, 2, outputs, 2, &(struct tflw_options){.num_splits = 2});
    tflw_io(w, &inputs[1], 1, outputs, 2);
    expect_import(&bench, w, MOTE_OK);
    assert_int_equal(bench.graph->ops[0].attrs.split.axis, 1);
    assert_int_equal(bench.graph->ops[0].output_count, 2);
    assert_int_equal(bench.graph->tensor_count, 3);
    bench_close(&bench);
}

/* ---- What mote cannot take ---- */

static void all_unsupported_operators_are_listed_at_once(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    struct tflw *w = tflw_new();
    const int32_t dims[] = {1, 4};
    const int x = tensor_s8(w, "x", 2, dims), a = tensor_s8(w, "a", 2, dims), b = tensor_s8(w, "b", 2, dims);
    const int c = tensor_s8(w, "c", 2, dims);
    tflw_op(w, TFLW_TRANSPOSE, 0, (int[]){x, x}, 2, &a, 1, NULL);
    tflw_op(w, TFLW_RELU, 0, &a, 1, &b, 1, NULL);
    tflw_op(w, TFLW_PRELU, 0, (int[]){b, b}, 2, &c, 1, NULL);
    tflw_io(w, &x, 1, &c, 1);
    expect_import(&bench, w, MOTE_ERR_UNSUPPORTED);
    assert_true(says(&bench, "op 0 TRANSPOSE, tensor \"a\": "));
    assert_true(says(&bench, "op 2 PRELU, tensor \"c\": "));
    assert_int_equal(bench.diag.count, 3);
    assert_true(says(&bench, "mote supports: "));
    assert_null(bench.graph);
    bench_close(&bench);
}

static void computed_axes_are_refused_by_name(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    struct tflw *w = tflw_new();
    const int32_t dims[] = {1, 4}, two = 2;
    const int inputs[] = {tensor_s8(w, "x", 2, dims), tflw_tensor(w, "axes", TFLW_INT32, 1, &two, NULL, NULL, 0)};
    const int y = tensor_s8(w, "y", 2, dims);
    tflw_op(w, TFLW_MEAN, 0, inputs, 2, &y, 1, NULL);
    tflw_io(w, inputs, 2, &y, 1);
    expect_import(&bench, w, MOTE_ERR_UNSUPPORTED);
    assert_true(says(&bench, "op 0 MEAN, tensor \"axes\": \"axis\" is computed"));
    bench_close(&bench);
}

static void axes_out_of_range_and_wrong_shapes_are_errors(void **state)
{
    (void)state;
    static const int32_t x[] = {1, 4, 5, 2}, y[] = {1, 1, 1, 2}, bad_axis[] = {4}, bad_pads[] = {0, 0, -1, 2, 0, 1, 0, 0};
    struct bench bench;
    bench_open(&bench);
    import_simple(&bench, TFLW_MEAN, NULL, x, 4, y, bad_axis, 1, MOTE_ERR_INPUT);
    assert_true(says(&bench, "axis 4 is out of range for 4 dimensions"));
    bench_close(&bench);
    bench_open(&bench);
    import_simple(&bench, TFLW_PAD, NULL, x, 4, y, bad_pads, 8, MOTE_ERR_INPUT);
    assert_true(says(&bench, "a padding is out of range"));
    bench_close(&bench);
    bench_open(&bench);
    import_simple(&bench, TFLW_RELU, NULL, x, 4, y, NULL, 0, MOTE_ERR_INPUT);
    assert_true(says(&bench, "op 0 RELU, tensor \"y\": "));
    bench_close(&bench);
}

static void files_that_are_no_models_are_refused(void **state)
{
    (void)state;
    static const uint8_t text[] = "not a model at all", tag[] = {8, 0, 0, 0, 'T', 'F', 'L', '3'};
    struct bench bench;
    bench_open(&bench);
    assert_int_equal(bench_import(&bench, text, 0), MOTE_ERR_INPUT);
    assert_int_equal(bench_import(&bench, text, sizeof text), MOTE_ERR_INPUT);
    assert_true(says(&bench, "not a TensorFlow Lite model"));
    assert_int_equal(bench_import(&bench, tag, sizeof tag), MOTE_ERR_INPUT);
    assert_true(says(&bench, "damaged"));
    bench_close(&bench);
}

/* ---- Data behind the flatbuffer, as in files over 2 GB ---- */

static void put_le(uint8_t *bytes, uint64_t value, size_t count)
{
    for (size_t i = 0; i < count; i++) bytes[i] = (uint8_t)(value >> (8 * i));
}

enum { TAIL_VTABLE_BYTES = 12, TAIL_TABLE_BYTES = 20, TAIL_BYTES = 48 };

/* Appends a vtable and a Buffer table with the fields offset and size, and 4 bytes of data; returns the whole. */
static uint8_t *with_outer_buffer(const struct bench *made, uint32_t buffer, uint64_t offset, uint64_t size,
                                  size_t *bytes)
{
    struct mote_flatbuffer reader;
    assert_true(mote_flatbuffer_open(&reader, made->bytes, made->size_bytes, "TFL3"));
    const struct mote_flatbuffer_table root = mote_flatbuffer_root(&reader);
    const struct mote_flatbuffer_vector buffers = mote_flatbuffer_vector(&reader, &root, 4, 4);
    const size_t at = buffers.position + 4 * (size_t)buffer, vtable = made->size_bytes;
    const size_t table = vtable + TAIL_VTABLE_BYTES;
    *bytes = made->size_bytes + TAIL_BYTES;
    uint8_t *file = calloc(1, *bytes);
    memcpy(file, made->bytes, made->size_bytes);
    put_le(file + at, table - at, 4);
    static const uint16_t layout[] = {10, TAIL_TABLE_BYTES, 0, 4, 12};
    for (size_t i = 0; i < 5; i++) put_le(file + vtable + 2 * i, layout[i], 2);
    put_le(file + table, TAIL_VTABLE_BYTES, 4);
    put_le(file + table + 4, offset, 8);
    put_le(file + table + 12, size, 8);
    put_le(file + *bytes - 4, 0x04030201, 4);
    return file;
}

static void data_behind_the_flatbuffer_is_found_and_checked(void **state)
{
    (void)state;
    struct bench made;
    bench_open(&made);
    struct tflw *w = tflw_new();
    const int32_t dims[] = {1, 4};
    const int8_t inside[] = {9, 9, 9, 9};
    const float scale = 0.5f;
    const int inputs[] = {tensor_s8(w, "x", 2, dims), tflw_tensor(w, "c", TFLW_INT8, 2, dims,
                                                                  &(struct tflw_quant){&scale, NULL, 1, 0}, inside, 4)};
    const int y = tensor_s8(w, "y", 2, dims);
    tflw_op(w, TFLW_ADD, 0, inputs, 2, &y, 1, NULL);
    tflw_io(w, inputs, 1, &y, 1);
    expect_import(&made, w, MOTE_OK);
    const uint64_t end = made.size_bytes + TAIL_BYTES;
    static const uint8_t outside[] = {1, 2, 3, 4};
    const struct {
        uint64_t offset, size;
        enum mote_status status;
    } cases[] = {{end - 4, 4, MOTE_OK}, {end - 3, 4, MOTE_ERR_INPUT}, {UINT64_MAX - 1, 4, MOTE_ERR_INPUT},
                 {end - 4, UINT64_MAX, MOTE_ERR_INPUT}, {end - 4, 3, MOTE_ERR_INPUT}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench bench;
        size_t bytes;
        bench_open(&bench);
        uint8_t *file = with_outer_buffer(&made, 1, cases[i].offset, cases[i].size, &bytes);
        assert_int_equal(bench_import(&bench, file, bytes), cases[i].status);
        if (cases[i].status == MOTE_OK) {
            const struct mote_op *op = &bench.graph->ops[0];
            assert_memory_equal(bench.graph->tensors[op->inputs[1]].data, outside, 4);
        }
        bench_close(&bench);
        free(file);
    }
    bench_close(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_models_become_graphs_with_the_reference_shapes),
        cmocka_unit_test(constants_are_the_same_wherever_the_file_lies_in_memory),
        cmocka_unit_test(same_padding_is_resolved_with_the_odd_cell_at_the_end),
        cmocka_unit_test(valid_padding_is_zero),
        cmocka_unit_test(transposed_convolutions_take_their_padding_from_the_output),
        cmocka_unit_test(slice_bounds_and_masks_are_resolved_as_numpy_does),
        cmocka_unit_test(padding_takes_the_zero_point_of_its_output),
        cmocka_unit_test(mean_axes_become_bits),
        cmocka_unit_test(squeeze_and_expand_dims_become_reshapes_that_know_their_origin),
        cmocka_unit_test(padv2_takes_its_constant),
        cmocka_unit_test(split_reads_its_axis_first),
        cmocka_unit_test(all_unsupported_operators_are_listed_at_once),
        cmocka_unit_test(computed_axes_are_refused_by_name),
        cmocka_unit_test(axes_out_of_range_and_wrong_shapes_are_errors),
        cmocka_unit_test(files_that_are_no_models_are_refused),
        cmocka_unit_test(data_behind_the_flatbuffer_is_found_and_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
