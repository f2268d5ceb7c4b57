/* test_stream.c: streamed plans compute the bytes of the reference, need the RAM that is promised, and are refused by the
 * verifier as soon as anything in them is wrong. */
#include "../src/eval/eval.h"
#include "../src/plan/draw.h"
#include "../src/plan/stream.h"
#include "plan_fixture.h"
#include "random_graph.h"
#include "sanitized.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void load(struct plan_fixture *f, const char *name, const char *target)
{
    plan_fixture_load(f, name);
    plan_fixture_require_ok(f, mote_plan_build_stream(f->graph, mote_target_find(target), &f->arena, &f->plan, &f->diag));
    plan_fixture_require_ok(f, mote_plan_verify(f->plan, &f->diag));
}

/* ---- The models of MLPerf Tiny ---- */

/* RAM for tensors on the chip, as doc/STREAMING.md promises it. The files as they are, before any pass. */
static const struct promise {
    const char *name;
    uint32_t bytes;
} promises[] = {{"kws_ref_model", 3428},
                {"pretrainedResnet_quant", 9024},
                {"vww_96_int8", 10752},
                {"ad01_int8", 768},
                {"str_ww_ref_model", 3712}};

static void test_golden_model(void **state)
{
    const struct promise *promise = *state;
    struct plan_fixture f;
    plan_fixture_begin(&f);
    load(&f, promise->name, "host");
    plan_fixture_check_golden(&f, promise->name, ".in.bin", ".out.bin");
    plan_fixture_check_golden(&f, promise->name, ".edge.in.bin", ".edge.out.bin");
    plan_fixture_end(&f);
}

static void test_promised_ram(void **state)
{
    static const char *const targets[] = {"host", "atmega1284p", "cortex-m0", "cortex-m4", "cortex-m55", "rv32imc"};
    const struct promise *promise = *state;
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) { /* whatever kernels its families have */
        struct plan_fixture f;
        plan_fixture_begin(&f);
        load(&f, promise->name, targets[i]);
        assert_true(f.plan->arena_bytes >= f.plan->lower_bound_bytes);
        if (f.plan->arena_bytes > promise->bytes)
            fail_msg("%s on %s: %d bytes", promise->name, targets[i], (int)f.plan->arena_bytes);
        plan_fixture_end(&f);
    }
}

/* ---- Fused plans: inputs whole, some steps some rows at a time ---- */

static void load_fused(struct plan_fixture *f, const char *name, const struct mote_fused_wanted *wanted)
{
    plan_fixture_load(f, name);
    plan_fixture_require_ok(f, mote_plan_build_fused_with(f->graph, mote_target_reference(), (struct mote_plan_wishes){0},
                                                          wanted, &f->arena, &f->plan, &f->diag));
    plan_fixture_require_ok(f, mote_plan_verify(f->plan, &f->diag));
}

static void test_fused_golden_model(void **state)
{
    static const struct mote_fused_wanted wishes[] = {
        {.aim = MOTE_AIM_RAM, .positions = 1}, {.aim = MOTE_AIM_RAM, .positions = 40}, {.aim = MOTE_AIM_TIME}};
    const struct promise *promise = *state;
    for (size_t i = 0; i < sizeof wishes / sizeof wishes[0]; i++) {
        struct plan_fixture f;
        plan_fixture_begin(&f);
        load_fused(&f, promise->name, &wishes[i]);
        plan_fixture_check_golden(&f, promise->name, ".in.bin", ".out.bin");
        plan_fixture_check_golden(&f, promise->name, ".edge.in.bin", ".edge.out.bin");
        plan_fixture_end(&f);
    }
}

enum { FUSED_EVERY = 4 }; /* placing takes a while */
static int fused_graphs, graphs_in_bands;

