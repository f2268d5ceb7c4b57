/* test_robust.c: damaged and hostile model files give errors or graphs that verify, within bounds on memory and time;
 * every allocation may fail. MOTE_LONG=1 in the environment flips more bits. */
#include "../src/base/rng.h"
#include "../src/import/tflite.h"
#include "../src/ir/text.h"
#include "flatbuffer.h"
#include "sanitized.h"
#include "shared_models.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#ifdef WITH_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#define FORBID(start, bytes) ASAN_POISON_MEMORY_REGION(start, bytes)
#define PERMIT(start, bytes) ASAN_UNPOISON_MEMORY_REGION(start, bytes)
#else
#define FORBID(start, bytes) ((void)(start), (void)(bytes))
#define PERMIT(start, bytes) ((void)(start), (void)(bytes))
#endif

/* The most memory that a file of this size may cost: a tensor takes 4 bytes of the file and a struct of the graph. */
static size_t memory_bound(size_t size_bytes)
{
    return ((size_t)1 << 20) + 64 * size_bytes;
}

/* Imports and verifies, and checks all that must hold whatever the bytes are. */
static enum mote_status import_any(const uint8_t *bytes, size_t size_bytes)
{
    struct mote_arena arena;
    struct mote_diag diag;
    struct mote_graph *graph = NULL;
    mote_arena_init(&arena, ((size_t)64 << 20) + 4 * size_bytes);
    mote_diag_init(&diag, "any");
    enum mote_status status = mote_import_tflite(bytes, size_bytes, "any", &arena, &graph, &diag);
    assert_int_equal(status == MOTE_OK, graph != NULL);
    assert_true(arena.used_bytes <= memory_bound(size_bytes));
    if (status == MOTE_OK) status = mote_graph_verify(graph, &diag);
    assert_true(status == MOTE_OK || status == MOTE_ERR_INPUT || status == MOTE_ERR_UNSUPPORTED);
    bool explained = status == MOTE_OK;
    for (size_t i = 0; i < diag.count; i++) explained = explained || diag.messages[i].severity == MOTE_ERROR;
    assert_true(explained);
    assert_true(diag.count <= 2 * 102);
    mote_diag_free(&diag);
    mote_arena_free(&arena);
    return status;
}

static void truncated_files_give_errors(void **state)
{
    (void)state;
    enum { STEP = 64 };
    size_t count;
    struct shared_model *models = shared_models_read(SIZE_MAX, &count);
    if (!models) skip();
    for (size_t i = 0; i < count; i++) {
        uint8_t *bytes = models[i].bytes;
        const size_t size = models[i].size_bytes, last = (size - 1) / STEP * STEP;
        FORBID(bytes + last, size - last);
        for (size_t kept = last; kept > 0; kept -= STEP) {
            assert_int_not_equal(import_any(bytes, kept), MOTE_OK);
            FORBID(bytes + kept - STEP, STEP);
        }
        PERMIT(bytes, size);
    }
    shared_models_free(models, count);
}

/* Marks the bytes of the file that hold elements of constants: changing those only changes numbers. */
static uint8_t *find_constants(const struct shared_model *model)
{
    struct mote_arena arena;
    struct mote_graph *graph = NULL;
    uint8_t *is_constant = calloc(model->size_bytes, 1);
    mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
    if (is_constant && mote_import_tflite(model->bytes, model->size_bytes, "m", &arena, &graph, NULL) == MOTE_OK) {
        for (int32_t i = 0; i < graph->tensor_count; i++) {
            const uint8_t *data = graph->tensors[i].data;
            if (data >= model->bytes && data < model->bytes + model->size_bytes)
                memset(is_constant + (data - model->bytes), 1, mote_tensor_bytes(&graph->tensors[i]));
        }
    }
    mote_arena_free(&arena);
    return is_constant;
}

