@ mk_armv7em_winograd_expand.S: see mk_armv7em_winograd_expand.h.
#include "mk_armv7em_macros.h"

        @ Two weights of each of g0, g1, g2 (r4-r6), bytes 0 and 2 or, with `rotation`, 1 and 3.
        .macro  EXPAND_PAIR rotation
        sxtb16  r7, r4, ror #\rotation
        sxtb16  r8, r5, ror #\rotation
        sxtb16  r9, r6, ror #\rotation
        sadd16  r10, r7, r9                     @ g0 + g2
        sadd16  r8, r8, r8                      @ 2 g1
        sadd16  r9, r9, r9
        sadd16  r9, r9, r9                      @ 4 g2
        sadd16  r11, r7, r9                     @ g0 + 4 g2
        sadd16  r7, r7, r7
        str     r7, [r0, r2, lsl #2]
        sadd16  r7, r9, r9
        str     r7, [r0, lr]
        sadd16  r7, r11, r8
        ssub16  r11, r11, r8
        str     r7, [r0, r2, lsl #1]
        str     r11, [r0, r12]
        sadd16  r10, r10, r10                   @ 2 (g0 + g2)
        ssub16  r7, r10, r8
        sadd16  r10, r10, r8
        str     r7, [r0, r2]
        str     r10, [r0], #16
        .endm

@ void mk_armv7em_winograd_expand(int32_t *to, const int32_t *weights, uint32_t pass_bytes, uint32_t quads)
@ 45 instructions for four input channels.
        FUNCTION mk_armv7em_winograd_expand
        push    {r4-r11, lr}
        add     r12, r2, r2, lsl #1
        add     lr, r2, r2, lsl #2
1:      ldm     r1!, {r4-r6}
        EXPAND_PAIR 0
        EXPAND_PAIR 8
        subs    r3, #1
        bne     1b
        pop     {r4-r11, pc}
        END_FUNCTION mk_armv7em_winograd_expand
