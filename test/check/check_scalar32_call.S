/* check_scalar32_call.S: calls a function with known values in the call-saved registers and tells whether it has changed one.
 * uint32_t check_scalar32_call(void *function, const uint32_t arguments[7]): 0 if all survive, else bit i for the i-th of r4 to r10
 * and the stack pointer, or s0 to s11 and the stack pointer. */
#if defined(__arm__)
        .syntax unified
        .thumb

        .macro  COMPARE register, value, bit
        movw    r1, #\value
        cmp     \register, r1
        it      ne
        orrne   r0, r0, #1 << \bit
        .endm

        .text
        .global check_scalar32_call
        .thumb_func
        .type   check_scalar32_call, %function
check_scalar32_call:
        push    {r4-r11, lr}
        sub     sp, sp, #4
        mov     r12, r0
        ldr     r4, [r1, #16]
        ldr     r5, [r1, #20]
        ldr     r6, [r1, #24]
        mov     r11, sp
        sub     sp, sp, #16
        str     r4, [sp]
        str     r5, [sp, #4]
        str     r6, [sp, #8]
        ldm     r1, {r0-r3}
        movw    r4, #0x4444
        movw    r5, #0x5555
        movw    r6, #0x6666
        movw    r7, #0x7777
        movw    r8, #0x8888
        movw    r9, #0x9999
        movw    r10, #0xaaaa
        blx     r12
        add     sp, sp, #16
        mov     r0, #0
        mov     r1, sp
        cmp     r11, r1
        it      ne
        orrne   r0, r0, #1 << 7
        COMPARE r4, 0x4444, 0
        COMPARE r5, 0x5555, 1
        COMPARE r6, 0x6666, 2
        COMPARE r7, 0x7777, 3
        COMPARE r8, 0x8888, 4
        COMPARE r9, 0x9999, 5
        COMPARE r10, 0xaaaa, 6
        add     sp, sp, #4
        pop     {r4-r11, pc}
#else
        .macro  EACH operation
        \operation s0, 0
        \operation s1, 1
        \operation s2, 2
        \operation s3, 3
        \operation s4, 4
        \operation s5, 5
        \operation s6, 6
        \operation s7, 7
        \operation s8, 8
        \operation s9, 9
        \operation s10, 10
        \operation s11, 11
        .endm

        .macro  SAVE register, number
        sw      \register, 4*\number(sp)
        .endm

        .macro  RESTORE register, number
        lw      \register, 4*\number(sp)
        .endm

        .macro  PATTERN register, number
        li      \register, 0x5100 + \number
        .endm

        .macro  COMPARE register, number
        li      t0, 0x5100 + \number
        beq     \register, t0, 1f
        ori     a0, a0, 1 << (\number % 11)
1:
        .endm

        .text
        .global check_scalar32_call
        .type   check_scalar32_call, @function
check_scalar32_call:
        addi    sp, sp, -64
        EACH    SAVE
        sw      ra, 48(sp)
        la      t1, stack
        sw      sp, 0(t1)
        mv      t0, a0
        lw      a0, 0(a1)
        lw      a2, 8(a1)
        lw      a3, 12(a1)
        lw      a4, 16(a1)
        lw      a5, 20(a1)
        lw      a6, 24(a1)
        lw      a1, 4(a1)
        EACH    PATTERN
        jalr    t0
        li      a0, 0
        EACH    COMPARE
        la      t1, stack
        lw      t1, 0(t1)
        beq     sp, t1, 2f
        ori     a0, a0, 1 << 10
        mv      sp, t1
2:      EACH    RESTORE
        lw      ra, 48(sp)
        addi    sp, sp, 64
        ret

        .bss
        .balign 4
stack:  .skip   4
#endif
