/* The host reference against the target, layer by layer. */
#include "image.h"

#include "../eval/eval.h"
#include "../plan/layouts.h"
#include "../plan/stream.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* What the reference computed for every tensor of one vector; NULL where it has none. */
struct reference_layers {
    const struct mote_plan *plan;
    uint8_t **by_tensor;
};

static void keep_reference(void *context, int32_t step, const uint8_t *bytes, size_t size_bytes)
{
    struct reference_layers *layers = context;
    uint8_t *kept = layers->by_tensor[layers->plan->steps[step].tensor];
    if (kept) memcpy(kept, bytes, size_bytes);
}

struct comparison {
    struct mote *mote;
    struct mote_verify_report *report;
    const struct mote_plan *plan; /* the target's */
    uint8_t *const *expected;     /* per tensor */
    size_t *seen_bytes;           /* per step, in this vector: a streamed layer comes row by row */
    size_t vector;
    uint8_t *rows;                /* a tensor that lies in another layout, as rows of NHWC */
};

static int32_t element_at(const uint8_t *bytes, enum mote_dtype dtype, size_t index)
{
    switch (dtype) {
    case MOTE_S8: return ((const int8_t *)bytes)[index];
    case MOTE_S16: {
        int16_t v;
        memcpy(&v, bytes + index * 2, 2);
        return v;
    }
    case MOTE_S32:
    case MOTE_F32: {
        int32_t v;
        memcpy(&v, bytes + index * 4, 4);
        return v;
    }
    default: return bytes[index];
    }
}

/* Floats in order as integers in order: neighbours differ by 1, and both zeros are 0. */
static int64_t float_rank(int32_t bits)
{
    return bits < 0 ? -(int64_t)((uint32_t)bits & 0x7fffffffu) : bits;
}

static void record_reals(struct mote_verify_report *report)
{
    memcpy(&report->expected_real, &report->expected, sizeof report->expected_real);
    memcpy(&report->got_real, &report->got, sizeof report->got_real);
    report->is_real = true;
    const int64_t distance = float_rank(report->got) - float_rank(report->expected);
    report->ulps = isnan(report->expected_real) || isnan(report->got_real) ? -1 : distance < 0 ? -distance : distance;
}

/* Where byte `at` of a tensor of the target's graph lies in the reference's, which may have more channels. */
static size_t reference_byte(const struct mote_tensor *tensor, const struct mote_tensor *source, size_t at)
{
    if (!tensor->kept_channels) return at;
    const int32_t last = tensor->shape.rank - 1;
    const size_t bytes = mote_dtype_bytes(tensor->dtype), element = at / bytes;
    const size_t channels = (size_t)tensor->shape.dims[last], all = (size_t)source->shape.dims[last];
    const size_t channel = (size_t)tensor->kept_channels[element % channels];
    return (element / channels * all + channel) * bytes + at % bytes;
}

static void record_difference(struct comparison *c, int32_t step_index, const uint8_t *got, size_t at_byte,
                              size_t reference_at_byte)
{
    struct mote_verify_report *report = c->report;
    const struct mote_step *step = &c->plan->steps[step_index];
    const struct mote_graph *graph = c->plan->graph;
    const struct mote_tensor *tensor = &graph->tensors[step->tensor];
    const struct mote_op *op = &graph->ops[step->op];
    const size_t element = at_byte / mote_dtype_bytes(tensor->dtype);
    report->equal = false;
    report->vector = c->vector;
    report->step = step->name;
    report->tensor = tensor->name;
    report->op_type = op->source_type ? op->source_type : mote_op_name(op->kind);
    report->source_index = op->source_index;
    report->rank = tensor->shape.rank;
    size_t rest = element;
    for (int32_t i = tensor->shape.rank - 1; i >= 0; i--) {
        report->position[i] = (int32_t)(rest % (size_t)tensor->shape.dims[i]);
        rest /= (size_t)tensor->shape.dims[i];
    }
    if (tensor->kept_channels) /* as people know the channel: by its number in the file */
        report->position[tensor->shape.rank - 1] = tensor->kept_channels[report->position[tensor->shape.rank - 1]];
    report->expected = element_at(c->expected[step->tensor], tensor->dtype,
                                  reference_at_byte / mote_dtype_bytes(tensor->dtype));
    report->got = element_at(got, tensor->dtype, 0);
    if (tensor->dtype == MOTE_F32) record_reals(report);
}

