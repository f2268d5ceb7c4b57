/* test_import.c: operators of TensorFlow Lite files become those of graphs, or errors that say why not. */
#include "import_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* ---- Padding ---- */

/* The operator applied to a 1 x in x in x 2 input; out is the extent that the model states. */
static void import_window_op(struct import_bench *bench, enum tflw_operator code, int32_t in, int32_t out, int32_t filter,
                             struct tflw_options options)
{
    struct tflw *w = tflw_new();
    int8_t data[2 * 9 * 9 * 2] = {0};
    const int32_t x_dims[] = {1, in, in, 2}, out_dims[] = {1, out, out, 2};
    const int32_t dense_dims[] = {2, filter, filter, 2}, depthwise_dims[] = {1, filter, filter, 2};
    const bool depthwise = code == TFLW_DEPTHWISE_CONV_2D, pool = code == TFLW_MAX_POOL_2D;
    const float scale = 0.25f;
    const struct tflw_quant quant = {&scale, NULL, 1, 0};
    int inputs[2] = {import_bench_tensor(w, "x", 4, x_dims), -1};
    if (!pool)
        inputs[1] = tflw_tensor(w, "w", TFLW_INT8, 4, depthwise ? depthwise_dims : dense_dims, &quant, data,
                                (size_t)(filter * filter) * (depthwise ? 2 : 4));
    const int y = import_bench_tensor(w, "y", 4, out_dims);
    tflw_op(w, code, 0, inputs, pool ? 1 : 2, &y, 1, &options);
    tflw_io(w, inputs, 1, &y, 1);
    import_bench_expect(bench, w, MOTE_OK);
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
        struct import_bench bench;
        struct tflw_options options = {.padding = TFLW_SAME, .stride_h = cases[i].stride, .stride_w = cases[i].stride,
                                       .dilation_h = cases[i].dilation, .dilation_w = cases[i].dilation};
        for (int depthwise = 0; depthwise < 2; depthwise++) {
            import_bench_open(&bench);
            import_window_op(&bench, depthwise ? TFLW_DEPTHWISE_CONV_2D : TFLW_CONV_2D, cases[i].in, cases[i].out,
                             cases[i].filter, options);
            const struct mote_attrs_conv *conv = &bench.graph->ops[0].attrs.conv;
            assert_int_equal(conv->pad_top, cases[i].before);
            assert_int_equal(conv->pad_bottom, cases[i].after);
            assert_int_equal(conv->pad_left, cases[i].before);
            assert_int_equal(conv->pad_right, cases[i].after);
            import_bench_close(&bench);
        }
        if (cases[i].dilation != 1) continue;
        options.filter_h = options.filter_w = cases[i].filter;
        import_bench_open(&bench);
        import_window_op(&bench, TFLW_MAX_POOL_2D, cases[i].in, cases[i].out, 1, options);
        const struct mote_attrs_pool *pool = &bench.graph->ops[0].attrs.pool;
        assert_int_equal(pool->pad_top, cases[i].before);
        assert_int_equal(pool->pad_right, cases[i].after);
        assert_int_equal(pool->filter_w, cases[i].filter);
        import_bench_close(&bench);
    }
}

