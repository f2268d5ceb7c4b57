/* mk_avr_layout.h: byte offsets into struct mk_avr_tile and mk_avr_window, for assembly and for the C that checks them. No code. */
#ifndef MK_AVR_LAYOUT_H
#define MK_AVR_LAYOUT_H

#define MK_AVR_WEIGHTS 0
#define MK_AVR_WEIGHTS_BANK 2
#define MK_AVR_RECORDS 3
#define MK_AVR_RECORDS_BANK 5
#define MK_AVR_GROUP_BYTES 6
#define MK_AVR_OPERANDS 8
#define MK_AVR_OPERAND_COUNT 10
#define MK_AVR_CORRECTION 11
#define MK_AVR_OUT 14
#define MK_AVR_CHANNELS 16
#define MK_AVR_REQUANT 18 /* struct mk_avr_requant */
#define MK_AVR_AMBIGUOUS_FROM 18
#define MK_AVR_RANGE 19
#define MK_AVR_ACT_MIN 20
#define MK_AVR_BELOW 21
#define MK_AVR_EXACT 22
#define MK_AVR_EXACT_BANK 24
#define MK_AVR_EXACT_STEP 25
#define MK_AVR_REQUANT_BYTES 8
#define MK_AVR_SUMS 26
#define MK_AVR_SUMS_BYTES 24
#define MK_AVR_MORE_CORRECTIONS 50
#define MK_AVR_PIXELS 56
#define MK_AVR_PIXEL_BYTES 57
#define MK_AVR_CACHED 59
#define MK_AVR_CACHED_GROUPS 61

/* Into struct mk_avr_window. */
#define MK_AVR_WINDOW_WEIGHTS 0 /* as in the tile: address and bank, then the same of the records */
#define MK_AVR_WINDOW_RECORDS 3
#define MK_AVR_WINDOW_POSITIONS 6
#define MK_AVR_WINDOW_FILTER_ROWS 8
#define MK_AVR_WINDOW_ROW_INPUTS 9
#define MK_AVR_WINDOW_OFFSET 10
#define MK_AVR_WINDOW_STEP 12
#define MK_AVR_WINDOW_LAST_INSIDE 14
#define MK_AVR_WINDOW_PAD 16
#define MK_AVR_WINDOW_ROW 17
#define MK_AVR_WINDOW_TILE 19
#define MK_AVR_WINDOW_SUMS 113 /* of struct mk_avr_large_window */
#define MK_AVR_WINDOW_GROUPS_LOG2 2
#define MK_AVR_WINDOW_GROUPS (1 << MK_AVR_WINDOW_GROUPS_LOG2) /* of eight channels, whose sums are requantised together */

#define MK_AVR_CHUNK_HEAD_BYTES 152 /* see mk_avr_chunks.h */
#define MK_AVR_CHUNK_LAST 0xFF
#define MK_AVR_DIFFERENCES_END 2 /* above 0, below 8: see mk_avr_differences.h */

#endif
