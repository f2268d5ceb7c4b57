/* From a plan to a blob, and from kernels to firmware that runs blobs. */
#include "blob.h"
#include "image.h"

#include "../base/file.h"

/* Kernels of the blob, each once, in the order of their first call; NULL when memory is out. */
static const struct mote_kernel **kernels_of(const struct mote_blob *blob, struct mote_arena *arena, size_t *count)
{
    const struct mote_kernel **kernels = MOTE_NEW_ARRAY(arena, const struct mote_kernel *, blob->header.plan.step_count);
    *count = 0;
    for (uint16_t s = 0; kernels && s < blob->header.plan.step_count; s++) {
        size_t i = 0;
        while (i < *count && kernels[i] != blob->calls[s].kernel) i++;
        if (i == *count) kernels[(*count)++] = blob->calls[s].kernel;
    }
    return kernels;
}

/* ---- The image of a simulation ---- */

static enum mote_status emit_blob_image(struct mote *mote, const struct mote_blob *blob, struct mote_arena *arena,
                                        struct mote_emit_files *files)
{
    struct mote_emit_runtime runtime = {.target = blob->target, .with_streams = blob->header.plan.stream_at != 0};
    runtime.kernels = kernels_of(blob, arena, &runtime.kernel_count);
    if (!runtime.kernels) return mote_error_memory(&mote->diag);
    const enum mote_status status = mote_emit_runtime(&runtime, arena, files, &mote->diag);
    return status == MOTE_OK ? mote_emit_blob_program(blob, arena, files, &mote->diag) : status;
}

/* The rows as the blob has them: a plan that was read from a blob knows of none. */
static enum mote_status take_row_spans(struct mote *mote, const struct mote_blob *blob, struct mote_arena *arena,
                                       struct mote_sim_job *job)
{
    struct mote_sim_span *spans = MOTE_NEW_ARRAY(arena, struct mote_sim_span, blob->stream.input_rows);
    if (!spans) return mote_error_memory(&mote->diag);
    for (uint32_t r = 0; r < blob->stream.input_rows; r++)
        spans[r] = (struct mote_sim_span){mote_blob_input_row(blob, r), blob->stream.row_bytes};
    job->inputs = spans;
    job->input_count = blob->stream.input_rows;
    job->input_is_pushed = true;
    return MOTE_OK;
}

enum mote_status mote_image_prepare_blob(struct mote *mote, const struct mote_blob *blob, struct mote_arena *arena,
                                         struct mote_image *image)
{
    struct mote_emit_files files = {0};
    enum mote_status status = mote_image_begin(mote, image);
    if (status == MOTE_OK) status = emit_blob_image(mote, blob, arena, &files);
    if (status == MOTE_OK) status = mote_image_write(mote, image, &files);
    if (status == MOTE_OK) status = mote_image_describe(mote, arena, image);
    if (status != MOTE_OK) return status;
    image->job.arena_bytes = blob->header.plan.arena_bytes;
    return blob->header.plan.stream_at ? take_row_spans(mote, blob, arena, &image->job) : MOTE_OK;
}

/* ---- mote_pack ---- */

static enum mote_status measure(struct mote *mote, const struct mote_blob *blob, struct mote_arena *arena,
                                struct mote_pack_report *report)
{
    struct mote_sim_result sizes;
    const enum mote_status status = mote_image_measure(mote, blob, arena, &sizes, &report->built);
    if (status != MOTE_OK || !report->built) return status;
    report->flash_bytes = sizes.flash_bytes;
    report->code_bytes = sizes.flash_bytes - blob->header.bytes;
    report->ram_bytes = sizes.ram_bytes;
    report->loop_bytes = sizes.loop_bytes;
    report->loader_bytes = sizes.loader_bytes;
    report->worst_case_stack_bytes = sizes.worst_case_stack_bytes;
    report->worst_case_stack = mote_arena_string(&mote->plan_arena, sizes.worst_case_stack ? sizes.worst_case_stack : "not analysed");
    return report->worst_case_stack ? MOTE_OK : mote_error_memory(&mote->diag);
}

