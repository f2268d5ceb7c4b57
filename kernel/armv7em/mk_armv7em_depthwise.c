/* mk_armv7em_depthwise.c: the part that is worth no assembly; see mk_armv7em_depthwise.h. */
#include "mk_armv7em_depthwise.h"

#include "mk_requantize.h"

#if defined(__arm__)
#define MK_CHECK(field, offset)                                                                                        \
    typedef char mk_armv7em_check_taps_##field[offsetof(struct mk_armv7em_taps, field) == (offset) ? 1 : -1]
MK_CHECK(list, MK_ARMV7EM_TAPS_LIST);
MK_CHECK(list_end, MK_ARMV7EM_TAPS_LIST_END);
MK_CHECK(out, MK_ARMV7EM_TAPS_OUT);
MK_CHECK(stream, MK_ARMV7EM_TAPS_STREAM);
MK_CHECK(stream_end, MK_ARMV7EM_TAPS_STREAM_END);
MK_CHECK(pairs, MK_ARMV7EM_TAPS_PAIRS);
MK_CHECK(way, MK_ARMV7EM_TAPS_WAY);
MK_CHECK(sums, MK_ARMV7EM_TAPS_SUMS);
typedef char mk_armv7em_check_taps_size[sizeof(struct mk_armv7em_taps) == MK_ARMV7EM_TAPS_BYTES ? 1 : -1];
#endif

void mk_armv7em_depthwise_exactly(struct mk_armv7em_taps *taps, uint32_t channel)
{
    for (uint32_t i = 0; i < 4; i++, taps->stream += 2) {
        const int32_t scaled =
            mk_multiply_by_quantized_multiplier(taps->sums[i] >> 8, taps->stream[0], (int)taps->stream[1]);
        taps->out[channel + i] = (int8_t)mk_clamp(scaled + taps->zero_point, taps->act_min, taps->act_max);
    }
}
