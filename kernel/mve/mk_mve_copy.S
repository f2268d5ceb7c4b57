@ mk_mve_copy.S: see mk_mve_copy.h.
#include "mk_thumb_function.h"

@ void mk_mve_copy_blocks(int8_t *to, const int8_t *from, uint32_t count, const struct mk_mve_blocks *blocks)
        FUNCTION mk_mve_copy_blocks
        push    {r4-r9, lr}
        ldr     r9, [r3, #16]                   @ from_block_step
        ldm     r3, {r4-r7}                     @ to_step, from_step, bytes, to_block_step
1:      mov     r8, r0
        mov     r12, r1
        cmp     r6, #16
        blo     3f
        dls     lr, r2
2:      vldrb.8 q0, [r12]
        add     r12, r12, r5
        vstrb.8 q0, [r8]
        add     r8, r8, r4
        le      lr, 2b
        add     r1, r1, r9
        add     r0, r0, r7
        subs    r6, r6, #16
        bne     1b
        pop     {r4-r9, pc}
3:      vctp.8  r6
        dls     lr, r2
4:      vpstt
        vldrbt.8 q0, [r12]
        vstrbt.8 q0, [r8]
        add     r12, r12, r5
        add     r8, r8, r4
        le      lr, 4b
        pop     {r4-r9, pc}
        END_FUNCTION mk_mve_copy_blocks

@ void mk_mve_scatter(int8_t *to, const int8_t *from, uint32_t bytes, const struct mk_mve_scatter *scatter, uint32_t moves)
        FUNCTION mk_mve_scatter
        ldr     r12, [sp]
        push    {r4, lr}
        vldrb.8 q0, [r3]
        ldrd    r4, r3, [r3, #16]               @ to_step, from_step
        mul     r12, r12, r3
1:      vctp.8  r2
        vpstt
        vldrbt.8 q1, [r1]
        vstrbt.8 q1, [r0, q0]
        subs    r2, r2, r3
        add     r1, r1, r12
        add     r0, r0, r4
        bgt     1b
        pop     {r4, pc}
        END_FUNCTION mk_mve_scatter
