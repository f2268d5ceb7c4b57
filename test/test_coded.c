/* test_coded.c: coded weights are the same weights, cost what was said, and give the reference's bytes in the kernel's
 * portable twin and on the simulated chip. The decoder here was written from mk_avr_coded.h, not from the coder. */
#include "mote.h"

#include "../src/base/rng.h"
#include "../src/eval/eval.h"
#include "../src/import/tflite.h"
#include "../src/plan/pack_avr_coded.h"
#include "sanitized.h"
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

enum { GROUP = 8, MOST_CHANNELS = 20, MOST_TAPS = 700 };

/* ---- Weights of all kinds ---- */

enum kind {
    NEAR_ZERO,     /* -7..8 */
    FEW_OUTLIERS,  /* -7..8, one in 30 anything */
    MANY_OUTLIERS, /* one in 5 anything */
    LOWEST,        /* -128..-113, and 127 now and then, which takes two corrections */
    FAR_APART,     /* zero but for the last two inputs: gaps of more than 255 */
    ONE_WILD,      /* the third channel anything, the others -7..8: more than 255 corrections in one channel */
    TWO_VALUES,    /* -1 and 1 */
    ANYTHING,      /* not worth coding */
    KINDS
};

static int8_t random_weight(struct mote_rng *rng, enum kind kind, int32_t channel, bool is_last)
{
    const int near = (int)mote_rng_below(rng, 16) - 7, any = (int)mote_rng_below(rng, 255) - 127;
    switch (kind) {
    case NEAR_ZERO: return (int8_t)near;
    case FEW_OUTLIERS: return (int8_t)(mote_rng_below(rng, 30) ? near : any);
    case MANY_OUTLIERS: return (int8_t)(mote_rng_below(rng, 5) ? near : any);
    case LOWEST: return (int8_t)(mote_rng_below(rng, 20) ? near - 121 : 127);
    case FAR_APART: return (int8_t)(is_last ? any : 0);
    case ONE_WILD: return (int8_t)(channel == 2 ? any : near);
    case TWO_VALUES: return mote_rng_below(rng, 2) ? 1 : -1;
    default: return (int8_t)any;
    }
}

static void make_weights(struct mote_rng *rng, enum kind kind, int32_t channels, int32_t taps, int8_t *weights)
{
    for (int32_t o = 0; o < channels; o++)
        for (int32_t i = 0; i < taps; i++) weights[o * taps + i] = random_weight(rng, kind, o, i + 2 >= taps);
}

/* ---- The decoder ---- */

/* Adds a channel's corrections to weights[0..taps); returns what follows, or NULL if they leave the inputs. */
static const uint8_t *decode_corrections(const uint8_t *at, int32_t taps, int *weights)
{
    int32_t input = 0;
    for (int count = 255; count == 255;) {
        count = *at++;
        for (int i = 0; i < count; i++, at += 2) {
            input += at[0];
            if (input >= taps) return NULL;
            weights[input] += at[1] < 128 ? at[1] : at[1] - 256;
        }
    }
    return at;
}

static const uint8_t *decode_group(const uint8_t *at, int32_t taps, int weights[GROUP][MOST_TAPS], bool *in_nibbles)
{
    *in_nibbles = *at == 1;
    assert_true(*at <= 1);
    at++;
    for (int32_t i = 0; i < taps; i++)
        for (int o = 0; o < GROUP; o++) {
            if (!*in_nibbles) weights[o][i] = *at++ - 128;
            else weights[o][i] = o % 2 ? *at++ >> 4 : *at & 15;
        }
    if (!*in_nibbles) return at;
    const int base = *at++;
    assert_true(base <= 128);
    for (int o = 0; o < GROUP; o++) {
        for (int32_t i = 0; i < taps; i++) weights[o][i] -= base;
        at = decode_corrections(at, taps, weights[o]);
        assert_non_null(at);
    }
    return at;
}

