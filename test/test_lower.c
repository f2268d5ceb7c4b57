/* test_lower.c: tables, fixed-point functions, broadcasting and messages of the operators without weights. Whole networks
 * and random models are compared with references in test_golden.c and differential/. */
#include "../kernel/ref/mk_exp_ref.h"
#include "../src/eval/eval.h"
#include "../src/plan/fixed_point.h"
#include "../src/plan/tables.h"
#include "../src/target/target.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- Fixed-point functions ---- */

/* What a Taylor polynomial of degree 4 leaves out 1/8 from its centre, (1/8)^5 / 5! of 2^31, and some rounding. */
#define EXP_ERROR 560.0

static void exp_of_fixed_point_follows_the_real_function(void **state)
{
    (void)state;
    assert_int_equal(mote_fixed_exp_negative(0, 5), INT32_MAX);
    int32_t last = 0;
    for (int64_t x = INT32_MIN; x < 0; x += 999983) {
        const int32_t y = mote_fixed_exp_negative((int32_t)x, 5);
        const double real = exp((double)x / 67108864.0) * 2147483648.0;
        assert_true(fabs((double)y - real) < EXP_ERROR);
        assert_true((double)y >= (double)last - EXP_ERROR);
        last = y;
    }
    /* The same bits with 4 integer bits stand for half the argument. */
    assert_true(fabs((double)mote_fixed_exp_negative(-(1 << 27), 4) - exp(-1.0) * 2147483648.0) < EXP_ERROR);
}

/* Host and device each have their own source of exp: they must agree to the bit. */
static void exp_is_the_same_on_host_and_device(void **state)
{
    (void)state;
    for (int64_t x = INT32_MIN; x <= 0; x += 1234567)
        assert_int_equal(mote_fixed_exp_negative((int32_t)x, 5), mk_exp_negative((int32_t)x));
    for (int32_t x = -70; x <= 0; x++) assert_int_equal(mote_fixed_exp_negative(x, 5), mk_exp_negative(x));
}

static void reciprocal_follows_the_real_function(void **state)
{
    (void)state;
    assert_int_equal(mk_reciprocal_of_one_plus(0), INT32_MAX); /* 1 saturates */
    for (int64_t x = 0; x < INT32_MAX; x += 7654321) {
        const double real = 2147483648.0 / (1.0 + (double)x / 2147483648.0);
        assert_true(fabs((double)mk_reciprocal_of_one_plus((int32_t)x) - real) < 64.0);
    }
}

static void logistic_and_tanh_are_symmetric_and_close(void **state)
{
    (void)state;
    assert_int_equal(mote_fixed_logistic(0), 1 << 30);
    assert_int_equal(mote_fixed_tanh(0), 0);
    for (int32_t x = 12345; x < INT32_MAX - 3456789; x += 3456789) {
        const double real = (double)x / 134217728.0;
        assert_int_equal(mote_fixed_tanh(-x), -mote_fixed_tanh(x));
        assert_int_equal(mote_fixed_logistic(-x), INT32_MAX - mote_fixed_logistic(x));
        assert_true(fabs((double)mote_fixed_tanh(x) / 2147483648.0 - tanh(real)) < 1e-6);
        assert_true(fabs((double)mote_fixed_logistic(x) / 2147483648.0 - 1.0 / (1.0 + exp(-real))) < 1e-6);
    }
}

/* ---- Tables ---- */

