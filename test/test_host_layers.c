/* test_host_layers.c: random layers with the kernels of the host target against the reference, on this machine. */
#include "../src/eval/eval.h"
#include "random_layers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NETWORKS = 40, LAYERS = 14 };

struct counts {
    int layers, convolutions, depthwise, connected, exact;
};

/* Three rows at a time to a ring of three, over its end and from one picture to the next, are the rows of the whole output. */
static void compare_in_a_ring(const struct mote_plan *plan, const struct mote_step *step)
{
    enum { RING = 3 };
    struct mk_conv_scalar32 c = *(const struct mk_conv_scalar32 *)step->params;
    const size_t row_bytes = step->output.row_bytes, in_bytes = plan->buffers[step->inputs[0].buffer].bytes;
    const uint16_t rows = (uint16_t)step->row_end;
    int8_t *const in = malloc(in_bytes), *const whole = malloc(rows * row_bytes), *const ring = malloc(RING * row_bytes);
    assert_true(in && whole && ring);
    for (size_t i = 0; i < in_bytes; i++) in[i] = (int8_t)(i * i * 29 + i * 7);
    const enum mote_kernel_id kernel = step->kernel->id;
    mote_eval_call(kernel, &(struct mote_eval_operands){.out = whole, .a = in}, &c, 0, rows);
    c.out_ring = RING;
    for (uint16_t begin = 0; begin < rows; begin++) {
        const uint16_t end = (uint16_t)(begin + RING < rows ? begin + RING : rows);
        mote_eval_call(kernel, &(struct mote_eval_operands){.out = ring, .a = in}, &c, begin, end);
        for (uint16_t r = begin; r < end; r++)
            assert_memory_equal(ring + r % RING * row_bytes, whole + r * row_bytes, row_bytes);
    }
    free(in);
    free(whole);
    free(ring);
}

static void visit_layer(const struct mote_plan *plan, const struct mote_step *layer, void *context)
{
    struct counts *const counts = context;
    const struct mote_kernel *const kernel = layer->kernel;
    counts->layers++;
    counts->convolutions += !strcmp(kernel->name, "conv_2d_s8_lanes_host");
    counts->depthwise += !strcmp(kernel->name, "depthwise_conv_2d_s8_lanes_host");
    counts->connected += !strcmp(kernel->name, "fully_connected_s8_lanes_host");
    if (!strstr(kernel->name, "_s8_lanes_host")) return;
    counts->exact += ((const struct mk_conv_scalar32 *)layer->params)->way == MK_SCALAR32_EXACT;
    compare_in_a_ring(plan, layer);
}

static void the_kernels_in_vectors_equal_the_reference(void **state)
{
    (void)state;
    struct counts counts = {0};
    random_layers_seed(31);
    random_layers_on_host("host", NETWORKS, LAYERS, visit_layer, &counts);
    print_message("    %d convolutions, %d depthwise, %d fully connected of %d layers; %d by the reference's arithmetic\n",
                  counts.convolutions, counts.depthwise, counts.connected, counts.layers, counts.exact);
    assert_true(counts.convolutions > 50 && counts.depthwise > 50 && counts.connected > 20 && counts.exact > 0);
    assert_true(counts.convolutions + counts.depthwise + counts.connected > counts.layers * 3 / 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_kernels_in_vectors_equal_the_reference)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
