/* test_passes.c: folding of constants, fusing of PAD and of activations, and removal of dead operators do not change one
 * bit, on random networks made of the patterns that these passes look for and of others that only resemble them. Every
 * pattern knows whether a pass may change it, so the passes' counts are checked, too. MOTE_LONG=1: many more networks. */
#include "../src/eval/eval.h"
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

/* ---- What patterns there are, and how often they were met ---- */

enum pad_case {
    PAD_FUSES,
    PAD_OTHER_VALUE,
    PAD_OTHER_SCALE,
    PAD_OTHER_ZERO_POINT,
    PAD_OTHER_READER,
    PAD_OF_CHANNELS,
    PAD_OF_BATCH,
    PAD_IS_OUTPUT,
    PAD_CASES
};
enum activation_case {
    ACTIVATION_FUSES,
    ACTIVATION_OTHER_SCALE,
    ACTIVATION_OTHER_ZERO_POINT,
    ACTIVATION_SECOND_READER,
    ACTIVATION_OF_OUTPUT,
    ACTIVATION_TWICE,
    ACTIVATION_OF_OTHER, /* the producer cannot take one */
    ACTIVATION_CASES
};
enum constant_case { CONSTANT_FOLDS, CONSTANT_IS_OUTPUT, CONSTANT_CASES };

/* The producers that take an activation, and one whose activation the reference kernels ignore. */
enum producer { CONV, DEPTHWISE, FULLY_CONNECTED, ADD, SUB, MUL, AVERAGE_POOL, MAX_POOL, PRODUCERS, TRANSPOSED = PRODUCERS };

static struct {
    int64_t graphs, dead;
    int64_t pads[PAD_CASES], activations[ACTIVATION_CASES], fused[PRODUCERS], constants[CONSTANT_CASES];
} met;

/* ---- Random networks ---- */

#define MOST_LIVE 64

struct maker {
    struct mote_arena *arena;
    struct mote_rng *rng;
    struct mote_graph *graph;
    enum mote_dtype dtype;
    int32_t live[MOST_LIVE], live_count; /* rank 4, batch 1: further patterns may read them */
    int32_t outputs[MOST_LIVE], output_count;
    int32_t foldable, fusable_pads, fusable_activations; /* what the passes must find */
};

static int32_t below(struct maker *m, int32_t limit)
{
    return (int32_t)mote_rng_below(m->rng, (uint64_t)limit);
}

static bool chance(struct maker *m, int32_t percent)
{
    return below(m, 100) < percent;
}

static const struct mote_tensor *tensor(const struct maker *m, int32_t t)
{
    assert_true(t >= 0);
    return &m->graph->tensors[t];
}

/* Among them scales of which 6 is a multiple and a half. */
static float random_scale(struct maker *m)
{
    static const float special[] = {4.0f, 12.0f, 1.0f, 0.0235294122f, 0.5f};
    return chance(m, 30) ? special[below(m, 5)] : 0.01f + 0.3f * (float)mote_rng_unit(m->rng);
}

static int64_t random_zero_point(struct maker *m)
{
    static const int64_t special[] = {-128, 127, 0};
    if (m->dtype == MOTE_S16) return 0;
    return chance(m, 50) ? special[below(m, 3)] : below(m, 256) - 128;
}

static int32_t activation(struct maker *m)
{
    const float scale = random_scale(m);
    const int32_t t = test_graph_activation(m->graph, m->dtype, scale, random_zero_point(m));
    assert_true(t >= 0);
    return t;
}

static int32_t like(struct maker *m, int32_t t)
{
    return test_graph_activation(m->graph, m->dtype, mote_tensor_scale(tensor(m, t)), mote_tensor_zero_point(tensor(m, t)));
}

/* Adds an operator whose shapes must make sense. */
static int32_t add(struct maker *m, enum mote_op_kind kind, const int32_t *inputs, int32_t input_count, int32_t output,
                   const struct mote_op *attrs)
{
    struct mote_op *op = mote_graph_add_op(m->graph, kind, inputs, input_count, &output, 1);
    assert_non_null(op);
    if (attrs) op->attrs = attrs->attrs;
    assert_true(test_graph_shape_last_op(m->graph));
    return output;
}