/* The same for a strip's part of a row. */
static bool find_part(const struct comparison *c, int32_t step, size_t size_bytes, size_t *begin)
{
    const struct mote_operand *out = &c->plan->steps[step].output;
    const struct mote_stream_buffer *b = &c->plan->stream->buffers[out->buffer];
    const struct mote_tensor *tensor = &c->plan->graph->tensors[c->plan->steps[step].tensor];
    const size_t columns = (size_t)tensor->shape.dims[2], tensor_row_bytes = mote_tensor_bytes(tensor) / b->row_count;
    *begin = c->seen_bytes[step] / size_bytes * tensor_row_bytes + b->first_column * (tensor_row_bytes / columns) + out->offset_bytes;
    return true;
}

/* Which byte of its tensor a traced row begins with. A window that slides also computes rows from before its first frame:
 * false for those, which count for nothing. */
static bool find_begin(const struct comparison *c, int32_t step, size_t size_bytes, size_t *begin)
{
    const struct mote_plan *plan = c->plan;
    size_t seen = c->seen_bytes[step];
    if (!plan->stream) return true;
    if (mote_stream_strip_of(plan->stream, step) >= 0) return find_part(c, step, size_bytes, begin);
    if (plan->stream->slides) {
        const size_t window_bytes = mote_stream_frames(plan) * size_bytes;
        const size_t before = window_bytes - plan->buffers[plan->steps[step].output.buffer].bytes;
        if (seen < before) return false;
        seen -= before;
    }
    *begin = seen;
    return true;
}

/* Bytes of what a step writes as rows of NHWC. */
static size_t nhwc_bytes(const struct mote_plan *plan, const struct mote_step *step)
{
    const struct mote_buffer *b = &plan->buffers[step->output.buffer];
    return b->planes.plane_words ? mote_tensor_bytes(&plan->graph->tensors[step->tensor]) : b->bytes;
}

/* A tensor that lies in planes, as rows of NHWC in c->rows; false if there is less or more of it than there should be. */
static bool to_nhwc(struct comparison *c, const struct mote_step *step, const uint8_t **bytes, size_t *size_bytes)
{
    const struct mote_buffer *b = &c->plan->buffers[step->output.buffer];
    if (!b->planes.plane_words) return true;
    const int32_t *dims = c->plan->graph->tensors[step->tensor].shape.dims;
    if (*size_bytes != b->bytes) return false;
    mote_planes_read(&b->planes, *bytes, (uint32_t)dims[1], (uint32_t)dims[2], (uint32_t)dims[3], (int8_t *)c->rows);
    *bytes = c->rows;
    *size_bytes = nhwc_bytes(c->plan, step);
    return true;
}

static void compare_step(void *context, int32_t step_index, const uint8_t *bytes, size_t size_bytes)
{
    struct comparison *c = context;
    const struct mote_step *step = &c->plan->steps[step_index];
    const uint8_t *expected = c->expected[step->tensor];
    if (!expected || !c->report->equal) return;
    if (!to_nhwc(c, step, &bytes, &size_bytes)) {
        record_difference(c, step_index, bytes, 0, 0); /* another size than its layout's */
        return;
    }
    size_t begin = 0;
    const bool counts = find_begin(c, step_index, size_bytes, &begin);
    c->seen_bytes[step_index] += size_bytes;
    if (!counts) return;
    c->report->bytes += size_bytes;
    const bool is_of_strip = c->plan->stream && mote_stream_strip_of(c->plan->stream, step_index) >= 0;
    const size_t tensor_bytes = is_of_strip ? mote_tensor_bytes(&c->plan->graph->tensors[step->tensor])
                                            : nhwc_bytes(c->plan, step);
    if (begin + size_bytes > tensor_bytes) {
        record_difference(c, step_index, bytes, 0, 0); /* more of it than there is */
        return;
    }
    const struct mote_tensor *tensor = &c->plan->graph->tensors[step->tensor];
    const struct mote_tensor *source = &c->mote->source->tensors[step->tensor];
    for (size_t i = 0; i < size_bytes; i++) {
        const size_t at = reference_byte(tensor, source, begin + i);
        if (bytes[i] == expected[at]) continue;
        const size_t element_bytes = mote_dtype_bytes(tensor->dtype);
        record_difference(c, step_index, bytes + i / element_bytes * element_bytes, begin + i, at);
        return;
    }
}

/* ---- Input vectors: extremes, random ones, the caller's ---- */

enum { EXTREME_VECTORS = 4 };

