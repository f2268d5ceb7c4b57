/* test_avr_layers.c: kernels of the AVR family that take no weights, in random layers of one operator: the compiler chooses
 * them, and on the simulator they give what the reference gives for random inputs and for extreme ones. */
#include "../src/api/session.h"
#include "../src/base/rng.h"
#include "../src/plan/pack_sum.h"
#include "tflite_writer.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { LAYERS = 6, VECTORS = 8, HEIGHT = 16, WIDTH = 16, CHANNELS = 4 };

static float random_scale(struct mote_rng *rng)
{
    const float fraction = (float)mote_rng_below(rng, 1000) / 1000.0f; /* drawn first, whatever the compiler */
    return ldexpf(1.0f + fraction, -(int)mote_rng_below(rng, 4) - 4);
}

static int8_t random_s8(struct mote_rng *rng)
{
    return (int8_t)((int)mote_rng_below(rng, 256) - 128);
}

static int activation(struct tflw *w, const char *name, float scale, int64_t zero_point, size_t rank, const int32_t *dims)
{
    const struct tflw_quant quant = {&scale, &zero_point, 1, 0};
    return tflw_tensor(w, name, TFLW_INT8, rank, dims, &quant, NULL, 0);
}

static uint8_t *finish(struct tflw *w, size_t *size_bytes)
{
    uint8_t *bytes = tflw_finish(w, size_bytes);
    if (!bytes) fail_msg("%s", tflw_error(w));
    tflw_free(w);
    return bytes;
}

/* Plans the model for the chip, which must choose `kernel`, and verifies it there. */
static void verify_layer(uint8_t *file, size_t size_bytes, const char *kernel, struct mote_rng *rng)
{
    struct mote *mote = mote_new();
    assert_int_equal(mote_load_memory(mote, "layer.tflite", file, size_bytes), MOTE_OK);
    assert_int_equal(mote_plan(mote, "atmega1284p"), MOTE_OK);
    assert_string_equal(mote->plan->steps[mote->plan->step_count - 1].kernel->name, kernel);
    const size_t input_bytes = VECTORS * mote->model_info->vector_input_bytes;
    uint8_t *input = malloc(input_bytes);
    assert_non_null(input);
    for (size_t i = 0; i < input_bytes; i++) input[i] = (uint8_t)mote_rng_below(rng, 256);
    const struct mote_verify_options options = {.input = input, .input_vectors = VECTORS};
    struct mote_verify_report report;
    const enum mote_status status = mote_verify(mote, &options, &report);
    for (size_t i = 0; status != MOTE_OK && i < mote_message_count(mote); i++) print_error("%s\n", mote_message(mote, i)->text);
    assert_int_equal(status, MOTE_OK);
    free(input);
    mote_free(mote);
    free(file);
}

static bool have_chip(void)
{
    for (size_t i = 0; i < mote_target_count(); i++) {
        const struct mote_target_info info = mote_target_info(i);
        if (!strcmp(info.name, "atmega1284p") && !info.available) print_message("    left out: %s is missing\n", info.missing);
        if (!strcmp(info.name, "atmega1284p")) return info.available;
    }
    return false;
}

static void sums_by_table_run_on_the_chip(void **state)
{
    (void)state;
    struct mote_rng rng;
    mote_rng_seed(&rng, 3);
    for (int i = 0; have_chip() && i < LAYERS; i++) {
        const int32_t dims[] = {1, HEIGHT, WIDTH, CHANNELS};
        struct tflw *w = tflw_new();
        const float a_scale = random_scale(&rng), b_scale = random_scale(&rng);
        const int inputs[] = {activation(w, "a", a_scale, random_s8(&rng), 4, dims),
                              activation(w, "b", b_scale, random_s8(&rng), 4, dims)};
        const int out = activation(w, "out", fmaxf(a_scale, b_scale) * (i % 3 ? 2.1f : 1.4f), random_s8(&rng), 4, dims);
        const struct tflw_options options = {.activation = i % 2 ? TFLW_ACTIVATION_RELU : TFLW_ACTIVATION_NONE};
        tflw_op(w, i < LAYERS / 2 ? TFLW_ADD : TFLW_SUB, 0, inputs, 2, &out, 1, &options);
        tflw_io(w, inputs, 2, &out, 1);
        size_t size_bytes = 0;
        uint8_t *file = finish(w, &size_bytes);
        verify_layer(file, size_bytes, "sum_tables_s8_avr", &rng);
    }
}

static uint8_t *softmax_file(int32_t vectors, int32_t depth, float scale, int64_t zero_point, size_t *size_bytes)
{
    const int32_t dims[] = {vectors, depth};
    struct tflw *w = tflw_new();
    const int in = activation(w, "in", scale, zero_point, 2, dims);
    const int out = activation(w, "out", 1.0f / 256.0f, -128, 2, dims);
    tflw_op(w, TFLW_SOFTMAX, 0, &in, 1, &out, 1, &(struct tflw_options){.beta = 1.0f});
    tflw_io(w, &in, 1, &out, 1);
    return finish(w, size_bytes);
}

