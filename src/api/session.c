#include "session.h"

#include "../eval/eval.h"

#include <stdlib.h>
#include <string.h>

struct mote *mote_new(void)
{
    struct mote *mote = calloc(1, sizeof *mote);
    if (!mote) return NULL;
    mote_diag_init(&mote->diag, NULL);
    mote_arena_init(&mote->model_arena, MOTE_ARENA_DEFAULT_LIMIT);
    mote_arena_init(&mote->plan_arena, MOTE_ARENA_DEFAULT_LIMIT);
    mote_arena_init(&mote->result_arena, MOTE_ARENA_DEFAULT_LIMIT * 4);
    mote_arena_init(&mote->data_arena, MOTE_ARENA_DEFAULT_LIMIT * 4);
    return mote;
}

void mote_free(struct mote *mote)
{
    if (!mote) return;
    mote_arena_free(&mote->data_arena);
    mote_arena_free(&mote->result_arena);
    mote_arena_free(&mote->plan_arena);
    mote_arena_free(&mote->model_arena);
    mote_diag_free(&mote->diag);
    free(mote->messages);
    free(mote);
}

size_t mote_message_count(const struct mote *mote)
{
    return mote->diag.count + (mote->diag.out_of_memory ? 1 : 0);
}

const struct mote_message *mote_message(const struct mote *mote, size_t index)
{
    static const struct mote_message lost = {MOTE_MESSAGE_ERROR, "out of memory while recording messages"};
    static const enum mote_message_kind kinds[] = {
        [MOTE_NOTE] = MOTE_MESSAGE_NOTE, [MOTE_WARNING] = MOTE_MESSAGE_WARNING, [MOTE_ERROR] = MOTE_MESSAGE_ERROR};
    if (index >= mote->diag.count) return &lost;
    /* The view is made on demand: a caller reads messages one after the other. */
    struct mote *writable = (struct mote *)(uintptr_t)mote;
    if (mote->message_capacity < mote->diag.capacity) {
        struct mote_message *grown = realloc(mote->messages, mote->diag.capacity * sizeof *grown);
        if (!grown) return &lost;
        writable->messages = grown;
        writable->message_capacity = mote->diag.capacity;
    }
    const struct mote_diag_message *from = &mote->diag.messages[index];
    mote->messages[index] = (struct mote_message){kinds[from->severity], from->text};
    return &mote->messages[index];
}

void mote_set_progress(struct mote *mote, struct mote_progress progress)
{
    mote->progress = progress;
}

bool mote_session_report(struct mote *mote, const char *what, size_t done, size_t total)
{
    return !mote->progress.report || mote->progress.report(mote->progress.context, what, done, total);
}

enum mote_status mote_session_reference(struct mote *mote, const struct mote_graph *graph, struct mote_arena *arena,
                                        struct mote_plan **plan)
{
    const enum mote_status status = mote_plan_build(graph, mote_target_reference(), arena, plan, &mote->diag);
    if (status == MOTE_OK) mote_plan_spread(*plan);
    return status;
}

enum mote_status mote_session_needs_plan(struct mote *mote)
{
    return mote->plan ? MOTE_OK : mote_error(&mote->diag, MOTE_ERR_INPUT, "nothing is planned yet");
}

enum mote_status mote_session_needs_fit(struct mote *mote, const char *done)
{
    const enum mote_status status = mote_session_needs_plan(mote);
    if (status != MOTE_OK || mote->plan_info->fits) return status;
    return mote_error(&mote->diag, MOTE_ERR_NO_FIT, "nothing was %s: the model does not fit", done);
}

enum mote_status mote_session_needs_model(struct mote *mote, const char *what)
{
    if (!mote->blob) return MOTE_OK;
    return mote_error(&mote->diag, MOTE_ERR_UNSUPPORTED, "a blob is a finished plan for %s: %s needs the model it was made of",
                      mote->blob->target->name, what);
}

void mote_session_random_vector(const struct mote_graph *graph, struct mote_rng *rng, uint8_t *vector)
{
    for (int32_t i = 0; i < graph->input_count; i++) {
        const struct mote_tensor *t = &graph->tensors[graph->inputs[i]];
        const size_t bytes = mote_tensor_bytes(t);
        if (t->dtype == MOTE_F32) {
            for (size_t k = 0; k < bytes; k += sizeof(float)) {
                const float value = (float)(2 * mote_rng_unit(rng) - 1);
                memcpy(vector + k, &value, sizeof value);
            }
        } else {
            mote_rng_fill(rng, vector, bytes);
        }
        vector += bytes;
    }
}
