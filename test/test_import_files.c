/* test_import_files.c: real models become the graphs that they describe; data may lie anywhere in the file, and behind it. */
#include "../src/import/flatbuffer.h"
#include "../src/ir/text.h"
#include "import_bench.h"
#include "shared_models.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* ---- Real models ---- */

struct golden_layer {
    int op, zero_point;
    long bytes;
    float scale;
    char name[64], type[16], shape[128];
};

static bool parse_golden(const char *line, struct golden_layer *layer)
{
    *layer = (struct golden_layer){0};
    return sscanf(line,
                  "{\"op\":%d,\"name\":\"%63[^\"]\",\"tensor\":%*d,\"type\":\"%15[^\"]\",\"shape\":[%127[^]]],"
                  "\"bytes\":%ld,\"offset\":%*d,\"scale\":%f,\"zero_point\":%d",
                  &layer->op, layer->name, layer->type, layer->shape, &layer->bytes, &layer->scale,
                  &layer->zero_point) >= 5;
}

static const struct mote_op *find_source_op(const struct mote_graph *graph, int index)
{
    const struct mote_op *found = NULL; /* the last one that came from the file's operator */
    for (int32_t i = 0; i < graph->op_count; i++)
        if (graph->ops[i].source_index == index) found = &graph->ops[i];
    return found;
}

static void expect_layer(const struct mote_graph *graph, const struct golden_layer *layer)
{
    const struct mote_op *op = find_source_op(graph, layer->op);
    assert_non_null(op);
    assert_string_equal(op->source_type, layer->name);
    const struct mote_tensor *tensor = &graph->tensors[op->outputs[0]];
    char shape[128] = "";
    for (int32_t i = 0; i < tensor->shape.rank; i++)
        snprintf(shape + strlen(shape), sizeof shape - strlen(shape), "%s%d", i ? "," : "", tensor->shape.dims[i]);
    assert_string_equal(shape, layer->shape);
    assert_int_equal(mote_tensor_bytes(tensor), layer->bytes);
    if (tensor->dtype == MOTE_F32) return;
    assert_true(fabsf(mote_tensor_scale(tensor) - layer->scale) <= 1e-6f * layer->scale);
    assert_int_equal(mote_tensor_zero_point(tensor), layer->zero_point);
}

/* Compares the graph with what the reference interpreter knew of each operator's output; 0 if it has no such file. */
static int compare_golden(const struct mote_graph *graph, const char *name)
{
    char path[256], line[1024];
    snprintf(path, sizeof path, "../shared/golden/layers/%s.layers.json", name);
    FILE *file = fopen(path, "r");
    int layers = 0;
    struct golden_layer layer;
    while (file && fgets(line, sizeof line, file)) {
        if (!parse_golden(line, &layer)) continue;
        expect_layer(graph, &layer);
        layers++;
    }
    if (file) fclose(file);
    return layers;
}

static void real_models_become_graphs_with_the_reference_shapes(void **state)
{
    (void)state;
    size_t count;
    struct shared_model *models = shared_models_read(SIZE_MAX, &count);
    if (!models) skip();
    int imported = 0, compared = 0;
    for (size_t i = 0; i < count; i++) {
        struct import_bench bench;
        char name[128];
        import_bench_open(&bench);
        shared_model_name(&models[i], name);
        const enum mote_status status = import_bench_run(&bench, models[i].bytes, models[i].size_bytes);
        if (status == MOTE_OK) {
            imported++;
            compared += compare_golden(bench.graph, name);
        } else { /* networks with state */
            assert_int_equal(status, MOTE_ERR_UNSUPPORTED);
            assert_true(import_bench_says(&bench, "UNIDIRECTIONAL_SEQUENCE_LSTM"));
            assert_true(import_bench_says(&bench, "mote supports: ADD, "));
        }
        import_bench_close(&bench);
    }
    shared_models_free(models, count);
    assert_true(imported >= 70);
    assert_true(compared >= 100);
}

static void constants_are_the_same_wherever_the_file_lies_in_memory(void **state)
{
    (void)state;
    size_t count;
    struct shared_model *models = shared_models_read(8192, &count);
    if (!models) skip();
    for (size_t i = 0; i < count; i++) {
        struct mote_text expected = {0};
        for (size_t shift = 0; shift < 9; shift++) {
            struct import_bench bench;
            struct mote_text text = {0};
            uint8_t *moved = malloc(models[i].size_bytes + shift);
            import_bench_open(&bench);
            memcpy(moved + shift, models[i].bytes, models[i].size_bytes);
            if (import_bench_run(&bench, moved + shift, models[i].size_bytes) == MOTE_OK)
                mote_graph_print(bench.graph, shift ? &text : &expected);
            if (shift && expected.bytes) assert_string_equal(text.bytes, expected.bytes);
            mote_text_free(&text);
            import_bench_close(&bench);
            free(moved);
        }
        mote_text_free(&expected);
    }
    shared_models_free(models, count);
}

