/* mk_armv7em_layout.h: byte offsets into struct mk_armv7em_tile and other numbers, for assembly and C. No code. */
#ifndef MK_ARMV7EM_LAYOUT_H
#define MK_ARMV7EM_LAYOUT_H

#define MK_ARMV7EM_COLUMNS 12
#define MK_ARMV7EM_COLUMNS_END 16
#define MK_ARMV7EM_OUT 0
#define MK_ARMV7EM_STEP_1 4
#define MK_ARMV7EM_STEP_2 8
#define MK_ARMV7EM_LAST 20
#define MK_ARMV7EM_STREAM 24
#define MK_ARMV7EM_GROUPS 28
#define MK_ARMV7EM_WAY 32
#define MK_ARMV7EM_ZERO_POINT 36
#define MK_ARMV7EM_ACT_MIN 40
#define MK_ARMV7EM_ACT_MAX 44
#define MK_ARMV7EM_OFFSET 48
#define MK_ARMV7EM_IN_STEP 52
#define MK_ARMV7EM_HEAD 56
#define MK_ARMV7EM_REST 60
#define MK_ARMV7EM_REST_GROUPS 64
#define MK_ARMV7EM_IN_ROWS 68
#define MK_ARMV7EM_IN_ROWS_END 72
#define MK_ARMV7EM_SUMS 76
#define MK_ARMV7EM_TILE_BYTES 100

/* The shifts of the fast ways are parts of instructions. */
#define MK_ARMV7EM_ASSEMBLED_SMALL_SHIFT 9
#define MK_ARMV7EM_ASSEMBLED_LARGE_SHIFT 12

#endif
