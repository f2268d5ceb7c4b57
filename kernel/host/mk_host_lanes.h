/* mk_host_lanes.h: sums of sixteen channels side by side, in C that compilers turn into vector instructions.
 *
 * Weights have 32 bits each: groups of MK_HOST_GROUP output channels, per tap one weight of each channel. Starts: a sum's
 * first value for every channel, whole groups. Records: per group rows of MK_HOST_GROUP words: m, c, multiplier, shift for the
 * way by estimate, multiplier and shift for the exact one (mk_scalar32_requantize.h has the formulas). Channels that do not
 * exist have zeros everywhere.
 *
 * Convolutions are summed as floats: the compiler has made sure that no sum of any of their products, with their starts,
 * passes 2^24 in size, so that every one is an exact integer in whatever order and however rounded.
 *
 * On x86-64 inner loops exist twice, for AVX2 with FMA and without. */
#ifndef MK_HOST_LANES_H
#define MK_HOST_LANES_H

#include "mk_requantize.h"
#include "mk_rows.h"

enum { MK_HOST_LANES = 8 };

typedef int32_t mk_host_s32 __attribute__((vector_size(4 * MK_HOST_LANES)));
typedef float mk_host_f32 __attribute__((vector_size(4 * MK_HOST_LANES)));
typedef int64_t mk_host_s64 __attribute__((vector_size(4 * MK_HOST_LANES)));
typedef int16_t mk_host_s16 __attribute__((vector_size(2 * MK_HOST_LANES)));
typedef int8_t mk_host_s8 __attribute__((vector_size(MK_HOST_LANES)));
/* The same where they lie in arrays. */
typedef int32_t mk_host_s32_at __attribute__((vector_size(4 * MK_HOST_LANES), aligned(4), may_alias));
typedef float mk_host_f32_at __attribute__((vector_size(4 * MK_HOST_LANES), aligned(4), may_alias));
typedef int8_t mk_host_s8_at __attribute__((vector_size(MK_HOST_LANES), aligned(1), may_alias));

#define MK_HOST_INLINE static inline __attribute__((always_inline))

/* MK_HOST_VERSIONS(name, (parameters), (arguments)): the function `name`, which runs name##_lanes, compiled for what this
 * processor has. */
#if defined(__x86_64__) && !(defined(__AVX2__) && defined(__FMA__))
#define MK_HOST_VERSIONS(name, parameters, arguments)                                                                  \
    __attribute__((noinline, target("avx2,fma"))) static void name##_avx2 parameters { name##_lanes arguments; }       \
    __attribute__((noinline)) static void name##_sse2 parameters { name##_lanes arguments; }                           \
    static inline void name parameters                                                                                 \
    {                                                                                                                  \
        if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) name##_avx2 arguments;                    \
        else name##_sse2 arguments;                                                                                    \
    }
