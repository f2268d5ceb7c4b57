/* write.c: header, steps, ports, the tables of a stream, parameters, constants, golden inference: in this order. */
#include "blob.h"

#include "../plan/stream.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct writer {
    const struct mote_plan *plan;
    struct mote_blob_layout layout;
    struct mote_text *text;
    size_t begin;     /* of the blob in text */
    uint32_t *places; /* of each constant */
};

static uint32_t position(const struct writer *w)
{
    return (uint32_t)(w->text->length - w->begin);
}

/* Bytes at the end, after as many zero bytes as their alignment wants; returns their place. */
static uint32_t append(struct writer *w, const void *bytes, size_t count, uint32_t alignment)
{
    static const char zeros[16];
    const uint32_t gap = (alignment - position(w) % alignment) % alignment;
    if (gap) mote_text_append(w->text, zeros, gap);
    const uint32_t at = position(w);
    if (count) mote_text_append(w->text, bytes, count);
    return at;
}

/* Constants come after all else, so that their places are known before they are written. */
static uint32_t plan_constants(struct writer *w, uint32_t at)
{
    const uint32_t alignment = w->layout.alignment_bytes;
    for (int32_t i = 0; i < w->plan->constant_count; i++) {
        const struct mote_constant *c = &w->plan->constants[i];
        w->places[i] = (at + alignment - 1) / alignment * alignment;
        at = w->places[i] + (uint32_t)(c->count * mote_field_value_bytes(c->kind));
    }
    return at;
}

static uint32_t params_bytes(const struct writer *w, const struct mote_step *step)
{
    return (uint32_t)mote_blob_params_bytes(step->kernel->params, w->layout, NULL);
}

static uint32_t offset_of(const struct mote_plan *plan, int32_t buffer)
{
    return buffer == MOTE_NO_BUFFER || plan->stream ? 0 : plan->buffers[buffer].offset; /* a stream's lie in rows */
}

static uint8_t flags_of(const struct mote_plan *plan, const struct mote_step *step)
{
    if (plan->stream) return mote_stream_by_rows(plan, plan->stream, (int32_t)(step - plan->steps)) ? MK_BLOB_BY_ROWS : 0;
    return step->rows_descend && !mote_granularity_descends(step->kernel->granularity) ? MK_BLOB_LAST_ROW_FIRST : 0;
}

static void write_step(struct writer *w, const struct mote_step *step, uint32_t params_at)
{
    const bool at_once = mote_granularity_descends(step->kernel->granularity);
    const bool swap = step->rows_descend && at_once; /* one call that goes from row_begin down to row_end */
    const struct mk_blob_step record = {
        .kernel = mote_blob_kernel_id(step->kernel),
        .params_at = params_at,
        .out = offset_of(w->plan, step->output.buffer),
        .in = {offset_of(w->plan, step->inputs[0].buffer),
               offset_of(w->plan, step->kernel->takes_scratch ? step->scratch : step->inputs[1].buffer)},
        .row_begin = (uint16_t)(swap ? step->row_end : step->row_begin),
        .row_end = (uint16_t)(swap ? step->row_begin : step->row_end),
        .params_bytes = (uint16_t)params_bytes(w, step),
        .flags = flags_of(w->plan, step),
    };
    append(w, &record, sizeof record, 1);
}

static void write_port(struct writer *w, int32_t buffer, int32_t tensor)
{
    const struct mote_tensor *t = &w->plan->graph->tensors[tensor];
    struct mk_blob_port port = {.offset = w->plan->buffers[buffer].offset,
                                .bytes = w->plan->buffers[buffer].bytes,
                                .type = mote_blob_type_of(t->dtype),
                                .rank = (uint8_t)t->shape.rank,
                                .is_quantised = t->quant.count == 1};
    for (int32_t i = 0; i < t->shape.rank; i++) port.dims[i] = (uint32_t)t->shape.dims[i];
    if (port.is_quantised) {
        port.scale = mote_tensor_scale(t);
        port.zero_point = mote_tensor_zero_point(t);
    }
    append(w, &port, sizeof port, 1);
}

/* ---- Streams ---- */

static uint32_t place_count(const struct mote_plan *plan)
{
    return (uint32_t)mote_stream_first_place(plan, plan->buffer_count);
}

static uint32_t stream_bytes(const struct mote_plan *plan)
{
    if (!plan->stream) return 0;
    return (uint32_t)sizeof(struct mk_blob_stream) + (uint32_t)plan->stream->event_count * (uint32_t)sizeof(struct mk_blob_event) +
           3 * (uint32_t)plan->step_count * (uint32_t)sizeof(struct mk_blob_operand) + 4 * place_count(plan);
}

