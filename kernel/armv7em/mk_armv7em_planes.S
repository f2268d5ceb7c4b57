@ mk_armv7em_planes.S: see mk_armv7em_planes.h.
#include "mk_armv7em_layout.h"
#include "mk_armv7em_macros.h"
#include "mk_armv7em_planes_layout.h"

@ void mk_armv7em_planes_3x3(const struct mk_armv7em_blocks *blocks)
@ r0-r5 = sums, r6-r9 = inputs, r10, r11 = weights, r12 = first of four words of inputs, lr = stream. Six outputs of a row
@ take 75 instructions (1.39 per product), with stride 2 84; a sign term two more each; a narrow row of five takes 59 (1.31); a
@ block 15, a channel 21.
@ The stack holds a copy of the struct, in which kind and way become addresses and the stream the first output of the
@ channel; then input and first output of the block, how many blocks are left, bytes of all output rows and of a channel
@ in the stream.

        .equ    first_out, MK_ARMV7EM_BLOCKS_STREAM
        .equ    block, MK_ARMV7EM_BLOCKS_BYTES
        .equ    left, MK_ARMV7EM_BLOCKS_BYTES + 8
        .equ    span, MK_ARMV7EM_BLOCKS_BYTES + 12
        .equ    record, MK_ARMV7EM_BLOCKS_BYTES + 16
        .equ    block_frame_bytes, MK_ARMV7EM_BLOCKS_BYTES + 24     @ with nine saved registers a multiple of eight
        .equ    bias_and_weights, 28                                @ bytes

        @ Two outputs from words a, b: the first column in the low half of a, and in its high half. s = sum, init.
        .macro  EVEN s, a, b, init
        smlad   \s, \a, r10, \init
        smlabt  \s, \b, r11, \s
        .endm
        .macro  ODD s, a, b, init
        smlatb  \s, \a, r10, \init
        smlad   \s, \b, r11, \s
        .endm

        @ One filter row of n outputs with stride 1. i5 etc.: the sums' first values.
        .macro  ROW_BY_1 n, i0, i1, i2, i3, i4, i5, writeback=
        ldm     r12\writeback, {r6-r9}
        EVEN    r0, r6, r7, \i0
        ODD     r1, r6, r7, \i1
        EVEN    r2, r7, r8, \i2
        .if \n > 3
        ODD     r3, r7, r8, \i3
        EVEN    r4, r8, r9, \i4
        .endif
        .if \n > 5
        ODD     r5, r8, r9, \i5
        .endif
        .endm

        .macro  ROW_BY_2 n, i0, i1, i2, i3, i4, i5
        ldm     r12, {r6-r9}
        EVEN    r0, r6, r7, \i0
        EVEN    r1, r7, r8, \i1
        EVEN    r2, r8, r9, \i2
        .if \n > 3
        ldrd    r6, r7, [r12, #16]
        ldr     r8, [r12, #24]
        EVEN    r3, r9, r6, \i3
        EVEN    r4, r6, r7, \i4
        EVEN    r5, r7, r8, \i5
        .endif
        .endm

        @ To the next sorted row. With fewer than six outputs r5 holds the distance.
        .macro  NEXT_ROW n
        .if \n > 5
        ldr     r6, [sp, #MK_ARMV7EM_BLOCKS_ROW]
        add     r12, r12, r6
        .else
        add     r12, r12, r5
        .endif
        .endm

        .macro  BLOCK n, stride, last
        .thumb_func
block_\n\()_by_\stride:
        ldm     lr, {\last, r10, r11}           @ the bias, in the sum that is begun last
        ROW_BY_\stride \n, \last, \last, \last, \last, \last, \last
        ldrd    r10, r11, [lr, #12]
        NEXT_ROW \n
        ROW_BY_\stride \n, r0, r1, r2, r3, r4, r5
        ldrd    r10, r11, [lr, #20]
        NEXT_ROW \n
        ROW_BY_\stride \n, r0, r1, r2, r3, r4, r5
        ldr     r6, [lr, #bias_and_weights]
        ldm     sp, {r7-r11}                    @ step, out, advance, out_row_bytes, out_end
        add     r12, r12, r9
        add     r9, r8, r7                      @ the second output
        ldr     pc, [sp, #MK_ARMV7EM_BLOCKS_WAY]
        .endm

        @ A sum to the output at \base, whose place r9 as a base is lost to the sign term.
        .macro  STORE s, n, has_sign, base, place:vararg
        .if \has_sign
        REQUANTIZE \s, r6, r10, r11, r9, \n, 1
        .ifc    \base, r9
        add     r9, r8, r7
        .endif
        .else
        smmul   \s, \s, r6
        ssat    \s, #8, \s, asr #\n
        .endif
        strb    \s, [\base, \place]
        .endm

        @ Sums to outputs, from the last one that there is on, which are `step` bytes apart.
        .macro  WAY name, n, has_sign
        .if \has_sign
        .irp    outputs, 1, 2, 3, 4, 5
        .thumb_func
\name\()_\outputs:
        ldrd    r10, r11, [lr, #bias_and_weights + 4]
        b       \name\()_do_\outputs
        .endr
        .thumb_func
\name\()_6:
        ldrd    r10, r11, [lr, #bias_and_weights + 4]
        .else
        .thumb_func
\name\()_6:
        .endif
        STORE   r5, \n, \has_sign, r9, r7, lsl #2
        .thumb_func
\name\()_do_5:
        STORE   r4, \n, \has_sign, r8, r7, lsl #2
        .thumb_func
\name\()_do_4:
        STORE   r3, \n, \has_sign, r9, r7, lsl #1
        .thumb_func
\name\()_do_3:
        STORE   r2, \n, \has_sign, r8, r7, lsl #1
        .thumb_func
\name\()_do_2:
        STORE   r1, \n, \has_sign, r8, r7
        .thumb_func
\name\()_do_1:
        STORE   r0, \n, \has_sign, r8, #0
        .if \has_sign
        ldrd    r10, r11, [sp, #MK_ARMV7EM_BLOCKS_OUT_ROW]
        .endif
        add     r8, r8, r10
        str     r8, [sp, #MK_ARMV7EM_BLOCKS_OUT]
        cmp     r8, r11
        beq     next_block
        ldr     pc, [sp, #MK_ARMV7EM_BLOCKS_KIND]
        .endm

        FUNCTION mk_armv7em_planes_3x3
        push    {r4-r11, lr}
        sub     sp, #block_frame_bytes
        mov     r12, sp
        ldm     r0!, {r1-r6}
        stm     r12!, {r1-r6}
        mov     r10, r2                         @ out
        sub     r11, r5, r2
        mov     r5, r6                          @ row_bytes
        ldm     r0!, {r1-r4, r6}                @ kind, way, steps, count
        adr     r8, kinds
        ldr     r9, [r8, r1, lsl #2]
        cmp     r1, #6
        it      hs
        subhs   r1, #6
        lsrs    r2, r2, #1                      @ 0, 1, 2 of the ways that there are
        ite     eq
        moveq   r7, #bias_and_weights + 4
        movne   r7, #bias_and_weights + 12
        add     r2, r2, r2, lsl #1
        add     r1, r1, r2, lsl #1
        adr     r8, ways
        ldr     r2, [r8, r1, lsl #2]
        mov     r1, r9
        stm     r12!, {r1-r4, r6}
        strd    r11, r7, [sp, #span]
        str     r6, [sp, #left]
        ldm     r0, {r0, r1, r2, lr}            @ in, plane_bytes, stream_end, stream
        stm     r12, {r0, r1, r2, r10}
        mov     r12, r0
        strd    r0, r10, [sp, #block]
        ldr     pc, [sp, #MK_ARMV7EM_BLOCKS_KIND]
        .balign 4
kinds:                                          @ 1 to 6 outputs with stride 2, with stride 1
        .word   block_3_by_2, block_3_by_2, block_3_by_2, block_6_by_2, block_6_by_2, block_6_by_2
        .word   block_3_by_1, block_3_by_1, block_3_by_1, block_6_by_1, block_6_by_1, block_6_by_1
        .word   narrow
ways:
        .word   small_do_1, small_do_2, small_do_3, small_do_4, small_do_5, small_6
        .word   small_sign_1, small_sign_2, small_sign_3, small_sign_4, small_sign_5, small_sign_6
        .word   large_sign_1, large_sign_2, large_sign_3, large_sign_4, large_sign_5, large_sign_6

        BLOCK   3, 1, r2
        BLOCK   6, 1, r5
        BLOCK   3, 2, r2
        BLOCK   6, 2, r5

        @ Rows one after the other, of four words each, and one way to requantise: no jump through memory.
        .thumb_func
narrow:
        ldm     lr, {r4, r10, r11}
        ROW_BY_1 5, r4, r4, r4, r4, r4, r4, !
        ldrd    r10, r11, [lr, #12]
        ROW_BY_1 5, r0, r1, r2, r3, r4, r5, !
        ldrd    r10, r11, [lr, #20]
        ROW_BY_1 5, r0, r1, r2, r3, r4, r5, !
        ldr     r6, [lr, #bias_and_weights]
        ldm     sp, {r7-r11}                    @ step, out, advance, out_row_bytes, out_end
        add     r12, r12, r9
        add     r9, r8, r7
        STORE   r4, MK_ARMV7EM_ASSEMBLED_SMALL_SHIFT, 0, r8, r7, lsl #2
        STORE   r3, MK_ARMV7EM_ASSEMBLED_SMALL_SHIFT, 0, r9, r7, lsl #1
        STORE   r2, MK_ARMV7EM_ASSEMBLED_SMALL_SHIFT, 0, r8, r7, lsl #1
        STORE   r1, MK_ARMV7EM_ASSEMBLED_SMALL_SHIFT, 0, r8, r7
        STORE   r0, MK_ARMV7EM_ASSEMBLED_SMALL_SHIFT, 0, r8, #0
        add     r8, r8, r10
        str     r8, [sp, #MK_ARMV7EM_BLOCKS_OUT]
        cmp     r8, r11
        bne     narrow
        b       next_block

        WAY     small, MK_ARMV7EM_ASSEMBLED_SMALL_SHIFT, 0
        WAY     small_sign, MK_ARMV7EM_ASSEMBLED_SMALL_SHIFT, 1
        WAY     large_sign, MK_ARMV7EM_ASSEMBLED_LARGE_SHIFT, 1

next_block:                                     @ r8 = end of the outputs
        ldr     r0, [sp, #left]
        subs    r0, #1
        beq     next_channel
        ldrd    r12, r2, [sp, #block]
        ldrd    r3, r4, [sp, #MK_ARMV7EM_BLOCKS_IN_STEP]
        add     r12, r12, r3
        add     r2, r2, r4
        add     r8, r8, r4
        strd    r12, r2, [sp, #block]
        str     r0, [sp, #left]
        str     r2, [sp, #MK_ARMV7EM_BLOCKS_OUT]
        str     r8, [sp, #MK_ARMV7EM_BLOCKS_OUT_END]
        ldr     pc, [sp, #MK_ARMV7EM_BLOCKS_KIND]

next_channel:
        ldrd    r3, r12, [sp, #MK_ARMV7EM_BLOCKS_COUNT]
        ldrd    r1, r4, [sp, #MK_ARMV7EM_BLOCKS_PLANE]
        ldr     r2, [sp, #first_out]
        ldrd    r0, r6, [sp, #span]
        add     r12, r12, r1
        adds    r2, #1
        add     r0, r0, r2
        add     lr, lr, r6
        cmp     lr, r4
        beq     done
        str     r12, [sp, #MK_ARMV7EM_BLOCKS_IN]
        str     r2, [sp, #first_out]
        strd    r12, r2, [sp, #block]
        str     r3, [sp, #left]
        str     r2, [sp, #MK_ARMV7EM_BLOCKS_OUT]
        str     r0, [sp, #MK_ARMV7EM_BLOCKS_OUT_END]
        ldr     pc, [sp, #MK_ARMV7EM_BLOCKS_KIND]
done:
        add     sp, #block_frame_bytes
        pop     {r4-r11, pc}
        END_FUNCTION mk_armv7em_planes_3x3

@ ---------------------------------------------------------------------------------------------------------------------
@ void mk_armv7em_move_fours(int32_t *to, const int32_t *from, uint32_t fours, uint32_t ascends)
@ Eight words take 4 instructions. What is loaded at once is stored after that, so that places may overlap.
        .macro  MOVE_FOURS load, store
        lsrs    r2, r2, #1
        bcc     1f
        \load   r1!, {r4-r7}
        \store   r0!, {r4-r7}
1:      beq     3f
2:      \load   r1!, {r3-r10}
        \store   r0!, {r3-r10}
        subs    r2, #1
        bne     2b
3:      pop     {r4-r10}
        bx      lr
        .endm

        FUNCTION mk_armv7em_move_fours
        push    {r4-r10}
        cmp     r3, #0
        beq     4f
        MOVE_FOURS ldmia, stmia
4:      add     r0, r0, r2, lsl #4
        add     r1, r1, r2, lsl #4
        MOVE_FOURS ldmdb, stmdb
        END_FUNCTION mk_armv7em_move_fours

@ ---------------------------------------------------------------------------------------------------------------------
@ void mk_armv7em_sort_planes(int32_t *to, const int8_t *in, const int8_t *in_end, const struct mk_armv7em_sorting *sorting)
@ r0-r3 = planes, r4 = in, r5 = column_bytes, r6-r11 words, r12 = doubles, lr = ends. Two words of four planes take 24
@ instructions, one 13; a row 15 to 17.
@ The stack holds skip, in_skip, in_end, doubles, three times column_bytes, pad, ends.

        .equ    doubles, 12
        .equ    three_columns, 16
        .equ    pad, 20
        .equ    ends, 24
        .equ    sort_frame_bytes, 28            @ with nine saved registers a multiple of eight

        @ r6, r7: two columns of four channels, to a word of each plane.
        .macro  SORT_ONE
        pkhbt   r8, r6, r7, lsl #16             @ channels 0 and 1
        pkhtb   r7, r7, r6, asr #16             @ channels 2 and 3
        sxtb16  r6, r8
        str     r6, [r0], #4
        sxtb16  r8, r8, ror #8
        str     r8, [r1], #4
        sxtb16  r6, r7
        str     r6, [r2], #4
        sxtb16  r7, r7, ror #8
        str     r7, [r3], #4
        .endm

        FUNCTION mk_armv7em_sort_planes
        push    {r4-r11, lr}
        sub     sp, #sort_frame_bytes
        ldm     r3, {r4-r10}
        strd    r4, r5, [sp]
        str     r2, [sp, #8]
        strd    r10, r8, [sp, #pad]
        add     r10, r6, r6, lsl #1
        strd    r9, r10, [sp, #doubles]
        mov     lr, r8
        mov     r5, r6
        mov     r4, r1
        add     r1, r0, r7
        add     r2, r1, r7
        add     r3, r2, r7
row:
        lsls    r12, lr, #1
        bcc     1f
        ldr     r6, [sp, #pad]
        ldr     r7, [r4]
        add     r4, r4, r5
        SORT_ONE
1:      bpl     2f
        ldr     r6, [r4]
        ldr     r7, [r4, r5]
        add     r4, r4, r5, lsl #1
        SORT_ONE
2:      ldrd    r12, lr, [sp, #doubles]
        cmp     r12, #0
        beq     4f
3:      ldr     r6, [r4]
        ldr     r7, [r4, r5]
        ldr     r8, [r4, r5, lsl #1]
        ldr     r9, [r4, lr]
        add     r4, r4, r5, lsl #2
        pkhbt   r10, r6, r7, lsl #16
        pkhtb   r7, r7, r6, asr #16
        pkhbt   r11, r8, r9, lsl #16
        pkhtb   r9, r9, r8, asr #16
        sxtb16  r6, r10
        sxtb16  r8, r11
        strd    r6, r8, [r0], #8
        sxtb16  r6, r10, ror #8
        sxtb16  r8, r11, ror #8
        strd    r6, r8, [r1], #8
        sxtb16  r6, r7
        sxtb16  r8, r9
        strd    r6, r8, [r2], #8
        sxtb16  r6, r7, ror #8
        sxtb16  r8, r9, ror #8
        strd    r6, r8, [r3], #8
        subs    r12, #1
        bne     3b
4:      ldr     lr, [sp, #ends]
        tst     lr, #1
        beq     5f
        ldr     r6, [r4]
        ldr     r7, [sp, #pad]
        add     r4, r4, r5
        SORT_ONE
5:      ldm     sp, {r6-r8}
        add     r0, r0, r6
        add     r1, r1, r6
        add     r2, r2, r6
        add     r3, r3, r6
        add     r4, r4, r7
        cmp     r4, r8
        bne     row
        add     sp, #sort_frame_bytes
        pop     {r4-r11, pc}
        END_FUNCTION mk_armv7em_sort_planes
