/* mk_armv7em_tile.c: the part of the tiles that is worth no assembly; see mk_armv7em_tile.h. */
#include "mk_armv7em_tile.h"

#include "mk_requantize.h"

#if defined(__arm__)
#define MK_CHECK(field, offset)                                                                                        \
    typedef char mk_armv7em_check_##field[offsetof(struct mk_armv7em_tile, field) == (offset) ? 1 : -1]
MK_CHECK(columns, MK_ARMV7EM_COLUMNS);
MK_CHECK(columns_end, MK_ARMV7EM_COLUMNS_END);
MK_CHECK(out, MK_ARMV7EM_OUT);
MK_CHECK(step_1, MK_ARMV7EM_STEP_1);
MK_CHECK(step_2, MK_ARMV7EM_STEP_2);
MK_CHECK(last, MK_ARMV7EM_LAST);
MK_CHECK(plane, MK_ARMV7EM_PLANE);
MK_CHECK(stream, MK_ARMV7EM_STREAM);
MK_CHECK(groups, MK_ARMV7EM_GROUPS);
MK_CHECK(way, MK_ARMV7EM_WAY);
MK_CHECK(zero_point, MK_ARMV7EM_ZERO_POINT);
MK_CHECK(act_min, MK_ARMV7EM_ACT_MIN);
MK_CHECK(act_max, MK_ARMV7EM_ACT_MAX);
MK_CHECK(places, MK_ARMV7EM_PLACES);
MK_CHECK(offset, MK_ARMV7EM_OFFSET);
MK_CHECK(in_step, MK_ARMV7EM_IN_STEP);
MK_CHECK(head, MK_ARMV7EM_HEAD);
MK_CHECK(rest, MK_ARMV7EM_REST);
MK_CHECK(rest_groups, MK_ARMV7EM_REST_GROUPS);
MK_CHECK(in_rows, MK_ARMV7EM_IN_ROWS);
MK_CHECK(in_rows_end, MK_ARMV7EM_IN_ROWS_END);
MK_CHECK(sums, MK_ARMV7EM_SUMS);
typedef char mk_armv7em_check_size[sizeof(struct mk_armv7em_tile) == MK_ARMV7EM_TILE_BYTES ? 1 : -1];
#define MK_CHECK_PLACES(field, offset)                                                                                 \
    typedef char mk_armv7em_check_places_##field[offsetof(struct mk_armv7em_places, field) == (offset) ? 1 : -1]
MK_CHECK_PLACES(next, MK_ARMV7EM_PLACES_NEXT);
MK_CHECK_PLACES(left, MK_ARMV7EM_PLACES_LEFT);
MK_CHECK_PLACES(width, MK_ARMV7EM_PLACES_WIDTH);
MK_CHECK_PLACES(row_skip, MK_ARMV7EM_PLACES_ROW_SKIP);
MK_CHECK_PLACES(span, MK_ARMV7EM_PLACES_SPAN);
typedef char mk_armv7em_check_shifts[(int)MK_ARMV7EM_SMALL_SHIFT == MK_ARMV7EM_ASSEMBLED_SMALL_SHIFT &&
                                             (int)MK_ARMV7EM_LARGE_SHIFT == MK_ARMV7EM_ASSEMBLED_LARGE_SHIFT
                                         ? 1
                                         : -1];
#endif

void mk_armv7em_finish_exactly(struct mk_armv7em_tile *tile, uint32_t channels, uint32_t positions)
{
    const int32_t steps[3] = {0, (int32_t)tile->step_1, (int32_t)tile->step_2}; /* backwards where a ring begins anew */
    const int32_t *sums = tile->sums;
    for (; channels > 0; channels--, tile->stream += 2, sums += positions) {
        if (tile->out > tile->last) continue;
        for (uint32_t i = positions; i-- > 0;) {
            const int32_t scaled =
                mk_multiply_by_quantized_multiplier(sums[i], tile->stream[0], (int)tile->stream[1]);
            tile->out[steps[i]] = (int8_t)mk_clamp(scaled + tile->zero_point, tile->act_min, tile->act_max);
        }
        tile->out++;
    }
}
