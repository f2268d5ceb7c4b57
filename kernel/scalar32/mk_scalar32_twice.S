/* mk_scalar32_twice.S: dense layers, two positions at a time, for RV32IM; see mk_scalar32_twice.h. A chunk takes 73 instructions for
 * 32 products, an output 10, or 7 where it is the least value. */
#include "mk_scalar32_assembly.h"

#if MK_SCALAR32_TWICE_IN_ASSEMBLY
        /* What is where in struct mk_scalar32_dense. */
        .equ    rows, 0
        .equ    rows_end, 4
        .equ    run, 8
        .equ    step, 12
        .equ    weights, 16
        .equ    starts, 24
        .equ    groups, 28
        /* And on the stack, behind what is saved. */
        .equ    dense, 52
        .equ    offset, 56                      /* of the first position's inputs */
        .equ    positions, 60
        .equ    out, 64                         /* of the first position */
        .equ    conv, 68
        .equ    records, 72
        .equ    groups_left, 76
        .equ    next_starts, 80
        .equ    next_row, 84
        .equ    chunks_end, 88
        .equ    next_records, 92
        .equ    next_out, 96
        .equ    next_weights, 100
        .equ    frame_bytes, 112

        /* a3, ra = chunks of the two positions, t2 = 32768; to the sums, and their halves to the second channel's. */
        .macro  ADD_CHUNKS full_0, high_0, full_1, high_1
        add     \full_0, \full_0, a3
        add     \full_1, \full_1, ra
        add     a3, a3, t2
        add     ra, ra, t2
        srai    a3, a3, 16
        srai    ra, ra, 16
        add     \high_0, \high_0, a3
        add     \high_1, \high_1, ra
        .endm

        /* a2 = weights, t1, a7 and a5, a6 = inputs of the two positions, t2 = 32768; ra, t0, a3, a4 are lost. Two channels. */
        .macro  PAIR offset, full_0, high_0, full_1, high_1
        lw      ra, \offset-32(a2)
        lw      t0, \offset-28(a2)
        mul     a3, ra, t1
        mul     a4, t0, a7
        mul     ra, ra, a5
        mul     t0, t0, a6
        add     a3, a3, a4
        add     ra, ra, t0
        ADD_CHUNKS \full_0, \high_0, \full_1, \high_1
        .endm

        /* The same of one input each, t1 and a5. */
        .macro  LONE_PAIR offset, full_0, high_0, full_1, high_1
        lw      ra, (\offset-32)/2(a2)
        mul     a3, ra, t1
        mul     ra, ra, a5
        ADD_CHUNKS \full_0, \high_0, \full_1, \high_1
        .endm

        .macro  GROUP pair
        \pair   0, s0, s1, s8, s9
        \pair   8, s2, s3, s10, s11
        \pair   16, s4, s5, t3, t4
        \pair   24, s6, s7, t5, t6
        .endm

        /* A sum to an output: t2, a3 = record, a7 = shift, a5, a4 = least, most, a6 = (least + 1) << shift; ra is lost. */
        .macro  PUT sum, at, base
        slli    \sum, \sum, 8
        mulh    ra, \sum, t2
        add     ra, ra, a3
        sb      a5, \at(\base)                  /* mostly about half of them are that */
        blt     ra, a6, 92f
        sra     ra, ra, a7
        ble     ra, a4, 91f
        mv      ra, a4
91:     sb      ra, \at(\base)
92:
        .endm

        /* Two channels of both positions, to a0 and a1, with records from a2 on. */
        .macro  FINISH number, full_0, high_0, full_1, high_1
        lw      t2, 16*\number(a2)
        lw      a3, 16*\number+4(a2)
        slli    t0, \high_0, 16
        slli    t1, \high_1, 16
        sub     \full_0, \full_0, t0
        sub     \full_1, \full_1, t1
        PUT     \full_0, 2*\number, a0
        PUT     \full_1, 2*\number, a1
        lw      t2, 16*\number+8(a2)
        lw      a3, 16*\number+12(a2)
        PUT     \high_0, 2*\number+1, a0
        PUT     \high_1, 2*\number+1, a1
        .endm

        .macro  SAVED operation
        \operation s0, 0(sp)
        \operation s1, 4(sp)
        \operation s2, 8(sp)
        \operation s3, 12(sp)
        \operation s4, 16(sp)
        \operation s5, 20(sp)
        \operation s6, 24(sp)
        \operation s7, 28(sp)
        \operation s8, 32(sp)
        \operation s9, 36(sp)
        \operation s10, 40(sp)
        \operation s11, 44(sp)
        \operation ra, 48(sp)
        .endm

        /* A sum's first value, of both positions. */
        .macro  START number, sum_0, sum_1
        lw      \sum_0, 4*\number(a1)
        mv      \sum_1, \sum_0
        .endm

        .section .text.mk_scalar32_dense_twice, "ax", @progbits
        .balign 4
        .global mk_scalar32_dense_twice
        .type   mk_scalar32_dense_twice, @function
