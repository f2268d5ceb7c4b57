@ mk_armv7em_sum_linear.S: see mk_armv7em_sum_linear.h.
#include "mk_armv7em_macros.h"

        .equ    multipliers, 12                 @ in struct mk_sum_linear; start follows

@ void mk_armv7em_sum_linear(int8_t *out, const int8_t *a, const int8_t *b, uint32_t words, const struct mk_sum_linear *p)
@ 24 instructions for four elements. Operands are taken times 256, in the upper bytes of halves, so that of the product's 48
@ bits the upper 32, which SMLAW adds, are multiplier * operand >> 8.
        FUNCTION mk_armv7em_sum_linear
        ldr     r12, [sp]
        push    {r4-r11, lr}
        add     r12, #multipliers
        ldm     r12, {r8-r10}
        mov     r11, #0xff00ff00
1:      ldr     r4, [r1], #4
        ldr     r5, [r2], #4
        and     r6, r11, r4, lsl #8             @ bytes 0 and 2
        and     r7, r11, r5, lsl #8
        and     r4, r4, r11                     @ bytes 1 and 3
        and     r5, r5, r11
        smlawb  r12, r8, r6, r10
        smlawt  r6, r8, r6, r10
        smlawb  lr, r8, r4, r10
        smlawt  r4, r8, r4, r10
        smlawb  r12, r9, r7, r12
        smlawt  r6, r9, r7, r6
        smlawb  lr, r9, r5, lr
        smlawt  r4, r9, r5, r4
        STORE_FOUR r12, lr, r6, r4, 21
        subs    r3, #1
        bne     1b
        pop     {r4-r11, pc}
        END_FUNCTION mk_armv7em_sum_linear
