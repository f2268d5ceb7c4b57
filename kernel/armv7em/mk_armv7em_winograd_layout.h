/* mk_armv7em_winograd_layout.h: byte offsets into struct mk_armv7em_winograd, for assembly and for the C that checks them. */
#ifndef MK_ARMV7EM_WINOGRAD_LAYOUT_H
#define MK_ARMV7EM_WINOGRAD_LAYOUT_H

#define MK_ARMV7EM_WINOGRAD_INPUTS 0
#define MK_ARMV7EM_WINOGRAD_BYTES_OF_INPUTS 4
#define MK_ARMV7EM_WINOGRAD_OUT 8
#define MK_ARMV7EM_WINOGRAD_CHANNELS 12
#define MK_ARMV7EM_WINOGRAD_STREAM 16
#define MK_ARMV7EM_WINOGRAD_STREAM_END 20
#define MK_ARMV7EM_WINOGRAD_WAY 24
#define MK_ARMV7EM_WINOGRAD_BYTES 28

#endif
