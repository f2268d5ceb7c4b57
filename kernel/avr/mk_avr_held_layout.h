/* mk_avr_held_layout.h: byte offsets into struct mk_avr_held, for assembly and for the C that checks them. */
#ifndef MK_AVR_HELD_LAYOUT_H
#define MK_AVR_HELD_LAYOUT_H

#define MK_AVR_HELD_WEIGHTS 0
#define MK_AVR_HELD_PARTS 3
#define MK_AVR_HELD_PARTS_PER_ROW 5
#define MK_AVR_HELD_ROWS 6
#define MK_AVR_HELD_CHANNEL_COUNT 7
#define MK_AVR_HELD_CHANNEL 8
#define MK_AVR_HELD_OUT 9
#define MK_AVR_HELD_SUMS 11
#define MK_AVR_HELD_REQUANT 13 /* struct mk_avr_requant */
#define MK_AVR_HELD_AMBIGUOUS_FROM 13
#define MK_AVR_HELD_ROWS_LEFT 21
#define MK_AVR_HELD_PART 22
#define MK_AVR_HELD_PARTS_LEFT 24

#endif
