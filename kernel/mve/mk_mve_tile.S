@ mk_mve_tile.S: see mk_mve_tile.h.
@
@ Two positions and four channels at a time: six vectors of 16 bytes are loaded for eight vector multiply-accumulates, whose
@ sums, in the eight even core registers, need no counter: the inputs' address says when they are complete. Four blocks are
@ unrolled and entered where the rest begins. A last position by itself takes half as many sums.
@
@ r0 r2 r4 r6: sums of the first position, r8 r10 r12 lr: of the second; r1, r3: their inputs; r5: stream; r9: end of the first
@ position's inputs; r11: their bytes. q4, q5: outputs of the group's first half.
#include "mk_mve_layout.h"
#include "mk_mve_macros.h"

        @ The frame: the tile, then
        .equ    out_0, MK_MVE_TILE_BYTES
        .equ    out_1, out_0 + 4
        .equ    channels_left, out_1 + 4
        .equ    scale, channels_left + 4
        .equ    minus_shift, scale + 4
        .equ    entry_0, minus_shift + 4        @ into the unrolled blocks of either half
        .equ    entry_1, entry_0 + 4
        .equ    frame_bytes, (entry_1 + 4 + 7) & ~7

        .equ    unrolled, 4

        @ 16 inputs of each position times the weights of four channels: 14 instructions, or 9 for one position.
        .macro  BLOCK two, a
        vldrb.8 q0, [r1], #16
        .if \two
        vldrb.8 q1, [r3], #16
        .endif
        vldrw.32 q2, [r5], #16
        vmladav\a\().s8 r0, q0, q2
        .if \two
        vmladav\a\().s8 r8, q1, q2
        .endif
        vldrw.32 q3, [r5], #16
        vmladav\a\().s8 r2, q0, q3
        .if \two
        vmladav\a\().s8 r10, q1, q3
        .endif
        vldrw.32 q2, [r5], #16
        vmladav\a\().s8 r4, q0, q2
        .if \two
        vmladav\a\().s8 r12, q1, q2
        .endif
        vldrw.32 q3, [r5], #16
        vmladav\a\().s8 r6, q0, q3
        .if \two
        vmladav\a\().s8 lr, q1, q3
        .endif
        .endm

        @ s = scale * sum + b: into q0, and q2 for the second position.
        .macro  LOAD_SUMS two
        vmov    q6[2], q6[0], r0, r4
        vmov    q6[3], q6[1], r2, r6
        .if \two
        vmov    q7[2], q7[0], r8, r12
        vmov    q7[3], q7[1], r10, lr
        vldrw.32 q2, [r5]
        .endif
        vldrw.32 q0, [r5], #16
        ldrd    r0, r2, [sp, #scale]
        vmla.s32 q0, q6, r0
        .if \two
        vmla.s32 q2, q7, r0
        .endif
        vldrw.32 q3, [r5], #16
        .endm

        .macro  HIGH_WORD two
        vqdmulh.s32 q0, q0, q3
        .if \two
        vqdmulh.s32 q2, q2, q3
        .endif
        vshl.s32 q0, r2
        .if \two
        vshl.s32 q2, r2
        .endif
        .endm

        .macro  REQUANTIZE_FAST two
        LOAD_SUMS \two
        HIGH_WORD \two
        .endm

        .macro  REQUANTIZE_SIGN two
        LOAD_SUMS \two
        vldrw.32 q6, [r5], #16
        vldrw.32 q7, [r5], #16
        vpt.s32 lt, q0, q6
        vaddt.i32 q0, q0, q7
        .if \two
        vpt.s32 lt, q2, q6
        vaddt.i32 q2, q2, q7
        .endif
        HIGH_WORD \two
        .endm

        @ The reference rounds halves away from zero, VRSHL upwards: one less for what is negative and will be shifted.
        .macro  EXACT_SHIFT x
        vand    q7, \x, q6
        vshr.s32 q7, q7, #31
        vqadd.s32 \x, \x, q7
        vrshl.s32 \x, \x, q6
        .endm

        .macro  REQUANTIZE_EXACT two
        LOAD_SUMS \two
        vldrw.32 q6, [r5], #16
        vshl.s32 q0, q0, q6
        vqrdmulh.s32 q0, q0, q3
        .if \two
        vshl.s32 q2, q2, q6
        vqrdmulh.s32 q2, q2, q3
        .endif
        vldrw.32 q6, [r5], #16
        EXACT_SHIFT q0
        .if \two
        EXACT_SHIFT q2
        .endif
        ldr     r0, [sp, #MK_MVE_TILE_ZERO_POINT]
        ldrd    r2, r4, [sp, #MK_MVE_TILE_ACT_MIN]
        vdup.32 q6, r2
        vdup.32 q7, r4
        vadd.i32 q0, q0, r0
        vmax.s32 q0, q0, q6
        vmin.s32 q0, q0, q7
        .if \two
        vadd.i32 q2, q2, r0
        vmax.s32 q2, q2, q6
        vmin.s32 q2, q2, q7
        .endif
        .endm

        @ Every second one of eight channels, from channel `half` on; the inputs' addresses are left as they were.
        .macro  HALF requantize, two, half, narrow
        BLOCK   \two,
        ldr     pc, [sp, #entry_\half]
.Lblocks_\@_\two\half:
        .rept   unrolled
        BLOCK   \two, a
        .endr
.Lend_\two\half\requantize:
        cmp     r1, r9
        bne     .Lblocks_\@_\two\half
        sub     r1, r9, r11
        .if \two
        sub     r3, r3, r11
        .endif
        \requantize \two
        \narrow\().s32 q4, q0
        .if \two
        \narrow\().s32 q5, q2
        .endif
        .endm

        @ entry_<half> = where `r0` of the unrolled blocks are left to do, a Thumb address.
        .macro  SET_ENTRY requantize, two, half
        adr     r2, .Lend_\two\half\requantize
        .if \two
        mov     r4, #14 * 4
        .else
        mov     r4, #9 * 4
        .endif
        mls     r2, r0, r4, r2
        orr     r2, r2, #1
        str     r2, [sp, #entry_\half]
        .endm

        @ All channels of all pairs of positions, or of one.
        .macro  POSITIONS requantize, two
        ldr     r0, [sp, #MK_MVE_TILE_BYTES_OF_INPUTS]
        lsr     r0, r0, #4
        sub     r0, r0, #1
        and     r0, r0, #unrolled - 1
        SET_ENTRY \requantize, \two, 0
        SET_ENTRY \requantize, \two, 1
.Lnext_\two\requantize:
        ldr     r1, [sp, #MK_MVE_TILE_IN]
        ldrd    r3, r11, [sp, #MK_MVE_TILE_STEP]
        add     r9, r1, r11
        ldrd    r0, r4, [sp, #MK_MVE_TILE_OUT]
        ldr     r5, [sp, #MK_MVE_TILE_STREAM]
        add     r3, r3, r1
        add     r2, r0, r4
        strd    r0, r2, [sp, #out_0]
        str     r4, [sp, #channels_left]
.Lgroup_\two\requantize:
        HALF    \requantize, \two, 0, vqmovnb
        HALF    \requantize, \two, 1, vqmovnt
        ldr     r4, [sp, #channels_left]
        ldrd    r0, r2, [sp, #out_0]
        vctp.16 r4
        vqmovnb.s16 q4, q4
        .if \two
        vqmovnb.s16 q5, q5
        vpstt
        vstrbt.16 q4, [r0], #8
        vstrbt.16 q5, [r2], #8
        .else
        vpst
        vstrbt.16 q4, [r0], #8
        .endif
        subs    r4, r4, #8
        strd    r0, r2, [sp, #out_0]
        str     r4, [sp, #channels_left]
        bgt     .Lgroup_\two\requantize
        .if \two
        ldrd    r0, r2, [sp, #MK_MVE_TILE_OUT]
        ldr     r4, [sp, #MK_MVE_TILE_STEP]
        add     r0, r0, r2, lsl #1
        add     r1, r1, r4, lsl #1
        str     r0, [sp, #MK_MVE_TILE_OUT]
        ldr     r4, [sp, #MK_MVE_TILE_POSITIONS]
        str     r1, [sp, #MK_MVE_TILE_IN]
        subs    r4, r4, #2
        str     r4, [sp, #MK_MVE_TILE_POSITIONS]
        cmp     r4, #2
        bge     .Lnext_\two\requantize
        .endif
        .endm

        @ void mk_mve_tile_<way>(const struct mk_mve_tile *tile)
        .macro  TILE way, requantize
        FUNCTION mk_mve_tile_\way
        push    {r4-r11, lr}
        sub     sp, sp, #4
        vpush   {d8-d15}
        sub     sp, sp, #frame_bytes
        ldm     r0!, {r1-r8}
        stm     sp, {r1-r8}
        ldrd    r1, r2, [r0]
        strd    r1, r2, [sp, #MK_MVE_TILE_ACT_MIN]
        ldrd    r1, r2, [r7], #8
        strd    r1, r2, [sp, #scale]
        str     r7, [sp, #MK_MVE_TILE_STREAM]
        cmp     r4, #2
        blo     1f
        POSITIONS \requantize, 1
        cmp     r4, #0
        beq     2f
1:      POSITIONS \requantize, 0
2:      add     sp, sp, #frame_bytes
        vpop    {d8-d15}
        add     sp, sp, #4
        pop     {r4-r11, pc}
        END_FUNCTION mk_mve_tile_\way
        .endm

        TILE    fast, REQUANTIZE_FAST
        TILE    sign, REQUANTIZE_SIGN
        TILE    exact, REQUANTIZE_EXACT