static void valid_padding_is_zero(void **state)
{
    (void)state;
    struct import_bench bench;
    import_bench_open(&bench);
    import_window_op(&bench, TFLW_CONV_2D, 10, 4, 3,
                     (struct tflw_options){.padding = TFLW_VALID, .stride_h = 2, .stride_w = 2,
                                           .activation = TFLW_ACTIVATION_RELU6});
    const struct mote_attrs_conv expected = {
        .stride_h = 2, .stride_w = 2, .dilation_h = 1, .dilation_w = 1, .activation = MOTE_ACT_RELU6};
    assert_memory_equal(&bench.graph->ops[0].attrs.conv, &expected, sizeof expected);
    import_bench_close(&bench);
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
        struct import_bench bench;
        import_bench_open(&bench);
        struct tflw *w = tflw_new();
        const int8_t data[2 * 16 * 2] = {0};
        const int32_t n = cases[i].filter;
        const int32_t x_dims[] = {1, cases[i].in, cases[i].in, 2}, w_dims[] = {2, n, n, 2};
        const int32_t out_dims[] = {1, cases[i].out, cases[i].out, 2};
        const float scale = 0.25f;
        const int inputs[] = {
            import_bench_constant(w, "shape", out_dims, 4),
            tflw_tensor(w, "w", TFLW_INT8, 4, w_dims, &(struct tflw_quant){&scale, NULL, 1, 0}, data,
                        (size_t)(4 * n * n)),
            import_bench_tensor(w, "x", 4, x_dims),
        };
        const int y = import_bench_tensor(w, "y", 4, out_dims);
        tflw_op(w, TFLW_TRANSPOSE_CONV, 0, inputs, 3, &y, 1,
                &(struct tflw_options){.padding = cases[i].padding, .stride_h = cases[i].stride,
                                       .stride_w = cases[i].stride});
        tflw_io(w, &inputs[2], 1, &y, 1);
        import_bench_expect(&bench, w, MOTE_OK);
        const struct mote_op *op = &bench.graph->ops[0];
        assert_int_equal(op->input_count, 2);
        assert_string_equal(bench.graph->tensors[op->inputs[0]].name, "x");
        assert_string_equal(bench.graph->tensors[op->inputs[1]].name, "w");
        assert_int_equal(op->attrs.conv.pad_top, cases[i].before);
        assert_int_equal(op->attrs.conv.pad_bottom, cases[i].after);
        import_bench_close(&bench);
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
        struct import_bench bench;
        import_bench_open(&bench);
        struct tflw *w = tflw_new();
        const int inputs[] = {import_bench_tensor(w, "x", (size_t)c->rank, c->dims), import_bench_constant(w, "begin", c->begin, c->count),
                              import_bench_constant(w, "end", c->end, c->count), import_bench_constant(w, "stride", c->stride, c->count)};
        const int y = import_bench_tensor(w, "y", (size_t)c->out_rank, c->out_dims);
        tflw_op(w, TFLW_STRIDED_SLICE, 0, inputs, 4, &y, 1,
                &(struct tflw_options){.begin_mask = c->begin_mask, .end_mask = c->end_mask,
                                       .ellipsis_mask = c->ellipsis_mask, .new_axis_mask = c->new_axis_mask,
                                       .shrink_axis_mask = c->shrink_mask});
        tflw_io(w, inputs, 1, &y, 1);
        import_bench_expect(&bench, w, MOTE_OK);
        const struct mote_attrs_strided_slice *attrs = &bench.graph->ops[0].attrs.strided_slice;
        assert_memory_equal(attrs->begin, c->from, (size_t)c->rank * sizeof(int32_t));
        assert_memory_equal(attrs->size, c->size, (size_t)c->rank * sizeof(int32_t));
        assert_memory_equal(attrs->stride, c->step, (size_t)c->rank * sizeof(int32_t));
        assert_int_equal(attrs->shrink, c->shrink_mask);
        assert_int_equal(bench.graph->op_count, c->new_axis_mask ? 2 : 1);
        import_bench_close(&bench);
    }
}

/* ---- Other operators ---- */

/* One operator on an int8 input x; `extra` constants follow it. */
static void import_simple(struct import_bench *bench, enum tflw_operator code, const struct tflw_options *options,
                          const int32_t x_dims[4], size_t y_rank, const int32_t *y_dims, const int32_t *constant,
                          int32_t constant_count, enum mote_status wanted)
{
    struct tflw *w = tflw_new();
    int inputs[2] = {import_bench_tensor(w, "x", 4, x_dims), -1};
    if (constant_count) inputs[1] = import_bench_constant(w, "constant", constant, constant_count);
    const int y = import_bench_tensor(w, "y", y_rank, y_dims);
    tflw_op(w, code, 0, inputs, constant_count ? 2 : 1, &y, 1, options);
    tflw_io(w, inputs, 1, &y, 1);
    import_bench_expect(bench, w, wanted);
}

static void padding_takes_the_zero_point_of_its_output(void **state)
{
    (void)state;
    struct import_bench bench;
    import_bench_open(&bench);
    const int32_t x[] = {1, 4, 5, 2}, y[] = {1, 7, 6, 2}, paddings[] = {0, 0, 1, 2, 0, 1, 0, 0};
    import_simple(&bench, TFLW_PAD, NULL, x, 4, y, paddings, 8, MOTE_OK);
    const struct mote_attrs_pad expected = {.before = {0, 1}, .after = {0, 2, 1}, .value = -3};
    assert_memory_equal(&bench.graph->ops[0].attrs.pad, &expected, sizeof expected);
    import_bench_close(&bench);
}

