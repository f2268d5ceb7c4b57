/* mk_scalar32_taps.S: for Cortex-M0, 5.5 instructions a product and 45 for four channels; see mk_scalar32_taps.h. */
#include "mk_scalar32_assembly.h"

#if MK_SCALAR32_TAPS_IN_ASSEMBLY
#include "mk_thumb_function.h"

        .equ    taps, 0                         @ in the frame: the arguments
        .equ    starts, 4
        .equ    sums, 8
        .equ    quads, 12

        @ r0 = input of the tap, r1 = weights of the tap, r2, r3 = first channel and the next: indices for both, r4 = list; r5, r6 are
        @ lost. r8 to r11 = sums, r12 = channels - 2, lr = end of the list.
        .macro  PRODUCT index, sum
        ldrsb   r5, [r0, \index]
        ldrsb   r6, [r1, \index]
        muls    r5, r6, r5
        add     \sum, \sum, r5
        .endm

        FUNCTION mk_scalar32_sum_taps
        push    {r4-r7, lr}
        mov     r4, r8
        mov     r5, r9
        mov     r6, r10
        mov     r7, r11
        push    {r4-r7}
        sub     sp, #20
        str     r0, [sp, #taps]
        ldr     r1, [r0, #4]
        mov     lr, r1
        ldr     r1, [r0, #12]
        subs    r1, r1, #2
        mov     r12, r1
        ldr     r1, [r0, #16]
        str     r1, [sp, #starts]
        ldr     r1, [r0, #20]
        str     r1, [sp, #sums]
        ldr     r2, [r0, #24]
        ldr     r1, [r0, #28]
        str     r1, [sp, #quads]
1:      ldr     r4, [sp, #starts]
        ldm     r4!, {r0, r1, r3, r5}
        str     r4, [sp, #starts]
        mov     r8, r0
        mov     r9, r1
        mov     r10, r3
        mov     r11, r5
        adds    r3, r2, #1
        ldr     r7, [sp, #taps]
        ldr     r4, [r7, #0]
        ldr     r1, [r7, #8]
2:      ldm     r4!, {r0}
        PRODUCT r2, r8
        PRODUCT r3, r9
        adds    r0, r0, #2
        adds    r1, r1, #2
        PRODUCT r2, r10
        PRODUCT r3, r11
        add     r1, r1, r12
        cmp     r4, lr
        bne     2b
        ldr     r4, [sp, #sums]
        mov     r0, r8
        mov     r1, r9
        mov     r5, r10
        mov     r6, r11
        stm     r4!, {r0, r1, r5, r6}
        str     r4, [sp, #sums]
        adds    r2, r2, #4
        ldr     r1, [sp, #quads]
        subs    r1, r1, #1
        str     r1, [sp, #quads]
        bne     1b
        add     sp, #20
        pop     {r4-r7}
        mov     r8, r4
        mov     r9, r5
        mov     r10, r6
        mov     r11, r7
        pop     {r4-r7, pc}
        END_FUNCTION mk_scalar32_sum_taps
#endif