/* A fused plan of the network against whole tensors, in one of many forms. */
static void check_fused(struct plan_fixture *f, const struct mote_plan *whole, uint64_t seed, struct mote_rng *rng)
{
    static const enum mote_plan_aim aims[] = {MOTE_AIM_BALANCE, MOTE_AIM_TIME, MOTE_AIM_RAM};
    static const uint32_t positions[] = {1, 4, 9, 15, 40, 200};
    const struct mote_fused_wanted wanted = {.aim = aims[seed % 3], .positions = positions[mote_rng_below(rng, 6)]};
    struct mote_plan *plan = NULL;
    plan_fixture_require_ok(f, mote_plan_build_fused_with(f->graph, mote_target_reference(), (struct mote_plan_wishes){0},
                                                          &wanted, &f->arena, &plan, &f->diag));
    if (mote_plan_verify(plan, &f->diag) != MOTE_OK)
        fail_msg("seed %d, fused: %s", (int)seed, f->diag.messages[f->diag.count - 1].text);
    assert_true(plan->arena_bytes >= plan->lower_bound_bytes);
    for (int kind = 0; kind < 6; kind++) {
        uint8_t *input = mote_arena_calloc(&f->arena, mote_eval_input_bytes(whole) + 1, 1);
        assert_non_null(input);
        random_graph_input(f->graph, rng, kind, input);
        uint8_t *expected = plan_fixture_run(whole, input), *got = plan_fixture_run(plan, input);
        if (memcmp(expected, got, mote_eval_output_bytes(whole)) != 0)
            fail_msg("seed %d, input %d: fused and whole differ", (int)seed, kind);
        free(expected);
        free(got);
    }
    fused_graphs++;
    for (int32_t i = 0; i < plan->stream->event_count; i++)
        if (plan->stream->events[i].rows > 1) {
            graphs_in_bands++;
            break;
        }
}

/* ---- Random networks ---- */

static int streamed_graphs, graphs_in_rows, rows_over_rows;

/* The output row of an event and an input row that it lies over; NULL: it lies over none. */
static struct mote_stream_piece *row_over_row(const struct mote_plan *plan, const struct mote_stream_event *event)
{
    if (event->step == MOTE_TAKE_ROW || event->row == MOTE_ALL_ROWS) return NULL;
    const struct mote_step *step = &plan->steps[event->step];
    const struct mote_stream *stream = plan->stream;
    const struct mote_stream_piece *out = mote_stream_piece_of(stream, step->output.buffer, event->row);
    for (int i = 0; i < step->kernel->input_count; i++) {
        if (!stream->buffers[step->inputs[i].buffer].row_count) continue;
        const struct mote_row_range rows = mote_stream_rows_read(&step->inputs[i], event->row);
        for (uint32_t r = rows.begin; r < rows.end; r++) {
            const struct mote_stream_piece *in = mote_stream_piece_of(stream, step->inputs[i].buffer, r);
            if (in->offset < out->offset + out->bytes && out->offset < in->offset + in->bytes) return &stream->pieces[out - stream->pieces];
        }
    }
    return NULL;
}

static void check_random(uint64_t seed)
{
    /* Every other for a chip with kernels that may write over their input. */
    static const char *const targets[] = {NULL, "atmega1284p", "host", "atmega1284p", "cortex-m4", "atmega1284p"};
    const char *const name = targets[seed % (sizeof targets / sizeof targets[0])];
    const struct mote_target *target = name ? mote_target_find(name) : mote_target_reference();
    struct plan_fixture f;
    struct mote_rng rng;
    struct mote_plan *whole = NULL;
    plan_fixture_begin(&f);
    mote_rng_seed(&rng, seed);
    f.graph = random_graph(&f.arena, &rng, 2 + (int32_t)mote_rng_below(&rng, 20), seed % 5 == 0);
    assert_non_null(f.graph);
    plan_fixture_require_ok(&f, mote_plan_build(f.graph, mote_target_reference(), &f.arena, &whole, &f.diag));
    if (f.graph->input_count == 1) {
        plan_fixture_require_ok(&f, mote_plan_build_stream(f.graph, target, &f.arena, &f.plan, &f.diag));
        if (mote_plan_verify(f.plan, &f.diag) != MOTE_OK) fail_msg("seed %d: %s", (int)seed, f.diag.messages[f.diag.count - 1].text);
        assert_true(f.plan->arena_bytes >= f.plan->lower_bound_bytes);
        for (int kind = 0; kind < 6; kind++) {
            uint8_t *input = mote_arena_calloc(&f.arena, mote_eval_input_bytes(whole), 1);
            assert_non_null(input);
            random_graph_input(f.graph, &rng, kind, input);
            uint8_t *expected = plan_fixture_run(whole, input), *got = plan_fixture_run(f.plan, input);
            if (memcmp(expected, got, mote_eval_output_bytes(whole)) != 0)
                fail_msg("seed %d, input %d: streamed and whole differ", (int)seed, kind);
            free(expected);
            free(got);
        }
        streamed_graphs++;
        for (int32_t e = 0; e < f.plan->stream->event_count && seed % 2; e++)
            rows_over_rows += row_over_row(f.plan, &f.plan->stream->events[e]) != NULL;
        for (int32_t i = 0; i < f.plan->buffer_count; i++)
            if (f.plan->stream->buffers[i].row_count) {
                graphs_in_rows++;
                break;
            }
    }
    if (seed % FUSED_EVERY == 0) check_fused(&f, whole, seed / FUSED_EVERY, &rng);
    plan_fixture_end(&f);
}

