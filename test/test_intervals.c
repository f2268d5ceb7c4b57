/* Interval analysis: no value outside its interval, whatever the input; no interval wider than it must be where that can
 * be told. */
#include "../src/eval/eval.h"
#include "../src/import/tflite.h"
#include "../src/pass/intervals.h"
#include "random_graph.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int64_t value_at(const uint8_t *bytes, enum mote_dtype dtype, size_t i)
{
    int16_t wide;
    if (dtype == MOTE_S8) return (int8_t)bytes[i];
    if (dtype == MOTE_U8) return bytes[i];
    memcpy(&wide, bytes + 2 * i, 2);
    return wide;
}

struct watcher {
    const struct mote_plan *plan;
    const struct mote_intervals *intervals;
    size_t checked;
    uint64_t seed;
};

static void check_tensor(struct watcher *w, int32_t tensor, const uint8_t *bytes)
{
    const struct mote_tensor *t = &w->plan->graph->tensors[tensor];
    const int32_t channels = w->intervals->channel_counts[tensor];
    if (channels == 0) return;
    const size_t count = (size_t)mote_shape_elements(&t->shape);
    for (size_t i = 0; i < count; i++) {
        const int64_t value = value_at(bytes, t->dtype, i);
        const struct mote_interval x = mote_intervals_channel(w->intervals, tensor, (int32_t)(i % (size_t)channels));
        if (value < x.low || value > x.high) {
            const int32_t producer = mote_graph_producer(w->plan->graph, tensor);
            fail_msg("seed %" PRIu64 ", %s: channel %zu holds %" PRId64 ", outside [%" PRId64 ", %" PRId64 "]", w->seed,
                     mote_op_name(w->plan->graph->ops[producer].kind), i % (size_t)channels, value, x.low, x.high);
        }
        w->checked++;
    }
}

/* Every tensor that lies in the buffer: reshapes are aliases. */
static void check_step(void *context, int32_t step, const uint8_t *bytes, size_t size_bytes)
{
    struct watcher *w = context;
    (void)size_bytes;
    const int32_t buffer = w->plan->steps[step].output.buffer;
    for (int32_t t = 0; t < w->plan->graph->tensor_count; t++)
        if (w->plan->tensor_buffers[t] == buffer) check_tensor(w, t, bytes);
}

static struct mote_plan *reference_plan(const struct mote_graph *graph, struct mote_arena *arena, uint64_t seed)
{
    struct mote_plan *plan = NULL;
    struct mote_diag diag;
    mote_diag_init(&diag, "random");
    enum mote_status status = mote_graph_verify(graph, &diag);
    if (status == MOTE_OK) status = mote_plan_build(graph, mote_target_reference(), arena, &plan, &diag);
    if (status != MOTE_OK) fail_msg("seed %" PRIu64 ": %s", seed, diag.count ? diag.messages[0].text : "no message");
    mote_plan_spread(plan);
    mote_diag_free(&diag);
    return plan;
}

static size_t check_graph(uint64_t seed, bool wide, int vectors)
{
    struct mote_arena arena;
    mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
    struct mote_rng rng;
    mote_rng_seed(&rng, seed);
    struct mote_graph *graph = random_graph(&arena, &rng, 8, wide);
    size_t checked = 0;
    if (graph) {
        struct watcher w = {.plan = reference_plan(graph, &arena, seed), .seed = seed};
        struct mote_intervals *intervals = NULL;
        assert_int_equal(mote_intervals_build(graph, &arena, &intervals, NULL), MOTE_OK);
        w.intervals = intervals;
        uint8_t *memory = mote_arena_calloc(&arena, w.plan->arena_bytes, 1);
        uint8_t *input = mote_arena_calloc(&arena, mote_eval_input_bytes(w.plan), 1);
        uint8_t *output = mote_arena_calloc(&arena, mote_eval_output_bytes(w.plan), 1);
        for (int i = 0; i < vectors; i++) {
            random_graph_input(graph, &rng, i % 5, input);
            mote_eval_run(w.plan, memory, input, output, check_step, &w);
        }
        checked = w.checked;
    }
    mote_arena_free(&arena);
    return checked;
}

static void values_lie_in_their_intervals(void **state)
{
    (void)state;
    const char *wish = getenv("MOTE_LONG");
    const bool more = wish && wish[0] == '1';
    size_t checked = 0;
    for (uint64_t seed = 0; seed < (more ? 10000 : 300); seed++) checked += check_graph(seed, seed % 4 == 3, 12);
    assert_true(checked > 100000);
}

