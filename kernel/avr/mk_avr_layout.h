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
#define MK_AVR_HALF 18 /* the five constants of requantisation stand together, in this order */
#define MK_AVR_AMBIGUOUS_FROM 19
#define MK_AVR_MOST_ABOVE 20
#define MK_AVR_MOST_BELOW 21
#define MK_AVR_ZERO_POINT 22
#define MK_AVR_SUMS 23
#define MK_AVR_SUMS_BYTES 24
#define MK_AVR_MORE_CORRECTIONS 47
#define MK_AVR_PIXELS 53
#define MK_AVR_PIXEL_BYTES 54
#define MK_AVR_OUT_BEGIN 56

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

#endif