static int32_t constant(struct maker *m, enum mote_dtype dtype, struct mote_shape shape, int64_t size, float scale)
{
    const size_t count = (size_t)mote_shape_elements(&shape);
    int64_t *values = MOTE_NEW_ARRAY(m->arena, int64_t, count);
    assert_non_null(values);
    for (size_t i = 0; i < count; i++) values[i] = (int64_t)mote_rng_below(m->rng, (uint64_t)(2 * size)) - size;
    const int32_t t = test_graph_constant(m->graph, dtype, shape, values, scale);
    assert_true(t >= 0);
    return t;
}

static enum mote_activation random_activation(struct maker *m)
{
    return (enum mote_activation)(1 + below(m, MOTE_ACT_COUNT - 1));
}

/* A filter that fits [h][w], with a scale that spreads the sums over the output's range. */
static int32_t filter(struct maker *m, enum producer kind, int32_t x, int32_t y)
{
    const int32_t *in = tensor(m, x)->shape.dims;
    const int32_t h = 1 + below(m, in[1] < 3 ? in[1] : 3), w = 1 + below(m, in[2] < 3 ? in[2] : 3);
    const int32_t channels = kind == DEPTHWISE ? in[3] * (1 + below(m, 2)) : 1 + below(m, 5);
    const struct mote_shape shape = {4, {kind == DEPTHWISE ? 1 : channels, h, w, kind == DEPTHWISE ? channels : in[3]}};
    const float out = mote_tensor_scale(tensor(m, y)), in_scale = mote_tensor_scale(tensor(m, x));
    return constant(m, MOTE_S8, shape, 127, out / in_scale * (0.002f + 0.01f * (float)mote_rng_unit(m->rng)));
}

/* conv, depthwise or transposed convolution of x, into y. */
static int32_t add_conv(struct maker *m, enum producer kind, int32_t x, int32_t y, enum mote_activation act)
{
    const enum mote_op_kind op = kind == CONV        ? MOTE_OP_CONV_2D
                                 : kind == DEPTHWISE ? MOTE_OP_DEPTHWISE_CONV_2D
                                                     : MOTE_OP_TRANSPOSE_CONV;
    const int32_t weights = filter(m, kind, x, y);
    const int32_t *dims = tensor(m, weights)->shape.dims;
    struct mote_op a = {.attrs.conv = {1 + below(m, 2), 1 + below(m, 2), 1, 1, 0, 0, 0, 0, act}};
    if (kind != TRANSPOSED && chance(m, 50)) {
        a.attrs.conv.pad_top = below(m, dims[1]);
        a.attrs.conv.pad_bottom = below(m, dims[1]);
        a.attrs.conv.pad_left = below(m, dims[2]);
        a.attrs.conv.pad_right = below(m, dims[2]);
    }
    const int32_t channels = kind == DEPTHWISE ? dims[3] : dims[0];
    const bool wide = m->dtype == MOTE_S16;
    const int32_t bias = constant(m, wide ? MOTE_S64 : MOTE_S32, (struct mote_shape){1, {channels}}, wide ? 1000000 : 5000, 1.0f);
    return add(m, op, (int32_t[]){x, weights, bias}, 3, y, &a);
}

static int32_t add_fully_connected(struct maker *m, int32_t x, int32_t y, enum mote_activation act)
{
    const int32_t features = (int32_t)mote_shape_elements(&tensor(m, x)->shape);
    const float scale = mote_tensor_scale(tensor(m, y)) / mote_tensor_scale(tensor(m, x)) * 0.005f;
    const int32_t weights = constant(m, MOTE_S8, (struct mote_shape){2, {1 + below(m, 4), features}}, 127, scale);
    const struct mote_op a = {.attrs.fully_connected = {0, act}};
    return add(m, MOTE_OP_FULLY_CONNECTED, (int32_t[]){x, weights}, 2, y, &a);
}

static int32_t add_pool(struct maker *m, enum producer kind, int32_t x, enum mote_activation act)
{
    const int32_t *in = tensor(m, x)->shape.dims;
    const struct mote_op a = {.attrs.pool = {.filter_h = 1 + below(m, in[1] < 2 ? in[1] : 2),
                                             .filter_w = 1 + below(m, in[2] < 2 ? in[2] : 2),
                                             .stride_h = 1, .stride_w = 1, .activation = act}};
    return add(m, kind == MAX_POOL ? MOTE_OP_MAX_POOL_2D : MOTE_OP_AVERAGE_POOL_2D, &x, 1, like(m, x), &a);
}

