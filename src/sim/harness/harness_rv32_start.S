/* harness_rv32_start.S: from reset to main on a bare RV32 machine. */
    .section .vectors, "ax", @progbits
    .globl harness_reset
    .type harness_reset, @function
harness_reset:
    la sp, harness_stack_top
    la t0, trap
    csrw mtvec, t0
    la a0, harness_data_load
    la a1, harness_data_begin
    la a2, harness_data_end
1:  bgeu a1, a2, 2f
    lw t0, 0(a0)
    sw t0, 0(a1)
    addi a0, a0, 4
    addi a1, a1, 4
    j 1b
2:  la a1, harness_bss_begin
    la a2, harness_bss_end
3:  bgeu a1, a2, 4f
    sw zero, 0(a1)
    addi a1, a1, 4
    j 3b
4:  call main
5:  j 5b
    .size harness_reset, . - harness_reset

    .balign 4
    .type trap, @function
trap:
    csrr a0, mcause
    csrr a1, mepc
    .weak harness_trap
    la t0, harness_trap
    beqz t0, 6f
    jr t0
6:  j 6b
    .size trap, . - trap
