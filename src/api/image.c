#include "image.h"

#include "../base/file.h"
#include "../plan/frames.h"
#include "../plan/stream.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum mote_status mote_image_name(struct mote *mote, const char *wanted, struct mote_arena *arena, const char **name)
{
    if (!wanted) {
        *name = mote_emit_identifier(arena, mote->model_path);
        return *name ? MOTE_OK : mote_error_memory(&mote->diag);
    }
    bool good = isalpha((unsigned char)wanted[0]) != 0;
    for (const char *c = wanted; *c; c++) good = good && (isalnum((unsigned char)*c) || *c == '_');
    if (!good || strlen(wanted) > 64)
        return mote_error(&mote->diag, MOTE_ERR_INPUT,
                          "\"%.80s\" cannot prefix C names: use a letter, then letters, digits and underscores, 64 at most",
                          wanted);
    *name = wanted;
    return MOTE_OK;
}

static enum mote_status write_in(const struct mote_image *image, const char *name, const void *bytes, size_t size_bytes,
                                 struct mote_diag *diag)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", image->folder, name);
    return mote_file_write(path, bytes, size_bytes, diag);
}

enum mote_status mote_image_write(struct mote *mote, const struct mote_image *image, const struct mote_emit_files *files)
{
    enum mote_status status = MOTE_OK;
    for (size_t i = 0; i < files->count && status == MOTE_OK; i++)
        status = write_in(image, files->files[i].name, files->files[i].text, files->files[i].bytes, &mote->diag);
    size_t harness_count = 0;
    const struct mote_embedded_file *harness = mote_sim_harness(mote->plan->target, &harness_count);
    for (size_t i = 0; i < harness_count && status == MOTE_OK; i++)
        status = write_in(image, harness[i].name, harness[i].text, harness[i].bytes, &mote->diag);
    return status;
}

static enum mote_status write_library(struct mote *mote, struct mote_arena *arena, const struct mote_image *image)
{
    struct mote_emit_options options = {.source = mote->model_path};
    enum mote_status status = mote_image_name(mote, NULL, arena, &options.name);
    struct mote_emit_files files = {0};
    if (status == MOTE_OK) status = mote_emit_library(mote->plan, &options, arena, &files, &mote->diag);
    if (status == MOTE_OK) status = mote_emit_glue(mote->plan, &options, arena, &files, &mote->diag);
    return status == MOTE_OK ? mote_image_write(mote, image, &files) : status;
}

/* Where the inputs go: whole ones in the graph's order, or rows in the order in which they are pushed. */
static enum mote_status input_spans(struct mote *mote, struct mote_arena *arena, struct mote_sim_job *job)
{
    const struct mote_plan *plan = mote->plan;
    struct mote_stream_take take;
    const bool pushed = mote_plan_is_pushed(plan);
    uint32_t count = pushed ? 0 : (uint32_t)plan->input_count;
    while (pushed && mote_stream_next_take(plan, &count, &take)) {
    }
    struct mote_sim_span *spans = MOTE_NEW_ARRAY(arena, struct mote_sim_span, count);
    if (!spans) return mote_error_memory(&mote->diag);
    job->input_count = count;
    for (uint32_t i = 0; i < count && !pushed; i++)
        spans[i] = (struct mote_sim_span){plan->buffers[plan->inputs[i]].offset, plan->buffers[plan->inputs[i]].bytes};
    for (uint32_t i = 0; pushed && mote_stream_next_take(plan, &i, &take);)
        spans[i - 1] = (struct mote_sim_span){take.offset, take.bytes};
    job->inputs = spans;
    job->input_is_pushed = pushed;
    return MOTE_OK;
}

static enum mote_status state_frames(struct mote *mote, struct mote_arena *arena, struct mote_sim_job *job)
{
    struct mote_plan_frame frames[MOTE_PLAN_FRAMES];
    const size_t count = mote_plan_frames(mote->plan, frames);
    struct mote_sim_frame *stated = MOTE_NEW_ARRAY(arena, struct mote_sim_frame, count);
    if (!stated) return mote_error_memory(&mote->diag);
    for (size_t i = 0; i < count; i++) stated[i] = (struct mote_sim_frame){frames[i].function, frames[i].bytes};
    job->frames = stated;
    job->frame_count = count;
    return MOTE_OK;
}

