/* From a file to a verified graph: import, verify, passes. */
#include "session.h"

#include "../base/file.h"
#include "../eval/eval.h"
#include "../import/tflite.h"
#include "../ir/text.h"
#include "../pass/pass.h"
#include "blob.h"
#include "info.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST_MODEL_BYTES ((size_t)256 << 20)

/* Import may use this many times the file's size, and at least some megabytes: a small file cannot ask for much. */
enum { MEMORY_PER_FILE_BYTE = 64, LEAST_MEMORY_BYTES = 64 << 20 };

#define PASS(name)                                                                                                     \
    static enum mote_status run_##name(struct mote *mote, struct mote_pass_info *info)                                \
    {                                                                                                                  \
        return mote_pass_##name(mote->graph, &info->changes, &mote->diag);                                             \
    }
PASS(fuse_pad)
PASS(fuse_activation)
PASS(remove_dead)
#undef PASS

static enum mote_status run_fold_constants(struct mote *mote, struct mote_pass_info *info)
{
    return mote_pass_fold_constants(mote->graph, mote_eval_op, &info->changes, &mote->diag);
}

static enum mote_status run_remove_channels(struct mote *mote, struct mote_pass_info *info)
{
    const enum mote_status status =
        mote_pass_remove_channels(mote->graph, &mote->channel_report, &info->changes, &mote->diag);
    const struct mote_channel_report r = mote->channel_report;
    if (status != MOTE_OK || info->changes == 0) return status;
    info->what = mote_arena_printf(&mote->model_arena,
                                   "channels removed: %" PRId32 " always hold one value, %" PRId32 " are never used; %" PRId64
                                   " stay, weights %" PRId64 " -> %" PRId64 ", MACs %" PRId64 " -> %" PRId64,
                                   r.constant_channels, r.unread_channels, r.after.channels, r.before.weights,
                                   r.after.weights, r.before.macs, r.after.macs);
    return info->what ? MOTE_OK : mote_error_memory(&mote->diag);
}

/* The passes in the order they run; all of them exact. */
static const struct {
    const char *name, *what; /* a pass may say more itself */
    enum mote_status (*run)(struct mote *mote, struct mote_pass_info *info);
} passes[] = {
    {"remove_dead", "operators removed whose result nobody reads", run_remove_dead}, /* readers stand in the way of fusing */
    {"fold_constants", "operators on constants computed by the compiler", run_fold_constants},
    {"fuse_pad", "PAD made part of the convolutions that read it", run_fuse_pad},
    {"fuse_activation", "activations made part of their producers", run_fuse_activation},
    {"remove_dead", "operators removed whose result nobody reads", run_remove_dead},
    {"remove_channels", "channels removed that are constant or never used", run_remove_channels},
};

static enum mote_status run_passes(struct mote *mote)
{
    struct mote_pass_info *info = MOTE_NEW_ARRAY(&mote->model_arena, struct mote_pass_info, sizeof passes / sizeof passes[0]);
    if (!info) return mote_error_memory(&mote->diag);
    for (size_t i = 0; i < sizeof passes / sizeof passes[0]; i++) {
        info[i] = (struct mote_pass_info){.name = passes[i].name, .what = passes[i].what};
        enum mote_status status = passes[i].run(mote, &info[i]);
        if (status == MOTE_OK) status = mote_graph_verify(mote->graph, &mote->diag);
        if (status != MOTE_OK) return status;
    }
    return mote_info_model(mote, info, sizeof passes / sizeof passes[0]);
}

static bool is_text(const uint8_t *bytes, size_t size_bytes)
{
    static const char magic[] = "graph";
    return size_bytes >= sizeof magic - 1 && !memcmp(bytes, magic, sizeof magic - 1);
}

static void forget_model(struct mote *mote)
{
    mote_arena_free(&mote->plan_arena);
    mote_arena_free(&mote->model_arena);
    mote->model_path = NULL;
    mote->source = mote->graph = NULL;
    mote->channel_report = (struct mote_channel_report){0};
    mote->model_info = NULL;
    mote->blob = NULL;
    mote->blob_info = NULL;
    mote->plan = NULL;
    mote->plan_info = NULL;
}

static enum mote_status load_bytes(struct mote *mote, const uint8_t *bytes, size_t size_bytes)
{
    struct mote_arena *arena = &mote->model_arena;
    if (mote_blob_is_one(bytes, size_bytes)) return mote_api_blob_load(mote, bytes, size_bytes);
    enum mote_status status =
        is_text(bytes, size_bytes)
            ? mote_graph_parse((const char *)bytes, size_bytes, arena, &mote->source, &mote->diag)
            : mote_import_tflite(bytes, size_bytes, mote->model_path, arena, &mote->source, &mote->diag);
    if (status != MOTE_OK) return status;
    if ((status = mote_graph_verify(mote->source, &mote->diag)) != MOTE_OK) return status;
    mote->graph = mote_graph_clone(mote->source);
    if (!mote->graph) return mote_error_memory(&mote->diag);
    return run_passes(mote);
}

static enum mote_status begin_model(struct mote *mote, const char *path, size_t size_bytes)
{
    forget_model(mote);
    const size_t limit = LEAST_MEMORY_BYTES + MEMORY_PER_FILE_BYTE * size_bytes;
    mote_arena_init(&mote->model_arena, limit < MOTE_ARENA_DEFAULT_LIMIT ? limit : MOTE_ARENA_DEFAULT_LIMIT);
    snprintf(mote->diag.file, sizeof mote->diag.file, "%s", path);
    mote->model_path = mote_arena_string(&mote->model_arena, path);
    return mote->model_path ? MOTE_OK : mote_error_memory(&mote->diag);
}

enum mote_status mote_load_memory(struct mote *mote, const char *name, const void *bytes, size_t size_bytes)
{
    enum mote_status status = begin_model(mote, name, size_bytes);
    if (status == MOTE_OK) status = load_bytes(mote, bytes, size_bytes);
    if (status != MOTE_OK) forget_model(mote);
    return status;
}

enum mote_status mote_load(struct mote *mote, const char *path)
{
    struct mote_arena file_arena;
    mote_arena_init(&file_arena, LARGEST_MODEL_BYTES + 4096);
    uint8_t *bytes = NULL;
    size_t size_bytes = 0;
    mote->diag.file[0] = 0;
    enum mote_status status = mote_file_read(path, LARGEST_MODEL_BYTES, &file_arena, &bytes, &size_bytes, &mote->diag);
    if (status == MOTE_OK) status = begin_model(mote, path, size_bytes);
    /* The graph points into the bytes: they move to the model's arena. */
    uint8_t *kept = status == MOTE_OK ? mote_arena_copy(&mote->model_arena, bytes, size_bytes) : NULL;
    mote_arena_free(&file_arena);
    if (status == MOTE_OK) status = kept ? load_bytes(mote, kept, size_bytes) : mote_error_memory(&mote->diag);
    if (status != MOTE_OK) forget_model(mote);
    return status;
}

enum mote_status mote_graph_text(struct mote *mote, bool before_passes, char **text)
{
    if (!mote->graph) return mote_error(&mote->diag, MOTE_ERR_INPUT, "no model is loaded");
    const enum mote_status status = mote_session_needs_model(mote, "a graph");
    if (status != MOTE_OK) return status;
    struct mote_text out = {0};
    mote_graph_print(before_passes ? mote->source : mote->graph, &out);
    if (out.failed) {
        mote_text_free(&out);
        return mote_error_memory(&mote->diag);
    }
    *text = out.bytes;
    return MOTE_OK;
}
