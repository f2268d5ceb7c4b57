/* test_strips.c: plans in vertical strips compute the bytes of the reference, need the RAM that is promised, and are
 * refused by the verifier as soon as a strip reads, pads or writes other columns than its operator asks for. */
#include "../src/eval/eval.h"
#include "../src/plan/stream.h"
#include "plan_fixture.h"
#include "random_graph.h"
#include "sanitized.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static enum mote_status build(struct plan_fixture *f, const char *target, uint32_t count, uint32_t budget_bytes)
{
    const struct mote_strips_wanted wanted = {.count = count, .budget_bytes = budget_bytes};
    f->plan = NULL;
    return mote_plan_build_strips_with(f->graph, mote_target_find(target), (struct mote_plan_wishes){0}, &wanted, &f->arena, &f->plan,
                                       &f->diag);
}

/* ---- Models ---- */

/* RAM for tensors on the chip, as doc/STREAMING.md promises it. The files as they are, before any pass. */
static const struct promise {
    const char *name;
    uint32_t strips, bytes;
} promises[] = {{"vww_96_int8", 2, 8112}, {"vww_96_int8", 4, 7097}, {"pretrainedResnet_quant", 2, 18585}};

static void test_golden_model(void **state)
{
    static const char *const targets[] = {"host", "atmega2560", "cortex-m0", "cortex-m4", "cortex-m55", "rv32imc"};
    const struct promise *promise = *state;
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        struct plan_fixture f;
        plan_fixture_begin(&f);
        plan_fixture_load(&f, promise->name);
        plan_fixture_require_ok(&f, build(&f, targets[i], promise->strips, 0));
        plan_fixture_require_ok(&f, mote_plan_verify(f.plan, &f.diag));
        assert_int_equal(f.plan->stream->strip_count, promise->strips);
        assert_true(f.plan->arena_bytes >= f.plan->lower_bound_bytes);
        plan_fixture_check_golden(&f, promise->name, ".in.bin", ".out.bin");
        plan_fixture_check_golden(&f, promise->name, ".edge.in.bin", ".edge.out.bin");
        if (f.plan->arena_bytes > promise->bytes)
            fail_msg("%s on %s: %d bytes", promise->name, targets[i], (int)f.plan->arena_bytes);
        plan_fixture_end(&f);
    }
}

/* ---- Random networks ---- */

static int graphs_in_strips, plans_in_strips, padded_plans, skipping_plans;

static bool has_parts(const struct mote_plan *plan)
{
    for (int32_t s = 0; s < plan->step_count; s++)
        for (int i = 0; i < plan->steps[s].kernel->input_count; i++)
            if (mote_stream_strip_of(plan->stream, s) >= 0 && mote_stream_is_part(plan->stream, &plan->steps[s].inputs[i]))
                return true;
    return false;
}

static bool has_padding(const struct mote_plan *plan)
{
    for (int32_t s = 0; s < plan->step_count; s++) {
        const struct mote_op *op = &plan->graph->ops[plan->steps[s].op];
        if (mote_stream_strip_of(plan->stream, s) < 0) continue;
        if (op->kind == MOTE_OP_CONV_2D && op->attrs.conv.pad_left + op->attrs.conv.pad_right > 0) return true;
    }
    return false;
}

static void check_strips(struct plan_fixture *f, struct mote_rng *rng, const char *target, uint32_t count, const char *what)
{
    /* Different budgets end the strips at different layers. */
    const enum mote_status status = build(f, target, count, (uint32_t)mote_rng_below(rng, 4) * 400);
    if (status == MOTE_ERR_UNSUPPORTED) return;
    plan_fixture_require_ok(f, status);
    if (mote_plan_verify(f->plan, &f->diag) != MOTE_OK) fail_msg("%s: %s", what, f->diag.messages[f->diag.count - 1].text);
    struct mote_plan *whole = NULL;
    plan_fixture_require_ok(f, mote_plan_build(f->graph, mote_target_find("host"), &f->arena, &whole, &f->diag));
    assert_true(f->plan->arena_bytes >= f->plan->lower_bound_bytes);
    assert_int_equal(mote_eval_input_bytes(f->plan), mote_eval_input_bytes(whole));
    for (int kind = 0; kind < 5; kind++) {
        uint8_t *input = mote_arena_calloc(&f->arena, mote_eval_input_bytes(whole), 1);
        assert_non_null(input);
        random_graph_input(f->graph, rng, kind, input);
        uint8_t *expected = plan_fixture_run(whole, input), *got = plan_fixture_run(f->plan, input);
        if (memcmp(expected, got, mote_eval_output_bytes(whole)) != 0) fail_msg("%s, input %d: strips and whole differ", what, kind);
        free(expected);
        free(got);
    }
    plans_in_strips++;
    padded_plans += has_padding(f->plan);
    skipping_plans += has_parts(f->plan);
}

