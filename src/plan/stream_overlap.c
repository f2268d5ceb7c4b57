/* stream_overlap.c: which rows of a streamed plan may lie over each other: an output row over an input row that dies in the event
 * that writes it, as far as the kernel allows it (mote_kernel.h, "Overlap"). */
#include "stream.h"

#include "memory.h"

#include <string.h>

const struct mote_field *mote_stream_find_field(const struct mote_step *step, const char *name)
{
    const struct mote_params_type *type = step->kernel->params;
    for (size_t i = 0; i < type->field_count; i++)
        if (!strcmp(type->fields[i].name, name)) return &type->fields[i];
    return NULL;
}

int64_t mote_stream_field(const struct mote_step *step, const char *name, int64_t missing)
{
    const struct mote_field *field = mote_stream_find_field(step, name);
    if (!field) return missing;
    uint16_t bits;
    memcpy(&bits, (const char *)step->params + field->offset, sizeof bits);
    return field->kind == MOTE_FIELD_S16 ? (int16_t)bits : bits;
}

/* How an output may lie over an input: at least `distance` below it, or, `exactly`, where both begin or where both end. */
struct overlay {
    bool exactly;
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
    *overlay = (struct overlay){false, ascending_distance(count, in_bytes, out_bytes)};
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
    *overlay = (struct overlay){false, ascending_distance(columns, in->bytes / columns, out->bytes / columns)};
    return true;
}

static bool overlay_channels(const struct mote_step *step, const struct mote_stream_piece *in,
                             const struct mote_stream_piece *out, struct overlay *overlay)
{
    const int64_t channels = mote_stream_field(step, "in_c", 0);
    if (channels <= 0 || mote_stream_field(step, "out_c", 0) != channels || in->bytes % channels || out->bytes % channels)
        return false;
    *overlay = (struct overlay){true, 0};
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

/* False if they may not share. */
static bool find_overlay(const struct mote_plan *plan, const struct mote_stream *stream, const struct mote_stream_piece *in,
                         const struct mote_stream_piece *out, struct overlay *overlay)
{
    const int32_t e = out->first_event;
    if (e < 0 || e >= stream->event_count || in->last_event != e || in->first_event >= e) return false;
    if (stream->events[e].step == MOTE_TAKE_ROW) return false;
    const struct mote_step *step = &plan->steps[stream->events[e].step];
    if (step->output.buffer != out->buffer || mote_stream_is_part(stream, &step->output)) return false;
    const bool is_elementwise = step->kernel->granularity == MOTE_GRANULARITY_ELEMENT;
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

bool mote_stream_may_overwrite(const struct mote_plan *plan, const struct mote_stream *stream,
                               const struct mote_stream_piece *in, const struct mote_stream_piece *out)
{
    struct overlay overlay;
    return find_overlay(plan, stream, in, out, &overlay);
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
