#include "check.h"

#include "ir/text.h"
#include "plan/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fuzz_require(bool condition, const char *text)
{
    if (condition) return;
    fprintf(stderr, "does not hold: %s\n", text);
    abort();
}

static void check_graph_text(const struct mote_graph *graph)
{
    struct mote_arena arena;
    struct mote_text first = {0}, second = {0};
    struct mote_graph *again = NULL;
    mote_arena_init(&arena, 2 * FUZZ_ARENA_BYTES);
    mote_graph_print(graph, &first);
    if (!first.failed) {
        const enum mote_status status = mote_graph_parse(first.bytes, first.length, &arena, &again, NULL);
        fuzz_require(status == MOTE_OK, "a graph that verifies prints as text that parses");
        mote_graph_print(again, &second);
        fuzz_require(second.failed || strcmp(first.bytes, second.bytes) == 0, "the text of a graph parses to itself");
        fuzz_require(mote_graph_verify(again, NULL) == MOTE_OK, "a graph that verifies still does after its text form");
    }
    mote_text_free(&first);
    mote_text_free(&second);
    mote_arena_free(&arena);
}

void fuzz_check_plan_text(const struct mote_plan *plan)
{
    struct mote_arena arena;
    struct mote_text first = {0}, second = {0};
    struct mote_plan *again = NULL;
    mote_arena_init(&arena, 2 * FUZZ_ARENA_BYTES);
    mote_plan_print(plan, &first);
    if (!first.failed) {
        const enum mote_status status = mote_plan_parse(first.bytes, first.length, &arena, &again, NULL);
        fuzz_require(status == MOTE_OK, "a plan prints as text that parses");
        mote_plan_print(again, &second);
        fuzz_require(second.failed || strcmp(first.bytes, second.bytes) == 0, "the text of a plan parses to itself");
    }
    mote_text_free(&first);
    mote_text_free(&second);
    mote_arena_free(&arena);
}

static void check_plan(const struct mote_graph *graph, unsigned choice)
{
    struct mote_arena arena;
    struct mote_diag diag;
    struct mote_plan *plan = NULL;
    size_t target_count = 0;
    const struct mote_target *const *targets = mote_target_all(&target_count);
    mote_arena_init(&arena, FUZZ_ARENA_BYTES);
    mote_diag_init(&diag, "");
    const enum mote_status status = mote_plan_build(graph, targets[choice % target_count], &arena, &plan, &diag);
    fuzz_require(status == MOTE_OK || diag.count > 0 || diag.out_of_memory, "a plan that is refused says why");
    if (status == MOTE_OK) {
        if (plan->arena_bytes <= FUZZ_SIMULATED_BYTES)
            fuzz_require(mote_plan_verify(plan, &diag) == MOTE_OK, "a plan that is made verifies");
        (void)!mote_plan_check_fit(plan, &diag);
        fuzz_check_plan_text(plan);
    }
    mote_diag_free(&diag);
    mote_arena_free(&arena);
}

void fuzz_check_graph(const struct mote_graph *graph, unsigned choice)
{
    struct mote_diag diag;
    mote_diag_init(&diag, "");
    const bool verified = mote_graph_verify(graph, &diag) == MOTE_OK;
    fuzz_require(verified || diag.count > 0, "a graph that does not verify is told why");
    mote_diag_free(&diag);
    if (!verified) return;
    check_graph_text(graph);
    check_plan(graph, choice);
}
