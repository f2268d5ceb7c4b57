#include "blob.h"

#include "info.h"

#include <string.h>

/* ---- Loading ---- */

static enum mote_status add_port(struct mote *mote, const struct mk_blob_port *port, const char *name, int32_t *tensor)
{
    struct mote_arena *arena = &mote->model_arena;
    struct mote_tensor t = {.name = name, .dtype = mote_blob_dtype_of(port->type), .shape = {.rank = port->rank}};
    for (uint8_t i = 0; i < port->rank; i++) t.shape.dims[i] = (int32_t)port->dims[i];
    if (port->is_quantised) {
        float *scale = MOTE_NEW(arena, float);
        int64_t *zero_point = MOTE_NEW(arena, int64_t);
        if (!scale || !zero_point) return mote_error_memory(&mote->diag);
        *scale = port->scale;
        *zero_point = port->zero_point;
        t.quant = (struct mote_quant){.count = 1, .scales = scale, .zero_points = zero_point};
    }
    *tensor = mote_graph_add_tensor(mote->graph, t);
    return *tensor < 0 ? mote_error_memory(&mote->diag) : MOTE_OK;
}

static enum mote_status make_graph(struct mote *mote)
{
    struct mote_arena *arena = &mote->model_arena;
    const struct mk_blob_plan *plan = &mote->blob->header.plan;
    struct mote_graph *graph = mote->source = mote->graph = mote_graph_new(arena, mote->model_path);
    if (!graph) return mote_error_memory(&mote->diag);
    graph->inputs = MOTE_NEW_ARRAY(arena, int32_t, plan->input_count);
    graph->outputs = MOTE_NEW_ARRAY(arena, int32_t, plan->output_count);
    if (!graph->inputs || !graph->outputs) return mote_error_memory(&mote->diag);
    graph->input_count = plan->input_count;
    graph->output_count = plan->output_count;
    for (int i = 0; i < plan->input_count + plan->output_count; i++) {
        const int k = i - plan->input_count;
        const char *name = mote_arena_printf(arena, k < 0 ? "input %d" : "output %d", k < 0 ? i : k);
        if (!name) return mote_error_memory(&mote->diag);
        const enum mote_status status =
            add_port(mote, &mote->blob->ports[i], name, k < 0 ? &graph->inputs[i] : &graph->outputs[k]);
        if (status != MOTE_OK) return status;
    }
    return MOTE_OK;
}

static enum mote_status make_info(struct mote *mote)
{
    const struct mote_blob *blob = mote->blob;
    const struct mk_blob_header *h = &blob->header;
    struct mote_blob_info *info = MOTE_NEW(&mote->model_arena, struct mote_blob_info);
    struct mote_blob_step_info *steps = MOTE_NEW_ARRAY(&mote->model_arena, struct mote_blob_step_info, h->plan.step_count);
    if (!info || !steps) return mote_error_memory(&mote->diag);
    for (uint16_t i = 0; i < h->plan.step_count; i++) {
        const struct mk_blob_step *step = &blob->calls[i].step;
        steps[i] = (struct mote_blob_step_info){.kernel = blob->calls[i].kernel->name,
                                                .row_begin = step->row_begin,
                                                .row_end = step->row_end,
                                                .last_row_first = (step->flags & MK_BLOB_LAST_ROW_FIRST) != 0,
                                                .output_offset = step->out,
                                                .input_offset = {step->in[0], step->in[1]},
                                                .input_count = blob->calls[i].kernel->input_count,
                                                .params_at = step->params_at,
                                                .params_bytes = step->params_bytes};
    }
    *info = (struct mote_blob_info){.target = blob->target->name,
                                    .version = h->version,
                                    .abi = h->abi,
                                    .bytes = h->bytes,
                                    .checksum = h->checksum,
                                    .arena_bytes = h->plan.arena_bytes,
                                    .pointer_bytes = h->pointer_bytes,
                                    .alignment_bytes = h->alignment_bytes,
                                    .has_self_test = h->plan.test_at != 0,
                                    .steps = steps,
                                    .step_count = h->plan.step_count};
    mote->blob_info = info;
    return MOTE_OK;
}

enum mote_status mote_api_blob_load(struct mote *mote, const uint8_t *bytes, size_t size_bytes)
{
    /* From mote_load_memory they may lie at any address. */
    uint8_t *aligned = mote_arena_copy(&mote->model_arena, bytes, size_bytes);
    if (!aligned) return mote_error_memory(&mote->diag);
    enum mote_status status = mote_blob_read(aligned, size_bytes, &mote->model_arena, &mote->blob, &mote->diag);
    if (status == MOTE_OK) status = make_graph(mote);
    if (status == MOTE_OK) status = make_info(mote);
    if (status == MOTE_OK) status = mote_info_model(mote, NULL, 0);
    if (status == MOTE_OK) mote->model_info->packed_for = mote->blob->target->name;
    return status;
}

const struct mote_blob_info *mote_blob_info(const struct mote *mote)
{
    return mote->blob_info;
}

/* ---- The plan ---- */

static enum mote_status check_wishes(struct mote *mote, const struct mote_target *target, const struct mote_plan_options *options)
{
    const struct mote_blob *blob = mote->blob;
    if (target != blob->target)
        return mote_error(&mote->diag, MOTE_ERR_UNSUPPORTED, "the blob was packed for %s and runs there only, not on %s",
                          blob->target->name, target->name);
    const bool asks = (options->schedule != MOTE_SCHEDULE_AUTO && options->schedule != MOTE_SCHEDULE_WHOLE) || options->strips ||
                      options->coded_weights != MOTE_CODED_WEIGHTS_AUTO || options->constant_time || options->plain_kernels;
    return asks ? mote_session_needs_model(mote, "another plan") : MOTE_OK;
}

