/* mk_armv7em_layout.h: byte offsets into struct mk_armv7em_tile and other numbers, for assembly and C. No code. */
#ifndef MK_ARMV7EM_LAYOUT_H
#define MK_ARMV7EM_LAYOUT_H

#define MK_ARMV7EM_COLUMNS 12
#define MK_ARMV7EM_OUT 0
#define MK_ARMV7EM_STEP_1 4
#define MK_ARMV7EM_STEP_2 8
#define MK_ARMV7EM_LAST 16
#define MK_ARMV7EM_PLANE 20
#define MK_ARMV7EM_STREAM 24
#define MK_ARMV7EM_GROUPS 28
#define MK_ARMV7EM_WAY 32
#define MK_ARMV7EM_ZERO_POINT 36
#define MK_ARMV7EM_ACT_MIN 40
#define MK_ARMV7EM_ACT_MAX 44
#define MK_ARMV7EM_COLUMNS_END 48
#define MK_ARMV7EM_PLACES 52
#define MK_ARMV7EM_OFFSET 56
#define MK_ARMV7EM_IN_STEP 60
#define MK_ARMV7EM_HEAD 64
#define MK_ARMV7EM_REST 68
#define MK_ARMV7EM_REST_GROUPS 72
#define MK_ARMV7EM_IN_ROWS 76
#define MK_ARMV7EM_IN_ROWS_END 80
#define MK_ARMV7EM_SUMS 84
#define MK_ARMV7EM_TILE_BYTES 108

/* Are there kernels that store planes? What only these need is left out of models without them, whose copy of this file says so. */
#ifndef MK_ARMV7EM_HAS_PLANES
#define MK_ARMV7EM_HAS_PLANES 1
#endif
#if MK_ARMV7EM_HAS_PLANES
/* Under names of their own, as a program may link libraries of several models. What else is in the files of these would then be there
 * twice: they hold nothing else. */
#define mk_armv7em_dual_3 mk_armv7em_dual_3_or_planes
#define mk_armv7em_wide_3 mk_armv7em_wide_3_or_planes
#define mk_armv7em_conv_2d mk_armv7em_conv_2d_or_planes
#define mk_armv7em_wide_conv_2d mk_armv7em_wide_conv_2d_or_planes
#endif

/* Into struct mk_armv7em_places. */
#define MK_ARMV7EM_PLACES_NEXT 0
#define MK_ARMV7EM_PLACES_LEFT 4
#define MK_ARMV7EM_PLACES_WIDTH 8
#define MK_ARMV7EM_PLACES_ROW_SKIP 12
#define MK_ARMV7EM_PLACES_SPAN 16

/* The shifts of the fast ways are parts of instructions. */
#define MK_ARMV7EM_ASSEMBLED_SMALL_SHIFT 9
#define MK_ARMV7EM_ASSEMBLED_LARGE_SHIFT 12

#endif
