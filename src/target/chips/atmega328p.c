/* atmega328p.c: cycle exact under simavr. */
#include "chips.h"

static const char *const families[] = {"avr", "ref", NULL};

const struct mote_target mote_target_atmega328p = {
    .name = "atmega328p",
    .title = "Microchip ATmega328P (Arduino Uno, Nano), 8-bit AVR",
    .flash_bytes = MOTE_KIB(32),
    .ram_bytes = MOTE_KIB(2),
    .clock_hz = MOTE_MHZ(16),
    .alignment_bytes = 1,
    .flash_is_memory = false,
    .families = families,
    .compiler = "avr-gcc",
    .compile_flags = "-mmcu=atmega328p",
    .simulator = MOTE_SIM_SIMAVR,
    .simulator_machine = "atmega328p",
    .energy =
        {
            .volts = 5.0,
            .amperes = 0.0052,
            .hertz = 8e6,
            .source = "ATmega48PA/88PA/168PA/328P datasheet 8161D, section 28.2.4: active, 8 MHz, 5 V, typical 5.2 mA",
        },
};
