/* The text form of plans: what is printed is read back whole, and what is wrong is refused with its line. */
#include "../src/plan/draw.h"
#include "../src/plan/text.h"
#include "random_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- Plans with content in every parameter and constant ---- */

static void fill_params(struct mote_step *step, struct test_random *random)
{
    const struct mote_params_type *type = step->kernel->params;
    if (!strcmp(type->name, "mk_copy")) return; /* its parameters are already meant */
    for (size_t i = 0; i < type->field_count; i++) {
        const struct mote_field *field = &type->fields[i];
        if (mote_field_is_flash(field->kind)) continue;
        char *at = (char *)step->params + field->offset;
        for (size_t k = 0; k < field->array_length * mote_field_value_bytes(field->kind); k++)
            at[k] = (char)test_random_below(random, 256);
    }
}

static void bind_constant(struct mote_plan *plan, struct mote_step *step, struct test_random *random)
{
    const struct mote_params_type *type = step->kernel->params;
    int slot = 0;
    for (size_t i = 0; i < type->field_count; i++) {
        const struct mote_field *field = &type->fields[i];
        if (!mote_field_is_flash(field->kind)) continue;
        const int32_t index = plan->constant_count;
        if (index < 32 && test_random_below(random, 2)) {
            const size_t count = test_random_below(random, 90), bytes = count * mote_field_value_bytes(field->kind);
            char *data = mote_arena_calloc(plan->arena, bytes, 1);
            for (size_t k = 0; k < bytes; k++) data[k] = (char)test_random_below(random, 256);
            plan->constants[plan->constant_count++] = (struct mote_constant){
                mote_arena_printf(plan->arena, "c%d_\"quoted\\\"\n\xc3\xa9", (int)index), field->kind, count, data};
            step->constants[slot] = index;
            memcpy((char *)step->params + field->offset, &data, sizeof data);
        }
        slot++;
    }
}

static struct mote_plan *filled_plan(struct mote_arena *arena, uint64_t seed)
{
    struct test_random random = {seed};
    struct mote_plan *plan = random_plan(arena, &random, 2 + (int32_t)(seed % 10));
    plan->constants = MOTE_NEW_ARRAY(arena, struct mote_constant, 32);
    for (int32_t s = 0; s < plan->step_count; s++) {
        fill_params(&plan->steps[s], &random);
        bind_constant(plan, &plan->steps[s], &random);
        plan->steps[s].macs = test_random_below(&random, 100000);
    }
    plan->target = seed % 2 ? mote_target_find("atmega1284p") : NULL;
    plan->tensor_count = 3;
    plan->tensor_buffers = MOTE_NEW_ARRAY(arena, int32_t, 3);
    plan->tensor_buffers[1] = MOTE_NO_BUFFER;
    assert_int_equal(mote_plan_assign(plan, NULL), MOTE_OK);
    return plan;
}

static void assert_same_params(const struct mote_step *a, const struct mote_step *b)
{
    const struct mote_params_type *type = a->kernel->params;
    for (size_t i = 0; i < type->field_count; i++) {
        const struct mote_field *field = &type->fields[i];
        if (!mote_field_is_flash(field->kind))
            assert_memory_equal((char *)a->params + field->offset, (char *)b->params + field->offset,
                                field->array_length * mote_field_value_bytes(field->kind));
    }
}

static void assert_same_plan(const struct mote_plan *a, const struct mote_plan *b)
{
    assert_int_equal(a->constant_count, b->constant_count);
    for (int32_t i = 0; i < a->constant_count; i++) {
        const struct mote_constant *x = &a->constants[i], *y = &b->constants[i];
        assert_string_equal(x->name, y->name);
        assert_int_equal(x->kind, y->kind);
        assert_int_equal(x->count, y->count);
        assert_memory_equal(x->data, y->data, x->count * mote_field_value_bytes(x->kind));
    }
    assert_int_equal(a->buffer_count, b->buffer_count);
    for (int32_t i = 0; i < a->buffer_count; i++) {
        assert_int_equal(a->buffers[i].offset, b->buffers[i].offset);
        assert_int_equal(a->buffers[i].bytes, b->buffers[i].bytes);
    }
    assert_int_equal(a->step_count, b->step_count);
    for (int32_t s = 0; s < a->step_count; s++) {
        assert_ptr_equal(a->steps[s].kernel, b->steps[s].kernel);
        assert_int_equal(a->steps[s].rows_descend, b->steps[s].rows_descend);
        assert_memory_equal(a->steps[s].constants, b->steps[s].constants, sizeof a->steps[s].constants);
        assert_same_params(&a->steps[s], &b->steps[s]);
    }
}

