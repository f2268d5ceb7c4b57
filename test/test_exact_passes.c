/* Removal of channels: the outputs and every value that stays are the same bytes, for every input. */
#include "../include/mote.h"
#include "../src/base/file.h"
#include "../src/eval/eval.h"
#include "../src/import/tflite.h"
#include "../src/ir/text.h"
#include "../src/pass/intervals.h"
#include "../src/pass/pass.h"
#include "random_graph.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- Running a graph and keeping every tensor ---- */

struct run {
    const struct mote_plan *plan;
    uint8_t *memory, *output;
    uint8_t **tensors; /* per tensor a step writes: its bytes */
    uint64_t seed;
};

static void keep(void *context, int32_t step, const uint8_t *bytes, size_t size_bytes)
{
    struct run *run = context;
    uint8_t *to = run->tensors[run->plan->steps[step].tensor];
    if (to) memcpy(to, bytes, size_bytes);
}

static void prepare(struct run *run, const struct mote_graph *graph, struct mote_arena *arena, uint64_t seed)
{
    struct mote_plan *plan = NULL;
    struct mote_diag diag;
    mote_diag_init(&diag, "graph");
    enum mote_status status = mote_graph_verify(graph, &diag);
    if (status == MOTE_OK) status = mote_plan_build(graph, mote_target_reference(), arena, &plan, &diag);
    if (status != MOTE_OK) fail_msg("seed %" PRIu64 ": %s", seed, diag.count ? diag.messages[0].text : "no message");
    mote_diag_free(&diag);
    mote_plan_spread(plan);
    run->plan = plan;
    run->seed = seed;
    run->memory = mote_arena_calloc(arena, plan->arena_bytes, 1);
    run->output = mote_arena_calloc(arena, mote_eval_output_bytes(plan), 1);
    run->tensors = MOTE_NEW_ARRAY(arena, uint8_t *, (size_t)graph->tensor_count);
    for (int32_t i = 0; i < plan->step_count; i++) {
        const int32_t t = plan->steps[i].tensor;
        if (!run->tensors[t]) run->tensors[t] = mote_arena_calloc(arena, mote_tensor_bytes(&graph->tensors[t]), 1);
    }
}

static void execute(struct run *run, const uint8_t *input)
{
    mote_eval_run(run->plan, run->memory, input, run->output, keep, run);
}

/* Everything that is left of the smaller run equals the larger one's. */
static void compare(const struct run *whole, const struct run *less)
{
    const struct mote_graph *before = whole->plan->graph, *after = less->plan->graph;
    if (memcmp(whole->output, less->output, mote_eval_output_bytes(whole->plan)) != 0)
        fail_msg("seed %" PRIu64 ": outputs differ", whole->seed);
    for (int32_t t = 0; t < before->tensor_count; t++) {
        if (!whole->tensors[t] || !less->tensors[t]) continue;
        const struct mote_tensor *a = &before->tensors[t], *b = &after->tensors[t];
        const size_t bytes = mote_dtype_bytes(a->dtype);
        const size_t wide = a->shape.rank ? (size_t)a->shape.dims[a->shape.rank - 1] : 1;
        const size_t narrow = b->shape.rank ? (size_t)b->shape.dims[b->shape.rank - 1] : 1;
        const size_t count = (size_t)mote_shape_elements(&b->shape);
        for (size_t i = 0; i < count; i++) {
            const size_t c = i % narrow, from = b->kept_channels ? (size_t)b->kept_channels[c] : c;
            if (memcmp(whole->tensors[t] + (i / narrow * wide + from) * bytes, less->tensors[t] + i * bytes, bytes) != 0)
                fail_msg("seed %" PRIu64 ": tensor %d differs", whole->seed, (int)t);
        }
    }
}

/* ---- Random graphs ---- */

struct outcome {
    int64_t graphs, with_changes, channels, constant, unread, folded_elsewhere;
};

