@ mk_mve_short.S: see mk_mve_short.h.
@
@ q0 to q3: weights of four channels, q4: M, q5: b. Lanes of a pair's results alternate between the positions, which one
@ scatter sets right.
@ r0 r2 r4 r6: sums; r1: inputs, r7: step; r3: scale; r5: outputs, r9: channels; r8: tile; r10: first output of the half;
@ r11: stream; r12: the scatter's offsets.
#include "mk_mve_layout.h"
#include "mk_mve_macros.h"

        .equ    frame_bytes, 16                 @ the offsets

        @ One position's (s * M >> 31) to x: 11 instructions.
        .macro  POSITION x
        vldrb.8 \x, [r1]
        add     r1, r1, r7
        vmladav.s8 r0, \x, q0
        vmladav.s8 r2, \x, q1
        vmladav.s8 r4, \x, q2
        vmladav.s8 r6, \x, q3
        vmov    \x[2], \x[0], r0, r4
        vmov    \x[3], \x[1], r2, r6
        vmul.i32 \x, \x, r3
        vadd.i32 \x, \x, q5
        vqdmulh.s32 \x, \x, q4
        .endm

        @ Four channels, every second one, of all positions: 28 instructions per pair. `next`: from this half's first output
        @ to the next half's.
        .macro  HALF next
        vldrw.32 q0, [r11], #16
        vldrw.32 q1, [r11], #16
        vldrw.32 q2, [r11], #16
        vldrw.32 q3, [r11], #16
        vldrw.32 q5, [r11], #16
        vldrw.32 q4, [r11], #16
        ldr     r1, [r8, #MK_MVE_TILE_IN]
        ldr     lr, [r8, #MK_MVE_TILE_POSITIONS]
        mov     r5, r10
        lsr     lr, lr, #1
        dls     lr, lr
1:      POSITION q6
        POSITION q7
        vsri.32 q7, q6, #16
        vldrh.u16 q6, [r12]
        vqmovnb.s16 q7, q7
        vstrb.16 q7, [r5, q6]
        add     r5, r5, r9, lsl #1
        le      lr, 1b
        add     r10, r10, #\next
        .endm

@ void mk_mve_short_pairs(const struct mk_mve_tile *tile)
        FUNCTION mk_mve_short_pairs
        BEGIN_FRAME
        mov     r8, r0
        ldr     r9, [r8, #MK_MVE_TILE_CHANNELS]
        lsl     r0, r9, #16                     @ 0 and channels, 2 and channels + 2, ...
        add     r1, r0, #0x00020002
        add     r2, r1, #0x00020002
        add     r3, r2, #0x00020002
        mov     r12, sp
        stm     r12, {r0-r3}
        ldr     r11, [r8, #MK_MVE_TILE_STREAM]
        ldr     r7, [r8, #MK_MVE_TILE_STEP]
        ldr     r3, [r11], #4
        ldr     r10, [r8, #MK_MVE_TILE_OUT]
.Lgroup:
        HALF    1
        HALF    7
        ldr     r0, [r8, #MK_MVE_TILE_OUT]
        add     r0, r0, r9
        cmp     r10, r0
        bne     .Lgroup
        END_FRAME
        END_FUNCTION mk_mve_short_pairs
