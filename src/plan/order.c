/* order.c: an order of the operators in which the tensors that are alive at once need few bytes.
 *
 * What has run is a set of operators; the bytes that are live depend on the set alone, not on the order within it. So a
 * search over sets, least peak first, is exact (Dijkstra's algorithm with the maximum in place of the sum). Chains have
 * few such sets; many parallel branches have too many, and beyond a bound on the work a greedy order has to do. */
#include "plan.h"

#include <stdlib.h>
#include <string.h>

enum { STATE_LIMIT = 30000 };

/* The graph as the search sees it. A value is the storage of one tensor and of all its aliases (reshapes). */
struct order_graph {
    const struct mote_graph *graph;
    int32_t op_count;
    size_t words;        /* of a set of operators */
    uint64_t *needs;     /* per op: the set of ops that must run before it */
    uint64_t *readers;   /* per tensor that is a value: the set of ops that read it */
    int32_t *value;      /* per tensor: the tensor whose storage it shares; MOTE_NO_TENSOR for constants */
    bool *kept;          /* per value: a graph output, live to the end */
};

static bool has(const uint64_t *set, int32_t i)
{
    return set[i / 64] >> (i % 64) & 1;
}

static void insert(uint64_t *set, int32_t i)
{
    set[i / 64] |= UINT64_C(1) << (i % 64);
}

static bool contains(const uint64_t *set, const uint64_t *part, size_t words)
{
    for (size_t w = 0; w < words; w++)
        if (part[w] & ~set[w]) return false;
    return true;
}

static int64_t value_bytes(const struct order_graph *g, int32_t value)
{
    return (int64_t)mote_tensor_bytes(&g->graph->tensors[value]);
}

/* ---- The graph's tables ---- */

static void enter_op(struct order_graph *g, const int32_t *producer, int32_t o)
{
    const struct mote_op *op = &g->graph->ops[o];
    for (int32_t i = 0; i < op->input_count; i++) {
        const int32_t tensor = op->inputs[i];
        if (tensor == MOTE_NO_TENSOR || g->value[tensor] == MOTE_NO_TENSOR) continue;
        if (op->kind != MOTE_OP_RESHAPE) insert(g->readers + (size_t)g->value[tensor] * g->words, o);
        if (producer[tensor] >= 0) insert(g->needs + (size_t)o * g->words, producer[tensor]);
    }
}

static enum mote_status make_tables(struct order_graph *g, struct mote_arena *arena, struct mote_diag *diag)
{
    const struct mote_graph *graph = g->graph;
    const size_t tensors = (size_t)graph->tensor_count, ops = (size_t)graph->op_count;
    g->op_count = graph->op_count;
    g->words = (ops + 63) / 64;
    g->needs = MOTE_NEW_ARRAY(arena, uint64_t, ops * g->words);
    g->readers = MOTE_NEW_ARRAY(arena, uint64_t, tensors * g->words);
    g->value = MOTE_NEW_ARRAY(arena, int32_t, tensors);
    g->kept = MOTE_NEW_ARRAY(arena, bool, tensors);
    int32_t *producer = MOTE_NEW_ARRAY(arena, int32_t, tensors);
    if (!g->needs || !g->readers || !g->value || !g->kept || !producer) return mote_error_memory(diag);
    for (int32_t t = 0; t < graph->tensor_count; t++) {
        g->value[t] = graph->tensors[t].data ? MOTE_NO_TENSOR : t;
        producer[t] = -1;
    }
    for (int32_t o = 0; o < graph->op_count; o++) { /* the file's order respects data flow: aliases resolve in one pass */
        const struct mote_op *op = &graph->ops[o];
        for (int32_t i = 0; i < op->output_count; i++) producer[op->outputs[i]] = o;
        if (op->kind == MOTE_OP_RESHAPE && g->value[op->inputs[0]] != MOTE_NO_TENSOR)
            g->value[op->outputs[0]] = g->value[op->inputs[0]];
        enter_op(g, producer, o);
    }
    for (int32_t i = 0; i < graph->output_count; i++)
        if (g->value[graph->outputs[i]] != MOTE_NO_TENSOR) g->kept[g->value[graph->outputs[i]]] = true;
    return MOTE_OK;
}

/* ---- Running one operator ---- */

static int64_t live_at_start(const struct order_graph *g)
{
    int64_t live = 0;
    for (int32_t i = 0; i < g->graph->input_count; i++) {
        const int32_t value = g->value[g->graph->inputs[i]];
        if (value != MOTE_NO_TENSOR) live += value_bytes(g, value);
    }
    return live;
}

static bool is_dead(const struct order_graph *g, int32_t value, const uint64_t *done)
{
    return !g->kept[value] && contains(done, g->readers + (size_t)value * g->words, g->words);
}

/* Does input i of the op name a value that an earlier input names, too? */
static bool is_repeated(const struct order_graph *g, const struct mote_op *op, int32_t i)
{
    for (int32_t k = 0; k < i; k++)
        if (op->inputs[k] != MOTE_NO_TENSOR && g->value[op->inputs[k]] == g->value[op->inputs[i]]) return true;
    return false;
}