static void test_random_networks(void **state)
{
    (void)state;
    const char *is_long = getenv("MOTE_LONG");
    const uint64_t count = is_long && strcmp(is_long, "0") != 0 ? 5000 : 300;
    for (uint64_t seed = 1; seed <= count; seed++) check_random(seed);
    print_message("    %d networks streamed, %d of them in rows; for AVR %d rows over rows\n", streamed_graphs, graphs_in_rows, rows_over_rows);
    assert_true(streamed_graphs >= (int)count / 2);
    assert_true(graphs_in_rows >= streamed_graphs / 3);
    assert_true(rows_over_rows > (int)count / 10); /* else the test no longer tests them */
    print_message("    %d networks fused, %d of them with several rows per call\n", fused_graphs, graphs_in_bands);
    assert_int_equal(fused_graphs, (int)count / FUSED_EVERY);
    assert_true(graphs_in_bands >= fused_graphs / 5);
}

/* ---- Sliding windows ---- */

/* Pushes `frames` random frames; from the first full window on, every output must be that of the whole window. */
static void check_slide(struct plan_fixture *f, const struct mote_plan *slide, uint64_t frames, struct mote_rng *rng)
{
    struct mote_plan *whole = NULL;
    plan_fixture_require_ok(f, mote_plan_build(f->graph, mote_target_reference(), &f->arena, &whole, &f->diag));
    const size_t frame_bytes = slide->stream->buffers[slide->inputs[0]].row_bytes;
    const size_t output_bytes = mote_eval_output_bytes(whole), window = mote_stream_frames(slide);
    assert_int_equal(window * frame_bytes, mote_eval_input_bytes(whole));
    uint8_t *input = malloc((size_t)frames * frame_bytes), *got = plan_fixture_junk(output_bytes);
    uint8_t *memory = plan_fixture_junk(slide->arena_bytes);
    assert_non_null(input);
    mote_rng_fill(rng, input, (size_t)frames * frame_bytes);
    for (uint64_t t = 0; t < frames; t++) {
        mote_eval_push_frame(slide, memory, t, input + t * frame_bytes, got);
        if (t + 1 < window) continue;
        uint8_t *expected = plan_fixture_run(whole, input + (t + 1 - window) * frame_bytes);
        if (memcmp(got, expected, output_bytes) != 0) fail_msg("frame %d: differs from the whole window", (int)t);
        free(expected);
    }
    free(input);
    free(got);
    free(memory);
}

static void test_wake_word_slides(void **state)
{
    (void)state;
    struct plan_fixture f;
    struct mote_plan *slide = NULL;
    struct mote_rng rng;
    plan_fixture_begin(&f);
    mote_rng_seed(&rng, 7);
    load(&f, "str_ww_ref_model", "host");
    plan_fixture_require_ok(&f, mote_plan_build_slide(f.graph, mote_target_reference(), &f.arena, &slide, &f.diag));
    plan_fixture_require_ok(&f, mote_plan_verify(slide, &f.diag));
    assert_int_equal(mote_stream_frames(slide), 30);
    assert_int_equal(slide->macs, 46040);
    assert_true(slide->arena_bytes <= 4120);
    check_slide(&f, slide, 400, &rng);
    plan_fixture_end(&f);
}

static void test_strides_and_padding_do_not_slide(void **state)
{
    (void)state;
    struct plan_fixture f;
    struct mote_plan *slide = NULL;
    plan_fixture_begin(&f);
    load(&f, "kws_ref_model", "host"); /* stride 2 and padding along time */
    assert_int_equal(mote_plan_build_slide(f.graph, mote_target_reference(), &f.arena, &slide, &f.diag),
                     MOTE_ERR_UNSUPPORTED);
    assert_null(slide);
    assert_non_null(strstr(f.diag.messages[f.diag.count - 1].text, "cannot slide"));
    plan_fixture_end(&f);
}