#else
#define MK_HOST_VERSIONS(name, parameters, arguments)                                                                  \
    __attribute__((noinline)) static void name parameters { name##_lanes arguments; }
#endif

/* Lanes [8 i, 8 i + 8) from `array` on. */
#define MK_HOST_S32(array, i) (((const mk_host_s32_at *)(const void *)(array))[i])
#define MK_HOST_F32(array, i) __builtin_convertvector(MK_HOST_S32(array, i), mk_host_f32)
#define MK_HOST_AT(array, i) (((const mk_host_f32_at *)(const void *)(array))[i]) /* of floats */
#define MK_HOST_STORE(array, i, lanes) ((void)(((mk_host_s32_at *)(void *)(array))[i] = (lanes)))

/* Of eight values and what the other end of the estimate gives: where they differ the reference's arithmetic decides. Out of
 * line and on arrays, as one in five vectors needs it, for one of its lanes. */
static __attribute__((noinline)) void mk_host_decide(int32_t *values, const int32_t *others, const int32_t *sums,
                                                     const int32_t *exact, int32_t zero_point)
{
    for (int i = 0; i < MK_HOST_LANES; i++)
        if (values[i] != others[i])
            values[i] = mk_multiply_by_quantized_multiplier(sums[i], exact[i], (int)exact[MK_HOST_GROUP + i]) + zero_point;
}

/* Eight sums, of channels whose records begin at `record`, to values with the zero point in them. Vectors go by pointer, as the
 * ways to pass them differ with the unit. */
MK_HOST_INLINE void mk_host_estimate(mk_host_s32 *lanes, const int32_t *from, const int32_t *record,
                                     const struct mk_conv_scalar32 *c)
{
    const mk_host_s32 sums = MK_HOST_S32(from, 0);
    const mk_host_s32 most = (sums >> (int32_t)c->shift_before) * MK_HOST_S32(record, 0) + MK_HOST_S32(record + MK_HOST_GROUP, 0);
    const mk_host_s32 least = (most - c->slack) >> (int32_t)c->shift_after;
    *lanes = most >> (int32_t)c->shift_after;
    const mk_host_s64 differences = (mk_host_s64)(*lanes ^ least);
    if (!(differences[0] | differences[1] | differences[2] | differences[3])) return;
    int32_t values[MK_HOST_LANES], others[MK_HOST_LANES];
    MK_HOST_STORE(values, 0, *lanes);
    MK_HOST_STORE(others, 0, least);
    mk_host_decide(values, others, from, record + 2 * MK_HOST_GROUP, c->out_zero_point);
    *lanes = MK_HOST_S32(values, 0);
}

MK_HOST_INLINE void mk_host_exact(mk_host_s32 *lanes, const int32_t *sums, const int32_t *record,
                                  const struct mk_conv_scalar32 *c)
{
    for (int i = 0; i < MK_HOST_LANES; i++)
        (*lanes)[i] = mk_multiply_by_quantized_multiplier(sums[i], record[i], (int)record[MK_HOST_GROUP + i]) + c->out_zero_point;
}

MK_HOST_INLINE void mk_host_store(int8_t *out, const mk_host_s32 *lanes, const struct mk_conv_scalar32 *c)
{
    const mk_host_s32 values = *lanes, least = values - values + c->act_min, most = values - values + c->act_max;
    const mk_host_s32 below = values < least, above = values > most;
    const mk_host_s32 clamped = (values & ~below & ~above) | (least & below) | (most & above);
    *(mk_host_s8_at *)(void *)out = __builtin_convertvector(__builtin_convertvector(clamped, mk_host_s16), mk_host_s8);
}

/* Sixteen sums to bytes; the group's record is at `record`. */
MK_HOST_INLINE void mk_host_requantise(int8_t *out, const int32_t *sums, const int32_t *record,
                                       const struct mk_conv_scalar32 *c)
{
    for (int i = 0; i < MK_HOST_GROUP; i += MK_HOST_LANES) {
        mk_host_s32 lanes;
        if (c->way == MK_SCALAR32_ESTIMATE) mk_host_estimate(&lanes, sums + i, record + i, c);
        else mk_host_exact(&lanes, sums + i, record + i, c);
        mk_host_store(out + i, &lanes, c);
    }
}

/* The same for a group of which `channels` exist; returns the place behind their outputs. */
MK_HOST_INLINE int8_t *mk_host_finish(int8_t *out, const int32_t *sums, const int32_t *record, uint32_t channels,
                                      const struct mk_conv_scalar32 *c)
{
    if (channels >= MK_HOST_GROUP) {
        mk_host_requantise(out, sums, record, c);
        return out + MK_HOST_GROUP;
    }
    int8_t bytes[MK_HOST_GROUP];
    mk_host_requantise(bytes, sums, record, c);
    for (uint32_t i = 0; i < channels; i++) out[i] = bytes[i];
    return out + channels;
}

/* Words of a group's record. */
static inline uint32_t mk_host_record_words(const struct mk_conv_scalar32 *c)
{
    return (c->way == MK_SCALAR32_ESTIMATE ? 4u : 2u) * MK_HOST_GROUP;
}

/* rows[fy] = the row that filter row fy reads for output row r of a call from row_begin on; NULL in the padding. */
static inline void mk_host_rows_at(const int8_t **rows, const struct mk_conv_scalar32 *c, const int8_t *in, uint16_t row_begin,
                                   uint16_t r)
{
    const struct mk_rows w = {in, (uint32_t)c->in_w * c->in_c, c->in_h, c->out_h, c->filter_h, c->stride_h, c->in_ring,
                              c->pad_top, row_begin};
    mk_rows_at(rows, &w, r);
}

#endif
