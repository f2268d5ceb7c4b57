/* Memory planning: what may overlap, that nothing live is overwritten, and how good the plans are. */
#include "random_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    struct mote_arena arena;
    struct mote_diag diag;
};

static void fixture_open(struct fixture *f)
{
    mote_arena_init(&f->arena, MOTE_ARENA_DEFAULT_LIMIT);
    mote_diag_init(&f->diag, NULL);
}

static void fixture_close(struct fixture *f)
{
    mote_diag_free(&f->diag);
    mote_arena_free(&f->arena);
}

static void assert_verifies(const struct mote_plan *plan, struct fixture *f)
{
    const enum mote_status status = mote_plan_verify(plan, &f->diag);
    if (status != MOTE_OK && f->diag.count) fail_msg("%s", f->diag.messages[0].text);
    assert_int_equal(status, MOTE_OK);
}

static void assert_plans(struct mote_plan *plan, struct fixture *f)
{
    mote_plan_lifetimes(plan);
    assert_int_equal(mote_plan_assign(plan, &f->diag), MOTE_OK);
    assert_true(plan->arena_bytes >= plan->lower_bound_bytes);
    assert_verifies(plan, f);
    assert_true(plan_oracle_accepts(plan));
}

/* ---- Distances: expected values are counted by hand from the rows ---- */

/* One window step from a tensor of 10 rows of 8 bytes. */
static struct mote_step *one_window(struct mote_arena *arena, struct mote_plan **result, uint32_t out_rows,
                                    uint32_t out_row_bytes, int32_t stride, int32_t pad, uint32_t window)
{
    struct mote_plan *plan = plan_maker_new(arena, 4, 2, 1);
    const int32_t in = plan_maker_buffer(plan, 80, 1), out = plan_maker_buffer(plan, out_rows * out_row_bytes, 1);
    plan_maker_input(plan, in);
    plan_maker_output(plan, out);
    struct mote_step *step = plan_maker_step(plan, "conv_2d_s8_ref", out, out_rows, out_row_bytes);
    plan_maker_reads(step, in, 8, (struct mote_row_map){out_rows, 10, stride, pad}, window);
    mote_plan_lifetimes(plan);
    *result = plan;
    return step;
}

static void a_row_kernel_stays_ahead_by_the_rows_it_still_needs(void **state)
{
    (void)state;
    struct fixture f;
    struct mote_plan *plan;
    fixture_open(&f);
    /* 1x1: row r is written while input row r is read: one row of lead, in both directions */
    struct mote_step *step = one_window(&f.arena, &plan, 10, 8, 1, 0, 1);
    assert_int_equal(mote_plan_overlap_distance(plan, step, 0), 8);
    assert_int_equal(mote_plan_overlap_distance_descending(plan, step, 0), 8);
    /* 3 rows SAME: row r reads from r - 1 to r + 1: two rows */
    step = one_window(&f.arena, &plan, 10, 8, 1, 1, 3);
    assert_int_equal(mote_plan_overlap_distance(plan, step, 0), 16);
    assert_int_equal(mote_plan_overlap_distance_descending(plan, step, 0), 16);
    /* stride 2, no padding, half the row: (r + 1) * 4 - 2r * 8 is greatest at r = 0; from the end, rows 0..r need
     * 2r + 1 rows: (2r + 1) * 8 - 4r is greatest at r = 4 */
    step = one_window(&f.arena, &plan, 5, 4, 2, 0, 1);
    assert_int_equal(mote_plan_overlap_distance(plan, step, 0), 4);
    assert_int_equal(mote_plan_overlap_distance_descending(plan, step, 0), 9 * 8 - 16);
    /* rows that double: (r + 1) * 16 - 8r is greatest at r = 9 */
    step = one_window(&f.arena, &plan, 10, 16, 1, 0, 1);
    assert_int_equal(mote_plan_overlap_distance(plan, step, 0), 160 - 72);
    /* everything is needed to the end: only disjoint placement is left, whose distance is the whole output */
    step = one_window(&f.arena, &plan, 10, 8, 0, 0, 0);
    assert_int_equal(mote_plan_overlap_distance(plan, step, 0), 80);
    fixture_close(&f);
}