static void a_printed_plan_reads_back_and_prints_the_same(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct mote_arena arena;
        struct mote_diag diag;
        struct mote_text first = {0}, second = {0};
        struct mote_plan *again = NULL;
        mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
        mote_diag_init(&diag, NULL);
        struct mote_plan *plan = filled_plan(&arena, seed);
        mote_plan_print(plan, &first);
        const enum mote_status status = mote_plan_parse(first.bytes, first.length, &arena, &again, &diag);
        if (status != MOTE_OK) fail_msg("seed %d: %s", (int)seed, diag.messages[0].text);
        mote_plan_print(again, &second);
        assert_string_equal(first.bytes, second.bytes);
        assert_same_plan(plan, again);
        assert_int_equal(mote_plan_verify(again, &diag), mote_plan_verify(plan, &diag));
        assert_int_equal(mote_plan_verify(again, &diag), MOTE_OK);
        mote_text_free(&first);
        mote_text_free(&second);
        mote_diag_free(&diag);
        mote_arena_free(&arena);
    }
}

/* ---- Refusals ---- */

struct refusal {
    struct mote_arena arena;
    struct mote_diag diag;
    enum mote_status status;
};

/* Parses within a memory limit that only a sane reader keeps to. */
static struct refusal parse(const char *text, size_t bytes)
{
    struct refusal r;
    struct mote_plan *plan = NULL;
    mote_arena_init(&r.arena, 65536 + 16 * bytes);
    mote_diag_init(&r.diag, NULL);
    r.status = mote_plan_parse(text, bytes, &r.arena, &plan, &r.diag);
    assert_true((r.status == MOTE_OK) == (plan != NULL));
    assert_true(r.status == MOTE_OK || r.status == MOTE_ERR_INPUT);
    if (r.status == MOTE_OK) { /* whatever was read can be printed and verified */
        struct mote_text again = {0};
        mote_plan_print(plan, &again);
        mote_text_free(&again);
        const enum mote_status verified = plan->arena_bytes < 1000000 ? mote_plan_verify(plan, &r.diag) : MOTE_OK;
        assert_true(verified == MOTE_OK || r.diag.count > 0);
    }
    return r;
}

static void refusal_close(struct refusal *r)
{
    mote_diag_free(&r->diag);
    mote_arena_free(&r->arena);
}

static struct mote_text printed(uint64_t seed)
{
    struct mote_arena arena;
    struct mote_text text = {0};
    mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
    mote_plan_print(filled_plan(&arena, seed), &text);
    mote_arena_free(&arena);
    return text;
}

static void every_truncation_is_refused(void **state)
{
    (void)state;
    struct mote_text text = printed(8);
    for (size_t bytes = 0; bytes + 1 < text.length; bytes++) { /* the last byte is a line end */
        char *part = malloc(bytes ? bytes : 1); /* of its own, so that a read past the end is seen */
        memcpy(part, text.bytes, bytes);
        struct refusal r = parse(part, bytes);
        assert_int_equal(r.status, MOTE_ERR_INPUT);
        assert_int_equal(r.diag.count, 1);
        refusal_close(&r);
        free(part);
    }
    mote_text_free(&text);
}

static void damaged_text_never_does_harm(void **state)
{
    (void)state;
    static const char alphabet[] = "0123456789- \"#\\nx\n\xff";
    struct test_random random = {9};
    int refused = 0;
    for (int round = 0; round < 4000; round++) {
        struct mote_text text = printed((uint64_t)(round % 20 + 1));
        for (uint32_t k = test_random_below(&random, 4) + 1; k > 0; k--)
            text.bytes[test_random_below(&random, (uint32_t)text.length)] =
                alphabet[test_random_below(&random, sizeof alphabet)];
        struct refusal r = parse(text.bytes, text.length);
        refused += r.status != MOTE_OK;
        refusal_close(&r);
        mote_text_free(&text);
    }
    assert_true(refused > 1000);
}

