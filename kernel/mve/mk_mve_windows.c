/* mk_mve_windows.c: holds the layout that assembly knows against the struct; see mk_mve_windows.h. */
#include "mk_mve_windows.h"

#if defined(__arm__)
#define MK_CHECK(field, offset)                                                                                        \
    typedef char mk_mve_check_##field[offsetof(struct mk_mve_windows, field) == (offset) ? 1 : -1]
MK_CHECK(in, MK_MVE_WINDOWS_IN);
MK_CHECK(block_bytes, MK_MVE_WINDOWS_BLOCK_BYTES);
MK_CHECK(out, MK_MVE_WINDOWS_OUT);
MK_CHECK(channels, MK_MVE_WINDOWS_CHANNELS);
MK_CHECK(stream, MK_MVE_WINDOWS_STREAM);
MK_CHECK(record_bytes, MK_MVE_WINDOWS_RECORD_BYTES);
MK_CHECK(scale, MK_MVE_WINDOWS_SCALE);
MK_CHECK(segments, MK_MVE_WINDOWS_SEGMENTS);
MK_CHECK(segments_end, MK_MVE_WINDOWS_SEGMENTS_END);
MK_CHECK(step, MK_MVE_WINDOWS_STEP);
MK_CHECK(sums, MK_MVE_WINDOWS_SUMS);
MK_CHECK(offsets, MK_MVE_WINDOWS_OFFSETS);
MK_CHECK(sum_count, MK_MVE_WINDOWS_SUM_COUNT);
MK_CHECK(cells, MK_MVE_WINDOWS_CELLS);
MK_CHECK(lanes, MK_MVE_WINDOWS_LANES);
MK_CHECK(outputs, MK_MVE_WINDOWS_OUTPUTS);
MK_CHECK(starts, MK_MVE_WINDOWS_STARTS);
MK_CHECK(way, MK_MVE_WINDOWS_WAY);
MK_CHECK(zero_point, MK_MVE_WINDOWS_ZERO_POINT);
MK_CHECK(act_min, MK_MVE_WINDOWS_ACT_MIN);
MK_CHECK(act_max, MK_MVE_WINDOWS_ACT_MAX);
MK_CHECK(pattern, MK_MVE_WINDOWS_PATTERN);
MK_CHECK(shifted, MK_MVE_WINDOWS_SHIFTED);
typedef char mk_mve_check_size[sizeof(struct mk_mve_windows) == MK_MVE_WINDOWS_BYTES ? 1 : -1];
typedef char mk_mve_check_ways[(int)MK_MVE_FAST == 0 && (int)MK_MVE_SIGN == 1 && (int)MK_MVE_EXACT == 2 ? 1 : -1];
#else
typedef char mk_mve_windows_unused; /* a file is not empty */
#endif