static enum mote_status pack(struct mote *mote, const struct mote_pack_options *options, struct mote_arena *arena,
                             struct mote_pack_report *report)
{
    struct mote_emit_self_test made;
    struct mote_blob_test test;
    const struct mote_blob *blob = NULL;
    enum mote_status status = MOTE_OK;
    if (options->output && !options->force && mote_file_exists(options->output))
        return mote_error(&mote->diag, MOTE_ERR_IO, "%s exists; --force replaces it", options->output);
    if (options->self_test) {
        status = mote_image_self_test(mote, arena, &made);
        if (status != MOTE_OK) return status;
        test = (struct mote_blob_test){made.input, made.output_hash};
    }
    status = mote_api_blob_get(mote, options->self_test ? &test : NULL, arena, &blob);
    if (status != MOTE_OK) return status;
    struct mote_pack_report filled = {.target = blob->target->name,
                                      .output = options->output,
                                      .blob_bytes = blob->header.bytes,
                                      .constant_bytes = mote->plan->constant_bytes,
                                      .step_count = blob->header.plan.step_count,
                                      .arena_bytes = blob->header.plan.arena_bytes};
    if (!kernels_of(blob, arena, &filled.kernel_count)) return mote_error_memory(&mote->diag);
    if (!options->skip_build) status = measure(mote, blob, arena, &filled);
    if (status == MOTE_OK && options->output) status = mote_file_write(options->output, blob->bytes, blob->header.bytes, &mote->diag);
    if (status == MOTE_OK && report) *report = filled;
    return status;
}

enum mote_status mote_pack(struct mote *mote, const struct mote_pack_options *options, struct mote_pack_report *report)
{
    enum mote_status status = mote_session_needs_fit(mote, "written");
    if (status == MOTE_OK) status = mote_session_needs_model(mote, "packing");
    if (status != MOTE_OK) return status;
    struct mote_arena arena;
    mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
    status = pack(mote, options, &arena, report);
    mote_arena_free(&arena);
    return status;
}

/* ---- Firmware ---- */

enum mote_status mote_runtime_add(struct mote *mote)
{
    const enum mote_status status = mote_session_needs_fit(mote, "written");
    if (status != MOTE_OK) return status;
    const struct mote_plan *plan = mote->plan;
    const bool streamed = mote->blob ? mote->blob->header.plan.stream_at != 0 : plan->stream != NULL;
    if (mote->runtime_target && mote->runtime_target != plan->target)
        return mote_error(&mote->diag, MOTE_ERR_INPUT, "firmware for %s cannot run what was planned for %s",
                          mote->runtime_target->name, plan->target->name);
    mote->runtime_target = plan->target;
    mote->runtime_streams = mote->runtime_streams || streamed;
    for (int32_t s = 0; s < plan->step_count; s++) mote->runtime_kernels[plan->steps[s].kernel->id] = true;
    return MOTE_OK;
}

static enum mote_status write_runtime(struct mote *mote, const struct mote_runtime_options *options, struct mote_arena *arena,
                                      struct mote_runtime_report *report)
{
    const struct mote_kernel *kernels[MOTE_KERNEL_COUNT];
    struct mote_emit_runtime runtime = {.target = mote->runtime_target, .kernels = kernels, .with_streams = mote->runtime_streams,
                                        .command = options->command};
    struct mote_emit_files files = {0};
    for (int id = 0; id < MOTE_KERNEL_COUNT; id++)
        if (mote->runtime_kernels[id]) kernels[runtime.kernel_count++] = mote_kernel_get((enum mote_kernel_id)id);
    enum mote_status status = mote_image_check_replaceable(mote, options->output, options->force, "firmware", "mk_blob_kernels.c");
    if (status == MOTE_OK) status = mote_emit_runtime(&runtime, arena, &files, &mote->diag);
    if (status == MOTE_OK) status = mote_emit_runtime_project(&runtime, arena, &files, &mote->diag);
    if (status == MOTE_OK) status = mote_image_write_folder(mote, options->output, options->force, &files);
    if (status == MOTE_OK && report) *report = (struct mote_runtime_report){runtime.kernel_count, files.count};
    return status;
}

enum mote_status mote_runtime_write(struct mote *mote, const struct mote_runtime_options *options,
                                    struct mote_runtime_report *report)
{
    if (!mote->runtime_target) return mote_error(&mote->diag, MOTE_ERR_INPUT, "firmware without kernels: nothing was added to it");
    struct mote_arena arena;
    mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
    const enum mote_status status = write_runtime(mote, options, &arena, report);
    mote_arena_free(&arena);
    return status;
}