static void check_random_graph(uint64_t seed, struct outcome *outcome)
{
    struct mote_arena arena;
    mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
    struct mote_rng rng;
    mote_rng_seed(&rng, seed);
    struct mote_graph *graph = random_graph(&arena, &rng, 14, seed % 5 == 4);
    struct mote_graph *smaller = graph ? mote_graph_clone(graph) : NULL;
    if (smaller) {
        int32_t changes = 0;
        struct mote_channel_report report;
        assert_int_equal(mote_pass_remove_channels(smaller, &report, &changes, NULL), MOTE_OK);
        struct run whole, less;
        prepare(&whole, graph, &arena, seed);
        prepare(&less, smaller, &arena, seed);
        uint8_t *input = mote_arena_calloc(&arena, mote_eval_input_bytes(whole.plan), 1);
        for (int i = 0; i < 10; i++) {
            random_graph_input(graph, &rng, i % 5, input);
            execute(&whole, input);
            execute(&less, input);
            compare(&whole, &less);
        }
        /* a second run finds nothing more */
        int32_t again = -1;
        assert_int_equal(mote_pass_remove_channels(smaller, NULL, &again, NULL), MOTE_OK);
        assert_int_equal(again, 0);
        outcome->graphs++;
        outcome->with_changes += changes > 0;
        outcome->constant += report.constant_channels;
        outcome->unread += report.unread_channels;
        assert_true(report.after.weights <= report.before.weights && report.after.macs <= report.before.macs);
    }
    mote_arena_free(&arena);
}

static void random_graphs_compute_the_same_bytes(void **state)
{
    (void)state;
    const char *wish = getenv("MOTE_LONG");
    const uint64_t count = wish && wish[0] == '1' ? 10000 : 200;
    struct outcome o = {0};
    for (uint64_t seed = 0; seed < count; seed++) check_random_graph(seed + 77, &o);
    print_message("%" PRId64 " graphs, %" PRId64 " with changes; %" PRId64 " constant channels, %" PRId64 " unread ones\n",
                  o.graphs, o.with_changes, o.constant, o.unread);
    assert_true(o.graphs * 10 > (int64_t)count * 8);
    assert_true(o.with_changes * 3 > o.graphs);
    assert_true(o.constant > (int64_t)count && o.unread > (int64_t)count / 4);
}

/* ---- By hand ---- */

struct pair {
    struct mote_arena arena;
    struct mote_graph *graph, *smaller;
    int32_t changes;
    struct mote_channel_report report;
};

/* x [1][4][4][2] -> 1x1 convolution to 3 channels: x0, the constant `value`, x1 -> 3x3 convolution with `padding`. Zero
 * point 0 throughout. */
static void make_pair(struct pair *p, int64_t value, int32_t padding, bool corner_only)
{
    mote_arena_init(&p->arena, MOTE_ARENA_DEFAULT_LIMIT);
    struct mote_graph *g = p->graph = mote_graph_new(&p->arena, "pair");
    const int32_t x = test_graph_activation(g, MOTE_S8, 1.0f, 0), y = test_graph_activation(g, MOTE_S8, 1.0f, 0);
    const int32_t z = test_graph_activation(g, MOTE_S8, 8.0f, 3);
    g->tensors[x].shape = (struct mote_shape){4, {1, 4, 4, 2}};
    const int64_t w1[6] = {1, 0, 0, 0, 0, 1}, b1[3] = {0, value, 0}, b2[2] = {5, -9};
    int64_t w2[2 * 9 * 3];
    for (int i = 0; i < 54; i++) w2[i] = i % 3 == 1 && corner_only && i / 3 % 9 != 4 ? 0 : i % 7 - 3;
    const int32_t wt1 = test_graph_constant(g, MOTE_S8, (struct mote_shape){4, {3, 1, 1, 2}}, w1, 1.0f);
    const int32_t bt1 = test_graph_constant(g, MOTE_S32, (struct mote_shape){1, {3}}, b1, 1.0f);
    const int32_t wt2 = test_graph_constant(g, MOTE_S8, (struct mote_shape){4, {2, 3, 3, 3}}, w2, 1.0f);
    const int32_t bt2 = test_graph_constant(g, MOTE_S32, (struct mote_shape){1, {2}}, b2, 1.0f);
    struct mote_op *op = mote_graph_add_op(g, MOTE_OP_CONV_2D, (int32_t[]){x, wt1, bt1}, 3, &y, 1);
    op->attrs.conv = (struct mote_attrs_conv){1, 1, 1, 1, 0, 0, 0, 0, MOTE_ACT_NONE};
    assert_true(test_graph_shape_last_op(g));
    op = mote_graph_add_op(g, MOTE_OP_CONV_2D, (int32_t[]){y, wt2, bt2}, 3, &z, 1);
    op->attrs.conv = (struct mote_attrs_conv){1, 1, 1, 1, padding, padding, padding, padding, MOTE_ACT_NONE};
    assert_true(test_graph_shape_last_op(g));
    g->inputs = mote_arena_copy(&p->arena, &x, sizeof x);
    g->outputs = mote_arena_copy(&p->arena, &z, sizeof z);
    g->input_count = g->output_count = 1;
    p->smaller = mote_graph_clone(g);
    assert_int_equal(mote_pass_remove_channels(p->smaller, &p->report, &p->changes, NULL), MOTE_OK);
    struct run whole, less;
    prepare(&whole, g, &p->arena, 0);
    prepare(&less, p->smaller, &p->arena, 0);
    struct mote_rng rng;
    mote_rng_seed(&rng, 5);
    for (int i = 0; i < 10; i++) {
        uint8_t input[32];
        random_graph_input(g, &rng, i % 5, input);
        execute(&whole, input);
        execute(&less, input);
        compare(&whole, &less);
    }
}