/* A dense layer on the input reaches both ends of every sum's interval: the analysis is as narrow as can be there. */
static void ends_of_first_layers_are_reached(void **state)
{
    (void)state;
    struct mote_arena arena;
    mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
    struct mote_graph *graph = mote_graph_new(&arena, "dense");
    enum { IN = 6, OUT = 3 };
    const int64_t weights[OUT * IN] = {5, -7, 0, 100, -128, 1, 0, 0, 0, 0, 0, 0, -1, -2, -3, -4, -5, -6};
    const int64_t biases[OUT] = {-1000, 77, 123456};
    const int32_t x = test_graph_activation(graph, MOTE_S8, 0.1f, 11);
    graph->tensors[x].shape = (struct mote_shape){2, {1, IN}};
    const int32_t w = test_graph_constant(graph, MOTE_S8, (struct mote_shape){2, {OUT, IN}}, weights, 0.1f);
    const int32_t b = test_graph_constant(graph, MOTE_S32, (struct mote_shape){1, {OUT}}, biases, 0.01f);
    const int32_t y = test_graph_activation(graph, MOTE_S8, 1.5f, -3);
    graph->inputs = mote_arena_copy(&arena, &x, sizeof x);
    graph->outputs = mote_arena_copy(&arena, &y, sizeof y);
    graph->input_count = graph->output_count = 1;
    assert_non_null(mote_graph_add_op(graph, MOTE_OP_FULLY_CONNECTED, (int32_t[]){x, w, b}, 3, &y, 1));
    assert_true(test_graph_shape_last_op(graph));
    struct mote_intervals *intervals = NULL;
    assert_int_equal(mote_intervals_build(graph, &arena, &intervals, NULL), MOTE_OK);
    struct mote_plan *plan = reference_plan(graph, &arena, 0);
    uint8_t *memory = mote_arena_calloc(&arena, plan->arena_bytes, 1);
    for (int32_t o = 0; o < OUT; o++)
        for (int side = 0; side < 2; side++) {
            int8_t input[IN], output[OUT];
            int64_t sum = biases[o];
            for (int32_t i = 0; i < IN; i++) {
                input[i] = (weights[o * IN + i] > 0) == (side > 0) ? INT8_MAX : INT8_MIN;
                sum += (input[i] - 11) * weights[o * IN + i];
            }
            mote_eval_run(plan, memory, (const uint8_t *)input, (uint8_t *)output, NULL, NULL);
            const struct mote_interval s = intervals->accumulators[0].sums[o], v = mote_intervals_channel(intervals, y, o);
            assert_int_equal(side ? s.high : s.low, sum);
            assert_int_equal(side ? v.high : v.low, output[o]);
        }
    /* (x + 128) * (w + 128), all of it positive */
    struct mote_interval partial;
    assert_true(mote_intervals_partial_sums(intervals, 0, 1, 128, 128, &partial));
    assert_int_equal(partial.low, 0);
    assert_int_equal(partial.high, IN * 255 * 128);
    assert_int_equal(mote_interval_unsigned_bits(partial), 18);
    assert_true(mote_intervals_partial_sums(intervals, 0, 2, -11, 0, &partial));
    assert_int_equal(partial.low, -21 * (INT8_MAX - 11));
    assert_int_equal(partial.high, 21 * (11 - INT8_MIN));
    assert_false(mote_intervals_partial_sums(intervals, 0, OUT, 0, 0, &partial));
    mote_arena_free(&arena);
}

/* Least and greatest sum over all output positions of one convolution whose input takes any int8 value, tap by tap. */
static struct mote_interval brute_force(const struct mote_graph *g, const struct mote_op *op, int32_t o)
{
    const struct mote_tensor *x = &g->tensors[op->inputs[0]], *w = &g->tensors[op->inputs[1]];
    const int32_t *in = x->shape.dims, *out = g->tensors[op->outputs[0]].shape.dims, *f = w->shape.dims;
    const struct mote_attrs_conv *a = &op->attrs.conv;
    const bool depthwise = op->kind == MOTE_OP_DEPTHWISE_CONV_2D;
    const int32_t per_group = depthwise ? out[3] / in[3] : out[3] / (in[3] / f[3]);
    struct mote_interval hull = {INT64_MAX, INT64_MIN};
    for (int32_t oy = 0; oy < out[1]; oy++)
        for (int32_t ox = 0; ox < out[2]; ox++) {
            int64_t low = 0, high = 0;
            for (int32_t iy = 0; iy < in[1]; iy++)
                for (int32_t ix = 0; ix < in[2]; ix++)
                    for (int32_t c = 0; c < in[3]; c++)
                        for (int32_t fy = 0; fy < f[1]; fy++)
                            for (int32_t fx = 0; fx < f[2]; fx++) {
                                const bool meets =
                                    op->kind == MOTE_OP_TRANSPOSE_CONV
                                        ? iy * a->stride_h + fy - a->pad_top == oy && ix * a->stride_w + fx - a->pad_left == ox
                                        : oy * a->stride_h + fy * a->dilation_h - a->pad_top == iy &&
                                              ox * a->stride_w + fx * a->dilation_w - a->pad_left == ix;
                                const int32_t group = o / per_group, channels = depthwise ? 1 : f[3];
                                if (!meets || c / channels != (channels == in[3] ? 0 : group)) continue;
                                const int32_t at = depthwise ? (fy * f[2] + fx) * out[3] + o
                                                             : ((o * f[1] + fy) * f[2] + fx) * f[3] + c % f[3];
                                const int64_t weight = (int8_t)w->data[at], zero_point = mote_tensor_zero_point(x);
                                const int64_t p = (INT8_MIN - zero_point) * weight, q = (INT8_MAX - zero_point) * weight;
                                low += p < q ? p : q;
                                high += p < q ? q : p;
                            }
            if (low < hull.low) hull.low = low;
            if (high > hull.high) hull.high = high;
        }
    return hull;
}

