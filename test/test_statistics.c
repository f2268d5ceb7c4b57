/* What samples show of tensors' values, and that it changes nothing that is computed. */
#include "../src/api/session.h"
#include "../src/base/file.h"
#include "../src/eval/eval.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MODEL "../shared/models/kws_ref_model.tflite"
#define INPUTS "../shared/golden/kws_ref_model.in.bin"
#define OUTPUTS "../shared/golden/kws_ref_model.out.bin"

enum { SAMPLES = 3 };

static struct mote *load_model(const uint8_t **input, size_t *count)
{
    if (!mote_file_exists(MODEL)) skip();
    struct mote *mote = mote_new();
    assert_non_null(mote);
    assert_int_equal(mote_load(mote, MODEL), MOTE_OK);
    assert_int_equal(mote_read_input(mote, INPUTS, input, count), MOTE_OK);
    assert_true(*count > SAMPLES);
    return mote;
}

struct count {
    const struct mote_plan *plan;
    uint64_t elements[256], least[256], sizes[256]; /* per tensor */
};

static void count_step(void *context, int32_t step, const uint8_t *bytes, size_t size_bytes)
{
    struct count *count = context;
    const int32_t tensor = count->plan->steps[step].tensor;
    assert_true(tensor < 256);
    count->elements[tensor] += size_bytes;
    for (size_t i = 0; i < size_bytes; i++) count->least[tensor] += (int8_t)bytes[i] == INT8_MIN;
    for (size_t i = 0; i < size_bytes; i++) count->sizes[tensor] += (uint64_t)abs((int8_t)bytes[i]);
}

/* Counted another way: step by step in the memory of the planned, overlapping model. */
static void shares_are_those_of_the_values(void **state)
{
    (void)state;
    const uint8_t *input;
    size_t vectors;
    struct mote *mote = load_model(&input, &vectors);
    const struct mote_graph *graph = mote->graph;
    for (int32_t t = 0; t < graph->tensor_count; t++) assert_true(mote_tensor_zero_share(&graph->tensors[t]) < 0);
    assert_int_equal(mote_take_samples(mote, input, SAMPLES), MOTE_OK);
    assert_int_equal(mote_plan(mote, "host"), MOTE_OK);
    struct count *count = calloc(1, sizeof *count);
    uint8_t *memory = aligned_alloc(16, (mote->plan->arena_bytes + 15) / 16 * 16), output[64];
    assert_true(count && memory);
    count->plan = mote->plan;
    const size_t bytes = mote_model_info(mote)->vector_input_bytes;
    for (size_t i = 0; i < SAMPLES; i++) mote_eval_run(mote->plan, memory, input + i * bytes, output, count_step, count);
    int compared = 0, between = 0;
    for (int32_t t = 0; t < graph->tensor_count; t++) {
        if (!count->elements[t]) continue;
        const struct mote_statistics *s = graph->tensors[t].statistics;
        assert_non_null(s);
        assert_int_equal(s->element_count, count->elements[t]);
        assert_true(s->zero_share == (double)count->least[t] / (double)count->elements[t]);
        assert_true(s->mean_size == (double)count->sizes[t] / (double)count->elements[t]);
        compared++;
        between += s->zero_share > 0.1 && s->zero_share < 0.9;
    }
    assert_true(compared >= 10 && between >= 5);
    uint64_t least = 0;
    for (size_t i = 0; i < SAMPLES * bytes; i++) least += (int8_t)input[i] == INT8_MIN;
    assert_true(mote_tensor_zero_share(&graph->tensors[graph->inputs[0]]) == (double)least / (double)(SAMPLES * bytes));
    free(count);
    free(memory);
    mote_free(mote);
}

static void later_samples_replace_earlier_ones(void **state)
{
    (void)state;
    const uint8_t *input;
    size_t vectors;
    struct mote *mote = load_model(&input, &vectors);
    const size_t bytes = mote_model_info(mote)->vector_input_bytes;
    uint8_t *least = malloc(bytes);
    assert_non_null(least);
    memset(least, 0x80, bytes);
    const struct mote_tensor *tensor = &mote->graph->tensors[mote->graph->inputs[0]];
    assert_int_equal(mote_take_samples(mote, least, 1), MOTE_OK);
    assert_true(mote_tensor_zero_share(tensor) == 1.0);
    memset(least, 0x81, bytes);
    assert_int_equal(mote_take_samples(mote, least, 1), MOTE_OK);
    assert_true(mote_tensor_zero_share(tensor) == 0.0);
    assert_int_equal(mote_take_samples(mote, least, 0), MOTE_ERR_INPUT);
    assert_true(mote_tensor_zero_share(tensor) == 0.0);
    free(least);
    mote_free(mote);
}

