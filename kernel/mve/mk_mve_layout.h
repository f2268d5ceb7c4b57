/* mk_mve_layout.h: byte offsets into struct mk_mve_tile, for assembly and for the C that checks them. No code. */
#ifndef MK_MVE_LAYOUT_H
#define MK_MVE_LAYOUT_H

#define MK_MVE_TILE_IN 0
#define MK_MVE_TILE_STEP 4
#define MK_MVE_TILE_BYTES_OF_INPUTS 8
#define MK_MVE_TILE_POSITIONS 12
#define MK_MVE_TILE_OUT 16
#define MK_MVE_TILE_CHANNELS 20
#define MK_MVE_TILE_STREAM 24
#define MK_MVE_TILE_ZERO_POINT 28
#define MK_MVE_TILE_ACT_MIN 32
#define MK_MVE_TILE_ACT_MAX 36
#define MK_MVE_TILE_BYTES 40

#endif
