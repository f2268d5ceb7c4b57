/* rv32i.c: instructions are counted under QEMU; cycles are an estimate. Multiplications are calls of the compiler's library. */
#include "chips.h"

static const char *const families[] = {"scalar32", "ref", NULL};

const struct mote_target mote_target_rv32i = {
    .name = "rv32i",
    .title = "RISC-V RV32I without multiplication (soft cores such as SERV and PicoRV32)",
    .flash_bytes = MOTE_KIB(1024),
    .ram_bytes = MOTE_KIB(128),
    .clock_hz = MOTE_MHZ(50),
    .alignment_bytes = 4,
    .flash_is_memory = true,
    .lacks_multiplication = true,
    .families = families,
    .compiler = "riscv64-unknown-elf-gcc",
    .compile_flags = "-march=rv32i -mabi=ilp32 -msmall-data-limit=0",
    .simulator = MOTE_SIM_QEMU_RV32,
    .simulator_machine = "virt",
    .simulator_cpu = "rv32",
    .harness_flags = "-march=rv32imc_zicsr",
    .timing = "picorv32",
    .timing_source =
        "PicoRV32 README, cycles per instruction, of the instructions executed; other cores differ widely",
    .cycles_per_instruction = 4.0,
    .cycles_source = "PicoRV32, about 4 cycles per instruction on average (recalled, not checked); other cores differ widely",
};