static void test_random_networks_slide_or_refuse(void **state)
{
    (void)state;
    int slid = 0;
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        struct plan_fixture f;
        struct mote_rng rng;
        struct mote_plan *slide = NULL;
        plan_fixture_begin(&f);
        mote_rng_seed(&rng, seed);
        f.graph = random_graph(&f.arena, &rng, 1 + (int32_t)mote_rng_below(&rng, 8), seed % 5 == 0);
        assert_non_null(f.graph);
        const enum mote_status status =
            mote_plan_build_slide(f.graph, mote_target_reference(), &f.arena, &slide, &f.diag);
        assert_true(status == MOTE_OK || status == MOTE_ERR_UNSUPPORTED);
        if (status == MOTE_OK) {
            plan_fixture_require_ok(&f, mote_plan_verify(slide, &f.diag));
            check_slide(&f, slide, 3 * (uint64_t)mote_stream_frames(slide) + 5, &rng);
            slid++;
        }
        plan_fixture_end(&f);
    }
    print_message("    %d networks slid\n", slid);
    assert_true(slid >= 20);
}

/* ---- The verifier ---- */

static struct mote_stream *writable(const struct mote_plan *plan)
{
    return (struct mote_stream *)(uintptr_t)plan->stream;
}

static bool is_accepted(struct plan_fixture *f)
{
    const enum mote_status status = mote_plan_verify(f->plan, &f->diag);
    mote_diag_free(&f->diag);
    mote_diag_init(&f->diag, NULL);
    return status == MOTE_OK;
}

static void test_refuses_rows_in_each_others_way(void **state)
{
    (void)state;
    struct plan_fixture f;
    plan_fixture_begin(&f);
    load(&f, "kws_ref_model", "host");
    struct mote_stream *stream = writable(f.plan);
    int refused = 0, tried = 0;
    for (int32_t i = 0; i < stream->piece_count; i += 7) { /* to the place of a row that lives at the same time */
        for (int32_t k = 0; k < stream->piece_count; k++) {
            struct mote_stream_piece *p = &stream->pieces[i];
            const struct mote_stream_piece *q = &stream->pieces[k];
            if (k == i || q->first_event >= p->last_event || p->first_event >= q->last_event || p->bytes != q->bytes) continue;
            const uint32_t kept = p->offset;
            p->offset = q->offset;
            refused += !is_accepted(&f);
            tried++;
            p->offset = kept;
            break;
        }
    }
    assert_true(tried > 20);
    assert_int_equal(refused, tried);
    assert_true(is_accepted(&f));
    plan_fixture_end(&f);
}

/* Calls for several rows: of rows that are not there, too many, not side by side. */
static void test_refuses_wrong_bands(void **state)
{
    (void)state;
    struct plan_fixture f;
    plan_fixture_begin(&f);
    load_fused(&f, "kws_ref_model", &(struct mote_fused_wanted){.aim = MOTE_AIM_RAM, .positions = 15});
    struct mote_stream *stream = writable(f.plan);
    int bands = 0;
    for (int32_t e = 0; e < stream->event_count; e++) {
        struct mote_stream_event *event = &stream->events[e];
        if (event->row == MOTE_ALL_ROWS || event->rows < 2) continue;
        bands++;
        event->rows++;
        assert_false(is_accepted(&f));
        event->rows -= 2;
        assert_false(is_accepted(&f));
        event->rows++;
        const int32_t buffer = f.plan->steps[event->step].output.buffer;
        if (!stream->buffers[buffer].row_count) continue;
        struct mote_stream_piece *second = &stream->pieces[stream->buffers[buffer].first_piece + (int32_t)event->row + 1];
        const uint32_t kept = second->offset;
        second->offset = kept >= 2 * second->bytes ? kept - 2 * second->bytes : kept + second->bytes;
        assert_false(is_accepted(&f));
        second->offset = kept;
    }
    assert_true(bands > 20);
    struct mote_stream_piece *input = &stream->pieces[stream->buffers[f.plan->inputs[0]].first_piece];
    input->offset ^= 1; /* not where the application writes it */
    assert_false(is_accepted(&f));
    input->offset ^= 1;
    const struct mote_stream_event first = stream->events[0];
    stream->events[0] = (struct mote_stream_event){MOTE_TAKE_ROW, 0, 0, 1};
    assert_false(is_accepted(&f));
    stream->events[0] = first;
    assert_true(is_accepted(&f));
    plan_fixture_end(&f);
}

