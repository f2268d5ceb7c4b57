/* Plans of constant time on the simulated chip: the same bytes as the reference, and the same number of cycles for every
 * input; without them, different ones. */
#include "../src/api/session.h"
#include "../src/base/file.h"
#include "tflite_writer.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CHIP "atmega1284p"
enum { RANDOM_VECTORS = 4, FILLED_VECTORS = 4, VECTORS = RANDOM_VECTORS + FILLED_VECTORS, LAYERS = 24 };

static bool have_chip(void)
{
    for (size_t i = 0; i < mote_target_count(); i++)
        if (!strcmp(mote_target_info(i).name, CHIP)) return mote_target_info(i).available;
    return false;
}

/* All least, all greatest, all zero, one greatest among least ones, random. */
static uint8_t *make_input(const struct mote *mote, struct mote_rng *rng)
{
    static const uint8_t fills[FILLED_VECTORS] = {0x80, 0x7f, 0x00, 0x80};
    const size_t bytes = mote_model_info(mote)->vector_input_bytes;
    uint8_t *input = malloc(VECTORS * bytes);
    assert_non_null(input);
    for (size_t v = 0; v < FILLED_VECTORS; v++) memset(input + v * bytes, fills[v], bytes);
    input[3 * bytes + mote_rng_below(rng, bytes)] = 0x7f;
    mote_rng_fill(rng, input + FILLED_VECTORS * bytes, RANDOM_VECTORS * bytes);
    return input;
}

static void check_status(struct mote *mote, enum mote_status status)
{
    for (size_t i = 0; status != MOTE_OK && i < mote_message_count(mote); i++) print_error("%s\n", mote_message(mote, i)->text);
    assert_int_equal(status, MOTE_OK);
}

/* Cycles of an inference under the options: least and greatest over the vectors. */
static struct mote_run_report run(struct mote *mote, const struct mote_plan_options *options, const uint8_t *input)
{
    struct mote_run_report report;
    check_status(mote, mote_plan_with(mote, CHIP, options));
    check_status(mote, mote_run(mote, &(struct mote_run_options){.input = input, .vector_count = VECTORS}, &report));
    return report;
}

static void verify(struct mote *mote, const uint8_t *input)
{
    struct mote_verify_report report;
    check_status(mote, mote_verify(mote, &(struct mote_verify_options){.input = input, .input_vectors = VECTORS}, &report));
}

/* ---- Random layers ---- */

struct layer {
    enum tflw_operator operator;
    int32_t in_h, in_w, in_c, out_c, filter_h, filter_w, stride;
    bool same, relu;
    int64_t in_zero_point, out_zero_point;
};

static int32_t between(struct mote_rng *rng, int32_t low, int32_t high)
{
    return low + (int32_t)mote_rng_below(rng, (uint64_t)(high - low + 1));
}

static struct layer random_layer(struct mote_rng *rng, int kind)
{
    struct layer l = {.operator = TFLW_CONV_2D, .in_h = between(rng, 1, 7), .in_w = between(rng, 1, 7), .in_c = between(rng, 1, 40),
                      .out_c = between(rng, 1, 20), .filter_h = between(rng, 1, 4), .filter_w = between(rng, 1, 4),
                      .stride = between(rng, 1, 2), .same = true, .relu = mote_rng_below(rng, 2)};
    static const int64_t zero_points[] = {-128, -128, 0, 5, 127};
    l.in_zero_point = zero_points[mote_rng_below(rng, 5)];
    l.out_zero_point = l.relu ? -128 : zero_points[mote_rng_below(rng, 5)];
    if (kind % 3 == 1) {
        l.operator = TFLW_DEPTHWISE_CONV_2D;
        l.out_c = l.in_c;
    }
    if (kind % 6 == 2) {
        l.operator = TFLW_FULLY_CONNECTED;
        l.in_h = l.in_w = l.filter_h = l.filter_w = l.stride = 1;
        l.in_c = between(rng, 1, 600);
    }
    if (kind % 6 == 5) {
        l.operator = TFLW_AVERAGE_POOL_2D;
        l.in_h = l.filter_h = between(rng, 1, 20);
        l.filter_w = between(rng, 2, 6);
        l.in_w = l.filter_w + between(rng, 0, 3);
        l.in_c = between(rng, 1, 20);
        l.out_c = l.in_c;
        l.same = l.relu = false;
        l.out_zero_point = l.in_zero_point;
    }
    return l;
}

