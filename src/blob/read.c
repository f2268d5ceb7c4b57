/* read.c: a blob for any chip. Checks what the chip's own loader (kernel/blob/mk_blob_open.c) checks, and says what is wrong. */
#include "blob.h"

#include <inttypes.h>
#include <string.h>

#define WRONG(diag, ...) mote_error((diag), MOTE_ERR_INPUT, __VA_ARGS__)

const char *mote_blob_error_text(enum mk_blob_error error)
{
    switch (error) {
    case MK_BLOB_OK: return "all is well";
    case MK_BLOB_CUT_OFF: return "it is cut off";
    case MK_BLOB_NO_BLOB: return "it is no blob";
    case MK_BLOB_OTHER_VERSION: return "it was made by another version of mote: pack the model again";
    case MK_BLOB_OTHER_CHIP: return "it was made for another chip";
    case MK_BLOB_DAMAGED: return "it is damaged: its checksum is wrong";
    case MK_BLOB_OUT_OF_BOUNDS: return "something lies outside of blob or arena";
    case MK_BLOB_UNKNOWN_KERNEL: return "it calls a kernel that is not there";
    case MK_BLOB_NO_STREAMS: return "it is a stream, and there is no code for streams";
    }
    return "?";
}

bool mote_blob_is_one(const void *bytes, size_t byte_count)
{
    const uint32_t magic = MK_BLOB_MAGIC;
    return byte_count >= sizeof magic && !memcmp(bytes, &magic, sizeof magic);
}

static bool is_inside(uint64_t at, uint64_t bytes, uint64_t all_bytes)
{
    return at <= all_bytes && bytes <= all_bytes - at;
}

static enum mote_status read_header(struct mote_blob *blob, struct mote_diag *diag)
{
    struct mk_blob_header *h = &blob->header;
    if (blob->byte_count < sizeof *h) return WRONG(diag, "blob: %s", mote_blob_error_text(MK_BLOB_CUT_OFF));
    memcpy(h, blob->bytes, sizeof *h);
    if (h->magic != MK_BLOB_MAGIC) return WRONG(diag, "blob: %s", mote_blob_error_text(MK_BLOB_NO_BLOB));
    if (h->version != MK_BLOB_VERSION || h->abi != MK_ABI)
        return WRONG(diag, "blob: it has format %u and kernels of version %u, this mote has %u and %u: pack the model again",
                     h->version, h->abi, MK_BLOB_VERSION, MK_ABI);
    if (h->bytes < sizeof *h || h->bytes > blob->byte_count)
        return WRONG(diag, "blob: it says that it has %" PRIu32 " bytes, there are %zu", h->bytes, blob->byte_count);
    const uint32_t summed_from = offsetof(struct mk_blob_header, target);
    if (mk_blob_checksum(blob->bytes, summed_from, h->bytes - summed_from) != h->checksum)
        return WRONG(diag, "blob: %s", mote_blob_error_text(MK_BLOB_DAMAGED));
    blob->target = memchr(h->target, 0, sizeof h->target) ? mote_target_find(h->target) : NULL;
    if (!blob->target) return WRONG(diag, "blob: it was made for a chip that this mote does not know");
    const struct mote_blob_layout layout = mote_blob_layout_of(blob->target);
    if (h->pointer_bytes != layout.pointer_bytes || h->alignment_bytes != layout.alignment_bytes)
        return WRONG(diag, "blob: its pointers are not those of %s", blob->target->name);
    return MOTE_OK;
}

/* Elements of the port's shape times the size of its type are its bytes. */
static bool port_is_sound(const struct mk_blob_port *port)
{
    const enum mote_dtype dtype = mote_blob_dtype_of(port->type);
    if (dtype == MOTE_DTYPE_COUNT || port->rank > MOTE_MAX_RANK || port->is_quantised > 1) return false;
    uint64_t bytes = mote_dtype_bytes(dtype);
    for (uint8_t i = 0; i < port->rank; i++) {
        if (!port->dims[i] || port->dims[i] > INT32_MAX) return false;
        bytes *= port->dims[i];
        if (bytes > port->bytes) return false;
    }
    return bytes == port->bytes && (!port->is_quantised || port->scale > 0);
}