static void damage(struct mote_rng *rng, uint8_t *byte)
{
    static const uint8_t extremes[] = {0, 1, 0x7f, 0x80, 0xff};
    if (mote_rng_below(rng, 2)) *byte ^= (uint8_t)(1u << mote_rng_below(rng, 8));
    else *byte = extremes[mote_rng_below(rng, sizeof extremes)];
}

static void flip_bits(const struct shared_model *model, struct mote_rng *rng, int rounds, long outcomes[2])
{
    enum { MOST_CHANGES = 3 };
    uint8_t *is_constant = find_constants(model), *bytes = malloc(model->size_bytes);
    assert_non_null(is_constant);
    assert_non_null(bytes);
    memcpy(bytes, model->bytes, model->size_bytes);
    for (int round = 0; round < rounds; round++) {
        size_t places[MOST_CHANGES];
        const size_t changes = 1 + (size_t)mote_rng_below(rng, MOST_CHANGES);
        for (size_t i = 0; i < changes; i++) {
            do places[i] = (size_t)mote_rng_below(rng, model->size_bytes);
            while (is_constant[places[i]]);
            damage(rng, &bytes[places[i]]);
        }
        outcomes[import_any(bytes, model->size_bytes) == MOTE_OK]++;
        for (size_t i = 0; i < changes; i++) bytes[places[i]] = model->bytes[places[i]];
    }
    free(bytes);
    free(is_constant);
}

static void flipped_bits_give_errors_or_graphs_that_verify(void **state)
{
    (void)state;
    const char *wish = getenv("MOTE_LONG");
    const int rounds = wish && wish[0] == '1' ? 20000 : 1500;
    size_t count;
    long outcomes[2] = {0, 0};
    struct shared_model *models = shared_models_read(400000, &count);
    struct mote_rng rng;
    mote_rng_seed(&rng, 20240607);
    if (!models) skip();
    for (size_t i = 0; i < count; i++) flip_bits(&models[i], &rng, rounds, outcomes);
    shared_models_free(models, count);
    assert_true(outcomes[0] > 1000 && outcomes[1] > 1000); /* both kinds were met */
}

/* ---- Sharing: a small file that describes an endless model ---- */

enum { SHARED_TENSORS = 20000, SHARED_SCALES = 5000 };

/* A model whose subgraph lists one tensor SHARED_TENSORS times, with SHARED_SCALES scales. */
static uint8_t *make_shared_model(size_t *size_bytes)
{
    struct flatbuffer o = {0};
    const size_t root = flatbuffer_reserve(&o, 8);
    memcpy(o.bytes + 4, "TFL3", 4);
    const size_t model =
        flatbuffer_table(&o, (struct flatbuffer_field[]){{0, 4, 3}, {1, 4, 0}, {2, 4, 0}, {4, 4, 0}}, 4);
    flatbuffer_refer(&o, root, model);
    flatbuffer_table_refer(&o, model, 1, flatbuffer_vector(&o, 0, 4, 4));
    flatbuffer_table_refer(&o, model, 4, flatbuffer_vector(&o, 0, 4, 4));
    const size_t subgraphs = flatbuffer_vector(&o, 1, 4, 4);
    flatbuffer_table_refer(&o, model, 2, subgraphs);
    const size_t subgraph = flatbuffer_table(&o, (struct flatbuffer_field[]){{0, 4, 0}}, 1);
    flatbuffer_vector_refer(&o, subgraphs, 0, subgraph);
    const size_t tensors = flatbuffer_vector(&o, SHARED_TENSORS, 4, 4);
    flatbuffer_table_refer(&o, subgraph, 0, tensors);
    const size_t tensor = flatbuffer_table(&o, (struct flatbuffer_field[]){{1, 1, 9}, {4, 4, 0}}, 2);
    for (size_t i = 0; i < SHARED_TENSORS; i++) flatbuffer_vector_refer(&o, tensors, i, tensor);
    const size_t quantization = flatbuffer_table(&o, (struct flatbuffer_field[]){{2, 4, 0}}, 1);
    flatbuffer_table_refer(&o, tensor, 4, quantization);
    flatbuffer_table_refer(&o, quantization, 2, flatbuffer_vector(&o, SHARED_SCALES, 4, 4));
    assert_false(o.failed);
    *size_bytes = o.size;
    return o.bytes;
}