mk_scalar32_dense_twice:
        addi    sp, sp, -frame_bytes
        SAVED   sw
        sw      a0, dense(sp)
        sw      a1, offset(sp)
        sw      a2, positions(sp)
        sw      a3, out(sp)
        sw      a4, conv(sp)
        sw      a5, records(sp)
position:
        lw      a0, dense(sp)
        lw      a3, out(sp)
        lw      a4, records(sp)
        lw      a5, groups(a0)
        lw      a1, starts(a0)
        lw      a2, weights(a0)
        sw      a3, next_out(sp)
        sw      a4, next_records(sp)
        sw      a5, groups_left(sp)
group:
        START   0, s0, s8
        START   1, s1, s9
        START   2, s2, s10
        START   3, s3, s11
        START   4, s4, t3
        START   5, s5, t4
        START   6, s6, t5
        START   7, s7, t6
        addi    a1, a1, 32
        sw      a1, next_starts(sp)
        lui     t2, 8
        lw      t0, dense(sp)
        lw      t1, rows(t0)
row:
        lw      a0, 0(t1)
        lw      a3, offset(sp)
        addi    t1, t1, 4
        lw      a4, step(t0)
        lw      a5, run(t0)
        sw      t1, next_row(sp)
        add     a0, a0, a3
        add     a1, a0, a4
        andi    a5, a5, -2
        add     a5, a5, a0
        sw      a5, chunks_end(sp)
        beq     a0, a5, 2f
1:      lb      t1, 0(a0)
        lb      a7, 1(a0)
        lb      a5, 0(a1)
        lb      a6, 1(a1)
        addi    a0, a0, 2
        addi    a1, a1, 2
        addi    a2, a2, 32
        GROUP   PAIR
        lw      a3, chunks_end(sp)
        bne     a0, a3, 1b
        lw      t0, dense(sp)
2:      lw      a3, run(t0)
        andi    a3, a3, 1
        beqz    a3, 3f
        lb      t1, 0(a0)
        lb      a5, 0(a1)
        addi    a2, a2, 16
        GROUP   LONE_PAIR
        lw      t0, dense(sp)
3:      lw      t1, next_row(sp)
        lw      a3, rows_end(t0)
        bne     t1, a3, row

        sw      a2, next_weights(sp)
        lw      a1, groups(t0)
        lw      a0, next_out(sp)
        lw      a2, next_records(sp)
        lw      t0, conv(sp)
        slli    a1, a1, 3
        add     a1, a1, a0
        lhu     a7, 40(t0)
        lh      a5, 32(t0)
        lh      a4, 34(t0)
        addi    a6, a5, 1
        sll     a6, a6, a7
        FINISH  0, s0, s1, s8, s9
        FINISH  1, s2, s3, s10, s11
        FINISH  2, s4, s5, t3, t4
        FINISH  3, s6, s7, t5, t6
        addi    a0, a0, 8
        addi    a2, a2, 64
        sw      a0, next_out(sp)
        sw      a2, next_records(sp)
        lw      a3, groups_left(sp)
        lw      a2, next_weights(sp)
        addi    a3, a3, -1
        sw      a3, groups_left(sp)
        mv      a4, a1
        lw      a1, next_starts(sp)
        bnez    a3, group

        lw      a0, dense(sp)
        addi    a4, a4, 8                       /* behind the second position's outputs */
        sw      a4, out(sp)
        lw      a1, step(a0)
        lw      a2, offset(sp)
        lw      a3, positions(sp)
        slli    a1, a1, 1
        add     a2, a2, a1
        sw      a2, offset(sp)
        addi    a3, a3, -2
        sw      a3, positions(sp)
        bnez    a3, position
        SAVED   lw
        addi    sp, sp, frame_bytes
        ret
        .size   mk_scalar32_dense_twice, . - mk_scalar32_dense_twice
#endif
