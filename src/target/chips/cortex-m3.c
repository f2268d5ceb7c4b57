/* cortex-m3.c: instructions are counted under QEMU; cycles are an estimate. */
#include "chips.h"

static const char *const families[] = {"scalar32", "ref", NULL};

const struct mote_target mote_target_cortex_m3 = {
    .name = "cortex-m3",
    .title = "Arm Cortex-M3 (ST STM32F103RE)",
    .flash_bytes = MOTE_KIB(512),
    .ram_bytes = MOTE_KIB(64),
    .clock_hz = MOTE_MHZ(72),
    .alignment_bytes = 4,
    .flash_is_memory = true,
    .multiplies_high = true,
    .families = families,
    .compiler = "arm-none-eabi-gcc",
    .compile_flags = "-mcpu=cortex-m3 -mthumb -mfloat-abi=soft",
    .simulator = MOTE_SIM_QEMU_ARM,
    .simulator_machine = "mps2-an385",
    .timing = "cortex-m3",
    .timing_source =
        "Cortex-M3 TRM r2p1, instruction and load/store timings, of the instructions executed; zero wait states",
    .cycles_per_instruction = 1.4,
    .cycles_source =
        "Cortex-M3 TRM, instruction timing: loads 2 cycles (1 when pipelined), taken branches 2 to 4; mean "
        "guessed, zero wait states",
    .energy =
        {
            .volts = 3.3,
            .amperes = 0.0305,
            .hertz = 72e6,
            .source =
                "STM32F103xE datasheet, run mode from flash at 72 MHz, peripherals disabled, typical (recalled, "
                "not checked)",
        },
};