enum mote_status mote_image_describe(struct mote *mote, struct mote_arena *arena, struct mote_image *image)
{
    const struct mote_plan *plan = mote->plan;
    struct mote_sim_span *outputs = MOTE_NEW_ARRAY(arena, struct mote_sim_span, (size_t)plan->output_count);
    if (!outputs) return mote_error_memory(&mote->diag);
    for (int32_t i = 0; i < plan->output_count; i++) {
        const struct mote_buffer *b = &plan->buffers[plan->outputs[i]];
        outputs[i] = (struct mote_sim_span){b->offset, b->bytes};
    }
    image->job = (struct mote_sim_job){
        .target = plan->target,
        .folder = image->folder,
        .optimise = mote_plan_compile_flags(plan),
        .arena_bytes = mote_emit_arena_bytes(plan),
        .outputs = outputs,
        .output_count = (size_t)plan->output_count,
    };
    const enum mote_status status = state_frames(mote, arena, &image->job);
    return status == MOTE_OK ? input_spans(mote, arena, &image->job) : status;
}

enum mote_status mote_image_begin(struct mote *mote, struct mote_image *image)
{
    *image = (struct mote_image){.folder = ""};
    const char *missing = NULL;
    if (!mote_sim_available(mote->plan->target, &missing))
        return mote_error(&mote->diag, MOTE_ERR_IO, "target %s cannot be built or run here: %s is missing",
                          mote->plan->target->name, missing ? missing : "something");
    enum mote_status status = mote_folder_temporary(image->folder, sizeof image->folder, &mote->diag);
    if (status != MOTE_OK) {
        image->folder[0] = 0;
        return status;
    }
    char path[1024];
    snprintf(path, sizeof path, "%s/kernel", image->folder);
    if (mkdir(path, 0777) != 0) return mote_error(&mote->diag, MOTE_ERR_IO, "cannot create %s: %s", path, strerror(errno));
    return MOTE_OK;
}

enum mote_status mote_image_prepare(struct mote *mote, struct mote_arena *arena, struct mote_image *image)
{
    enum mote_status status = mote_image_begin(mote, image);
    if (status == MOTE_OK) status = write_library(mote, arena, image);
    return status == MOTE_OK ? mote_image_describe(mote, arena, image) : status;
}

enum mote_status mote_image_take_vectors(struct mote *mote, struct mote_arena *arena, struct mote_image *image,
                                         const uint8_t *vectors, size_t count)
{
    const struct mote_plan *plan = mote->plan;
    image->job.input = vectors;
    image->job.vector_count = count;
    if (!plan->stream || !plan->stream->strip_count) return MOTE_OK;
    size_t cut_bytes = 0;
    for (int32_t i = 0; i < plan->input_count; i++) cut_bytes += plan->buffers[plan->inputs[i]].bytes;
    uint8_t *cut = mote_arena_calloc(arena, count, cut_bytes), *to = cut;
    if (!cut) return mote_error_memory(&mote->diag);
    for (size_t v = 0; v < count; v++, vectors += mote->model_info->vector_input_bytes)
        for (int32_t e = 0; e < plan->stream->event_count; e++) {
            if (plan->stream->events[e].step != MOTE_TAKE_ROW) continue;
            const struct mote_stream_take take = mote_stream_take_of(plan, &plan->stream->events[e]);
            memcpy(to, vectors + take.source, take.bytes);
            to += take.bytes;
        }
    image->job.input = cut;
    return MOTE_OK;
}

void mote_image_remove(struct mote_image *image)
{
    if (image->folder[0]) mote_folder_remove(image->folder);
    image->folder[0] = 0;
}

bool mote_image_progress(void *context, size_t done, size_t total)
{
    return mote_session_report(context, "simulating", done, total);
}

void mote_image_note_lacks(struct mote *mote, const struct mote_sim_lack *lacks)
{
    struct mote_plan_info *info = mote->plan_info;
    info->lacks_ram = info->lacks_ram || lacks->ram_bytes;
    info->lacks_flash = info->lacks_flash || lacks->flash_bytes;
    if (lacks->ram_bytes > info->missing_ram_bytes) info->missing_ram_bytes = lacks->ram_bytes;
    if (lacks->flash_bytes > info->missing_flash_bytes) info->missing_flash_bytes = lacks->flash_bytes;
}