/* Returns the number of groups in nibbles. */
static int require_same(const struct mote_coded *coded, const int8_t *weights, int32_t channels, int32_t taps)
{
    static int decoded[GROUP][MOST_TAPS];
    const uint8_t *at = coded->bytes;
    int nibble_groups = 0;
    for (int32_t first = 0; first < channels; first += GROUP) {
        bool in_nibbles;
        at = decode_group(at, taps, decoded, &in_nibbles);
        nibble_groups += in_nibbles;
        for (int32_t o = first; o < channels && o < first + GROUP; o++)
            for (int32_t i = 0; i < taps; i++) assert_int_equal(decoded[o - first][i], weights[o * taps + i]);
    }
    assert_ptr_equal(at, coded->bytes + coded->byte_count);
    return nibble_groups;
}

static size_t uncoded_bytes(int32_t channels, int32_t taps)
{
    return (size_t)((channels + GROUP - 1) / GROUP * GROUP * taps);
}

static void test_decoded_weights_are_the_weights(void **state)
{
    (void)state;
    static int8_t weights[MOST_CHANNELS * MOST_TAPS];
    static const int32_t tap_counts[] = {1, 2, 9, 100, 255, 256, 257, 513, MOST_TAPS};
    struct mote_rng rng;
    int coded_layers[KINDS] = {0};
    mote_rng_seed(&rng, 21);
    for (int kind = 0; kind < KINDS; kind++)
        for (size_t t = 0; t < sizeof tap_counts / sizeof tap_counts[0]; t++)
            for (int32_t channels = 1; channels <= MOST_CHANNELS; channels++) {
                struct mote_arena arena;
                struct mote_coded coded;
                const int32_t taps = tap_counts[t];
                const struct mote_code_layer layer = {weights, channels, taps, 1, 71};
                make_weights(&rng, (enum kind)kind, channels, taps, weights);
                mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
                assert_int_equal(mote_code_weights(&layer, INFINITY, &arena, &coded, NULL), MOTE_OK);
                if (coded.bytes) {
                    assert_true(coded.byte_count < uncoded_bytes(channels, taps));
                    assert_true(require_same(&coded, weights, channels, taps) > 0);
                    coded_layers[kind]++;
                }
                mote_arena_free(&arena);
            }
    for (int kind = 0; kind < KINDS; kind++) {
        if (kind == ANYTHING) continue; /* a few tiny layers may happen to have near values */
        assert_true(coded_layers[kind] > 50);
    }
}

/* Nearly half is saved where nothing needs correcting, and nothing is coded when cycles are worth more. */
static void test_price_decides(void **state)
{
    (void)state;
    enum { CHANNELS = 16, TAPS = 128 };
    static int8_t weights[CHANNELS * TAPS];
    struct mote_rng rng;
    struct mote_arena arena;
    struct mote_coded coded;
    mote_rng_seed(&rng, 22);
    make_weights(&rng, NEAR_ZERO, GROUP, TAPS, weights);
    make_weights(&rng, MANY_OUTLIERS, GROUP, TAPS, weights + GROUP * TAPS);
    mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
    const struct mote_code_layer slow = {weights, CHANNELS, TAPS, 1, 76}, fast = {weights, CHANNELS, TAPS, 1, 58};
    assert_int_equal(mote_code_weights(&slow, MOTE_CODE_NOTHING, &arena, &coded, NULL), MOTE_OK);
    assert_null(coded.bytes);
    assert_int_equal(mote_code_weights(&fast, 0, &arena, &coded, NULL), MOTE_OK);
    assert_null(coded.bytes);
    /* The first group is even faster: 4 bytes instead of 8 per input, a form, a base and 8 counts. */
    assert_int_equal(mote_code_weights(&slow, 0, &arena, &coded, NULL), MOTE_OK);
    assert_int_equal(require_same(&coded, weights, CHANNELS, TAPS), 1);
    assert_int_equal(coded.byte_count, 4 * TAPS + 10 + 1 + GROUP * TAPS);
    assert_int_equal(mote_code_weights(&slow, INFINITY, &arena, &coded, NULL), MOTE_OK);
    assert_int_equal(require_same(&coded, weights, CHANNELS, TAPS), 2);
    mote_arena_free(&arena);
}