/* ---- Data behind the flatbuffer, as in files over 2 GB ---- */

static void put_le(uint8_t *bytes, uint64_t value, size_t count)
{
    for (size_t i = 0; i < count; i++) bytes[i] = (uint8_t)(value >> (8 * i));
}

enum { TAIL_VTABLE_BYTES = 12, TAIL_TABLE_BYTES = 20, TAIL_BYTES = 48 };

/* Appends a vtable and a Buffer table with the fields offset and size, and 4 bytes of data; returns the whole. */
static uint8_t *with_outer_buffer(const struct import_bench *made, uint32_t buffer, uint64_t offset, uint64_t size,
                                  size_t *bytes)
{
    struct mote_flatbuffer reader;
    assert_true(mote_flatbuffer_open(&reader, made->bytes, made->size_bytes, "TFL3"));
    const struct mote_flatbuffer_table root = mote_flatbuffer_root(&reader);
    const struct mote_flatbuffer_vector buffers = mote_flatbuffer_vector(&reader, &root, 4, 4);
    const size_t at = buffers.position + 4 * (size_t)buffer, vtable = made->size_bytes;
    const size_t table = vtable + TAIL_VTABLE_BYTES;
    *bytes = made->size_bytes + TAIL_BYTES;
    uint8_t *file = calloc(1, *bytes);
    memcpy(file, made->bytes, made->size_bytes);
    put_le(file + at, table - at, 4);
    static const uint16_t layout[] = {10, TAIL_TABLE_BYTES, 0, 4, 12};
    for (size_t i = 0; i < 5; i++) put_le(file + vtable + 2 * i, layout[i], 2);
    put_le(file + table, TAIL_VTABLE_BYTES, 4);
    put_le(file + table + 4, offset, 8);
    put_le(file + table + 12, size, 8);
    put_le(file + *bytes - 4, 0x04030201, 4);
    return file;
}

static void data_behind_the_flatbuffer_is_found_and_checked(void **state)
{
    (void)state;
    struct import_bench made;
    import_bench_open(&made);
    struct tflw *w = tflw_new();
    const int32_t dims[] = {1, 4};
    const int8_t inside[] = {9, 9, 9, 9};
    const float scale = 0.5f;
    const int inputs[] = {import_bench_tensor(w, "x", 2, dims), tflw_tensor(w, "c", TFLW_INT8, 2, dims,
                                                                  &(struct tflw_quant){&scale, NULL, 1, 0}, inside, 4)};
    const int y = import_bench_tensor(w, "y", 2, dims);
    tflw_op(w, TFLW_ADD, 0, inputs, 2, &y, 1, NULL);
    tflw_io(w, inputs, 1, &y, 1);
    import_bench_expect(&made, w, MOTE_OK);
    const uint64_t end = made.size_bytes + TAIL_BYTES;
    static const uint8_t outside[] = {1, 2, 3, 4};
    const struct {
        uint64_t offset, size;
        enum mote_status status;
    } cases[] = {{end - 4, 4, MOTE_OK}, {end - 3, 4, MOTE_ERR_INPUT}, {UINT64_MAX - 1, 4, MOTE_ERR_INPUT},
                 {end - 4, UINT64_MAX, MOTE_ERR_INPUT}, {end - 4, 3, MOTE_ERR_INPUT}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct import_bench bench;
        size_t bytes;
        import_bench_open(&bench);
        uint8_t *file = with_outer_buffer(&made, 1, cases[i].offset, cases[i].size, &bytes);
        assert_int_equal(import_bench_run(&bench, file, bytes), cases[i].status);
        if (cases[i].status == MOTE_OK) {
            const struct mote_op *op = &bench.graph->ops[0];
            assert_memory_equal(bench.graph->tensors[op->inputs[1]].data, outside, 4);
        }
        import_bench_close(&bench);
        free(file);
    }
    import_bench_close(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_models_become_graphs_with_the_reference_shapes),
        cmocka_unit_test(constants_are_the_same_wherever_the_file_lies_in_memory),
        cmocka_unit_test(data_behind_the_flatbuffer_is_found_and_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