/* A step that runs whole may write over its input from below only as far as its rows allow. */
static void test_refuses_whole_steps_that_overwrite_what_they_read(void **state)
{
    (void)state;
    struct plan_fixture f;
    plan_fixture_begin(&f);
    load_fused(&f, "vww_96_int8", &(struct mote_fused_wanted){.aim = MOTE_AIM_TIME, .positions = 48});
    struct mote_stream *stream = writable(f.plan);
    int overlapping = 0;
    for (int32_t e = 0; e < stream->event_count; e++) {
        const struct mote_stream_event *event = &stream->events[e];
        if (event->row != MOTE_ALL_ROWS) continue;
        const struct mote_step *step = &f.plan->steps[event->step];
        struct mote_stream_piece *out = &stream->pieces[stream->buffers[step->output.buffer].first_piece];
        const struct mote_stream_piece *in = &stream->pieces[stream->buffers[step->inputs[0].buffer].first_piece];
        const bool shares = out->offset < in->offset && in->offset < out->offset + out->bytes && in->row == MOTE_ALL_ROWS;
        if (!shares || step->kernel->granularity == MOTE_GRANULARITY_ELEMENT) continue;
        const uint32_t kept = out->offset;
        out->offset = in->offset + step->inputs[0].row_bytes;
        assert_false(is_accepted(&f));
        out->offset = kept;
        overlapping++;
    }
    assert_true(overlapping > 3);
    assert_true(is_accepted(&f));
    plan_fixture_end(&f);
}

static void test_refuses_events_out_of_order(void **state)
{
    (void)state;
    struct plan_fixture f;
    plan_fixture_begin(&f);
    load(&f, "kws_ref_model", "host");
    struct mote_stream *stream = writable(f.plan);
    const struct mote_stream_event last = stream->events[stream->event_count - 1], first = stream->events[0];
    stream->event_count--; /* the output is never computed */
    assert_false(is_accepted(&f));
    stream->event_count++;
    stream->events[0] = last; /* before its input is there */
    stream->events[stream->event_count - 1] = first;
    assert_false(is_accepted(&f));
    stream->events[0] = first;
    stream->events[stream->event_count - 1] = last;
    stream->events[0].row = 1; /* the application delivers rows in order */
    assert_false(is_accepted(&f));
    stream->events[0].row = 0;
    assert_true(is_accepted(&f));
    plan_fixture_end(&f);
}

static void test_refuses_rings_that_are_too_short(void **state)
{
    (void)state;
    struct plan_fixture f;
    plan_fixture_begin(&f);
    load(&f, "str_ww_ref_model", "host");
    plan_fixture_require_ok(&f, mote_plan_build_slide(f.graph, mote_target_reference(), &f.arena, &f.plan, &f.diag));
    struct mote_stream *stream = writable(f.plan);
    int refused = 0;
    for (int32_t i = 0; i < f.plan->buffer_count; i++) {
        if (stream->buffers[i].ring_rows < 2) continue;
        stream->buffers[i].ring_rows--;
        assert_false(is_accepted(&f));
        stream->buffers[i].ring_rows++;
        refused++;
    }
    assert_int_equal(refused, 4);
    assert_true(is_accepted(&f));
    plan_fixture_end(&f);
}

static void test_refuses_wrong_rings(void **state)
{
    (void)state;
    struct plan_fixture f;
    plan_fixture_begin(&f);
    load(&f, "kws_ref_model", "host");
    struct mk_conv_scalar32 *params = f.plan->steps[0].params;
    assert_string_equal(f.plan->steps[0].kernel->params->name, "mk_conv_scalar32");
    assert_int_equal(params->in_ring, 0);
    params->in_ring = params->in_h;
    assert_false(is_accepted(&f));
    params->in_ring = 0;
    params->out_ring = params->out_h;
    assert_false(is_accepted(&f));
    params->out_ring = 1;
    assert_true(is_accepted(&f));
    plan_fixture_end(&f);
}

/* Rows that lie over rows that they are made of may do so only just there. */
static void test_refuses_rows_beside_their_place(void **state)
{
    (void)state;
    struct plan_fixture f;
    int of_pixels = 0, of_channels = 0;
    plan_fixture_begin(&f);
    load(&f, "vww_96_int8", "atmega1284p");
    for (int32_t e = 0; e < f.plan->stream->event_count; e++) {
        const struct mote_stream_event *event = &f.plan->stream->events[e];
        struct mote_stream_piece *out = row_over_row(f.plan, event);
        if (!out || of_pixels + of_channels == 40) continue;
        const bool channels = f.plan->steps[event->step].kernel->granularity == MOTE_GRANULARITY_CHANNEL;
        of_pixels += !channels;
        of_channels += channels;
        out->offset++;
        assert_false(is_accepted(&f));
        out->offset--;
    }
    assert_true(of_pixels > 0 && of_channels > 0);
    assert_true(is_accepted(&f));
    plan_fixture_end(&f);
}