/* What comes from outside is taken to be dense, and what stands behind a ReLU not, until samples show otherwise. */
static void kernels_follow_the_measured_shares(void **state)
{
    (void)state;
    const uint8_t *input;
    size_t vectors;
    struct mote *mote = load_model(&input, &vectors);
    uint8_t *sample = malloc(mote_model_info(mote)->vector_input_bytes);
    assert_non_null(sample);
    assert_int_equal(mote_plan(mote, "atmega1284p"), MOTE_OK);
    const struct mote_step_info *step = mote_plan_info(mote)->steps;
    assert_int_equal(step[0].choice, MOTE_CHOICE_DEFAULT);
    assert_false(step[0].skips_zeros);
    assert_int_equal(step[2].choice, MOTE_CHOICE_DEFAULT);
    assert_true(step[2].skips_zeros && step[2].zero_share > 0.3);
    memset(sample, 0x80, mote_model_info(mote)->vector_input_bytes);
    assert_int_equal(mote_take_samples(mote, sample, 1), MOTE_OK);
    assert_int_equal(mote_plan(mote, "atmega1284p"), MOTE_OK);
    step = mote_plan_info(mote)->steps;
    assert_int_equal(step[0].choice, MOTE_CHOICE_MEASURED);
    assert_true(step[0].skips_zeros && step[0].zero_share == 1.0);
    assert_int_equal(mote_plan(mote, "cortex-m4"), MOTE_OK);
    assert_int_equal(mote_plan_info(mote)->steps[0].choice, MOTE_CHOICE_NONE);
    free(sample);
    mote_free(mote);
}

/* The host runs the packed form of the AVR kernels. */
static void outputs_stay_golden_whatever_the_samples(void **state)
{
    (void)state;
    const uint8_t *input;
    size_t vectors, size_bytes;
    struct mote *mote = load_model(&input, &vectors);
    struct mote_arena arena;
    mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
    uint8_t *golden;
    assert_int_equal(mote_file_read(OUTPUTS, (size_t)1 << 20, &arena, &golden, &size_bytes, NULL), MOTE_OK);
    const size_t in_bytes = mote_model_info(mote)->vector_input_bytes, out_bytes = mote_model_info(mote)->vector_output_bytes;
    assert_int_equal(size_bytes, vectors * out_bytes);
    uint8_t *sample = mote_arena_calloc(&arena, in_bytes, 1), *output = mote_arena_calloc(&arena, out_bytes, 1);
    static const uint8_t fills[] = {0x80, 0x7f, 0x00};
    for (size_t k = 0; k < sizeof fills; k++) {
        memset(sample, fills[k], in_bytes);
        assert_int_equal(mote_take_samples(mote, sample, 1), MOTE_OK);
        assert_int_equal(mote_plan(mote, "atmega1284p"), MOTE_OK);
        uint8_t *memory = mote_arena_calloc(&arena, mote->plan->arena_bytes, 1);
        assert_true(memory && sample && output);
        for (size_t i = 0; i < vectors; i++) {
            mote_eval_run(mote->plan, memory, input + i * in_bytes, output, NULL, NULL);
            assert_memory_equal(output, golden + i * out_bytes, out_bytes);
        }
    }
    mote_arena_free(&arena);
    mote_free(mote);
}

static void every_failed_allocation_is_reported(void **state)
{
    (void)state;
    const uint8_t *input;
    size_t vectors;
    struct mote *mote = load_model(&input, &vectors);
    enum mote_status status = MOTE_ERR_MEMORY;
    long k = 0;
    for (; status != MOTE_OK; k++) {
        mote_arena_global_fail_after = k;
        status = mote_take_samples(mote, input, 1);
        mote_arena_global_fail_after = -1;
        assert_true(status == MOTE_OK || status == MOTE_ERR_MEMORY);
    }
    assert_true(k > 10);
    mote_free(mote);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_are_those_of_the_values),
        cmocka_unit_test(later_samples_replace_earlier_ones),
        cmocka_unit_test(kernels_follow_the_measured_shares),
        cmocka_unit_test(outputs_stay_golden_whatever_the_samples),
        cmocka_unit_test(every_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
