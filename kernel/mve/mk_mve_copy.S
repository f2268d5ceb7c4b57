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

@ void mk_mve_scatter(int8_t *to, const int8_t *const *rows, uint32_t count, const struct mk_mve_scatter *scatter)
@ 16 instructions per row and 5 per whole vector.
        FUNCTION mk_mve_scatter
        push    {r4-r11, lr}
        vldrb.8 q0, [r3]
        ldrd    r4, r5, [r3, #16]               @ to_step, from_step
        ldrd    r6, r7, [r3, #24]               @ whole, rest
        ldrd    r10, r11, [r3, #32]             @ pad, from_offset
        ldr     r3, [r3, #40]                   @ row_step
1:      ldr     r8, [r1], #4
        mov     r12, r0
        cmp     r8, #0
        ittee   eq
        moveq   r8, r10
        moveq   r9, #0
        addne   r8, r8, r11
        movne   r9, r5
        wls     lr, r6, 3f
2:      vldrb.8 q1, [r8]
        add     r8, r8, r9
        vstrb.8 q1, [r12, q0]
        add     r12, r12, r4
        le      lr, 2b
3:      vctp.8  r7
        vpstt
        vldrbt.8 q1, [r8]
        vstrbt.8 q1, [r12, q0]
        add     r0, r0, r3
        subs    r2, r2, #1
        bne     1b
        pop     {r4-r11, pc}
        END_FUNCTION mk_mve_scatter
