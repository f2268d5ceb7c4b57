/* mk_avr_sparse_portable.c: see mk_avr_sparse.h. */
#include "mk_avr_sparse.h"

#if !defined(__AVR__)
void mk_avr_gather(struct mk_avr_gather *g, const int8_t *from, uint8_t count)
{
    for (; count > 0; count--) mk_avr_gather_fill(g, (uint8_t)(*from++ + 128), 1);
}

void mk_avr_sparse(struct mk_avr_tile *t)
{
    while (t->channels > 0) {
        uint32_t sums[MK_AVR_CHANNELS_PER_GROUP] = {0};
        ptrdiff_t at = -1; /* of the weights */
        for (const uint8_t *entry = t->operands; entry < t->operands + 2 * t->operand_count; entry += 2) {
            at += 256 - entry[0];
            for (int i = 0; i < MK_AVR_CHANNELS_PER_GROUP; i++) sums[i] += (uint32_t)t->weights[at + i] * entry[1];
            at += MK_AVR_CHANNELS_PER_GROUP - 1;
        }
        mk_avr_finish_group_portable(t, sums);
    }
}
#else
typedef int mk_avr_sparse_portable_is_not_for_avr;
#endif