static void constants_are_folded_where_nothing_is_padded(void **state)
{
    (void)state;
    struct pair p;
    make_pair(&p, 100, 0, false);
    assert_int_equal(p.changes, 1);
    assert_int_equal(p.report.constant_channels, 1);
    const struct mote_tensor *y = &p.smaller->tensors[p.smaller->ops[0].outputs[0]];
    assert_int_equal(y->shape.dims[3], 2);
    assert_int_equal(y->kept_channels[0], 0);
    assert_int_equal(y->kept_channels[1], 2);
    assert_int_equal(p.report.before.weights, 6 + 54);
    assert_int_equal(p.report.after.weights, 4 + 36);
    mote_arena_free(&p.arena);
}

/* The border of a padded layer reads the zero point, not the constant: the channel must stay, unless the constant is the
 * zero point or only taps that never leave the input read it. */
static void constants_stay_where_padding_would_show(void **state)
{
    (void)state;
    struct pair p;
    make_pair(&p, 100, 1, false);
    assert_int_equal(p.changes, 0);
    mote_arena_free(&p.arena);
    make_pair(&p, 0, 1, false);
    assert_int_equal(p.changes, 1);
    mote_arena_free(&p.arena);
    make_pair(&p, 100, 1, true);
    assert_int_equal(p.changes, 1);
    mote_arena_free(&p.arena);
}

/* With one weight scale the reference rounds a fully connected layer's product of scales to float: scales per channel must
 * not become a single one, though two of three channels are constant. */
