/* test_scalar32_layers.c: random layers on 32-bit cores without dual multiplication: the chosen kernels on the host, with the
 * tile in C, and on the simulators, with the tile in assembly, against the reference. */
#include "random_layers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { HOST_LAYERS = 400, CHIP_LAYERS = 40, MANY = 14, FEW = 3, WAYS = 4 };

struct counts {
    int layers, tuned, gathered, dense, columns, taps;
    int ways[WAYS]; /* enum mk_scalar32_way */
};

static void count_kernels(const struct mote_plan *plan, void *context)
{
    struct counts *const counts = context;
    for (int32_t i = 0; i < plan->step_count; i++) {
        const struct mote_kernel *const kernel = plan->steps[i].kernel;
        if (!strcmp(kernel->params->name, "mk_pool")) continue;
        counts->layers++;
        if (strcmp(kernel->params->name, "mk_conv_scalar32") != 0) continue;
        counts->tuned++;
        counts->gathered += strstr(kernel->name, "gather") != NULL;
        counts->dense += strstr(kernel->name, "dense") != NULL;
        counts->columns += strstr(kernel->name, "depthwise_conv_2d_s8_3x3") != NULL;
        counts->taps += strstr(kernel->name, "taps") != NULL;
        counts->ways[((const struct mk_conv_scalar32 *)plan->steps[i].params)->way]++;
    }
}

/* Checks that enough layers were tuned, or the test shows little, and that each way in `ways` was among them. */
static void on_host(const char *target, int layers, uint64_t seed, const enum mk_scalar32_way *ways, size_t way_count)
{
    struct counts counts = {0};
    random_layers_seed(seed);
    random_layers_on_host(target, HOST_LAYERS / layers, layers, count_kernels, &counts);
    print_message("    %d of %d layers tuned; exactly %d, by estimate %d, by high word %d, with a sign %d\n", counts.tuned,
                  counts.layers, counts.ways[MK_SCALAR32_EXACT], counts.ways[MK_SCALAR32_ESTIMATE],
                  counts.ways[MK_SCALAR32_HIGH], counts.ways[MK_SCALAR32_HIGH_SIGN]);
    assert_true(counts.tuned > counts.layers * 3 / 5);
    assert_true(counts.gathered > 10 && counts.dense > 10 && counts.columns > 10 && counts.taps > 10);
    for (size_t i = 0; i < way_count; i++) assert_true(counts.ways[ways[i]] > 0);
}

static void the_portable_tile_equals_the_reference_with_the_ways_of_rv32(void **state)
{
    (void)state;
    static const enum mk_scalar32_way ways[] = {MK_SCALAR32_ESTIMATE, MK_SCALAR32_HIGH, MK_SCALAR32_HIGH_SIGN};
    on_host("rv32imc", MANY, 21, ways, 3);
}

static void the_portable_tile_equals_the_reference_with_the_ways_of_cortex_m0(void **state)
{
    (void)state;
    static const enum mk_scalar32_way ways[] = {MK_SCALAR32_EXACT, MK_SCALAR32_ESTIMATE};
    on_host("cortex-m0", FEW, 22, ways, 2);
}

static void the_assembly_equals_the_reference_on_rv32(void **state)
{
    (void)state;
    random_layers_seed(23);
    random_layers_on_chip("rv32imc", CHIP_LAYERS / MANY, MANY);
}

static void the_portable_tile_equals_the_reference_on_rv32_without_multiplication(void **state)
{
    (void)state;
    random_layers_seed(25);
    random_layers_on_chip("rv32i", 1, MANY);
}

static void the_assembly_equals_the_reference_on_cortex_m0_and_m3(void **state)
{
    (void)state;
    random_layers_seed(24);
    random_layers_on_chip("cortex-m0", CHIP_LAYERS / FEW, FEW);
    random_layers_on_chip("cortex-m3", CHIP_LAYERS / MANY, FEW);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_portable_tile_equals_the_reference_with_the_ways_of_rv32),
        cmocka_unit_test(the_portable_tile_equals_the_reference_with_the_ways_of_cortex_m0),
        cmocka_unit_test(the_assembly_equals_the_reference_on_rv32),
        cmocka_unit_test(the_portable_tile_equals_the_reference_on_rv32_without_multiplication),
        cmocka_unit_test(the_assembly_equals_the_reference_on_cortex_m0_and_m3),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
