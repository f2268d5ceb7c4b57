#include "blob.h"
#include "info.h"

#include "../plan/cost.h"
#include "../plan/draw.h"
#include "../plan/layouts.h"
#include "../plan/stream.h"
#include "../plan/text.h"

#include <stdio.h>

static void forget_plan(struct mote *mote)
{
    mote_arena_free(&mote->plan_arena);
    mote->plan = NULL;
    mote->plan_info = NULL;
}

/* Is the model one that can be streamed at all? */
static bool may_stream(const struct mote *mote)
{
    return mote->graph->input_count == 1;
}

static bool fits(const struct mote_plan *plan, const struct mote_plan_options *options)
{
    if (options->ram_limit_bytes && plan->arena_bytes > options->ram_limit_bytes) return false;
    return mote_plan_check_fit(plan, NULL) == MOTE_OK;
}

static struct mote_plan_wishes wishes_of(const struct mote_plan_options *options)
{
    static const enum mote_coding codings[] = {[MOTE_CODED_WEIGHTS_AUTO] = MOTE_CODING_AUTO,
                                               [MOTE_CODED_WEIGHTS_NEVER] = MOTE_CODING_NEVER,
                                               [MOTE_CODED_WEIGHTS_ALWAYS] = MOTE_CODING_ALWAYS};
    return (struct mote_plan_wishes){.optimize = (enum mote_plan_optimize)options->optimize, .coding = codings[options->coded_weights], .steady_time = options->constant_time,
                                     .plain_kernels = options->plain_kernels, .layout_bytes = options->ram_limit_bytes};
}

/* Bytes for tensors at most; 0 if there is no limit. What the stack will need is not known before the build. */
static uint32_t budget_of(const struct mote_target *target, const struct mote_plan_options *options)
{
    enum { STACK_ESTIMATE_BYTES = 600 };
    uint32_t budget = options->ram_limit_bytes;
    if (target->simulator == MOTE_SIM_HOST || target->ram_bytes <= STACK_ESTIMATE_BYTES) return budget;
    const uint32_t left = target->ram_bytes - STACK_ESTIMATE_BYTES;
    return budget && budget < left ? budget : left;
}

/* A number of strips that was asked for: in the least RAM, or within the limit. Any number: the least work that fits and
 * needs less RAM than a stream. */
static enum mote_status build_strips(struct mote *mote, const struct mote_target *target, const struct mote_plan_options *options)
{
    struct mote_arena *arena = &mote->plan_arena;
    struct mote_plan *streamed = NULL;
    const struct mote_plan_wishes wishes = wishes_of(options);
    struct mote_strips_wanted wanted = {.count = options->strips, .budget_bytes = options->ram_limit_bytes};
    if (!wanted.count && mote_plan_build_stream_with(mote->graph, target, wishes, arena, &streamed, NULL) == MOTE_OK) {
        wanted.budget_bytes = budget_of(target, options);
        if (!wanted.budget_bytes || wanted.budget_bytes >= streamed->arena_bytes) wanted.budget_bytes = streamed->arena_bytes - 1;
    }
    return mote_plan_build_strips_with(mote->graph, target, wishes, &wanted, arena, &mote->plan, &mote->diag);
}

/* Of whole tensors' time, so much may a balanced plan take that saves RAM. */
#define MOST_TIME 1.15

/* The best plan that keeps the interface of whole tensors: the plan that is there, or a fused one. */
static enum mote_status build_fused(struct mote *mote, const struct mote_target *target, const struct mote_plan_options *options)
{
    const bool asked = options->schedule == MOTE_SCHEDULE_FUSED, fitted = mote->plan && fits(mote->plan, options);
    const bool fastest = options->ram_limit_bytes || options->optimize != MOTE_OPTIMIZE_BALANCED;
    struct mote_fused_wanted wanted = {.aim = fastest ? MOTE_AIM_TIME : MOTE_AIM_BALANCE, .positions = options->band};
    struct mote_plan *fused = NULL;
    if (fitted && wanted.aim == MOTE_AIM_BALANCE) wanted.most_cost = MOST_TIME * mote_cost_plan(mote->plan, NULL);
    if (fitted && !asked) wanted.score_to_beat = mote_plan_score(wanted.aim, mote_cost_plan(mote->plan, NULL), mote->plan->arena_bytes);
    wanted.budget_bytes = asked ? options->ram_limit_bytes : budget_of(target, options);
    const enum mote_status status = mote_plan_build_fused_with(mote->graph, target, wishes_of(options), &wanted, &mote->plan_arena,
                                                               &fused, asked ? &mote->diag : NULL);
    if (status == MOTE_ERR_MEMORY) return mote_error_memory(&mote->diag);
    if (status != MOTE_OK) return status;
    mote->plan = fused;
    return MOTE_OK;
}

