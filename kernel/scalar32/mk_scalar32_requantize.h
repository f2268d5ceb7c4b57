/* mk_scalar32_requantize.h: sums to output bytes on 32-bit cores. A channel's record is two words, or as many as its way
 * needs; the compiler has proven for every sum that the channel can reach that the byte is the reference's
 * (src/plan/requant_scalar32.c). A layer has one way for all its channels.
 *
 * high: with s = 256 * sum,  clamp((((s * M) >> 32) + C) >> shift_after); record: M, C. The way with a sign term subtracts
 * D from C where s < 0; record: M, C, D. For cores whose 32 x 32 bit product takes one instruction or two.
 *
 * estimate: in 32 bits all of it. v = (sum >> shift_before) * m + c is at most, and v + slack at least, 2^shift_after times
 * the output; where both agree in the output, it is the reference's, else, about once in 50 times, the reference's
 * arithmetic is done. Record: m, c, multiplier, shift.
 *
 * exact: the reference's arithmetic. Record: multiplier, shift. */
#ifndef MK_SCALAR32_REQUANTIZE_H
#define MK_SCALAR32_REQUANTIZE_H

#include "mk_requantize.h"

/* What all outputs of a layer share: a copy, because stores of bytes may be to the parameters for all the compiler knows. */
struct mk_scalar32_output {
    uint32_t shift_before, shift_after;
    int32_t slack, zero_point, least, most;
};

static inline struct mk_scalar32_output mk_scalar32_output(const struct mk_conv_scalar32 *c)
{
    const struct mk_scalar32_output output = {c->shift_before, c->shift_after, c->slack, c->out_zero_point, c->act_min,
                                              c->act_max};
    return output;
}

/* In one place for all kernels: inlined, it would be most of them. */
int32_t mk_scalar32_exactly(int32_t sum, int32_t multiplier, int32_t shift);

static inline uint32_t mk_scalar32_record_words(uint32_t way)
{
    return way == MK_SCALAR32_ESTIMATE ? 4 : way == MK_SCALAR32_HIGH_SIGN ? 3 : 2;
}

/* `way` is a constant where this is called. */
static inline int8_t mk_scalar32_requantize(int32_t sum, const int32_t *record, const struct mk_scalar32_output *o,
                                            uint32_t way)
{
    int32_t value;
    if (way == MK_SCALAR32_ESTIMATE) {
        const int32_t low = (sum >> o->shift_before) * record[0] + record[1];
        value = low >> o->shift_after;
        if (value != (low + o->slack) >> o->shift_after)
            value = mk_scalar32_exactly(sum, record[2], record[3]) + o->zero_point;
    } else if (way == MK_SCALAR32_EXACT) {
        value = mk_scalar32_exactly(sum, record[0], record[1]) + o->zero_point;
    } else {
        const int32_t scaled = (int32_t)((uint32_t)sum << 8);
        value = (int32_t)((int64_t)scaled * record[0] >> 32) + record[1];
        if (way == MK_SCALAR32_HIGH_SIGN) value -= scaled >> 31 & record[2];
        value >>= o->shift_after;
    }
    return (int8_t)mk_clamp(value, o->least, o->most);
}

/* `count` sums of one channel to outputs `step` bytes apart; returns the next channel's record. */
const int32_t *mk_scalar32_finish(int8_t *out, size_t step, const int32_t *sums, uint32_t count, const int32_t *record,
                                  const struct mk_conv_scalar32 *c);

/* One sum of each of `count` channels. */
void mk_scalar32_finish_channels(int8_t *out, const int32_t *sums, uint32_t count, const int32_t *record,
                                 const struct mk_conv_scalar32 *c);

/* The tiles' sums of `channels` channels, two words of each pair of channels (mk_scalar32_tile.h): `borrows` is missing in
 * the high ones, and `offsets` too much in what the full ones hold of the first channel. Returns the next record. */
const int32_t *mk_scalar32_finish_pairs(int8_t *out, const int32_t *sums, uint32_t channels, uint32_t borrows,
                                        uint32_t offsets, const int32_t *record, const struct mk_conv_scalar32 *c);

#endif
