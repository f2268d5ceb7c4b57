/* check_armv7em.c: assembly functions of kernel/armv7em on the simulated chip: call-saved registers survive, every output byte
 * is written and no byte around the outputs, and sums are those of the formula. What else they compute is tested layer by
 * layer elsewhere. Prints each fault and "done". */
#include "mk_armv7em_sum_linear.h"
#include "mk_armv7em_sum_tables.h"
#include "mk_armv7em_winograd_expand.h"
#include "mk_armv7em_winograd_stride_2.h"

#include "check_cortex_m.h"

static int32_t words[8192]; /* zeros: all outputs are zero */

static void check_tiles(void)
{
    for (uint32_t way = MK_ARMV7EM_SMALL; way <= MK_ARMV7EM_LARGE_SIGN; way++)
        for (uint32_t channels = 4; channels <= 12; channels += 4)
            for (uint32_t inputs = 4; inputs <= 64; inputs += 4) {
                const uint32_t pairs = 3 * inputs / 2, records = way == MK_ARMV7EM_SMALL || way == MK_ARMV7EM_LARGE ? 2 : 3;
                const struct mk_armv7em_winograd tile = {
                    .inputs = words, .bytes_of_inputs = 48 * pairs, .out = out + GUARD, .channels = channels,
                    .stream = words, .stream_end = words + channels * (1 + 6 * pairs + records), .way = way};
                struct mk_armv7em_winograd stride_2 = tile;
                stride_2.stream_end = words + channels * (1 + 4 * pairs + records);
                check("winograd_tile", (void *)mk_armv7em_winograd_tile, (void *const[5]){(void *)&tile}, 8 * channels);
                check("winograd_tile_stride_2", (void *)mk_armv7em_winograd_tile_stride_2,
                      (void *const[5]){(void *)&stride_2}, 4 * channels);
            }
}

static void check_weights(void)
{
    for (uint32_t quads = 6; quads <= 12; quads += 6)
        for (uint32_t channel = 0; channel < 4; channel++) {
            memset(out, UNTOUCHED, sizeof out);
            check("winograd_slide", (void *)mk_armv7em_winograd_slide, (void *const[5]){out + GUARD, words, (void *)(8 * quads)},
                  32 * quads);
            memset(out, UNTOUCHED, sizeof out);
            int32_t *const to = (int32_t *)(void *)(out + GUARD) + channel;
            const uint32_t pass_bytes = 32 * quads;
            if (check_cortex_m_call((void *)mk_armv7em_winograd_expand,
                                    (void *const[5]){to, words, (void *)pass_bytes, (void *)quads}))
                print("winograd_expand: a register is lost\n");
            for (uint32_t i = 0; i < MOST_OUT; i++) {
                const int own = i >= GUARD && i < GUARD + 6 * pass_bytes && i % 16 / 4 == (GUARD / 4 + channel) % 4;
                if (own != (out[i] != UNTOUCHED)) {
                    print("winograd_expand: writes too little or too much\n");
                    return;
                }
            }
        }
}

static void check_sums(void)
{
    static int32_t table[256];
    static int8_t a[256], b[256];
    const struct mk_sum_tables tables = {.a_table = table, .b_table = table};
    const struct mk_sum_linear line = {.a_multiplier = 1234567891, .b_multiplier = -876543219, .start = -7654321};
    for (uint32_t i = 0; i < 256; i++) a[i] = (int8_t)(i * 37), b[i] = (int8_t)(i * i * 11 + i);
    for (uint32_t count = 1; count <= 64; count++) {
        check("sum_tables", (void *)mk_armv7em_sum_tables,
              (void *const[5]){out + GUARD, a, b, (void *)count, (void *)&tables}, 4 * count);
        check("sum_linear", (void *)mk_armv7em_sum_linear, (void *const[5]){out + GUARD, a, a, (void *)count, (void *)&(
              const struct mk_sum_linear){0}}, 4 * count);
        mk_armv7em_sum_linear(out, a, b, count, &line);
        for (uint32_t i = 0; i < 4 * count; i++) {
            const int64_t sum = line.start + ((int64_t)line.a_multiplier * a[i] >> 8) + ((int64_t)line.b_multiplier * b[i] >> 8);
            const int64_t value = (int32_t)sum >> 21;
            if (out[i] != (value < -128 ? -128 : value > 127 ? 127 : value)) print("sum_linear: wrong\n");
        }
    }
}

int main(void)
{
    check_tiles();
    check_weights();
    check_sums();
    check_end();
    return 0;
}