/* Adds op o to the set; *live is updated, *during is what is live while it runs. */
static void run_op(const struct order_graph *g, uint64_t *done, int32_t o, int64_t *live, int64_t *during)
{
    const struct mote_op *op = &g->graph->ops[o];
    insert(done, o);
    if (op->kind == MOTE_OP_RESHAPE) {
        *during = *live;
        return;
    }
    for (int32_t i = 0; i < op->output_count; i++) *live += value_bytes(g, op->outputs[i]);
    *during = *live;
    for (int32_t i = 0; i < op->output_count; i++)
        if (is_dead(g, op->outputs[i], done)) *live -= value_bytes(g, op->outputs[i]);
    for (int32_t i = 0; i < op->input_count; i++) {
        if (op->inputs[i] == MOTE_NO_TENSOR || is_repeated(g, op, i)) continue;
        const int32_t value = g->value[op->inputs[i]];
        if (value != MOTE_NO_TENSOR && is_dead(g, value, done)) *live -= value_bytes(g, value);
    }
}

static bool is_ready(const struct order_graph *g, const uint64_t *done, int32_t o)
{
    return !has(done, o) && contains(done, g->needs + (size_t)o * g->words, g->words);
}

static int64_t max_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t peak_of(const struct order_graph *g, const int32_t *order, uint64_t *done)
{
    int64_t live = live_at_start(g), peak = live, during;
    memset(done, 0, g->words * sizeof *done);
    for (int32_t i = 0; i < g->op_count; i++) {
        run_op(g, done, order[i], &live, &during);
        peak = max_of(peak, during);
    }
    return peak;
}

/* Always runs the op that leaves the least peak, then the least live; false if none can run. done and next are scratch
 * sets. */
static bool greedy_order(const struct order_graph *g, int32_t *order, uint64_t *done, uint64_t *next)
{
    int64_t live = live_at_start(g), peak = live;
    memset(done, 0, g->words * sizeof *done);
    for (int32_t i = 0; i < g->op_count; i++) {
        int32_t best = -1;
        int64_t best_peak = 0, best_live = 0;
        for (int32_t o = 0; o < g->op_count; o++) {
            if (!is_ready(g, done, o)) continue;
            int64_t after = live, during;
            memcpy(next, done, g->words * sizeof *done);
            run_op(g, next, o, &after, &during);
            during = max_of(during, peak);
            if (best >= 0 && (during > best_peak || (during == best_peak && after >= best_live))) continue;
            best = o;
            best_peak = during;
            best_live = after;
        }
        if (best < 0) return false;
        insert(done, best);
        order[i] = best;
        peak = best_peak;
        live = best_live;
    }
    return true;
}

/* ---- Exact search ---- */

struct state {
    int64_t live, peak;
    int32_t parent, op; /* the op that led here; -1 at the start */
    int32_t count;      /* ops done */
};

struct state_search {
    const struct order_graph *g;
    struct state *states;
    uint64_t *sets; /* words per state */
    int32_t count;
    int32_t *heap;
    int32_t heap_count;
    int32_t *table; /* hash table of states by set; -1: empty */
    size_t table_mask;
    int64_t below; /* only peaks below this are of interest */
};

static const uint64_t *set_of(const struct state_search *s, int32_t state)
{
    return s->sets + (size_t)state * s->g->words;
}

static bool comes_before(const struct state_search *s, int32_t a, int32_t b)
{
    const struct state *x = &s->states[a], *y = &s->states[b];
    if (x->peak != y->peak) return x->peak < y->peak;
    if (x->count != y->count) return x->count > y->count; /* deeper first: ends sooner */
    return a < b;
}

static void heap_push(struct state_search *s, int32_t state)
{
    int32_t i = s->heap_count++;
    for (; i > 0 && comes_before(s, state, s->heap[(i - 1) / 2]); i = (i - 1) / 2) s->heap[i] = s->heap[(i - 1) / 2];
    s->heap[i] = state;
}

static int32_t heap_pop(struct state_search *s)
{
    const int32_t top = s->heap[0], last = s->heap[--s->heap_count];
    int32_t i = 0;
    for (int32_t child; (child = 2 * i + 1) < s->heap_count; i = child) {
        if (child + 1 < s->heap_count && comes_before(s, s->heap[child + 1], s->heap[child])) child++;
        if (!comes_before(s, s->heap[child], last)) break;
        s->heap[i] = s->heap[child];
    }
    s->heap[i] = last;
    return top;
}

/* FNV-1a over the set's words. */
static int32_t *table_slot(const struct state_search *s, const uint64_t *set)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t w = 0; w < s->g->words; w++) hash = (hash ^ (set[w] ^ set[w] >> 29)) * UINT64_C(1099511628211);
    size_t i = (size_t)(hash ^ hash >> 32) & s->table_mask;
    while (s->table[i] >= 0 && memcmp(set_of(s, s->table[i]), set, s->g->words * sizeof *set) != 0)
        i = (i + 1) & s->table_mask;
    return &s->table[i];
}