/* kind 0: all least; 1: all greatest; 2: all zero point; 3: least and greatest in turn */
static void extreme_vector(const struct mote_graph *graph, int kind, uint8_t *vector)
{
    for (int32_t i = 0; i < graph->input_count; i++) {
        const struct mote_tensor *t = &graph->tensors[graph->inputs[i]];
        const size_t bytes = mote_tensor_bytes(t), element_bytes = mote_dtype_bytes(t->dtype);
        for (size_t k = 0; k < bytes / element_bytes; k++) {
            const bool greatest = kind == 1 || (kind == 3 && k % 2);
            int64_t value = greatest ? INT64_MAX : INT64_MIN;
            if (t->dtype == MOTE_F32) {
                const float real = kind == 2 ? 0 : greatest ? 1.0f : -1.0f;
                memcpy(vector + k * 4, &real, 4);
                continue;
            }
            if (t->dtype == MOTE_U8 || t->dtype == MOTE_BOOL) value = greatest ? 255 : 0;
            else value >>= 64 - 8 * (int)element_bytes;
            if (kind == 2) value = t->quant.count == 1 ? mote_tensor_zero_point(t) : 0;
            memcpy(vector + k * element_bytes, &value, element_bytes); /* little-endian host */
        }
        vector += bytes;
    }
}

static uint8_t *make_vectors(struct mote *mote, const struct mote_verify_options *options, size_t *count)
{
    const size_t bytes = mote->model_info->vector_input_bytes;
    *count = EXTREME_VECTORS + options->vectors + options->input_vectors;
    uint8_t *vectors = mote_arena_calloc(&mote->result_arena, *count, bytes);
    if (!vectors) return NULL;
    for (int i = 0; i < EXTREME_VECTORS; i++) extreme_vector(mote->source, i, vectors + (size_t)i * bytes);
    struct mote_rng rng;
    mote_rng_seed(&rng, options->seed);
    uint8_t *at = vectors + EXTREME_VECTORS * bytes;
    for (size_t i = 0; i < options->vectors; i++, at += bytes) mote_session_random_vector(mote->source, &rng, at);
    if (options->input_vectors) memcpy(at, options->input, options->input_vectors * bytes);
    return vectors;
}

/* ---- Running ---- */

static enum mote_status allocate_layers(struct mote *mote, const struct mote_plan *reference, struct reference_layers *layers)
{
    layers->plan = reference;
    layers->by_tensor = MOTE_NEW_ARRAY(&mote->result_arena, uint8_t *, (size_t)mote->graph->tensor_count);
    if (!layers->by_tensor) return mote_error_memory(&mote->diag);
    for (int32_t i = 0; i < reference->step_count; i++) {
        const int32_t tensor = reference->steps[i].tensor;
        const size_t bytes = reference->buffers[reference->steps[i].output.buffer].bytes;
        if (layers->by_tensor[tensor]) continue;
        layers->by_tensor[tensor] = mote_arena_calloc(&mote->result_arena, bytes, 1);
        if (!layers->by_tensor[tensor]) return mote_error_memory(&mote->diag);
    }
    return MOTE_OK;
}

/* How many of the target's layers the reference also has. */
static size_t common_layers(const struct mote_plan *plan, const struct reference_layers *layers)
{
    size_t count = 0;
    for (int32_t i = 0; i < plan->step_count; i++)
        count += plan->steps[i].completes_tensor && layers->by_tensor[plan->steps[i].tensor] &&
                         (!plan->stream || mote_stream_strip_of(plan->stream, i) <= 0)
                     ? 1
                     : 0;
    return count;
}

static enum mote_status trace_on_simulator(struct mote *mote, const uint8_t *vectors, size_t count,
                                           struct mote_sim_result *result)
{
    struct mote_image image;
    enum mote_status status = mote_image_prepare(mote, &mote->result_arena, &image);
    image.job.trace = true;
    image.job.progress = mote_image_progress;
    image.job.progress_context = mote;
    if (status == MOTE_OK) status = mote_image_take_vectors(mote, &mote->result_arena, &image, vectors, count);
    if (status == MOTE_OK) status = mote_sim_run(&image.job, &mote->result_arena, result, &mote->diag);
    mote_image_remove(&image);
    return status;
}

