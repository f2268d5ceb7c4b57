/* From a plan to a folder of C. */
#include "image.h"

#include "../base/file.h"
#include "../eval/eval.h"

#include <stdio.h>

enum { SELF_TEST_SEED = 20240229 };

/* A random input and the reference's output hash. */
static enum mote_status make_self_test(struct mote *mote, struct mote_arena *arena, struct mote_emit_self_test *test)
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
    *test = (struct mote_emit_self_test){input, mote_emit_hash(output, output_bytes)};
    return MOTE_OK;
}

/* The bound may be higher than any real run, so that exceeding the RAM is no error. */
static void warn_of_stack(struct mote *mote, const struct mote_sim_result *sizes)
{
    const struct mote_target *target = mote->plan->target;
    const uint32_t bytes = sizes->ram_bytes + sizes->worst_case_stack_bytes;
    if (bytes > target->ram_bytes)
        mote_note(&mote->diag, MOTE_WARNING,
                  "the stack may overflow on %s: static RAM and the worst-case stack (%u bytes: %s) need %u bytes, the chip has %u",
                  target->name, (unsigned)sizes->worst_case_stack_bytes, sizes->worst_case_stack, (unsigned)bytes,
                  (unsigned)target->ram_bytes);
}

/* Builds the library once to state its size. Without the target's compiler, figures stay unmeasured: not an error. */
static enum mote_status measure(struct mote *mote, struct mote_arena *arena, struct mote_emit_figures *figures)
{
    const char *missing = NULL;
    if (mote->plan->target->simulator == MOTE_SIM_HOST) return MOTE_OK;
    if (!mote_sim_available(mote->plan->target, &missing)) {
        mote_note(&mote->diag, MOTE_WARNING, "flash and RAM were not measured: %s is missing", missing ? missing : "a compiler");
        return MOTE_OK;
    }
    struct mote_image image;
    struct mote_sim_result sizes = {0};
    struct mote_sim_lack lacks = {0};
    char *path = NULL;
    enum mote_status status = mote_image_prepare(mote, arena, &image);
    image.job.lacks = &lacks;
    if (status == MOTE_OK) status = mote_sim_build(&image.job, arena, &path, &sizes, &mote->diag);
    mote_image_remove(&image);
    mote_image_note_lacks(mote, &lacks);
    if (status == MOTE_OK) status = mote_image_check_fit(mote, &sizes);
    if (status != MOTE_OK) return status;
    warn_of_stack(mote, &sizes);
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

/* --force replaces what an earlier compilation wrote, not whatever a mistyped path names. */
static enum mote_status check_replaceable(struct mote *mote, const struct mote_compile_options *options)
{
    if (!mote_file_exists(options->output)) return MOTE_OK;
    if (!options->force) return mote_error(&mote->diag, MOTE_ERR_IO, "%s exists; --force replaces it", options->output);
    char model[1024], kernel[1024];
    snprintf(model, sizeof model, "%s/model.c", options->output);
    snprintf(kernel, sizeof kernel, "%s/kernel/mote_kernel.h", options->output);
    if (mote_folder_is_empty(options->output) || (mote_file_exists(model) && mote_file_exists(kernel))) return MOTE_OK;
    return mote_error(&mote->diag, MOTE_ERR_IO, "%s does not look like a library that mote wrote: it is not replaced; remove it yourself",
                      options->output);
}

static enum mote_status write_all(struct mote *mote, const struct mote_compile_options *options,
                                  const struct mote_emit_files *files)
{
    struct mote_folder folder;
    enum mote_status status = mote_folder_begin(&folder, options->output, options->force, &mote->diag);
    if (status != MOTE_OK) return status;
    for (size_t i = 0; i < files->count && status == MOTE_OK; i++)
        status = mote_folder_write(&folder, files->files[i].name, files->files[i].text, files->files[i].bytes, &mote->diag);
    if (status == MOTE_OK) status = mote_folder_commit(&folder, &mote->diag);
    if (status != MOTE_OK) mote_folder_abandon(&folder);
    return status;
}

static enum mote_status compile(struct mote *mote, const struct mote_compile_options *options, struct mote_arena *arena,
                                struct mote_compile_report *report)
{
    struct mote_emit_options emit = {.source = mote->model_path, .command = options->command};
    struct mote_emit_self_test test;
    struct mote_emit_files library = {0};
    enum mote_status status = mote_image_name(mote, options->name, arena, &emit.name);
    if (status == MOTE_OK) status = check_replaceable(mote, options);
    if (status == MOTE_OK && options->self_test) {
        status = make_self_test(mote, arena, &test);
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
    if (status == MOTE_OK) status = write_all(mote, options, &all); /* last: nothing is written before all is well */
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
    if (!mote->plan) return mote_error(&mote->diag, MOTE_ERR_INPUT, "nothing is planned yet");
    if (!mote->plan_info->fits) return mote_error(&mote->diag, MOTE_ERR_NO_FIT, "nothing was written: the model does not fit");
    struct mote_arena arena;
    mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
    const enum mote_status status = compile(mote, options, &arena, report);
    mote_arena_free(&arena);
    return status;
}
