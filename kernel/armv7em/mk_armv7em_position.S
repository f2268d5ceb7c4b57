@ mk_armv7em_position.S: see mk_armv7em_position.h.
#include "mk_armv7em_tile_macros.h"

        .equ    frame_bytes_1, MK_ARMV7EM_TILE_BYTES + 8    @ with nine saved registers a multiple of eight
#if defined(MK_OPTIMIZE_SIZE)
        .equ    unrolled_1, 2                   @ groups of inputs
#else
        .equ    unrolled_1, 32                  @ 128 inputs: weights come from flash, once
#endif

@ void mk_armv7em_dual_1(const struct mk_armv7em_tile *tile)
@ r0 = S_A, r1 = S_A + 256 * S_B, r2 = S_C, r3 = S_C + 256 * S_D, r4, r5 inputs, r6-r9 weights, r10 = weights of A or C,
@ r11 = end of the columns, r12 = columns, lr = stream. A group takes 14 instructions for 16 products (0.88 each); four
@ channels 28 to 40 more, and 2 per 8 groups.

        .macro  LOAD_RECORD has_sign
        .if \has_sign
        ldm     lr!, {r6-r8}
        .else
        ldrd    r6, r7, [lr], #8
        .endif
        .endm

        .macro  PAIR a, b, input, weights
        smlad   \b, \input, \weights, \b
        sxtb16  r10, \weights
        smlad   \a, \input, r10, \a
        .endm

        .macro  GROUP_1
        ldrd    r4, r5, [r12], #8
        ldm     lr!, {r6-r9}
        PAIR    r0, r1, r4, r6
        PAIR    r0, r1, r5, r7
        PAIR    r2, r3, r4, r8
        PAIR    r2, r3, r5, r9
        .endm

        .macro  OUTPUT_1 s, n, has_sign
        LOAD_RECORD \has_sign
        REQUANTIZE \s, r6, r7, r8, r9, \n, \has_sign
        strb    \s, [r4], #1
        .endm

        .macro  WAY_1 name, n, has_sign
        .thumb_func
\name:
        ldr     r4, [sp, #MK_ARMV7EM_OUT]
        ldr     r5, [sp, #MK_ARMV7EM_LAST]
        sub     r1, r1, r0
        sub     r3, r3, r2
        lsl     r0, r0, #8
        lsl     r2, r2, #8
        OUTPUT_1 r0, \n, \has_sign
        cmp     r4, r5
        bhi     done_1
        OUTPUT_1 r1, \n, \has_sign
        bhs     done_1                          @ B was the last
        OUTPUT_1 r2, \n, \has_sign
        cmp     r4, r5
        bhi     done_1
        OUTPUT_1 r3, \n, \has_sign
        ldr     r12, [sp, #MK_ARMV7EM_COLUMNS]
        str     r4, [sp, #MK_ARMV7EM_OUT]
        blo     quad_1
        b       done_1
        .endm

        FUNCTION mk_armv7em_dual_1
        SAVE    frame_bytes_1
        COPY_TILE
        mov     lr, r1
        ldr     r11, [r0]                       @ columns_end
        CHOOSE_PATHS check_1, unrolled_1, 56, ways_1
        ldr     r12, [sp, #MK_ARMV7EM_COLUMNS]
quad_1:
        ldm     lr!, {r0-r3}                    @ biases
        GROUP_1
        ldr     pc, [sp, #entry]
        .balign 4
ways_1:                                         @ enum mk_armv7em_way
        .word   exact_1, small_1, small_sign_1, large_1, large_sign_1
loop_1:
        .rept   unrolled_1
        GROUP_1
        .endr
        .org    loop_1 + unrolled_1 * 56              @ fails if a group is longer
check_1:
        cmp     r12, r11
        bne     loop_1
        ldr     pc, [sp, #tail]

        WAY_1   small_1, MK_ARMV7EM_ASSEMBLED_SMALL_SHIFT, 0
        WAY_1   small_sign_1, MK_ARMV7EM_ASSEMBLED_SMALL_SHIFT, 1
        WAY_1   large_1, MK_ARMV7EM_ASSEMBLED_LARGE_SHIFT, 0
        WAY_1   large_sign_1, MK_ARMV7EM_ASSEMBLED_LARGE_SHIFT, 1

        .thumb_func
exact_1:
        sub     r1, r1, r0
        sub     r3, r3, r2
        asr     r1, r1, #8
        asr     r3, r3, #8
        add     r6, sp, #MK_ARMV7EM_SUMS
        stm     r6, {r0-r3}
        str     lr, [sp, #MK_ARMV7EM_STREAM]
        mov     r0, sp
        movs    r1, #4
        movs    r2, #1
        bl      mk_armv7em_finish_exactly
        ldr     r12, [sp, #MK_ARMV7EM_COLUMNS]
        ldr     lr, [sp, #MK_ARMV7EM_STREAM]
        ldr     r0, [sp, #MK_ARMV7EM_OUT]
        ldr     r1, [sp, #MK_ARMV7EM_LAST]
        cmp     r0, r1
        bls     quad_1
done_1:
        RETURN  frame_bytes_1
        END_FUNCTION mk_armv7em_dual_1
