/* mk_armv7em_winograd_portable.c: what the assembly of mk_armv7em_winograd.S computes, for other machines. */
#include "mk_armv7em_portable.h"
#include "mk_armv7em_winograd_stride_2.h"

#if !defined(__arm__)
static uint32_t product(int32_t a, int32_t b)
{
    const int32_t low = (int16_t)(uint16_t)a * (int16_t)(uint16_t)b, high = (a >> 16) * (b >> 16);
    return (uint32_t)low + (uint32_t)high;
}

/* m_j of the left and right four, for four output channels. */
static void multiply(uint32_t m[8], const struct mk_armv7em_winograd *w, uint32_t j, const int32_t *weights)
{
    const uint32_t words = w->bytes_of_inputs / 4;
    memset(m, 0, 8 * sizeof *m);
    for (uint32_t at = 0; at < words; at += MK_ARMV7EM_WINOGRAD_PAIR_WORDS, weights += 4)
        for (uint32_t i = 0; i < 8; i++) m[i] += product(w->inputs[at + 2 * j + i % 2], weights[i / 2]);
}

void mk_armv7em_winograd_tile(const struct mk_armv7em_winograd *w)
{
    static const uint8_t order[6] = {1, 2, 3, 4, 0, 5};
    const uint32_t weights = w->bytes_of_inputs / 4 / MK_ARMV7EM_WINOGRAD_PAIR_WORDS * 4;
    int8_t *out = w->out;
    for (const int32_t *stream = w->stream; stream != w->stream_end; out += 4) {
        const int32_t *const bias = stream;
        uint32_t m[6][8];
        stream += 4;
        for (int i = 0; i < 6; i++, stream += weights) multiply(m[order[i]], w, order[i], stream);
        for (uint32_t i = 0; i < 8; i++) {
            const uint32_t p = m[1][i] + m[2][i] + (uint32_t)bias[i / 2], q = m[1][i] - m[2][i] + (uint32_t)bias[i / 2];
            const uint32_t r = 8 * (m[3][i] + m[4][i]), s = 8 * (m[3][i] - m[4][i]);
            const uint32_t y[4] = {p + r + m[0][i], q + 2 * s, p + 4 * r, q + 8 * s + m[5][i]};
            const int32_t *record = stream + i / 2 * mk_armv7em_record_words(w->way);
            for (uint32_t k = 0; k < 4; k++)
                out[(4 * (i % 2) + k) * w->channels + i / 2] = mk_armv7em_requantize((int32_t)y[k], record, w->way);
        }
        stream += 4 * mk_armv7em_record_words(w->way);
    }
}

void mk_armv7em_winograd_tile_stride_2(const struct mk_armv7em_winograd *w)
{
    static const uint8_t weights_of[5] = {0, 1, 2, 2, 3};
    const uint32_t weights = w->bytes_of_inputs / 4 / MK_ARMV7EM_WINOGRAD_PAIR_WORDS * 4;
    int8_t *out = w->out;
    for (const int32_t *stream = w->stream; stream != w->stream_end; out += 4) {
        const int32_t *const bias = stream, *const records = stream + 4 + 4 * weights;
        uint32_t m[5][8];
        for (uint32_t j = 0; j < 5; j++) multiply(m[j], w, j, stream + 4 + weights_of[j] * weights);
        for (uint32_t i = 0; i < 8; i++) {
            const uint32_t common = (uint32_t)bias[i / 2] + m[0][i];
            const uint32_t y[2] = {common + m[1][i] + m[2][i], common + m[3][i] + m[4][i]};
            const int32_t *record = records + i / 2 * mk_armv7em_record_words(w->way);
            for (uint32_t k = 0; k < 2; k++)
                out[(2 * (i % 2) + k) * w->channels + i / 2] = mk_armv7em_requantize((int32_t)y[k], record, w->way);
        }
        stream = records + 4 * mk_armv7em_record_words(w->way);
    }
}

void mk_armv7em_winograd_slide(int32_t *to, const int32_t *from, uint32_t words)
{
    for (uint32_t i = 0; i < words; i++) to[i] = from[i];
}
#else
typedef int mk_armv7em_winograd_portable_is_not_for_arm;
#endif