static void a_row_map_does_not_reach_into_the_next_batch_entry(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    /* 2 entries of 5 rows to 2 of 8: one row of padding above, two below, row y reads from y - 1 on. Row 7 of entry 0
     * reads nothing, but the next one needs row 0 of entry 1, which is row 5: 8 * 4 - 5 * 4; at the very end, nothing is
     * needed from row 10 on: 16 * 4 - 10 * 4. */
    struct mote_plan *plan = plan_maker_new(&f.arena, 4, 2, 1);
    const int32_t in = plan_maker_buffer(plan, 40, 1), out = plan_maker_buffer(plan, 64, 1);
    plan_maker_input(plan, in);
    plan_maker_output(plan, out);
    struct mote_step *step = plan_maker_step(plan, "pad_x8_ref", out, 16, 4);
    plan_maker_reads(step, in, 4, (struct mote_row_map){8, 5, 1, 1}, 1);
    mote_plan_lifetimes(plan);
    assert_int_equal(mote_plan_overlap_distance(plan, step, 0), 24);
    assert_plans(plan, &f);
    fixture_close(&f);
}

static int64_t element_distance(struct fixture *f, const char *kernel, uint32_t in_bytes, uint32_t out_bytes)
{
    struct mote_plan *plan = plan_maker_new(&f->arena, 4, 2, 1);
    const int32_t in = plan_maker_buffer(plan, in_bytes, 1), out = plan_maker_buffer(plan, out_bytes, 1);
    plan_maker_input(plan, in);
    plan_maker_output(plan, out);
    struct mote_step *step = plan_maker_step(plan, kernel, out, 1, out_bytes);
    plan_maker_reads(step, in, in_bytes, (struct mote_row_map){1, 1, 1, 0}, 1);
    if (step->kernel->input_count == 2) step->inputs[1] = step->inputs[0];
    mote_plan_lifetimes(plan);
    return mote_plan_overlap_distance(plan, step, 0);
}

static void elementwise_kernels_run_in_place_unless_c_forbids_it(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    assert_int_equal(element_distance(&f, "lut_s8_ref", 20, 20), 0);
    assert_int_equal(element_distance(&f, "add_s8_ref", 20, 20), 0);         /* x + x */
    assert_int_equal(element_distance(&f, "requantize_s16_s8_ref", 40, 20), -1);
    assert_int_equal(element_distance(&f, "requantize_s8_s16_ref", 20, 40), 19);
    assert_true(element_distance(&f, "requantize_s16_s32_ref", 40, 80) == INT64_MAX); /* types that may not alias */
    assert_true(element_distance(&f, "add_s8_ref", 5, 20) == INT64_MAX);              /* broadcast */
    fixture_close(&f);
}

static void only_an_input_that_dies_in_the_step_may_be_overwritten(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    struct mote_plan *plan;
    struct mote_step *step = one_window(&f.arena, &plan, 10, 8, 1, 0, 1);
    plan_maker_output(plan, 0); /* the application wants the input back */
    mote_plan_lifetimes(plan);
    assert_true(mote_plan_overlap_distance(plan, step, 0) == INT64_MAX);
    assert_int_equal(mote_plan_assign(plan, &f.diag), MOTE_OK);
    assert_int_equal(plan->arena_bytes, 160);
    fixture_close(&f);
}

static void a_part_of_a_tensor_does_not_overwrite_the_parts_before_it(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    /* out = in0 | in1, row by row. in0 dies in the first step, in1 in the second, when the output is half written. */
    struct mote_plan *plan = plan_maker_new(&f.arena, 4, 2, 1);
    const int32_t in[2] = {plan_maker_buffer(plan, 40, 1), plan_maker_buffer(plan, 40, 1)};
    const int32_t out = plan_maker_buffer(plan, 80, 1);
    for (int i = 0; i < 2; i++) {
        plan_maker_input(plan, in[i]);
        struct mote_step *step = plan_maker_step(plan, "copy_ref", out, 10, 8);
        *(struct mk_copy *)step->params = (struct mk_copy){
            .size = {10, 1, 1, 1, 4}, .element_bytes = 1, .in_stride = {4, 0, 0, 0, 1}, .out_start = 4 * i,
            .out_stride = {8, 0, 0, 0, 1}};
        plan_maker_reads(step, in[i], 4, (struct mote_row_map){10, 10, 1, 0}, 1);
        step->completes_tensor = i == 1;
    }
    plan_maker_output(plan, out);
    mote_plan_lifetimes(plan);
    /* row r ends at 8r + 4 and the input is needed from 4r on: 4r + 4, greatest at r = 9 */
    assert_int_equal(mote_plan_overlap_distance(plan, &plan->steps[0], 0), 40);
    assert_true(mote_plan_overlap_distance(plan, &plan->steps[1], 0) == INT64_MAX);
    assert_plans(plan, &f);
    assert_int_equal(plan->arena_bytes, 120);
    fixture_close(&f);
}