/* Buffers are the inputs and outputs; calls of kernels are the steps, as far as others want to know. */
static enum mote_status fill_plan(struct mote *mote, struct mote_plan *plan)
{
    const struct mote_blob *blob = mote->blob;
    struct mote_arena *arena = &mote->plan_arena;
    const int32_t inputs = blob->header.plan.input_count, outputs = blob->header.plan.output_count;
    *plan = (struct mote_plan){.arena = arena,
                               .graph = mote->graph,
                               .target = blob->target,
                               .steps = MOTE_NEW_ARRAY(arena, struct mote_step, blob->header.plan.step_count),
                               .step_count = blob->header.plan.step_count,
                               .buffers = MOTE_NEW_ARRAY(arena, struct mote_buffer, (size_t)(inputs + outputs)),
                               .buffer_count = inputs + outputs,
                               .inputs = MOTE_NEW_ARRAY(arena, int32_t, (size_t)inputs),
                               .outputs = MOTE_NEW_ARRAY(arena, int32_t, (size_t)outputs),
                               .input_count = inputs,
                               .output_count = outputs,
                               .arena_bytes = blob->header.plan.arena_bytes,
                               .arena_alignment_bytes = blob->header.alignment_bytes,
                               .constant_bytes = blob->header.bytes};
    if (!plan->steps || !plan->buffers || !plan->inputs || !plan->outputs) return mote_error_memory(&mote->diag);
    for (int32_t i = 0; i < plan->buffer_count; i++) {
        plan->buffers[i] = (struct mote_buffer){.name = mote->graph->tensors[i].name, .tensor = i, .bytes = blob->ports[i].bytes,
                                                .offset = blob->ports[i].offset};
        *(i < inputs ? &plan->inputs[i] : &plan->outputs[i - inputs]) = i;
    }
    for (int32_t s = 0; s < plan->step_count; s++)
        plan->steps[s] = (struct mote_step){.name = blob->calls[s].kernel->name, .kernel = blob->calls[s].kernel,
                                            .params = blob->calls[s].params};
    return MOTE_OK;
}

static enum mote_status check_fit(struct mote *mote, const struct mote_plan_options *options)
{
    const struct mote_plan *plan = mote->plan;
    const uint32_t limit = options->ram_limit_bytes && options->ram_limit_bytes < plan->target->ram_bytes
                               ? options->ram_limit_bytes : plan->target->ram_bytes;
    struct mote_plan_info *info = mote->plan_info;
    info->missing_ram_bytes = plan->arena_bytes > limit ? plan->arena_bytes - limit : 0;
    info->missing_flash_bytes = plan->constant_bytes > plan->target->flash_bytes
                                    ? (uint32_t)plan->constant_bytes - plan->target->flash_bytes : 0;
    info->lacks_ram = info->missing_ram_bytes > 0;
    info->lacks_flash = info->missing_flash_bytes > 0;
    info->fits = !info->lacks_ram && !info->lacks_flash;
    if (info->fits) return MOTE_OK;
    return mote_error(&mote->diag, MOTE_ERR_NO_FIT, "does not fit %s: the blob has %zu bytes, the chip %u bytes of flash; its arena has %u "
                                                    "bytes, where %u bytes of RAM may be used",
                      plan->target->name, plan->constant_bytes, (unsigned)plan->target->flash_bytes, (unsigned)plan->arena_bytes,
                      (unsigned)limit);
}

enum mote_status mote_api_blob_plan(struct mote *mote, const struct mote_target *target, const struct mote_plan_options *options)
{
    enum mote_status status = check_wishes(mote, target, options);
    if (status != MOTE_OK) return status;
    /* Elsewhere simulators keep it in bounds. */
    if (target->simulator == MOTE_SIM_HOST) status = mote_blob_check(mote->blob, NULL, &mote->diag);
    if (status != MOTE_OK) return status;
    struct mote_plan *plan = MOTE_NEW(&mote->plan_arena, struct mote_plan);
    struct mote_plan_info *info = MOTE_NEW(&mote->plan_arena, struct mote_plan_info);
    if (!plan || !info) return mote_error_memory(&mote->diag);
    if ((status = fill_plan(mote, plan)) != MOTE_OK) return status;
    *info = (struct mote_plan_info){.target = target->name,
                                    .arena_bytes = plan->arena_bytes,
                                    .constant_bytes = plan->constant_bytes,
                                    .schedule = MOTE_SCHEDULE_WHOLE};
    mote->plan = plan;
    mote->plan_info = info;
    return check_fit(mote, options);
}

enum mote_status mote_api_blob_get(struct mote *mote, const struct mote_blob_test *test, struct mote_arena *arena,
                                   const struct mote_blob **blob)
{
    if (mote->blob) {
        *blob = mote->blob;
        return MOTE_OK;
    }
    struct mote_text text = {0};
    struct mote_blob *read = NULL;
    enum mote_status status = mote_blob_write(mote->plan, test, &text, &mote->diag);
    const uint8_t *bytes = status == MOTE_OK ? mote_arena_copy(arena, text.bytes, text.length) : NULL;
    const size_t byte_count = text.length;
    mote_text_free(&text);
    if (status != MOTE_OK) return status;
    if (!bytes) return mote_error_memory(&mote->diag);
    status = mote_blob_read(bytes, byte_count, arena, &read, &mote->diag);
    if (status == MOTE_OK) *blob = read;
    return status;
}
