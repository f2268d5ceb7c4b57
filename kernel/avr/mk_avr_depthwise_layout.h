/* mk_avr_depthwise_layout.h: byte offsets into struct mk_avr_depthwise, for assembly and for the C that checks them. */
#ifndef MK_AVR_DEPTHWISE_LAYOUT_H
#define MK_AVR_DEPTHWISE_LAYOUT_H

#define MK_AVR_DW_WEIGHTS 0
#define MK_AVR_DW_ROWS 3
#define MK_AVR_DW_ROW_MASK 9
#define MK_AVR_DW_CHANNELS 10
#define MK_AVR_DW_CHANNEL 11
#define MK_AVR_DW_OUT 12
#define MK_AVR_DW_OUTPUTS 14
#define MK_AVR_DW_LEFT_OVER 15
#define MK_AVR_DW_REQUANT 16 /* struct mk_avr_requant */
#define MK_AVR_DW_AMBIGUOUS_FROM 16
#define MK_AVR_DW_RANGE 17
#define MK_AVR_DW_ACT_MIN 18
#define MK_AVR_DW_LEFT 24
#define MK_AVR_DW_BY_WINDOWS 25
#define MK_AVR_DW_STACK 26

#define MK_AVR_DEPTHWISE_COLUMNS 64 /* at most: 3 bytes of stack each */

#endif
