/* stream.c: where every row of a streamed plan lies, and the choice of the order that needs the least RAM. */
#include "stream.h"

#include "cost.h"
#include "memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    PLACEMENTS = 6,               /* orders of events for which places are searched, at most */
    PLACEMENT_WORK = 60000000,    /* conflicts looked at per search: a fraction of a second */
    WORK_PER_PIECE = 1000000,     /* and per piece: few pieces have few orders, and a trial costs more than its conflicts */
    DELAYED_EVENTS = 1600         /* orders that are longer are not delayed: the work grows with the square */
};

/* ---- Pieces and their lives ---- */

static int32_t count_pieces(const struct mote_plan *plan, struct mote_stream *stream)
{
    int64_t count = 0;
    for (int32_t i = 0; i < plan->buffer_count; i++) {
        stream->buffers[i].first_piece = (int32_t)count;
        count += stream->buffers[i].row_count ? stream->buffers[i].row_count : 1;
        if (count > MOTE_STREAM_ROWS) return -1;
    }
    return (int32_t)count;
}

static struct mote_stream_piece *piece_of(const struct mote_stream *stream, int32_t buffer, uint32_t row)
{
    const struct mote_stream_buffer *b = &stream->buffers[buffer];
    return &stream->pieces[b->first_piece + (b->row_count ? (int32_t)row : 0)];
}

const struct mote_stream_piece *mote_stream_piece_of(const struct mote_stream *stream, int32_t buffer, uint32_t row)
{
    return piece_of(stream, buffer, row);
}

uint32_t mote_stream_row_offset(const struct mote_stream *stream, const struct mote_operand *operand, uint32_t row)
{
    const struct mote_stream_piece *piece = piece_of(stream, operand->buffer, row);
    return piece->offset + (stream->buffers[operand->buffer].row_count ? 0 : row * operand->row_bytes);
}

static void touch(struct mote_stream_piece *piece, int32_t event)
{
    if (event < piece->first_event) piece->first_event = event;
    if (event > piece->last_event) piece->last_event = event;
}

static void touch_operand(const struct mote_stream *stream, const struct mote_operand *in, int32_t event)
{
    if (!stream->buffers[in->buffer].row_count) {
        touch(piece_of(stream, in->buffer, 0), event);
        return;
    }
    const struct mote_row_range rows = mote_stream_event_reads(in, &stream->events[event]);
    for (uint32_t r = rows.begin; r < rows.end; r++) touch(piece_of(stream, in->buffer, r), event);
}

/* Inputs that are handed over whole are there before the first event. */
static void touch_whole_inputs(const struct mote_plan *plan, struct mote_stream *stream)
{
    for (int32_t i = 0; i < plan->input_count && stream->whole_input; i++) {
        const uint32_t rows = stream->buffers[plan->inputs[i]].row_count;
        for (uint32_t r = 0; r < (rows ? rows : 1); r++) touch(piece_of(stream, plan->inputs[i], r), -1);
    }
}

static void live_through_events(const struct mote_plan *plan, struct mote_stream *stream)
{
    for (int32_t i = 0; i < stream->piece_count; i++) {
        stream->pieces[i].first_event = stream->event_count;
        stream->pieces[i].last_event = -2;
    }
    touch_whole_inputs(plan, stream);
    for (int32_t e = 0; e < stream->event_count; e++) {
        const struct mote_stream_event *event = &stream->events[e];
        if (event->step == MOTE_TAKE_ROW) {
            touch(piece_of(stream, plan->inputs[event->input], event->row), e);
            continue;
        }
        const struct mote_step *step = &plan->steps[event->step];
        for (uint32_t k = 0; k < event->rows; k++) touch(piece_of(stream, step->output.buffer, event->row + k), e);
        for (int i = 0; i < step->kernel->input_count; i++) touch_operand(stream, &step->inputs[i], e);
    }
    for (int32_t i = 0; i < plan->output_count; i++)
        touch(piece_of(stream, plan->outputs[i], 0), stream->event_count);
}

