/* mk_armv7em_depthwise_portable.c: what the assembly of mk_armv7em_depthwise.S computes, for other machines. */
#include "mk_armv7em_depthwise.h"
#include "mk_armv7em_portable.h"

#if !defined(__arm__)
static int32_t half(int32_t word, int top)
{
    return top ? word >> 16 : (int16_t)(uint16_t)word;
}

void mk_armv7em_depthwise_taps(const struct mk_armv7em_taps *taps)
{
    struct mk_armv7em_taps t = *taps;
    while (t.stream != t.stream_end) {
        uint32_t sums[4];
        for (uint32_t i = 0; i < 4; i++) sums[i] = (uint32_t)*t.stream++;
        const uint32_t channel = (uint32_t)*t.stream++;
        for (uint32_t pair = 0; pair < t.pairs; pair++)
            for (uint32_t i = 0; i < 4; i++, t.stream++)
                for (int k = 0; k < 2; k++)
                    sums[i] += (uint32_t)(t.list[2 * pair + (uint32_t)k][channel + i] * half(*t.stream, k));
        for (uint32_t i = 0; i < 4; i++) t.sums[i] = (int32_t)sums[i];
        if (t.way == MK_ARMV7EM_EXACT) {
            mk_armv7em_depthwise_exactly(&t, channel);
            continue;
        }
        for (uint32_t i = 0; i < 4; i++, t.stream += mk_armv7em_record_words(t.way))
            t.out[channel + i] = mk_armv7em_requantize(t.sums[i], t.stream, t.way);
    }
}
#else
typedef int mk_armv7em_depthwise_portable_is_not_for_arm;
#endif
