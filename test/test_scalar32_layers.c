/* test_scalar32_layers.c: random layers on 32-bit cores without dual multiplication: the chosen kernels on the host, with the
 * tile in C, and on the simulators, with the tile in assembly, against the reference. */
#include "random_layers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { HOST_LAYERS = 400, CHIP_LAYERS = 40, MANY = 14, FEW = 3, FEW_NETWORKS = 10, WAYS = 4 };

struct counts {
    int layers, tuned, gathered, dense, columns, taps, squares;
    int ways[WAYS]; /* enum mk_scalar32_way */
};

static void count_layer(const struct mote_plan *plan, const struct mote_step *layer, void *context)
{
    (void)plan;
    struct counts *const counts = context;
    const struct mote_kernel *const kernel = layer->kernel;
    counts->layers++;
    if (strcmp(kernel->params->name, "mk_conv_scalar32") != 0) return;
    counts->tuned++;
    counts->gathered += strstr(kernel->name, "gather") != NULL;
    counts->dense += strstr(kernel->name, "dense") != NULL;
    counts->columns += strstr(kernel->name, "depthwise_conv_2d_s8_3x3") != NULL;
    counts->taps += strstr(kernel->name, "taps") != NULL;
    counts->squares += strstr(kernel->name, "squares") != NULL;
    counts->ways[((const struct mk_conv_scalar32 *)layer->params)->way]++;
}

/* Checks that enough layers were tuned, or the test shows little, and that each way in `ways` was among them. */
static struct counts on_host(const char *target, int layers, uint64_t seed, const enum mk_scalar32_way *ways, size_t way_count)
{
    struct counts counts = {0};
    random_layers_seed(seed);
    random_layers_on_host(target, HOST_LAYERS / layers, layers, count_layer, &counts);
    print_message("    %d of %d layers tuned; exactly %d, by estimate %d, by high word %d, with a sign %d\n", counts.tuned,
                  counts.layers, counts.ways[MK_SCALAR32_EXACT], counts.ways[MK_SCALAR32_ESTIMATE],
                  counts.ways[MK_SCALAR32_HIGH], counts.ways[MK_SCALAR32_HIGH_SIGN]);
    assert_true(counts.tuned > counts.layers * 3 / 5);
    for (size_t i = 0; i < way_count; i++) assert_true(counts.ways[ways[i]] > 0);
    return counts;
}

static void are_all_multiplied(const struct counts *counts)
{
    assert_true(counts->gathered > 10 && counts->dense > 10 && counts->columns > 10 && counts->taps > 10);
    assert_int_equal(counts->squares, 0);
}

static void the_portable_tile_equals_the_reference_with_the_ways_of_rv32(void **state)
{
    (void)state;
    static const enum mk_scalar32_way ways[] = {MK_SCALAR32_ESTIMATE, MK_SCALAR32_HIGH, MK_SCALAR32_HIGH_SIGN};
    const struct counts counts = on_host("rv32imc", MANY, 21, ways, 3);
    are_all_multiplied(&counts);
}

static void the_portable_tile_equals_the_reference_with_the_ways_of_cortex_m0(void **state)
{
    (void)state;
    static const enum mk_scalar32_way ways[] = {MK_SCALAR32_EXACT, MK_SCALAR32_ESTIMATE};
    const struct counts counts = on_host("cortex-m0", FEW, 22, ways, 2);
    are_all_multiplied(&counts);
}

static void squares_equal_the_reference_for_want_of_multiplication(void **state)
{
    (void)state;
    static const enum mk_scalar32_way ways[] = {MK_SCALAR32_EXACT, MK_SCALAR32_ESTIMATE};
    const struct counts counts = on_host("rv32i", MANY, 27, ways, 2);
    print_message("    %d by squares, %d by taps\n", counts.squares, counts.taps);
    assert_true(counts.squares > 100 && counts.taps > 10 && counts.columns == 0);
}

static void the_assembly_equals_the_reference_on_rv32(void **state)
{
    (void)state;
    random_layers_seed(23);
    random_layers_on_chip("rv32imc", CHIP_LAYERS / MANY, MANY);
}

static void squares_equal_the_reference_on_rv32_without_multiplication(void **state)
{
    (void)state;
    random_layers_seed(25);
    random_layers_on_chip("rv32i", CHIP_LAYERS / MANY, MANY);
    random_layers_on_chip("rv32ec", FEW_NETWORKS, 1);
}

static void the_assembly_equals_the_reference_on_cortex_m0_and_m3(void **state)
{
    (void)state;
    random_layers_seed(24);
    random_layers_on_chip("cortex-m0", CHIP_LAYERS / FEW, FEW);
    random_layers_on_chip("cortex-m3", CHIP_LAYERS / MANY, FEW);
}

/* ---- Weights of 8 bits, which only layers get that do not fit otherwise, and chunks of four inputs, which only small ones get ---- */

enum { CHANNELS = 19, GROUPS = 3, INPUTS = 170, POSITIONS = 5, WEIGHTS = GROUPS * 8 * INPUTS };

struct bytes_case {
    int8_t weights[GROUPS * 8][INPUTS], in[POSITIONS * INPUTS];
    int32_t pairs[WEIGHTS / 2], bytes[WEIGHTS / 4], starts[GROUPS * 8], records[2 * CHANNELS];
};

