/* mk_row_sums_ref.c: the first half of pools and means over a whole tensor whose rows come one by one. */
#include "mote_kernel.h"

#define MK_FUNCTION mk_row_sums_s8_s16_ref
#define MK_ELEMENT int8_t
#define MK_SUM int16_t
#define MK_COUNT uint_fast8_t /* of more values the sums need 32 bits (src/plan/accumulate.c) */
#include "mk_row_sums.inl"

#define MK_FUNCTION mk_row_sums_s8_s32_ref
#define MK_ELEMENT int8_t
#define MK_SUM int32_t
#define MK_COUNT uint_fast16_t
#include "mk_row_sums.inl"

#define MK_FUNCTION mk_row_sums_s16_s32_ref
#define MK_ELEMENT int16_t
#define MK_SUM int32_t
#define MK_COUNT uint_fast16_t
#include "mk_row_sums.inl"