/* x with itself or with one value per channel. */
static int32_t add_binary(struct maker *m, enum mote_op_kind kind, int32_t x, int32_t y, enum mote_activation act)
{
    const int32_t channels = tensor(m, x)->shape.dims[3];
    const float scale = kind == MOTE_OP_MAXIMUM ? mote_tensor_scale(tensor(m, x)) : random_scale(m);
    const int32_t other = chance(m, 50) ? x : constant(m, m->dtype, (struct mote_shape){1, {channels}}, 128, scale);
    const struct mote_op a = {.attrs.binary = {act}};
    return add(m, kind, (int32_t[]){x, other}, 2, y, &a);
}

/* The producer's output has the quantisation of y unless it is a pool, which keeps its input's. */
static int32_t add_producer(struct maker *m, enum producer kind, int32_t x, enum mote_activation act)
{
    switch (kind) {
    case CONV:
    case DEPTHWISE:
    case TRANSPOSED: return add_conv(m, kind, x, activation(m), act);
    case FULLY_CONNECTED: return add_fully_connected(m, x, activation(m), act);
    case ADD: return add_binary(m, MOTE_OP_ADD, x, activation(m), act);
    case SUB: return add_binary(m, MOTE_OP_SUB, x, activation(m), act);
    case MUL: return add_binary(m, MOTE_OP_MUL, x, activation(m), act);
    case AVERAGE_POOL:
    case MAX_POOL: break;
    }
    return add_pool(m, kind, x, act);
}

/* ---- Patterns ---- */

static int32_t pick(struct maker *m)
{
    return m->live[chance(m, 70) ? m->live_count - 1 : below(m, m->live_count)];
}

static void keep(struct maker *m, int32_t t)
{
    const struct mote_shape *shape = &tensor(m, t)->shape;
    const bool may_be_read = shape->rank == 4 && shape->dims[0] == 1 && mote_shape_elements(shape) <= 400 && shape->dims[3] <= 12;
    if (may_be_read && m->live_count < MOST_LIVE) m->live[m->live_count++] = t;
    else m->outputs[m->output_count++] = t;
}

static void pad_before_convolutions(struct maker *m)
{
    const int32_t x = pick(m);
    const enum pad_case which = chance(m, 50) ? PAD_FUSES : (enum pad_case)(1 + below(m, PAD_CASES - 1));
    float scale = mote_tensor_scale(tensor(m, x));
    int32_t zero_point = mote_tensor_zero_point(tensor(m, x));
    if (m->dtype == MOTE_S16 && which == PAD_OTHER_ZERO_POINT) return;
    if (which == PAD_OTHER_SCALE) scale *= 1.5f;
    if (which == PAD_OTHER_ZERO_POINT) zero_point = zero_point < 0 ? zero_point + 1 : zero_point - 1;
    struct mote_op a = {.attrs.pad = {.value = zero_point + (which == PAD_OTHER_VALUE ? (zero_point < 0 ? 1 : -1) : 0)}};
    for (int axis = 1; axis <= 2; axis++) {
        a.attrs.pad.before[axis] = below(m, 3);
        a.attrs.pad.after[axis] = below(m, 3);
    }
    if (which == PAD_OF_CHANNELS) a.attrs.pad.after[3] = 1;
    if (which == PAD_OF_BATCH) a.attrs.pad.before[0] = 1;
    const int32_t padded = add(m, MOTE_OP_PAD, &x, 1, test_graph_activation(m->graph, m->dtype, scale, zero_point), &a);
    const int32_t readers = 1 + below(m, 2);
    for (int32_t i = 0; i < readers; i++)
        keep(m, add_conv(m, chance(m, 50) ? CONV : DEPTHWISE, padded, activation(m), MOTE_ACT_NONE));
    if (which == PAD_OTHER_READER) /* a transposed convolution is none whose own padding would do */
        keep(m, add_producer(m, chance(m, 50) ? MAX_POOL : TRANSPOSED, padded, MOTE_ACT_NONE));
    if (which == PAD_IS_OUTPUT) m->outputs[m->output_count++] = padded;
    m->fusable_pads += which == PAD_FUSES;
    met.pads[which]++;
}

