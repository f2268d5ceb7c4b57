/* mk_avr_window_macros.h: assembly macros of the tiles that compute a row of positions. Included by .S files only. */
#ifndef MK_AVR_WINDOW_MACROS_H
#define MK_AVR_WINDOW_MACROS_H

#include "mk_avr_macros.h"

        /* Y = window, after mk_avr_gather_window: then Y = tile, at the position's first channel, with its correction. Keeps
         * the registers from r8 on, but r26 and r27. */
        .macro  BEGIN_POSITION
        .irp    n, 2,3,4,5,6,7
        ldd     r\n, Y + MK_AVR_WINDOW_WEIGHTS + \n - 2
        .endr
        adiw    r28, MK_AVR_WINDOW_TILE
        .irp    n, 2,3,4,5,6,7
        std     Y + MK_AVR_WEIGHTS + \n - 2, r\n
        .endr
        std     Y + MK_AVR_CORRECTION, r24
        std     Y + MK_AVR_CORRECTION + 1, r25
        std     Y + MK_AVR_CORRECTION + 2, r22
        ldd     r26, Y + MK_AVR_PIXEL_BYTES
        ldd     r27, Y + MK_AVR_PIXEL_BYTES + 1
        std     Y + MK_AVR_CHANNELS, r26
        std     Y + MK_AVR_CHANNELS + 1, r27
        .endm

        /* Y = tile: then Y = window with its positions counted down; Z flag: none are left. Destroys r24 and r25. */
        .macro  COUNT_POSITION
        sbiw    r28, MK_AVR_WINDOW_TILE
        ldd     r24, Y + MK_AVR_WINDOW_POSITIONS
        ldd     r25, Y + MK_AVR_WINDOW_POSITIONS + 1
        sbiw    r24, 1
        std     Y + MK_AVR_WINDOW_POSITIONS, r24
        std     Y + MK_AVR_WINDOW_POSITIONS + 1, r25
        .endm

#endif