static int32_t any(int32_t least, int32_t most)
{
    static uint32_t seed = 26;
    seed = seed * 1664525u + 1013904223u;
    return least + (int32_t)((seed >> 8) % (uint32_t)(most - least + 1));
}

/* Of any size, so near the zero point that more than four share a chunk, or so far that each takes one for itself. */
enum inputs { ANY_INPUTS, SMALL_INPUTS, FAR_INPUTS, INPUT_KINDS };

static void fill_inputs(struct bytes_case *c, int32_t count, int32_t zero_point, enum inputs kind)
{
    for (int i = 0; i < count; i++) {
        int32_t value = any(0, 2) ? any(-128, 127) : 127 - 255 * any(0, 1);
        if (kind == SMALL_INPUTS) value = zero_point + (any(0, 40) ? any(-40, 40) : any(-255, 255));
        if (kind == FAR_INPUTS) value = zero_point < 0 ? 127 : -128;
        c->in[i] = (int8_t)(value < -128 ? -128 : value > 127 ? 127 : value);
    }
}

/* Weights of `inputs` inputs in both forms (kernel/scalar32/mk_scalar32_tile.h). */
static void fill_case(struct bytes_case *c, int32_t inputs)
{
    static const int order[] = {0, 2, 1, 3};
    int32_t *pairs = c->pairs, *bytes = c->bytes;
    memset(c, 0, sizeof *c);
    for (int o = 0; o < CHANNELS; o++)
        for (int i = 0; i < inputs; i++) c->weights[o][i] = (int8_t)(any(0, 9) ? any(-127, 127) : 127 - 254 * any(0, 1));
    for (int first = 0; first < GROUPS * 8; first += 8)
        for (int i = 0; i < inputs; i++) {
            for (int o = first; o < first + 8; o += 2) *pairs++ = c->weights[o][i] + 129 + 65536 * c->weights[o + 1][i];
            for (int o = first; o < first + 8; o += 4) {
                uint32_t word = 0;
                for (int k = 0; k < 4; k++) word |= (uint32_t)(c->weights[o + order[k]][i] + 128) << 8 * k;
                *bytes++ = (int32_t)word;
            }
        }
    for (int o = 0; o < GROUPS * 8; o++) c->starts[o] = any(-100000, 100000);
    for (int o = 0; o < CHANNELS; o++) c->records[2 * o] = any(1 << 30, INT32_MAX), c->records[2 * o + 1] = any(-14, -9);
}

static void weights_of_8_bits_and_chunks_of_four_give_the_same_outputs(void **state)
{
    (void)state;
    static const int16_t zero_points[] = {-128, -3, 0, 90, 127};
    static const uint16_t in_counts[] = {1, 2, 37, 64, 70, INPUTS};
    static struct bytes_case c;
    int inside = 0;
    for (int round = 0; round < 120; round++) {
        const uint16_t inputs = in_counts[round / 5 % 6];
        fill_case(&c, inputs);
        fill_inputs(&c, POSITIONS * inputs, zero_points[round % 5], (enum inputs)(round / 30 % INPUT_KINDS));
        struct mk_conv_scalar32 p = {.in_h = 1, .in_w = POSITIONS, .in_c = inputs, .out_h = 1, .out_w = POSITIONS,
                                     .out_c = CHANNELS, .filter_h = 1, .filter_w = 1, .stride_h = 1, .stride_w = 1,
                                     .in_ring = 1, .out_ring = 1, .in_zero_point = zero_points[round % 5],
                                     .act_min = -128, .act_max = 127, .way = MK_SCALAR32_EXACT, .weights = c.pairs,
                                     .starts = c.starts, .records = c.records};
        int8_t expected[POSITIONS * CHANNELS], out[POSITIONS * CHANNELS + 1];
        mk_conv_2d_s8_gather_scalar32(expected, c.in, &p, 0, 1);
        memset(out, 99, sizeof out);
        mk_conv_2d_s8_quads_scalar32(out, c.in, &p, 0, 1);
        assert_memory_equal(out, expected, sizeof expected);
        assert_int_equal(out[sizeof expected], 99);
        p.weights = c.bytes;
        memset(out, 99, sizeof out);
        mk_conv_2d_s8_bytes_scalar32(out, c.in, &p, 0, 1);
        assert_memory_equal(out, expected, sizeof expected);
        assert_int_equal(out[sizeof expected], 99);
        for (size_t i = 0; i < sizeof expected; i++) inside += expected[i] > -128 && expected[i] < 127;
    }
    assert_true(inside > 3000); /* or outputs that are clamped hide what differs */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_portable_tile_equals_the_reference_with_the_ways_of_rv32),
        cmocka_unit_test(the_portable_tile_equals_the_reference_with_the_ways_of_cortex_m0),
        cmocka_unit_test(weights_of_8_bits_and_chunks_of_four_give_the_same_outputs),
        cmocka_unit_test(the_assembly_equals_the_reference_on_rv32),
        cmocka_unit_test(squares_equal_the_reference_for_want_of_multiplication),
        cmocka_unit_test(squares_equal_the_reference_on_rv32_without_multiplication),
        cmocka_unit_test(the_assembly_equals_the_reference_on_cortex_m0_and_m3),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
