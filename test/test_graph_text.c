/* test_graph_text.c: the text form of graphs prints everything and parses back; its parser survives any text. */
#include "../src/import/tflite.h"
#include "../src/ir/text.h"
#include "shared_models.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct bench {
    struct mote_arena arena;
    struct mote_diag diag;
    struct mote_graph *graph;
};

static void bench_open(struct bench *bench)
{
    *bench = (struct bench){0};
    mote_arena_init(&bench->arena, (size_t)1 << 26);
    mote_diag_init(&bench->diag, "");
}

static void bench_close(struct bench *bench)
{
    mote_diag_free(&bench->diag);
    mote_arena_free(&bench->arena);
}

/* Parses from a copy without a zero behind it, so that a sanitizer sees a read past the end. */
static enum mote_status bench_parse(struct bench *bench, const char *text, size_t bytes)
{
    char *copy = malloc(bytes ? bytes : 1);
    assert_non_null(copy);
    memcpy(copy, text, bytes);
    const enum mote_status status = mote_graph_parse(copy, bytes, &bench->arena, &bench->graph, &bench->diag);
    free(copy);
    return status;
}

static const char every_kind[] =
    "# comments and layout do not matter\n"
    "graph \"every kind of thing\" { tensor 0 s8 [1 4 4 2] \"in\" quant axis 0 [0.5:-3]\n"
    "  tensor 1 s8 [3 1 1 2] \"w\" quant axis 0 [0.25:0 0.125:0 1.17549435e-38:0] data [ 0102 03\n 0405 7f ]\n"
    "  tensor 2 s8 [1 2 2 3] \"a \\22quoted\\22 name\\5c \\0a\" quant axis 0 [0.5:0]\n"
    "  tensor 3 f32 [] \"scalar\" data [0000803f]\n"
    "  tensor 4 s8 [1 1 3] \"slice\" quant axis 0 [0.5:0]\n"
    "  tensor 5 s8 [1 1 3] \"soft\" quant axis 0 [0.00390625:-128]\n"
    "  inputs [0]\n"
    "  op 0 CONV_2D source 7 \"CONV_2D\" inputs [0 1 -1] outputs [2] { stride_h 2 stride_w 2\n"
    "    dilation_h 1 dilation_w 1 pad_top 0 pad_bottom 0 pad_left 0 pad_right 0 activation relu6 }\n"
    "  op 1 STRIDED_SLICE inputs [2] outputs [4] { begin [0 1 0 0 0 0] size [1 1 1 3 1 1] stride [1 1 1 1 1 1]\n"
    "    shrink 4 }\n"
    "  op 2 SOFTMAX source 9 \"SOFTMAX\" inputs [4] outputs [5] { beta 1.5 }\n"
    "  outputs [5] }\n";

static void text_by_hand_means_what_it_says(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    const enum mote_status status = bench_parse(&bench, every_kind, strlen(every_kind));
    if (status != MOTE_OK) print_error("%s\n", bench.diag.messages[0].text);
    assert_int_equal(status, MOTE_OK);
    const struct mote_graph *graph = bench.graph;
    assert_int_equal(graph->tensor_count, 6);
    assert_int_equal(graph->op_count, 3);
    assert_memory_equal(graph->tensors[1].data, "\1\2\3\4\5\x7f", 6);
    assert_true(graph->tensors[1].quant.scales[1] == 0.125f);
    assert_string_equal(graph->tensors[2].name, "a \"quoted\" name\\ \n");
    assert_int_equal(graph->tensors[3].shape.rank, 0);
    assert_int_equal(graph->ops[0].source_index, 7);
    assert_int_equal(graph->ops[0].inputs[2], MOTE_NO_TENSOR);
    assert_int_equal(graph->ops[0].attrs.conv.stride_w, 2);
    assert_int_equal(graph->ops[0].attrs.conv.activation, MOTE_ACT_RELU6);
    assert_int_equal(graph->ops[1].source_index, -1);
    assert_null(graph->ops[1].source_type);
    assert_int_equal(graph->ops[1].attrs.strided_slice.begin[1], 1);
    assert_true(graph->ops[2].attrs.softmax.beta == 1.5f);
    assert_int_equal(mote_graph_verify(graph, &bench.diag), MOTE_OK);
    bench_close(&bench);
}

