/* mk_avr_column_layout.h: byte offsets into struct mk_avr_column, for assembly and for the C that checks them. */
#ifndef MK_AVR_COLUMN_LAYOUT_H
#define MK_AVR_COLUMN_LAYOUT_H

#define MK_AVR_COLUMN_WEIGHTS 0
#define MK_AVR_COLUMN_IN 3
#define MK_AVR_COLUMN_CHANNEL_COUNT 5
#define MK_AVR_COLUMN_CHANNEL 6
#define MK_AVR_COLUMN_TAPS 7
#define MK_AVR_COLUMN_SKIPPED 8
#define MK_AVR_COLUMN_WANTED 9
#define MK_AVR_COLUMN_OUT 10
#define MK_AVR_COLUMN_REQUANT 12 /* struct mk_avr_requant */
#define MK_AVR_COLUMN_AMBIGUOUS_FROM 12
#define MK_AVR_COLUMN_RANGE 13
#define MK_AVR_COLUMN_ACT_MIN 14

#endif
