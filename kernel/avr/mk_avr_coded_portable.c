/* mk_avr_coded_portable.c: see mk_avr_coded.h. */
#include "mk_avr_coded.h"

#if !defined(__AVR__)
/* sum x' * (w + 128) of the eight channels of a group of bytes; what follows the group. */
static const uint8_t *sum_bytes(const struct mk_avr_tile *t, uint16_t count, const uint8_t *w, uint32_t *sums)
{
    for (uint16_t k = 0; k < count; k++)
        for (int i = 0; i < MK_AVR_CHANNELS_PER_GROUP; i++) sums[i] += (uint32_t)((int8_t)t->operands[k] + 128) * *w++;
    return w;
}

/* A channel's corrections: adds d * x' to *sum. */
static const uint8_t *correct(const struct mk_avr_tile *t, const uint8_t *w, uint32_t *sum)
{
    const int8_t *x = (const int8_t *)t->operands;
    uint8_t count;
    do {
        count = *w++;
        for (uint8_t k = 0; k < count; k++) {
            x += *w++;
            *sum += (uint32_t)((int8_t)*w++ * (*x + 128));
        }
    } while (count == 255);
    return w;
}

/* As sum_bytes of a group of nibbles; `all` is the sum of x'. */
static const uint8_t *sum_nibbles(const struct mk_avr_tile *t, uint16_t count, uint32_t all, const uint8_t *w, uint32_t *sums)
{
    for (uint16_t k = 0; k < count; k++)
        for (int i = 0; i < MK_AVR_CHANNELS_PER_GROUP; i += 2, w++) {
            const uint32_t x = (uint32_t)((int8_t)t->operands[k] + 128);
            sums[i] += x * (*w & 15u);
            sums[i + 1] += x * (uint32_t)(*w >> 4);
        }
    const uint8_t base = *w++;
    for (int i = 0; i < MK_AVR_CHANNELS_PER_GROUP; i++) {
        sums[i] += all * (128u - base);
        w = correct(t, w, &sums[i]);
    }
    return w;
}

void mk_avr_coded(struct mk_avr_tile *t)
{
    const uint8_t *const sum = t->more_corrections[0], *const count = t->more_corrections[1];
    const uint32_t all = sum[0] | (uint32_t)sum[1] << 8 | (uint32_t)sum[2] << 16;
    const uint16_t inputs = (uint16_t)(count[0] + 256 * (count[0] ? count[1] - 1 : count[1]));
    t->group_bytes = 0;
    while (t->channels > 0) {
        uint32_t sums[MK_AVR_CHANNELS_PER_GROUP] = {0};
        const uint8_t form = *t->weights++;
        t->weights = form == MK_AVR_FORM_NIBBLES ? sum_nibbles(t, inputs, all, t->weights, sums)
                                                 : sum_bytes(t, inputs, t->weights, sums);
        mk_avr_finish_group_portable(t, sums);
    }
}
#else
typedef int mk_avr_coded_portable_is_not_for_avr;
#endif