static void check_random(uint64_t seed)
{
    static const char *const targets[] = {"host", "atmega2560", "cortex-m4", "cortex-m55", "rv32imc"};
    struct plan_fixture f;
    struct mote_rng rng;
    plan_fixture_begin(&f);
    mote_rng_seed(&rng, seed);
    if (seed % 3 == 0) f.graph = random_graph(&f.arena, &rng, 2 + (int32_t)mote_rng_below(&rng, 14), seed % 7 == 0);
    else f.graph = random_image_graph(&f.arena, &rng, 7, seed % 7 == 0);
    assert_non_null(f.graph);
    const int before = plans_in_strips;
    for (size_t i = 0; f.graph->input_count == 1 && i < sizeof targets / sizeof targets[0]; i++)
        for (uint32_t count = 2; count <= 3; count++) {
            char what[64];
            snprintf(what, sizeof what, "seed %d on %s, %d strips", (int)seed, targets[i], (int)count);
            check_strips(&f, &rng, targets[i], count, what);
        }
    graphs_in_strips += plans_in_strips > before;
    plan_fixture_end(&f);
}

static void test_random_networks(void **state)
{
    (void)state;
    const char *is_long = getenv("MOTE_LONG");
    const uint64_t count = is_long && strcmp(is_long, "0") != 0 ? 5000 : is_sanitized ? 15 : 60;
    for (uint64_t seed = 1; seed <= count; seed++) check_random(seed);
    print_message("    %d networks in strips, %d plans, %d of them padded, %d with parts of rows\n", graphs_in_strips,
                  plans_in_strips, padded_plans, skipping_plans);
    assert_true(graphs_in_strips >= (int)count / 3);
    assert_true(padded_plans >= (int)count / 3);
    assert_true(skipping_plans >= (int)count / 6);
}

/* ---- The verifier ---- */

static bool is_accepted(struct plan_fixture *f)
{
    const enum mote_status status = mote_plan_verify(f->plan, &f->diag);
    mote_diag_free(&f->diag);
    mote_diag_init(&f->diag, NULL);
    return status == MOTE_OK;
}

static void expect_refused(struct plan_fixture *f, uint16_t *field, int change, const char *what)
{
    const uint16_t kept = *field;
    *field = (uint16_t)(kept + change);
    if (is_accepted(f)) fail_msg("accepted: %s", what);
    *field = kept;
}

static void test_refuses_other_columns(void **state)
{
    (void)state;
    struct plan_fixture f;
    plan_fixture_begin(&f);
    plan_fixture_load(&f, "vww_96_int8");
    plan_fixture_require_ok(&f, build(&f, "host", 2, 0));
    struct mote_plan *plan = f.plan;
    struct mote_stream *stream = (struct mote_stream *)(uintptr_t)plan->stream;
    int windows = 0;
    for (int32_t s = 0; s < plan->step_count; s++) {
        struct mote_step *step = &plan->steps[s];
        if (mote_stream_strip_of(stream, s) < 0 || strcmp(step->kernel->params->name, "mk_conv_scalar32") != 0) continue;
        struct mk_conv_scalar32 *p = step->params; /* as the host has it */
        uint16_t pad;
        memcpy(&pad, &p->pad_left, sizeof pad);
        pad = (uint16_t)(pad + 1); /* padding at an inner edge, or too much at an outer one */
        const int16_t kept = p->pad_left;
        memcpy(&p->pad_left, &pad, sizeof pad);
        assert_false(is_accepted(&f));
        p->pad_left = kept;
        expect_refused(&f, &p->in_w, -1, "an input without its last column");
        expect_refused(&f, &p->in_w, 1, "an input with a column too many");
        expect_refused(&f, &p->out_w, 1, "an output with a column too many");
        step->output.offset_bytes++;
        assert_false(is_accepted(&f));
        step->output.offset_bytes--;
        assert_int_equal(step->least_columns, 0);
        step->least_columns = p->out_w;
        assert_true(is_accepted(&f));
        step->least_columns++;
        assert_false(is_accepted(&f));
        step->least_columns = 0;
        windows++;
    }
    assert_true(windows > 10);
    for (int32_t i = 0; i < plan->input_count; i++) { /* other columns than the strip needs */
        stream->buffers[plan->inputs[i]].first_column++;
        assert_false(is_accepted(&f));
        stream->buffers[plan->inputs[i]].first_column -= i ? 2 : 1;
        if (i) assert_false(is_accepted(&f));
        if (i) stream->buffers[plan->inputs[i]].first_column++;
    }
    assert_true(is_accepted(&f));
    plan_fixture_end(&f);
}