/* Rows that one call writes lie side by side, and so do those of an input that is handed over whole. */
static void make_groups(const struct mote_plan *plan, struct mote_stream *stream)
{
    for (int32_t i = 0; i < plan->input_count && stream->whole_input; i++)
        for (uint32_t r = 0; r < stream->buffers[plan->inputs[i]].row_count; r++)
            piece_of(stream, plan->inputs[i], r)->group_row = 0;
    for (int32_t e = 0; e < stream->event_count; e++) {
        const struct mote_stream_event *event = &stream->events[e];
        if (event->step == MOTE_TAKE_ROW || event->row == MOTE_ALL_ROWS) continue;
        const int32_t buffer = plan->steps[event->step].output.buffer;
        for (uint32_t k = 0; k < event->rows && stream->buffers[buffer].row_count; k++)
            piece_of(stream, buffer, event->row + k)->group_row = event->row;
    }
}

static enum mote_status make_pieces(const struct mote_plan *plan, struct mote_arena *arena, struct mote_stream *stream,
                                    struct mote_diag *diag)
{
    stream->piece_count = count_pieces(plan, stream);
    if (stream->piece_count < 0)
        return mote_error(diag, MOTE_ERR_UNSUPPORTED, "the model has more than %d rows in all: too many to be streamed",
                          MOTE_STREAM_ROWS);
    stream->pieces = MOTE_NEW_ARRAY(arena, struct mote_stream_piece, (size_t)stream->piece_count);
    if (!stream->pieces) return mote_error_memory(diag);
    for (int32_t i = 0; i < plan->buffer_count; i++) {
        const struct mote_stream_buffer *b = &stream->buffers[i];
        for (uint32_t r = 0; r < (b->row_count ? b->row_count : 1); r++)
            *piece_of(stream, i, r) = (struct mote_stream_piece){
                .buffer = i,
                .row = b->row_count ? r : MOTE_ALL_ROWS,
                .group_row = r,
                .bytes = b->row_count ? b->row_bytes : plan->buffers[i].bytes,
                .alignment_bytes = plan->buffers[i].alignment_bytes,
            };
    }
    live_through_events(plan, stream);
    make_groups(plan, stream);
    return MOTE_OK;
}

/* ---- Bytes that live at once ---- */

/* Bytes that what the event writes has in common with the piece, at most. */
static int64_t common_bytes(const struct mote_plan *plan, const struct mote_stream *stream, const struct mote_stream_piece *in,
                            const struct mote_stream_event *event)
{
    int64_t most = 0;
    for (uint32_t k = 0; k < event->rows; k++) {
        const struct mote_stream_piece *out = piece_of(stream, plan->steps[event->step].output.buffer, event->row + k);
        const int64_t common = in == out ? 0 : mote_stream_common_bytes(plan, stream, in, out);
        if (common > most) most = common;
    }
    return most;
}

uint32_t mote_stream_event_bytes(const struct mote_plan *plan, const struct mote_stream *stream, int32_t event)
{
    int64_t live = 0, born = 0, shared = 0;
    const struct mote_stream_event *e = NULL;
    if (stream->slides) event--; /* pieces live by steps: the first event takes the frame */
    else if (event < stream->event_count && stream->events[event].step != MOTE_TAKE_ROW) {
        e = &stream->events[event];
        born = (int64_t)e->rows * piece_of(stream, plan->steps[e->step].output.buffer, e->row)->bytes;
    }
    for (int32_t i = 0; i < stream->piece_count; i++) {
        const struct mote_stream_piece *p = &stream->pieces[i];
        if (p->first_event > event || p->last_event < event) continue;
        live += p->bytes;
        if (e && p->last_event == event) shared += common_bytes(plan, stream, p, e);
    }
    return (uint32_t)(live - (shared < born ? shared : born));
}

uint32_t mote_stream_step_bytes(const struct mote_plan *plan, int32_t step)
{
    uint32_t most = 0;
    for (int32_t e = 0; e < plan->stream->event_count; e++) {
        if (plan->stream->events[e].step != step) continue;
        const uint32_t bytes = mote_stream_event_bytes(plan, plan->stream, e);
        if (bytes > most) most = bytes;
    }
    return most;
}

int32_t mote_stream_peak_step(const struct mote_plan *plan)
{
    int32_t peak = 0;
    uint32_t most = 0;
    for (int32_t s = 0; s < plan->step_count; s++) {
        const uint32_t bytes = mote_stream_step_bytes(plan, s);
        if (bytes > most) {
            most = bytes;
            peak = s;
        }
    }
    return peak;
}

