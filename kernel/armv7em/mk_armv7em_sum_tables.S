@ mk_armv7em_sum_tables.S: see mk_armv7em_sum_tables.h.
#include "mk_armv7em_macros.h"

        .equ    a_table, 12                     @ in struct mk_sum_tables; b_table follows

        @ The sum of the table entries for byte `number` of r4 and r5.
        .macro  SUM to, number
        ubfx    r6, r4, #8 * \number, #8
        ubfx    r7, r5, #8 * \number, #8
        ldr     r6, [r8, r6, lsl #2]
        ldr     r7, [r9, r7, lsl #2]
        add     \to, r6, r7
        .endm

@ void mk_armv7em_sum_tables(int8_t *out, const int8_t *a, const int8_t *b, uint32_t words, const struct mk_sum_tables *p)
@ 32 instructions for four elements.
        FUNCTION mk_armv7em_sum_tables
        ldr     r12, [sp]
        push    {r4-r11}
        ldrd    r8, r9, [r12, #a_table]
1:      ldr     r4, [r1], #4
        ldr     r5, [r2], #4
        SUM     r10, 0
        SUM     r11, 1
        SUM     r12, 2
        SUM     r7, 3
        STORE_FOUR r10, r11, r12, r7, 22
        subs    r3, #1
        bne     1b
        pop     {r4-r11}
        bx      lr
        END_FUNCTION mk_armv7em_sum_tables