static void scales_per_channel_stay_several(void **state)
{
    (void)state;
    struct mote_arena arena;
    mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
    struct mote_graph *g = mote_graph_new(&arena, "scales");
    const int32_t x = test_graph_activation(g, MOTE_S8, 0.1f, 0), y = test_graph_activation(g, MOTE_S8, 0.3f, 0);
    const int32_t z = test_graph_activation(g, MOTE_S8, 0.3f, 0);
    g->tensors[x].shape = (struct mote_shape){2, {1, 2}};
    const int64_t w1[6] = {0, 0, 3, 4, 0, 0}, b1[3] = {9, 0, 7}, w2[6] = {1, 2, 3, 4, 5, 6};
    const float scales[3] = {0.1f, 0.2f, 0.3f};
    const int64_t zero_points[3] = {0, 0, 0};
    const int32_t wt1 = test_graph_constant(g, MOTE_S8, (struct mote_shape){2, {3, 2}}, w1, 1.0f);
    g->tensors[wt1].quant = (struct mote_quant){3, 0, scales, zero_points};
    const int32_t bt1 = test_graph_constant(g, MOTE_S32, (struct mote_shape){1, {3}}, b1, 1.0f);
    g->tensors[bt1].quant.count = 0;
    const int32_t wt2 = test_graph_constant(g, MOTE_S8, (struct mote_shape){2, {2, 3}}, w2, 1.0f);
    assert_non_null(mote_graph_add_op(g, MOTE_OP_FULLY_CONNECTED, (int32_t[]){x, wt1, bt1}, 3, &y, 1));
    assert_true(test_graph_shape_last_op(g));
    assert_non_null(mote_graph_add_op(g, MOTE_OP_FULLY_CONNECTED, (int32_t[]){y, wt2}, 2, &z, 1));
    assert_true(test_graph_shape_last_op(g));
    g->inputs = mote_arena_copy(&arena, &x, sizeof x);
    g->outputs = mote_arena_copy(&arena, &z, sizeof z);
    g->input_count = g->output_count = 1;
    int32_t changes = 0;
    assert_int_equal(mote_pass_remove_channels(g, NULL, &changes, NULL), MOTE_OK);
    assert_int_equal(changes, 1);
    assert_int_equal(g->tensors[g->ops[0].inputs[1]].quant.count, 2);
    assert_int_equal(mote_graph_verify(g, NULL), MOTE_OK);
    mote_arena_free(&arena);
}

/* How many activations are fused where one operator of that kind feeds a RELU. */
static int32_t fused_behind(enum mote_op_kind kind)
{
    struct mote_arena arena;
    mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
    struct mote_graph *g = mote_graph_new(&arena, "fuse");
    const int32_t x = test_graph_activation(g, MOTE_S8, 0.1f, 0), y = test_graph_activation(g, MOTE_S8, 0.3f, 5);
    const int32_t z = test_graph_activation(g, MOTE_S8, 0.3f, 5);
    const int64_t weight = 3;
    const int32_t w = test_graph_constant(g, MOTE_S8, (struct mote_shape){4, {1, 1, 1, 1}}, &weight, 1.0f);
    assert_non_null(mote_graph_add_op(g, kind, (int32_t[]){x, w}, 2, &y, 1));
    assert_non_null(mote_graph_add_op(g, MOTE_OP_RELU, &y, 1, &z, 1));
    g->inputs = mote_arena_copy(&arena, &x, sizeof x);
    g->outputs = mote_arena_copy(&arena, &z, sizeof z);
    g->input_count = g->output_count = 1;
    int32_t changes = -1;
    assert_int_equal(mote_pass_fuse_activation(g, &changes, NULL), MOTE_OK);
    assert_int_equal(g->op_count, 2 - changes);
    mote_arena_free(&arena);
    return changes;
}

/* Transposed convolutions ignore a fused activation, as the reference does: a RELU behind one must stay. */
static void activations_are_fused_where_they_are_computed(void **state)
{
    (void)state;
    assert_int_equal(fused_behind(MOTE_OP_CONV_2D), 1);
    assert_int_equal(fused_behind(MOTE_OP_DEPTHWISE_CONV_2D), 1);
    assert_int_equal(fused_behind(MOTE_OP_TRANSPOSE_CONV), 0);
}