/* The same for all events at once, in two sweeps. */
static int64_t peak_bound(const struct mote_plan *plan, const struct mote_stream *stream, struct mote_arena *scratch)
{
    const size_t count = (size_t)stream->event_count + 3;
    int64_t *change = MOTE_NEW_ARRAY(scratch, int64_t, count);
    if (!change) return -1;
    for (int32_t i = 0; i < stream->piece_count; i++) {
        const struct mote_stream_piece *p = &stream->pieces[i];
        if (p->first_event > p->last_event) continue;
        change[p->first_event + 1] += p->bytes; /* from event -1, before the first, on */
        change[p->last_event + 2] -= p->bytes;
    }
    int64_t live = 0, peak = 0;
    for (int32_t e = 0; e <= stream->event_count; e++) {
        live += e ? change[e + 1] : change[0] + change[1];
        if (live <= peak) continue;
        const int64_t exact = mote_stream_event_bytes(plan, stream, e);
        if (exact > peak) peak = exact;
    }
    return peak;
}

/* A piece or a group of them, from `piece` on, and when the first is written. */
struct born {
    int32_t event, piece, count;
};

/* Where group a must not lie, counted from group b. Rows of a group lie side by side: of groups, all between the least and the
 * greatest forbidden distance is forbidden. */
static struct mote_stream_conflicts find_conflicts(const struct mote_plan *plan, const struct mote_stream *stream,
                                                   const struct born *a, const struct born *b)
{
    const struct mote_stream_piece *const x = &stream->pieces[a->piece], *const y = &stream->pieces[b->piece];
    struct mote_stream_conflicts all = {0};
    if (a->count == 1 && b->count == 1) return mote_stream_find_conflicts(plan, stream, x, y);
    for (int32_t i = 0; i < a->count; i++)
        for (int32_t k = 0; k < b->count; k++) {
            const struct mote_stream_conflicts one = mote_stream_find_conflicts(plan, stream, &x[i], &y[k]);
            const int64_t shift = (int64_t)k * y->bytes - (int64_t)i * x->bytes;
            for (int c = 0; c < one.count; c++) {
                const int64_t low = one.list[c].low + shift, high = one.list[c].high + shift;
                if (!all.count || low < all.list[0].low) all.list[0].low = low;
                if (!all.count || high > all.list[0].high) all.list[0].high = high;
                all.count = 1;
            }
        }
    return all;
}

/* ---- Places ---- */

static int by_birth(const void *a, const void *b)
{
    const struct born *x = a, *y = b;
    if (x->event != y->event) return x->event < y->event ? -1 : 1;
    return x->piece < y->piece ? -1 : x->piece > y->piece;
}

/* Groups by birth: the search breaks ties between equally large ones by their number, and rows of one size that are
 * placed in the order of their births need no more room than the most that live at once. */
static struct born *order_by_birth(const struct mote_stream *stream, struct mote_arena *scratch, int32_t *count)
{
    struct born *order = MOTE_NEW_ARRAY(scratch, struct born, (size_t)stream->piece_count);
    *count = 0;
    for (int32_t i = 0; order && i < stream->piece_count; i++) {
        const struct mote_stream_piece *p = &stream->pieces[i];
        if (i > 0 && p->row != MOTE_ALL_ROWS && p->group_row != p->row) order[*count - 1].count++;
        else order[(*count)++] = (struct born){p->first_event, i, 1};
    }
    if (order) qsort(order, (size_t)*count, sizeof *order, by_birth);
    return order;
}

static struct mote_buffer buffer_of(const struct mote_stream *stream, const struct born *group)
{
    const struct mote_stream_piece *p = &stream->pieces[group->piece];
    struct mote_buffer buffer = {.bytes = p->bytes * (uint32_t)group->count, .alignment_bytes = p->alignment_bytes,
                                 .first_step = p->first_event, .last_step = p->last_event};
    for (int32_t i = 1; i < group->count; i++)
        if (p[i].last_event > buffer.last_step) buffer.last_step = p[i].last_event;
    return buffer;
}