static void table_of_requantization_rounds_twice(void **state)
{
    (void)state;
    int8_t table[MOTE_TABLE_S8];
    const struct mote_table_quant same = {0.1f, 0.1f, 5, 5}, half = {1.0f, 2.0f, 0, 0}, quarter = {1.0f, 4.0f, 0, 0};
    assert_null(mote_table_requantize(&same, table));
    for (int x = -128; x <= 127; x++) assert_int_equal(table[x + 128], x);
    /* 1/2 = 2^30 * 2^-31: only the first rounding acts, halves upwards: 1.5 to 2, -1.5 to -1. */
    assert_null(mote_table_requantize(&half, table));
    assert_int_equal(table[3 + 128], 2);
    assert_int_equal(table[-3 + 128], -1);
    assert_int_equal(table[-128 + 128], -64);
    /* 1/4 = 2^30 * 2^-32: 1 is 0.5 and so 1 after the first rounding, then 0.5 and so 1 again; -1 is -0.5 and so 0;
     * 5 is 2.5, 3, then 1.5, 2; -6 is -3, then -1.5 and, halves away from zero now, -2. */
    assert_null(mote_table_requantize(&quarter, table));
    assert_int_equal(table[1 + 128], 1);
    assert_int_equal(table[-1 + 128], 0);
    assert_int_equal(table[5 + 128], 2);
    assert_int_equal(table[-6 + 128], -2);
}

static void table_of_relu_clamps_at_zero_points(void **state)
{
    (void)state;
    int8_t table[MOTE_TABLE_S8];
    const struct mote_table_quant quant = {0.05f, 0.1f, -10, -128};
    assert_null(mote_table_relu(&quant, table));
    assert_int_equal(table[-128 + 128], -128);
    assert_int_equal(table[-10 + 128], -128); /* real 0 */
    assert_int_equal(table[0 + 128], -123);   /* real 0.5: 5 steps of 0.1 */
    assert_int_equal(table[127 + 128], -59);  /* 137 * 0.5 = 68.5: 69 steps */
    for (int i = 1; i < MOTE_TABLE_S8; i++) assert_true(table[i] >= table[i - 1]);
}

static void table_of_relu6_keeps_stored_values(void **state)
{
    (void)state;
    int8_t table[MOTE_TABLE_S8];
    const struct mote_table_quant quant = {0.05f, 0.7f, -60, 0}; /* 6 / 0.05 = 120 steps above -60 */
    assert_null(mote_table_relu6(&quant, table));
    assert_int_equal(table[-61 + 128], -60);
    assert_int_equal(table[13 + 128], 13);
    assert_int_equal(table[60 + 128], 60);
    assert_int_equal(table[61 + 128], 60);
    assert_int_equal(mote_table_quantized_six(1e-30f, 0, -128, 127), 127);
}

static void table_of_leaky_relu_scales_each_side(void **state)
{
    (void)state;
    int8_t table[MOTE_TABLE_S8];
    const struct mote_table_quant quant = {0.5f, 0.5f, 0, 0};
    assert_null(mote_table_leaky_relu(&quant, 0.5f, table));
    for (int x = 0; x <= 127; x++) assert_int_equal(table[x + 128], x);
    assert_int_equal(table[-7 + 128], -3); /* -3.5, halves upwards in the first rounding */
    assert_int_equal(table[-8 + 128], -4);
    assert_null(mote_table_leaky_relu(&quant, -1.0f, table)); /* the absolute value, but for rounding */
    assert_int_equal(table[-100 + 128], 100);
    assert_int_equal(table[-128 + 128], 127);
}

static void table_of_logistic_saturates_at_its_radius(void **state)
{
    (void)state;
    int8_t table[MOTE_TABLE_S8];
    /* 1/16 * 2^27 = 0.5 * 2^24: the radius is floor(15 * 2^27 / 2^24) = 120. */
    const struct mote_table_quant quant = {1.0f / 16.0f, 1.0f / 256.0f, 0, -128};
    assert_null(mote_table_logistic(&quant, table));
    assert_int_equal(table[0 + 128], 0); /* R(2^30, 23) - 128 */
    assert_int_equal(table[-120 + 128], -128);
    assert_int_equal(table[120 + 128], 127);
    for (int x = -128; x <= 127; x++) {
        const double real = 256.0 / (1.0 + exp(-x / 16.0)) - 128.0;
        assert_true(fabs(table[x + 128] - fmin(real, 127.0)) <= 0.51);
    }
    const struct mote_table_quant tiny = {1e-9f, 1.0f / 256.0f, 0, -128}, huge = {1e9f, 1.0f / 256.0f, 3, -128};
    assert_non_null(mote_table_logistic(&tiny, table));
    assert_null(mote_table_logistic(&huge, table)); /* radius 0: nothing between the bounds, the lower one first */
    assert_int_equal(table[3 + 128], -128);
    assert_int_equal(table[4 + 128], 127);
}

