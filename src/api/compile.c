/* From a plan to a folder of C. */
#include "image.h"

#include "../base/file.h"
#include "../blob/blob.h"
#include "../eval/eval.h"

#include <stdio.h>

enum { SELF_TEST_SEED = 20240229 };

enum mote_status mote_image_self_test(struct mote *mote, struct mote_arena *arena, struct mote_emit_self_test *test)
{
    struct mote_plan *reference = NULL;
    const enum mote_status status = mote_session_reference(mote, mote->source, arena, &reference);
    if (status != MOTE_OK) return status;
    const size_t input_bytes = mote_eval_input_bytes(reference), output_bytes = mote_eval_output_bytes(reference);
    uint8_t *memory = mote_arena_calloc(arena, reference->arena_bytes, 1);
    uint8_t *input = mote_arena_calloc(arena, input_bytes, 1), *output = mote_arena_calloc(arena, output_bytes, 1);
    if (!memory || !input || !output) return mote_error_memory(&mote->diag);
    struct mote_rng rng;
    mote_rng_seed(&rng, SELF_TEST_SEED);
    mote_session_random_vector(mote->source, &rng, input);
    mote_eval_run(reference, memory, input, output, NULL, NULL);
    *test = (struct mote_emit_self_test){input, mk_blob_hash(MK_BLOB_HASH, output, (uint32_t)output_bytes)};
    return MOTE_OK;
}

static enum mote_status measure(struct mote *mote, struct mote_arena *arena, struct mote_emit_figures *figures)
{
    struct mote_sim_result sizes;
    bool measured = false;
    const enum mote_status status = mote_image_measure(mote, NULL, arena, &sizes, &measured);
    if (status != MOTE_OK || !measured) return status;
    *figures = (struct mote_emit_figures){
        .measured = true,
        .flash_bytes = sizes.flash_bytes,
        .code_bytes = sizes.flash_bytes - (uint32_t)mote->plan->constant_bytes,
        .ram_bytes = sizes.ram_bytes,
        .worst_case_stack_bytes = sizes.worst_case_stack_bytes,
        .worst_case_stack = sizes.worst_case_stack,
    };
    return MOTE_OK;
}

static enum mote_status compile(struct mote *mote, const struct mote_compile_options *options, struct mote_arena *arena,
                                struct mote_compile_report *report)
{
    struct mote_emit_options emit = {.source = mote->model_path, .command = options->command};
    struct mote_emit_self_test test;
    struct mote_emit_files library = {0};
    enum mote_status status = mote_image_name(mote, options->name, arena, &emit.name);
    if (status == MOTE_OK) status = mote_image_check_replaceable(mote, options->output, options->force, "a library", "model.c");
    if (status == MOTE_OK && options->self_test) {
        status = mote_image_self_test(mote, arena, &test);
        emit.self_test = &test;
    }
    if (status == MOTE_OK && !options->skip_build) status = measure(mote, arena, &emit.figures);
    if (status == MOTE_OK) status = mote_emit_library(mote->plan, &emit, arena, &library, &mote->diag);
    struct mote_emit_files all = library;
    if (status == MOTE_OK) status = mote_emit_project(mote->plan, &emit, &library, arena, &all, &mote->diag);
    const char *name = status == MOTE_OK ? mote_arena_string(&mote->plan_arena, emit.name) : NULL;
    const char *stack = emit.figures.worst_case_stack;
    if (stack) stack = mote_arena_string(&mote->plan_arena, stack);
    if (status == MOTE_OK && (!name || (!stack && emit.figures.worst_case_stack))) status = mote_error_memory(&mote->diag);
    if (status == MOTE_OK) status = mote_image_write_folder(mote, options->output, options->force, &all); /* last: nothing is written before all is well */
    if (status != MOTE_OK || !report) return status;
    *report = (struct mote_compile_report){
        .name = name,
        .target = mote->plan->target->name,
        .output = options->output,
        .arena_bytes = mote->plan->arena_bytes,
        .constant_bytes = mote->plan->constant_bytes,
        .weight_bytes = mote->plan->weight_bytes,
        .built = emit.figures.measured,
        .flash_bytes = emit.figures.flash_bytes,
        .code_bytes = emit.figures.code_bytes,
        .ram_bytes = emit.figures.ram_bytes,
        .worst_case_stack_bytes = emit.figures.worst_case_stack_bytes,
        .worst_case_stack = stack,
        .file_count = all.count,
    };
    return MOTE_OK;
}

enum mote_status mote_compile(struct mote *mote, const struct mote_compile_options *options,
                              struct mote_compile_report *report)
{
    enum mote_status status = mote_session_needs_fit(mote, "written");
    if (status == MOTE_OK) status = mote_session_needs_model(mote, "compiling");
    if (status != MOTE_OK) return status;
    struct mote_arena arena;
    mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
    status = compile(mote, options, &arena, report);
    mote_arena_free(&arena);
    return status;
}