static const float softmax_scales[LAYERS] = {0.0001f, 0.004f, 0.06f, 0.31f, 1.0f, 20.0f};

static void softmax_by_table_runs_on_the_chip(void **state)
{
    (void)state;
    static const int32_t depths[LAYERS] = {1, 4, 700, 12, 3, 300};
    struct mote_rng rng;
    mote_rng_seed(&rng, 7);
    for (int i = 0; have_chip() && i < LAYERS; i++) {
        size_t size_bytes = 0;
        uint8_t *file = softmax_file(2, depths[i], softmax_scales[i], random_s8(&rng), &size_bytes);
        verify_layer(file, size_bytes, "softmax_table_s8_avr", &rng);
    }
}

static void softmax_of_two_runs_on_the_chip(void **state)
{
    (void)state;
    struct mote_rng rng;
    mote_rng_seed(&rng, 8);
    for (int i = 0; have_chip() && i < LAYERS; i++) {
        size_t size_bytes = 0;
        uint8_t *file = softmax_file(64, 2, softmax_scales[i], random_s8(&rng), &size_bytes);
        verify_layer(file, size_bytes, "softmax_pair_s8_avr", &rng);
    }
}

/* All 65,536 pairs, by the packed table and by the reference. */
static void compare_softmax_of_pairs(const struct mote_step *pair, const struct mote_step *reference)
{
    for (int x = -128; x < 128; x++) {
        for (int y = -128; y < 128; y++) {
            const int8_t in[2] = {(int8_t)x, (int8_t)y};
            int8_t out[2], expected[2];
            mk_softmax_pair_s8_avr(out, in, pair->params, 0, 1);
            mk_softmax_s8_ref(expected, in, reference->params, 0, 1);
            if (memcmp(out, expected, 2) != 0) fail_msg("%d %d: %d %d instead of %d %d", x, y, out[0], out[1], expected[0], expected[1]);
        }
    }
}

static void softmax_of_two_is_the_reference_for_all_pairs(void **state)
{
    (void)state;
    for (int i = 0; i < LAYERS; i++) {
        size_t size_bytes = 0;
        uint8_t *file = softmax_file(1, 2, softmax_scales[i], 3, &size_bytes);
        struct mote *packed = mote_new(), *plain = mote_new();
        assert_int_equal(mote_load_memory(packed, "layer.tflite", file, size_bytes), MOTE_OK);
        assert_int_equal(mote_load_memory(plain, "layer.tflite", file, size_bytes), MOTE_OK);
        assert_int_equal(mote_plan(packed, "atmega1284p"), MOTE_OK);
        assert_int_equal(mote_plan_with(plain, "host", &(struct mote_plan_options){.plain_kernels = true}), MOTE_OK);
        const struct mote_step *pair = &packed->plan->steps[0], *reference = &plain->plan->steps[0];
        assert_string_equal(pair->kernel->name, "softmax_pair_s8_avr");
        assert_string_equal(reference->kernel->name, "softmax_s8_ref");
        compare_softmax_of_pairs(pair, reference);
        mote_free(packed);
        mote_free(plain);
        free(file);
    }
}

static void average_pools_run_on_the_chip(void **state)
{
    (void)state;
    static const struct pool {
        int32_t in_h, in_w, channels, filter_h, filter_w, stride;
        bool same;
    } pools[] = {{25, 5, 8, 25, 5, 1, false}, {7, 6, 5, 3, 2, 2, true}, {1, 300, 3, 1, 300, 1, false},
                 {5, 5, 1, 4, 5, 1, true},    {16, 16, 4, 16, 16, 1, false}};
    struct mote_rng rng;
    mote_rng_seed(&rng, 9);
    for (size_t i = 0; have_chip() && i < sizeof pools / sizeof pools[0]; i++) {
        const struct pool *p = &pools[i];
        const int32_t out_h = p->same ? (p->in_h + p->stride - 1) / p->stride : 1;
        const int32_t out_w = p->same ? (p->in_w + p->stride - 1) / p->stride : 1;
        const int32_t in_dims[] = {1, p->in_h, p->in_w, p->channels}, out_dims[] = {1, out_h, out_w, p->channels};
        struct tflw *w = tflw_new();
        const int64_t zero_point = random_s8(&rng);
        const int in = activation(w, "in", 0.05f, zero_point, 4, in_dims);
        const int out = activation(w, "out", 0.05f, zero_point, 4, out_dims);
        const struct tflw_options options = {.padding = p->same ? TFLW_SAME : TFLW_VALID,
                                             .stride_w = p->stride, .stride_h = p->stride,
                                             .filter_w = p->filter_w, .filter_h = p->filter_h};
        tflw_op(w, TFLW_AVERAGE_POOL_2D, 0, &in, 1, &out, 1, &options);
        tflw_io(w, &in, 1, &out, 1);
        size_t size_bytes = 0;
        uint8_t *file = finish(w, &size_bytes);
        verify_layer(file, size_bytes, "average_pool_2d_s8_avr", &rng);
    }
}

