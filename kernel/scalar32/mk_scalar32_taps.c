/* mk_scalar32_taps.c: the sums in C, which compilers do well but for Cortex-M0; see mk_scalar32_taps.h. */
#include "mk_scalar32_taps.h"

#include "mk_scalar32_assembly.h"

#if !MK_SCALAR32_TAPS_IN_ASSEMBLY
void mk_scalar32_sum_taps(const struct mk_scalar32_taps *t)
{
    const int32_t *starts = t->starts;
    int32_t *sums = t->sums;
    const uint32_t channels = t->channels;
    for (uint32_t channel = t->first; channel != t->first + 4 * t->quads; channel += 4, starts += 4, sums += 4) {
        int32_t a = starts[0], b = starts[1], c = starts[2], d = starts[3];
        const int8_t *weights = t->weights + channel;
        for (const int8_t *const *list = t->list; list != t->list_end; weights += channels) {
            const int8_t *const in = *list++ + channel;
            a += in[0] * weights[0];
            b += in[1] * weights[1];
            c += in[2] * weights[2];
            d += in[3] * weights[3];
        }
        sums[0] = a, sums[1] = b, sums[2] = c, sums[3] = d;
    }
}
#endif