static void table_of_tanh_is_odd_where_it_does_not_saturate(void **state)
{
    (void)state;
    int8_t table[MOTE_TABLE_S8];
    const struct mote_table_quant quant = {1.0f / 32.0f, 1.0f / 128.0f, 0, 0};
    assert_null(mote_table_tanh(&quant, table));
    for (int x = -127; x <= 127; x++) {
        assert_true(fabs(table[x + 128] - fmin(128.0 * tanh(x / 32.0), 127.0)) <= 0.51);
        if (table[128 - x] > -127 && table[128 - x] < 127) assert_int_equal(table[x + 128], -table[128 - x]);
    }
}

static void table_of_hard_swish_follows_the_real_function(void **state)
{
    (void)state;
    int8_t table[MOTE_TABLE_S8];
    const struct mote_table_quant quant = {1.0f / 16.0f, 1.0f / 16.0f, 0, 0};
    assert_null(mote_table_hard_swish(&quant, table));
    for (int x = -128; x <= 127; x++) {
        const double real = x / 16.0;
        assert_true(fabs(table[x + 128] - 16.0 * real * fmin(fmax(real + 3.0, 0.0), 6.0) / 6.0) <= 1.0);
    }
    const struct mote_table_quant steep = {1.0f, 1.0f / 256.0f, 0, 0};
    assert_non_null(mote_table_hard_swish(&steep, table));
    /* Output scale 2^18 times the input's: the exponent is -24, past the 15 bits of the reference's mask, and so the last
     * shift gives 1 for products >= 0 and -1 for others; the zero point 10 is added. */
    const struct mote_table_quant flat = {1.0f / 262144.0f, 1.0f, 0, 10};
    assert_null(mote_table_hard_swish(&flat, table));
    assert_int_equal(table[100 + 128], 11);
    assert_int_equal(table[0 + 128], 11);
    assert_int_equal(table[-100 + 128], 9);
}

static void tables_of_softmax_end_at_known_values(void **state)
{
    (void)state;
    int16_t table[MOTE_TABLE_S16];
    mote_table_softmax_exp(table);
    assert_int_equal(table[512], 32767); /* exp(0), saturated */
    for (int i = 1; i < MOTE_TABLE_S16; i++) {
        assert_true(table[i] >= table[i - 1]);
        assert_true(fabs(table[i] - 32768.0 * exp(-10.0 + 10.0 * i / 512)) < 3.0);
    }
    mote_table_softmax_reciprocal(table);
    assert_int_equal(table[0], 32767);
    assert_int_equal(table[512], 16384);
    for (int i = 1; i < MOTE_TABLE_S16; i++)
        assert_true(fabs(table[i] - 32768.0 / (1.0 + i / 512.0)) < 1.5);
}

static double sigmoid_step(double i)
{
    return 65536.0 / (1.0 + exp(-i / 24.0));
}

/* With x * 256 table units, tanh on int16 shows entry x of the table less 32768. */
static void table_of_int16_sigmoid_is_its_formula(void **state)
{
    (void)state;
    struct mk_scale params = {.row_elements = 255, .in_ring = 1, .out_ring = 1, .multiplier = 256,
                              .act_min = INT16_MIN, .act_max = INT16_MAX};
    int16_t in[255], out[255];
    for (int i = 0; i < 255; i++) in[i] = (int16_t)i;
    mk_tanh_s16_ref(out, in, &params, 0, 1);
    for (int i = 0; i < 255; i++) {
        const double error = (sigmoid_step(i) + sigmoid_step(i + 1)) / 2 - sigmoid_step(i + 0.5);
        assert_int_equal(out[i] + 32768, (int)floor(sigmoid_step(i) - error / 2 + 0.5));
    }
    for (int i = 0; i < 255; i++) in[i] = (int16_t)(255 + i);
    mk_tanh_s16_ref(out, in, &params, 0, 1);
    for (int i = 0; i < 255; i++) assert_int_equal(out[i], 32767);
}

