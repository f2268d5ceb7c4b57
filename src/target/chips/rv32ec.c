/* rv32ec.c: instructions are counted under QEMU; cycles are an estimate. 16 registers, and multiplications are calls of the
 * compiler's library. */
#include "chips.h"

static const char *const families[] = {"scalar32", "ref", NULL};

const struct mote_target mote_target_rv32ec = {
    .name = "rv32ec",
    .title = "RISC-V RV32EC without multiplication (WCH CH32V003)",
    .flash_bytes = MOTE_KIB(16),
    .ram_bytes = MOTE_KIB(2),
    .clock_hz = MOTE_MHZ(48),
    .alignment_bytes = 4,
    .flash_is_memory = true,
    .lacks_multiplication = true,
    .families = families,
    .compiler = "riscv64-unknown-elf-gcc",
    .compile_flags = "-march=rv32ec -mabi=ilp32e -msmall-data-limit=0",
    .simulator = MOTE_SIM_QEMU_RV32,
    .simulator_machine = "virt",
    .simulator_cpu = "rv32",
    .harness_flags = "-march=rv32ec_zicsr",
    .timing = "ibex",
    .timing_source =
        "lowRISC Ibex documentation, pipeline details, of the instructions executed: a two-stage core as this chip's, whose timings "
        "are not published; zero wait states, where the chip at 48 MHz has one",
    .cycles_per_instruction = 1.3,
    .cycles_source = "two-stage single-issue pipeline; mean guessed, zero wait states assumed",
};
