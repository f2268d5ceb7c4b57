/* stream_overlap.c: which rows of a streamed plan may lie over each other: an output row over an input row that dies in the event
 * that writes it, as far as the kernel allows it (mote_kernel.h, "Overlap"). */
#include "stream.h"

#include "memory.h"

#include <string.h>

int64_t mote_stream_field(const struct mote_step *step, const char *name, int64_t missing)
{
    return mote_params_get(step->kernel->params, step->params, name, missing);
}

/* How an output may lie over an input: at least `distance` below it; `exactly` where both begin or where both end; or anywhere,
 * since no row from that output row on reads the input. */
struct overlay {
    bool exactly, anywhere;
    int64_t distance;
};

/* A row of `count` values or positions, each read before it is written: after that of number i those from i + 1 on must be
 * whole, out + (i + 1) * out_bytes <= in + (i + 1) * in_bytes for i + 1 < count. */
static int64_t ascending_distance(int64_t count, int64_t in_bytes, int64_t out_bytes)
{
    return out_bytes <= in_bytes ? out_bytes - in_bytes : (count - 1) * (out_bytes - in_bytes);
}

/* See element_distance in memory_overlap.c, here for one row. */
static bool overlay_elements(const struct mote_step *step, int input, const struct mote_stream_piece *in,
                             const struct mote_stream_piece *out, struct overlay *overlay)
{
    const int64_t out_bytes = mote_memory_type_bytes(step->kernel->out_type);
    const int64_t in_bytes = mote_memory_type_bytes(step->kernel->in_types[input]);
    const int64_t count = out->bytes / out_bytes;
    if (in->bytes != count * in_bytes || (out_bytes != in_bytes && out_bytes != 1 && in_bytes != 1)) return false;
    *overlay = (struct overlay){.distance = ascending_distance(count, in_bytes, out_bytes)};
    return true;
}

static bool overlay_pixels(const struct mote_step *step, const struct mote_stream_piece *in,
                           const struct mote_stream_piece *out, struct overlay *overlay)
{
    const int64_t columns = mote_stream_field(step, "out_w", 0);
    if (columns <= 0 || mote_stream_field(step, "in_w", 0) != columns || mote_stream_field(step, "filter_w", 0) != 1 ||
        mote_stream_field(step, "stride_w", 0) != 1 || mote_stream_field(step, "pad_left", 1) != 0)
        return false;
    if (in->bytes % columns || out->bytes % columns) return false;
    *overlay = (struct overlay){.distance = ascending_distance(columns, in->bytes / columns, out->bytes / columns)};
    return true;
}

static bool overlay_channels(const struct mote_step *step, const struct mote_stream_piece *in,
                             const struct mote_stream_piece *out, struct overlay *overlay)
{
    const int64_t channels = mote_stream_field(step, "in_c", 0);
    if (channels <= 0 || mote_stream_field(step, "out_c", 0) != channels || in->bytes % channels || out->bytes % channels)
        return false;
    *overlay = (struct overlay){.exactly = true};
    return true;
}

static bool find_overlay_of(const struct mote_step *step, int input, const struct mote_stream_piece *in,
                            const struct mote_stream_piece *out, struct overlay *overlay)
{
    switch (step->kernel->granularity) {
    case MOTE_GRANULARITY_ELEMENT: return overlay_elements(step, input, in, out, overlay);
    case MOTE_GRANULARITY_PIXEL: return overlay_pixels(step, in, out, overlay);
    case MOTE_GRANULARITY_CHANNEL: return overlay_channels(step, in, out, overlay);
    case MOTE_GRANULARITY_ROW:
    case MOTE_GRANULARITY_BOTH: break;
    }
    return false;
}

/* The last output row of the event that reads the piece; -1: none does. */
static int64_t last_reader(const struct mote_stream *stream, const struct mote_step *step,
                           const struct mote_stream_event *event, const struct mote_stream_piece *in)
{
    for (uint32_t k = event->rows; k-- > 0;)
        for (int i = 0; i < step->kernel->input_count; i++) {
            const struct mote_operand *operand = &step->inputs[i];
            if (operand->buffer != in->buffer) continue;
            const struct mote_row_range rows = mote_stream_rows_read(operand, event->row + k);
            const bool in_rows = stream->buffers[in->buffer].row_count != 0;
            if (!in_rows || (rows.begin <= in->row && in->row < rows.end)) return (int64_t)event->row + k;
        }
    return -1;
}

