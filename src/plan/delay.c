/* delay.c: moves events of a schedule later. Running every step as soon as it can makes some rows too early: a row of a
 * skip connection waits for the long way round, while the rows that it is made of are kept for others anyway. */
#include "stream.h"

#include <stdlib.h>
#include <string.h>

struct delay {
    const struct mote_plan *plan;
    struct mote_stream *stream;
};

static bool reads_row(const struct delay *d, int32_t event, int32_t buffer, uint32_t row)
{
    const struct mote_stream_event *e = &d->stream->events[event];
    if (e->step == MOTE_TAKE_ROW) return false;
    const struct mote_step *step = &d->plan->steps[e->step];
    for (int i = 0; i < step->kernel->input_count; i++) {
        if (step->inputs[i].buffer != buffer) continue;
        if (!d->stream->buffers[buffer].row_count) return true;
        const struct mote_row_range rows = mote_stream_event_reads(&step->inputs[i], e);
        if (rows.begin <= row && row < rows.end) return true;
    }
    return false;
}

/* The first event behind `event` that must stay there: one that reads the row it writes, or the step's next row, since
 * every step computes its rows in order. -1 if there is none. */
static int32_t first_use(const struct delay *d, int32_t event)
{
    const struct mote_stream_event *e = &d->stream->events[event];
    const int32_t buffer = d->plan->steps[e->step].output.buffer;
    for (int32_t k = event + 1; k < d->stream->event_count; k++) {
        if (d->stream->events[k].step == e->step) return k;
        for (uint32_t r = e->row; r < e->row + e->rows; r++)
            if (reads_row(d, k, buffer, r)) return k;
    }
    return -1;
}

/* The last event other than `event` that reads the row; -1 if there is none. */
static int32_t last_other_use(const struct delay *d, int32_t event, int32_t buffer, uint32_t row)
{
    for (int32_t k = d->stream->event_count - 1; k >= 0; k--)
        if (k != event && reads_row(d, k, buffer, row)) return k;
    return -1;
}

/* Bytes of input rows that live longer if `event` runs just before event `to`. */
static uint32_t bytes_kept_longer(const struct delay *d, int32_t event, int32_t to)
{
    const struct mote_stream_event *e = &d->stream->events[event];
    const struct mote_step *step = &d->plan->steps[e->step];
    uint32_t bytes = 0;
    for (int i = 0; i < step->kernel->input_count; i++) {
        const struct mote_operand *in = &step->inputs[i];
        if (!d->stream->buffers[in->buffer].row_count) continue;
        const struct mote_row_range rows = mote_stream_event_reads(in, e);
        for (uint32_t r = rows.begin; r < rows.end; r++)
            if (last_other_use(d, event, in->buffer, r) < to) bytes += d->stream->buffers[in->buffer].row_bytes;
    }
    return bytes;
}

/* The event before which `event` should run: as late as the row it writes is larger than what must be kept for it. */
static int32_t best_place(const struct delay *d, int32_t event)
{
    const struct mote_stream_event *e = &d->stream->events[event];
    const uint32_t out_bytes = e->rows * d->stream->buffers[d->plan->steps[e->step].output.buffer].row_bytes;
    int32_t to = first_use(d, event);
    for (; to > event + 1; to--)
        if (bytes_kept_longer(d, event, to) < out_bytes) return to;
    return -1;
}

void mote_stream_delay(const struct mote_plan *plan, struct mote_stream *stream)
{
    const struct delay d = {plan, stream};
    for (int32_t e = stream->event_count - 2; e >= 0; e--) {
        const struct mote_stream_event event = stream->events[e];
        if (event.step == MOTE_TAKE_ROW || !stream->buffers[plan->steps[event.step].output.buffer].row_count) continue;
        if (mote_stream_is_part(stream, &plan->steps[event.step].output)) continue; /* the row lives on for the other strips */
        const int32_t to = best_place(&d, e);
        if (to < 0) continue;
        memmove(&stream->events[e], &stream->events[e + 1], (size_t)(to - 1 - e) * sizeof event);
        stream->events[to - 1] = event;
    }
}