static int activation(struct tflw *w, const char *name, float scale, int64_t zero_point, size_t rank, const int32_t *dims)
{
    const struct tflw_quant quant = {&scale, &zero_point, 1, 0};
    return tflw_tensor(w, name, TFLW_INT8, rank, dims, &quant, NULL, 0);
}

/* Weights of one scale per channel, and a bias. */
static void add_weights(struct tflw *w, const struct layer *l, struct mote_rng *rng, int tensors[2])
{
    enum { MOST_WEIGHTS = 1 << 14, MOST_CHANNELS = 64 };
    static int8_t data[MOST_WEIGHTS];
    float scales[MOST_CHANNELS];
    int32_t bias[MOST_CHANNELS];
    const bool dense = l->operator == TFLW_FULLY_CONNECTED, depthwise = l->operator == TFLW_DEPTHWISE_CONV_2D;
    const int32_t in_c = depthwise ? 1 : l->in_c;
    const size_t count = (size_t)(l->filter_h * l->filter_w * in_c * l->out_c);
    assert_true(count <= MOST_WEIGHTS && l->out_c <= MOST_CHANNELS);
    for (size_t i = 0; i < count; i++) data[i] = (int8_t)between(rng, -127, 127);
    for (int32_t o = 0; o < l->out_c; o++) {
        scales[o] = (float)(0.004 + 0.012 * mote_rng_unit(rng));
        bias[o] = between(rng, -20000, 20000);
    }
    const int32_t matrix[] = {l->out_c, l->in_c}, planes[] = {1, l->filter_h, l->filter_w, l->out_c};
    const int32_t filters[] = {l->out_c, l->filter_h, l->filter_w, l->in_c};
    const struct tflw_quant quant = {scales, NULL, dense ? 1 : (size_t)l->out_c, depthwise ? 3 : 0};
    tensors[0] = tflw_tensor(w, "weights", TFLW_INT8, dense ? 2 : 4, dense ? matrix : depthwise ? planes : filters, &quant, data, count);
    tensors[1] = tflw_tensor(w, "bias", TFLW_INT32, 1, &l->out_c, NULL, bias, (size_t)l->out_c * sizeof *bias);
}

static uint8_t *write_layer(const struct layer *l, struct mote_rng *rng, size_t *bytes)
{
    struct tflw *w = tflw_new();
    const bool dense = l->operator == TFLW_FULLY_CONNECTED, pool = l->operator == TFLW_AVERAGE_POOL_2D;
    const int32_t out_h = l->same ? (l->in_h + l->stride - 1) / l->stride : (l->in_h - l->filter_h + l->stride) / l->stride;
    const int32_t out_w = l->same ? (l->in_w + l->stride - 1) / l->stride : (l->in_w - l->filter_w + l->stride) / l->stride;
    const int32_t in_dims[] = {1, l->in_h, l->in_w, l->in_c}, out_dims[] = {1, out_h, out_w, l->out_c};
    const int32_t flat[] = {1, l->in_c}, out_flat[] = {1, l->out_c};
    const double taps = (double)l->filter_h * l->filter_w * (l->operator == TFLW_DEPTHWISE_CONV_2D ? 1 : l->in_c);
    const float out_scale = pool ? 0.03f : (float)(sqrt(taps) * 74.0 * 74.0 * 0.03 * 0.01 / 64.0 * ldexp(1.0, between(rng, -2, 2)));
    int tensors[3];
    tensors[0] = activation(w, "x", 0.03f, l->in_zero_point, dense ? 2 : 4, dense ? flat : in_dims);
    const int y = activation(w, "y", out_scale, l->out_zero_point, dense ? 2 : 4, dense ? out_flat : out_dims);
    if (!pool) add_weights(w, l, rng, tensors + 1);
    tflw_op(w, l->operator, 0, tensors, pool ? 1 : 3, &y, 1,
            &(struct tflw_options){.padding = l->same ? TFLW_SAME : TFLW_VALID,
                                   .activation = l->relu ? TFLW_ACTIVATION_RELU : TFLW_ACTIVATION_NONE,
                                   .stride_w = l->stride, .stride_h = l->stride,
                                   .filter_w = l->filter_w, .filter_h = l->filter_h});
    tflw_io(w, tensors, 1, &y, 1);
    uint8_t *file = tflw_finish(w, bytes);
    if (!file) fail_msg("%s", tflw_error(w));
    tflw_free(w);
    return file;
}

