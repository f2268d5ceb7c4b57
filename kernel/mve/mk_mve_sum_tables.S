@ mk_mve_sum_tables.S: see mk_mve_sum_tables.h.
#include "mk_thumb_function.h"

        .equ    a_table, 12                     @ in struct mk_sum_tables; b_table follows

        @ Four sums from byte `offset` on.
        .macro  SUM to, offset
        vldrb.u32 q2, [r1, #\offset]
        vldrb.u32 q3, [r2, #\offset]
        vldrw.u32 q4, [r4, q2, uxtw #2]
        vldrw.u32 q5, [r5, q3, uxtw #2]
        vadd.i32 \to, q4, q5
        .endm

@ void mk_mve_sum_tables(int8_t *out, const int8_t *a, const int8_t *b, uint32_t groups, const struct mk_sum_tables *p)
@ 19 instructions for eight elements. A sum shifted right by 22 has 10 bits: narrowing its lower half saturates it.
        FUNCTION mk_mve_sum_tables
        ldr     r12, [sp]
        push    {r4, r5, r6, lr}
        vpush   {d8-d11}
        ldrd    r4, r5, [r12, #a_table]
        dls     lr, r3
1:      SUM     q0, 0
        SUM     q1, 4
        add     r1, r1, #8
        vshr.s32 q0, q0, #22
        vshr.s32 q1, q1, #22
        vqmovnb.s16 q0, q0
        vqmovnb.s16 q1, q1
        vstrb.32 q0, [r0], #4
        vstrb.32 q1, [r0], #4
        add     r2, r2, #8
        le      lr, 1b
        vpop    {d8-d11}
        pop     {r4, r5, r6, pc}
        END_FUNCTION mk_mve_sum_tables
