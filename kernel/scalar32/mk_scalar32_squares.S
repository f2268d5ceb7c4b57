/* mk_scalar32_squares.S: the tile for RV32 without multiplication, RV32E too, whose 16 registers compilers find too few; see
 * mk_scalar32_squares.h. 26 instructions per input and four channels, 6.5 per product. */
#include "mk_scalar32_assembly.h"

#if MK_SCALAR32_BY_SQUARES
        /* a1 = input, a2 = step, a3 = weights, a4 = their end, t0 = the table's middle, s1 = the input's place in it;
         * sums: a5, t1, t2, s0; a0 = scratch. */
        .macro  ADD_SQUARE sum, channel
        lb      a0, \channel(a3)
        slli    a0, a0, 1
        add     a0, a0, s1
        lhu     a0, 0(a0)
        add     \sum, \sum, a0
        .endm

        /* The stack's alignment. */
#ifdef __riscv_32e
        .equ    frame_bytes, 12
#else
        .equ    frame_bytes, 16
#endif

        .section .text.mk_scalar32_add_squares, "ax", @progbits
        .balign 4
        .global mk_scalar32_add_squares
        .type   mk_scalar32_add_squares, %function
mk_scalar32_add_squares:
        beq     a3, a4, 2f
        addi    sp, sp, -frame_bytes
        sw      a0, 0(sp)
        sw      s0, 4(sp)
        sw      s1, 8(sp)
        la      t0, mk_scalar32_squares + 2 * 255
        lw      a5, 0(a0)
        lw      t1, 4(a0)
        lw      t2, 8(a0)
        lw      s0, 12(a0)
1:
        lb      s1, 0(a1)
        add     a1, a1, a2
        slli    s1, s1, 1
        add     s1, s1, t0
        ADD_SQUARE a5, 0
        ADD_SQUARE t1, 1
        ADD_SQUARE t2, 2
        ADD_SQUARE s0, 3
        addi    a3, a3, 4
        bne     a3, a4, 1b

        lw      a0, 0(sp)
        sw      a5, 0(a0)
        sw      t1, 4(a0)
        sw      t2, 8(a0)
        sw      s0, 12(a0)
        lw      s0, 4(sp)
        lw      s1, 8(sp)
        addi    sp, sp, frame_bytes
2:
        ret
        .size   mk_scalar32_add_squares, . - mk_scalar32_add_squares
#endif
