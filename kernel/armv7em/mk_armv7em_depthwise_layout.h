/* mk_armv7em_depthwise_layout.h: byte offsets into struct mk_armv7em_taps, for assembly and for the C that checks them. */
#ifndef MK_ARMV7EM_DEPTHWISE_LAYOUT_H
#define MK_ARMV7EM_DEPTHWISE_LAYOUT_H

#define MK_ARMV7EM_TAPS_LIST 0
#define MK_ARMV7EM_TAPS_LIST_END 4
#define MK_ARMV7EM_TAPS_OUT 8
#define MK_ARMV7EM_TAPS_STREAM 12
#define MK_ARMV7EM_TAPS_STREAM_END 16
#define MK_ARMV7EM_TAPS_PAIRS 20
#define MK_ARMV7EM_TAPS_WAY 24
#define MK_ARMV7EM_TAPS_SUMS 40
#define MK_ARMV7EM_TAPS_BYTES 56

#endif