static enum mote_status compare_all(struct mote *mote, const uint8_t *vectors, size_t count, struct mote_verify_report *report)
{
    struct mote_plan *reference = NULL;
    struct reference_layers layers;
    struct mote_sim_result traced = {0};
    struct mote_arena *arena = &mote->result_arena;
    const bool on_host = mote->plan->target->simulator == MOTE_SIM_HOST;
    enum mote_status status = mote_session_reference(mote, mote->source, arena, &reference);
    if (status == MOTE_OK) status = allocate_layers(mote, reference, &layers);
    if (status == MOTE_OK && !on_host) status = trace_on_simulator(mote, vectors, count, &traced);
    if (status != MOTE_OK) return status;
    uint8_t *memory = mote_arena_calloc(arena, reference->arena_bytes, 1);
    uint8_t *target_memory = mote_arena_calloc(arena, mote->plan->arena_bytes, 1);
    uint8_t *output = mote_arena_calloc(arena, mote->model_info->vector_output_bytes, 2);
    size_t *seen_bytes = MOTE_NEW_ARRAY(arena, size_t, (size_t)mote->plan->step_count);
    uint8_t *rows = mote_arena_calloc(arena, mote->plan->arena_bytes, 1);
    if (!memory || !target_memory || !output || !seen_bytes || !rows) return mote_error_memory(&mote->diag);

    struct comparison c = {.mote = mote, .report = report, .plan = mote->plan, .expected = layers.by_tensor,
                           .seen_bytes = seen_bytes, .rows = rows};
    report->layers = common_layers(mote->plan, &layers);
    const size_t output_bytes = mote->model_info->vector_output_bytes;
    size_t trace = 0;
    for (size_t v = 0; v < count && report->equal; v++) {
        const uint8_t *input = vectors + v * mote->model_info->vector_input_bytes;
        c.vector = v;
        memset(seen_bytes, 0, (size_t)mote->plan->step_count * sizeof *seen_bytes);
        mote_eval_run(reference, memory, input, output, keep_reference, &layers);
        if (on_host) {
            mote_eval_run(mote->plan, target_memory, input, output + output_bytes, compare_step, &c);
        } else {
            for (; trace < traced.trace_count && traced.traces[trace].vector == v; trace++)
                if (traced.traces[trace].step < mote->plan->step_count)
                    compare_step(&c, traced.traces[trace].step, traced.traces[trace].bytes, traced.traces[trace].byte_count);
            memcpy(output + output_bytes, traced.output + v * output_bytes, output_bytes);
        }
        report->vectors = v + 1;
        report->bytes += output_bytes;
        if (report->equal && memcmp(output, output + output_bytes, output_bytes) != 0) {
            /* every layer equal, outputs not: the last step's buffer was disturbed */
            report->equal = false;
            report->vector = v;
            report->step = report->tensor = report->op_type = "output";
            report->source_index = -1;
        }
        if (!mote_session_report(mote, "verifying", v + 1, count))
            return mote_error(&mote->diag, MOTE_ERR_IO, "stopped after %zu of %zu vectors", v + 1, count);
    }
    return MOTE_OK;
}

enum mote_status mote_verify(struct mote *mote, const struct mote_verify_options *options, struct mote_verify_report *report)
{
    enum mote_status needs = mote_session_needs_fit(mote, "run");
    if (needs == MOTE_OK) needs = mote_session_needs_model(mote, "verifying");
    if (needs != MOTE_OK) return needs;
    mote_arena_free(&mote->result_arena);
    size_t count = 0;
    const uint8_t *vectors = make_vectors(mote, options, &count);
    if (!vectors) return mote_error_memory(&mote->diag);
    struct mote_verify_report filled = {.target = mote->plan->target->name, .equal = true, .source_index = -1};
    const enum mote_status status = compare_all(mote, vectors, count, &filled);
    if (status != MOTE_OK) return status;
    *report = filled;
    if (filled.equal) return MOTE_OK;
    char position[96] = "";
    size_t used = 0;
    for (int32_t i = 0; i < filled.rank && used < sizeof position; i++)
        used += (size_t)snprintf(position + used, sizeof position - used, "%s%" PRId32, i ? "," : "", filled.position[i]);
    const struct mote_where where = {filled.source_index, filled.op_type, filled.tensor};
    if (filled.is_real)
        return mote_error_at(&mote->diag, MOTE_ERR_MISMATCH, where,
                             "%s differs from the host reference in vector %zu at [%s]: expected %.9g, got %.9g, %" PRId64
                             " ULPs apart",
                             filled.target, filled.vector, position, (double)filled.expected_real, (double)filled.got_real,
                             filled.ulps);
    return mote_error_at(&mote->diag, MOTE_ERR_MISMATCH, where,
                         "%s differs from the host reference in vector %zu at [%s] (channel %" PRId32 "): expected %" PRId32
                         ", got %" PRId32,
                         filled.target, filled.vector, position, filled.rank ? filled.position[filled.rank - 1] : 0,
                         filled.expected, filled.got);
}