static void test_refuses_a_strip_that_is_not_computed(void **state)
{
    (void)state;
    struct plan_fixture f;
    plan_fixture_begin(&f);
    plan_fixture_load(&f, "vww_96_int8");
    plan_fixture_require_ok(&f, build(&f, "host", 2, 0));
    struct mote_stream *stream = (struct mote_stream *)(uintptr_t)f.plan->stream;
    int32_t last = -1;
    for (int32_t e = 0; e < stream->event_count; e++)
        if (stream->events[e].step != MOTE_TAKE_ROW && mote_stream_strip_of(stream, stream->events[e].step) == 1) last = e;
    assert_true(last > 0);
    memmove(&stream->events[last], &stream->events[last + 1], (size_t)(stream->event_count - last - 1) * sizeof *stream->events);
    stream->event_count--;
    assert_false(is_accepted(&f));
    plan_fixture_end(&f);
}

/* ---- Limits ---- */

static void test_says_what_cannot_be_divided(void **state)
{
    (void)state;
    struct plan_fixture f;
    plan_fixture_begin(&f);
    plan_fixture_load(&f, "ad01_int8"); /* no image */
    assert_int_equal(build(&f, "host", 0, 0), MOTE_ERR_UNSUPPORTED);
    assert_null(f.plan);
    assert_non_null(strstr(f.diag.messages[f.diag.count - 1].text, "strips"));
    assert_int_equal(build(&f, "host", 1, 0), MOTE_ERR_UNSUPPORTED);
    assert_int_equal(build(&f, "host", 1000, 0), MOTE_ERR_UNSUPPORTED);
    plan_fixture_end(&f);
}

static void test_a_budget_costs_no_more_work_than_it_must(void **state)
{
    (void)state;
    struct plan_fixture f;
    plan_fixture_begin(&f);
    plan_fixture_load(&f, "vww_96_int8");
    plan_fixture_require_ok(&f, build(&f, "host", 0, 0));
    const uint32_t least_bytes = f.plan->arena_bytes;
    const int64_t most_macs = f.plan->macs;
    plan_fixture_require_ok(&f, build(&f, "host", 0, 10400));
    assert_true(f.plan->arena_bytes <= 10400 && f.plan->arena_bytes > least_bytes);
    assert_true(f.plan->macs < most_macs);
    plan_fixture_end(&f);
}

static void test_survives_failed_allocations(void **state)
{
    (void)state;
    struct plan_fixture f;
    struct mote_rng rng;
    plan_fixture_begin(&f);
    for (uint64_t seed = 1; !f.plan; seed++) {
        mote_rng_seed(&rng, seed);
        f.graph = random_image_graph(&f.arena, &rng, 2, false);
        assert_non_null(f.graph);
        if (build(&f, "host", 2, 0) != MOTE_OK) f.plan = NULL;
    }
    enum mote_status status = MOTE_ERR_MEMORY;
    long allowed = 0;
    for (; status != MOTE_OK && allowed < 20000; allowed += allowed < 300 ? 1 : 37) {
        const struct mote_strips_wanted wanted = {.count = 2};
        struct mote_arena arena;
        struct mote_plan *plan = NULL;
        mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
        mote_arena_global_fail_after = allowed;
        status = mote_plan_build_strips_with(f.graph, mote_target_find("host"), (struct mote_plan_wishes){0}, &wanted, &arena, &plan, NULL);
        mote_arena_global_fail_after = -1;
        assert_true(status == MOTE_OK || status == MOTE_ERR_MEMORY);
        assert_true((status == MOTE_OK) == (plan != NULL));
        mote_arena_free(&arena);
    }
    assert_int_equal(status, MOTE_OK);
    assert_true(allowed > 50);
    plan_fixture_end(&f);
}

int main(void)
{
    enum { MODEL_COUNT = sizeof promises / sizeof promises[0] };
    struct CMUnitTest tests[MODEL_COUNT + 12];
    size_t count = 0;
    const bool has_models = plan_fixture_has_models();
    for (size_t i = 0; has_models && i < (is_sanitized ? 1 : MODEL_COUNT); i++) {
        void *promise = (void *)(uintptr_t)&promises[i];
        tests[count++] = (struct CMUnitTest){promises[i].name, test_golden_model, NULL, NULL, promise};
    }
    const struct CMUnitTest with_models[] = {
        cmocka_unit_test(test_refuses_other_columns),
        cmocka_unit_test(test_refuses_a_strip_that_is_not_computed),
        cmocka_unit_test(test_says_what_cannot_be_divided),
        cmocka_unit_test(test_a_budget_costs_no_more_work_than_it_must),
    };
    for (size_t i = 0; has_models && i < sizeof with_models / sizeof with_models[0]; i++) tests[count++] = with_models[i];
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_random_networks);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_survives_failed_allocations);
    if (!has_models) fprintf(stderr, "../shared/models is not here: only random networks are tested\n");
    return _cmocka_run_group_tests("strips", tests, count, NULL, NULL);
}
