/* mk_scalar32_requantize.h: sums to output bytes on 32-bit cores. A channel's record is two words, or as many as its way
 * needs; the compiler has proven for every sum that the channel can reach that the byte is the reference's
 * (src/plan/requant_scalar32.c). A layer has one way for all its channels.
 *
 * high: with s = 256 * sum,  clamp((((s * M) >> 32) + C) >> shift_after); record: M, C. The way with a sign term subtracts
 * D from C where s < 0; record: M, C, D. For cores whose 32 x 32 bit product takes one instruction or two.
 *
 * estimate: in 32 bits all of it. v = (sum >> shift_before) * m + c is at least, and v - slack at most, 2^shift_after times
 * the output; where both agree in the output, it is the reference's, else, about once in 50 times, the reference's
 * arithmetic is done. Record: m, c, multiplier, shift.
 *
 * exact: the reference's arithmetic. Record: multiplier, shift. */
#ifndef MK_SCALAR32_REQUANTIZE_H
#define MK_SCALAR32_REQUANTIZE_H

#include "mote_kernel.h"

#include "mk_scalar32_assembly.h"
#include "mk_scalar32_tile.h"

/* The reference's product, for assembly too. */
int32_t mk_scalar32_exactly(int32_t sum, int32_t multiplier, int32_t shift);

static inline uint32_t mk_scalar32_record_words(uint32_t way)
{
    return way == MK_SCALAR32_ESTIMATE ? 4 : way == MK_SCALAR32_HIGH_SIGN ? 3 : 2;
}

/* `count` sums of one channel to outputs `step` bytes apart. */
void mk_scalar32_finish(int8_t *out, size_t step, const int32_t *sums, uint32_t count, const int32_t *record,
                        const struct mk_conv_scalar32 *c);

/* One sum of each of `channels` channels, at least 1. */
void mk_scalar32_finish_sums(int8_t *out, const int32_t *sums, uint32_t channels, const int32_t *records,
                             const struct mk_conv_scalar32 *c);

/* The tiles' sums of `positions` positions of `channels` channels, both at least 1: two words of each pair of channels, each
 * position's rounded up to a group. Outputs lie side by side. Returns the record behind those of the channels. */
const int32_t *mk_scalar32_finish_pairs(int8_t *out, const int32_t *sums, uint32_t channels, const int32_t *records,
                                        const struct mk_conv_scalar32 *c, const struct mk_scalar32_missing *missing,
                                        uint32_t positions);

/* Both in assembly, on Cortex-M0 if the way is estimate, elsewhere if it is high, with a sign or without. */
void mk_scalar32_finish_sums_assembly(int8_t *out, const int32_t *sums, uint32_t channels, const int32_t *records,
                                      const struct mk_conv_scalar32 *c);
void mk_scalar32_finish_pairs_assembly(int8_t *out, const int32_t *sums, uint32_t channels, const int32_t *records,
                                       const struct mk_conv_scalar32 *c, const struct mk_scalar32_missing *missing,
                                       uint32_t positions);

/* Does the assembly there is requantise this layer's way? */
static inline int mk_scalar32_has_assembly(const struct mk_conv_scalar32 *c)
{
    if (!MK_SCALAR32_TILE_IN_ASSEMBLY) return 0;
    if (MK_SCALAR32_BY_ESTIMATE) return c->way == MK_SCALAR32_ESTIMATE;
    return c->way == MK_SCALAR32_HIGH || c->way == MK_SCALAR32_HIGH_SIGN;
}

#endif
