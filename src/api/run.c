/* One model, many vectors, one target. */
#include "blob.h"
#include "image.h"

#include "../eval/eval.h"
#include "../plan/stream.h"

#include <string.h>
#include <time.h>

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* By the loop that chips have. */
static enum mote_status run_host_blob(struct mote *mote, const struct mote_run_options *options, struct mote_run_report *report)
{
    struct mote_arena *arena = &mote->result_arena;
    const struct mote_blob *blob = NULL;
    enum mote_status status = mote_api_blob_get(mote, NULL, arena, &blob);
    if (status != MOTE_OK) return status;
    const size_t input_bytes = mote->model_info->vector_input_bytes, output_bytes = mote->model_info->vector_output_bytes;
    uint8_t *memory = mote_arena_calloc(arena, blob->header.plan.arena_bytes, 1);
    uint8_t *output = mote_arena_calloc(arena, options->vector_count, output_bytes);
    if (!memory || !output) return mote_error_memory(&mote->diag);
    const double start = seconds_now();
    for (size_t i = 0; i < options->vector_count && status == MOTE_OK; i++) {
        status = mote_blob_run(blob, memory, options->input + i * input_bytes, output + i * output_bytes, &mote->diag);
        if (!mote_session_report(mote, "running", i + 1, options->vector_count))
            return mote_error(&mote->diag, MOTE_ERR_IO, "stopped after %zu of %zu vectors", i + 1, options->vector_count);
    }
    report->milliseconds = (seconds_now() - start) * 1e3 / (double)options->vector_count;
    report->output = output;
    report->blob_bytes = blob->header.bytes;
    return status;
}

static enum mote_status run_host(struct mote *mote, const struct mote_run_options *options, struct mote_run_report *report)
{
    const struct mote_plan *plan = mote->plan;
    struct mote_arena *arena = &mote->result_arena;
    const size_t input_bytes = mote->model_info->vector_input_bytes;
    const size_t output_bytes = mote->model_info->vector_output_bytes;
    uint8_t *memory = mote_arena_calloc(arena, plan->arena_bytes, 1);
    uint8_t *output = mote_arena_calloc(arena, options->vector_count, output_bytes);
    if (!memory || !output) return mote_error_memory(&mote->diag);
    const double start = seconds_now();
    for (size_t i = 0; i < options->vector_count; i++) {
        mote_eval_run(plan, memory, options->input + i * input_bytes, output + i * output_bytes, NULL, NULL);
        if (!mote_session_report(mote, "running", i + 1, options->vector_count))
            return mote_error(&mote->diag, MOTE_ERR_IO, "stopped after %zu of %zu vectors", i + 1, options->vector_count);
    }
    report->milliseconds = (seconds_now() - start) * 1e3 / (double)options->vector_count;
    report->output = output;
    return MOTE_OK;
}

/* Time and energy from exact cycles, or from those of the instructions' timing, or from instructions by the target's stated
 * ratio. */
static void estimate(const struct mote_target *target, struct mote_run_report *report)
{
    report->estimate_is_timed = report->estimated_cycles >= 0;
    if (report->estimate_is_timed) report->cycles_source = target->timing_source;
    else if (report->cycles < 0 && report->instructions >= 0 && target->cycles_per_instruction > 0)
        report->estimated_cycles = report->instructions * target->cycles_per_instruction;
    const double cycles = report->cycles >= 0 ? report->cycles : report->estimated_cycles;
    if (cycles < 0) return;
    report->milliseconds = cycles * 1e3 / (double)target->clock_hz;
    report->energy_uj = mote_target_energy_uj(target, cycles);
}

/* A sliding window was filled frame by frame; every frame does the same work. */
static void per_frame(const struct mote_plan *plan, struct mote_sim_result *result)
{
    if (!plan->stream || !plan->stream->slides) return;
    const double frames = mote_stream_frames(plan);
    if (result->cycles >= 0) {
        result->cycles /= frames;
        result->cycles_min /= frames;
        result->cycles_max /= frames;
    }
    if (result->instructions >= 0) result->instructions /= frames;
    if (result->estimated_cycles >= 0) result->estimated_cycles /= frames;
    for (size_t i = 0; i < result->function_count; i++) result->functions[i].cycles /= frames;
}