/* ---- Quality ---- */

static void keyword_spotting_needs_one_tensor_and_two_rows(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    struct mote_plan *plan = plan_maker_keyword_spotting(&f.arena);
    plan->rows_may_descend = true;
    assert_plans(plan, &f);
    assert_int_equal(plan->lower_bound_bytes, 8640); /* 25 rows and the 2 that a 3 x 3 window lags behind */
    assert_int_equal(plan->arena_bytes, 8640);
    assert_int_equal(plan->naive_bytes, 16000);
    /* the last row ends at 8000 and still needs the input from row 2 * 24 - 4 on, so the input may start at 7560 */
    assert_int_equal(mote_plan_step_bytes(plan, 0), 7560 + 490);
    assert_int_equal(mote_plan_step_bytes(plan, 2), 8320);      /* 1 x 1: one row behind */
    assert_int_equal(mote_plan_peak_step(plan), 1);

    plan->rows_may_descend = false; /* rows upwards only: every layer must start below the one before */
    assert_plans(plan, &f);
    assert_int_equal(plan->arena_bytes, 8000 + 4 * 640 + 4 * 320);
    fixture_close(&f);
}

static void a_hundred_buffers_are_planned_well(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    /* residual blocks: x -> conv -> conv -> + x, of falling sizes */
    struct mote_plan *plan = plan_maker_new(&f.arena, 110, 110, 1);
    plan->rows_may_descend = true;
    int32_t x = plan_maker_buffer(plan, 32 * 96, 1);
    plan_maker_input(plan, x);
    for (int block = 0; block < 33; block++) {
        const uint32_t rows = 32, row_bytes = (uint32_t)(96 - 2 * block);
        const uint32_t in_row_bytes = plan->buffers[x].bytes / rows;
        const int32_t skip = plan_maker_same(plan, "conv_2d_s8_ref", x, rows, in_row_bytes, row_bytes, 1);
        const int32_t y = plan_maker_same(plan, "conv_2d_s8_ref", skip, rows, row_bytes, row_bytes, 3);
        x = plan_maker_buffer(plan, rows * row_bytes, 1);
        struct mote_step *add = plan_maker_step(plan, "add_s8_ref", x, rows, row_bytes);
        plan_maker_reads(add, skip, row_bytes, (struct mote_row_map){rows, rows, 1, 0}, 1);
        plan_maker_reads(add, y, row_bytes, (struct mote_row_map){rows, rows, 1, 0}, 1);
    }
    plan_maker_output(plan, x);
    assert_plans(plan, &f);
    assert_int_equal(plan->arena_bytes, plan->lower_bound_bytes);
    fixture_close(&f);
}

/* ---- Properties of random plans ---- */

enum { RANDOM_PLANS = 3000 };

static void no_random_plan_overwrites_what_is_still_needed(void **state)
{
    (void)state;
    int32_t at_bound = 0, descending = 0, overlapped = 0;
    for (uint64_t seed = 1; seed <= RANDOM_PLANS; seed++) {
        struct fixture f;
        fixture_open(&f);
        struct test_random random = {seed};
        struct mote_plan *plan = random_plan(&f.arena, &random, 2 + (int32_t)(seed % 12));
        assert_int_equal(mote_plan_assign(plan, &f.diag), MOTE_OK);
        assert_true(plan->arena_bytes >= plan->lower_bound_bytes);
        if (!plan_oracle_accepts(plan)) fail_msg("seed %d: the plan overwrites what is needed", (int)seed);
        if (mote_plan_verify(plan, &f.diag) != MOTE_OK) fail_msg("seed %d: %s", (int)seed, f.diag.messages[0].text);
        at_bound += plan->arena_bytes == plan->lower_bound_bytes;
        overlapped += plan->arena_bytes < plan->naive_bytes;
        for (int32_t s = 0; s < plan->step_count; s++) descending += plan->steps[s].rows_descend;
        fixture_close(&f);
    }
    print_message("%d random plans: %d at the lower bound, %d below whole tensors, %d steps with descending rows\n",
                  (int)RANDOM_PLANS, (int)at_bound, (int)overlapped, (int)descending);
    assert_true(at_bound > RANDOM_PLANS / 2); /* else the search or the bound has become much worse */
    assert_true(overlapped > RANDOM_PLANS / 10 && descending > 0); /* else the test no longer tests overlap */
}

