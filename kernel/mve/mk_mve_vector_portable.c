/* mk_mve_vector_portable.c: the twin of mk_mve_vector.S. */
#include "mk_mve_portable.h"
#include "mk_mve_vector.h"

static void run(const struct mk_mve_tile *t, uint32_t way)
{
    const uint32_t blocks = t->bytes_of_inputs / 16, fields = mk_mve_fields(way), group_words = 32 * blocks + 8 * fields;
    const struct mk_mve_scale scale = {t->stream[0], t->zero_point, t->act_min, t->act_max};
    for (uint32_t o = 0; o < t->channels; o++) {
        const uint32_t half = o % 2, lane = o % 8 / 2;
        const int32_t *const group = t->stream + 1 + o / 8 * group_words;
        int32_t record[MK_MVE_MOST_FIELDS], sum = 0;
        for (uint32_t i = 0; i < 16 * blocks; i++) {
            const int8_t *const weights = (const int8_t *)(const void *)(group + 32 * (i / 16) + 16 * half + 4 * lane);
            sum += t->in[i] * weights[i % 16];
        }
        for (uint32_t f = 0; f < fields; f++) record[f] = group[32 * blocks + 4 * (half * fields + f) + lane];
        t->out[o] = mk_mve_requantize(sum, record, &scale, way);
    }
}

void mk_mve_vector_fast(const struct mk_mve_tile *tile)
{
    run(tile, MK_MVE_FAST);
}

void mk_mve_vector_sign(const struct mk_mve_tile *tile)
{
    run(tile, MK_MVE_SIGN);
}

void mk_mve_vector_exact(const struct mk_mve_tile *tile)
{
    run(tile, MK_MVE_EXACT);
}
