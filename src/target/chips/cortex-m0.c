/* cortex-m0.c: instructions are counted under QEMU; cycles are an estimate. */
#include "chips.h"

static const char *const families[] = {"scalar32", "ref", NULL};

const struct mote_target mote_target_cortex_m0 = {
    .name = "cortex-m0",
    .title = "Arm Cortex-M0 (Nordic nRF51822)",
    .flash_bytes = MOTE_KIB(256),
    .ram_bytes = MOTE_KIB(32),
    .clock_hz = MOTE_MHZ(16),
    .alignment_bytes = 4,
    .flash_is_memory = true,
    .families = families,
    .compiler = "arm-none-eabi-gcc",
    .compile_flags = "-mcpu=cortex-m0 -mthumb -mfloat-abi=soft",
    .simulator = MOTE_SIM_QEMU_ARM,
    .simulator_machine = "mps2-an385",
    .timing = "cortex-m0",
    .timing_source =
        "Cortex-M0 TRM r0p0, instruction timings, of the instructions executed; single-cycle multiplier, zero wait states",
    .cycles_per_instruction = 1.5,
    .cycles_source =
        "Cortex-M0 TRM, instruction timing: loads and stores 2 cycles, taken branches 3, the rest 1; mean guessed",
    .energy =
        {
            .volts = 3.0,
            .amperes = 0.0044,
            .hertz = 16e6,
            .source = "nRF51822 product specification, CPU running from flash at 16 MHz (recalled, not checked)",
        },
};
