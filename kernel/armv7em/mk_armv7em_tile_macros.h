/* mk_armv7em_tile_macros.h: how tiles begin and end. Included by .S files only.
 *
 * They keep a copy of struct mk_armv7em_tile on the stack, at sp, and two addresses above it: where the first channel group enters the
 * unrolled loop, and the way to requantise. */
#ifndef MK_ARMV7EM_TILE_MACROS_H
#define MK_ARMV7EM_TILE_MACROS_H

#include "mk_armv7em_layout.h"
#include "mk_armv7em_macros.h"

        .equ    entry, MK_ARMV7EM_TILE_BYTES
        .equ    tail, MK_ARMV7EM_TILE_BYTES + 4

        .macro  SAVE bytes
        push    {r4-r11, lr}
        sub     sp, #\bytes
        .endm

        @ The tile at r0 to the stack; then r1 = stream, r2 = groups, r3 = way, r0 and r12 at what follows the first 12 words.
        .macro  COPY_TILE
        mov     r12, sp
        ldm     r0!, {r1-r6}
        stm     r12!, {r1-r6}
        ldm     r0!, {r1-r6}
        stm     r12!, {r1-r6}
        .endm

        @ Saves where the loop of `count` groups of `bytes` bytes each, which `check` ends, is entered, one group being done
        @ before, and the address of the way to requantise, which stays in r3.
        .macro  CHOOSE_PATHS check, count, bytes, ways
        subs    r2, #1
        and     r2, #\count - 1
        mov     r4, #\bytes
        adr     r5, \check
        mls     r2, r2, r4, r5
        adds    r2, #1                          @ Thumb
        adr     r5, \ways
        ldr     r3, [r5, r3, lsl #2]
        strd    r2, r3, [sp, #entry]
        .endm

        .macro  RETURN bytes
        add     sp, #\bytes
        pop     {r4-r11, pc}
        .endm

#endif