static void mean_axes_become_bits(void **state)
{
    (void)state;
    struct import_bench bench;
    import_bench_open(&bench);
    const int32_t x[] = {1, 4, 5, 2}, y[] = {1, 1, 1, 2}, axes[] = {-2, 1};
    import_simple(&bench, TFLW_MEAN, &(struct tflw_options){.keep_dims = true}, x, 4, y, axes, 2, MOTE_OK);
    assert_int_equal(bench.graph->ops[0].attrs.reduce.axes, 6);
    assert_int_equal(bench.graph->ops[0].attrs.reduce.keep_dims, 1);
    import_bench_close(&bench);
}

static void squeeze_and_expand_dims_become_reshapes_that_know_their_origin(void **state)
{
    (void)state;
    static const enum tflw_operator codes[] = {TFLW_SQUEEZE, TFLW_EXPAND_DIMS};
    static const char *const types[] = {"SQUEEZE", "EXPAND_DIMS"};
    static const int32_t x[] = {1, 4, 1, 2}, y[] = {4, 2}, expanded[] = {1, 4, 1, 1, 2}, axis[] = {2};
    for (int i = 0; i < 2; i++) {
        struct import_bench bench;
        import_bench_open(&bench);
        import_simple(&bench, codes[i], NULL, x, i ? 5 : 2, i ? expanded : y, axis, i, MOTE_OK);
        assert_int_equal(bench.graph->ops[0].kind, MOTE_OP_RESHAPE);
        assert_string_equal(bench.graph->ops[0].source_type, types[i]);
        assert_int_equal(bench.graph->ops[0].input_count, 1);
        import_bench_close(&bench);
    }
}

static void padv2_takes_its_constant(void **state)
{
    (void)state;
    struct import_bench bench;
    import_bench_open(&bench);
    struct tflw *w = tflw_new();
    const int32_t x_dims[] = {1, 4}, y_dims[] = {1, 6}, paddings[] = {0, 0, 1, 1}, pairs[] = {2, 2}, one = 1;
    const float scale = 0.5f;
    const int64_t zero = -3;
    const int8_t value = -77;
    const int inputs[] = {
        import_bench_tensor(w, "x", 2, x_dims),
        tflw_tensor(w, "paddings", TFLW_INT32, 2, pairs, NULL, paddings, sizeof paddings),
        tflw_tensor(w, "value", TFLW_INT8, 1, &one, &(struct tflw_quant){&scale, &zero, 1, 0}, &value, 1),
    };
    const int y = import_bench_tensor(w, "y", 2, y_dims);
    tflw_op(w, TFLW_PADV2, 0, inputs, 3, &y, 1, NULL);
    tflw_io(w, inputs, 1, &y, 1);
    import_bench_expect(&bench, w, MOTE_OK);
    assert_int_equal(bench.graph->ops[0].attrs.pad.value, -77);
    import_bench_close(&bench);
}

static void split_reads_its_axis_first(void **state)
{
    (void)state;
    struct import_bench bench;
    import_bench_open(&bench);
    struct tflw *w = tflw_new();
    const int32_t x_dims[] = {1, 6}, part[] = {1, 3}, axis = -1;
    const int inputs[] = {tflw_tensor(w, "axis", TFLW_INT32, 0, NULL, NULL, &axis, sizeof axis),
                          import_bench_tensor(w, "x", 2, x_dims)};
    const int outputs[] = {import_bench_tensor(w, "a", 2, part), import_bench_tensor(w, "b", 2, part)};
    tflw_op(w, TFLW_SPLIT, 0, inputs, 2, outputs, 2, &(struct tflw_options){.num_splits = 2});
    tflw_io(w, &inputs[1], 1, outputs, 2);
    import_bench_expect(&bench, w, MOTE_OK);
    assert_int_equal(bench.graph->ops[0].attrs.split.axis, 1);
    assert_int_equal(bench.graph->ops[0].output_count, 2);
    assert_int_equal(bench.graph->tensor_count, 3);
    import_bench_close(&bench);
}