static void write_event(struct writer *w, const struct mote_stream_event *event)
{
    const struct mote_plan *plan = w->plan;
    struct mk_blob_event record = {MK_BLOB_TAKE, (uint16_t)event->row};
    if (event->step == MOTE_TAKE_ROW) {
        if (!plan->stream->buffers[plan->inputs[0]].row_count) record.row = 0;
    } else {
        record.step = (uint16_t)event->step;
        if (event->row == MOTE_ALL_ROWS) record.row = (uint16_t)plan->steps[event->step].row_begin;
    }
    append(w, &record, sizeof record, 1);
}

static void write_operand(struct writer *w, struct mote_stream_place_map map)
{
    const struct mk_blob_operand record = {.first = (uint16_t)map.first,   .rows = (uint16_t)map.rows,     .stride = (uint16_t)map.stride,
                                           .pad = (int16_t)map.pad, .window = (uint16_t)map.window, .offset = map.offset};
    append(w, &record, sizeof record, 1);
}

static void write_stream(struct writer *w, uint32_t at)
{
    const struct mote_plan *plan = w->plan;
    const struct mote_stream *stream = plan->stream;
    const uint32_t rows = stream->buffers[plan->inputs[0]].row_count ? stream->buffers[plan->inputs[0]].row_count : 1;
    struct mk_blob_stream record = {.event_count = (uint16_t)stream->event_count,
                                    .place_count = (uint16_t)place_count(plan),
                                    .input_rows = (uint16_t)rows,
                                    .first_input = (uint16_t)mote_stream_first_place(plan, plan->inputs[0]),
                                    .row_bytes = plan->buffers[plan->inputs[0]].bytes / rows};
    record.events_at = at + (uint32_t)sizeof record;
    record.operands_at = record.events_at + record.event_count * (uint32_t)sizeof(struct mk_blob_event);
    record.places_at = record.operands_at + 3 * (uint32_t)plan->step_count * (uint32_t)sizeof(struct mk_blob_operand);
    append(w, &record, sizeof record, 1);
    for (int32_t e = 0; e < stream->event_count; e++) write_event(w, &stream->events[e]);
    for (int32_t s = 0; s < plan->step_count; s++) {
        write_operand(w, mote_stream_output_map(plan, &plan->steps[s]));
        for (int i = 0; i < 2; i++) write_operand(w, mote_stream_input_map(plan, &plan->steps[s], i));
    }
    for (int32_t b = 0; b < plan->buffer_count; b++)
        for (uint32_t r = 0; r < mote_stream_place_count(plan, b); r++) {
            const uint32_t offset = mote_stream_place_offset(plan, b, r);
            append(w, &offset, sizeof offset, 1);
        }
}

/* Everything fits the fields. */
static enum mote_status check_stream(const struct mote_plan *plan, struct mote_diag *diag)
{
    if (plan->stream->slides || plan->stream->strip_count)
        return mote_error(diag, MOTE_ERR_UNSUPPORTED,
                          "this plan for %s is %s: only plans of whole tensors and streams can be packed so far (--schedule whole, "
                          "--schedule stream)",
                          plan->target->name, plan->stream->slides ? "a window that slides" : "streamed in strips");
    if (plan->stream->event_count > UINT16_MAX || place_count(plan) > UINT16_MAX)
        return mote_error(diag, MOTE_ERR_UNSUPPORTED, "a blob holds at most 65,535 events and rows of a stream");
    for (int32_t s = 0; s < plan->step_count; s++)
        for (int i = 0; i < 2; i++) {
            const struct mote_stream_place_map map = mote_stream_input_map(plan, &plan->steps[s], i);
            if (map.window > (i ? 0 : MK_BLOB_MOST_WINDOW) || map.stride > UINT16_MAX || map.pad > INT16_MAX || map.pad < INT16_MIN)
                return mote_error(diag, MOTE_ERR_UNSUPPORTED, "%s reads %d rows at once, streamed: a blob's loop hands over %d at most",
                                  plan->steps[s].name, (int)map.window, MK_BLOB_MOST_WINDOW);
        }
    return MOTE_OK;
}

static void write_params(struct writer *w, const struct mote_step *step)
{
    uint32_t places[MOTE_MAX_CONSTANTS];
    uint8_t bytes[sizeof(union mk_blob_params)]; /* of the host, whose pointers are the widest */
    for (int i = 0; i < MOTE_MAX_CONSTANTS; i++) places[i] = step->constants[i] < 0 ? 0 : w->places[step->constants[i]];
    mote_blob_params_write(step->kernel->params, w->layout, step->params, places, bytes);
    append(w, bytes, params_bytes(w, step), 1);
}

static void write_constants(struct writer *w)
{
    for (int32_t i = 0; i < w->plan->constant_count; i++) {
        const struct mote_constant *c = &w->plan->constants[i];
        append(w, c->data, c->count * mote_field_value_bytes(c->kind), w->layout.alignment_bytes);
    }
}

static void write_test(struct writer *w, const struct mote_blob_test *test)
{
    size_t bytes = 0;
    for (int32_t i = 0; i < w->plan->input_count; i++) bytes += w->plan->buffers[w->plan->inputs[i]].bytes;
    append(w, &test->output_hash, sizeof test->output_hash, w->layout.alignment_bytes);
    append(w, test->input, bytes, 1);
}