static void float_quantization_rounds_half_away_and_saturates(void **state)
{
    (void)state;
    struct mk_affine params = {.row_elements = 10, .in_ring = 1, .out_ring = 1, .zero_point = -1, .scale = 0.5f};
    const float in[10] = {0.25f, -0.25f, 0.24f, 0.75f, -0.75f, 1e30f, -1e30f, INFINITY, -INFINITY, NAN};
    const int8_t expected[10] = {0, -2, -1, 1, -3, 127, -128, 127, -128, -128};
    int8_t out[10];
    mk_quantize_f32_s8_ref(out, in, &params, 0, 1);
    assert_memory_equal(out, expected, sizeof out);
}

/* ---- Graphs of one operator ---- */

struct bench {
    struct mote_arena arena;
    struct mote_diag diag;
    struct mote_graph *graph;
    struct mote_plan *plan;
};

static void bench_open(struct bench *b)
{
    *b = (struct bench){0};
    mote_arena_init(&b->arena, (size_t)1 << 26);
    mote_diag_init(&b->diag, "");
    b->graph = mote_graph_new(&b->arena, "one operator");
    assert_non_null(b->graph);
}

static void bench_close(struct bench *b)
{
    mote_diag_free(&b->diag);
    mote_arena_free(&b->arena);
}

static int32_t add_tensor(struct bench *b, enum mote_dtype dtype, struct mote_shape shape, float scale, int64_t zero_point)
{
    struct mote_tensor tensor = {.name = "t", .dtype = dtype, .shape = shape};
    tensor.quant.count = 1;
    tensor.quant.scales = mote_arena_copy(&b->arena, &scale, sizeof scale);
    tensor.quant.zero_points = mote_arena_copy(&b->arena, &zero_point, sizeof zero_point);
    return mote_graph_add_tensor(b->graph, tensor);
}

static struct mote_shape shape_of(int rank, ...)
{
    struct mote_shape shape = {.rank = rank};
    va_list dims;
    va_start(dims, rank);
    for (int i = 0; i < rank; i++) shape.dims[i] = va_arg(dims, int);
    va_end(dims);
    return shape;
}

/* Adds the operator; activations that nothing writes become the graph's inputs. */
static struct mote_op *add_op(struct bench *b, enum mote_op_kind kind, int input_count, const int32_t *inputs,
                              int output_count, const int32_t *outputs)
{
    struct mote_op *op = mote_graph_add_op(b->graph, kind, inputs, input_count, outputs, output_count);
    assert_non_null(op);
    op->source_index = 3;
    op->source_type = mote_op_name(kind);
    int32_t *graph_inputs = MOTE_NEW_ARRAY(&b->arena, int32_t, (size_t)input_count);
    assert_non_null(graph_inputs);
    for (int i = 0; i < input_count; i++)
        if (!b->graph->tensors[inputs[i]].data) graph_inputs[b->graph->input_count++] = inputs[i];
    b->graph->inputs = graph_inputs;
    b->graph->outputs = mote_arena_copy(&b->arena, outputs, (size_t)output_count * sizeof *outputs);
    b->graph->output_count = output_count;
    return op;
}

static enum mote_status build(struct bench *b)
{
    return mote_plan_build(b->graph, mote_target_reference(), &b->arena, &b->plan, &b->diag);
}