/* ---- What mote cannot take ---- */

static void all_unsupported_operators_are_listed_at_once(void **state)
{
    (void)state;
    struct import_bench bench;
    import_bench_open(&bench);
    struct tflw *w = tflw_new();
    const int32_t dims[] = {1, 4};
    const int x = import_bench_tensor(w, "x", 2, dims), a = import_bench_tensor(w, "a", 2, dims), b = import_bench_tensor(w, "b", 2, dims);
    const int c = import_bench_tensor(w, "c", 2, dims);
    tflw_op(w, TFLW_TRANSPOSE, 0, (int[]){x, x}, 2, &a, 1, NULL);
    tflw_op(w, TFLW_RELU, 0, &a, 1, &b, 1, NULL);
    tflw_op(w, TFLW_PRELU, 0, (int[]){b, b}, 2, &c, 1, NULL);
    tflw_io(w, &x, 1, &c, 1);
    import_bench_expect(&bench, w, MOTE_ERR_UNSUPPORTED);
    assert_true(import_bench_says(&bench, "op 0 TRANSPOSE, tensor \"a\": "));
    assert_true(import_bench_says(&bench, "op 2 PRELU, tensor \"c\": "));
    assert_int_equal(bench.diag.count, 3);
    assert_true(import_bench_says(&bench, "mote supports: "));
    assert_null(bench.graph);
    import_bench_close(&bench);
}

static void computed_axes_are_refused_by_name(void **state)
{
    (void)state;
    struct import_bench bench;
    import_bench_open(&bench);
    struct tflw *w = tflw_new();
    const int32_t dims[] = {1, 4}, two = 2;
    const int inputs[] = {import_bench_tensor(w, "x", 2, dims), tflw_tensor(w, "axes", TFLW_INT32, 1, &two, NULL, NULL, 0)};
    const int y = import_bench_tensor(w, "y", 2, dims);
    tflw_op(w, TFLW_MEAN, 0, inputs, 2, &y, 1, NULL);
    tflw_io(w, inputs, 2, &y, 1);
    import_bench_expect(&bench, w, MOTE_ERR_UNSUPPORTED);
    assert_true(import_bench_says(&bench, "op 0 MEAN, tensor \"axes\": \"axis\" is computed"));
    import_bench_close(&bench);
}

static void axes_out_of_range_and_wrong_shapes_are_errors(void **state)
{
    (void)state;
    static const int32_t x[] = {1, 4, 5, 2}, y[] = {1, 1, 1, 2}, bad_axis[] = {4}, bad_pads[] = {0, 0, -1, 2, 0, 1, 0, 0};
    struct import_bench bench;
    import_bench_open(&bench);
    import_simple(&bench, TFLW_MEAN, NULL, x, 4, y, bad_axis, 1, MOTE_ERR_INPUT);
    assert_true(import_bench_says(&bench, "axis 4 is out of range for 4 dimensions"));
    import_bench_close(&bench);
    import_bench_open(&bench);
    import_simple(&bench, TFLW_PAD, NULL, x, 4, y, bad_pads, 8, MOTE_ERR_INPUT);
    assert_true(import_bench_says(&bench, "a padding is out of range"));
    import_bench_close(&bench);
    import_bench_open(&bench);
    import_simple(&bench, TFLW_RELU, NULL, x, 4, y, NULL, 0, MOTE_ERR_INPUT);
    assert_true(import_bench_says(&bench, "op 0 RELU, tensor \"y\": "));
    import_bench_close(&bench);
}

static void files_that_are_no_models_are_refused(void **state)
{
    (void)state;
    static const uint8_t text[] = "not a model at all", tag[] = {8, 0, 0, 0, 'T', 'F', 'L', '3'};
    struct import_bench bench;
    import_bench_open(&bench);
    assert_int_equal(import_bench_run(&bench, text, 0), MOTE_ERR_INPUT);
    assert_int_equal(import_bench_run(&bench, text, sizeof text), MOTE_ERR_INPUT);
    assert_true(import_bench_says(&bench, "not a TensorFlow Lite model"));
    assert_int_equal(import_bench_run(&bench, tag, sizeof tag), MOTE_ERR_INPUT);
    assert_true(import_bench_says(&bench, "damaged"));
    import_bench_close(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
