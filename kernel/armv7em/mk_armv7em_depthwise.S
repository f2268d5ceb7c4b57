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
        and     r1, #7
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
        .rept   8
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
        .org    loop_taps + 8 * 56              @ fails if a pair is longer
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

@ ---------------------------------------------------------------------------------------------------------------------
@ void mk_armv7em_depthwise_row_1(const struct mk_armv7em_columns *columns), and _2: the stride along the row
@ Sorting a column of four channels takes 17 instructions; a channel 17, and 14 per output (17 with a sign term; half an
@ instruction more with stride 2), the last of an odd number 3 more. The stack holds a copy of the struct, then the first column and output of the channel, and the
@ ways to requantise two outputs and one.

        .equ    column, MK_ARMV7EM_COLUMNS_BYTES        @ and the output after it
        .equ    two, MK_ARMV7EM_COLUMNS_BYTES + 8       @ and one after it
        .equ    one, MK_ARMV7EM_COLUMNS_BYTES + 12
        .equ    row_frame_bytes, MK_ARMV7EM_COLUMNS_BYTES + 20
        .equ    column_bytes, 32

        @ How many outputs are left of the channel: goes on with two, one, or after this macro.
        .macro  CONTINUE stride
        ldr     r8, [sp, #MK_ARMV7EM_COLUMNS_LAST]
        cmp     r10, r8
        blo     two_outputs_\stride
        sub     r8, r10, r8
        cmp     r8, #\stride * column_bytes
        blo     one_output_\stride
        .endm

        @ The sums r6, r7 to two outputs, and r6 to one.
        .macro  WAYS_ROW name, n, has_sign, stride
        .thumb_func
two_\name\()_\stride:
        .if \has_sign
        ldm     lr, {r0-r2}
        REQUANTIZE r6, r0, r1, r2, r3, \n, 1
        REQUANTIZE r7, r0, r1, r2, r3, \n, 1
        ldmdb   lr, {r0-r5}                     @ the weights again
        .else
        ldrd    r8, r9, [lr]
        REQUANTIZE r6, r8, r9, r8, r8, \n, 0
        REQUANTIZE r7, r8, r9, r8, r8, \n, 0
        .endif
        strb    r7, [r11, r12]
        strb    r6, [r11]
        add     r11, r11, r12, lsl #1
        CONTINUE \stride
        adds    lr, lr, #8 + 4 * \has_sign
        b       next_channel_\stride
        .thumb_func
one_\name\()_\stride:
        .if \has_sign
        ldm     lr!, {r0-r2}
        REQUANTIZE r6, r0, r1, r2, r3, \n, 1
        .else
        ldrd    r8, r9, [lr], #8
        REQUANTIZE r6, r8, r9, r8, r8, \n, 0
        .endif
        strb    r6, [r11]
        b       next_channel_\stride
        .endm

        .macro  DEPTHWISE_ROW stride
        FUNCTION mk_armv7em_depthwise_row_\stride
        push    {r4-r11, lr}
        sub     sp, #row_frame_bytes
        mov     r12, sp
        ldm     r0!, {r1-r6}
        stm     r12!, {r1-r6}
        ldm     r0, {r1-r6}
        stm     r12, {r1-r6}
        mov     lr, r4                          @ stream
        adr     r1, ways_row_\stride
        add     r1, r1, r6, lsl #3
        ldrd    r2, r3, [r1]
        strd    r2, r3, [sp, #two]
group_row_\stride:
        ldr     r8, [lr], #4                    @ first channel
        str     lr, [sp, #MK_ARMV7EM_COLUMNS_STREAM]
        ldr     r10, [sp, #MK_ARMV7EM_COLUMNS_BEGIN]
        ldr     r11, [sp, #MK_ARMV7EM_COLUMNS_ROW_OUT]
        add     r11, r11, r8
        strd    r10, r11, [sp, #column]
        ldm     sp, {r0-r3}                     @ rows, channels
        ldr     r12, [sp, #MK_ARMV7EM_COLUMNS_INSIDE]
        ldr     lr, [sp, #MK_ARMV7EM_COLUMNS_INSIDE_END]
        sub     r1, r1, r0
        sub     r2, r2, r0
        add     r0, r0, r8
sort_\stride:
        ldr     r4, [r0]                        @ row 0
        ldr     r6, [r0, r1]                    @ row 1
        ldr     r5, [r0, r2]                    @ row 2
        add     r0, r0, r3
        pkhbt   r8, r4, r6, lsl #16             @ channels 0 and 1 of rows 0 and 1
        pkhtb   r10, r6, r4, asr #16            @ channels 2 and 3
        sxtb16  r7, r5, ror #8
        sxtb16  r5, r5
        asr     r9, r5, #16
        asr     r11, r7, #16
        sxtb16  r4, r8
        sxtb16  r6, r8, ror #8
        sxtb16  r8, r10
        sxtb16  r10, r10, ror #8
        stm     r12!, {r4-r11}
        cmp     r12, lr
        bne     sort_\stride
        mov     r12, r3
        ldr     lr, [sp, #MK_ARMV7EM_COLUMNS_STREAM]
        ldrd    r10, r11, [sp, #column]
channel_\stride:
        ldm     lr!, {r0-r5}                    @ weights, bias
        CONTINUE \stride
two_outputs_\stride:                            @ the column between or of both outputs is read once
        ldrd    r8, r9, [r10], #2 * \stride * column_bytes
        smlad   r6, r8, r0, r5
        smlabb  r6, r9, r3, r6
        ldrd    r8, r9, [r10, #column_bytes - 2 * \stride * column_bytes]
        smlad   r6, r8, r1, r6
        smlabt  r6, r9, r3, r6
        .if \stride == 1
        smlad   r7, r8, r0, r5
        smlabb  r7, r9, r3, r7
        .endif
        ldrd    r8, r9, [r10, #2 * column_bytes - 2 * \stride * column_bytes]
        smlad   r6, r8, r2, r6
        smlabb  r6, r9, r4, r6
        .if \stride == 1
        smlad   r7, r8, r1, r7
        smlabt  r7, r9, r3, r7
        .else
        smlad   r7, r8, r0, r5
        smlabb  r7, r9, r3, r7
        ldrd    r8, r9, [r10, #3 * column_bytes - 2 * \stride * column_bytes]
        smlad   r7, r8, r1, r7
        smlabt  r7, r9, r3, r7
        .endif
        ldrd    r8, r9, [r10, #(2 + \stride) * column_bytes - 2 * \stride * column_bytes]
        smlad   r7, r8, r2, r7
        smlabb  r7, r9, r4, r7
        ldr     pc, [sp, #two]
one_output_\stride:
        ldrd    r8, r9, [r10]
        smlad   r6, r8, r0, r5
        smlabb  r6, r9, r3, r6
        ldrd    r8, r9, [r10, #column_bytes]
        smlad   r6, r8, r1, r6
        smlabt  r6, r9, r3, r6
        ldrd    r8, r9, [r10, #2 * column_bytes]
        smlad   r6, r8, r2, r6
        smlabb  r6, r9, r4, r6
        ldr     pc, [sp, #one]
        .balign 4
ways_row_\stride:                                       @ enum mk_armv7em_way; there is no exact one
        .word   0, 0
        .word   two_small_\stride, one_small_\stride, two_small_sign_\stride, one_small_sign_\stride
        .word   two_large_\stride, one_large_\stride, two_large_sign_\stride, one_large_sign_\stride

        WAYS_ROW small, MK_ARMV7EM_ASSEMBLED_SMALL_SHIFT, 0, \stride
        WAYS_ROW small_sign, MK_ARMV7EM_ASSEMBLED_SMALL_SHIFT, 1, \stride
        WAYS_ROW large, MK_ARMV7EM_ASSEMBLED_LARGE_SHIFT, 0, \stride
        WAYS_ROW large_sign, MK_ARMV7EM_ASSEMBLED_LARGE_SHIFT, 1, \stride

next_channel_\stride:
        ldrd    r10, r11, [sp, #column]
        ldr     r8, [sp, #MK_ARMV7EM_COLUMNS_BEGIN]
        add     r10, #8
        add     r11, #1
        strd    r10, r11, [sp, #column]
        sub     r8, r10, r8
        cmp     r8, #column_bytes               @ four channels
        bne     channel_\stride
        ldr     r8, [sp, #MK_ARMV7EM_COLUMNS_STREAM_END]
        cmp     lr, r8
        bne     group_row_\stride
        add     sp, #row_frame_bytes
        pop     {r4-r11, pc}
        END_FUNCTION mk_armv7em_depthwise_row_\stride
        .endm

        DEPTHWISE_ROW 1
        DEPTHWISE_ROW 2