static void assert_message(const struct bench *b, const char *part)
{
    for (size_t i = 0; i < b->diag.count; i++)
        if (strstr(b->diag.messages[i].text, part)) return;
    for (size_t i = 0; i < b->diag.count; i++) print_message("%s\n", b->diag.messages[i].text);
    fail_msg("no message contains \"%s\"", part);
}

/* Runs the plan on the inputs 0, 1, 2, ... and returns the output, in the arena. */
static const int8_t *run_on_counting_bytes(struct bench *b)
{
    const size_t in_bytes = mote_eval_input_bytes(b->plan), out_bytes = mote_eval_output_bytes(b->plan);
    uint8_t *in = mote_arena_calloc(&b->arena, 1, in_bytes), *out = mote_arena_calloc(&b->arena, 1, out_bytes);
    uint8_t *memory = mote_arena_calloc(&b->arena, 1, b->plan->arena_bytes);
    assert_true(in && out && memory);
    for (size_t i = 0; i < in_bytes; i++) in[i] = (uint8_t)i;
    mote_eval_run(b->plan, memory, in, out, NULL, NULL);
    return (const int8_t *)out;
}

/* ---- Shapes ---- */

static void shapes_broadcast_from_the_last_axis(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    const int32_t a = add_tensor(&b, MOTE_S8, shape_of(4, 2, 1, 5, 3), 1, 0);
    const int32_t c = add_tensor(&b, MOTE_S8, shape_of(3, 4, 1, 3), 1, 0);
    const int32_t out = add_tensor(&b, MOTE_S8, shape_of(4, 2, 4, 5, 3), 1, 0);
    struct mote_op *op = add_op(&b, MOTE_OP_ADD, 2, (const int32_t[]){a, c}, 1, &out);
    struct mote_shape shape;
    assert_int_equal(mote_shape_add(b.graph, op, 0, &shape, &b.diag), MOTE_OK);
    assert_true(mote_shape_equal(&shape, &b.graph->tensors[out].shape));
    b.graph->tensors[c].shape = shape_of(1, 2);
    shape.rank = 99;
    assert_int_equal(mote_shape_add(b.graph, op, 0, &shape, &b.diag), MOTE_ERR_INPUT);
    assert_int_equal(shape.rank, 99);
    assert_message(&b, "extent 2 does not broadcast with 3");
    bench_close(&b);
}

static void shape_errors_say_what_is_expected(void **state)
{
    (void)state;
    struct bench b;
    struct mote_shape shape;
    bench_open(&b);
    const int32_t a = add_tensor(&b, MOTE_S8, shape_of(2, 4, 6), 1, 0), out = add_tensor(&b, MOTE_S8, shape_of(2, 4, 6), 1, 0);
    struct mote_op *op = add_op(&b, MOTE_OP_SPLIT, 1, &a, 1, &out);
    op->attrs.split.axis = 2;
    assert_int_equal(mote_shape_split(b.graph, op, 0, &shape, &b.diag), MOTE_ERR_INPUT);
    assert_message(&b, "axis 2; expected 0 to 1");
    op->attrs.pad = (struct mote_attrs_pad){.after = {INT32_MAX}};
    assert_int_equal(mote_shape_pad(b.graph, op, 0, &shape, &b.diag), MOTE_ERR_INPUT);
    assert_message(&b, "padding of axis 0");
    op->attrs.strided_slice = (struct mote_attrs_strided_slice){.begin = {0, 5}, .size = {4, 4}, .stride = {1, -2}};
    assert_int_equal(mote_shape_strided_slice(b.graph, op, 0, &shape, &b.diag), MOTE_ERR_INPUT);
    assert_message(&b, "slice of axis 1: 4 elements from 5 by steps of -2 leave the extent 6");
    op->attrs.strided_slice.size[1] = 3;
    assert_int_equal(mote_shape_strided_slice(b.graph, op, 0, &shape, &b.diag), MOTE_OK);
    b.graph->tensors[out].shape = shape_of(1, 23);
    assert_int_equal(mote_shape_reshape(b.graph, op, 0, &shape, &b.diag), MOTE_ERR_INPUT);
    assert_message(&b, "has 23 elements, its input 24");
    bench_close(&b);
}

