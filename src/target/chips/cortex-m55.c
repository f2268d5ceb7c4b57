/* cortex-m55.c: instructions are counted under QEMU; cycles are an estimate. */
#include "chips.h"

static const char *const families[] = {"mve", "armv7em", "armv7m", "armv6m", "ref", NULL};

const struct mote_target mote_target_cortex_m55 = {
    .name = "cortex-m55",
    .title = "Arm Cortex-M55 with Helium (Alif Ensemble E3, high-efficiency core)",
    .flash_bytes = MOTE_KIB(5632),
    .ram_bytes = MOTE_KIB(256),
    .clock_hz = MOTE_MHZ(160),
    .alignment_bytes = 4,
    .flash_is_memory = true,
    .families = families,
    .compiler = "arm-none-eabi-gcc",
    .compile_flags = "-mcpu=cortex-m55 -mthumb -mfloat-abi=hard -mfpu=auto",
    .simulator = MOTE_SIM_QEMU_ARM,
    .simulator_machine = "mps3-an547",
    .cycles_per_instruction = 1.5,
    .cycles_source =
        "Helium works on two of four beats a cycle (Cortex-M55 TRM): vector instructions 2 cycles unless they "
        "overlap, scalar ones 1; mean guessed",
    .energy =
        {
            .volts = 0,
            .amperes = 0,
            .hertz = 0,
            .source = "no figure at hand",
        },
};
