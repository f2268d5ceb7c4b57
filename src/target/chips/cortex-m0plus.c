/* cortex-m0plus.c: instructions are counted under QEMU; cycles are an estimate. */
#include "chips.h"

static const char *const families[] = {"scalar32", "ref", NULL};

const struct mote_target mote_target_cortex_m0plus = {
    .name = "cortex-m0plus",
    .title = "Arm Cortex-M0+ (ST STM32G0B1)",
    .flash_bytes = MOTE_KIB(512),
    .ram_bytes = MOTE_KIB(144), /* without parity: datasheet, memories (recalled, not checked) */
    .clock_hz = MOTE_MHZ(64),
    .alignment_bytes = 4,
    .flash_is_memory = true,
    .families = families,
    .compiler = "arm-none-eabi-gcc",
    .compile_flags = "-mcpu=cortex-m0plus -mthumb -mfloat-abi=soft",
    .simulator = MOTE_SIM_QEMU_ARM,
    .simulator_machine = "mps2-an385",
    .timing = "cortex-m0plus",
    .timing_source =
        "Cortex-M0+ TRM r0p1, instruction timings, of the instructions executed; single-cycle multiplier, zero wait states",
    .cycles_per_instruction = 1.4,
    .cycles_source =
        "Cortex-M0+ TRM, instruction timing: loads and stores 2 cycles, taken branches 2, the rest 1; mean "
        "guessed, zero wait states",
    .energy =
        {
            .volts = 3.0,
            .amperes = 0.0064,
            .hertz = 64e6,
            .source = "STM32G0 series overview, run mode 100 uA/MHz (recalled, not checked)",
        },
};