static enum mote_status read_ports(struct mote_blob *blob, struct mote_arena *arena, struct mote_diag *diag)
{
    const struct mk_blob_plan *plan = &blob->header.plan;
    const uint32_t count = (uint32_t)plan->input_count + plan->output_count;
    uint64_t input_bytes = 4;
    if (!is_inside(plan->ports_at, count * sizeof *blob->ports, blob->header.bytes))
        return WRONG(diag, "blob: its %" PRIu32 " inputs and outputs are described outside of it", count);
    blob->ports = MOTE_NEW_ARRAY(arena, struct mk_blob_port, count);
    if (!blob->ports) return mote_error_memory(diag);
    if (count) memcpy(blob->ports, blob->bytes + plan->ports_at, count * sizeof *blob->ports);
    for (uint32_t i = 0; i < count; i++) {
        const struct mk_blob_port *port = &blob->ports[i];
        if (!port_is_sound(port)) return WRONG(diag, "blob: input or output %" PRIu32 " has a shape that contradicts itself", i);
        if (!(plan->stream_at && i < plan->input_count) && !is_inside(port->offset, port->bytes, plan->arena_bytes))
            return WRONG(diag, "blob: input or output %" PRIu32 " lies outside of the arena", i);
        if (i < plan->input_count) input_bytes += port->bytes;
    }
    if (plan->test_at && !is_inside(plan->test_at, input_bytes, blob->header.bytes))
        return WRONG(diag, "blob: its golden inference lies outside of it");
    return MOTE_OK;
}

/* ---- Streams ---- */

static void read_at(const struct mote_blob *blob, uint32_t at, uint32_t index, void *record, size_t bytes)
{
    memcpy(record, blob->bytes + at + (size_t)index * bytes, bytes);
}

uint32_t mote_blob_input_row(const struct mote_blob *blob, uint32_t row)
{
    uint32_t offset;
    read_at(blob, blob->stream.places_at, blob->stream.first_input + row, &offset, sizeof offset);
    return offset;
}

static bool events_are_sound(const struct mote_blob *blob)
{
    const struct mk_blob_stream *s = &blob->stream;
    uint32_t taken = 0;
    for (uint32_t i = 0; i < s->event_count; i++) {
        struct mk_blob_event event;
        read_at(blob, s->events_at, i, &event, sizeof event);
        const bool takes = event.step == MK_BLOB_TAKE;
        if (takes ? event.row != taken++ : event.step >= blob->header.plan.step_count || i == 0) return false;
    }
    return taken == s->input_rows; /* each row once, from the top */
}

static bool operands_are_sound(const struct mote_blob *blob)
{
    const struct mk_blob_stream *s = &blob->stream;
    for (uint32_t i = 0; i < 3u * blob->header.plan.step_count; i++) {
        struct mk_blob_operand o;
        read_at(blob, s->operands_at, i, &o, sizeof o);
        if (!o.rows || !is_inside(o.first, o.rows, s->place_count) || o.window > (i % 3 == 1 ? MK_BLOB_MOST_WINDOW : 0) ||
            o.offset > blob->header.plan.arena_bytes)
            return false;
    }
    return true;
}

static bool places_are_sound(const struct mote_blob *blob)
{
    const struct mk_blob_stream *s = &blob->stream;
    for (uint32_t i = 0; i < s->place_count; i++) {
        uint32_t offset;
        read_at(blob, s->places_at, i, &offset, sizeof offset);
        if (offset > blob->header.plan.arena_bytes) return false;
    }
    for (uint32_t r = 0; r < s->input_rows; r++)
        if (!is_inside(mote_blob_input_row(blob, r), s->row_bytes, blob->header.plan.arena_bytes)) return false;
    return true;
}

