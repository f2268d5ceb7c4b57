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

/* Four channels' inputs of one column. */
static void sort(int32_t *to, const int8_t *const row[3], size_t offset)
{
    for (size_t i = 0; i < 4; i++) {
        const uint16_t low = (uint16_t)row[0][offset + i], high = (uint16_t)row[1][offset + i];
        *to++ = (int32_t)(low | (uint32_t)high << 16);
        *to++ = row[2][offset + i];
    }
}

/* The sum of one output channel; `column` points to its words in the filter's first column. */
static int32_t add_columns(const int32_t *column, const int32_t *weights)
{
    uint32_t sum = (uint32_t)weights[5];
    for (int x = 0; x < 3; x++, column += MK_ARMV7EM_COLUMN_WORDS) {
        sum += (uint32_t)(half(column[0], 0) * half(weights[x], 0)) + (uint32_t)(half(column[0], 1) * half(weights[x], 1));
        sum += (uint32_t)(half(column[1], 0) * half(weights[3 + x / 2], x % 2));
    }
    return (int32_t)sum;
}

static void depthwise_row(const struct mk_armv7em_columns *c, uint32_t stride)
{
    for (const int32_t *stream = c->stream; stream != c->stream_end;) {
        const uint32_t channel = (uint32_t)*stream++;
        size_t offset = channel;
        for (int32_t *to = c->inside; to != c->inside_end; to += MK_ARMV7EM_COLUMN_WORDS, offset += c->channels)
            sort(to, c->rows, offset);
        for (uint32_t i = 0; i < 4; i++, stream += 6 + mk_armv7em_record_words(c->way)) {
            int8_t *out = c->out + channel + i;
            for (const int32_t *x = c->begin; x <= c->last; x += stride * MK_ARMV7EM_COLUMN_WORDS, out += c->channels)
                *out = mk_armv7em_requantize(add_columns(x + 2 * i, stream), stream + 6, c->way);
        }
    }
}

void mk_armv7em_depthwise_row_1(const struct mk_armv7em_columns *columns)
{
    depthwise_row(columns, 1);
}

void mk_armv7em_depthwise_row_2(const struct mk_armv7em_columns *columns)
{
    depthwise_row(columns, 2);
}
#else
typedef int mk_armv7em_depthwise_portable_is_not_for_arm;
#endif
