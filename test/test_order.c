/* The order of operators: least peak of live tensors, against trying every order. */
#include "random_plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int32_t add_tensor(struct mote_graph *graph, int32_t bytes)
{
    return mote_graph_add_tensor(
        graph, (struct mote_tensor){.name = "t", .dtype = MOTE_S8, .shape = {.rank = 1, .dims = {bytes}}});
}

static int32_t add_op(struct mote_graph *graph, enum mote_op_kind kind, const int32_t *inputs, int32_t count,
                      int32_t bytes)
{
    const int32_t out = add_tensor(graph, bytes);
    assert_non_null(mote_graph_add_op(graph, kind, inputs, count, &out, 1));
    return out;
}

static void set_ends(struct mote_graph *graph, int32_t *in, int32_t *out)
{
    graph->inputs = in;
    graph->outputs = out;
    graph->input_count = graph->output_count = 1;
}

/* ---- Peaks, computed the slow way: a value lives from its writer to its last reader ---- */

struct peaks {
    const struct mote_graph *graph;
    int32_t root[64]; /* of aliases */
    bool done[64];
    int32_t order[64];
    int64_t best;
};

static bool reads(const struct peaks *p, int32_t op, int32_t root)
{
    for (int32_t i = 0; i < p->graph->ops[op].input_count; i++)
        if (p->graph->ops[op].kind != MOTE_OP_RESHAPE && p->root[p->graph->ops[op].inputs[i]] == root) return true;
    return false;
}

/* Position of the op that writes the tensor in this order; -1 for graph inputs. */
static int32_t birth(const struct peaks *p, const int32_t *order, int32_t tensor)
{
    for (int32_t i = 0; i < p->graph->op_count; i++)
        if (p->graph->ops[order[i]].outputs[0] == tensor) return i;
    return -1;
}

static int64_t peak_of(const struct peaks *p, const int32_t *order)
{
    const struct mote_graph *g = p->graph;
    int64_t peak = 0;
    for (int32_t now = 0; now < g->op_count; now++) {
        int64_t live = 0;
        for (int32_t t = 0; t < g->tensor_count; t++) {
            if (p->root[t] != t) continue;
            const int32_t first = birth(p, order, t);
            int32_t last = first;
            for (int32_t i = 0; i < g->op_count; i++)
                if (reads(p, order[i], t)) last = i > last ? i : last;
            if (p->root[g->outputs[0]] == t) last = g->op_count;
            if (first <= now && now <= last) live += g->tensors[t].shape.dims[0];
        }
        if (live > peak) peak = live;
    }
    return peak;
}

static bool is_valid(const struct peaks *p, const int32_t *order, int32_t count)
{
    bool written[64] = {false};
    written[p->graph->inputs[0]] = true;
    for (int32_t i = 0; i < count; i++) {
        const struct mote_op *op = &p->graph->ops[order[i]];
        for (int32_t k = 0; k < op->input_count; k++)
            if (!written[op->inputs[k]]) return false;
        written[op->outputs[0]] = true;
    }
    return true;
}

static void try_all(struct peaks *p, int32_t depth)
{
    if (!is_valid(p, p->order, depth)) return;
    if (depth == p->graph->op_count) {
        const int64_t peak = peak_of(p, p->order);
        if (peak < p->best) p->best = peak;
        return;
    }
    for (int32_t o = 0; o < p->graph->op_count; o++) {
        if (p->done[o]) continue;
        p->done[o] = true;
        p->order[depth] = o;
        try_all(p, depth + 1);
        p->done[o] = false;
    }
}

static void find_roots(struct peaks *p)
{
    for (int32_t t = 0; t < p->graph->tensor_count; t++) p->root[t] = t;
    for (int32_t o = 0; o < p->graph->op_count; o++)
        if (p->graph->ops[o].kind == MOTE_OP_RESHAPE)
            p->root[p->graph->ops[o].outputs[0]] = p->root[p->graph->ops[o].inputs[0]];
}

