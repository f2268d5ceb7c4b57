/* mk_scalar32_requantize.c: see mk_scalar32_requantize.h. */
#include "mk_scalar32_requantize.h"

#include "mk_requantize.h"

/* Assembly reads these fields where they are. */
#define MK_OFFSET_IS(field, bytes)                                                                                     \
    typedef char mk_offset_of_##field[offsetof(struct mk_conv_scalar32, field) == (bytes) ? 1 : -1]
MK_OFFSET_IS(out_zero_point, 30);
MK_OFFSET_IS(act_min, 32);
MK_OFFSET_IS(act_max, 34);
MK_OFFSET_IS(way, 36);
MK_OFFSET_IS(shift_before, 38);
MK_OFFSET_IS(shift_after, 40);
MK_OFFSET_IS(slack, 44);

MK_NOINLINE int32_t mk_scalar32_exactly(int32_t sum, int32_t multiplier, int32_t shift)
{
    return mk_multiply_by_quantized_multiplier(sum, multiplier, (int)shift);
}

static MK_NOINLINE int8_t requantise(int32_t sum, const int32_t *record, const struct mk_conv_scalar32 *c)
{
    int32_t value;
    if (c->way == MK_SCALAR32_ESTIMATE) {
        const int32_t high = (sum >> c->shift_before) * record[0] + record[1];
        value = high >> c->shift_after;
        if (value != (high - c->slack) >> c->shift_after)
            value = mk_scalar32_exactly(sum, record[2], record[3]) + c->out_zero_point;
    } else if (c->way == MK_SCALAR32_EXACT) {
        value = mk_scalar32_exactly(sum, record[0], record[1]) + c->out_zero_point;
    } else {
        const int32_t scaled = (int32_t)((uint32_t)sum << 8);
        value = (int32_t)((int64_t)scaled * record[0] >> 32) + record[1];
        if (c->way == MK_SCALAR32_HIGH_SIGN) value -= scaled >> 31 & record[2];
        value >>= c->shift_after;
    }
    return (int8_t)mk_clamp(value, c->act_min, c->act_max);
}

void mk_scalar32_finish(int8_t *out, size_t step, const int32_t *sums, uint32_t count, const int32_t *record,
                        const struct mk_conv_scalar32 *c)
{
    for (const int32_t *const end = sums + count; sums != end; out += step) *out = requantise(*sums++, record, c);
}

void mk_scalar32_finish_sums(int8_t *out, const int32_t *sums, uint32_t channels, const int32_t *records,
                             const struct mk_conv_scalar32 *c)
{
#if MK_SCALAR32_TILE_IN_ASSEMBLY
    if (mk_scalar32_has_assembly(c)) {
        mk_scalar32_finish_sums_assembly(out, sums, channels, records, c);
        return;
    }
#endif
    const uint32_t words = mk_scalar32_record_words(c->way);
    for (const int32_t *const end = sums + channels; sums != end; records += words)
        *out++ = requantise(*sums++, records, c);
}

/* One position. */
static void finish_pairs(int8_t *out, const int32_t *sums, uint32_t channels, const int32_t *records,
                         const struct mk_conv_scalar32 *c, const struct mk_scalar32_missing *missing)
{
    const uint32_t words = mk_scalar32_record_words(c->way);
    for (uint32_t channel = 0; channel < channels; channel++, records += words) {
        const int32_t *const pair = sums + channel / 2 * 2;
        const uint32_t high = (uint32_t)pair[1] + missing->borrows;
        const uint32_t sum = channel % 2 ? high : (uint32_t)pair[0] - (high << 16) - missing->offsets;
        *out++ = requantise((int32_t)sum, records, c);
    }
}

const int32_t *mk_scalar32_finish_pairs(int8_t *out, const int32_t *sums, uint32_t channels, const int32_t *records,
                                        const struct mk_conv_scalar32 *c, const struct mk_scalar32_missing *missing,
                                        uint32_t positions)
{
#if MK_SCALAR32_TILE_IN_ASSEMBLY
    if (mk_scalar32_has_assembly(c)) {
        mk_scalar32_finish_pairs_assembly(out, sums, channels, records, c, missing, positions);
        positions = 0;
    }
#endif
    for (; positions > 0; positions--, out += channels) {
        finish_pairs(out, sums, channels, records, c, missing++);
        sums += mk_scalar32_groups(channels) * MK_SCALAR32_GROUP_SUMS;
    }
    return records + channels * mk_scalar32_record_words(c->way);
}
