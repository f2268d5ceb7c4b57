@ mk_armv7em_depthwise.S: see mk_armv7em_depthwise.h.
#include "mk_armv7em_depthwise_layout.h"
#include "mk_armv7em_layout.h"
#include "mk_armv7em_macros.h"

@ void mk_armv7em_depthwise_taps(const struct mk_armv7em_taps *taps)
@ r0-r3 = sums, r4, r5 inputs, r6-r9 weights, r10 sorted inputs, r11 = first channel, r12 = list, lr = stream. A pair of
@ taps takes 14 instructions for 8 products, a group of four channels 24 to 36 more, 3 per 8 pairs, and a position 35.
@ The stack holds a copy of the struct, then where a group enters the unrolled loop, and the way to requantise.

        .equ    entry, MK_ARMV7EM_TAPS_BYTES
        .equ    tail, MK_ARMV7EM_TAPS_BYTES + 4
        .equ    frame_bytes, MK_ARMV7EM_TAPS_BYTES + 12     @ with nine saved registers a multiple of eight

#if defined(MK_OPTIMIZE_SIZE)
        .equ    unrolled_taps, 2                @ pairs
#else
        .equ    unrolled_taps, 8
#endif

        .macro  OUTPUT s, offset, n, has_sign
        .if \has_sign
        ldm     lr!, {r6-r8}
        .else
        ldrd    r6, r7, [lr], #8
        .endif
        REQUANTIZE \s, r6, r7, r8, r9, \n, \has_sign
        strb    \s, [r11, #\offset]
        .endm

        .macro  WAY_TAPS name, n, has_sign
        .thumb_func
\name:
        ldr     r10, [sp, #MK_ARMV7EM_TAPS_OUT]
        ldr     r5, [sp, #MK_ARMV7EM_TAPS_STREAM_END]
        add     r11, r11, r10
        OUTPUT  r0, 0, \n, \has_sign
        OUTPUT  r1, 1, \n, \has_sign
        OUTPUT  r2, 2, \n, \has_sign
        OUTPUT  r3, 3, \n, \has_sign
        cmp     lr, r5
        bne     group_taps
        b       done_taps
        .endm

        FUNCTION mk_armv7em_depthwise_taps
        push    {r4-r11, lr}
        sub     sp, #frame_bytes
        mov     r12, sp
        ldm     r0!, {r1-r5}
        stm     r12!, {r1-r5}
        mov     lr, r4                          @ stream
        ldm     r0, {r1-r5}                     @ pairs, way
        stm     r12, {r1-r5}
        and     r1, #unrolled_taps - 1
        movs    r4, #56
        adr     r5, check_taps
        mls     r1, r1, r4, r5
        adds    r1, #1                          @ Thumb
        adr     r5, ways_taps
        ldr     r2, [r5, r2, lsl #2]
        strd    r1, r2, [sp, #entry]
group_taps:
        ldm     lr!, {r0-r3, r11}
        ldr     r12, [sp, #MK_ARMV7EM_TAPS_LIST]
        ldr     pc, [sp, #entry]
        .balign 4
ways_taps:                                      @ enum mk_armv7em_way
        .word   exact_taps, small_taps, small_sign_taps, large_taps, large_sign_taps
loop_taps:
        .rept   unrolled_taps
        ldrd    r4, r5, [r12], #8
        ldr     r4, [r4, r11]
        ldr     r5, [r5, r11]
        ldm     lr!, {r6-r9}
        pkhbt   r10, r4, r5, lsl #16
        pkhtb   r5, r5, r4, asr #16
        sxtb16  r4, r10
        smlad   r0, r4, r6, r0
        sxtb16  r4, r10, ror #8
        smlad   r1, r4, r7, r1
        sxtb16  r4, r5
        smlad   r2, r4, r8, r2
        sxtb16  r4, r5, ror #8
        smlad   r3, r4, r9, r3
        .endr
        .org    loop_taps + unrolled_taps * 56              @ fails if a pair is longer
check_taps:
        ldr     r4, [sp, #MK_ARMV7EM_TAPS_LIST_END]
        cmp     r12, r4
        bne     loop_taps
        ldr     pc, [sp, #tail]

        WAY_TAPS small_taps, MK_ARMV7EM_ASSEMBLED_SMALL_SHIFT, 0
        WAY_TAPS small_sign_taps, MK_ARMV7EM_ASSEMBLED_SMALL_SHIFT, 1
        WAY_TAPS large_taps, MK_ARMV7EM_ASSEMBLED_LARGE_SHIFT, 0
        WAY_TAPS large_sign_taps, MK_ARMV7EM_ASSEMBLED_LARGE_SHIFT, 1

        .thumb_func
exact_taps:
        add     r6, sp, #MK_ARMV7EM_TAPS_SUMS
        stm     r6, {r0-r3}
        str     lr, [sp, #MK_ARMV7EM_TAPS_STREAM]
        mov     r0, sp
        mov     r1, r11
        bl      mk_armv7em_depthwise_exactly
        ldrd    lr, r5, [sp, #MK_ARMV7EM_TAPS_STREAM]
        cmp     lr, r5
        bne     group_taps
done_taps:
        add     sp, #frame_bytes
        pop     {r4-r11, pc}
        END_FUNCTION mk_armv7em_depthwise_taps