/* Also with padding, strides, dilation and groups, and for transposed convolutions: exactly the reachable sums. */
static void sums_of_first_layers_are_exact(void **state)
{
    (void)state;
    int compared = 0;
    for (uint64_t seed = 0; seed < 400; seed++) {
        struct mote_arena arena;
        mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
        struct mote_rng rng;
        mote_rng_seed(&rng, seed + 5000);
        const struct mote_graph *graph = random_graph(&arena, &rng, 1, false);
        struct mote_intervals *intervals = NULL;
        if (graph) assert_int_equal(mote_intervals_build(graph, &arena, &intervals, NULL), MOTE_OK);
        const struct mote_op *op = graph ? &graph->ops[0] : NULL;
        for (int32_t o = 0; op && op->kind <= MOTE_OP_TRANSPOSE_CONV && o < intervals->accumulators[0].channels; o++) {
            struct mote_interval expected = brute_force(graph, op, o);
            const int64_t bias = mote_weights_bias(intervals->accumulators[0].weights, o);
            assert_int_equal(intervals->accumulators[0].sums[o].low, expected.low + bias);
            assert_int_equal(intervals->accumulators[0].sums[o].high, expected.high + bias);
            compared++;
        }
        mote_arena_free(&arena);
    }
    assert_true(compared > 500);
}

/* A constant channel is not constant behind a padded convolution: its border reads the zero point. */
static void padding_widens_sums(void **state)
{
    (void)state;
    for (int32_t padding = 0; padding < 2; padding++) {
        struct mote_arena arena;
        mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
        struct mote_graph *graph = mote_graph_new(&arena, "padded");
        const int64_t zero[1] = {0}, bias[1] = {50}, ones[9] = {1, 1, 1, 1, 1, 1, 1, 1, 1};
        const int32_t x = test_graph_activation(graph, MOTE_S8, 1.0f, 0);
        graph->tensors[x].shape = (struct mote_shape){4, {1, 4, 4, 1}};
        const int32_t w1 = test_graph_constant(graph, MOTE_S8, (struct mote_shape){4, {1, 1, 1, 1}}, zero, 1.0f);
        const int32_t b1 = test_graph_constant(graph, MOTE_S32, (struct mote_shape){1, {1}}, bias, 1.0f);
        const int32_t w2 = test_graph_constant(graph, MOTE_S8, (struct mote_shape){4, {1, 3, 3, 1}}, ones, 1.0f);
        const int32_t fifty = test_graph_activation(graph, MOTE_S8, 1.0f, 0);
        const int32_t y = test_graph_activation(graph, MOTE_S8, 10.0f, 0);
        struct mote_op *op = mote_graph_add_op(graph, MOTE_OP_CONV_2D, (int32_t[]){x, w1, b1}, 3, &fifty, 1);
        op->attrs.conv = (struct mote_attrs_conv){1, 1, 1, 1, 0, 0, 0, 0, MOTE_ACT_NONE};
        assert_true(test_graph_shape_last_op(graph));
        op = mote_graph_add_op(graph, MOTE_OP_CONV_2D, (int32_t[]){fifty, w2}, 2, &y, 1);
        op->attrs.conv = (struct mote_attrs_conv){1, 1, 1, 1, padding, padding, padding, padding, MOTE_ACT_NONE};
        assert_true(test_graph_shape_last_op(graph));
        struct mote_intervals *intervals = NULL;
        assert_int_equal(mote_intervals_build(graph, &arena, &intervals, NULL), MOTE_OK);
        assert_int_equal(mote_intervals_channel(intervals, fifty, 0).low, 50);
        assert_int_equal(mote_intervals_channel(intervals, fifty, 0).high, 50);
        const struct mote_interval sum = intervals->accumulators[1].sums[0];
        assert_int_equal(sum.high, 450);
        /* with padding the corner sums four taps */
        assert_int_equal(sum.low, padding ? 200 : 450);
        mote_arena_free(&arena);
    }
}