static void random_graph(struct mote_graph *graph, struct test_random *random, int32_t ops)
{
    for (int32_t o = 0; o < ops; o++) {
        const uint32_t back = (uint32_t)graph->tensor_count;
        const int32_t in[2] = {(int32_t)test_random_below(random, back), (int32_t)test_random_below(random, back)};
        if (test_random_below(random, 6) == 0)
            (void)add_op(graph, MOTE_OP_RESHAPE, in, 1, graph->tensors[in[0]].shape.dims[0]);
        else
            (void)add_op(graph, MOTE_OP_CONCATENATION, in, 1 + (int32_t)test_random_below(random, 2),
                         1 + (int32_t)test_random_below(random, 100));
    }
}

static void small_graphs_get_the_best_of_all_orders(void **state)
{
    (void)state;
    int32_t improved = 0;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct mote_arena arena;
        mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
        struct mote_graph *graph = mote_graph_new(&arena, "random");
        struct test_random random = {seed};
        int32_t in = add_tensor(graph, 50), order[64];
        random_graph(graph, &random, 3 + (int32_t)(seed % 5));
        int32_t out = graph->tensor_count - 1;
        set_ends(graph, &in, &out);
        struct peaks p = {.graph = graph, .best = INT64_MAX};
        find_roots(&p);
        try_all(&p, 0);
        assert_int_equal(mote_plan_order(graph, &arena, order, NULL), MOTE_OK);
        assert_true(is_valid(&p, order, graph->op_count));
        if (peak_of(&p, order) != p.best)
            fail_msg("seed %d: peak %d, the best order has %d", (int)seed, (int)peak_of(&p, order), (int)p.best);
        for (int32_t i = 0; i < graph->op_count; i++) p.order[i] = i;
        improved += p.best < peak_of(&p, p.order);
        mote_arena_free(&arena);
    }
    assert_true(improved > 10); /* else the file's order was always best and nothing was tested */
}

/* Two branches of a wide and a narrow layer each; the file runs both wide layers first. */
static void branches_are_finished_one_after_the_other(void **state)
{
    (void)state;
    struct mote_arena arena;
    mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
    struct mote_graph *graph = mote_graph_new(&arena, "branches");
    int32_t in = add_tensor(graph, 10), order[8];
    const int32_t wide[2] = {add_op(graph, MOTE_OP_RELU, &in, 1, 1000), add_op(graph, MOTE_OP_RELU, &in, 1, 1000)};
    int32_t narrow[2];
    for (int i = 0; i < 2; i++) narrow[i] = add_op(graph, MOTE_OP_RELU, &wide[i], 1, 20);
    int32_t out = add_op(graph, MOTE_OP_CONCATENATION, narrow, 2, 40);
    set_ends(graph, &in, &out);
    assert_int_equal(mote_plan_order(graph, &arena, order, NULL), MOTE_OK);
    struct peaks p = {.graph = graph};
    find_roots(&p);
    assert_true(is_valid(&p, order, graph->op_count));
    assert_int_equal(peak_of(&p, order), 1000 + 20 + 20); /* the second wide tensor, the first result and the second */
    mote_arena_free(&arena);
}

static void a_graph_too_wide_for_exact_search_is_no_worse_than_the_file(void **state)
{
    (void)state;
    struct mote_arena arena;
    mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
    struct mote_graph *graph = mote_graph_new(&arena, "wide");
    struct test_random random = {5};
    int32_t in = add_tensor(graph, 10), order[64], ends[20];
    for (int i = 0; i < 20; i++) {
        const int32_t wide = add_op(graph, MOTE_OP_RELU, &in, 1, 50 + (int32_t)test_random_below(&random, 100));
        ends[i] = add_op(graph, MOTE_OP_RELU, &wide, 1, 20 + (int32_t)test_random_below(&random, 200));
    }
    int32_t out = add_op(graph, MOTE_OP_CONCATENATION, ends, 20, 100);
    set_ends(graph, &in, &out);
    assert_int_equal(mote_plan_order(graph, &arena, order, NULL), MOTE_OK);
    struct peaks p = {.graph = graph};
    find_roots(&p);
    assert_true(is_valid(&p, order, graph->op_count));
    for (int32_t i = 0; i < graph->op_count; i++) p.order[i] = i;
    assert_true(peak_of(&p, order) <= peak_of(&p, p.order));
    mote_arena_free(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_graphs_get_the_best_of_all_orders),
        cmocka_unit_test(branches_are_finished_one_after_the_other),
        cmocka_unit_test(a_graph_too_wide_for_exact_search_is_no_worse_than_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