/* Of a step that runs whole in a fused plan: rows are written in ascending order. */
static bool overlay_whole(const struct mote_plan *plan, const struct mote_stream *stream, const struct mote_step *step,
                          const struct mote_stream_piece *in, struct overlay *overlay)
{
    if (!stream->whole_input || mote_stream_fuses(stream, (int32_t)(step - plan->steps)) || in->row != MOTE_ALL_ROWS) return false;
    if (!strcmp(step->kernel->params->name, "mk_copy")) return false; /* its rows are not those of its operands */
    for (int i = 0; i < step->kernel->input_count; i++)
        if (step->inputs[i].buffer == in->buffer) {
            *overlay = (struct overlay){.distance = mote_plan_overlap_distance(plan, step, i)};
            return overlay->distance != INT64_MAX;
        }
    return false;
}

/* Of one output row that lies over one input row, or of elementwise work on whole tensors. */
static bool overlay_row(const struct mote_stream *stream, const struct mote_step *step, const struct mote_stream_piece *in,
                        const struct mote_stream_piece *out, struct overlay *overlay)
{
    const bool is_elementwise = step->kernel->granularity == MOTE_GRANULARITY_ELEMENT;
    if (mote_stream_is_part(stream, &step->output)) return false;
    if (!is_elementwise && (in->row == MOTE_ALL_ROWS || out->row == MOTE_ALL_ROWS)) return false;
    bool found = false;
    for (int i = 0; i < step->kernel->input_count; i++) {
        struct overlay one;
        if (step->inputs[i].buffer != in->buffer) continue;
        if (mote_stream_is_part(stream, &step->inputs[i]) || !find_overlay_of(step, i, in, out, &one)) return false;
        if (!found || one.distance > overlay->distance) *overlay = one;
        found = true;
    }
    return found;
}

/* False if they may not share. */
static bool find_overlay(const struct mote_plan *plan, const struct mote_stream *stream, const struct mote_stream_piece *in,
                         const struct mote_stream_piece *out, struct overlay *overlay)
{
    const int32_t e = out->first_event;
    if (e < 0 || e >= stream->event_count || in->last_event != e || in->first_event >= e) return false;
    const struct mote_stream_event *event = &stream->events[e];
    if (event->step == MOTE_TAKE_ROW) return false;
    const struct mote_step *step = &plan->steps[event->step];
    if (step->output.buffer != out->buffer || in->buffer == out->buffer) return false;
    if (event->row == MOTE_ALL_ROWS && overlay_whole(plan, stream, step, in, overlay)) return true;
    if (event->rows > 1 && out->row != MOTE_ALL_ROWS) {
        const int64_t last = last_reader(stream, step, event, in);
        *overlay = (struct overlay){.anywhere = true};
        if (last >= 0 && out->row > last) return true;
        if (out->row != last) return false;
    }
    return overlay_row(stream, step, in, out, overlay);
}

int64_t mote_stream_common_bytes(const struct mote_plan *plan, const struct mote_stream *stream,
                                 const struct mote_stream_piece *in, const struct mote_stream_piece *out)
{
    struct overlay overlay;
    if (!find_overlay(plan, stream, in, out, &overlay)) return 0;
    if (overlay.anywhere || overlay.exactly || overlay.distance <= 0) return in->bytes;
    const int64_t larger = in->bytes > out->bytes ? in->bytes : out->bytes, spread = overlay.distance + in->bytes;
    return (int64_t)in->bytes + out->bytes - (larger > spread ? larger : spread); /* their union is one run of memory */
}

static void exclude(struct mote_stream_conflicts *conflicts, int64_t low, int64_t high)
{
    if (low >= high) return;
    conflicts->list[conflicts->count].low = low;
    conflicts->list[conflicts->count++].high = high;
}

struct mote_stream_conflicts mote_stream_find_conflicts(const struct mote_plan *plan, const struct mote_stream *stream,
                                                        const struct mote_stream_piece *a, const struct mote_stream_piece *b)
{
    struct mote_stream_conflicts found = {0};
    if (a->first_event > b->last_event || b->first_event > a->last_event) return found;
    int64_t low = -(int64_t)a->bytes, high = b->bytes; /* of offset(a) - offset(b) */
    struct overlay over_a = {0}, over_b = {0};
    const bool b_over_a = find_overlay(plan, stream, a, b, &over_a), a_over_b = find_overlay(plan, stream, b, a, &over_b);
    if ((b_over_a && over_a.anywhere) || (a_over_b && over_b.anywhere)) return found;
    if ((b_over_a && over_a.exactly) || (a_over_b && over_b.exactly)) {
        const int64_t ends = (int64_t)b->bytes - (int64_t)a->bytes, first = ends < 0 ? ends : 0, last = ends < 0 ? 0 : ends;
        exclude(&found, low, first);
        exclude(&found, first, last);
        exclude(&found, last, high);
        return found;
    }
    if (b_over_a && over_a.distance < high) high = over_a.distance;
    if (a_over_b && -over_b.distance > low) low = -over_b.distance;
    exclude(&found, low, high);
    return found;
}