/* ---- Layers ---- */

/* The outputs of all layers are kept for every traced vector; more vectors hardly change a layer's mean. */
enum { MOST_TRACED_VECTORS = 8 };

/* Names what every step of the plan is. Steps that are not traced hand their MACs to the next one that is, whose cost
 * holds theirs. */
static void describe_layers(const struct mote *mote, const bool *traced, struct mote_layer_info *layers)
{
    const struct mote_plan *plan = mote->plan;
    int64_t macs = 0;
    for (int32_t i = 0; i < plan->step_count; i++) {
        const struct mote_step *step = &plan->steps[i];
        const struct mote_op *op = &plan->graph->ops[step->op];
        macs += step->macs;
        layers[i].step = step->name;
        layers[i].kernel = mote->plan_info->steps[i].kernel;
        layers[i].op_type = op->source_type ? op->source_type : mote_op_name(op->kind);
        layers[i].source_index = op->source_index;
        if (!traced[i]) continue;
        layers[i].macs = macs;
        macs = 0;
    }
}

/* Sums the traces up to means per inference, and drops the steps without. */
static enum mote_status collect_layers(struct mote *mote, const struct mote_sim_result *result, size_t vectors,
                                       struct mote_run_report *report)
{
    const size_t step_count = (size_t)mote->plan->step_count;
    struct mote_layer_info *layers = MOTE_NEW_ARRAY(&mote->result_arena, struct mote_layer_info, step_count);
    bool *traced = MOTE_NEW_ARRAY(&mote->result_arena, bool, step_count);
    if (!layers || !traced) return mote_error_memory(&mote->diag);
    const struct mote_stream *stream = mote->plan->stream;
    const double inferences = (double)vectors * (stream && stream->slides ? mote_stream_frames(mote->plan) : 1);
    for (size_t i = 0; i < result->trace_count; i++) {
        const struct mote_sim_trace *trace = &result->traces[i];
        if (trace->step >= step_count) continue;
        traced[trace->step] = true;
        layers[trace->step].cycles += trace->cycles / inferences;
        layers[trace->step].instructions += trace->instructions / inferences;
        layers[trace->step].estimated_cycles += trace->estimated_cycles / inferences;
    }
    for (size_t i = 0; i < step_count; i++) { /* what is counted is not negative, whatever a mean took off */
        if (result->instructions >= 0 && layers[i].instructions < 0) layers[i].instructions = 0;
        if (result->estimated_cycles >= 0 && layers[i].estimated_cycles < 0) layers[i].estimated_cycles = 0;
    }
    describe_layers(mote, traced, layers);
    for (size_t i = 0; i < step_count; i++)
        if (traced[i]) layers[report->layer_count++] = layers[i];
    report->layers = layers;
    report->layer_vectors = vectors;
    return MOTE_OK;
}

static enum mote_status profile_layers(struct mote *mote, const struct mote_run_options *options,
                                       struct mote_run_report *report)
{
    struct mote_image image;
    struct mote_sim_result result = {0};
    enum mote_status status = mote_image_prepare(mote, &mote->result_arena, &image);
    const size_t vector_count = options->vector_count < MOST_TRACED_VECTORS ? options->vector_count : MOST_TRACED_VECTORS;
    image.job.trace = true;
    image.job.estimate = true;
    image.job.progress = mote_image_progress;
    image.job.progress_context = mote;
    if (status == MOTE_OK) status = mote_image_take_vectors(mote, &mote->result_arena, &image, options->input, vector_count);
    if (status == MOTE_OK) status = mote_sim_run(&image.job, &mote->result_arena, &result, &mote->diag);
    mote_image_remove(&image);
    return status == MOTE_OK ? collect_layers(mote, &result, vector_count, report) : status;
}