enum mote_status mote_image_check_fit(struct mote *mote, const struct mote_sim_result *sizes)
{
    const struct mote_target *target = mote->plan->target;
    const uint32_t ram_bytes = sizes->ram_bytes + sizes->stack_bytes;
    mote_image_note_lacks(mote, &(struct mote_sim_lack){
                                    .ram_bytes = ram_bytes > target->ram_bytes ? ram_bytes - target->ram_bytes : 0,
                                    .flash_bytes = sizes->flash_bytes > target->flash_bytes ? sizes->flash_bytes - target->flash_bytes : 0});
    if (sizes->flash_bytes > target->flash_bytes)
        return mote_error(&mote->diag, MOTE_ERR_NO_FIT,
                          "does not fit %s: the built library needs %u bytes of flash (%zu of them weights and tables), the chip "
                          "has %u, %u too few",
                          target->name, (unsigned)sizes->flash_bytes, mote->plan->constant_bytes,
                          (unsigned)target->flash_bytes, (unsigned)(sizes->flash_bytes - target->flash_bytes));
    if (sizes->ram_bytes + sizes->stack_bytes > target->ram_bytes)
        return mote_error(&mote->diag, MOTE_ERR_NO_FIT,
                          "does not fit %s: static RAM and stack need %u bytes (%u of them for tensors), the chip has %u",
                          target->name, (unsigned)(sizes->ram_bytes + sizes->stack_bytes),
                          (unsigned)mote->plan->arena_bytes, (unsigned)target->ram_bytes);
    return MOTE_OK;
}

/* ---- Measuring ---- */

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

enum mote_status mote_image_measure(struct mote *mote, const struct mote_blob *blob, struct mote_arena *arena,
                                    struct mote_sim_result *sizes, bool *measured)
{
    const char *missing = NULL;
    if (mote->plan->target->simulator == MOTE_SIM_HOST) return MOTE_OK;
    if (!mote_sim_available(mote->plan->target, &missing)) {
        mote_note(&mote->diag, MOTE_WARNING, "flash and RAM were not measured: %s is missing", missing ? missing : "a compiler");
        return MOTE_OK;
    }
    struct mote_image image;
    struct mote_sim_result built = {0};
    struct mote_sim_lack lacks = {0};
    char *path = NULL;
    enum mote_status status = blob ? mote_image_prepare_blob(mote, blob, arena, &image) : mote_image_prepare(mote, arena, &image);
    image.job.lacks = &lacks;
    if (status == MOTE_OK) status = mote_sim_build(&image.job, arena, &path, &built, &mote->diag);
    mote_image_remove(&image);
    mote_image_note_lacks(mote, &lacks);
    if (status == MOTE_OK) status = mote_image_check_fit(mote, &built);
    if (status != MOTE_OK) return status;
    warn_of_stack(mote, &built);
    *sizes = built;
    *measured = true;
    return MOTE_OK;
}

/* ---- Folders ---- */

enum mote_status mote_image_check_replaceable(struct mote *mote, const char *output, bool force, const char *what,
                                              const char *mark)
{
    if (!mote_file_exists(output)) return MOTE_OK;
    if (!force) return mote_error(&mote->diag, MOTE_ERR_IO, "%s exists; --force replaces it", output);
    char own[1024], kernel[1024];
    snprintf(own, sizeof own, "%s/%s", output, mark);
    snprintf(kernel, sizeof kernel, "%s/kernel/mote_kernel.h", output);
    if (mote_folder_is_empty(output) || (mote_file_exists(own) && mote_file_exists(kernel))) return MOTE_OK;
    return mote_error(&mote->diag, MOTE_ERR_IO, "%s does not look like %s that mote wrote: it is not replaced; remove it yourself",
                      output, what);
}

enum mote_status mote_image_write_folder(struct mote *mote, const char *output, bool force,
                                         const struct mote_emit_files *files)
{
    struct mote_folder folder;
    enum mote_status status = mote_folder_begin(&folder, output, force, &mote->diag);
    if (status != MOTE_OK) return status;
    for (size_t i = 0; i < files->count && status == MOTE_OK; i++)
        status = mote_folder_write(&folder, files->files[i].name, files->files[i].text, files->files[i].bytes, &mote->diag);
    if (status == MOTE_OK) status = mote_folder_commit(&folder, &mote->diag);
    if (status != MOTE_OK) mote_folder_abandon(&folder);
    return status;
}