static enum mote_status make_problem(const struct mote_plan *plan, const struct mote_stream *stream,
                                     const struct born *order, int32_t n, struct mote_arena *scratch,
                                     struct mote_memory_problem *problem, struct mote_diag *diag)
{
    struct mote_buffer *buffers = MOTE_NEW_ARRAY(scratch, struct mote_buffer, (size_t)n);
    problem->first = MOTE_NEW_ARRAY(scratch, int32_t, (size_t)n + 1);
    if (!buffers || !problem->first) return mote_error_memory(diag);
    int64_t count = 0;
    for (int32_t a = 0; a < n; a++) {
        buffers[a] = buffer_of(stream, &order[a]);
        for (int32_t b = 0; b < n; b++)
            if (a != b) count += find_conflicts(plan, stream, &order[a], &order[b]).count;
    }
    problem->buffers = buffers;
    problem->count = n;
    problem->conflicts = count > INT32_MAX ? NULL : MOTE_NEW_ARRAY(scratch, struct mote_memory_conflict, (size_t)count);
    if (!problem->conflicts) return mote_error_memory(diag);
    int32_t next = 0;
    for (int32_t a = 0; a < n; a++) {
        problem->first[a] = next;
        for (int32_t b = 0; b < n; b++) {
            if (a == b) continue;
            const struct mote_stream_conflicts found = find_conflicts(plan, stream, &order[a], &order[b]);
            for (int i = 0; i < found.count; i++)
                problem->conflicts[next++] = (struct mote_memory_conflict){b, found.list[i].low, found.list[i].high};
        }
    }
    problem->first[n] = next;
    return MOTE_OK;
}

/* The same problem, but that no output lies over its input. */
static void separate(struct mote_memory_problem *problem)
{
    for (int32_t b = 0; b < problem->count; b++)
        for (int32_t i = problem->first[b]; i < problem->first[b + 1]; i++) {
            struct mote_memory_conflict *c = &problem->conflicts[i];
            c->low = -(int64_t)problem->buffers[b].bytes;
            c->high = problem->buffers[c->other].bytes;
        }
}

/* Outputs over inputs need fewer bytes at once, but are hard to place; without them more fits sometimes. */
static enum mote_status search_both_ways(struct mote_memory_problem *problem, struct mote_arena *scratch, int64_t *offsets,
                                         int64_t *peak, struct mote_diag *diag)
{
    enum mote_status status = mote_memory_search(problem, scratch, offsets, peak, diag);
    if (status != MOTE_OK || *peak <= problem->bound) return status;
    int64_t other_peak, *const other = MOTE_NEW_ARRAY(scratch, int64_t, (size_t)problem->count);
    if (!other) return mote_error_memory(diag);
    separate(problem);
    if ((status = mote_memory_search(problem, scratch, other, &other_peak, diag)) != MOTE_OK || other_peak >= *peak) return status;
    memcpy(offsets, other, (size_t)problem->count * sizeof *offsets);
    *peak = other_peak;
    return MOTE_OK;
}

static enum mote_status place(const struct mote_plan *plan, struct mote_stream *stream, int64_t bound, int64_t *peak,
                              struct mote_diag *diag)
{
    struct mote_arena scratch;
    mote_arena_init(&scratch, MOTE_ARENA_DEFAULT_LIMIT);
    int32_t count;
    const struct born *order = order_by_birth(stream, &scratch, &count);
    const bool few = count < PLACEMENT_WORK / WORK_PER_PIECE;
    struct mote_memory_problem problem = {.bound = bound, .work_limit = few ? count * WORK_PER_PIECE : PLACEMENT_WORK};
    int64_t *offsets = MOTE_NEW_ARRAY(&scratch, int64_t, (size_t)stream->piece_count);
    enum mote_status status = offsets && order ? make_problem(plan, stream, order, count, &scratch, &problem, diag)
                                               : mote_error_memory(diag);
    if (status == MOTE_OK) status = search_both_ways(&problem, &scratch, offsets, peak, diag);
    for (int32_t i = 0; i < count && status == MOTE_OK; i++)
        for (int32_t k = 0; k < order[i].count; k++)
            stream->pieces[order[i].piece + k].offset =
                (uint32_t)offsets[i] + (uint32_t)k * stream->pieces[order[i].piece].bytes;
    mote_arena_free(&scratch);
    return status;
}

/* ---- The choice among orders ---- */

struct candidate {
    int64_t bound;
    double cost;
    int32_t split_step, event_count;
    bool delayed;
};