/* ---- Plans ---- */

/* Six axes of which neighbours broadcast alike: four remain. MAXIMUM needs no arithmetic to check. */
static void binary_operators_merge_axes_that_broadcast_alike(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    const int32_t a = add_tensor(&b, MOTE_S8, shape_of(6, 2, 3, 1, 1, 2, 2), 1, 0);
    const int32_t c = add_tensor(&b, MOTE_S8, shape_of(4, 2, 2, 1, 2), 1, 0);
    const int32_t out = add_tensor(&b, MOTE_S8, shape_of(6, 2, 3, 2, 2, 2, 2), 1, 0);
    add_op(&b, MOTE_OP_MAXIMUM, 2, (const int32_t[]){a, c}, 1, &out);
    assert_int_equal(build(&b), MOTE_OK);
    const int8_t *y = run_on_counting_bytes(&b);
    for (int i = 0; i < 96; i++) {
        const int w = i % 2, v = i / 2 % 2, u = i / 4 % 2, t = i / 8 % 2, outer = i / 16;
        const int from_a = (outer * 2 + v) * 2 + w, from_c = 24 + (t * 2 + u) * 2 + w;
        assert_int_equal(y[i], from_a > from_c ? from_a : from_c);
    }
    bench_close(&b);
}

static void broadcast_operands_are_kept_to_the_end(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    const int32_t a = add_tensor(&b, MOTE_S8, shape_of(4, 1, 8, 4, 2), 1, 0);
    const int32_t c = add_tensor(&b, MOTE_S8, shape_of(1, 2), 1, 0);
    const int32_t out = add_tensor(&b, MOTE_S8, shape_of(4, 1, 8, 4, 2), 4, 0);
    add_op(&b, MOTE_OP_ADD, 2, (const int32_t[]){a, c}, 1, &out);
    assert_int_equal(build(&b), MOTE_OK);
    const struct mote_step *step = &b.plan->steps[0];
    assert_int_equal(step->inputs[0].rows.stride, 1);
    assert_int_equal(step->inputs[1].rows.stride, 0);
    assert_int_equal(step->row_end, 8);
    assert_int_equal(step->output.row_bytes, 8);
    bench_close(&b);
}

static void constant_operands_are_loaded_once_before_use(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    const uint8_t values[3] = {1, 2, 3};
    const int32_t a = add_tensor(&b, MOTE_S8, shape_of(2, 4, 3), 1, 0), c = add_tensor(&b, MOTE_S8, shape_of(1, 3), 1, 0);
    b.graph->tensors[c].data = values;
    const int32_t out = add_tensor(&b, MOTE_S8, shape_of(2, 4, 3), 1, 0);
    add_op(&b, MOTE_OP_MAXIMUM, 2, (const int32_t[]){a, c}, 1, &out);
    assert_int_equal(build(&b), MOTE_OK);
    assert_int_equal(b.plan->step_count, 2);
    assert_string_equal(b.plan->steps[0].kernel->name, "load_ref");
    const int8_t *y = run_on_counting_bytes(&b);
    assert_int_equal(y[0], 1);
    assert_int_equal(y[2], 3);
    assert_int_equal(y[11], 11);
    bench_close(&b);
}

static void reshape_takes_no_step(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    const int32_t a = add_tensor(&b, MOTE_S8, shape_of(2, 4, 6), 1, 0), out = add_tensor(&b, MOTE_S8, shape_of(1, 24), 1, 0);
    add_op(&b, MOTE_OP_RESHAPE, 1, &a, 1, &out);
    assert_int_equal(build(&b), MOTE_OK);
    assert_int_equal(b.plan->step_count, 0);
    assert_int_equal(b.plan->tensor_buffers[a], b.plan->tensor_buffers[out]);
    bench_close(&b);
}