static void the_verifier_and_a_literal_run_agree_on_damaged_plans(void **state)
{
    (void)state;
    int32_t rejected = 0, accepted = 0;
    for (uint64_t seed = 1; seed <= RANDOM_PLANS; seed++) {
        struct fixture f;
        fixture_open(&f);
        struct test_random random = {seed + 1000000};
        struct mote_plan *plan = random_plan(&f.arena, &random, 2 + (int32_t)(seed % 8));
        assert_int_equal(mote_plan_assign(plan, &f.diag), MOTE_OK);
        const int32_t victim = (int32_t)test_random_below(&random, (uint32_t)plan->buffer_count);
        struct mote_buffer *b = &plan->buffers[victim];
        const uint32_t units = (plan->arena_bytes - b->bytes) / b->alignment_bytes + 1;
        b->offset = test_random_below(&random, units) * b->alignment_bytes; /* anywhere */
        struct mote_step *step = &plan->steps[test_random_below(&random, (uint32_t)plan->step_count)];
        if (step->kernel->granularity == MOTE_GRANULARITY_ROW && test_random_below(&random, 4) == 0)
            step->rows_descend = !step->rows_descend;
        const bool is_right = plan_oracle_accepts(plan);
        const bool verifies = mote_plan_verify(plan, &f.diag) == MOTE_OK;
        if (is_right != verifies)
            fail_msg("seed %d: the run says %d, the verifier %d: %s", (int)seed, is_right, verifies,
                     f.diag.count ? f.diag.messages[0].text : "");
        if (is_right) accepted++;
        else rejected++;
        fixture_close(&f);
    }
    print_message("%d damaged plans rejected, %d still right\n", (int)rejected, (int)accepted);
    assert_true(rejected > RANDOM_PLANS / 10 && accepted > RANDOM_PLANS / 10);
}

static void the_same_plan_is_made_every_time(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    struct test_random random = {77}, again = {77};
    struct mote_plan *a = random_plan(&f.arena, &random, 40), *b = random_plan(&f.arena, &again, 40);
    assert_int_equal(mote_plan_assign(a, &f.diag), MOTE_OK);
    assert_int_equal(mote_plan_assign(b, &f.diag), MOTE_OK);
    for (int32_t i = 0; i < a->buffer_count; i++) assert_int_equal(a->buffers[i].offset, b->buffers[i].offset);
    fixture_close(&f);
}

/* ---- The verifier's structural rules: each is broken once ---- */

typedef void breaker(struct mote_plan *plan);

static void break_alignment(struct mote_plan *plan)
{
    plan->buffers[1].alignment_bytes = 4;
    plan->arena_alignment_bytes = 4;
    plan->buffers[1].offset = 2;
}
static void break_arena(struct mote_plan *plan)
{
    plan->arena_bytes--;
}
static void break_lifetime(struct mote_plan *plan)
{
    plan->buffers[2].last_step--;
}
static void break_input(struct mote_plan *plan)
{
    plan->steps[1].inputs[0].buffer = plan->buffer_count;
}
static void break_rows(struct mote_plan *plan)
{
    plan->steps[1].row_end++;
}
static void break_row_map(struct mote_plan *plan)
{
    plan->steps[1].inputs[0].rows.in_rows++;
}
static void break_constant(struct mote_plan *plan)
{
    plan->steps[1].constants[0] = 0;
}
static void break_kernel(struct mote_plan *plan)
{
    plan->steps[1].kernel = NULL;
}
static void break_flow(struct mote_plan *plan)
{
    plan->input_count = 0; /* the first step reads what nobody wrote */
}
static void break_loop(struct mote_plan *plan)
{
    plan->steps[1].inputs[0].buffer = plan->steps[1].output.buffer;
}

