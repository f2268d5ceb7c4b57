/* mk_scalar32_requantize.c: see mk_scalar32_requantize.h. */
#include "mk_scalar32_requantize.h"

int32_t mk_scalar32_exactly(int32_t sum, const int32_t *record, int32_t out_zero_point)
{
    return mk_multiply_by_quantized_multiplier(sum, record[0], (int)record[1]) + out_zero_point;
}

/* `count` sums to outputs `step` bytes apart, the records `words` apart. */
static inline void finish(int8_t *out, size_t step, const int32_t *sums, uint32_t count, const int32_t *record,
                          uint32_t words, const struct mk_conv_scalar32 *c, uint32_t way)
{
    const int32_t *const end = sums + count;
    for (; sums != end; out += step, record += words) *out = mk_scalar32_requantize(*sums++, record, c, way);
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
    case MK_SCALAR32_HIGH: finish(out, 1, sums, count, record, 2, c, MK_SCALAR32_HIGH); break;
    case MK_SCALAR32_HIGH_SIGN: finish(out, 1, sums, count, record, 3, c, MK_SCALAR32_HIGH_SIGN); break;
    case MK_SCALAR32_ESTIMATE: finish(out, 1, sums, count, record, 4, c, MK_SCALAR32_ESTIMATE); break;
    default: finish(out, 1, sums, count, record, 2, c, MK_SCALAR32_EXACT); break;
    }
}