/* Adds the state unless the set is known with as small a peak. A better way to a known set is a new state that takes its
 * place in the table. */
static void add_state(struct state_search *s, const uint64_t *set, struct state state)
{
    int32_t *slot = table_slot(s, set);
    if (*slot >= 0 && s->states[*slot].peak <= state.peak) return;
    s->states[s->count] = state;
    memcpy(s->sets + (size_t)s->count * s->g->words, set, s->g->words * sizeof *set);
    *slot = s->count;
    heap_push(s, s->count++);
}

/* Adds what follows from running one more op. An op that raises neither the peak nor what stays live is run at once and
 * alone: any order that runs it later does not get worse by running it now. */
static void expand(struct state_search *s, int32_t from, uint64_t *next)
{
    const struct order_graph *g = s->g;
    const struct state start = s->states[from];
    for (int pass = 0; pass < 2; pass++)
        for (int32_t o = 0; o < g->op_count && s->count < STATE_LIMIT; o++) {
            if (!is_ready(g, set_of(s, from), o)) continue;
            struct state state = {.live = start.live, .parent = from, .op = o, .count = start.count + 1};
            int64_t during;
            memcpy(next, set_of(s, from), g->words * sizeof *next);
            run_op(g, next, o, &state.live, &during);
            state.peak = max_of(start.peak, during);
            const bool is_free = state.peak == start.peak && state.live <= start.live;
            if (pass == 0 && !is_free) continue;
            if (state.peak < s->below) add_state(s, next, state);
            if (pass == 0) return;
        }
}

/* The final state of the best order, or -1 if none is below the limit or the work is used up. */
static int32_t search_states(struct state_search *s, uint64_t *next)
{
    memset(next, 0, s->g->words * sizeof *next);
    const int64_t live = live_at_start(s->g);
    if (live < s->below) add_state(s, next, (struct state){.live = live, .peak = live, .parent = -1, .op = -1});
    while (s->heap_count && s->count < STATE_LIMIT) {
        const int32_t state = heap_pop(s);
        if (s->states[state].count == s->g->op_count) return state;
        if (*table_slot(s, set_of(s, state)) == state) expand(s, state, next);
    }
    return -1;
}

static enum mote_status exact_order(const struct order_graph *g, int64_t below, int32_t *order, struct mote_diag *diag)
{
    struct mote_arena scratch;
    mote_arena_init(&scratch, MOTE_ARENA_DEFAULT_LIMIT);
    struct state_search s = {.g = g, .below = below, .table_mask = 65535};
    s.states = MOTE_NEW_ARRAY(&scratch, struct state, STATE_LIMIT);
    s.sets = MOTE_NEW_ARRAY(&scratch, uint64_t, STATE_LIMIT * g->words);
    s.heap = MOTE_NEW_ARRAY(&scratch, int32_t, STATE_LIMIT);
    s.table = MOTE_NEW_ARRAY(&scratch, int32_t, s.table_mask + 1);
    uint64_t *next = MOTE_NEW_ARRAY(&scratch, uint64_t, g->words);
    const bool ready = s.states && s.sets && s.heap && s.table && next;
    if (ready) {
        memset(s.table, 0xff, (s.table_mask + 1) * sizeof *s.table);
        int32_t state = search_states(&s, next);
        if (state >= 0)
            for (int32_t i = g->op_count; i-- > 0; state = s.states[state].parent) order[i] = s.states[state].op;
    }
    mote_arena_free(&scratch);
    return ready ? MOTE_OK : mote_error_memory(diag);
}

/* Is there anything to choose: an op that does not need the one before it? */
static bool is_chain(const struct order_graph *g)
{
    for (int32_t o = 1; o < g->op_count; o++)
        if (!has(g->needs + (size_t)o * g->words, o - 1)) return false;
    return true;
}

enum mote_status mote_plan_order(const struct mote_graph *graph, struct mote_arena *arena, int32_t *order,
                                 struct mote_diag *diag)
{
    struct order_graph g = {.graph = graph};
    for (int32_t i = 0; i < graph->op_count; i++) order[i] = i;
    if (graph->op_count < 3) return MOTE_OK;
    enum mote_status status = make_tables(&g, arena, diag);
    if (status != MOTE_OK || is_chain(&g)) return status;
    uint64_t *done = MOTE_NEW_ARRAY(arena, uint64_t, g.words), *next = MOTE_NEW_ARRAY(arena, uint64_t, g.words);
    int32_t *greedy = MOTE_NEW_ARRAY(arena, int32_t, (size_t)graph->op_count);
    if (!done || !next || !greedy) return mote_error_memory(diag);
    int64_t peak = peak_of(&g, order, done);
    if (greedy_order(&g, greedy, done, next) && peak_of(&g, greedy, done) < peak) {
        peak = peak_of(&g, greedy, done);
        memcpy(order, greedy, (size_t)graph->op_count * sizeof *order);
    }
    return exact_order(&g, peak, order, diag);
}
