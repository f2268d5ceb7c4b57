/* test_stream_list.c: the list of a stream's events that programs go through names all events in order, with its loops and without. */
#include "../src/plan/stream.h"
#include "plan_fixture.h"
#include "random_graph.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static int lists, lists_with_loops;

/* The step of an entry, or the input's number behind the steps; what it stands for begins at event `e`. Returns how many events that is. */
static int32_t check_entry(const struct mote_plan *plan, int32_t entry, int32_t e)
{
    const struct mote_stream *const stream = plan->stream;
    const bool to_end = entry >= mote_stream_to_end_entry(plan);
    const int32_t wanted = to_end ? entry - mote_stream_to_end_entry(plan) : entry;
    int32_t events = 0;
    do {
        assert_true(e + events < stream->event_count);
        const struct mote_stream_event *const event = &stream->events[e + events++];
        assert_int_equal(wanted, event->step == MOTE_TAKE_ROW ? plan->step_count + event->input : event->step);
        if (to_end && event->row + 1 == plan->steps[event->step].row_end) break;
    } while (to_end);
    return events;
}

/* Goes through the list as programs do: it must name all events in order. */
static void check_list(const struct mote_plan *plan)
{
    const struct mote_stream_list list = plan->stream->list;
    size_t at = 0;
    int32_t e = 0, turns = 0;
    while (at < list.count) {
        if (list.entries[at] != mote_stream_loop_entry(plan)) {
            e += check_entry(plan, list.entries[at++], e);
            continue;
        }
        assert_true(list.loops && at + 2 < list.count && list.entries[at + 1] > 0 && list.entries[at + 1] <= at);
        if (!turns) turns = list.entries[at + 2] + 1;
        if (--turns) at -= list.entries[at + 1];
        else at += 3;
    }
    assert_int_equal(e, plan->stream->event_count);
    lists++;
    lists_with_loops += list.loops;
}

static void check_stream(struct plan_fixture *f, const char *target)
{
    plan_fixture_require_ok(f, mote_plan_build_stream(f->graph, mote_target_find(target), &f->arena, &f->plan, &f->diag));
    check_list(f->plan);
}

static void lists_of_random_networks_name_all_events(void **state)
{
    (void)state;
    lists = lists_with_loops = 0;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct plan_fixture f;
        struct mote_rng rng;
        plan_fixture_begin(&f);
        mote_rng_seed(&rng, seed);
        f.graph = seed % 2 ? random_image_graph(&f.arena, &rng, 2 + (int32_t)mote_rng_below(&rng, 5), false)
                           : random_graph(&f.arena, &rng, 2 + (int32_t)mote_rng_below(&rng, 14), false);
        assert_non_null(f.graph);
        if (f.graph->input_count == 1) check_stream(&f, seed % 3 ? "host" : "atmega1284p");
        plan_fixture_end(&f);
    }
    print_message("    %d lists, %d of them with loops\n", lists, lists_with_loops);
    assert_true(lists > 150 && lists_with_loops > 0 && lists_with_loops < lists);
}

static void lists_of_models_are_loops(void **state)
{
    (void)state;
    static const char *const names[] = {"kws_ref_model", "pretrainedResnet_quant", "vww_96_int8"};
    if (!plan_fixture_has_models()) {
        fprintf(stderr, "../shared/models is not here: only random networks are tested\n");
        return;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct plan_fixture f;
        plan_fixture_begin(&f);
        plan_fixture_load(&f, names[i]);
        check_stream(&f, "atmega1284p");
        assert_true(f.plan->stream->list.loops && 2 * f.plan->stream->list.count < (size_t)f.plan->stream->event_count);
        plan_fixture_end(&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_of_random_networks_name_all_events),
        cmocka_unit_test(lists_of_models_are_loops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
