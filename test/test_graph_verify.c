/* test_graph_verify.c: the verifier accepts graphs that keep the rules and names what is wrong with the others. */
#include "../src/ir/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* Parses a graph and verifies it; true if the status is as wanted and, for an error, a message holds the text. */
static void expect_verdict(const char *text, const char *message)
{
    struct mote_arena arena;
    struct mote_diag diag;
    struct mote_graph *graph = NULL;
    mote_arena_init(&arena, (size_t)1 << 20);
    mote_diag_init(&diag, "");
    const enum mote_status parsed = mote_graph_parse(text, strlen(text), &arena, &graph, &diag);
    if (parsed != MOTE_OK) fail_msg("%s", diag.messages[0].text);
    const enum mote_status status = mote_graph_verify(graph, &diag);
    bool found = !message;
    for (size_t i = 0; i < diag.count; i++) found = found || strstr(diag.messages[i].text, message);
    for (size_t i = 0; !found && i < diag.count; i++) print_error("%s\n", diag.messages[i].text);
    if (!found) fail_msg("no message says \"%s\"", message);
    assert_int_equal(status, message ? MOTE_ERR_INPUT : MOTE_OK);
    mote_diag_free(&diag);
    mote_arena_free(&arena);
}

/* A graph of one RELU whose parts a test replaces. */
static void expect_relu(const char *x, const char *y, const char *rest, const char *message)
{
    char text[1024];
    snprintf(text, sizeof text, "graph \"g\" { tensor 0 %s tensor 1 %s %s }", x, y, rest);
    expect_verdict(text, message);
}

#define X "s8 [1 4] \"x\" quant axis 0 [0.5:0]"
#define Y "s8 [1 4] \"y\" quant axis 0 [0.5:0]"
#define RELU "inputs [0] op 0 RELU inputs [0] outputs [1] {} outputs [1]"

static void a_sound_graph_passes(void **state)
{
    (void)state;
    expect_relu(X, Y, RELU, NULL);
    expect_relu("f32 [1 4] \"x\"", "f32 [1 4] \"y\"", RELU, NULL);
    expect_relu("s8 [1 4] \"x\" quant axis 1 [1:0 2:0 3:0 4:127]", Y, RELU, NULL);
}

static void quantisation_must_make_sense(void **state)
{
    (void)state;
    expect_relu("s8 [1 4] \"x\" quant axis 0 [0:0]", Y, RELU, "tensor \"x\": scale 0 is 0");
    expect_relu("s8 [1 4] \"x\" quant axis 0 [-1:0]", Y, RELU, "scale 0 is -1");
    expect_relu("s8 [1 4] \"x\" quant axis 0 [inf:0]", Y, RELU, "scale 0 is inf");
    expect_relu("s8 [1 4] \"x\" quant axis 0 [nan:0]", Y, RELU, "must be finite");
    expect_relu("s8 [1 4] \"x\" quant axis 0 [1:128]", Y, RELU, "zero point 0 is 128, outside of its type s8");
    expect_relu("u8 [1 4] \"x\" quant axis 0 [1:-1]", Y, RELU, "outside of its type u8");
    expect_relu("s16 [1 4] \"x\" quant axis 0 [1:32768]", Y, RELU, "outside of its type s16");
    expect_relu("s8 [1 4] \"x\" quant axis 0 [1:0 1:0]", Y, RELU, "2 scales along axis 0, which does not fit");
    expect_relu("s8 [1 4] \"x\" quant axis 2 [1:0 1:0]", Y, RELU, "2 scales along axis 2, which does not fit");
}

static void data_must_flow_forward_and_be_written_once(void **state)
{
    (void)state;
    expect_relu(X, Y, "inputs [] op 0 RELU inputs [0] outputs [1] {} outputs [1]",
                "op 0 RELU, tensor \"x\": it is read before any operator has written it");
    expect_relu(X, Y, "inputs [0] op 0 RELU inputs [0] outputs [1] {} op 1 RELU inputs [0] outputs [1] {} outputs [1]",
                "op 1 RELU, tensor \"y\": it is written twice");
    expect_relu(X, Y, "inputs [0] op 0 RELU inputs [0] outputs [0] {} outputs [0]", "cannot write a model input");
    expect_relu(X, "s8 [1 4] \"y\" data [00000000]", RELU, "cannot write a constant");
    expect_relu(X, Y, "inputs [0 0] op 0 RELU inputs [0] outputs [1] {} outputs [1]", "twice as a model input");
    expect_relu(X, Y, "inputs [0] op 0 RELU inputs [0] outputs [1] {} outputs [1 1]", "twice as a model output");
    expect_relu(X, Y, "inputs [0] op 0 RELU inputs [0] outputs [1] {} outputs []", "the model has no output");
    expect_relu(X, Y, "inputs [0] op 0 RELU inputs [0] outputs [1] {} outputs [0]", "but no operator writes it");
    expect_relu(X, Y, "inputs [0] op 0 ADD inputs [0 1] outputs [1] {activation none} outputs [1]",
                "tensor \"y\": it is read before");
}

