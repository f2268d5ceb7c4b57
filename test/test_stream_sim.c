/* test_stream_sim.c: streamed and sliding libraries, compiled and run on the chips' simulators, which push the rows where
 * the library asks for them, have the bytes of the host reference in every row of every layer. */
#include "mote.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define MODELS "../shared/models/"

static const struct run {
    const char *label, *model, *target;
    enum mote_schedule schedule;
} runs[] = {
    {"KWS streams on AVR", "kws_ref_model", "atmega1284p", MOTE_SCHEDULE_STREAM},
    {"KWS streams on Cortex-M4", "kws_ref_model", "cortex-m4", MOTE_SCHEDULE_STREAM},
    {"KWS streams on RV32", "kws_ref_model", "rv32imc", MOTE_SCHEDULE_STREAM},
    {"MNIST streams on a small AVR", "mnist_dw_q", "atmega328p", MOTE_SCHEDULE_STREAM},
    {"a model of one row streams", "hello_world_int8", "atmega328p", MOTE_SCHEDULE_STREAM},
    {"VWW comes in strips on the ATmega2560", "vww_96_int8", "atmega2560", MOTE_SCHEDULE_STRIPS},
    {"VWW comes in strips on Cortex-M4", "vww_96_int8", "cortex-m4", MOTE_SCHEDULE_STRIPS},
    {"ResNet comes in strips on RV32", "pretrainedResnet_quant", "rv32imc", MOTE_SCHEDULE_STRIPS},
    {"KWS is fused on AVR", "kws_ref_model", "atmega1284p", MOTE_SCHEDULE_FUSED},
    {"KWS is fused on Cortex-M4", "kws_ref_model", "cortex-m4", MOTE_SCHEDULE_FUSED},
    {"KWS is fused on Cortex-M55", "kws_ref_model", "cortex-m55", MOTE_SCHEDULE_FUSED},
    {"KWS is fused on Cortex-M0", "kws_ref_model", "cortex-m0", MOTE_SCHEDULE_FUSED},
    {"ResNet is fused on Cortex-M4", "pretrainedResnet_quant", "cortex-m4", MOTE_SCHEDULE_FUSED},
    {"ResNet is fused on RV32", "pretrainedResnet_quant", "rv32imc", MOTE_SCHEDULE_FUSED},
    {"VWW is fused on Cortex-M55", "vww_96_int8", "cortex-m55", MOTE_SCHEDULE_FUSED},
    {"the wake word slides on AVR", "str_ww_ref_model", "atmega1284p", MOTE_SCHEDULE_SLIDE},
    {"the wake word slides on Cortex-M4", "str_ww_ref_model", "cortex-m4", MOTE_SCHEDULE_SLIDE},
    {"the wake word slides on RV32", "str_ww_ref_model", "rv32imc", MOTE_SCHEDULE_SLIDE},
};

static bool is_available(const char *target)
{
    for (size_t i = 0; i < mote_target_count(); i++)
        if (!strcmp(mote_target_info(i).name, target)) return mote_target_info(i).available;
    return false;
}

static void require_ok(const struct mote *mote, enum mote_status status)
{
    for (size_t i = 0; status != MOTE_OK && i < mote_message_count(mote); i++)
        print_error("%s\n", mote_message(mote, i)->text);
    assert_int_equal(status, MOTE_OK);
}

static void test_run(void **state)
{
    const struct run *run = *state;
    char path[256];
    if (!is_available(run->target)) skip();
    struct mote *mote = mote_new();
    assert_non_null(mote);
    snprintf(path, sizeof path, MODELS "%s.tflite", run->model);
    require_ok(mote, mote_load(mote, path));
    require_ok(mote, mote_plan_with(mote, run->target, &(struct mote_plan_options){.schedule = run->schedule}));
    assert_int_equal(mote_plan_info(mote)->schedule, run->schedule);
    struct mote_verify_report report;
    require_ok(mote, mote_verify(mote, &(struct mote_verify_options){.vectors = 1, .seed = 5}, &report));
    assert_true(report.equal);
    assert_int_equal(report.vectors, 5); /* and four extreme ones */
    assert_true(report.layers > 0 && report.bytes > 0);
    mote_free(mote);
}