static void layers_take_the_same_time_and_give_the_same_bytes(void **state)
{
    (void)state;
    struct mote_rng rng;
    mote_rng_seed(&rng, 5);
    for (int i = 0; have_chip() && i < LAYERS; i++) {
        const struct layer l = random_layer(&rng, i);
        size_t bytes;
        uint8_t *file = write_layer(&l, &rng, &bytes);
        struct mote *mote = mote_new();
        check_status(mote, mote_load_memory(mote, "layer.tflite", file, bytes));
        uint8_t *input = make_input(mote, &rng);
        const struct mote_run_report report = run(mote, &(struct mote_plan_options){.constant_time = true}, input);
        if (report.cycles_min != report.cycles_max) print_error("layer %d: %.0f to %.0f cycles\n", i, report.cycles_min, report.cycles_max);
        assert_true(report.cycles_min > 0 && report.cycles_min == report.cycles_max);
        assert_non_null(strstr(mote_plan_info(mote)->steps[mote_plan_info(mote)->step_count - 1].kernel, "_steady_avr"));
        verify(mote, input);
        free(input);
        mote_free(mote);
        free(file);
    }
}

/* One operator's model: constant cycles, and the reference's bytes. */
static void check_file(struct tflw *w, const char *kernel, struct mote_rng *rng)
{
    size_t bytes;
    uint8_t *file = tflw_finish(w, &bytes);
    if (!file) fail_msg("%s", tflw_error(w));
    tflw_free(w);
    struct mote *mote = mote_new();
    check_status(mote, mote_load_memory(mote, "layer.tflite", file, bytes));
    uint8_t *input = make_input(mote, rng);
    const struct mote_run_report report = run(mote, &(struct mote_plan_options){.constant_time = true}, input);
    assert_string_equal(mote_plan_info(mote)->steps[mote_plan_info(mote)->step_count - 1].kernel, kernel);
    if (report.cycles_min != report.cycles_max) print_error("%s: %.0f to %.0f cycles\n", kernel, report.cycles_min, report.cycles_max);
    assert_true(report.cycles_min > 0 && report.cycles_min == report.cycles_max);
    verify(mote, input);
    free(input);
    mote_free(mote);
    free(file);
}

static void softmax_takes_the_same_time(void **state)
{
    (void)state;
    static const float scales[] = {0.0001f, 0.004f, 0.06f, 0.31f, 1.0f, 20.0f};
    static const int32_t depths[] = {1, 2, 700, 12, 3, 300};
    struct mote_rng rng;
    mote_rng_seed(&rng, 7);
    for (size_t i = 0; have_chip() && i < sizeof scales / sizeof scales[0]; i++) {
        const int32_t dims[] = {2, depths[i]};
        struct tflw *w = tflw_new();
        const int in = activation(w, "in", scales[i], between(&rng, -128, 127), 2, dims);
        const int out = activation(w, "out", 1.0f / 256.0f, -128, 2, dims);
        tflw_op(w, TFLW_SOFTMAX, 0, &in, 1, &out, 1, &(struct tflw_options){.beta = 1.0f});
        tflw_io(w, &in, 1, &out, 1);
        check_file(w, depths[i] == 2 ? "mk_softmax_pair_s8_avr" : "mk_softmax_table_s8_steady_avr", &rng);
    }
}

