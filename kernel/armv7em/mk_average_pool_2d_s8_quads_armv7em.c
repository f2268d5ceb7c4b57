/* mk_average_pool_2d_s8_quads_armv7em.c: average pools, four channels at a time: of each tap one word, added up in two words of
 * two 16-bit sums, about 2 instructions per element. Up to 255 taps, 4 channels or more; channels that are left over go
 * with a group that overlaps the one before. */
#include "mk_armv7em_pool.h"

/* Two sums of 16 bits side by side: += bytes 0 and 2 of a word, sign-extended, or 1 and 3 if odd. */
static inline uint32_t add_halves(uint32_t sums, uint32_t word, int odd)
{
#if defined(__ARM_FEATURE_DSP)
    if (odd) __asm__("sxtab16 %0, %0, %1, ror #8" : "+r"(sums) : "r"(word));
    else __asm__("sxtab16 %0, %0, %1" : "+r"(sums) : "r"(word));
    return sums;
#else
    if (odd) word >>= 8;
    const uint16_t low = (uint16_t)((int32_t)(sums & 0xffffu) + (int8_t)(uint8_t)word);
    const uint16_t high = (uint16_t)((int32_t)(sums >> 16) + (int8_t)(uint8_t)(word >> 16));
    return low | (uint32_t)high << 16;
#endif
}

static void pool_four(int8_t *out, const struct mk_armv7em_pool_window *w, const struct mk_pool *c, uint16_t channel)
{
    uint32_t even = 0, odd = 0;
    uint16_t row = w->first_row;
    for (uint16_t i = 0; i < w->rows; i++, row = mk_ring_forward(row, 1, c->in_ring)) {
        const int8_t *from = mk_input_row(w->in, row, w->row_bytes, c->in_ring);
        from += w->element + channel;
        for (uint32_t left = w->columns; left > 0; left--, from += c->channels) {
            uint32_t word;
            memcpy(&word, from, sizeof word);
            even = add_halves(even, word, 0);
            odd = add_halves(odd, word, 1);
        }
    }
    const int16_t sums[4] = {(int16_t)(uint16_t)even, (int16_t)(uint16_t)odd, (int16_t)(uint16_t)(even >> 16),
                             (int16_t)(uint16_t)(odd >> 16)};
    mk_armv7em_pool_finish(out + channel, sums, 4, w, c);
}

static void pool_channels(int8_t *out, const struct mk_armv7em_pool_window *w, const struct mk_pool *c)
{
    const uint16_t last = (uint16_t)(c->channels - 4);
    for (uint16_t channel = 0; channel < last; channel = (uint16_t)(channel + 4)) pool_four(out, w, c, channel);
    pool_four(out, w, c, last);
}

void mk_average_pool_2d_s8_quads_armv7em(int8_t *out, const int8_t *in, MK_FLASH struct mk_pool *p, uint16_t row_begin,
                                         uint16_t row_end)
{
    mk_armv7em_pool(out, in, p, row_begin, row_end, pool_channels);
}
