/* cortex-m4.c: instructions are counted under QEMU; cycles are an estimate. */
#include "chips.h"

static const char *const families[] = {"armv7em", "armv7m", "armv6m", "ref", NULL};

const struct mote_target mote_target_cortex_m4 = {
    .name = "cortex-m4",
    .title = "Arm Cortex-M4F (ST STM32L4R5)",
    .flash_bytes = MOTE_KIB(2048),
    .ram_bytes = MOTE_KIB(640),
    .clock_hz = MOTE_MHZ(120),
    .alignment_bytes = 4,
    .flash_is_memory = true,
    .families = families,
    .compiler = "arm-none-eabi-gcc",
    .compile_flags = "-mcpu=cortex-m4 -mthumb -mfloat-abi=hard -mfpu=fpv4-sp-d16",
    .simulator = MOTE_SIM_QEMU_ARM,
    .simulator_machine = "mps2-an386",
    .timing = "cortex-m4",
    .timing_source =
        "Cortex-M4 TRM r0p1, instruction and load/store timings, of the instructions executed; zero wait states",
    .cycles_per_instruction = 1.3,
    .cycles_source =
        "Cortex-M4 TRM, instruction timing, applied to the inner loops of convolution kernels: 1.2 to 1.5; zero "
        "wait states",
    .energy =
        {
            .volts = 3.3,
            .amperes = 0.0132,
            .hertz = 120e6,
            .source = "STM32L4R5 datasheet, 110 uA/MHz in run mode with LDO (recalled, not checked)",
        },
};