/* Where whole tensors do not fit, or are not to, a stream is chosen. */
static void test_streams_when_whole_tensors_do_not_fit(void **state)
{
    (void)state;
    struct mote *mote = mote_new();
    assert_non_null(mote);
    require_ok(mote, mote_load(mote, MODELS "kws_ref_model.tflite"));
    require_ok(mote, mote_plan(mote, "atmega1284p"));
    assert_int_equal(mote_plan_info(mote)->schedule, MOTE_SCHEDULE_WHOLE);
    require_ok(mote, mote_plan(mote, "atmega2560")); /* 8,640 bytes of tensors, 8,192 of RAM */
    assert_int_equal(mote_plan_info(mote)->schedule, MOTE_SCHEDULE_STREAM);
    require_ok(mote, mote_plan_with(mote, "atmega1284p", &(struct mote_plan_options){.ram_limit_bytes = 4000}));
    assert_int_equal(mote_plan_info(mote)->schedule, MOTE_SCHEDULE_STREAM);
    assert_int_equal(mote_plan_with(mote, "atmega1284p", &(struct mote_plan_options){.ram_limit_bytes = 3000}),
                     MOTE_ERR_NO_FIT);
    assert_false(mote_plan_info(mote)->fits);
    mote_free(mote);
}

/* The default on 32-bit chips keeps within a third of the arena that TensorFlow Lite Micro needs on a Cortex-M4. */
static void test_default_plans_need_little_ram(void **state)
{
    static const struct limit {
        const char *model, *target;
        uint32_t bytes;
    } limits[] = {
        {"kws_ref_model", "cortex-m4", 7606},           {"kws_ref_model", "cortex-m0", 7606},
        {"kws_ref_model", "cortex-m55", 9116},          {"pretrainedResnet_quant", "cortex-m4", 18332},
        {"pretrainedResnet_quant", "cortex-m55", 18332}, {"pretrainedResnet_quant", "rv32imc", 18332},
        {"vww_96_int8", "cortex-m4", 33569},            {"vww_96_int8", "cortex-m3", 33569},
        {"vww_96_int8", "cortex-m55", 33569},           {"str_ww_ref_model", "cortex-m4", 5532},
    };
    (void)state;
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        struct mote *mote = mote_new();
        char path[256];
        assert_non_null(mote);
        snprintf(path, sizeof path, MODELS "%s.tflite", limits[i].model);
        require_ok(mote, mote_load(mote, path));
        require_ok(mote, mote_plan(mote, limits[i].target));
        if (mote_plan_info(mote)->arena_bytes > limits[i].bytes)
            fail_msg("%s on %s: %d bytes", limits[i].model, limits[i].target, (int)mote_plan_info(mote)->arena_bytes);
        mote_free(mote);
    }
}

/* A limit is kept by the fastest plan within it, and missed with the least that would do. */
static void test_ram_limit_is_kept(void **state)
{
    static const uint32_t limits[] = {40000, 30000, 16000, 12000, 9500};
    (void)state;
    struct mote *mote = mote_new();
    assert_non_null(mote);
    require_ok(mote, mote_load(mote, MODELS "pretrainedResnet_quant.tflite"));
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        const struct mote_plan_options options = {.ram_limit_bytes = limits[i]};
        require_ok(mote, mote_plan_with(mote, "cortex-m4", &options));
        assert_true(mote_plan_info(mote)->arena_bytes <= limits[i]);
        if (i == 0) assert_int_equal(mote_plan_info(mote)->schedule, MOTE_SCHEDULE_WHOLE);
    }
    assert_int_equal(mote_plan_with(mote, "cortex-m4", &(struct mote_plan_options){.ram_limit_bytes = 2000}), MOTE_ERR_NO_FIT);
    const char *text = mote_message(mote, mote_message_count(mote) - 1)->text;
    assert_non_null(strstr(text, "more than the limit of 2000"));
    mote_free(mote);
}