static int by_bound(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;
    if (x->bound != y->bound) return x->bound < y->bound ? -1 : 1;
    if (x->delayed != y->delayed) return x->delayed ? 1 : -1;
    return x->split_step > y->split_step ? -1 : x->split_step < y->split_step; /* stream more: it starts earlier */
}

static enum mote_status order_events(const struct mote_plan *plan, const struct candidate *candidate,
                                     struct mote_arena *arena, struct mote_stream *stream, struct mote_diag *diag)
{
    const enum mote_status status = mote_stream_schedule(plan, candidate->split_step, arena, stream, diag);
    if (status != MOTE_OK) return status;
    if (candidate->delayed) mote_stream_delay(plan, stream);
    return make_pieces(plan, arena, stream, diag);
}

static enum mote_status find_bound(const struct mote_plan *plan, const struct mote_stream *divided,
                                   struct candidate *candidate, struct mote_diag *diag)
{
    struct mote_arena scratch;
    mote_arena_init(&scratch, MOTE_ARENA_DEFAULT_LIMIT);
    struct mote_stream stream = *divided;
    enum mote_status status = order_events(plan, candidate, &scratch, &stream, diag);
    candidate->event_count = stream.event_count;
    candidate->cost = status == MOTE_OK ? mote_cost_plan(plan, &stream) : 0;
    candidate->bound = status == MOTE_OK ? peak_bound(plan, &stream, &scratch) : 0;
    if (status == MOTE_OK && candidate->bound < 0) status = mote_error_memory(diag);
    mote_arena_free(&scratch);
    return status;
}

static enum mote_status choose(struct mote_plan *plan, const struct mote_stream *divided, int32_t first_split,
                               int32_t last_split, struct mote_stream *best, struct mote_diag *diag)
{
    const int32_t most = 2 * (last_split + 1 - first_split);
    struct candidate *candidates = MOTE_NEW_ARRAY(plan->arena, struct candidate, (size_t)most);
    if (!candidates) return mote_error_memory(diag);
    int32_t count = 0;
    for (int32_t i = 0; i < most; i++) {
        struct candidate *c = &candidates[count];
        if (i % 2 && candidates[count - 1].event_count > DELAYED_EVENTS) continue;
        *c = (struct candidate){.split_step = first_split + i / 2, .delayed = i % 2 != 0};
        const enum mote_status status = find_bound(plan, divided, c, diag);
        if (status != MOTE_OK) return status;
        count++;
    }
    qsort(candidates, (size_t)count, sizeof *candidates, by_bound);
    int64_t least = INT64_MAX, peak;
    for (int32_t i = 0; i < count && i < PLACEMENTS && candidates[i].bound < least; i++) {
        struct mote_stream stream = *divided;
        enum mote_status status = order_events(plan, &candidates[i], plan->arena, &stream, diag);
        if (status == MOTE_OK) status = place(plan, &stream, candidates[0].bound, &peak, diag);
        if (status != MOTE_OK) return status;
        if (peak >= least) continue;
        least = peak;
        *best = stream;
    }
    if (least > UINT32_MAX) return mote_error(diag, MOTE_ERR_NO_FIT, "the rows need %" PRId64 " bytes at once", least);
    plan->arena_bytes = (uint32_t)least;
    plan->lower_bound_bytes = (uint32_t)candidates[0].bound;
    return MOTE_OK;
}

/* Buffers in one piece get their offset where readers of plans look for it; those in rows the lowest of their rows. */
static void set_buffer_offsets(struct mote_plan *plan, const struct mote_stream *stream)
{
    for (int32_t i = 0; i < plan->buffer_count; i++) plan->buffers[i].offset = UINT32_MAX;
    for (int32_t i = 0; i < stream->piece_count; i++) {
        struct mote_buffer *b = &plan->buffers[stream->pieces[i].buffer];
        if (stream->pieces[i].offset < b->offset) b->offset = stream->pieces[i].offset;
    }
}

enum mote_status mote_stream_bound(const struct mote_plan *plan, const struct mote_stream *divided, int32_t split_step,
                                   int64_t *bytes)
{
    struct candidate candidate = {.split_step = split_step};
    const enum mote_status status = find_bound(plan, divided, &candidate, NULL);
    if (status == MOTE_OK) *bytes = candidate.bound;
    return status;
}

