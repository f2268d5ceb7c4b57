/* mk_scalar32_taps.c: the sums in C, which compilers do well but for Cortex-M0; see mk_scalar32_taps.h. */
#include "mk_scalar32_taps.h"

#include "mk_scalar32_assembly.h"
#include "mk_scalar32_squares.h"

#if !MK_SCALAR32_TAPS_IN_ASSEMBLY
/* Sums of products are 2^PRODUCT_SHIFT times as large. */
#if MK_SCALAR32_BY_SQUARES
enum { PRODUCT_SHIFT = 2 };
#define PRODUCT(x, w) mk_scalar32_four_products(x, w)
#else
enum { PRODUCT_SHIFT = 0 };
#define PRODUCT(x, w) ((x) * (w))
#endif

void mk_scalar32_sum_taps(const struct mk_scalar32_taps *t)
{
    const int32_t *starts = t->starts;
    int32_t *sums = t->sums;
    const uint32_t channels = t->channels;
    for (uint32_t channel = t->first; channel != t->first + 4 * t->quads; channel += 4, starts += 4, sums += 4) {
        int32_t a = 0, b = 0, c = 0, d = 0;
        const int8_t *weights = t->weights + channel;
        for (const int8_t *const *list = t->list; list != t->list_end; weights += channels) {
            const int8_t *const in = *list++ + channel;
            a += PRODUCT(in[0], weights[0]);
            b += PRODUCT(in[1], weights[1]);
            c += PRODUCT(in[2], weights[2]);
            d += PRODUCT(in[3], weights[3]);
        }
        sums[0] = starts[0] + (a >> PRODUCT_SHIFT), sums[1] = starts[1] + (b >> PRODUCT_SHIFT);
        sums[2] = starts[2] + (c >> PRODUCT_SHIFT), sums[3] = starts[3] + (d >> PRODUCT_SHIFT);
    }
}
#endif
