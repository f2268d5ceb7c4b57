/* mk_pool_2d_s8_ref.c: see mk_pool_2d.inl. */
#include "mk_pool_steps.h"

#define MK_ELEMENT int8_t

#define MK_FUNCTION mk_average_pool_2d_s8_ref
#define MK_POOL_START 0
#define MK_POOL_STEP MK_AVERAGE_STEP
#define MK_POOL_FINISH mk_rounded_mean
#include "mk_pool_2d.inl"

#define MK_FUNCTION mk_max_pool_2d_s8_ref
#define MK_POOL_START INT8_MIN
#define MK_POOL_STEP mk_max
#define MK_POOL_FINISH MK_MAX_FINISH
#include "mk_pool_2d.inl"