/* What the analysis requantises with is what the kernels get. */
static void multipliers_are_those_of_lowering(void **state)
{
    (void)state;
    size_t compared = 0;
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct mote_arena arena;
        mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
        struct mote_rng rng;
        mote_rng_seed(&rng, seed + 1000);
        struct mote_graph *graph = random_graph(&arena, &rng, 8, seed % 3 == 0);
        if (graph) {
            const struct mote_plan *plan = reference_plan(graph, &arena, seed);
            struct mote_intervals *intervals = NULL;
            assert_int_equal(mote_intervals_build(graph, &arena, &intervals, NULL), MOTE_OK);
            for (int32_t i = 0; i < plan->step_count; i++) {
                const struct mote_step *step = &plan->steps[i];
                const struct mote_accumulators *acc = &intervals->accumulators[step->op];
                const char *type = step->kernel->params->name;
                if (!strncmp(type, "mk_conv", 7) || !strncmp(type, "mk_fully", 8)) assert_true(acc->channels > 0);
                if (strcmp(type, "mk_conv") != 0 && strcmp(type, "mk_conv_wide") != 0) continue;
                const bool wide = !strcmp(type, "mk_conv_wide");
                const struct mk_conv *p = step->params;
                const struct mk_conv_wide *q = step->params;
                assert_int_equal(acc->wide, wide);
                assert_int_equal(acc->act_min, wide ? q->act_min : p->act_min);
                assert_int_equal(acc->act_max, wide ? q->act_max : p->act_max);
                assert_int_equal(acc->out_zero_point, wide ? q->out_zero_point : p->out_zero_point);
                for (int32_t c = 0; c < acc->channels; c++) {
                    assert_int_equal(acc->multiplier[c], wide ? q->multiplier[c] : p->multiplier[c]);
                    assert_int_equal(acc->shift[c], wide ? q->shift[c] : p->shift[c]);
                    compared++;
                }
            }
        }
        mote_arena_free(&arena);
    }
    assert_true(compared > 200);
}

static void bits_hold_the_interval(void **state)
{
    (void)state;
    assert_int_equal(mote_interval_bits((struct mote_interval){0, 0}), 1);
    assert_int_equal(mote_interval_bits((struct mote_interval){-128, 127}), 8);
    assert_int_equal(mote_interval_bits((struct mote_interval){-129, 0}), 9);
    assert_int_equal(mote_interval_bits((struct mote_interval){0, 8388607}), 24);
    assert_int_equal(mote_interval_bits((struct mote_interval){0, 8388608}), 25);
    assert_int_equal(mote_interval_bits((struct mote_interval){INT64_MIN, 0}), 64);
    assert_int_equal(mote_interval_unsigned_bits((struct mote_interval){0, 65535}), 16);
    assert_int_equal(mote_interval_unsigned_bits((struct mote_interval){0, 65536}), 17);
    assert_int_equal(mote_interval_unsigned_bits((struct mote_interval){-1, 5}), 65);
}

static void every_failed_allocation_is_reported(void **state)
{
    (void)state;
    struct mote_arena arena;
    mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
    struct mote_rng rng;
    mote_rng_seed(&rng, 3);
    struct mote_graph *graph = random_graph(&arena, &rng, 6, false);
    assert_non_null(graph);
    enum mote_status status = MOTE_ERR_MEMORY;
    for (long k = 0; status != MOTE_OK; k++) {
        struct mote_arena small;
        mote_arena_init(&small, MOTE_ARENA_DEFAULT_LIMIT);
        small.fail_after = k;
        struct mote_intervals *intervals = NULL;
        status = mote_intervals_build(graph, &small, &intervals, NULL);
        assert_true(status == MOTE_OK || (status == MOTE_ERR_MEMORY && !intervals));
        mote_arena_free(&small);
    }
    mote_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_lie_in_their_intervals),
        cmocka_unit_test(ends_of_first_layers_are_reached),
        cmocka_unit_test(sums_of_first_layers_are_exact),
        cmocka_unit_test(padding_widens_sums),
        cmocka_unit_test(multipliers_are_those_of_lowering),
        cmocka_unit_test(bits_hold_the_interval),
        cmocka_unit_test(every_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
