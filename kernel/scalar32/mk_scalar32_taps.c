/* mk_scalar32_taps.c: the sums in C, which compilers do well but for Cortex-M0; see mk_scalar32_taps.h. */
#include "mk_scalar32_taps.h"

#include "mk_scalar32_assembly.h"
#include "mk_scalar32_squares.h"

#if !MK_SCALAR32_TAPS_IN_ASSEMBLY
/* Products are 2^SHIFT times as large; sums of four times 2^24 fit. */
#if MK_SCALAR32_BY_SQUARES
enum { SHIFT = 2 };
#define PRODUCT(x, w) mk_scalar32_four_products(x, w)
#else
enum { SHIFT = 0 };
#define PRODUCT(x, w) ((x) * (w))
#endif

void mk_scalar32_sum_taps(const struct mk_scalar32_taps *t)
{
    const int32_t *starts = t->starts;
    int32_t *sums = t->sums;
    const uint32_t channels = t->channels, end = t->first + 4 * t->quads;
    const int8_t *const *const list_end = t->list_end;
    for (uint32_t channel = t->first; channel != end; channel += 4, starts += 4, sums += 4) {
        int32_t a = starts[0] * (1 << SHIFT), b = starts[1] * (1 << SHIFT), c = starts[2] * (1 << SHIFT), d = starts[3] * (1 << SHIFT);
        const int8_t *weights = t->weights + channel;
        for (const int8_t *const *list = t->list; list != list_end; weights += channels) {
            const int8_t *const in = *list++ + channel;
            a += PRODUCT(in[0], weights[0]);
            b += PRODUCT(in[1], weights[1]);
            c += PRODUCT(in[2], weights[2]);
            d += PRODUCT(in[3], weights[3]);
        }
        sums[0] = a >> SHIFT, sums[1] = b >> SHIFT, sums[2] = c >> SHIFT, sums[3] = d >> SHIFT;
    }
}
#endif
