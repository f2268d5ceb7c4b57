@ mk_mve_vector.S: see mk_mve_vector.h.
@
@ All eight sums of a group belong to one position, so that a vector of inputs is loaded once for eight of weights: 17 instructions
@ for 128 products. Four blocks are unrolled and entered where the rest begins.
@
@ r0 r2 r4 r6: sums of the even channels, r8 r10 r12 lr: of the odd ones; r1: inputs, r9: their end; r5: stream; r3: outputs; r7:
@ channels left. q4: what comes of the even channels.
#include "mk_mve_layout.h"
#include "mk_mve_macros.h"
#include "mk_mve_requantize_macros.h"

        @ The frame: the tile, then
        .equ    scale, MK_MVE_TILE_BYTES
        .equ    entry, scale + 4                @ into the unrolled blocks
        .equ    frame_bytes, (entry + 4 + 7) & ~7

        .equ    unrolled, 4
        .equ    block_bytes, 17 * 4

        .macro  PRODUCTS a, sum, weights
        vldrw.32 \weights, [r5], #16
        vmladav\a\().s8 \sum, q0, \weights
        .endm

        .macro  BLOCK a
        vldrb.8 q0, [r1], #16
        PRODUCTS \a, r0, q2
        PRODUCTS \a, r2, q3
        PRODUCTS \a, r4, q2
        PRODUCTS \a, r6, q3
        PRODUCTS \a, r8, q2
        PRODUCTS \a, r10, q3
        PRODUCTS \a, r12, q2
        PRODUCTS \a, lr, q3
        .endm

        @ void mk_mve_vector_<name>(const struct mk_mve_tile *tile)
        .macro  VECTOR name, way
        FUNCTION mk_mve_vector_\name
        BEGIN_FRAME
        COPY_TILE
        lsr     r0, r3, #4                      @ bytes of inputs
        sub     r0, r0, #1
        and     r0, r0, #unrolled - 1
        mov     r1, #block_bytes
        adr     r2, .Lend_\way
        mls     r2, r0, r1, r2
        orr     r2, r2, #1
        str     r2, [sp, #entry]
        mov     r3, r5
        mov     r5, r7
        mov     r7, r6
        ldr     r1, [r5], #4
        str     r1, [sp, #scale]
        ldr     r9, [sp, #MK_MVE_TILE_BYTES_OF_INPUTS]
        ldr     r1, [sp, #MK_MVE_TILE_IN]
        add     r9, r9, r1
.Lgroup_\way:
        ldr     r1, [sp, #MK_MVE_TILE_IN]
        BLOCK
        ldr     pc, [sp, #entry]
.Lblocks_\way:
        .rept   unrolled
        BLOCK   a
        .endr
.Lend_\way:
        cmp     r1, r9
        bne     .Lblocks_\way
        \way\()_REQUANTIZE 0, q4
        mov     r0, r8
        mov     r2, r10
        mov     r4, r12
        mov     r6, lr
        \way\()_REQUANTIZE 0, q0
        \way\()_MERGE 0
        vctp.16 r7
        vqmovnb.s16 q0, q0
        vpst
        vstrbt.16 q0, [r3], #8
        subs    r7, r7, #8
        bgt     .Lgroup_\way
        END_FRAME
        END_FUNCTION mk_mve_vector_\name
        .endm

        VECTOR  fast, FAST
        VECTOR  sign, SIGN
        VECTOR  exact, EXACT
