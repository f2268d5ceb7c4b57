/* mk_mve_macros.h: how the assembly of this family begins and ends functions that use all registers. Included by .S files only, which
 * set frame_bytes, a multiple of eight. */
#ifndef MK_MVE_MACROS_H
#define MK_MVE_MACROS_H

#include "mk_thumb_function.h"

        .macro  BEGIN_FRAME
        push    {r4-r11, lr}
        sub     sp, sp, #4
        vpush   {d8-d15}
        sub     sp, sp, #frame_bytes
        .endm

        @ Returns.
        .macro  END_FRAME
        add     sp, sp, #frame_bytes
        vpop    {d8-d15}
        add     sp, sp, #4
        pop     {r4-r11, pc}
        .endm

        @ The tile at r0 (mk_mve_layout.h) to the frame's beginning. Its bytes of inputs and what follows up to the zero point stay in r3
        @ to r8.
        .macro  COPY_TILE
        ldm     r0!, {r1-r8}
        stm     sp, {r1-r8}
        ldrd    r1, r2, [r0]
        strd    r1, r2, [sp, #MK_MVE_TILE_ACT_MIN]
        .endm

#endif
