/* test_armv7em_layers.c: random convolutions, fully connected layers and average pools on cores with dual 16-bit
 * multiplication, and on one with Helium: every shape, stride, padding, zero point and scale that the kernels say they take,
 * and some that they leave to others. Many layers
 * side by side in one network; the chosen kernels' portable twins on the host, the assembly on the simulator, both against
 * the reference. */
#include "random_layers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { HOST_NETWORKS = 40, CHIP_NETWORKS = 4, LAYERS = 14, HOST_SINGLES = 160, CHIP_SINGLES = 8, CHAINS = 8, CHAINED = 6 };

struct counts {
    int layers, tuned, winograd, expanded, stride_2, narrow, vectors;
    int connected_ways[3]; /* of fully connected layers by vectors, enum mk_mve_way */
    int ways[5];        /* enum mk_armv7em_way */
    int wide_ways[5];   /* the same of convolutions with weights of 16 bits */
    int vector_ways[3]; /* enum mk_mve_way */
};

static void count_layer(const struct mote_plan *plan, const struct mote_step *layer, void *context)
{
    (void)plan;
    struct counts *const counts = context;
    counts->layers++;
    if (strcmp(layer->kernel->params->name, "mk_conv_armv7em") != 0) return;
    const struct mk_conv_armv7em *p = layer->params;
    counts->tuned++;
    if (strstr(layer->kernel->name, "_mve")) {
        counts->vectors++;
        counts->vector_ways[p->way]++;
        counts->connected_ways[p->way] += strstr(layer->kernel->name, "fully_connected") != NULL;
        return;
    }
    counts->winograd += strstr(layer->kernel->name, "winograd") != NULL;
    counts->expanded += p->block_rows > 0;
    counts->stride_2 += strstr(layer->kernel->name, "stride_2") != NULL;
    counts->narrow += strstr(layer->kernel->name, "3x3") && p->out_w == 5 && p->stride_w == 1 && p->way == MK_ARMV7EM_SMALL;
    counts->ways[p->way]++;
    counts->wide_ways[p->way] += strstr(layer->kernel->name, "wide") != NULL;
}

static struct counts compare_portable_twins(const char *target)
{
    struct counts counts = {0};
    random_layers_on_host(target, HOST_NETWORKS, LAYERS, count_layer, &counts);
    random_layers_on_host(target, HOST_SINGLES, 1, count_layer, &counts); /* minor layers may go to others' kernels */
    return counts;
}

static void portable_twins_equal_the_reference(void **state)
{
    (void)state;
    random_layers_seed(11);
    const struct counts counts = compare_portable_twins("cortex-m4");
    print_message("    %d of %d layers tuned; requantised exactly %d, by one shift %d, %d with a sign, by the other %d, %d\n",
                  counts.tuned, counts.layers, counts.ways[MK_ARMV7EM_EXACT], counts.ways[MK_ARMV7EM_SMALL],
                  counts.ways[MK_ARMV7EM_SMALL_SIGN], counts.ways[MK_ARMV7EM_LARGE], counts.ways[MK_ARMV7EM_LARGE_SIGN]);
    assert_true(counts.tuned > counts.layers * 3 / 5); /* or the test shows little */
    print_message("    %d by Winograd's algorithm, of these %d with weights transformed on the chip, %d with stride 2\n",
                  counts.winograd, counts.expanded, counts.stride_2);
    assert_true(counts.winograd > 10 && counts.expanded > 3 && counts.stride_2 > 3);
    print_message("    %d by depthwise rows of five\n", counts.narrow);
    assert_true(counts.narrow > 0);
    print_message("    with weights of 16 bits: exactly %d, by one shift %d, %d, by the other %d, %d\n",
                  counts.wide_ways[MK_ARMV7EM_EXACT], counts.wide_ways[MK_ARMV7EM_SMALL],
                  counts.wide_ways[MK_ARMV7EM_SMALL_SIGN], counts.wide_ways[MK_ARMV7EM_LARGE],
                  counts.wide_ways[MK_ARMV7EM_LARGE_SIGN]);
    for (int way = 0; way < 5; way++) assert_true(counts.wide_ways[way] > 0 && counts.ways[way] > counts.wide_ways[way]);
}

static void portable_twins_of_vector_kernels_equal_the_reference(void **state)
{
    (void)state;
    random_layers_seed(14);
    const struct counts counts = compare_portable_twins("cortex-m55");
    print_message("    %d of %d layers by vectors; requantised fast %d, with a sign %d, exactly %d\n", counts.vectors,
                  counts.layers, counts.vector_ways[MK_MVE_FAST], counts.vector_ways[MK_MVE_SIGN],
                  counts.vector_ways[MK_MVE_EXACT]);
    assert_true(counts.vectors > counts.layers * 3 / 4);
    for (int way = 0; way < 3; way++) assert_true(counts.vector_ways[way] > 0 && counts.connected_ways[way] > 0);
}

static void assembly_equals_the_reference_on_cortex_m4(void **state)
{
    (void)state;
    random_layers_seed(12);
    random_layers_on_chip("cortex-m4", CHIP_NETWORKS, LAYERS);
    random_layers_on_chip("cortex-m4", CHIP_SINGLES, 1); /* small models: weights of 16 bits */
}

static void short_loops_equal_the_reference_on_cortex_m4(void **state)
{
    (void)state;
    random_layers_seed(17);
    random_layers_optimize(MOTE_OPTIMIZE_SIZE);
    random_layers_on_chip("cortex-m4", CHIP_NETWORKS, LAYERS);
}

static void assembly_equals_the_reference_on_cortex_m7_and_m33(void **state)
{
    (void)state;
    random_layers_seed(13);
    random_layers_on_chip("cortex-m7", 1, LAYERS);
    random_layers_on_chip("cortex-m33", 1, LAYERS);
}

static void assembly_equals_the_reference_on_cortex_m55(void **state)
{
    (void)state;
    random_layers_seed(15);
    random_layers_on_chip("cortex-m55", CHIP_NETWORKS, LAYERS);
    random_layers_on_chip("cortex-m55", CHIP_SINGLES, 1);
}

static void chained_layers_equal_the_reference_on_cortex_m4_and_m55(void **state)
{
    (void)state;
    random_layers_seed(16);
    random_layers_chained_on_chip("cortex-m4", CHAINS / 2, CHAINED);
    random_layers_chained_on_chip("cortex-m55", CHAINS, CHAINED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(portable_twins_equal_the_reference),
        cmocka_unit_test(portable_twins_of_vector_kernels_equal_the_reference),
        cmocka_unit_test(assembly_equals_the_reference_on_cortex_m4),
        cmocka_unit_test(short_loops_equal_the_reference_on_cortex_m4),
        cmocka_unit_test(assembly_equals_the_reference_on_cortex_m7_and_m33),
        cmocka_unit_test(assembly_equals_the_reference_on_cortex_m55),
        cmocka_unit_test(chained_layers_equal_the_reference_on_cortex_m4_and_m55),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
