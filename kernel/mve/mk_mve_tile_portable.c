/* mk_mve_tile_portable.c: the twin of mk_mve_tile.S. */
#include "mk_mve_portable.h"
#include "mk_mve_tile.h"

static int32_t sum_of(const int8_t *in, const int32_t *weights, uint32_t blocks, uint32_t lane, int descends)
{
    int32_t sum = 0;
    for (uint32_t i_block = 0; i_block < blocks; i_block++, weights += 16) {
        const uint32_t k = descends ? blocks - 1 - i_block : i_block;
        const int8_t *w = (const int8_t *)(const void *)(weights + 4 * lane);
        for (uint32_t i = 0; i < 16; i++) sum += in[16 * k + i] * w[i];
    }
    return sum;
}

static void run(const struct mk_mve_tile *t, uint32_t way)
{
    const uint32_t blocks = t->bytes_of_inputs / 16, fields = mk_mve_fields(way), half_words = 16 * blocks + 4 * fields;
    const struct mk_mve_scale scale = {t->stream[0], t->zero_point, t->act_min, t->act_max};
    for (uint32_t p = 0; p < t->positions; p++)
        for (uint32_t o = 0; o < t->channels; o++) {
            const int32_t *half = t->stream + 1 + (o / 8 * 2 + o % 2) * half_words;
            const uint32_t lane = o % 8 / 2;
            int32_t record[MK_MVE_MOST_FIELDS];
            for (uint32_t f = 0; f < fields; f++) record[f] = half[16 * blocks + 4 * f + lane];
            const int32_t sum = sum_of(t->in + p * t->step, half, blocks, lane, o % 2);
            t->out[p * t->channels + o] = mk_mve_requantize(sum, record, &scale, way);
        }
}

void mk_mve_tile_fast(const struct mk_mve_tile *tile)
{
    run(tile, MK_MVE_FAST);
}

void mk_mve_tile_sign(const struct mk_mve_tile *tile)
{
    run(tile, MK_MVE_SIGN);
}

void mk_mve_tile_exact(const struct mk_mve_tile *tile)
{
    run(tile, MK_MVE_EXACT);
}