static void sums_take_the_same_time(void **state)
{
    (void)state;
    struct mote_rng rng;
    mote_rng_seed(&rng, 8);
    for (int i = 0; have_chip() && i < 4; i++) {
        const int32_t dims[] = {1, 5, 3, 7};
        struct tflw *w = tflw_new();
        const int inputs[] = {activation(w, "a", 0.05f, between(&rng, -128, 127), 4, dims),
                              activation(w, "b", 0.03f, between(&rng, -128, 127), 4, dims)};
        const int out = activation(w, "out", i % 2 ? 0.07f : 0.11f, between(&rng, -128, 127), 4, dims);
        const struct tflw_options options = {.activation = i % 2 ? TFLW_ACTIVATION_RELU : TFLW_ACTIVATION_NONE};
        tflw_op(w, i < 2 ? TFLW_ADD : TFLW_SUB, 0, inputs, 2, &out, 1, &options);
        tflw_io(w, inputs, 2, &out, 1);
        check_file(w, "mk_sum_tables_s8_steady_avr", &rng);
    }
}

/* ---- Whole models ---- */

static void check_model(const char *path, const char *golden_in)
{
    if (!have_chip() || !mote_file_exists(path)) skip();
    struct mote *mote = mote_new();
    struct mote_rng rng;
    const uint8_t *golden;
    size_t golden_count;
    mote_rng_seed(&rng, 6);
    check_status(mote, mote_load(mote, path));
    check_status(mote, mote_read_input(mote, golden_in, &golden, &golden_count));
    const size_t bytes = mote_model_info(mote)->vector_input_bytes;
    uint8_t *input = make_input(mote, &rng);
    assert_true(golden_count > 16);
    memcpy(input + (VECTORS - 1) * bytes, golden + 16 * bytes, bytes); /* a realistic one */
    const struct mote_run_report usual = run(mote, NULL, input);
    assert_true(usual.cycles_min < usual.cycles_max);
    const struct mote_run_report steady = run(mote, &(struct mote_plan_options){.constant_time = true}, input);
    print_message("%s: %.0f cycles; otherwise %.0f to %.0f\n", path, steady.cycles_max, usual.cycles_min, usual.cycles_max);
    assert_true(steady.cycles_min == steady.cycles_max);
    free(input);
    mote_free(mote);
}

static void keyword_spotting_takes_the_same_time(void **state)
{
    (void)state;
    check_model("../shared/models/kws_ref_model.tflite", "../shared/golden/kws_ref_model.in.bin");
}

/* ---- Refusals ---- */

static void what_has_no_such_kernel_is_named(void **state)
{
    (void)state;
    static const int32_t dims[] = {1, 4, 4, 2}, pooled[] = {1, 2, 2, 2};
    struct tflw *w = tflw_new();
    const int x = activation(w, "x", 0.1f, 3, 4, dims), y = activation(w, "the peaks", 0.1f, 3, 4, pooled);
    tflw_op(w, TFLW_MAX_POOL_2D, 0, &x, 1, &y, 1,
            &(struct tflw_options){.padding = TFLW_VALID, .stride_w = 2, .stride_h = 2, .filter_w = 2, .filter_h = 2});
    tflw_io(w, &x, 1, &y, 1);
    size_t bytes;
    uint8_t *file = tflw_finish(w, &bytes);
    tflw_free(w);
    struct mote *mote = mote_new();
    assert_true(mote && file);
    check_status(mote, mote_load_memory(mote, "peaks.tflite", file, bytes));
    const struct mote_plan_options options = {.constant_time = true};
    assert_int_equal(mote_plan_with(mote, CHIP, &options), MOTE_ERR_UNSUPPORTED);
    const char *text = mote_message(mote, mote_message_count(mote) - 1)->text;
    assert_non_null(strstr(text, "MAX_POOL_2D, tensor \"the peaks\""));
    assert_non_null(strstr(text, "constant time"));
    assert_null(mote_plan_info(mote));
    check_status(mote, mote_plan_with(mote, CHIP, NULL));
    assert_int_equal(mote_plan_with(mote, "cortex-m4", &options), MOTE_ERR_UNSUPPORTED);
    assert_non_null(strstr(mote_message(mote, mote_message_count(mote) - 1)->text, "AVR"));
    assert_int_equal(mote_plan_with(mote, "cortex-m4", NULL), MOTE_OK);
    mote_free(mote);
    free(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layers_take_the_same_time_and_give_the_same_bytes),
        cmocka_unit_test(softmax_takes_the_same_time),
        cmocka_unit_test(sums_take_the_same_time),
        cmocka_unit_test(keyword_spotting_takes_the_same_time),
        cmocka_unit_test(what_has_no_such_kernel_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