/* Where not even a stream fits, strips are chosen: 10,752 bytes of rows, 8,192 of RAM. */
static void test_strips_when_a_stream_does_not_fit(void **state)
{
    (void)state;
    struct mote *mote = mote_new();
    assert_non_null(mote);
    require_ok(mote, mote_load(mote, MODELS "vww_96_int8.tflite"));
    require_ok(mote, mote_plan(mote, "atmega2560"));
    assert_int_equal(mote_plan_info(mote)->schedule, MOTE_SCHEDULE_STRIPS);
    assert_true(mote_plan_info(mote)->strips >= 2);
    assert_true(mote_plan_info(mote)->macs > mote_model_info(mote)->macs);
    assert_int_equal(mote_plan_with(mote, "atmega2560", &(struct mote_plan_options){.schedule = MOTE_SCHEDULE_STREAM}),
                     MOTE_ERR_NO_FIT);
    mote_free(mote);
}

/* Every row of the list needs less RAM than those before, and strips compute more for it. */
static void test_alternatives_with_strips(void **state)
{
    (void)state;
    struct mote *mote = mote_new();
    struct mote_plan_alternative list[MOTE_PLAN_ALTERNATIVES];
    size_t count = 0, chosen = 0;
    assert_non_null(mote);
    require_ok(mote, mote_load(mote, MODELS "vww_96_int8.tflite"));
    require_ok(mote, mote_plan(mote, "atmega2560"));
    require_ok(mote, mote_plan_alternatives(mote, true, list, &count));
    assert_true(count >= 4);
    for (size_t i = 0; i < count; i++) {
        assert_true(i == 0 || list[i].arena_bytes < list[i - 1].arena_bytes);
        assert_true((list[i].schedule == MOTE_SCHEDULE_STRIPS) == (list[i].strips >= 2 && list[i].macs > list[0].macs));
        assert_true(list[i].fits == (list[i].missing_bytes == 0));
        chosen += list[i].is_chosen;
        if (list[i].is_chosen) assert_true(list[i].fits);
    }
    assert_int_equal(chosen, 1);
    mote_free(mote);
}

static void test_alternatives_name_every_schedule(void **state)
{
    (void)state;
    struct mote *mote = mote_new();
    struct mote_plan_alternative list[MOTE_PLAN_ALTERNATIVES];
    size_t count = 0;
    assert_non_null(mote);
    require_ok(mote, mote_load(mote, MODELS "str_ww_ref_model.tflite"));
    require_ok(mote, mote_plan(mote, "host"));
    require_ok(mote, mote_plan_alternatives(mote, false, list, &count));
    assert_int_equal(count, 3);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(list[i].is_chosen, list[i].schedule == MOTE_SCHEDULE_WHOLE);
        assert_true(list[i].arena_bytes >= list[i].lower_bound_bytes);
    }
    assert_true(list[2].schedule == MOTE_SCHEDULE_SLIDE && list[2].macs < list[0].macs / 10);
    mote_free(mote);
}

int main(void)
{
    enum { RUN_COUNT = sizeof runs / sizeof runs[0] };
    struct CMUnitTest tests[RUN_COUNT + 6];
    if (access(MODELS, R_OK) != 0) {
        fprintf(stderr, "skipped: " MODELS " is not here\n");
        return 77;
    }
    for (size_t i = 0; i < RUN_COUNT; i++)
        tests[i] = (struct CMUnitTest){runs[i].label, test_run, NULL, NULL, (void *)(uintptr_t)&runs[i]};
    tests[RUN_COUNT] = (struct CMUnitTest)cmocka_unit_test(test_streams_when_whole_tensors_do_not_fit);
    tests[RUN_COUNT + 3] = (struct CMUnitTest)cmocka_unit_test(test_alternatives_with_strips);
    tests[RUN_COUNT + 2] = (struct CMUnitTest)cmocka_unit_test(test_strips_when_a_stream_does_not_fit);
    tests[RUN_COUNT + 4] = (struct CMUnitTest)cmocka_unit_test(test_default_plans_need_little_ram);
    tests[RUN_COUNT + 5] = (struct CMUnitTest)cmocka_unit_test(test_ram_limit_is_kept);
    tests[RUN_COUNT + 1] = (struct CMUnitTest)cmocka_unit_test(test_alternatives_name_every_schedule);
    return _cmocka_run_group_tests("streams on simulators", tests, RUN_COUNT + 6, NULL, NULL);
}
