/* What sample inputs show of the values in a model: hints for the choice of kernels. */
#include "session.h"

#include "../eval/eval.h"

/* What is counted of a tensor while samples run. */
struct tally {
    uint64_t element_count, zero_count, size_sum;
};

/* Adds up one sample's values: their sizes, and the elements that equal the least value of the type. */
static void count_values(const uint8_t *bytes, size_t size_bytes, enum mote_dtype dtype, struct tally *tally)
{
    const size_t element_bytes = mote_dtype_bytes(dtype);
    for (size_t i = 0; i < size_bytes; i += element_bytes) { /* little-endian: the sign is in the last byte */
        const int high = (bytes[i + element_bytes - 1] ^ 0x80) - 0x80;
        const int value = element_bytes == 1 ? high : high * 256 + bytes[i];
        tally->zero_count += value == (element_bytes == 1 ? INT8_MIN : INT16_MIN);
        tally->size_sum += (uint64_t)(value < 0 ? -value : value);
    }
    tally->element_count += size_bytes / element_bytes;
}

/* On a reference plan all buffers still hold their values after a run. */
static void count_tensors(const struct mote_plan *plan, const uint8_t *memory, struct tally *tallies)
{
    for (int32_t t = 0; t < plan->graph->tensor_count; t++) {
        const struct mote_tensor *tensor = &plan->graph->tensors[t];
        const int32_t buffer = plan->tensor_buffers[t];
        if (buffer == MOTE_NO_BUFFER || tensor->data || (tensor->dtype != MOTE_S8 && tensor->dtype != MOTE_S16)) continue;
        count_values(memory + plan->buffers[buffer].offset, mote_tensor_bytes(tensor), tensor->dtype, &tallies[t]);
    }
}

static enum mote_status set_statistics(struct mote *mote, const struct tally *tallies)
{
    struct mote_graph *graph = mote->graph;
    struct mote_statistics *list =
        MOTE_NEW_ARRAY(graph->arena, struct mote_statistics, (size_t)graph->tensor_count);
    if (!list) return mote_error_memory(&mote->diag);
    for (int32_t t = 0; t < graph->tensor_count; t++) {
        const struct tally *tally = &tallies[t];
        graph->tensors[t].statistics = tally->element_count ? &list[t] : NULL;
        if (!tally->element_count) continue;
        list[t] = (struct mote_statistics){.element_count = tally->element_count,
                                           .zero_share = (double)tally->zero_count / (double)tally->element_count,
                                           .mean_size = (double)tally->size_sum / (double)tally->element_count};
    }
    return MOTE_OK;
}

static enum mote_status take_samples(struct mote *mote, struct mote_arena *arena, const uint8_t *input, size_t count)
{
    struct mote_plan *plan = NULL;
    enum mote_status status = mote_session_reference(mote, mote->graph, arena, &plan);
    if (status != MOTE_OK) return status;
    uint8_t *memory = mote_arena_calloc(arena, plan->arena_bytes, 1);
    uint8_t *output = mote_arena_calloc(arena, mote->model_info->vector_output_bytes, 1);
    struct tally *tallies = MOTE_NEW_ARRAY(arena, struct tally, (size_t)mote->graph->tensor_count);
    if (!memory || !output || !tallies) return mote_error_memory(&mote->diag);
    for (size_t i = 0; i < count; i++) {
        mote_eval_run(plan, memory, input + i * mote->model_info->vector_input_bytes, output, NULL, NULL);
        count_tensors(plan, memory, tallies);
        if (!mote_session_report(mote, "taking samples", i + 1, count))
            return mote_error(&mote->diag, MOTE_ERR_IO, "stopped after %zu of %zu samples", i + 1, count);
    }
    return set_statistics(mote, tallies);
}

enum mote_status mote_take_samples(struct mote *mote, const uint8_t *input, size_t vector_count)
{
    if (!mote->graph) return mote_error(&mote->diag, MOTE_ERR_INPUT, "no model is loaded");
    if (!vector_count) return mote_error(&mote->diag, MOTE_ERR_INPUT, "there are no samples");
    const enum mote_status needs = mote_session_needs_model(mote, "taking samples");
    if (needs != MOTE_OK) return needs;
    struct mote_arena scratch;
    mote_arena_init(&scratch, MOTE_ARENA_DEFAULT_LIMIT);
    const enum mote_status status = take_samples(mote, &scratch, input, vector_count);
    mote_arena_free(&scratch);
    return status;
}