enum mote_status mote_stream_weigh(const struct mote_plan *plan, const struct mote_stream *divided, int32_t split_step,
                                   int64_t *bytes, double *cost)
{
    struct candidate plain = {.split_step = split_step}, delayed = {.split_step = split_step, .delayed = true};
    enum mote_status status = find_bound(plan, divided, &plain, NULL);
    const bool both = status == MOTE_OK && plain.event_count <= DELAYED_EVENTS;
    if (both) status = find_bound(plan, divided, &delayed, NULL);
    if (status != MOTE_OK) return status;
    *bytes = both && delayed.bound < plain.bound ? delayed.bound : plain.bound;
    *cost = plain.cost;
    return MOTE_OK;
}

static enum mote_status finish(struct mote_plan *plan, const struct mote_stream *divided, int32_t first_split,
                               int32_t last_split, struct mote_diag *diag)
{
    struct mote_stream *stream = MOTE_NEW(plan->arena, struct mote_stream);
    if (!stream) return mote_error_memory(diag);
    const enum mote_status status = choose(plan, divided, first_split, last_split, stream, diag);
    if (status != MOTE_OK) return status;
    set_buffer_offsets(plan, stream);
    for (int32_t i = 0; i < plan->buffer_count; i++)
        if (plan->buffers[i].alignment_bytes > plan->arena_alignment_bytes)
            plan->arena_alignment_bytes = plan->buffers[i].alignment_bytes;
    plan->stream = stream;
    return mote_stream_list_events(plan, &stream->list, diag);
}

enum mote_status mote_stream_finish(struct mote_plan *plan, const struct mote_stream *divided, int32_t first_split,
                                    struct mote_diag *diag)
{
    return finish(plan, divided, first_split, plan->step_count, diag);
}

enum mote_status mote_stream_finish_at(struct mote_plan *plan, const struct mote_stream *divided, int32_t split_step,
                                       struct mote_diag *diag)
{
    return finish(plan, divided, split_step, split_step, diag);
}

enum mote_status mote_plan_build_stream(const struct mote_graph *graph, const struct mote_target *target,
                                        struct mote_arena *arena, struct mote_plan **result, struct mote_diag *diag)
{
    return mote_plan_build_stream_with(graph, target, (struct mote_plan_wishes){0}, arena, result, diag);
}

enum mote_status mote_stream_prepare(const struct mote_graph *graph, const struct mote_target *target,
                                     struct mote_plan_wishes wishes, struct mote_arena *arena, struct mote_plan **plan,
                                     struct mote_stream *divided, struct mote_diag *diag)
{
    wishes.row_by_row = true;
    enum mote_status status = mote_plan_build_with(graph, target, wishes, arena, plan, diag);
    if (status != MOTE_OK) return status;
    if ((status = mote_stream_accumulate(*plan, diag)) != MOTE_OK) return status;
    for (int32_t s = 0; s < (*plan)->step_count; s++) (*plan)->steps[s].rows_descend = false;
    mote_plan_lifetimes(*plan);
    return mote_stream_divide(*plan, divided, diag);
}

enum mote_status mote_plan_build_stream_with(const struct mote_graph *graph, const struct mote_target *target,
                                             struct mote_plan_wishes wishes, struct mote_arena *arena,
                                             struct mote_plan **result, struct mote_diag *diag)
{
    struct mote_plan *plan = NULL;
    struct mote_stream divided = {0};
    if (graph->input_count != 1)
        return mote_error(diag, MOTE_ERR_UNSUPPORTED, "the model has %" PRId32 " inputs: only one can be streamed",
                          graph->input_count);
    enum mote_status status = mote_stream_prepare(graph, target, wishes, arena, &plan, &divided, diag);
    if (status == MOTE_OK) status = mote_stream_finish(plan, &divided, 0, diag);
    if (status == MOTE_OK && mote_plan_is_tight(plan)) {
        wishes.least_stack = true;
        status = mote_plan_build_stream_with(graph, target, wishes, arena, result, NULL); /* warnings have been given */
        return status == MOTE_ERR_MEMORY ? mote_error_memory(diag) : status;
    }
    if (status == MOTE_OK) *result = plan;
    return status;
}