/* May the choice fall on a fused plan? On AVR it costs time that the kernels there do not win back. */
static bool may_fuse(const struct mote_target *target, const struct mote *mote, const struct mote_plan_options *options)
{
    if (options->unfused || target->simulator == MOTE_SIM_SIMAVR || target->simulator == MOTE_SIM_HOST) return false;
    return !fits(mote->plan, options) || (options->optimize == MOTE_OPTIMIZE_BALANCED && !options->ram_limit_bytes);
}

/* Builds what the options ask for; if they leave it open, the best of what keeps the interface of whole tensors, unless only
 * a stream fits or needs less. */
static enum mote_status build(struct mote *mote, const struct mote_target *target, const struct mote_plan_options *options)
{
    struct mote_plan *streamed = NULL;
    struct mote_arena *arena = &mote->plan_arena;
    struct mote_plan_wishes wishes = wishes_of(options);
    enum mote_status status;
    if (options->schedule == MOTE_SCHEDULE_STREAM)
        return mote_plan_build_stream_with(mote->graph, target, wishes, arena, &mote->plan, &mote->diag);
    if (options->schedule == MOTE_SCHEDULE_SLIDE)
        return mote_plan_build_slide_with(mote->graph, target, wishes, arena, &mote->plan, &mote->diag);
    if (options->schedule == MOTE_SCHEDULE_STRIPS) return build_strips(mote, target, options);
    if (options->schedule == MOTE_SCHEDULE_FUSED) return build_fused(mote, target, options);
    status = mote_plan_build_with(mote->graph, target, wishes, arena, &mote->plan, &mote->diag);
    if (status == MOTE_OK && !fits(mote->plan, options) && (mote_plan_takes_scratch(mote->plan) || mote_plan_has_layouts(mote->plan))) {
        wishes.least_stack = true;
        status = mote_plan_build_with(mote->graph, target, wishes, arena, &mote->plan, NULL);
    }
    if (status != MOTE_OK) return status;
    if (options->schedule == MOTE_SCHEDULE_WHOLE) return MOTE_OK;
    if (may_fuse(target, mote, options)) {
        status = build_fused(mote, target, options);
        if (status != MOTE_OK && status != MOTE_ERR_UNSUPPORTED) return status;
    }
    if (fits(mote->plan, options) || !may_stream(mote)) return MOTE_OK;
    /* The same operators again: warnings have been given. */
    status = mote_plan_build_stream_with(mote->graph, target, wishes, arena, &streamed, NULL);
    if (status == MOTE_OK && streamed->arena_bytes < mote->plan->arena_bytes) mote->plan = streamed;
    if (status != MOTE_OK) return status == MOTE_ERR_UNSUPPORTED ? MOTE_OK : status;
    if (fits(mote->plan, options)) return MOTE_OK;
    const struct mote_strips_wanted strips = {.budget_bytes = budget_of(target, options)};
    status = mote_plan_build_strips_with(mote->graph, target, wishes, &strips, arena, &streamed, NULL);
    if (status == MOTE_OK && streamed->arena_bytes < mote->plan->arena_bytes) mote->plan = streamed;
    return status == MOTE_ERR_UNSUPPORTED ? MOTE_OK : status;
}