static enum mote_status read_stream(struct mote_blob *blob, struct mote_diag *diag)
{
    const struct mk_blob_plan *plan = &blob->header.plan;
    struct mk_blob_stream *s = &blob->stream;
    if (!plan->stream_at) return MOTE_OK;
    if (plan->input_count != 1 || !is_inside(plan->stream_at, sizeof *s, blob->header.bytes))
        return WRONG(diag, "blob: it is a stream, but not of one input");
    read_at(blob, plan->stream_at, 0, s, sizeof *s);
    if (!is_inside(s->events_at, s->event_count * sizeof(struct mk_blob_event), blob->header.bytes) ||
        !is_inside(s->operands_at, 3 * plan->step_count * sizeof(struct mk_blob_operand), blob->header.bytes) ||
        !is_inside(s->places_at, s->place_count * sizeof(uint32_t), blob->header.bytes))
        return WRONG(diag, "blob: the tables of its stream lie outside of it");
    if (!s->event_count || !s->input_rows || !is_inside(s->first_input, s->input_rows, s->place_count) ||
        (uint64_t)s->row_bytes * s->input_rows != blob->ports[0].bytes || !places_are_sound(blob) || !operands_are_sound(blob) ||
        !events_are_sound(blob))
        return WRONG(diag, "blob: the tables of its stream contradict each other");
    return MOTE_OK;
}

/* ---- Steps ---- */

static bool pointers_are_inside(const struct mote_blob *blob, const struct mk_blob_step *step, uint8_t pointers)
{
    const struct mk_blob_header *h = &blob->header;
    for (uint8_t i = 1; i <= pointers; i++) {
        uint64_t place = 0;
        memcpy(&place, blob->bytes + step->params_at + step->params_bytes - (size_t)i * h->pointer_bytes, h->pointer_bytes);
        if (place > h->bytes || place % h->alignment_bytes) return false;
    }
    return true;
}

static enum mote_status read_call(struct mote_blob *blob, uint16_t index, struct mote_arena *arena, struct mote_diag *diag)
{
    const struct mk_blob_plan *plan = &blob->header.plan;
    struct mote_blob_call_read *call = &blob->calls[index];
    const struct mote_blob_layout layout = mote_blob_layout_of(blob->target);
    memcpy(&call->step, blob->bytes + plan->steps_at + index * sizeof call->step, sizeof call->step);
    const struct mk_blob_step *step = &call->step;
    uint8_t pointers = 0;
    call->kernel = mote_blob_kernel_of(step->kernel);
    if (!call->kernel || !mote_target_has_kernel(blob->target, call->kernel))
        return WRONG(diag, "blob: step %u calls a kernel that this mote does not know for %s", index, blob->target->name);
    const struct mote_params_type *type = call->kernel->params;
    if (step->params_bytes != mote_blob_params_bytes(type, layout, &pointers))
        return WRONG(diag, "blob: step %u has parameters of another size than %s takes", index, call->kernel->name);
    if (!is_inside(step->params_at, step->params_bytes, blob->header.bytes) || !pointers_are_inside(blob, step, pointers))
        return WRONG(diag, "blob: step %u, %s, has parameters or constants outside of the blob", index, call->kernel->name);
    if (step->out > plan->arena_bytes || step->in[0] > plan->arena_bytes || step->in[1] > plan->arena_bytes)
        return WRONG(diag, "blob: step %u, %s, works outside of the arena", index, call->kernel->name);
    call->params = mote_arena_calloc(arena, 1, type->bytes);
    if (!call->params) return mote_error_memory(diag);
    mote_blob_params_read(type, layout, blob->bytes + step->params_at, blob->bytes, call->params);
    return MOTE_OK;
}

enum mote_status mote_blob_read(const void *bytes, size_t byte_count, struct mote_arena *arena, struct mote_blob **blob,
                                struct mote_diag *diag)
{
    struct mote_blob *read = MOTE_NEW(arena, struct mote_blob);
    if (!read) return mote_error_memory(diag);
    read->bytes = bytes;
    read->byte_count = byte_count;
    enum mote_status status = read_header(read, diag);
    if (status == MOTE_OK) status = read_ports(read, arena, diag);
    if (status != MOTE_OK) return status;
    const struct mk_blob_plan *plan = &read->header.plan;
    if (!is_inside(plan->steps_at, plan->step_count * sizeof(struct mk_blob_step), read->header.bytes))
        return WRONG(diag, "blob: its %u steps lie outside of it", plan->step_count);
    read->calls = MOTE_NEW_ARRAY(arena, struct mote_blob_call_read, plan->step_count);
    if (!read->calls) return mote_error_memory(diag);
    status = read_stream(read, diag);
    for (uint16_t i = 0; i < plan->step_count && status == MOTE_OK; i++) status = read_call(read, i, arena, diag);
    if (status == MOTE_OK) *blob = read;
    return status;
}