static void activation_behind_a_producer(struct maker *m)
{
    const int32_t x = pick(m);
    const enum activation_case which = chance(m, 50) ? ACTIVATION_FUSES : (enum activation_case)(1 + below(m, ACTIVATION_CASES - 1));
    const enum producer kind = (enum producer)below(m, PRODUCERS);
    if (m->dtype == MOTE_S16 && which == ACTIVATION_OTHER_ZERO_POINT) return;
    const enum mote_activation first = which == ACTIVATION_TWICE ? random_activation(m) : MOTE_ACT_NONE;
    const int32_t produced = which != ACTIVATION_OF_OTHER ? add_producer(m, kind, x, first)
                             : chance(m, 50)              ? add_producer(m, TRANSPOSED, x, MOTE_ACT_NONE)
                                                          : add_binary(m, MOTE_OP_MAXIMUM, x, like(m, x), MOTE_ACT_NONE);
    float scale = mote_tensor_scale(tensor(m, produced));
    int32_t zero_point = mote_tensor_zero_point(tensor(m, produced));
    if (which == ACTIVATION_OTHER_SCALE) scale *= 1.25f;
    if (which == ACTIVATION_OTHER_ZERO_POINT) zero_point = zero_point < 0 ? zero_point + 1 : zero_point - 1;
    const int32_t y = test_graph_activation(m->graph, m->dtype, scale, zero_point);
    keep(m, add(m, chance(m, 50) ? MOTE_OP_RELU : MOTE_OP_RELU6, &produced, 1, y, NULL));
    if (which == ACTIVATION_SECOND_READER)
        keep(m, add_fully_connected(m, produced, activation(m), MOTE_ACT_NONE));
    if (which == ACTIVATION_OF_OUTPUT) m->outputs[m->output_count++] = produced;
    m->fusable_activations += which == ACTIVATION_FUSES;
    met.activations[which]++;
    if (which == ACTIVATION_FUSES) met.fused[kind]++;
}

/* A chain of operators on constants, whose result is added to x. */
static void operators_on_constants(struct maker *m)
{
    const int32_t x = pick(m), channels = tensor(m, x)->shape.dims[3], length = 1 + below(m, 3);
    const enum constant_case which = chance(m, 75) ? CONSTANT_FOLDS : CONSTANT_IS_OUTPUT;
    int32_t k = constant(m, m->dtype, (struct mote_shape){4, {1, 1, 1, channels}}, 128, random_scale(m));
    for (int32_t i = 0; i < length; i++) {
        switch (below(m, 4)) {
        case 0: k = add(m, MOTE_OP_RELU, &k, 1, activation(m), NULL); break;
        case 1: k = add_binary(m, MOTE_OP_ADD, k, activation(m), random_activation(m)); break;
        case 2: k = add_pool(m, MAX_POOL, k, MOTE_ACT_NONE); break;
        default: k = add_conv(m, DEPTHWISE, k, activation(m), MOTE_ACT_NONE); break;
        }
        if (tensor(m, k)->shape.dims[3] != channels) { /* a depth multiplier */
            m->foldable += i + 1;
            keep(m, add_producer(m, ADD, x, MOTE_ACT_NONE));
            return;
        }
    }
    const struct mote_op a = {.attrs.binary = {MOTE_ACT_NONE}};
    keep(m, add(m, MOTE_OP_ADD, (int32_t[]){x, k}, 2, activation(m), &a));
    if (which == CONSTANT_IS_OUTPUT) m->outputs[m->output_count++] = k;
    m->foldable += length - (which == CONSTANT_IS_OUTPUT);
    met.constants[which]++;
}

/* Nobody reads the last one; and of a split, one half. */
static void operators_for_nothing(struct maker *m)
{
    int32_t x = pick(m);
    const int32_t *dims = tensor(m, x)->shape.dims;
    if (dims[3] % 2 == 0 && chance(m, 50)) {
        const int32_t halves[2] = {like(m, x), like(m, x)};
        struct mote_op *op = mote_graph_add_op(m->graph, MOTE_OP_SPLIT, &x, 1, halves, 2);
        assert_non_null(op);
        op->attrs.split.axis = 3;
        assert_true(test_graph_shape_last_op(m->graph));
        keep(m, halves[below(m, 2)]);
        return;
    }
    for (int32_t i = 1 + below(m, 3); i > 0; i--) x = add_producer(m, chance(m, 50) ? CONV : AVERAGE_POOL, x, MOTE_ACT_NONE);
}