static void every_broken_rule_is_reported(void **state)
{
    (void)state;
    static const struct {
        breaker *damage;
        const char *text;
    } cases[] = {{break_alignment, "not aligned"},       {break_arena, "outside the arena"},
                 {break_lifetime, "after its last step"}, {break_input, "does not exist"},
                 {break_rows, "past its output's end"},   {break_row_map, "past an input's end"},
                 {break_constant, "constant"},            {break_kernel, "lacks"},
                 {break_flow, "nothing has written"},     {break_loop, "reads the buffer it writes"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fixture f;
        fixture_open(&f);
        struct mote_plan *plan = plan_maker_keyword_spotting(&f.arena);
        mote_plan_lifetimes(plan);
        assert_int_equal(mote_plan_assign(plan, &f.diag), MOTE_OK);
        assert_verifies(plan, &f);
        cases[i].damage(plan);
        assert_int_equal(mote_plan_verify(plan, &f.diag), MOTE_ERR_INPUT);
        bool is_said = false;
        for (size_t k = 0; k < f.diag.count; k++) is_said = is_said || strstr(f.diag.messages[k].text, cases[i].text);
        if (!is_said) fail_msg("no message says \"%s\" but: %s", cases[i].text, f.diag.messages[0].text);
        fixture_close(&f);
    }
}

static void scratch_memory_is_one_steps_own(void **state)
{
    (void)state;
    enum fault { ON_THE_OUTPUT, ON_THE_INPUT, TOO_LONG_ALIVE, NO_SUCH_BUFFER, A_TENSOR, FAULTS };
    static const char *const texts[FAULTS] = {"scratch memory that overlaps its output", "reads byte 0", "shares its scratch memory",
                                              "does not exist", "has a tensor for scratch memory"};
    for (int fault = 0; fault < FAULTS; fault++) {
        struct fixture f;
        fixture_open(&f);
        struct mote_plan *const plan = plan_maker_new(&f.arena, 3, 1, 0);
        plan_maker_input(plan, plan_maker_buffer(plan, 40, 4));
        plan_maker_output(plan, plan_maker_same(plan, "conv_2d_s8_winograd_expand_armv7em", 0, 10, 4, 4, 3));
        plan_maker_scratch(plan, &plan->steps[0], 40);
        assert_plans(plan, &f);
        struct mote_buffer *const scratch = &plan->buffers[plan->steps[0].scratch];
        for (uint32_t i = 0; i < 3; i++) plan->buffers[i].offset = 40 * i; /* side by side, so that one fault is not two */
        plan->arena_bytes = 3 * 40;
        assert_verifies(plan, &f);
        switch ((enum fault)fault) {
        case ON_THE_OUTPUT: scratch->offset = plan->buffers[plan->outputs[0]].offset; break;
        case ON_THE_INPUT: scratch->offset = plan->buffers[plan->inputs[0]].offset; break;
        case TOO_LONG_ALIVE: scratch->last_step++; break;
        case NO_SUCH_BUFFER: plan->steps[0].scratch = 3; break;
        default: scratch->tensor = 0;
        }
        assert_int_equal(mote_plan_verify(plan, &f.diag), MOTE_ERR_INPUT);
        if (!strstr(f.diag.messages[0].text, texts[fault])) fail_msg("not \"%s\" but: %s", texts[fault], f.diag.messages[0].text);
        fixture_close(&f);
    }
}

static void failed_allocations_are_reported(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f);
    struct mote_plan *plan = plan_maker_keyword_spotting(&f.arena);
    mote_plan_lifetimes(plan);
    int failures = 0;
    for (long k = 0;; k++) {
        mote_arena_global_fail_after = k;
        enum mote_status status = mote_plan_assign(plan, &f.diag);
        if (status == MOTE_OK) status = mote_plan_verify(plan, &f.diag);
        mote_arena_global_fail_after = -1;
        if (status == MOTE_OK) break;
        assert_int_equal(status, MOTE_ERR_MEMORY);
        failures++;
    }
    assert_true(failures > 5);
    fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_kernel_stays_ahead_by_the_rows_it_still_needs),
        cmocka_unit_test(a_row_map_does_not_reach_into_the_next_batch_entry),
        cmocka_unit_test(elementwise_kernels_run_in_place_unless_c_forbids_it),
        cmocka_unit_test(only_an_input_that_dies_in_the_step_may_be_overwritten),
        cmocka_unit_test(a_part_of_a_tensor_does_not_overwrite_the_parts_before_it),
        cmocka_unit_test(keyword_spotting_needs_one_tensor_and_two_rows),
        cmocka_unit_test(a_hundred_buffers_are_planned_well),
        cmocka_unit_test(no_random_plan_overwrites_what_is_still_needed),
        cmocka_unit_test(the_verifier_and_a_literal_run_agree_on_damaged_plans),
        cmocka_unit_test(the_same_plan_is_made_every_time),
        cmocka_unit_test(every_broken_rule_is_reported),
        cmocka_unit_test(scratch_memory_is_one_steps_own),
        cmocka_unit_test(failed_allocations_are_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
