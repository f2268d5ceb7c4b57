@ mk_mve_windows.S: see mk_mve_windows.h.
@
@ r10: struct mk_mve_windows; r11: the channel's first cell. q1: the cells' offsets. Summing up: q2 to q6: weights of up to
@ five outputs, r0 r2 r4 r6 r8: their sums.
#include "mk_mve_macros.h"
#include "mk_mve_windows_layout.h"

        @ On the stack:
        .equ    summing, 0                      @ the loop for this number of outputs
        .equ    requantising, 4                 @ the loop for this way
        .equ    fields, 8                       @ of the channel's record
        .equ    block_end, 12                   @ of this block's channels
        .equ    field_bytes, 16
        .equ    frame_bytes, 24

        @ Sums of all windows, `count` outputs each: 4 instructions, with starts 5, and one per output.
        .macro  SUM_UP count, starts, registers:vararg
.Lsum_\count\starts:
        ldrd    r1, lr, [r9], #8
        add     r1, r1, r11
        dls     lr, lr
1:
        .if \starts
        .if \count == 1
        ldr     r0, [r7]
        .else
        ldm     r7, {\registers}
        .endif
        vldrb.u8 q0, [r1, q1]
        vmladava.s8 r0, q0, q2
        .if \count > 1
        vmladava.s8 r2, q0, q3
        .endif
        .if \count > 2
        vmladava.s8 r4, q0, q4
        .endif
        .if \count > 3
        vmladava.s8 r6, q0, q5
        .endif
        .if \count > 4
        vmladava.s8 r8, q0, q6
        .endif
        .else
        vldrb.u8 q0, [r1, q1]
        vmladav.s8 r0, q0, q2
        .if \count > 1
        vmladav.s8 r2, q0, q3
        .endif
        .if \count > 2
        vmladav.s8 r4, q0, q4
        .endif
        .if \count > 3
        vmladav.s8 r6, q0, q5
        .endif
        .if \count > 4
        vmladav.s8 r8, q0, q6
        .endif
        .endif
        .if \count == 1
        str     r0, [r3], #4
        .else
        stm     r3!, {\registers}
        .endif
        add     r1, r1, r5
        le      lr, 1b
        ldr     r12, [r10, #MK_MVE_WINDOWS_SEGMENTS_END]
        cmp     r9, r12
        bne     .Lsum_\count\starts
        ldr     pc, [sp, #requantising]
        .endm

        @ s = scale * sum + b of eight sums: the even ones in q2, the odd ones in q3.
        .macro  LOAD_SUMS
        vld20.32 {q2, q3}, [r3]
        vld21.32 {q2, q3}, [r3]!
        vmlas.s32 q2, q7, r4
        vmlas.s32 q3, q7, r4
        .endm

        @ The outputs are the upper halves of what comes of this, saturated: q3 in order.
        .macro  HIGH_WORD
        vqdmulh.s32 q2, q2, r6
        vqdmulh.s32 q3, q3, r6
        vsri.32 q3, q2, #16
        .endm

        .macro  REQUANTIZE_FAST
        LOAD_SUMS
        HIGH_WORD
        .endm

        .macro  REQUANTIZE_SIGN
        LOAD_SUMS
        vpt.s32 lt, q2, r5
        vaddt.i32 q2, q2, r9
        vpt.s32 lt, q3, r5
        vaddt.i32 q3, q3, r9
        HIGH_WORD
        .endm

        @ As in mk_mve_tile.S.
        .macro  EXACT_SHIFT x
        vand    q5, \x, q6
        vshr.s32 q5, q5, #31
        vqadd.s32 \x, \x, q5
        vrshl.s32 \x, r9
        vadd.i32 \x, \x, r7
        vmax.s32 \x, \x, q0
        vmin.s32 \x, \x, q1
        .endm

        .macro  REQUANTIZE_EXACT
        LOAD_SUMS
        vshl.s32 q2, r5
        vshl.s32 q3, r5
        vqrdmulh.s32 q2, q2, r6
        vqrdmulh.s32 q3, q3, r6
        EXACT_SHIFT q2
        EXACT_SHIFT q3
        vshl.i32 q3, q3, #16
        vmovnb.i32 q3, q2
        .endm

        .macro  NARROW
        vqmovnb.s16 q4, q3
        vldrh.u16 q5, [r2], #16
        .endm

        @ All sums of a channel, then on to the next channel. r4 r6: b, M; r5 r9: the other fields.
        .macro  REQUANTIZE_ALL way, requantize
.Lrequantize_\way:
        ldr     r7, [sp, #fields]
        ldrd    r4, r6, [r7]
        .ifnc \way, fast
        ldrd    r5, r9, [r7, #8]
        .endif
        ldrd    r3, r2, [r10, #MK_MVE_WINDOWS_SUMS]
        ldr     r0, [r10, #MK_MVE_WINDOWS_SUM_COUNT]
        ldr     r1, [r10, #MK_MVE_WINDOWS_OUT]
        .ifc \way, exact
        vdup.32 q6, r9
        ldrd    r7, r8, [r10, #MK_MVE_WINDOWS_ZERO_POINT]
        vdup.32 q0, r8
        ldr     r8, [r10, #MK_MVE_WINDOWS_ACT_MAX]
        vdup.32 q1, r8
        .endif
        lsr     lr, r0, #3
        wls     lr, lr, 2f
1:      \requantize
        NARROW
        vstrb.16 q4, [r1, q5]
        le      lr, 1b
2:      ands    r0, r0, #7
        beq     3f
        \requantize
        NARROW
        vctp.16 r0
        vpst
        vstrbt.16 q4, [r1, q5]
3:      add     r1, r1, #1
        .ifc \way, exact
        ldr     r0, [r10, #MK_MVE_WINDOWS_CELLS]
        vldrb.8 q1, [r0]
        .endif
        b       .Lnext_channel
        .endm

@ void mk_mve_windows(struct mk_mve_windows *windows)
        FUNCTION mk_mve_windows
        BEGIN_FRAME
        mov     r10, r0
        ldrd    r1, r2, [r10, #MK_MVE_WINDOWS_OUTPUTS]
        adr     r3, .Lsums
        add     r1, r2, r1, lsl #1              @ 2 * outputs + starts
        ldr     r1, [r3, r1, lsl #2]
        add     r1, r1, r3
        str     r1, [sp, #summing]
        adr     r3, .Lways
        ldr     r1, [r10, #MK_MVE_WINDOWS_WAY]
        cmp     r1, #0
        ite     eq
        moveq   r2, #8
        movne   r2, #16
        str     r2, [sp, #field_bytes]
        ldr     r1, [r3, r1, lsl #2]
        add     r1, r1, r3
        str     r1, [sp, #requantising]
        ldr     r0, [r10, #MK_MVE_WINDOWS_CELLS]
        vldrb.8 q1, [r0]
        ldr     r0, [r10, #MK_MVE_WINDOWS_SCALE]
        vdup.32 q7, r0
        ldr     r11, [r10, #MK_MVE_WINDOWS_IN]
.Lblock:
        ldr     r0, [r10, #MK_MVE_WINDOWS_CHANNELS]
        cmp     r0, #16
        it      hi
        movhi   r0, #16
        add     r0, r0, r11
        str     r0, [sp, #block_end]
.Lchannel:
        ldr     r7, [r10, #MK_MVE_WINDOWS_STREAM]
        add     r0, r10, #MK_MVE_WINDOWS_PATTERN
        vldrw.32 q0, [r7], #16
        ldr     r12, [r10, #MK_MVE_WINDOWS_LANES]
        ldm     r0, {r1, r3, r4, r5, r6, r8}    @ pattern, shifted
        vstrw.32 q0, [r1]
        str     r7, [sp, #fields]
        vctp.8  r12
        vpstttt
        vldrbt.8 q2, [r3]
        vldrbt.8 q3, [r4]
        vldrbt.8 q4, [r5]
        vldrbt.8 q5, [r6]
        vpst
        vldrbt.8 q6, [r8]
        ldr     r0, [sp, #field_bytes]
        add     r7, r7, r0
        ldr     r9, [r10, #MK_MVE_WINDOWS_SEGMENTS]
        ldrd    r5, r3, [r10, #MK_MVE_WINDOWS_STEP]
        ldr     pc, [sp, #summing]

        SUM_UP  1, 0, r0
        SUM_UP  1, 1, r0
        SUM_UP  2, 0, r0, r2
        SUM_UP  2, 1, r0, r2
        SUM_UP  3, 0, r0, r2, r4
        SUM_UP  3, 1, r0, r2, r4
        SUM_UP  4, 0, r0, r2, r4, r6
        SUM_UP  4, 1, r0, r2, r4, r6
        SUM_UP  5, 0, r0, r2, r4, r6, r8
        SUM_UP  5, 1, r0, r2, r4, r6, r8
        REQUANTIZE_ALL fast, REQUANTIZE_FAST
        REQUANTIZE_ALL sign, REQUANTIZE_SIGN
        REQUANTIZE_ALL exact, REQUANTIZE_EXACT

.Lnext_channel:
        ldrd    r4, r5, [r10, #MK_MVE_WINDOWS_STREAM]
        ldr     r12, [sp, #block_end]
        add     r4, r4, r5
        add     r11, r11, #1
        str     r1, [r10, #MK_MVE_WINDOWS_OUT]
        str     r4, [r10, #MK_MVE_WINDOWS_STREAM]
        cmp     r11, r12
        bne     .Lchannel
        ldr     r0, [r10, #MK_MVE_WINDOWS_CHANNELS]
        ldr     r1, [r10, #MK_MVE_WINDOWS_BLOCK_BYTES]
        subs    r0, r0, #16
        str     r0, [r10, #MK_MVE_WINDOWS_CHANNELS]
        sub     r11, r11, #16
        add     r11, r11, r1
        bgt     .Lblock
        END_FRAME

        .balign 4
.Lways: .word   .Lrequantize_fast - .Lways + 1
        .word   .Lrequantize_sign - .Lways + 1
        .word   .Lrequantize_exact - .Lways + 1
.Lsums: .word   0, 0
        .word   .Lsum_10 - .Lsums + 1, .Lsum_11 - .Lsums + 1
        .word   .Lsum_20 - .Lsums + 1, .Lsum_21 - .Lsums + 1
        .word   .Lsum_30 - .Lsums + 1, .Lsum_31 - .Lsums + 1
        .word   .Lsum_40 - .Lsums + 1, .Lsum_41 - .Lsums + 1
        .word   .Lsum_50 - .Lsums + 1, .Lsum_51 - .Lsums + 1
        END_FUNCTION mk_mve_windows