static void concatenation_is_complete_after_its_last_step(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    const int32_t in[3] = {add_tensor(&b, MOTE_S8, shape_of(2, 2, 1), 1, 0), add_tensor(&b, MOTE_S8, shape_of(2, 2, 3), 1, 0),
                           add_tensor(&b, MOTE_S8, shape_of(2, 2, 2), 1, 0)};
    const int32_t out = add_tensor(&b, MOTE_S8, shape_of(2, 2, 6), 1, 0);
    add_op(&b, MOTE_OP_CONCATENATION, 3, in, 1, &out)->attrs.concatenation.axis = 1;
    assert_int_equal(build(&b), MOTE_OK);
    assert_int_equal(b.plan->step_count, 3);
    for (int i = 0; i < 3; i++) assert_int_equal(b.plan->steps[i].completes_tensor, i == 2);
    const int8_t expected[12] = {0, 2, 3, 4, 8, 9, 1, 5, 6, 7, 10, 11};
    assert_memory_equal(run_on_counting_bytes(&b), expected, sizeof expected);
    bench_close(&b);
}

/* Columns 1 and 2 of 3 in each of 4 rows of the lower half: output row r reads input row r + 4 alone. */
static void slices_need_input_rows_one_by_one(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    const int32_t a = add_tensor(&b, MOTE_S8, shape_of(4, 1, 8, 3, 2), 1, 0);
    const int32_t out = add_tensor(&b, MOTE_S8, shape_of(4, 1, 4, 2, 2), 1, 0);
    struct mote_op *op = add_op(&b, MOTE_OP_STRIDED_SLICE, 1, &a, 1, &out);
    op->attrs.strided_slice =
        (struct mote_attrs_strided_slice){.begin = {0, 4, 1, 0}, .size = {1, 4, 2, 2}, .stride = {1, 1, 1, 1}};
    assert_int_equal(build(&b), MOTE_OK);
    const struct mote_operand *in = &b.plan->steps[0].inputs[0];
    assert_int_equal(in->row_bytes, 6);
    assert_int_equal(in->rows.in_rows, 8);
    assert_int_equal(in->rows.stride, 1);
    assert_int_equal(in->rows.pad, -4);
    assert_int_equal(in->window_rows, 1);
    const int8_t *y = run_on_counting_bytes(&b);
    for (int i = 0; i < 16; i++) assert_int_equal(y[i], (4 + i / 4) * 6 + 2 + i % 4);
    bench_close(&b);
}

/* Rank 5: the outer axes merge because the second has no border. */
static void padding_of_five_axes_merges_the_unpadded_ones(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    const int32_t a = add_tensor(&b, MOTE_S8, shape_of(5, 2, 2, 1, 2, 1), 1, 0);
    const int32_t out = add_tensor(&b, MOTE_S8, shape_of(5, 3, 2, 2, 3, 2), 1, 0);
    struct mote_op *op = add_op(&b, MOTE_OP_PAD, 1, &a, 1, &out);
    op->attrs.pad = (struct mote_attrs_pad){.before = {1, 0, 1, 0, 0}, .after = {0, 0, 0, 1, 1}, .value = -7};
    assert_int_equal(build(&b), MOTE_OK);
    const int8_t *y = run_on_counting_bytes(&b);
    for (int i = 0; i < 72; i++) {
        const int e = i % 2, d = i / 2 % 3, c = i / 6 % 2, bb = i / 12 % 2, n = i / 24;
        const bool inside = n > 0 && c > 0 && d < 2 && e < 1;
        assert_int_equal(y[i], inside ? ((n - 1) * 2 + bb) * 2 + d : -7);
    }
    bench_close(&b);
}

