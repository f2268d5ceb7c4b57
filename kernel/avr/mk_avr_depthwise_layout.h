/* mk_avr_depthwise_layout.h: byte offsets into struct mk_avr_depthwise, for assembly and for the C that checks them. */
#ifndef MK_AVR_DEPTHWISE_LAYOUT_H
#define MK_AVR_DEPTHWISE_LAYOUT_H

#define MK_AVR_DW_WEIGHTS 0
#define MK_AVR_DW_ROWS 3
#define MK_AVR_DW_ROW_MASK 9
#define MK_AVR_DW_COLUMNS 10
#define MK_AVR_DW_CHANNELS 11
#define MK_AVR_DW_CHANNEL 12
#define MK_AVR_DW_OUT 13
#define MK_AVR_DW_OUTPUTS 15
#define MK_AVR_DW_LEFT_OVER 16
#define MK_AVR_DW_LEFT_OVER_COLUMNS 17
#define MK_AVR_DW_REQUANT 18 /* struct mk_avr_requant */
#define MK_AVR_DW_AMBIGUOUS_FROM 18
#define MK_AVR_DW_RANGE 19
#define MK_AVR_DW_ACT_MIN 20
#define MK_AVR_DW_LEFT 26
#define MK_AVR_DW_BY_WINDOWS 27
#define MK_AVR_DW_STACK 28

#define MK_AVR_DEPTHWISE_COLUMNS 64 /* at most: 3 bytes of stack each */

#endif
