/* Whole models: the planned arena computes the same bytes as memory that is never reused, plans verify, read back from
 * text, and are as small as the lower bound says. Skipped where ../shared is absent. */
#include "../src/eval/eval.h"
#include "../src/import/tflite.h"
#include "../src/base/file.h"
#include "../src/plan/text.h"
#include "random_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MODELS "../shared/models/"

struct model {
    struct mote_arena arena;
    struct mote_diag diag;
    struct mote_graph *graph;
};

static void model_open(struct model *m, const char *name)
{
    char path[256];
    uint8_t *bytes;
    size_t size;
    snprintf(path, sizeof path, MODELS "%s", name);
    if (!mote_file_exists(path)) {
        print_message("%s is not there: skipped\n", path);
        skip();
    }
    mote_arena_init(&m->arena, MOTE_ARENA_DEFAULT_LIMIT);
    mote_diag_init(&m->diag, name);
    assert_int_equal(mote_file_read(path, (size_t)1 << 26, &m->arena, &bytes, &size, &m->diag), MOTE_OK);
    assert_int_equal(mote_import_tflite(bytes, size, name, &m->arena, &m->graph, &m->diag), MOTE_OK);
}

static struct mote_plan *build(struct model *m)
{
    struct mote_plan *plan = NULL;
    assert_int_equal(mote_plan_build(m->graph, mote_target_find("atmega1284p"), &m->arena, &plan, &m->diag), MOTE_OK);
    return plan;
}

static void assert_same_outputs(struct model *m, const struct mote_plan *a, const struct mote_plan *b)
{
    const size_t in_bytes = mote_eval_input_bytes(a), out_bytes = mote_eval_output_bytes(a);
    uint8_t *in = mote_arena_calloc(&m->arena, in_bytes, 1);
    uint8_t *out[2] = {mote_arena_calloc(&m->arena, out_bytes, 1), mote_arena_calloc(&m->arena, out_bytes, 1)};
    uint8_t *memory[2] = {mote_arena_calloc(&m->arena, a->arena_bytes, 1),
                          mote_arena_calloc(&m->arena, b->arena_bytes, 1)};
    struct test_random random = {1};
    for (int vector = 0; vector < 2; vector++) {
        for (size_t i = 0; i < in_bytes; i++) in[i] = (uint8_t)test_random_below(&random, 256);
        mote_eval_run(a, memory[0], in, out[0], NULL, NULL);
        mote_eval_run(b, memory[1], in, out[1], NULL, NULL);
        assert_memory_equal(out[0], out[1], out_bytes);
    }
}

static void check_model(const char *name, uint32_t most_bytes)
{
    struct model m;
    struct mote_text first = {0}, second = {0};
    struct mote_plan *again = NULL;
    model_open(&m, name);
    struct mote_plan *plan = build(&m), *spread = build(&m);
    assert_int_equal(mote_plan_verify(plan, &m.diag), MOTE_OK);
    assert_true(plan->arena_bytes >= plan->lower_bound_bytes);
    assert_in_range(plan->arena_bytes, 1, most_bytes);
    mote_plan_spread(spread);
    for (int32_t s = 0; s < spread->step_count; s++) spread->steps[s].rows_descend = false;
    assert_same_outputs(&m, plan, spread);

    mote_plan_print(plan, &first);
    assert_int_equal(mote_plan_parse(first.bytes, first.length, &m.arena, &again, &m.diag), MOTE_OK);
    mote_plan_print(again, &second);
    assert_string_equal(first.bytes, second.bytes);
    assert_int_equal(mote_plan_verify(again, &m.diag), MOTE_OK);
    assert_same_outputs(&m, plan, again);
    print_message("%s: %u bytes, lower bound %u, without overlap %u\n", name, plan->arena_bytes,
                  plan->lower_bound_bytes, plan->naive_bytes);
    mote_text_free(&first);
    mote_text_free(&second);
    mote_diag_free(&m.diag);
    mote_arena_free(&m.arena);
}

/* The limits are counted by hand from the layers that need most. */
static void keyword_spotting(void **state)
{
    (void)state;
    check_model("kws_ref_model.tflite", 8000 + 2 * 320); /* 25 x 5 x 64 and two rows */
}

static void visual_wake_words(void **state)
{
    (void)state;
    check_model("vww_96_int8.tflite", 36864 + 384); /* 48 x 48 x 8 to 48 x 48 x 16, one input row apart */
}

static void image_classification(void **state)
{
    (void)state;
    check_model("pretrainedResnet_quant.tflite", 2 * 16384 + 2 * 512); /* two 32 x 32 x 16 and two rows */
}

static void wake_word(void **state)
{
    (void)state;
    check_model("str_ww_ref_model.tflite", 6656); /* whole tensors; overlap makes it smaller */
}

static void anomaly_detection(void **state)
{
    (void)state;
    check_model("ad01_int8.tflite", 640 + 128); /* fully connected: input and output, both whole */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keyword_spotting), cmocka_unit_test(visual_wake_words), cmocka_unit_test(image_classification),
        cmocka_unit_test(wake_word),        cmocka_unit_test(anomaly_detection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