/* Multipliers as the lowering of ADD makes them. */
static struct mk_binary random_sum(struct mote_rng *rng)
{
    const double a = (double)random_scale(rng), b = (double)random_scale(rng), larger = fmax(a, b);
    const double out = larger * (0.6 + (double)mote_rng_below(rng, 2000) / 1000.0);
    const int low = random_s8(rng), high = random_s8(rng);
    struct mk_binary p = {
        .a_offset = (int16_t)-random_s8(rng), .b_offset = (int16_t)-random_s8(rng), .out_zero_point = random_s8(rng),
        .act_min = (int16_t)(low < high ? low : high), .act_max = (int16_t)(low < high ? high : low), .left_shift = 20,
    };
    int shift;
    mote_quantize_multiplier(a / (2 * larger), &p.a_multiplier, &shift);
    p.a_shift = (int8_t)shift;
    mote_quantize_multiplier(b / (2 * larger), &p.b_multiplier, &shift);
    p.b_shift = (int8_t)shift;
    mote_quantize_multiplier(2 * larger / (1048576.0 * out), &p.out_multiplier, &shift);
    p.out_shift = (int8_t)shift;
    return p;
}

/* All 65536 pairs; `found` counts the layers for which there are tables. */
static void compare_all_pairs(struct mk_binary p, bool subtract, int *found)
{
    static int32_t a[MOTE_SUM_ENTRIES], b[MOTE_SUM_ENTRIES];
    if (!mote_sum_tables(&p, subtract ? mk_sub_s8_ref : mk_add_s8_ref, a, b)) return;
    *found += 1;
    p.batches = p.height = p.channels = p.a_ring = p.b_ring = p.out_ring = 1;
    p.width = 1;
    for (int x = -128; x < 128; x++)
        for (int y = -128; y < 128; y++) {
            const int8_t from_a = (int8_t)x, from_b = (int8_t)y;
            int8_t expected;
            (subtract ? mk_sub_s8_ref : mk_add_s8_ref)(&expected, &from_a, &from_b, &p, 0, 1);
            const int64_t sum = (int64_t)a[(uint8_t)x] + b[(uint8_t)y];
            assert_true(sum >= INT32_MIN && sum <= INT32_MAX);
            const int64_t value = sum >> 22;
            assert_int_equal(value < p.act_min ? p.act_min : value > p.act_max ? p.act_max : value, expected);
        }
}

/* The same for lines, as a kernel computes them. */
static void compare_all_pairs_on_line(struct mk_binary p, bool subtract, int *found)
{
    struct mk_sum_linear line = {.row_elements = 256, .a_ring = 1, .b_ring = 1, .out_ring = 1};
    int8_t a[256], b[256], expected[256], computed[256];
    if (!mote_sum_line(&p, subtract ? mk_sub_s8_ref : mk_add_s8_ref, &line)) return;
    *found += 1;
    line.act_min = p.act_min;
    line.act_max = p.act_max;
    p.batches = p.height = p.width = p.a_ring = p.b_ring = p.out_ring = 1;
    p.channels = 256;
    p.a_step_c = p.b_step_c = 1;
    for (int x = 0; x < 256; x++) {
        for (int y = 0; y < 256; y++) a[y] = (int8_t)(x - 128), b[y] = (int8_t)(y - 128);
        (subtract ? mk_sub_s8_ref : mk_add_s8_ref)(expected, a, b, &p, 0, 1);
        mk_sum_linear_s8_armv7em(computed, a, b, &line, 0, 1);
        assert_memory_equal(computed, expected, sizeof expected);
    }
}

static void sums_by_line_equal_the_reference_for_all_pairs(void **state)
{
    (void)state;
    enum { SUMS = 40 };
    struct mote_rng rng;
    int found = 0;
    mote_rng_seed(&rng, 5);
    for (int i = 0; i < SUMS; i++) {
        struct mk_binary p = random_sum(&rng);
        if (i % 4 > 1) p.act_min = -128, p.act_max = 127;
        compare_all_pairs_on_line(p, i % 2, &found);
    }
    print_message("    %d of %d sums have a line\n", found, SUMS);
    assert_true(found > SUMS / 2);
}

static void sums_by_table_equal_the_reference_for_all_pairs(void **state)
{
    (void)state;
    enum { SUMS = 24 };
    struct mote_rng rng;
    int found = 0;
    mote_rng_seed(&rng, 4);
    for (int i = 0; i < SUMS; i++) compare_all_pairs(random_sum(&rng), i % 2, &found);
    assert_true(found > SUMS * 3 / 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_by_table_equal_the_reference_for_all_pairs),
        cmocka_unit_test(sums_by_line_equal_the_reference_for_all_pairs),
        cmocka_unit_test(sums_by_table_run_on_the_chip),
        cmocka_unit_test(softmax_by_table_runs_on_the_chip),
        cmocka_unit_test(softmax_of_two_runs_on_the_chip),
        cmocka_unit_test(softmax_of_two_is_the_reference_for_all_pairs),
        cmocka_unit_test(average_pools_run_on_the_chip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
