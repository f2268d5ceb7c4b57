/* cortex-m33.c: instructions are counted under QEMU; cycles are an estimate. */
#include "chips.h"

static const char *const families[] = {"armv7em", "armv7m", "armv6m", "ref", NULL};

const struct mote_target mote_target_cortex_m33 = {
    .name = "cortex-m33",
    .title = "Arm Cortex-M33F (ST STM32L552)",
    .flash_bytes = MOTE_KIB(512),
    .ram_bytes = MOTE_KIB(256),
    .clock_hz = MOTE_MHZ(110),
    .alignment_bytes = 4,
    .flash_is_memory = true,
    .families = families,
    .compiler = "arm-none-eabi-gcc",
    .compile_flags = "-mcpu=cortex-m33 -mthumb -mfloat-abi=hard -mfpu=fpv5-sp-d16",
    .simulator = MOTE_SIM_QEMU_ARM,
    .simulator_machine = "mps2-an505",
    .timing = "cortex-m33",
    .timing_source =
        "the Cortex-M4's instruction timings (the Cortex-M33 TRM has none), of the instructions executed; no dual issue, zero wait states",
    .cycles_per_instruction = 1.2,
    .cycles_source = "Cortex-M33 TRM, limited dual issue of 16-bit instructions; mean guessed, zero wait states",
    .energy =
        {
            .volts = 3.0,
            .amperes = 0.01166,
            .hertz = 110e6,
            .source = "STM32L552 datasheet, 106 uA/MHz in run mode with LDO (recalled, not checked)",
        },
};