static void add_pattern(struct maker *m)
{
    switch (below(m, 10)) {
    default: pad_before_convolutions(m); break;
    case 4:
    case 5:
    case 6: activation_behind_a_producer(m); break;
    case 7: operators_on_constants(m); break;
    case 8: operators_for_nothing(m); break;
    case 9: keep(m, add_producer(m, (enum producer)below(m, PRODUCERS), pick(m), chance(m, 50) ? MOTE_ACT_RELU6 : MOTE_ACT_NONE)); break;
    }
}

/* The last result is an output, and each other that nobody reads, but for some, which are dead. */
static void name_outputs(struct maker *m)
{
    for (int32_t i = 1; i < m->live_count; i++)
        if (i + 1 == m->live_count || (mote_graph_use_count(m->graph, m->live[i]) == 0 && chance(m, 60)))
            m->outputs[m->output_count++] = m->live[i];
    m->graph->outputs = mote_arena_copy(m->arena, m->outputs, (size_t)m->output_count * sizeof *m->outputs);
    m->graph->output_count = m->output_count;
    assert_non_null(m->graph->outputs);
}

static void make_network(struct maker *m, struct mote_arena *arena, struct mote_rng *rng)
{
    *m = (struct maker){.arena = arena, .rng = rng, .dtype = mote_rng_below(rng, 4) == 0 ? MOTE_S16 : MOTE_S8};
    m->graph = mote_graph_new(arena, "patterns");
    assert_non_null(m->graph);
    const int32_t x = activation(m);
    m->graph->tensors[x].shape = (struct mote_shape){4, {1, 1 + below(m, 6), 1 + below(m, 6), 1 + below(m, 4)}};
    m->graph->inputs = mote_arena_copy(arena, &x, sizeof x);
    m->graph->input_count = 1;
    m->live[m->live_count++] = x;
    for (int32_t patterns = 2 + below(m, 6); patterns > 0; patterns--) add_pattern(m);
    while (m->live_count == 1 && m->output_count == 0) keep(m, add_producer(m, MAX_POOL, x, MOTE_ACT_NONE));
    name_outputs(m);
}

/* ---- Running ---- */

enum { INPUTS = 7 }; /* all least, all greatest, least and greatest at random, near the zero point, uniform */

struct outputs {
    size_t bytes; /* of one inference */
    uint8_t *all;
};

static struct outputs run(const struct mote_graph *graph, const uint8_t *inputs, struct mote_arena *arena, uint64_t seed)
{
    struct mote_plan *plan = NULL;
    struct mote_diag diag;
    mote_diag_init(&diag, "network");
    enum mote_status status = mote_graph_verify(graph, &diag);
    if (status == MOTE_OK) status = mote_plan_build(graph, mote_target_reference(), arena, &plan, &diag);
    if (status != MOTE_OK) fail_msg("seed %" PRIu64 ": %s", seed, diag.count ? diag.messages[0].text : "no message");
    mote_diag_free(&diag);
    mote_plan_spread(plan);
    struct outputs outputs = {.bytes = mote_eval_output_bytes(plan)};
    uint8_t *memory = mote_arena_calloc(arena, plan->arena_bytes, 1);
    outputs.all = mote_arena_calloc(arena, INPUTS, outputs.bytes);
    assert_true(memory && outputs.all);
    for (size_t i = 0; i < INPUTS; i++)
        mote_eval_run(plan, memory, inputs + i * mote_eval_input_bytes(plan), outputs.all + i * outputs.bytes, NULL, NULL);
    return outputs;
}

/* ---- The passes ---- */

static enum mote_status fold(struct mote_graph *graph, int32_t *changes, struct mote_diag *diag)
{
    return mote_pass_fold_constants(graph, mote_eval_op, changes, diag);
}

static enum mote_status (*const passes[])(struct mote_graph *, int32_t *, struct mote_diag *) = {
    fold, mote_pass_fuse_pad, mote_pass_fuse_activation, mote_pass_remove_dead};
static const char *const pass_names[] = {"fold_constants", "fuse_pad", "fuse_activation", "remove_dead"};
enum { FOLD, FUSE_PAD, FUSE_ACTIVATION, REMOVE_DEAD, PASSES };