static void data_shared_without_end_is_refused(void **state)
{
    (void)state;
    size_t size_bytes;
    uint8_t *bytes = make_shared_model(&size_bytes);
    struct mote_arena arena;
    struct mote_diag diag;
    struct mote_graph *graph = NULL;
    mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
    mote_diag_init(&diag, "");
    assert_int_equal(mote_import_tflite(bytes, size_bytes, "shared", &arena, &graph, &diag), MOTE_ERR_INPUT);
    assert_non_null(strstr(diag.messages[0].text, "far too often"));
    assert_true(arena.used_bytes <= memory_bound(size_bytes));
    mote_diag_free(&diag);
    mote_arena_free(&arena);
    free(bytes);
}

static void a_limit_on_memory_is_an_error_not_a_crash(void **state)
{
    (void)state;
    size_t count;
    struct shared_model *models = shared_models_read(60000, &count);
    if (!models) skip();
    for (size_t i = 0; i < count; i++) {
        struct mote_arena arena;
        struct mote_graph *graph = NULL;
        mote_arena_init(&arena, 512);
        assert_int_equal(mote_import_tflite(models[i].bytes, models[i].size_bytes, "m", &arena, &graph, NULL),
                         MOTE_ERR_MEMORY);
        assert_null(graph);
        mote_arena_free(&arena);
    }
    shared_models_free(models, count);
}

/* ---- Allocations that fail ---- */

/* Imports, verifies, prints and parses again; the first failure ends it. */
static enum mote_status whole_way(const struct shared_model *model)
{
    struct mote_arena arena;
    struct mote_diag diag;
    struct mote_text text = {0};
    struct mote_graph *graph = NULL, *again = NULL;
    mote_arena_init(&arena, MOTE_ARENA_DEFAULT_LIMIT);
    mote_diag_init(&diag, "");
    enum mote_status status =
        mote_import_tflite(model->bytes, model->size_bytes, "model", &arena, &graph, &diag);
    assert_int_equal(status == MOTE_OK, graph != NULL);
    if (status == MOTE_OK) status = mote_graph_verify(graph, &diag);
    if (status == MOTE_OK) mote_graph_print(graph, &text);
    if (status == MOTE_OK && text.failed) status = MOTE_ERR_MEMORY;
    else if (status == MOTE_OK) status = mote_graph_parse(text.bytes, text.length, &arena, &again, &diag);
    assert_int_equal(status == MOTE_OK, again != NULL);
    mote_text_free(&text);
    mote_diag_free(&diag);
    mote_arena_free(&arena);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    size_t count;
    struct shared_model *models = shared_models_read(60000, &count);
    if (!models) skip();
    for (size_t i = 0; i < count; i++) {
        const enum mote_status expected = whole_way(&models[i]);
        long allowed = 0;
        enum mote_status status;
        do {
            mote_arena_global_fail_after = allowed++;
            status = whole_way(&models[i]);
            const bool ran_out = mote_arena_global_fail_after == 0;
            mote_arena_global_fail_after = -1;
            if (!ran_out) break;
            /* It may have needed exactly as many as it was allowed. */
            assert_true(status == MOTE_ERR_MEMORY || status == expected);
        } while (allowed < 100000);
        assert_int_equal(status, expected);
        assert_true(allowed > 10);
    }
    shared_models_free(models, count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(truncated_files_give_errors),
        cmocka_unit_test(flipped_bits_give_errors_or_graphs_that_verify),
        cmocka_unit_test(data_shared_without_end_is_refused),
        cmocka_unit_test(a_limit_on_memory_is_an_error_not_a_crash),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
