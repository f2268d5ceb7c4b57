@ mk_mve_tile.S: see mk_mve_tile.h.
@
@ Two positions and four channels at a time: six vectors of 16 bytes are loaded for eight vector multiply-accumulates, whose
@ sums, in the eight even core registers, need no counter: the inputs' address says when they are complete. Four blocks are
@ unrolled and entered where the rest begins. A last position by itself takes half as many sums.
@
@ r0 r2 r4 r6: sums of the first position, r8 r10 r12 lr: of the second; r1, r3: their inputs; r5: stream; r7: channels left;
@ r11, r9: begin and end of the first position's inputs. q4, q5: what comes of the group's first half.
#include "mk_mve_layout.h"
#include "mk_mve_macros.h"
#include "mk_mve_requantize_macros.h"

        @ The frame: the tile, then
        .equ    out_0, MK_MVE_TILE_BYTES
        .equ    out_1, out_0 + 4
        .equ    scale, out_1 + 4
        .equ    entry_0, scale + 4              @ into the unrolled blocks of either half
        .equ    entry_1, entry_0 + 4
        .equ    frame_bytes, (entry_1 + 4 + 7) & ~7

        .equ    unrolled, 4

        @ 16 inputs of each position times the weights of four channels: 14 instructions, or 9 for one position.
        .macro  BLOCK two, half, a
        .if \half == 0
        vldrb.8 q0, [r1], #16
        .if \two
        vldrb.8 q1, [r3], #16
        .endif
        .else
        vldrb.8 q0, [r1, #-16]!
        .if \two
        vldrb.8 q1, [r3, #-16]!
        .endif
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

        @ Every second one of eight channels, from channel `half` on. The first half reads the inputs upwards, the second
        @ downwards, so that neither has to go back first.
        .macro  HALF way, two, half, to_0, to_1
        BLOCK   \two, \half,
        ldr     pc, [sp, #entry_\half]
.Lblocks_\two\half\way:
        .rept   unrolled
        BLOCK   \two, \half, a
        .endr
.Lend_\two\half\way:
        .if \half == 0
        cmp     r1, r9
        .else
        cmp     r1, r11
        .endif
        bne     .Lblocks_\two\half\way
        \way\()_REQUANTIZE \two, \to_0, \to_1
        .endm

        @ entry_<half> = where `r0` of the unrolled blocks are left to do, a Thumb address.
        .macro  SET_ENTRY way, two, half
        adr     r2, .Lend_\two\half\way
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
        .macro  POSITIONS way, two
        ldr     r0, [sp, #MK_MVE_TILE_BYTES_OF_INPUTS]
        lsr     r0, r0, #4
        sub     r0, r0, #1
        and     r0, r0, #unrolled - 1
        SET_ENTRY \way, \two, 0
        SET_ENTRY \way, \two, 1
.Lnext_\two\way:
        ldr     r1, [sp, #MK_MVE_TILE_IN]
        ldrd    r3, r9, [sp, #MK_MVE_TILE_STEP]
        ldrd    r0, r7, [sp, #MK_MVE_TILE_OUT]
        mov     r11, r1
        add     r9, r9, r1
        ldr     r5, [sp, #MK_MVE_TILE_STREAM]
        add     r3, r3, r1
        add     r2, r0, r7
        strd    r0, r2, [sp, #out_0]
.Lgroup_\two\way:
        HALF    \way, \two, 0, q4, q5
        HALF    \way, \two, 1, q0, q2
        \way\()_MERGE \two
        ldrd    r0, r2, [sp, #out_0]
        vctp.16 r7
        vqmovnb.s16 q0, q0
        .if \two
        vqmovnb.s16 q2, q2
        vpstt
        vstrbt.16 q0, [r0], #8
        vstrbt.16 q2, [r2], #8
        .else
        vpst
        vstrbt.16 q0, [r0], #8
        .endif
        subs    r7, r7, #8
        strd    r0, r2, [sp, #out_0]
        bgt     .Lgroup_\two\way
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
        bge     .Lnext_\two\way
        .endif
        .endm

        @ void mk_mve_tile_<way>(const struct mk_mve_tile *tile)
        .macro  TILE name, way
        FUNCTION mk_mve_tile_\name
        BEGIN_FRAME
        COPY_TILE
        ldr     r1, [r7], #4
        str     r1, [sp, #scale]
        str     r7, [sp, #MK_MVE_TILE_STREAM]
        cmp     r4, #2
        blo     1f
        POSITIONS \way, 1
        cmp     r4, #0
        beq     2f
1:      POSITIONS \way, 0
2:      END_FRAME
        END_FUNCTION mk_mve_tile_\name
        .endm

        TILE    fast, FAST
        TILE    sign, SIGN
        TILE    exact, EXACT
