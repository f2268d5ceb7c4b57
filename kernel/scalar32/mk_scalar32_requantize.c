/* mk_scalar32_requantize.c: see mk_scalar32_requantize.h. */
#include "mk_scalar32_requantize.h"

int32_t mk_scalar32_exactly(int32_t sum, int32_t multiplier, int32_t shift)
{
    return mk_multiply_by_quantized_multiplier(sum, multiplier, (int)shift);
}

/* `count` sums to outputs `step` bytes apart; each has a record of its own, or all have one. */
static inline void finish(int8_t *out, size_t step, const int32_t *sums, uint32_t count, const int32_t *record,
                          int has_own, const struct mk_conv_scalar32 *c, uint32_t way)
{
    const struct mk_scalar32_output output = mk_scalar32_output(c);
    const uint32_t words = mk_scalar32_record_words(way);
    int32_t own[4] = {record[0], record[1], words > 2 ? record[2] : 0, words > 3 ? record[3] : 0};
    for (const int32_t *const end = sums + count; sums != end; out += step) {
        if (has_own) {
            for (uint32_t i = 0; i < words; i++) own[i] = record[i];
            record += words;
        }
        *out = mk_scalar32_requantize(*sums++, own, &output, way);
    }
}

const int32_t *mk_scalar32_finish(int8_t *out, size_t step, const int32_t *sums, uint32_t count, const int32_t *record,
                                  const struct mk_conv_scalar32 *c)
{
    switch (c->way) {
    case MK_SCALAR32_HIGH: finish(out, step, sums, count, record, 0, c, MK_SCALAR32_HIGH); break;
    case MK_SCALAR32_HIGH_SIGN: finish(out, step, sums, count, record, 0, c, MK_SCALAR32_HIGH_SIGN); break;
    case MK_SCALAR32_ESTIMATE: finish(out, step, sums, count, record, 0, c, MK_SCALAR32_ESTIMATE); break;
    default: finish(out, step, sums, count, record, 0, c, MK_SCALAR32_EXACT); break;
    }
    return record + mk_scalar32_record_words(c->way);
}

void mk_scalar32_finish_channels(int8_t *out, const int32_t *sums, uint32_t count, const int32_t *record,
                                 const struct mk_conv_scalar32 *c)
{
    switch (c->way) {
    case MK_SCALAR32_HIGH: finish(out, 1, sums, count, record, 1, c, MK_SCALAR32_HIGH); break;
    case MK_SCALAR32_HIGH_SIGN: finish(out, 1, sums, count, record, 1, c, MK_SCALAR32_HIGH_SIGN); break;
    case MK_SCALAR32_ESTIMATE: finish(out, 1, sums, count, record, 1, c, MK_SCALAR32_ESTIMATE); break;
    default: finish(out, 1, sums, count, record, 1, c, MK_SCALAR32_EXACT); break;
    }
}

struct missing {
    uint32_t borrows, offsets;
};

static inline void finish_pairs(int8_t *out, const int32_t *sums, uint32_t channels, struct missing missing,
                                const int32_t *record, const struct mk_conv_scalar32 *c, uint32_t way)
{
    const struct mk_scalar32_output output = mk_scalar32_output(c);
    const int8_t *const last = out + channels - 1;
    for (; out <= last; sums += 2) {
        const uint32_t high = (uint32_t)sums[1] + missing.borrows;
        const uint32_t low = (uint32_t)sums[0] - (high << 16) - missing.offsets;
        *out++ = mk_scalar32_requantize((int32_t)low, record, &output, way);
        record += mk_scalar32_record_words(way);
        if (out > last) break;
        *out++ = mk_scalar32_requantize((int32_t)high, record, &output, way);
        record += mk_scalar32_record_words(way);
    }
}

const int32_t *mk_scalar32_finish_pairs(int8_t *out, const int32_t *sums, uint32_t channels, uint32_t borrows,
                                        uint32_t offsets, const int32_t *record, const struct mk_conv_scalar32 *c)
{
    const struct missing missing = {borrows, offsets};
    switch (c->way) {
    case MK_SCALAR32_HIGH: finish_pairs(out, sums, channels, missing, record, c, MK_SCALAR32_HIGH); break;
    case MK_SCALAR32_HIGH_SIGN: finish_pairs(out, sums, channels, missing, record, c, MK_SCALAR32_HIGH_SIGN); break;
    case MK_SCALAR32_ESTIMATE: finish_pairs(out, sums, channels, missing, record, c, MK_SCALAR32_ESTIMATE); break;
    default: finish_pairs(out, sums, channels, missing, record, c, MK_SCALAR32_EXACT); break;
    }
    return record + channels * mk_scalar32_record_words(c->way);
}