/* A dead reader of what a convolution computes is gone before fusing looks for readers. */
static void dead_readers_do_not_stand_in_the_way(void **state)
{
    (void)state;
    struct mote_arena arena;
    mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
    struct mote_graph *g = mote_graph_new(&arena, "dead reader");
    int32_t x = test_graph_activation(g, MOTE_S8, 0.5f, 0), y = test_graph_activation(g, MOTE_S8, 0.5f, 0);
    int32_t z = test_graph_activation(g, MOTE_S8, 0.5f, 0), dead = test_graph_activation(g, MOTE_S8, 0.5f, 0);
    g->tensors[x].shape = (struct mote_shape){4, {1, 2, 2, 1}};
    const int32_t w = test_graph_constant(g, MOTE_S8, (struct mote_shape){4, {1, 1, 1, 1}}, (const int64_t[]){7}, 0.5f);
    struct mote_op *conv = mote_graph_add_op(g, MOTE_OP_CONV_2D, (int32_t[]){x, w}, 2, &y, 1);
    assert_non_null(conv);
    conv->attrs.conv = (struct mote_attrs_conv){.stride_h = 1, .stride_w = 1, .dilation_h = 1, .dilation_w = 1};
    assert_true(test_graph_shape_last_op(g));
    assert_non_null(mote_graph_add_op(g, MOTE_OP_LOGISTIC, &y, 1, &dead, 1));
    g->tensors[dead].shape = g->tensors[y].shape;
    g->tensors[dead].quant.scales = (const float[]){1.0f / 256};
    g->tensors[dead].quant.zero_points = (const int64_t[]){-128};
    assert_non_null(mote_graph_add_op(g, MOTE_OP_RELU, &y, 1, &z, 1));
    assert_true(test_graph_shape_last_op(g));
    g->inputs = &x, g->input_count = 1;
    g->outputs = &z, g->output_count = 1;
    struct mote_text text = {0};
    mote_graph_print(g, &text);
    assert_false(text.failed);
    struct mote *mote = mote_new();
    assert_non_null(mote);
    assert_int_equal(mote_load_memory(mote, "dead reader", text.bytes, strlen(text.bytes)), MOTE_OK);
    assert_int_equal(mote_model_info(mote)->source_op_count, 3);
    assert_int_equal(mote_model_info(mote)->op_count, 1);
    mote_free(mote);
    mote_text_free(&text);
    mote_arena_free(&arena);
}

/* ---- Whole models ---- */

static struct mote_graph *load(const char *path, struct mote_arena *arena)
{
    uint8_t *bytes = NULL;
    size_t size_bytes = 0;
    struct mote_graph *graph = NULL;
    if (!mote_file_exists(path)) return NULL;
    assert_int_equal(mote_file_read(path, (size_t)64 << 20, arena, &bytes, &size_bytes, NULL), MOTE_OK);
    assert_int_equal(mote_import_tflite(bytes, size_bytes, path, arena, &graph, NULL), MOTE_OK);
    return graph;
}

/* Operator by operator, what is counted as gone is what is missing. */
static void check_changes(const struct mote_channel_report *r)
{
    struct mote_channel_totals before = {0}, after = {0};
    for (int32_t i = 0; i < r->change_count; i++) {
        const struct mote_channel_change *c = &r->changes[i];
        assert_int_equal(c->before.channels - c->after.channels, c->zero_channels + c->constant_channels + c->unread_channels);
        before.weights += c->before.weights;
        after.weights += c->after.weights;
        before.channels += c->before.channels;
        after.channels += c->after.channels;
    }
    assert_int_equal(before.weights, r->before.weights);
    assert_int_equal(after.weights, r->after.weights);
    assert_int_equal(before.channels - after.channels, r->constant_channels + r->unread_channels);
}

static void print_report(const char *model, const struct mote_channel_report *r)
{
    check_changes(r);
    print_message("%s: %" PRId64 " of %" PRId64 " channels stay (%d constant, %d unread); weights %" PRId64 " of %" PRId64
                  ", %" PRId64 " not zero; MACs %" PRId64 " of %" PRId64 ", %" PRId64 " not with zero\n",
                  model, r->after.channels, r->before.channels, (int)r->constant_channels, (int)r->unread_channels,
                  r->after.weights, r->before.weights, r->after.nonzero_weights, r->after.macs, r->before.macs,
                  r->after.nonzero_macs);
}

/* Every vector of a pair of golden files, byte for byte. Returns how many. */
static size_t check_golden(const struct run *run, const char *in_path, const char *out_path, struct mote_arena *arena)
{
    uint8_t *in = NULL, *out = NULL;
    size_t in_bytes = 0, out_bytes = 0;
    assert_int_equal(mote_file_read(in_path, (size_t)64 << 20, arena, &in, &in_bytes, NULL), MOTE_OK);
    assert_int_equal(mote_file_read(out_path, (size_t)64 << 20, arena, &out, &out_bytes, NULL), MOTE_OK);
    const size_t each_in = mote_eval_input_bytes(run->plan), each_out = mote_eval_output_bytes(run->plan);
    const size_t count = in_bytes / each_in;
    assert_int_equal(count * each_out, out_bytes);
    for (size_t i = 0; i < count; i++) {
        execute((struct run *)run, in + i * each_in);
        assert_memory_equal(run->output, out + i * each_out, each_out);
    }
    return count;
}

