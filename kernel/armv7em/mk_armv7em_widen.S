@ mk_armv7em_widen.S: see mk_armv7em_widen.h.
#include "mk_armv7em_macros.h"

#if defined(MK_OPTIMIZE_SIZE)
        .equ    unrolled_widening, 1            @ twice four inputs
#else
        .equ    unrolled_widening, 8
#endif

@ void mk_armv7em_widen_1(int16_t *columns, const int8_t *in, uint32_t groups): 58 instructions for 64 inputs, 6 for four of the rest.
        FUNCTION mk_armv7em_widen_1
        push    {r4, r5, lr}
        subs    r2, #2 * unrolled_widening
        blo     2f
1:      .rept   unrolled_widening
        ldr     r4, [r1], #4                    @ inputs lie at any address: no ldm
        ldr     lr, [r1], #4
        sxtb16  r3, r4
        sxtb16  r4, r4, ror #8
        sxtb16  r5, lr
        sxtb16  r12, lr, ror #8
        stm     r0!, {r3, r4, r5, r12}
        .endr
        subs    r2, #2 * unrolled_widening
        bhs     1b
2:      adds    r2, #2 * unrolled_widening
        beq     4f
3:      ldr     r3, [r1], #4
        sxtb16  r12, r3
        sxtb16  r3, r3, ror #8
        strd    r12, r3, [r0], #8
        subs    r2, #1
        bne     3b
4:      pop     {r4, r5, pc}
        END_FUNCTION mk_armv7em_widen_1

@ void mk_armv7em_widen_3(int16_t *columns, const int8_t *in_0, const int8_t *in_1, const int8_t *in_2, uint32_t groups):
@ 11 to 12 instructions for 12 inputs.
        FUNCTION mk_armv7em_widen_3
        ldr     r12, [sp]
        push    {r4-r11, lr}
        bl      mk_armv7em_widen_groups
        pop     {r4-r11, pc}
        END_FUNCTION mk_armv7em_widen_3

@ The same with groups in r12 and without saving registers: r0-r3 move on, r4-r12 are lost.
        FUNCTION mk_armv7em_widen_groups
        lsrs    r12, r12, #1
        bcc     2f
        WIDEN_3
        beq     3f
2:      WIDEN_3
        WIDEN_3
        subs    r12, #1
        bne     2b
3:      bx      lr
        END_FUNCTION mk_armv7em_widen_groups