/* ---- Layers ---- */

struct layer {
    enum kind kind;
    int32_t rows, columns, taps, channels, stride; /* columns 0: fully connected */
    int64_t in_zero_point, out_zero_point;
    enum tflw_activation activation;
    bool per_channel;
    const char *target;
};

static const struct layer layers[] = {
    {NEAR_ZERO, 1, 0, 128, 8, 1, -128, -128, TFLW_ACTIVATION_RELU, false, "atmega1284p"},
    {FEW_OUTLIERS, 2, 0, 255, 11, 1, -128, 3, TFLW_ACTIVATION_NONE, true, "atmega1284p"},
    {FEW_OUTLIERS, 1, 0, 256, 17, 1, 127, -128, TFLW_ACTIVATION_RELU, false, "atmega2560"},
    {MANY_OUTLIERS, 1, 0, 257, 9, 1, 5, 0, TFLW_ACTIVATION_NONE, true, "atmega2560"},
    {LOWEST, 1, 0, 100, 1, 1, -128, 20, TFLW_ACTIVATION_NONE, false, "atmega328p"},
    {FAR_APART, 3, 0, 600, 3, 1, 0, 0, TFLW_ACTIVATION_NONE, false, "atmega328p"},
    {ONE_WILD, 1, 0, MOST_TAPS, 10, 1, -1, 127, TFLW_ACTIVATION_NONE, true, "atmega1284p"},
    {TWO_VALUES, 3, 4, 40, 12, 1, -128, -128, TFLW_ACTIVATION_RELU, true, "atmega328p"},
    {FEW_OUTLIERS, 5, 6, 20, 20, 2, -20, 7, TFLW_ACTIVATION_NONE, true, "atmega1284p"},
};
enum { LAYERS = sizeof layers / sizeof layers[0] };

static uint8_t *make_model(const struct layer *l, struct mote_rng *rng, size_t *size_bytes)
{
    static int8_t weights[MOST_CHANNELS * MOST_TAPS];
    float scales[MOST_CHANNELS];
    int32_t bias[MOST_CHANNELS];
    make_weights(rng, l->kind, l->channels, l->taps, weights);
    for (int i = 0; i < MOST_CHANNELS; i++) {
        scales[i] = l->per_channel ? 0.004f + 0.0003f * (float)i : 0.006f;
        bias[i] = (int32_t)mote_rng_below(rng, 2001) - 1000;
    }
    const bool conv = l->columns > 0;
    const int32_t in_dims[] = {1, l->rows, l->columns, l->taps}, fc_dims[] = {l->rows, l->taps};
    const int32_t out_dims[] = {1, (l->rows + l->stride - 1) / l->stride, (l->columns + l->stride - 1) / l->stride, l->channels};
    const int32_t fc_out_dims[] = {l->rows, l->channels}, weight_dims[] = {l->channels, 1, 1, l->taps};
    const int32_t fc_weight_dims[] = {l->channels, l->taps};
    const float in_scale = 0.02f, out_scale = 0.05f;
    const struct tflw_quant in_quant = {&in_scale, &l->in_zero_point, 1, 0}, out_quant = {&out_scale, &l->out_zero_point, 1, 0};
    const struct tflw_quant weight_quant = {scales, NULL, l->per_channel ? (size_t)l->channels : 1, 0};
    struct tflw *w = tflw_new();
    int operands[3];
    operands[0] = tflw_tensor(w, "in", TFLW_INT8, conv ? 4 : 2, conv ? in_dims : fc_dims, &in_quant, NULL, 0);
    operands[1] = tflw_tensor(w, "weights", TFLW_INT8, conv ? 4 : 2, conv ? weight_dims : fc_weight_dims, &weight_quant,
                              weights, (size_t)(l->channels * l->taps));
    operands[2] = tflw_tensor(w, "bias", TFLW_INT32, 1, &l->channels, NULL, bias, (size_t)l->channels * sizeof *bias);
    const int out = tflw_tensor(w, "out", TFLW_INT8, conv ? 4 : 2, conv ? out_dims : fc_out_dims, &out_quant, NULL, 0);
    const struct tflw_options options = {.activation = l->activation, .stride_w = l->stride, .stride_h = l->stride};
    tflw_op(w, conv ? TFLW_CONV_2D : TFLW_FULLY_CONNECTED, 0, operands, 3, &out, 1, &options);
    tflw_io(w, operands, 1, &out, 1);
    uint8_t *bytes = tflw_finish(w, size_bytes);
    if (!bytes) fail_msg("%s", tflw_error(w));
    tflw_free(w);
    return bytes;
}

