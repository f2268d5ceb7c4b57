#include "check.h"

#include "emit/emit.h"
#include "eval/eval.h"
#include "ir/text.h"
#include "pass/pass.h"
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

/* A library is text in memory; what it says is the business of other tests. */
static void check_emit(const struct mote_plan *plan, struct mote_arena *arena, struct mote_diag *diag)
{
    const struct mote_emit_options options = {.name = "fuzz", .source = "fuzz.tflite"};
    struct mote_emit_files library = {0};
    const enum mote_status status = mote_emit_library(plan, &options, arena, &library, diag);
    fuzz_require(status == MOTE_OK || status == MOTE_ERR_MEMORY, "a plan that verifies becomes C");
}

typedef enum mote_status build_plan(const struct mote_graph *graph, const struct mote_target *target,
                                    struct mote_arena *arena, struct mote_plan **plan, struct mote_diag *diag);

static void check_plan(const struct mote_graph *graph, build_plan *build, unsigned choice)
{
    struct mote_arena arena;
    struct mote_diag diag;
    struct mote_plan *plan = NULL;
    size_t target_count = 0;
    const struct mote_target *const *targets = mote_target_all(&target_count);
    mote_arena_init(&arena, FUZZ_ARENA_BYTES);
    mote_diag_init(&diag, "");
    const enum mote_status status = build(graph, targets[choice % target_count], &arena, &plan, &diag);
    fuzz_require(status == MOTE_OK || diag.count > 0 || diag.out_of_memory, "a plan that is refused says why");
    if (status == MOTE_OK) {
        if (plan->arena_bytes <= FUZZ_SIMULATED_BYTES)
            fuzz_require(mote_plan_verify(plan, &diag) == MOTE_OK, "a plan that is made verifies");
        (void)!mote_plan_check_fit(plan, &diag);
        fuzz_check_plan_text(plan);
        check_emit(plan, &arena, &diag);
    }
    mote_diag_free(&diag);
    mote_arena_free(&arena);
}

/* ---- The passes, in the order in which a model is loaded ---- */

static enum mote_status fold(struct mote_graph *graph, int32_t *changes, struct mote_diag *diag)
{
    return mote_pass_fold_constants(graph, mote_eval_op, changes, diag);
}

static enum mote_status remove_channels(struct mote_graph *graph, int32_t *changes, struct mote_diag *diag)
{
    return mote_pass_remove_channels(graph, NULL, changes, diag);
}

static void check_passes(const struct mote_graph *source, unsigned choice)
{
    static enum mote_status (*const passes[])(struct mote_graph *, int32_t *, struct mote_diag *) = {
        fold, mote_pass_fuse_pad, mote_pass_fuse_activation, mote_pass_remove_dead, remove_channels};
    struct mote_diag diag;
    struct mote_graph *graph = mote_graph_clone(source);
    enum mote_status status = graph ? MOTE_OK : MOTE_ERR_MEMORY;
    mote_diag_init(&diag, "");
    for (size_t i = 0; i < sizeof passes / sizeof passes[0] && status == MOTE_OK; i++) {
        int32_t changes = 0;
        status = passes[i](graph, &changes, &diag);
        fuzz_require(status == MOTE_OK || diag.count > 0 || diag.out_of_memory, "a pass that fails says why");
        if (status == MOTE_OK) fuzz_require(mote_graph_verify(graph, NULL) == MOTE_OK, "a graph verifies after every pass");
    }
    mote_diag_free(&diag);
    static build_plan *const builds[] = {mote_plan_build, mote_plan_build_stream, mote_plan_build_slide};
    if (status == MOTE_OK) check_plan(graph, builds[choice / 16 % 3], choice);
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
    check_plan(graph, mote_plan_build, choice);
    check_passes(graph, choice);
}