static enum mote_status check(const struct mote_plan *plan, struct mote_diag *diag)
{
    if (plan->stream && (plan->stream->whole_input || mote_stream_is_banded(plan->stream)))
        return mote_error(diag, MOTE_ERR_UNSUPPORTED,
                          "this plan for %s is fused, which a blob cannot say yet: ask for --schedule whole or stream", plan->target->name);
    if (plan->step_count > UINT16_MAX || plan->input_count + plan->output_count > UINT8_MAX)
        return mote_error(diag, MOTE_ERR_UNSUPPORTED, "a blob holds at most 65,535 steps, and 255 inputs and outputs");
    for (int32_t s = 0; s < plan->step_count; s++)
        if (plan->steps[s].row_end > UINT16_MAX)
            return mote_error(diag, MOTE_ERR_UNSUPPORTED, "%s has more rows than a blob can name", plan->steps[s].name);
    return plan->stream ? check_stream(plan, diag) : MOTE_OK;
}

/* Places of the parts that come before the constants follow from their numbers. */
static struct mk_blob_header header_of(struct writer *w, const struct mote_blob_test *test, uint32_t *params_at)
{
    const struct mote_plan *plan = w->plan;
    struct mk_blob_header header = {.magic = MK_BLOB_MAGIC, .version = MK_BLOB_VERSION, .abi = MK_ABI,
                                    .pointer_bytes = w->layout.pointer_bytes, .alignment_bytes = w->layout.alignment_bytes};
    snprintf(header.target, sizeof header.target, "%s", plan->target->name);
    header.plan = (struct mk_blob_plan){.arena_bytes = plan->arena_bytes,
                                        .steps_at = sizeof header,
                                        .step_count = (uint16_t)plan->step_count,
                                        .input_count = (uint8_t)plan->input_count,
                                        .output_count = (uint8_t)plan->output_count};
    header.plan.ports_at = header.plan.steps_at + (uint32_t)plan->step_count * (uint32_t)sizeof(struct mk_blob_step);
    uint32_t at = header.plan.ports_at + (uint32_t)(plan->input_count + plan->output_count) * (uint32_t)sizeof(struct mk_blob_port);
    if (plan->stream) header.plan.stream_at = at;
    *params_at = at += stream_bytes(plan);
    for (int32_t s = 0; s < plan->step_count; s++) at += params_bytes(w, &plan->steps[s]);
    at = plan_constants(w, at);
    const uint32_t alignment = w->layout.alignment_bytes;
    header.plan.test_at = test ? (at + alignment - 1) / alignment * alignment : 0;
    return header;
}

/* Fills in what is known only now. */
static void finish(struct writer *w, struct mk_blob_header *header)
{
    if (w->text->failed) return;
    uint8_t *begin = (uint8_t *)w->text->bytes + w->begin;
    header->bytes = position(w);
    memcpy(begin, header, sizeof *header);
    const uint32_t summed_from = offsetof(struct mk_blob_header, target);
    header->checksum = mk_blob_checksum(begin, summed_from, header->bytes - summed_from);
    memcpy(begin, header, sizeof *header);
}

_Static_assert(MOTE_MAX_RANK == sizeof((struct mk_blob_port){0}.dims) / sizeof(uint32_t), "ports have room for every shape");

enum mote_status mote_blob_write(const struct mote_plan *plan, const struct mote_blob_test *test, struct mote_text *text,
                                 struct mote_diag *diag)
{
    const enum mote_status status = check(plan, diag);
    if (status != MOTE_OK) return status;
    struct writer w = {.plan = plan, .layout = mote_blob_layout_of(plan->target), .text = text, .begin = text->length};
    w.places = MOTE_NEW_ARRAY(plan->arena, uint32_t, (size_t)plan->constant_count);
    if (!w.places) return mote_error_memory(diag);
    uint32_t params_at;
    struct mk_blob_header header = header_of(&w, test, &params_at);
    append(&w, &header, sizeof header, 1);
    for (int32_t s = 0; s < plan->step_count; s++) {
        write_step(&w, &plan->steps[s], params_at);
        params_at += params_bytes(&w, &plan->steps[s]);
    }
    for (int32_t i = 0; i < plan->input_count; i++) write_port(&w, plan->inputs[i], plan->graph->inputs[i]);
    for (int32_t i = 0; i < plan->output_count; i++) write_port(&w, plan->outputs[i], plan->graph->outputs[i]);
    if (plan->stream) write_stream(&w, header.plan.stream_at);
    for (int32_t s = 0; s < plan->step_count; s++) write_params(&w, &plan->steps[s]);
    write_constants(&w);
    if (test) write_test(&w, test);
    finish(&w, &header);
    return text->failed ? mote_error_memory(diag) : MOTE_OK;
}