static void unsupported_operators_say_what_and_why(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    int32_t a = add_tensor(&b, MOTE_F32, shape_of(1, 4), 1, 0), out = add_tensor(&b, MOTE_S8, shape_of(1, 4), 1, 0);
    add_op(&b, MOTE_OP_RELU, 1, &a, 1, &out);
    assert_int_equal(build(&b), MOTE_ERR_UNSUPPORTED);
    assert_message(&b, "op 3 RELU");
    assert_message(&b, "types f32 to s8");
    bench_close(&b);

    bench_open(&b); /* the larger input scale is 2^19 times the output's */
    a = add_tensor(&b, MOTE_S8, shape_of(1, 4), 524288.0f, 0);
    out = add_tensor(&b, MOTE_S8, shape_of(1, 4), 1.0f, 0);
    add_op(&b, MOTE_OP_ADD, 2, (const int32_t[]){a, a}, 1, &out);
    assert_int_equal(build(&b), MOTE_ERR_UNSUPPORTED);
    assert_message(&b, "scales too far apart");
    bench_close(&b);

    bench_open(&b);
    a = add_tensor(&b, MOTE_S8, shape_of(1, 4), 1.0f, 0);
    out = add_tensor(&b, MOTE_S8, shape_of(1, 4), 1.0f / 256.0f, 0);
    add_op(&b, MOTE_OP_SOFTMAX, 1, &a, 1, &out)->attrs.softmax.beta = 1.0f;
    assert_int_equal(build(&b), MOTE_ERR_UNSUPPORTED);
    assert_message(&b, "scale 1/256 and zero point -128");
    bench_close(&b);
}

static void ignored_quantisation_is_warned_of(void **state)
{
    (void)state;
    struct bench b;
    bench_open(&b);
    const int32_t a = add_tensor(&b, MOTE_S8, shape_of(1, 4), 1.0f, 0), out = add_tensor(&b, MOTE_S8, shape_of(1, 4), 2.0f, 0);
    add_op(&b, MOTE_OP_RELU6, 1, &a, 1, &out);
    assert_int_equal(build(&b), MOTE_OK);
    assert_message(&b, "op 3 RELU6, tensor \"t\": is quantised otherwise");
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exp_of_fixed_point_follows_the_real_function),
        cmocka_unit_test(exp_is_the_same_on_host_and_device),
        cmocka_unit_test(reciprocal_follows_the_real_function),
        cmocka_unit_test(logistic_and_tanh_are_symmetric_and_close),
        cmocka_unit_test(table_of_requantization_rounds_twice),
        cmocka_unit_test(table_of_relu_clamps_at_zero_points),
        cmocka_unit_test(table_of_relu6_keeps_stored_values),
        cmocka_unit_test(table_of_leaky_relu_scales_each_side),
        cmocka_unit_test(table_of_logistic_saturates_at_its_radius),
        cmocka_unit_test(table_of_tanh_is_odd_where_it_does_not_saturate),
        cmocka_unit_test(table_of_hard_swish_follows_the_real_function),
        cmocka_unit_test(tables_of_softmax_end_at_known_values),
        cmocka_unit_test(table_of_int16_sigmoid_is_its_formula),
        cmocka_unit_test(float_quantization_rounds_half_away_and_saturates),
        cmocka_unit_test(shapes_broadcast_from_the_last_axis),
        cmocka_unit_test(shape_errors_say_what_is_expected),
        cmocka_unit_test(binary_operators_merge_axes_that_broadcast_alike),
        cmocka_unit_test(broadcast_operands_are_kept_to_the_end),
        cmocka_unit_test(constant_operands_are_loaded_once_before_use),
        cmocka_unit_test(reshape_takes_no_step),
        cmocka_unit_test(concatenation_is_complete_after_its_last_step),
        cmocka_unit_test(slices_need_input_rows_one_by_one),
        cmocka_unit_test(padding_of_five_axes_merges_the_unpadded_ones),
        cmocka_unit_test(unsupported_operators_say_what_and_why),
        cmocka_unit_test(ignored_quantisation_is_warned_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
