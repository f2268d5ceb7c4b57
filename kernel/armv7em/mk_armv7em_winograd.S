@ mk_armv7em_winograd.S: see mk_armv7em_winograd.h.
#include "mk_armv7em_layout.h"
#include "mk_armv7em_macros.h"
#include "mk_armv7em_winograd_layout.h"

@ void mk_armv7em_winograd_tile(const struct mk_armv7em_winograd *w)
@ r0-r7 = sums of four channels, left and right four; r8, r9 inputs, r10, r11 weights, r12 = inputs, lr = stream. Products
@ of a pair of input channels take 11 instructions for 16; four channels at eight positions, besides, 200 and 4 per output
@ (6.5 with a sign term). The stack holds a copy of the struct, what comes after a pass, the end of its inputs, the way to
@ requantise, where a pass begins, four times eight sums, and where the next four channels begin.

        .equ    next, MK_ARMV7EM_WINOGRAD_BYTES
        .equ    end, MK_ARMV7EM_WINOGRAD_BYTES + 4
        .equ    way, MK_ARMV7EM_WINOGRAD_BYTES + 8
        .equ    saved, MK_ARMV7EM_WINOGRAD_BYTES + 12
        .equ    entry, MK_ARMV7EM_WINOGRAD_BYTES + 16
        .equ    sums_0, MK_ARMV7EM_WINOGRAD_BYTES + 20
        .equ    sums_1, sums_0 + 32
        .equ    sums_2, sums_0 + 64
        .equ    sums_3, sums_0 + 96
        .equ    loop, sums_0 + 128
        .equ    frame_bytes, sums_0 + 128 + 4           @ with nine saved registers a multiple of eight
        .equ    pair_bytes, 48
        .equ    pass_bytes, 12 * 44             @ of code

        @ Sums from and to the stack.
        .macro  LOAD at
        ldrd    r0, r1, [sp, #\at]
        ldrd    r2, r3, [sp, #\at + 8]
        ldrd    r4, r5, [sp, #\at + 16]
        ldrd    r6, r7, [sp, #\at + 24]
        .endm

        .macro  STORE at
        strd    r0, r1, [sp, #\at]
        strd    r2, r3, [sp, #\at + 8]
        strd    r4, r5, [sp, #\at + 16]
        strd    r6, r7, [sp, #\at + 24]
        .endm

        .macro  CLEAR
        .irp    i, 0,1,2,3,4,5,6,7
        mov     r\i, #0
        .endr
        .endm

        @ Adds the products of V_j; goes on behind this macro.
        .macro  PASS j
        ldrd    r8, r9, [sp, #MK_ARMV7EM_WINOGRAD_INPUTS]
        add     r12, r8, #8 * \j
        add     r9, r9, r12
        ldr     r8, 8f
        strd    r8, r9, [sp, #next]
        ldr     pc, [sp, #entry]
        .balign 4
8:      .word   9f + 1                          @ Thumb
9:
        .endm

        @ After the second pass, which went on from t = m1: p = m1 + m2, and q = m1 - m2 = 2 t - p.
        .macro  COMBINE_2 p, p_right, at
        ldrd    r8, r9, [sp, #sums_0 + \at]
        rsb     r8, \p, r8, lsl #1
        rsb     r9, \p_right, r9, lsl #1
        strd    r8, r9, [sp, #sums_1 + \at]
        strd    \p, \p_right, [sp, #sums_0 + \at]
        .endm

        @ After the fourth: r = 8 (m3 + m4), s = 8 (m3 - m4) likewise; p + r, which stays, q + 2 s, p + 4 r, q + 8 s.
        .macro  COMBINE_4 a, b, at
        ldrd    r8, r9, [sp, #sums_2 + \at]
        rsb     r8, \a, r8, lsl #1
        rsb     r9, \b, r9, lsl #1
        ldrd    r10, r11, [sp, #sums_0 + \at]
        add     r12, r10, \a, lsl #5
        add     lr, r11, \b, lsl #5
        strd    r12, lr, [sp, #sums_2 + \at]
        add     \a, r10, \a, lsl #3
        add     \b, r11, \b, lsl #3
        ldrd    r10, r11, [sp, #sums_1 + \at]
        add     r12, r10, r8, lsl #4
        add     lr, r11, r9, lsl #4
        strd    r12, lr, [sp, #sums_1 + \at]
        add     r10, r10, r8, lsl #6
        add     r11, r11, r9, lsl #6
        strd    r10, r11, [sp, #sums_3 + \at]
        .endm

        .macro  LOAD_BIASES
        ldm     lr!, {r0, r2, r4, r6}           @ biases
        mov     r1, r0
        mov     r3, r2
        mov     r5, r4
        mov     r7, r6
        .endm

        @ Goes the way to requantise the sums of 2^\log2 positions left and as many right, which stand from sums_0 on.
        .macro  STORE_OUTPUTS log2
        ldrd    r10, r6, [sp, #MK_ARMV7EM_WINOGRAD_OUT]     @ and channels
        add     r12, sp, #sums_0
        add     r7, sp, #sums_0 + (32 << \log2)
        lsl     r11, r6, #\log2
        sub     r6, r6, #4
        ldr     pc, [sp, #way]
        .endm

        @ r10 = out, r11 = bytes to the right four, r12 = sums, lr = records
        .macro  WAY_WINOGRAD name, n, has_sign
        .thumb_func
\name:
        .set    record, 0
        .rept   4
        ldrd    r0, r1, [r12], #8
        ldrd    r2, r3, [lr, #record]
        .if \has_sign
        ldr     r4, [lr, #record + 8]
        .endif
        REQUANTIZE r0, r2, r3, r4, r5, \n, \has_sign
        REQUANTIZE r1, r2, r3, r4, r5, \n, \has_sign
        strb    r1, [r10, r11]
        strb    r0, [r10], #1
        .set    record, record + 8 + 4 * \has_sign
        .endr
        add     r10, r10, r6                    @ the next position
        cmp     r12, r7
        bne     \name
        add     lr, lr, #record
        b       quad_done
        .endm

        @ Copies the struct at r0 and finds all addresses; then lr = stream.
        .macro  BEGIN_TILE quad
        push    {r4-r11, lr}
        sub     sp, #frame_bytes
        ldm     r0, {r1-r7}
        stm     sp, {r1-r7}
        mov     lr, r5                          @ stream
        adr     r1, ways_winograd
        ldr     r1, [r1, r7, lsl #2]
        str     r1, [sp, #way]
        adr     r1, pass + 1                    @ Thumb
        tst     r2, #32                         @ an odd number of six pairs
        it      ne
        addne   r1, #pass_bytes / 2
        str     r1, [sp, #entry]
        adr     r1, \quad
        add     r1, r1, #1                      @ Thumb
        str     r1, [sp, #loop]
        .endm

        FUNCTION mk_armv7em_winograd_tile
        BEGIN_TILE quad
        .balign 4
quad:
        LOAD_BIASES
        PASS    1
        STORE   sums_0
        PASS    2
        COMBINE_2 r0, r1, 0
        COMBINE_2 r2, r3, 8
        COMBINE_2 r4, r5, 16
        COMBINE_2 r6, r7, 24
        CLEAR
        PASS    3
        STORE   sums_2
        PASS    4
        str     lr, [sp, #saved]
        COMBINE_4 r0, r1, 0
        COMBINE_4 r2, r3, 8
        COMBINE_4 r4, r5, 16
        COMBINE_4 r6, r7, 24
        ldr     lr, [sp, #saved]
        PASS    0
        STORE   sums_0
        LOAD    sums_3
        PASS    5
        STORE   sums_3
        STORE_OUTPUTS 2
quad_done:
        ldr     r10, [sp, #MK_ARMV7EM_WINOGRAD_OUT]
        ldr     r8, [sp, #MK_ARMV7EM_WINOGRAD_STREAM_END]
        add     r10, r10, #4
        str     r10, [sp, #MK_ARMV7EM_WINOGRAD_OUT]
        cmp     lr, r8
        it      ne
        ldrne   pc, [sp, #loop]
        add     sp, #frame_bytes
        pop     {r4-r11, pc}

        .balign 4
ways_winograd:                                  @ enum mk_armv7em_way; there is no exact one
        .word   0, small_winograd, small_sign_winograd, large_winograd, large_sign_winograd

pass:
        .rept   12
        ldrd    r8, r9, [r12], #pair_bytes
        ldrd    r10, r11, [lr], #8
        smlad   r0, r8, r10, r0
        smlad   r1, r9, r10, r1
        smlad   r2, r8, r11, r2
        smlad   r3, r9, r11, r3
        ldrd    r10, r11, [lr], #8
        smlad   r4, r8, r10, r4
        smlad   r5, r9, r10, r5
        smlad   r6, r8, r11, r6
        smlad   r7, r9, r11, r7
        .endr
        .if     . - pass != pass_bytes
        .error  "a pass has another length"
        .endif
        ldr     r8, [sp, #end]
        cmp     r12, r8
        bne     pass
        ldr     pc, [sp, #next]

        WAY_WINOGRAD small_winograd, MK_ARMV7EM_ASSEMBLED_SMALL_SHIFT, 0
        WAY_WINOGRAD small_sign_winograd, MK_ARMV7EM_ASSEMBLED_SMALL_SHIFT, 1
        WAY_WINOGRAD large_winograd, MK_ARMV7EM_ASSEMBLED_LARGE_SHIFT, 0
        WAY_WINOGRAD large_sign_winograd, MK_ARMV7EM_ASSEMBLED_LARGE_SHIFT, 1
        END_FUNCTION mk_armv7em_winograd_tile

@ void mk_armv7em_winograd_tile_stride_2(const struct mk_armv7em_winograd *w): see mk_armv7em_winograd_stride_2.h.
        .balign 4
        .global mk_armv7em_winograd_tile_stride_2
        .thumb_func
        .type   mk_armv7em_winograd_tile_stride_2, %function
mk_armv7em_winograd_tile_stride_2:
        BEGIN_TILE quad_stride_2
        .balign 4
quad_stride_2:
        LOAD_BIASES
        PASS    0
        STORE   sums_1
        PASS    1
        str     lr, [sp, #saved]                @ both outputs take the middle weights
        PASS    2
        STORE   sums_0
        ldr     lr, [sp, #saved]
        LOAD    sums_1
        PASS    3
        PASS    4
        STORE   sums_1
        STORE_OUTPUTS 1
        END_FUNCTION mk_armv7em_winograd_tile_stride_2

@ void mk_armv7em_winograd_slide(int32_t *to, const int32_t *from, uint32_t words)
        FUNCTION mk_armv7em_winograd_slide
        push    {r4-r10}
1:
        .rept   2
        ldm     r1!, {r3-r10}
        stm     r0!, {r3-r10}
        .endr
        subs    r2, #16
        bne     1b
        pop     {r4-r10}
        bx      lr
        END_FUNCTION mk_armv7em_winograd_slide