/* Marks backwards from the outputs: how many operators contribute nothing? */
static int32_t count_dead(const struct mote_graph *graph)
{
    int32_t dead = 0;
    uint8_t *needed = calloc((size_t)graph->tensor_count, 1);
    assert_non_null(needed);
    for (int32_t i = 0; i < graph->output_count; i++) needed[graph->outputs[i]] = 1;
    for (int32_t i = graph->op_count - 1; i >= 0; i--) {
        const struct mote_op *op = &graph->ops[i];
        bool alive = false;
        for (int32_t k = 0; k < op->output_count; k++) alive = alive || needed[op->outputs[k]];
        for (int32_t k = 0; alive && k < op->input_count; k++)
            if (op->inputs[k] != MOTE_NO_TENSOR) needed[op->inputs[k]] = 1;
        dead += !alive;
    }
    free(needed);
    return dead;
}

static void check_network(uint64_t seed)
{
    struct mote_arena arena;
    struct mote_rng rng;
    struct maker m;
    mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
    mote_rng_seed(&rng, seed);
    make_network(&m, &arena, &rng);
    const size_t input_bytes = mote_tensor_bytes(tensor(&m, m.graph->inputs[0]));
    uint8_t *inputs = mote_arena_calloc(&arena, INPUTS, input_bytes);
    assert_non_null(inputs);
    for (int i = 0; i < INPUTS; i++) random_graph_input(m.graph, &rng, i, inputs + (size_t)i * input_bytes);
    const struct outputs before = run(m.graph, inputs, &arena, seed);
    struct mote_graph *graph = mote_graph_clone(m.graph);
    assert_non_null(graph);
    for (int pass = 0; pass < PASSES; pass++) {
        const int32_t expected[PASSES] = {m.foldable, m.fusable_pads, m.fusable_activations, count_dead(graph)};
        const int32_t ops = graph->op_count;
        int32_t changes = -1;
        assert_int_equal(passes[pass](graph, &changes, NULL), MOTE_OK);
        if (changes != expected[pass] || graph->op_count != ops - changes)
            fail_msg("seed %" PRIu64 ": %s changed %d operators of %d and left %d; expected %d changes", seed, pass_names[pass],
                     (int)changes, (int)ops, (int)graph->op_count, (int)expected[pass]);
        const struct outputs after = run(graph, inputs, &arena, seed);
        assert_int_equal(after.bytes, before.bytes);
        if (memcmp(after.all, before.all, INPUTS * before.bytes) != 0)
            fail_msg("seed %" PRIu64 ": %s changed the outputs", seed, pass_names[pass]);
        if (pass == REMOVE_DEAD) met.dead += changes;
        assert_int_equal(passes[pass](graph, &changes, NULL), MOTE_OK);
        assert_int_equal(changes, 0); /* it left nothing */
    }
    met.graphs++;
    mote_arena_free(&arena);
}

static void networks_keep_every_bit(void **state)
{
    (void)state;
    const char *wish = getenv("MOTE_LONG");
    const uint64_t count = wish && wish[0] == '1' ? 10000 : 200;
    for (uint64_t seed = 0; seed < count; seed++) check_network(seed + 1);
    for (int i = 0; i < PAD_CASES; i++) assert_true(met.pads[i] > 2);
    for (int i = 0; i < ACTIVATION_CASES; i++) assert_true(met.activations[i] > 2);
    for (int i = 0; i < PRODUCERS; i++) assert_true(met.fused[i] > 2);
    for (int i = 0; i < CONSTANT_CASES; i++) assert_true(met.constants[i] > 2);
    assert_true(met.dead > 20);
    print_message("%" PRId64 " networks; %" PRId64 " PADs and %" PRId64 " activations fused, %" PRId64 " dead operators removed\n",
                  met.graphs, met.pads[PAD_FUSES], met.activations[ACTIVATION_FUSES], met.dead);
}

/* A pass that runs out of memory says so; what it has done until then is thrown away with the graph. */
static void every_failed_allocation_is_reported(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++)
        for (int pass = 0; pass < PASSES; pass++) {
            enum mote_status status = MOTE_ERR_MEMORY;
            for (long k = 0; status != MOTE_OK; k++) {
                struct mote_arena arena;
                struct mote_rng rng;
                struct maker m;
                mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
                mote_rng_seed(&rng, seed);
                make_network(&m, &arena, &rng);
                int32_t changes = -1;
                mote_arena_global_fail_after = k;
                status = passes[pass](m.graph, &changes, NULL);
                mote_arena_global_fail_after = -1;
                assert_true(status == MOTE_OK || (status == MOTE_ERR_MEMORY && changes == -1));
                mote_arena_free(&arena);
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_keep_every_bit),
        cmocka_unit_test(every_failed_allocation_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