static void a_short_text_cannot_ask_for_much_memory(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "plan 1 target \"\"\narena 0 align 1 bound 0 naive 0 descend 0\nflash 0 weights 0 macs 0\n"
        "constants 0 buffers 0 steps 2000000000 inputs 0 outputs 0 tensors 0\nend\n",
        "plan 1 target \"\"\narena 0 align 1 bound 0 naive 0 descend 0\nflash 0 weights 0 macs 0\n"
        "constants 1 buffers 0 steps 0 inputs 0 outputs 0 tensors 0\nconstant 0 \"c\" s64 1152921504606846976\n",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct refusal r = parse(texts[i], strlen(texts[i]));
        assert_int_equal(r.status, MOTE_ERR_INPUT);
        assert_true(r.arena.used_bytes < 4096);
        refusal_close(&r);
    }
}

static void errors_name_the_line_and_what_was_expected(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"plan 2", "line 1: expected 1, found \"2\""},
        {"plan 1 target \"z80\"", "line 1: expected the name of a target, found \"z80\""},
        {"plan 1 target \"\"\n\narena -4", "line 3: expected a number from 0 to 4294967295, found \"-4\""},
        {"plan 1 target \"\narena", "line 1: expected a printable character"},
        {"", "line 1: expected plan, found \"\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct refusal r = parse(cases[i].text, strlen(cases[i].text));
        assert_int_equal(r.status, MOTE_ERR_INPUT);
        if (!strstr(r.diag.messages[0].text, cases[i].message))
            fail_msg("\"%s\" is not in: %s", cases[i].message, r.diag.messages[0].text);
        refusal_close(&r);
    }
}

static void failed_allocations_are_reported(void **state)
{
    (void)state;
    struct mote_text text = printed(8);
    for (long k = 0;; k++) {
        struct mote_arena arena;
        struct mote_plan *plan = NULL;
        mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
        arena.fail_after = k;
        const enum mote_status status = mote_plan_parse(text.bytes, text.length, &arena, &plan, NULL);
        mote_arena_free(&arena);
        if (status == MOTE_OK) break;
        assert_int_equal(status, MOTE_ERR_MEMORY);
        assert_null(plan);
    }
    mote_text_free(&text);
}

/* ---- Pictures ---- */

static int occurrences(const char *text, const char *part)
{
    int count = 0;
    for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part)) count++;
    return count;
}

static void a_picture_in_text_has_a_line_of_the_width_asked_for_per_step(void **state)
{
    (void)state;
    for (int columns = 20; columns <= 300; columns += 40) {
        struct mote_arena arena;
        struct mote_text text = {0};
        mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
        struct mote_plan *plan = filled_plan(&arena, 6);
        mote_plan_draw_text(plan, &text, columns);
        assert_int_equal(occurrences(text.bytes, "\n"), 3 + 1 + plan->step_count + 1);
        assert_int_equal(occurrences(text.bytes, "< peak"), 1);
        const char *line = text.bytes;
        for (int i = 0; i < 2; i++) line = strchr(line, '\n') + 1;
        for (; *line; line = strchr(line, '\n') + 1) {
            int cells = 0;
            for (const char *c = line; *c != '\n'; c++) cells += (*c & 0xc0) != 0x80; /* UTF-8 characters */
            assert_true(cells <= (columns < 68 ? 68 : columns));
        }
        mote_text_free(&text);
        mote_arena_free(&arena);
    }
}

static void names_cannot_break_an_svg(void **state)
{
    (void)state;
    struct mote_arena arena;
    struct mote_text text = {0};
    mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
    struct mote_plan *plan = filled_plan(&arena, 6);
    for (int32_t i = 0; i < plan->buffer_count; i++) plan->buffers[i].name = "scope/<b a='1' c=\"2\">&x\x01\xff";
    for (int32_t s = 0; s < plan->step_count; s++) plan->steps[s].name = "<b a>";
    mote_plan_draw_svg(plan, &text);
    assert_int_equal(occurrences(text.bytes, "<polygon"), plan->buffer_count);
    assert_int_equal(occurrences(text.bytes, "<b a"), 0);
    assert_true(occurrences(text.bytes, "&#60;b a=&#39;1&#39; c=&#34;2&#34;&#62;&#38;x??") >= plan->buffer_count);
    assert_int_equal(occurrences(text.bytes, "<"), occurrences(text.bytes, ">"));
    mote_text_free(&text);
    mote_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_printed_plan_reads_back_and_prints_the_same),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(damaged_text_never_does_harm),
        cmocka_unit_test(a_short_text_cannot_ask_for_much_memory),
        cmocka_unit_test(errors_name_the_line_and_what_was_expected),
        cmocka_unit_test(failed_allocations_are_reported),
        cmocka_unit_test(a_picture_in_text_has_a_line_of_the_width_asked_for_per_step),
        cmocka_unit_test(names_cannot_break_an_svg),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
