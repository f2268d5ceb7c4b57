/* stream_list.c: the events of a stream as programs have them in flash. A pushed stream goes through the same calls again and
 * again, a few rows further each time, and a call counts its rows itself; so most of the list is loops. */
#include "stream.h"

#include <string.h>

enum {
    LOOP_ENTRIES = 3,  /* LOOP, entries to go back, how many times */
    MOST_BACK = 255, MOST_TURNS = 255,
    WORTH_LOOPING = 64 /* bytes, for about as much code and a byte of RAM */
};

/* Without loops; runs of a step up to its last row are one entry. */
static size_t list_plainly(const struct mote_plan *plan, uint16_t *entries)
{
    const struct mote_stream *const stream = plan->stream;
    size_t count = 0;
    for (int32_t i = 0, run; i < stream->event_count; i += run) {
        const struct mote_stream_event *const e = &stream->events[i];
        run = mote_stream_run_to_end(plan, i);
        const int32_t entry = e->step == MOTE_TAKE_ROW ? plan->step_count + e->input
                              : run > 1                ? mote_stream_to_end_entry(plan) + e->step
                                                       : e->step;
        entries[count++] = (uint16_t)entry;
    }
    return count;
}

/* How many more times the `back` entries are there, one behind the other. */
static size_t count_turns(const uint16_t *entries, size_t left, size_t back)
{
    size_t turns = 0;
    while (turns < MOST_TURNS && (turns + 2) * back <= left &&
           !memcmp(entries, entries + (turns + 1) * back, back * sizeof *entries))
        turns++;
    return turns;
}

struct loop {
    size_t back, turns, saved;
};

/* The loop from the first entry on that saves most, if any does. */
static struct loop find_loop(const uint16_t *entries, size_t left)
{
    struct loop best = {0, 0, 0};
    for (size_t back = 1; back <= MOST_BACK && 2 * back <= left; back++) {
        const size_t turns = count_turns(entries, left, back);
        if (turns * back > best.saved + LOOP_ENTRIES) best = (struct loop){back, turns, turns * back - LOOP_ENTRIES};
    }
    return best;
}

/* In place, as loops only get shorter; returns how many entries are left. */
static size_t fold_loops(uint16_t *entries, size_t count, uint16_t loop_entry)
{
    size_t written = 0;
    for (size_t i = 0; i < count;) {
        const struct loop loop = find_loop(entries + i, count - i);
        if (!loop.saved) {
            entries[written++] = entries[i++];
            continue;
        }
        memmove(entries + written, entries + i, loop.back * sizeof *entries);
        written += loop.back;
        i += loop.back * (loop.turns + 1);
        entries[written++] = loop_entry;
        entries[written++] = (uint16_t)loop.back;
        entries[written++] = (uint16_t)loop.turns;
    }
    return written;
}

enum mote_status mote_stream_list_events(const struct mote_plan *plan, struct mote_stream_list *list, struct mote_diag *diag)
{
    const size_t most = (size_t)plan->stream->event_count + 1, bytes = mote_stream_events_are_bytes(plan) ? 1 : 2;
    uint16_t *plain = MOTE_NEW_ARRAY(plan->arena, uint16_t, most), *folded = MOTE_NEW_ARRAY(plan->arena, uint16_t, most);
    if (!plain || !folded) return mote_error_memory(diag);
    *list = (struct mote_stream_list){plain, list_plainly(plan, plain), false};
    if (!mote_plan_is_pushed(plan)) return MOTE_OK;
    memcpy(folded, plain, list->count * sizeof *folded);
    const size_t count = fold_loops(folded, list->count, (uint16_t)mote_stream_loop_entry(plan));
    if ((list->count - count) * bytes >= WORTH_LOOPING) *list = (struct mote_stream_list){folded, count, true};
    return MOTE_OK;
}