static void visual_wake_words_shrinks_and_stays_golden(void **state)
{
    (void)state;
    struct mote_arena arena;
    mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
    struct mote_graph *graph = load("../shared/models/vww_96_int8.tflite", &arena);
    if (!graph) skip();
    int32_t changes = 0;
    struct mote_channel_report report;
    struct mote_graph *smaller = mote_graph_clone(graph);
    assert_int_equal(mote_pass_remove_channels(smaller, &report, &changes, NULL), MOTE_OK);
    print_report("vww_96_int8", &report);
    struct run run;
    prepare(&run, smaller, &arena, 0);
#define GOLDEN "../shared/golden/vww_96_int8."
    size_t vectors = check_golden(&run, GOLDEN "in.bin", GOLDEN "out.bin", &arena);
    vectors += check_golden(&run, GOLDEN "edge.in.bin", GOLDEN "edge.out.bin", &arena);
    assert_int_equal(vectors, 36);
    assert_true(report.after.channels < 1100 && report.after.weights < 60000 && report.after.nonzero_weights < 30000);
    mote_arena_free(&arena);
}

/* Softmax hides much: the layers between are compared, too. */
static void models_keep_every_layer(void **state)
{
    (void)state;
    static const char *const names[] = {"vww_96_int8", "kws_ref_model", "pretrainedResnet_quant", "ad01_int8",
                                        "str_ww_ref_model"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct mote_arena arena;
        mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
        char path[128];
        snprintf(path, sizeof path, "../shared/models/%s.tflite", names[i]);
        struct mote_graph *graph = load(path, &arena);
        if (!graph) skip();
        struct mote_graph *smaller = mote_graph_clone(graph);
        int32_t changes = 0;
        struct mote_channel_report report;
        assert_int_equal(mote_pass_remove_channels(smaller, &report, &changes, NULL), MOTE_OK);
        print_report(names[i], &report);
        struct run whole, less;
        prepare(&whole, graph, &arena, i);
        prepare(&less, smaller, &arena, i);
        uint8_t *input = mote_arena_calloc(&arena, mote_eval_input_bytes(whole.plan), 1);
        struct mote_rng rng;
        mote_rng_seed(&rng, i);
        for (int kind = 0; kind < 5; kind++) {
            random_graph_input(graph, &rng, kind, input);
            execute(&whole, input);
            execute(&less, input);
            compare(&whole, &less);
        }
        mote_arena_free(&arena);
    }
}

static void every_failed_allocation_is_reported(void **state)
{
    (void)state;
    enum mote_status status = MOTE_ERR_MEMORY;
    for (long k = 0; status != MOTE_OK; k++) {
        struct mote_arena arena;
        mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
        struct mote_rng rng;
        mote_rng_seed(&rng, 81);
        struct mote_graph *graph = random_graph(&arena, &rng, 10, false);
        assert_non_null(graph);
        mote_arena_global_fail_after = k;
        int32_t changes = -1;
        status = mote_pass_remove_channels(graph, NULL, &changes, NULL);
        mote_arena_global_fail_after = -1;
        assert_true(status == MOTE_OK || (status == MOTE_ERR_MEMORY && changes == -1));
        mote_arena_free(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_graphs_compute_the_same_bytes),
        cmocka_unit_test(constants_are_folded_where_nothing_is_padded),
        cmocka_unit_test(constants_stay_where_padding_would_show),
        cmocka_unit_test(scales_per_channel_stay_several),
        cmocka_unit_test(activations_are_fused_where_they_are_computed),
        cmocka_unit_test(dead_readers_do_not_stand_in_the_way),
        cmocka_unit_test(visual_wake_words_shrinks_and_stays_golden),
        cmocka_unit_test(models_keep_every_layer),
        cmocka_unit_test(every_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