static enum mote_status check_fit(struct mote *mote, const struct mote_plan_options *options)
{
    const struct mote_plan *plan = mote->plan;
    const enum mote_status status = mote_plan_check_fit(plan, &mote->diag);
    if (status != MOTE_OK || !options->ram_limit_bytes || plan->arena_bytes <= options->ram_limit_bytes) return status;
    return mote_error(&mote->diag, MOTE_ERR_NO_FIT, "tensors need %u bytes of RAM, %u more than the limit of %u",
                      (unsigned)plan->arena_bytes, (unsigned)(plan->arena_bytes - options->ram_limit_bytes),
                      (unsigned)options->ram_limit_bytes);
}

/* What the chip has too little of for the plan, or the limit that was asked for. */
static void note_lacks(struct mote *mote, const struct mote_plan_options *options)
{
    const struct mote_plan *plan = mote->plan;
    struct mote_plan_info *info = mote->plan_info;
    const uint32_t limit = options->ram_limit_bytes ? options->ram_limit_bytes : UINT32_MAX;
    const uint32_t beyond_limit = plan->arena_bytes > limit ? plan->arena_bytes - limit : 0;
    info->missing_ram_bytes = mote_plan_missing_ram(plan);
    if (beyond_limit > info->missing_ram_bytes) info->missing_ram_bytes = beyond_limit;
    info->missing_flash_bytes = mote_plan_missing_flash(plan);
    info->lacks_ram = info->missing_ram_bytes > 0;
    info->lacks_flash = info->missing_flash_bytes > 0;
}

enum mote_status mote_plan(struct mote *mote, const char *target_name)
{
    return mote_plan_with(mote, target_name, NULL);
}

enum mote_status mote_plan_with(struct mote *mote, const char *target_name, const struct mote_plan_options *options)
{
    static const struct mote_plan_options defaults;
    if (!options) options = &defaults;
    if (!mote->graph) return mote_error(&mote->diag, MOTE_ERR_INPUT, "no model is loaded");
    const struct mote_target *target = mote_target_find(target_name);
    if (!target)
        return mote_error(&mote->diag, MOTE_ERR_INPUT, "unknown target \"%s\": `mote targets` lists them", target_name);
    if (options->constant_time && target->simulator != MOTE_SIM_SIMAVR)
        return mote_error(&mote->diag, MOTE_ERR_UNSUPPORTED,
                          "constant time is promised on AVR only: the time of the kernels for %s has not been examined", target->name);
    forget_plan(mote);
    if (mote->blob) return mote_api_blob_plan(mote, target, options);
    enum mote_status status = build(mote, target, options);
    if (status == MOTE_OK) status = mote_plan_verify(mote->plan, &mote->diag);
    if (status != MOTE_OK) {
        forget_plan(mote);
        return status;
    }
    const enum mote_status fit = check_fit(mote, options);
    status = mote_info_plan(mote, fit == MOTE_OK);
    if (status != MOTE_OK) {
        forget_plan(mote);
        return status;
    }
    note_lacks(mote, options);
    return fit;
}

enum mote_status mote_plan_render(struct mote *mote, enum mote_plan_form form, int columns, char **text)
{
    enum mote_status status = mote_session_needs_plan(mote);
    if (status == MOTE_OK) status = mote_session_needs_model(mote, "a drawing or text of the plan");
    if (status != MOTE_OK) return status;
    struct mote_text out = {0};
    switch (form) {
    case MOTE_PLAN_TEXT:
        mote_plan_print(mote->plan, &out);
        if (mote->plan->stream) mote_stream_print(mote->plan, &out);
        break;
    case MOTE_PLAN_DRAWING:
        if (mote->plan->stream) mote_stream_draw_text(mote->plan, &out, columns);
        else mote_plan_draw_text(mote->plan, &out, columns);
        break;
    case MOTE_PLAN_SVG:
        if (mote->plan->stream) mote_stream_draw_svg(mote->plan, &out);
        else mote_plan_draw_svg(mote->plan, &out);
        break;
    }
    if (out.failed || !out.bytes) {
        mote_text_free(&out);
        return mote_error_memory(&mote->diag);
    }
    *text = out.bytes;
    return MOTE_OK;
}