/* The model's bytes, from malloc, must outlive the session. */
static struct mote *load(const struct layer *l, size_t index, uint8_t **file)
{
    struct mote_rng rng;
    size_t size_bytes;
    mote_rng_seed(&rng, 100 + index);
    *file = make_model(l, &rng, &size_bytes);
    struct mote *mote = mote_new();
    assert_non_null(mote);
    assert_int_equal(mote_load_memory(mote, "layer.tflite", *file, size_bytes), MOTE_OK);
    return mote;
}

/* Computes one vector by the plan for `target` and returns the output's bytes, from malloc. */
static uint8_t *evaluate(const struct mote_graph *graph, const char *target, enum mote_coding coding, const uint8_t *input,
                         bool want_coded, size_t *output_bytes)
{
    struct mote_arena arena;
    struct mote_plan *plan = NULL;
    mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
    assert_int_equal(mote_plan_build_with(graph, mote_target_find(target), (struct mote_plan_wishes){.coding = coding}, &arena, &plan, NULL), MOTE_OK);
    assert_int_equal(strcmp(plan->steps[plan->step_count - 1].kernel->name, "conv_2d_s8_coded_avr") == 0, want_coded);
    uint8_t *memory = mote_arena_calloc(&arena, plan->arena_bytes + 1, 1);
    *output_bytes = mote_eval_output_bytes(plan);
    uint8_t *output = malloc(*output_bytes);
    assert_true(memory && output);
    mote_eval_run(plan, memory, input, output, NULL, NULL);
    mote_arena_free(&arena);
    return output;
}

static void test_twin_equals_reference(void **state)
{
    (void)state;
    enum { PATTERNS = 12, MOST_INPUT = 2048 };
    static uint8_t input[MOST_INPUT];
    for (size_t i = 0; i < LAYERS; i++) {
        struct mote_arena arena;
        struct mote_graph *graph = NULL;
        struct mote_rng rng;
        size_t size_bytes, expected_bytes, got_bytes;
        mote_rng_seed(&rng, 100 + i);
        uint8_t *file = make_model(&layers[i], &rng, &size_bytes);
        mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
        assert_int_equal(mote_import_tflite(file, size_bytes, "layer", &arena, &graph, NULL), MOTE_OK);
        assert_true(mote_tensor_bytes(&graph->tensors[graph->inputs[0]]) <= sizeof input);
        for (int pattern = 0; pattern < PATTERNS; pattern++) {
            static const uint8_t extremes[] = {0x80, 0x7F, 0x00};
            if (pattern < 3) memset(input, extremes[pattern], sizeof input);
            else mote_rng_fill(&rng, input, sizeof input);
            for (size_t k = 0; k < sizeof input && pattern % 2; k++) /* many x' = 0 */
                if (mote_rng_below(&rng, 2)) input[k] = 0x80;
            uint8_t *expected = evaluate(graph, "host", MOTE_CODING_AUTO, input, false, &expected_bytes);
            uint8_t *got = evaluate(graph, layers[i].target, MOTE_CODING_ALWAYS, input, true, &got_bytes);
            assert_int_equal(expected_bytes, got_bytes);
            assert_memory_equal(expected, got, got_bytes);
            free(expected);
            free(got);
        }
        mote_arena_free(&arena);
        free(file);
    }
}

