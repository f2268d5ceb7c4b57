/* rv32imc.c: instructions are counted under QEMU; cycles are an estimate. */
#include "chips.h"

static const char *const families[] = {"scalar32", "ref", NULL};

const struct mote_target mote_target_rv32imc = {
    .name = "rv32imc",
    .title = "RISC-V RV32IMC (Espressif ESP32-C3FH4)",
    .flash_bytes = MOTE_KIB(4096),
    .ram_bytes = MOTE_KIB(384),
    .clock_hz = MOTE_MHZ(160),
    .alignment_bytes = 4,
    .flash_is_memory = true,
    .many_registers = true,
    .multiplies_high = true,
    .families = families,
    .compiler = "riscv64-unknown-elf-gcc",
    .compile_flags = "-march=rv32imc -mabi=ilp32 -msmall-data-limit=0",
    .simulator = MOTE_SIM_QEMU_RV32,
    .simulator_machine = "virt",
    .simulator_cpu = "rv32",
    .harness_flags = "-march=rv32imc_zicsr",
    .timing = "ibex",
    .timing_source =
        "lowRISC Ibex documentation, pipeline details, of the instructions executed: a two-stage core, not this chip's; zero wait states",
    .cycles_per_instruction = 1.3,
    .cycles_source =
        "four-stage single-issue pipeline (ESP32-C3 technical reference); mean guessed, flash cache hits assumed",
    .energy =
        {
            .volts = 3.3,
            .amperes = 0.023,
            .hertz = 160e6,
            .source =
                "ESP32-C3 datasheet, modem sleep, CPU running at 160 MHz, peripheral clocks off (recalled, not "
                "checked; a published board measurement has 27 mA)",
        },
};
