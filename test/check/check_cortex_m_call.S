@ check_cortex_m_call.S: calls a function with known values in the call-saved registers and tells which of them it has changed.
        .syntax unified
        .thumb

        .macro  PATTERN register, value
        movw    \register, #\value
        .endm

        @ Bit `bit` of r0 if the register differs.
        .macro  COMPARE register, value, bit
        movw    r1, #\value
        cmp     \register, r1
        it      ne
        orrne   r0, r0, #1 << \bit
        .endm

#if defined(__ARM_FP)
        .macro  COMPARE_VECTOR half, low, high
        vmov    r1, r2, \half
        cmp     r1, \low
        it      eq
        cmpeq   r2, \high
        it      ne
        orrne   r0, r0, #1 << 8
        .endm
#endif

@ uint32_t check_cortex_m_call(void *function, void *const arguments[5]): 0 if all survive. Bits 0 to 6: r4 to r10, 7: the stack
@ pointer or r11, 8: d8 to d15.
        .text
        .global check_cortex_m_call
        .thumb_func
        .type   check_cortex_m_call, %function
check_cortex_m_call:
        push    {r4-r11, lr}
        sub     sp, sp, #4
#if defined(__ARM_FP)
        vpush   {d8-d15}
#endif
        mov     r12, r0
        mov     lr, r1
        PATTERN r4, 0x4444
        PATTERN r5, 0x5555
        PATTERN r6, 0x6666
        PATTERN r7, 0x7777
        PATTERN r8, 0x8888
        PATTERN r9, 0x9999
        PATTERN r10, 0xaaaa
#if defined(__ARM_FP)
        vmov    d8, r4, r5
        vmov    d9, r5, r6
        vmov    d10, r6, r7
        vmov    d11, r7, r8
        vmov    d12, r8, r9
        vmov    d13, r9, r10
        vmov    d14, r10, r4
        vmov    d15, r4, r6
#endif
        ldm     lr, {r0-r3}
        ldr     lr, [lr, #16]
        mov     r11, sp
        sub     sp, sp, #16
        str     lr, [sp]                        @ the fifth argument
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
#if defined(__ARM_FP)
        COMPARE_VECTOR d8, r4, r5
        COMPARE_VECTOR d9, r5, r6
        COMPARE_VECTOR d10, r6, r7
        COMPARE_VECTOR d11, r7, r8
        COMPARE_VECTOR d12, r8, r9
        COMPARE_VECTOR d13, r9, r10
        COMPARE_VECTOR d14, r10, r4
        COMPARE_VECTOR d15, r4, r6
        vpop    {d8-d15}
#endif
        add     sp, sp, #4
        pop     {r4-r11, pc}