static void indices_and_counts_must_fit(void **state)
{
    (void)state;
    expect_relu(X, Y, "inputs [0] op 0 RELU inputs [7] outputs [1] {} outputs [1]", "input 0 is tensor 7");
    expect_relu(X, Y, "inputs [0] op 0 RELU inputs [-2] outputs [1] {} outputs [1]", "input 0 is tensor -2");
    expect_relu(X, Y, "inputs [0] op 0 RELU inputs [-1] outputs [1] {} outputs [1]", "input 0 is missing");
    expect_relu(X, Y, "inputs [0] op 0 RELU inputs [0] outputs [-1] {} outputs [1]", "output 0 is tensor -1");
    expect_relu(X, Y, "inputs [0] op 0 RELU inputs [] outputs [1] {} outputs [1]", "cannot have 0 inputs");
    expect_relu(X, Y, "inputs [0] op 0 RELU inputs [0 0] outputs [1] {} outputs [1]", "cannot have 2 inputs");
    expect_relu(X, Y, "inputs [2] op 0 RELU inputs [0] outputs [1] {} outputs [9]", "model output 0 names tensor 9");
    expect_relu(X, Y, "inputs [2] op 0 RELU inputs [0] outputs [1] {} outputs [9]", "model input 0 names tensor 2");
}

static void attributes_must_fit_the_input(void **state)
{
    (void)state;
    static const struct {
        const char *op, *message;
    } cases[] = {
        {"SOFTMAX inputs [0] outputs [1] {beta 0}", "beta must be finite and above 0"},
        {"SOFTMAX inputs [0] outputs [1] {beta nan}", "beta must be finite and above 0"},
        {"LEAKY_RELU inputs [0] outputs [1] {alpha inf}", "alpha must be finite"},
        {"CONCATENATION inputs [0] outputs [1] {axis 2 activation none}", "its axis does not fit the input"},
        {"SPLIT inputs [0] outputs [1] {axis -1}", "its axis does not fit the input"},
        {"MEAN inputs [0] outputs [1] {axes 4 keep_dims 1}", "its axes do not fit the input"},
        {"MEAN inputs [0] outputs [1] {axes 0 keep_dims 1}", "its axes do not fit the input"},
        {"MEAN inputs [0] outputs [1] {axes 1 keep_dims 2}", "keep_dims must be 0 or 1"},
        {"PAD inputs [0] outputs [1] {before [0 -1 0 0 0 0] after [0 0 0 0 0 0] value 0}", "must not be negative"},
        {"STRIDED_SLICE inputs [0] outputs [1] {begin [0 1 0 0 0 0] size [1 4 1 1 1 1] stride [1 1 1 1 1 1] shrink 0}",
         "its slice reaches outside of the input"},
        {"STRIDED_SLICE inputs [0] outputs [1] {begin [0 2147483647 0 0 0 0] size [1 2147483647 1 1 1 1]"
         " stride [1 2147483647 1 1 1 1] shrink 0}", "its slice reaches outside of the input"},
        {"MAX_POOL_2D inputs [0] outputs [1] {filter_h 0 filter_w 1 stride_h 1 stride_w 1 pad_top 0 pad_bottom 0"
         " pad_left 0 pad_right 0 activation none}", "strides and filter sizes must be at least 1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char rest[512];
        snprintf(rest, sizeof rest, "inputs [0] op 0 %s outputs [1]", cases[i].op);
        expect_relu(X, Y, rest, cases[i].message);
    }
}

static void output_shapes_must_be_those_that_the_operators_compute(void **state)
{
    (void)state;
    expect_relu(X, "s8 [4 1] \"y\" quant axis 0 [0.5:0]", RELU, "op 0 RELU, tensor \"y\": its shape");
    expect_relu(X, "s8 [4] \"y\" quant axis 0 [0.5:0]", RELU, "op 0 RELU, tensor \"y\": its shape");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_graph_passes),
        cmocka_unit_test(quantisation_must_make_sense),
        cmocka_unit_test(data_must_flow_forward_and_be_written_once),
        cmocka_unit_test(indices_and_counts_must_fit),
        cmocka_unit_test(attributes_must_fit_the_input),
        cmocka_unit_test(output_shapes_must_be_those_that_the_operators_compute),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
