/* mk_average_pool_2d_s8_quads_armv7em.c: average pools, four channels at a time: of each tap one word, added up in two words of
 * two 16-bit sums, about 2 instructions per element. Up to 255 taps, 4 channels or more; channels that are left over go
 * with a group that overlaps the one before. */
#include "mk_pool_steps.h"

/* A window's rows and columns inside the input. */
struct window {
    const int8_t *in;
    size_t row_bytes, element; /* of the first column, first channel */
    uint16_t first_row, rows, columns;
};

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

static void pool_four(int8_t *out, const struct window *w, const struct mk_pool *c, uint16_t channel)
{
    uint32_t even = 0, odd = 0;
    uint16_t row = w->first_row;
    for (uint16_t i = 0; i < w->rows; i++, row = mk_ring_forward(row, 1, c->in_ring)) {
        const int8_t *from = mk_input_row(w->in, row, w->row_bytes, c->in_ring);
        from += w->element + channel;
        for (uint16_t j = 0; j < w->columns; j++, from += c->channels) {
            uint32_t word;
            memcpy(&word, from, sizeof word);
            even = add_halves(even, word, 0);
            odd = add_halves(odd, word, 1);
        }
    }
    const uint16_t sums[4] = {(uint16_t)even, (uint16_t)odd, (uint16_t)(even >> 16), (uint16_t)(odd >> 16)};
    const uint16_t taps = (uint16_t)(w->rows * w->columns);
    for (int i = 0; i < 4; i++)
        out[channel + i] = (int8_t)mk_clamp(mk_rounded_mean((int16_t)sums[i], taps), c->act_min, c->act_max);
}

void mk_average_pool_2d_s8_quads_armv7em(int8_t *out, const int8_t *in, MK_FLASH struct mk_pool *p, uint16_t row_begin,
                                         uint16_t row_end)
{
    MK_PARAMS(struct mk_pool, c, p);
    struct window w = {.in = in, .row_bytes = (size_t)c->in_w * c->channels};
    const uint16_t last = (uint16_t)(c->channels - 4);
    for (uint16_t r = row_begin; r < row_end; r++) {
        const uint16_t n = (uint16_t)(r / c->out_h), y = (uint16_t)(r % c->out_h);
        const int32_t origin_y = (int32_t)((uint32_t)y * c->stride_h) - c->pad_top;
        const struct mk_taps taps_y = mk_taps_inside(origin_y, c->in_h, c->filter_h, 1);
        const uint16_t row = (uint16_t)(origin_y + taps_y.begin);
        w.first_row = mk_input_number(n, c->in_h, row, row, c->in_ring);
        w.rows = (uint16_t)(taps_y.end - taps_y.begin);
        int8_t *to = out + (size_t)(r % c->out_ring) * c->out_w * c->channels;
        for (uint16_t x = 0; x < c->out_w; x++, to += c->channels) {
            const int32_t origin_x = (int32_t)((uint32_t)x * c->stride_w) - c->pad_left;
            const struct mk_taps taps_x = mk_taps_inside(origin_x, c->in_w, c->filter_w, 1);
            w.columns = (uint16_t)(taps_x.end - taps_x.begin);
            w.element = (size_t)(origin_x + taps_x.begin) * c->channels;
            for (uint16_t channel = 0; channel < last; channel = (uint16_t)(channel + 4)) pool_four(to, &w, c, channel);
            pool_four(to, &w, c, last);
        }
    }
}