static enum mote_status run_simulator(struct mote *mote, const struct mote_run_options *options,
                                      struct mote_run_report *report)
{
    struct mote_arena *arena = &mote->result_arena;
    struct mote_image image;
    struct mote_sim_result result = {0};
    struct mote_sim_lack lacks = {0};
    const struct mote_blob *blob = NULL;
    const bool as_blob = options->as_blob || mote->blob;
    enum mote_status status = as_blob ? mote_api_blob_get(mote, NULL, arena, &blob) : MOTE_OK;
    if (status != MOTE_OK) return status;
    status = as_blob ? mote_image_prepare_blob(mote, blob, arena, &image) : mote_image_prepare(mote, arena, &image);
    image.job.lacks = &lacks;
    image.job.profile = options->profile;
    image.job.estimate = true;
    image.job.progress = mote_image_progress;
    image.job.progress_context = mote;
    if (status == MOTE_OK) status = mote_image_take_vectors(mote, arena, &image, options->input, options->vector_count);
    if (status == MOTE_OK) status = mote_sim_run(&image.job, arena, &result, &mote->diag);
    mote_image_remove(&image);
    mote_image_note_lacks(mote, &lacks);
    if (status == MOTE_OK) status = mote_image_check_fit(mote, &result);
    if (status != MOTE_OK) return status;

    per_frame(mote->plan, &result);
    struct mote_function_info *functions = MOTE_NEW_ARRAY(arena, struct mote_function_info, result.function_count);
    if (!functions) return mote_error_memory(&mote->diag);
    for (size_t i = 0; i < result.function_count; i++)
        functions[i] = (struct mote_function_info){result.functions[i].name, result.functions[i].cycles,
                                                   result.functions[i].calls};
    report->output = result.output;
    report->cycles = result.cycles;
    report->cycles_min = result.cycles_min;
    report->cycles_max = result.cycles_max;
    report->instructions = result.instructions;
    report->estimated_cycles = result.estimated_cycles;
    report->ram_bytes = result.ram_bytes;
    report->stack_bytes = result.stack_bytes;
    report->worst_case_stack_bytes = result.worst_case_stack_bytes;
    report->worst_case_stack = result.worst_case_stack;
    report->flash_bytes = result.flash_bytes;
    report->code_bytes = result.flash_bytes - (as_blob ? blob->header.bytes : (uint32_t)mote->plan->constant_bytes);
    if (as_blob) {
        report->blob_bytes = blob->header.bytes;
        report->loop_bytes = result.loop_bytes;
        report->loader_bytes = result.loader_bytes;
        report->open_cycles = result.open_cycles;
        report->open_instructions = result.open_instructions;
    }
    report->functions = functions;
    report->function_count = result.function_count;
    estimate(mote->plan->target, report);
    return options->profile && !as_blob ? profile_layers(mote, options, report) : MOTE_OK; /* the loop traces no layers */
}

enum mote_status mote_run(struct mote *mote, const struct mote_run_options *options, struct mote_run_report *report)
{
    const enum mote_status needs = mote_session_needs_fit(mote, "run");
    if (needs != MOTE_OK) return needs;
    if (!options->vector_count) return mote_error(&mote->diag, MOTE_ERR_INPUT, "there is no input vector");
    mote_arena_free(&mote->result_arena);
    const struct mote_target *target = mote->plan->target;
    struct mote_run_report filled = {
        .target = target->name,
        .vectors = options->vector_count,
        .frames = mote->plan->stream && mote->plan->stream->slides ? mote_stream_frames(mote->plan) : 1,
        .cycles = -1,
        .cycles_min = -1,
        .cycles_max = -1,
        .instructions = -1,
        .estimated_cycles = -1,
        .cycles_source = target->cycles_source,
        .energy_source = target->energy.source,
        .energy_uj = -1,
        .open_cycles = -1,
        .open_instructions = -1,
        .arena_bytes = mote->plan->arena_bytes,
        .weight_bytes = mote->plan->weight_bytes,
        .constant_bytes = mote->plan->constant_bytes,
        .macs = mote->plan->macs,
    };
    const enum mote_status status = target->simulator != MOTE_SIM_HOST  ? run_simulator(mote, options, &filled)
                                    : options->as_blob || mote->blob ? run_host_blob(mote, options, &filled)
                                                                      : run_host(mote, options, &filled);
    if (status == MOTE_OK) *report = filled;
    return status;
}