/* The sanitizers' build leaves simulators out, which leak. */
static bool is_available(const char *target)
{
    for (size_t i = 0; !is_sanitized && i < mote_target_count(); i++)
        if (!strcmp(mote_target_info(i).name, target)) return mote_target_info(i).available;
    return false;
}

static void test_chip_equals_reference(void **state)
{
    (void)state;
    int verified = 0;
    for (size_t i = 0; i < LAYERS; i++) {
        if (!is_available(layers[i].target)) continue;
        uint8_t *file;
        struct mote *mote = load(&layers[i], i, &file);
        struct mote_verify_report report;
        const struct mote_plan_options options = {.coded_weights = MOTE_CODED_WEIGHTS_ALWAYS};
        assert_int_equal(mote_plan_with(mote, layers[i].target, &options), MOTE_OK);
        const struct mote_plan_info *plan = mote_plan_info(mote);
        assert_string_equal(plan->steps[plan->step_count - 1].kernel, "mk_conv_2d_s8_coded_avr");
        const enum mote_status status = mote_verify(mote, &(struct mote_verify_options){.vectors = 6, .seed = i}, &report);
        for (size_t k = 0; status != MOTE_OK && k < mote_message_count(mote); k++)
            print_error("layer %zu: %s\n", i, mote_message(mote, k)->text);
        assert_int_equal(status, MOTE_OK);
        assert_true(report.equal && report.bytes > 0);
        verified++;
        mote_free(mote);
        free(file);
    }
    if (!verified) skip();
}

/* ---- The choice ---- */

static bool uses_coded_weights(const struct mote *mote)
{
    const struct mote_plan_info *plan = mote_plan_info(mote);
    for (size_t i = 0; i < plan->step_count; i++)
        if (!strcmp(plan->steps[i].kernel, "mk_conv_2d_s8_coded_avr")) return true;
    return false;
}

static void test_nothing_is_coded_without_need(void **state)
{
    (void)state;
    uint8_t *file;
    struct mote *mote = load(&layers[0], 0, &file);
    assert_int_equal(mote_plan(mote, "atmega1284p"), MOTE_OK);
    assert_false(uses_coded_weights(mote));
    assert_int_equal(mote_plan_with(mote, "cortex-m4", &(struct mote_plan_options){.coded_weights = MOTE_CODED_WEIGHTS_ALWAYS}),
                     MOTE_OK);
    assert_false(uses_coded_weights(mote));
    mote_free(mote);
    free(file);
}

/* The anomaly detector has more bytes of weights than the chip has flash. */
static void test_anomaly_detector_fits_an_atmega2560(void **state)
{
    (void)state;
    struct mote *mote = mote_new();
    assert_non_null(mote);
    if (mote_load(mote, "../shared/models/ad01_int8.tflite") != MOTE_OK) {
        mote_free(mote);
        skip();
    }
    const struct mote_plan_options never = {.coded_weights = MOTE_CODED_WEIGHTS_NEVER};
    assert_int_equal(mote_plan_with(mote, "atmega2560", &never), MOTE_ERR_NO_FIT);
    assert_false(uses_coded_weights(mote));
    const size_t uncoded = mote_plan_info(mote)->constant_bytes;
    assert_int_equal(mote_plan(mote, "atmega2560"), MOTE_OK);
    assert_true(uses_coded_weights(mote));
    const size_t coded = mote_plan_info(mote)->constant_bytes;
    assert_true(coded < uncoded && coded + 10000 <= 262144);
    const struct mote_plan_options always = {.coded_weights = MOTE_CODED_WEIGHTS_ALWAYS};
    assert_int_equal(mote_plan_with(mote, "atmega2560", &always), MOTE_OK);
    assert_true(mote_plan_info(mote)->constant_bytes < coded);
    mote_free(mote);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decoded_weights_are_the_weights),
        cmocka_unit_test(test_price_decides),
        cmocka_unit_test(test_twin_equals_reference),
        cmocka_unit_test(test_chip_equals_reference),
        cmocka_unit_test(test_nothing_is_coded_without_need),
        cmocka_unit_test(test_anomaly_detector_fits_an_atmega2560),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
