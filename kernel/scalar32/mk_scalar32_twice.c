/* mk_scalar32_twice.c: the same in C, a group at a time; see mk_scalar32_twice.h. */
#include "mk_scalar32_twice.h"

#if !MK_SCALAR32_TWICE_IN_ASSEMBLY
void mk_scalar32_dense_twice(const struct mk_scalar32_dense *d, uint32_t offset, uint32_t positions, int8_t *out,
                             const struct mk_conv_scalar32 *c, const int32_t *records)
{
    static const struct mk_scalar32_missing nothing_missing;
    for (; positions > 0; positions--, offset += d->step) {
        struct mk_scalar32_dense group = *d;
        const int32_t *record = records;
        group.groups = 1;
        for (uint32_t i = 0; i < d->groups; i++, out += MK_SCALAR32_GROUP) {
            int32_t sums[MK_SCALAR32_GROUP_SUMS];
            mk_scalar32_dense_tile(&group, offset, 1, sums);
            record = mk_scalar32_finish_pairs(out, sums, MK_SCALAR32_GROUP, record, c, &nothing_missing, 1);
            group.weights += d->group_bytes / 4;
            group.starts += MK_SCALAR32_GROUP;
        }
    }
}
#endif