/* Prints, parses, prints again: both texts must be the same. */
static void expect_round_trip(const struct mote_graph *graph)
{
    struct bench bench;
    struct mote_text first = {0}, second = {0};
    bench_open(&bench);
    mote_graph_print(graph, &first);
    assert_false(first.failed);
    const enum mote_status status = bench_parse(&bench, first.bytes, first.length);
    if (status != MOTE_OK) print_error("%s\n", bench.diag.messages[0].text);
    assert_int_equal(status, MOTE_OK);
    mote_graph_print(bench.graph, &second);
    assert_int_equal(first.length, second.length);
    assert_memory_equal(first.bytes, second.bytes, first.length);
    mote_text_free(&first);
    mote_text_free(&second);
    bench_close(&bench);
}

static void what_is_printed_parses_to_the_same_text(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    assert_int_equal(bench_parse(&bench, every_kind, strlen(every_kind)), MOTE_OK);
    expect_round_trip(bench.graph);
    bench_close(&bench);

    size_t count;
    struct shared_model *models = shared_models_read(400000, &count);
    for (size_t i = 0; i < count; i++) {
        bench_open(&bench);
        const enum mote_status status = mote_import_tflite(models[i].bytes, models[i].size_bytes, models[i].path,
                                                           &bench.arena, &bench.graph, &bench.diag);
        if (status == MOTE_OK) expect_round_trip(bench.graph);
        bench_close(&bench);
    }
    shared_models_free(models, count);
}

static void expect_equal(const struct mote_graph *first, const struct mote_graph *second)
{
    assert_int_equal(first->op_count, second->op_count);
    for (int32_t i = 0; i < first->op_count; i++)
        assert_memory_equal(&first->ops[i].attrs, &second->ops[i].attrs, sizeof first->ops[i].attrs);
    assert_int_equal(first->tensor_count, second->tensor_count);
    for (int32_t i = 0; i < first->tensor_count; i++) {
        const struct mote_tensor *a = &first->tensors[i], *b = &second->tensors[i];
        assert_true(mote_shape_equal(&a->shape, &b->shape) && a->dtype == b->dtype);
        assert_int_equal(a->quant.count, b->quant.count);
        if (a->quant.count) {
            assert_memory_equal(a->quant.scales, b->quant.scales, a->quant.count * sizeof(float));
            assert_memory_equal(a->quant.zero_points, b->quant.zero_points, a->quant.count * sizeof(int64_t));
        }
        assert_int_equal(!a->data, !b->data);
        if (a->data) assert_memory_equal(a->data, b->data, mote_tensor_bytes(a));
    }
}

static void every_field_of_a_real_model_survives(void **state)
{
    (void)state;
    size_t count;
    struct shared_model *models = shared_models_read(60000, &count);
    if (!models) skip();
    for (size_t i = 0; i < count; i++) {
        struct bench bench;
        struct mote_text text = {0};
        struct mote_graph *source = NULL;
        bench_open(&bench);
        const enum mote_status status =
            mote_import_tflite(models[i].bytes, models[i].size_bytes, "m", &bench.arena, &source, &bench.diag);
        if (status == MOTE_OK) {
            mote_graph_print(source, &text);
            assert_int_equal(bench_parse(&bench, text.bytes, text.length), MOTE_OK);
            expect_equal(source, bench.graph);
            assert_int_equal(mote_graph_verify(bench.graph, &bench.diag), MOTE_OK);
        }
        mote_text_free(&text);
        bench_close(&bench);
    }
    shared_models_free(models, count);
}