/* ---- Robustness ---- */

static void test_survives_failed_allocations(void **state)
{
    (void)state;
    struct plan_fixture f;
    struct mote_rng rng;
    plan_fixture_begin(&f);
    mote_rng_seed(&rng, 3);
    do f.graph = random_graph(&f.arena, &rng, 8, false);
    while (f.graph && f.graph->input_count != 1);
    assert_non_null(f.graph);
    enum mote_status status = MOTE_ERR_MEMORY;
    long allowed = 0;
    for (; status != MOTE_OK && allowed < 5000; allowed++) {
        struct mote_arena arena;
        struct mote_plan *plan = NULL;
        mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
        mote_arena_global_fail_after = allowed;
        status = mote_plan_build_stream(f.graph, mote_target_reference(), &arena, &plan, NULL);
        if (status == MOTE_OK) {
            plan = NULL;
            status = mote_plan_build_fused_with(f.graph, mote_target_reference(), (struct mote_plan_wishes){0},
                                                &(struct mote_fused_wanted){.positions = 15}, &arena, &plan, NULL);
        }
        mote_arena_global_fail_after = -1;
        assert_true(status == MOTE_OK || status == MOTE_ERR_MEMORY);
        assert_true((status == MOTE_OK) == (plan != NULL));
        mote_arena_free(&arena);
    }
    assert_int_equal(status, MOTE_OK);
    assert_true(allowed > 20);
    plan_fixture_end(&f);
}

static void test_plans_are_the_same_every_time(void **state)
{
    (void)state;
    struct plan_fixture f;
    struct mote_plan *again = NULL;
    plan_fixture_begin(&f);
    load(&f, "kws_ref_model", "atmega1284p");
    plan_fixture_require_ok(&f, mote_plan_build_stream(f.graph, f.plan->target, &f.arena, &again, &f.diag));
    struct mote_text one = {0}, two = {0};
    mote_stream_print(f.plan, &one);
    mote_stream_print(again, &two);
    assert_int_equal(one.length, two.length);
    assert_memory_equal(one.bytes, two.bytes, one.length);
    mote_text_free(&one);
    mote_text_free(&two);
    plan_fixture_end(&f);
}

int main(void)
{
    enum { MODEL_COUNT = sizeof promises / sizeof promises[0] };
    struct CMUnitTest tests[3 * MODEL_COUNT + 14];
    size_t count = 0;
    const bool has_models = plan_fixture_has_models();
    for (size_t i = 0; has_models && i < MODEL_COUNT; i++) {
        void *promise = (void *)(uintptr_t)&promises[i];
        tests[count++] = (struct CMUnitTest){promises[i].name, test_golden_model, NULL, NULL, promise};
        if (!is_sanitized) tests[count++] = (struct CMUnitTest){promises[i].name, test_promised_ram, NULL, NULL, promise};
        tests[count++] = (struct CMUnitTest){promises[i].name, test_fused_golden_model, NULL, NULL, promise};
    }
    const struct CMUnitTest with_models[] = {
        cmocka_unit_test(test_refuses_rows_in_each_others_way),
        cmocka_unit_test(test_refuses_events_out_of_order),
        cmocka_unit_test(test_refuses_wrong_rings),
        cmocka_unit_test(test_refuses_rows_beside_their_place),
        cmocka_unit_test(test_refuses_wrong_bands),
        cmocka_unit_test(test_refuses_whole_steps_that_overwrite_what_they_read),
        cmocka_unit_test(test_refuses_rings_that_are_too_short),
        cmocka_unit_test(test_wake_word_slides),
        cmocka_unit_test(test_strides_and_padding_do_not_slide),
        cmocka_unit_test(test_plans_are_the_same_every_time),
    };
    for (size_t i = 0; has_models && i < sizeof with_models / sizeof with_models[0]; i++) tests[count++] = with_models[i];
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_random_networks);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_random_networks_slide_or_refuse);
    tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_survives_failed_allocations);
    if (!has_models) fprintf(stderr, "../shared/models is not here: only random networks are tested\n");
    return _cmocka_run_group_tests("streams", tests, count, NULL, NULL);
}
