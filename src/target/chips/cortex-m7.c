/* cortex-m7.c: instructions are counted under QEMU; cycles are an estimate. */
#include "chips.h"

static const char *const families[] = {"armv7em", "armv7m", "armv6m", "ref", NULL};

const struct mote_target mote_target_cortex_m7 = {
    .name = "cortex-m7",
    .title = "Arm Cortex-M7F (ST STM32F746)",
    .flash_bytes = MOTE_KIB(1024),
    .ram_bytes = MOTE_KIB(320),
    .clock_hz = MOTE_MHZ(216),
    .alignment_bytes = 4,
    .flash_is_memory = true,
    .families = families,
    .compiler = "arm-none-eabi-gcc",
    .compile_flags = "-mcpu=cortex-m7 -mthumb -mfloat-abi=hard -mfpu=fpv5-sp-d16",
    .simulator = MOTE_SIM_QEMU_ARM,
    .simulator_machine = "mps2-an500",
    .cycles_per_instruction = 0.8,
    .cycles_source =
        "dual-issue pipeline (Cortex-M7 TRM), between 0.5 and 1 cycle an instruction with tightly coupled memory "
        "or cache hits; mean guessed",
    .energy =
        {
            .volts = 3.3,
            .amperes = 0.102,
            .hertz = 216e6,
            .source =
                "STM32F746 datasheet, run mode at 216 MHz, peripherals disabled, typical (recalled, not checked)",
        },
};