static void errors_name_the_line_and_what_was_expected(void **state)
{
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"", "line 1: expected graph, found the end of the text"},
        {"graph {", "line 1: expected a string, found \"{\""},
        {"graph \"x\" {\n\n tensor 1 s8 [] \"t\"}", "line 3: expected an integer in range, found \"1\""},
        {"graph \"x\" {\n tensor 0 s9 [] \"t\"}", "line 2: expected an element type, found \"s9\""},
        {"graph \"x\" {\n tensor 0 s8 [0] \"t\"}", "line 2: expected dimensions of at least 1"},
        {"graph \"x\" {\n tensor 0 s8 [1 1 1 1 1 1 1] \"t\"}", "line 2: expected at most 6 dimensions"},
        {"graph \"x\" {\n tensor 0 s8 [65536 65536] \"t\"}", "line 2: expected a shape of fewer than 2^31 elements"},
        {"graph \"x\" {\n tensor 0 s8 [2] \"t\" data [01]}", "line 2: expected as many hexadecimal bytes"},
        {"graph \"x\" {\n tensor 0 s8 [2] \"t\" data [01020304]}", "line 2: expected as many hexadecimal bytes"},
        {"graph \"x\" {\n tensor 0 s8 [2] \"t\" data [01 0g]}", "line 2: expected hexadecimal digits"},
        {"graph \"x\" {\n tensor 0 f32 [2147483647] \"t\" data [", "line 2: expected as much data"},
        {"graph \"x\" {\n tensor 0 s8 [2] \"t\" quant axis 0 [0.5]}", "line 2: expected \":\", found \"]\""},
        {"graph \"x\" {\n tensor 0 s8 [2] \"t\\00\"}", "line 2: expected a string with valid escapes"},
        {"graph \"x\" {\n op 0 CONV_4D inputs [] outputs [] {}}", "line 2: expected an operator, found \"CONV_4D\""},
        {"graph \"x\" {\n op 0 SOFTMAX inputs [0] outputs [1] {\n beta one }}", "line 3: expected a number"},
        {"graph \"x\" {\n op 0 ADD inputs [0] outputs [1] {\n activation swish }}", "line 3: expected a known name"},
        {"graph \"x\" {\n op 0 RELU inputs [99999999999] outputs [1] {}}", "line 2: expected an integer in range"},
        {"graph \"x\" { inputs [0] inputs [0] }", "line 1: expected tensor, op, inputs or outputs"},
        {"graph \"x\" {}\n}", "line 2: expected the end, found \"}\""},
        {"graph \"x\" { \"\x1b[2J\" }", "found \"?[2J\""},
        {"graph \"never ends", "line 1: expected a string"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bench bench;
        bench_open(&bench);
        assert_int_equal(bench_parse(&bench, cases[i].text, strlen(cases[i].text)), MOTE_ERR_INPUT);
        assert_int_equal(bench.diag.count, 1);
        if (!strstr(bench.diag.messages[0].text, cases[i].message))
            fail_msg("expected \"%s\", found \"%s\"", cases[i].message, bench.diag.messages[0].text);
        assert_null(bench.graph);
        bench_close(&bench);
    }
}

static void no_part_of_a_text_is_taken_for_the_whole(void **state)
{
    (void)state;
    const size_t whole = strlen(every_kind) - strlen("}\n");
    for (size_t bytes = 0; bytes <= whole; bytes++) {
        struct bench bench;
        bench_open(&bench);
        assert_int_equal(bench_parse(&bench, every_kind, bytes), MOTE_ERR_INPUT);
        bench_close(&bench);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_by_hand_means_what_it_says),
        cmocka_unit_test(what_is_printed_parses_to_the_same_text),
        cmocka_unit_test(every_field_of_a_real_model_survives),
        cmocka_unit_test(errors_name_the_line_and_what_was_expected),
        cmocka_unit_test(no_part_of_a_text_is_taken_for_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
