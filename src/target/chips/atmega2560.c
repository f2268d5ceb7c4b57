/* atmega2560.c: cycle exact under simavr. */
#include "chips.h"

static const char *const families[] = {"avr", "ref", NULL};

const struct mote_target mote_target_atmega2560 = {
    .name = "atmega2560",
    .title = "Microchip ATmega2560 (Arduino Mega), 8-bit AVR",
    .flash_bytes = MOTE_KIB(256),
    .ram_bytes = MOTE_KIB(8),
    .clock_hz = MOTE_MHZ(16),
    .alignment_bytes = 1,
    .flash_is_memory = false,
    .families = families,
    .compiler = "avr-gcc",
    .compile_flags = "-mmcu=atmega2560",
    .simulator = MOTE_SIM_SIMAVR,
    .simulator_machine = "atmega2560",
    .energy =
        {
            .volts = 5.0,
            .amperes = 0.01,
            .hertz = 8e6,
            .source = "ATmega640/1280/1281/2560/2561 datasheet 2549, DC characteristics: active, 8 MHz, 5 V, "
                      "typical 10 mA",
        },
};
