/* check_mve.c: the assembly functions of kernel/mve on the simulated chip: call-saved registers survive, every output byte is
 * written and no byte around the outputs. What they compute is tested layer by layer elsewhere. Prints each fault and "done". */
#include "mk_mve_copy.h"
#include "mk_mve_short.h"
#include "mk_mve_sum_tables.h"
#include "mk_mve_tile.h"
#include "mk_mve_vector.h"
#include "mk_mve_windows.h"

#include "check_cortex_m.h"

static int8_t in[MOST_OUT];
static int32_t stream[8192]; /* zeros: all outputs are zero */

static void check_tiles(void)
{
    static void *const tiles[] = {(void *)mk_mve_tile_fast, (void *)mk_mve_tile_sign, (void *)mk_mve_tile_exact};
    for (uint32_t i = 0; i < 3 * 6 * 9 * 4; i++) {
        const uint32_t way = i % 3, positions = i / 3 % 6 + 1, blocks = i / 18 % 9 + 1, channels = i / 162 * 6 + 1;
        struct mk_mve_tile tile = {in, 16, 16 * blocks, positions, out + GUARD, channels, stream, 0, -128, 127};
        check("tile", tiles[way], (void *const[5]){&tile}, positions * channels);
    }
    for (uint32_t i = 0; i < 12; i++) {
        const uint32_t positions = i % 4 * 2 + 2, channels = i / 4 * 8 + 8;
        struct mk_mve_tile tile = {in, 16, 16, positions, out + GUARD, channels, stream, 0, -128, 127};
        check("short_pairs", (void *)mk_mve_short_pairs, (void *const[5]){&tile}, positions * channels);
    }
}

/* Short pairs are what the tile makes of the same stream, none of it zeros, inputs and steps at odd places. */
static void check_short_sums(void)
{
    static int8_t expected[MOST_OUT], inputs[256];
    static int32_t words[1 + 3 * 2 * 24];
    uint32_t random = 1;
    for (uint32_t i = 0; i < sizeof inputs; i++) inputs[i] = (int8_t)((random = random * 1664525u + 1013904223u) >> 24);
    for (uint32_t i = 0; i < sizeof words / 4; i++) words[i] = (int32_t)(random = random * 1664525u + 1013904223u);
    words[0] = 1 << 10;
    for (uint32_t half = 0; half < 6; half++)
        for (uint32_t i = 0; i < 4; i++) {
            words[1 + 24 * half + 16 + i] >>= 6; /* b */
            words[1 + 24 * half + 20 + i] &= 0xfffffff; /* M */
        }
    for (uint32_t i = 0; i < 36; i++) {
        const uint32_t positions = i % 4 * 2 + 2, channels = i / 4 % 3 * 8 + 8, step = i / 12 * 5 + 7;
        struct mk_mve_tile tile = {inputs + 1, step, 16, positions, expected, channels, words, 0, -128, 127};
        mk_mve_tile_fast(&tile);
        tile.out = out;
        mk_mve_short_pairs(&tile);
        int varies = 0;
        for (uint32_t k = 1; k < positions * channels; k++) varies |= expected[k] != expected[0];
        if (memcmp(out, expected, positions * channels) != 0 || !varies) print("short_pairs: not what the tile makes\n");
    }
}

static void check_vectors(void)
{
    static void *const vectors[] = {(void *)mk_mve_vector_fast, (void *)mk_mve_vector_sign, (void *)mk_mve_vector_exact};
    for (uint32_t i = 0; i < 3 * 9 * 20; i++) {
        const uint32_t blocks = i / 3 % 9 + 1, channels = i / 27 + 1;
        struct mk_mve_tile tile = {in, 0, 16 * blocks, 1, out + GUARD, channels, stream, 0, -128, 127};
        check("vector", vectors[i % 3], (void *const[5]){&tile}, channels);
    }
}

static void check_windows(uint32_t outputs, uint32_t count, uint32_t starts, uint32_t way, uint32_t channels)
{
    static uint8_t cells[16];
    static int8_t pattern[48];
    static uint16_t offsets[256];
    static int32_t sums[256];
    const struct mk_mve_segment segments[2] = {{0, count}, {0, 1}};
    const uint32_t all = outputs * (count + 1);
    for (uint32_t i = 0; i < all; i++) offsets[i] = (uint16_t)(i * channels);
    struct mk_mve_windows windows = {.in = in, .block_bytes = 256, .out = out + GUARD, .channels = channels, .stream = stream,
                                     .record_bytes = 16 + (way ? 16 : 8) + (starts ? 4 * outputs : 0), .scale = 1,
                                     .segments = segments, .segments_end = segments + 2, .step = 16, .sums = sums,
                                     .offsets = offsets, .sum_count = all, .cells = cells, .lanes = 15, .outputs = outputs,
                                     .starts = starts, .way = way, .act_min = -128, .act_max = 127,
                                     .pattern = pattern + 16, .shifted = {pattern, pattern, pattern, pattern, pattern}};
    check("windows", (void *)mk_mve_windows, (void *const[5]){&windows}, all * channels);
}

static void check_copies(uint32_t bytes, uint32_t count)
{
    const struct mk_mve_blocks blocks = {bytes, bytes, bytes, 16, 16};
    const uint32_t whole = bytes < 16 ? 0 : (bytes - 16) / 15 + 1;
    const struct mk_mve_scatter scatter = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
                                           15, 15, whole, bytes - 15 * whole, in, 3, bytes};
    static const int8_t *const rows[4] = {in, NULL, in, in};
    static int32_t table[256];
    const struct mk_sum_tables tables = {.a_table = table, .b_table = table};
    check("copy_blocks", (void *)mk_mve_copy_blocks, (void *const[5]){out + GUARD, in, (void *)count, (void *)&blocks},
          bytes * count);
    check("scatter", (void *)mk_mve_scatter, (void *const[5]){out + GUARD, (void *)rows, (void *)count, (void *)&scatter},
          bytes * count);
    check("sum_tables", (void *)mk_mve_sum_tables, (void *const[5]){out + GUARD, in, in, (void *)bytes, (void *)&tables},
          8 * bytes);
}

int main(void)
{
    check_tiles();
    check_short_sums();
    check_vectors();
    for (uint32_t i = 0; i < 5 * 2 * 3 * 3; i++)
        for (uint32_t count = 1; count < 20; count++)
            check_windows(i % 5 + 1, count, i / 5 % 2, i / 10 % 3, i / 30 * 15 + 1);
    for (uint32_t bytes = 1; bytes < 50; bytes++)
        for (uint32_t count = 1; count < 5; count++) check_copies(bytes, count);
    check_end();
    return 0;
}
